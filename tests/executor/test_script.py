"""The first line of scripts, as Linux reads it. (execve(2), "Interpreter scripts")"""

import pytest

from executor.script import parse_script
from tests.executor.support import image_of
from tests.vfs.support import Tree, outcome


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"#!/bin/sh\n", (b"/bin/sh", b"")),
        (b"#!/bin/sh", (b"/bin/sh", b"")),
        (b"#! /bin/sh \nrest", (b"/bin/sh", b"")),
        (b"#!\t/bin/sh\t-e\t\n", (b"/bin/sh", b"-e")),
        (b"#!/usr/bin/awk -f  -x \n", (b"/usr/bin/awk", b"-f  -x")),
        (b"#!/bin/sh\0junk\n", (b"/bin/sh", b"")),
        (b"#!relative a\n", (b"relative", b"a")),
        (b"#!/bin/" + b"x" * 248 + b"\n", (b"/bin/" + b"x" * 248, b"")),
        (b"#!/bin/sh " + b"y" * 300 + b"\n", (b"/bin/sh", b"y" * 246)),
        (b"#!/bin/sh\r\n", (b"/bin/sh\r", b"")),
    ],
)
def test_interpreter_and_argument(tree: Tree, text: bytes, expected: tuple[bytes, bytes]) -> None:
    script = parse_script(image_of(tree, text))
    assert script is not None
    assert (script.interpreter, script.argument) == expected


@pytest.mark.parametrize("text", [b"#!\n", b"#!", b"#!   \t \n/bin/sh", b"#!/bin/" + b"x" * 300 + b"\n", b"#!" + b" " * 254 + b"/bin/sh\n"])
def test_line_without_an_interpreter_is_enoexec(tree: Tree, text: bytes) -> None:
    assert outcome(parse_script, image_of(tree, text)) == "ENOEXEC"


@pytest.mark.parametrize("text", [b"", b"#", b"# !/bin/sh\n", b"\x7fELF", b" #!/bin/sh\n"])
def test_other_files_are_no_scripts(tree: Tree, text: bytes) -> None:
    assert parse_script(image_of(tree, text)) is None
