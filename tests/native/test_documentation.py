"""The program of docs/native-programs.md does what the page says: under CPython, with files of the real kernel."""

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from abi_modules.native.interface import CURRENT, OpenFlags, Rights
from scarlet.user import calls
from scarlet.user.errors import UsageError
from scarlet.user.options import parse
from tests.abi_native.support import Program, native

PAGE = Path(__file__).resolve().parents[2] / "docs" / "native-programs.md"


def test_the_documented_program_prints_the_last_lines_first(monkeypatch: pytest.MonkeyPatch) -> None:
    source = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert source is not None
    output = bytearray()
    complaints: list[str] = []
    surroundings = ModuleType("scarlet.user.program")  # the real one looks for what a process was started with
    surroundings.program = SimpleNamespace(output=SimpleNamespace(write=output.extend), complain=complaints.append)  # type: ignore[attr-defined]
    surroundings.run = None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "scarlet.user.program", surroundings)
    tac = {"__name__": "tac"}
    exec(compile(source[1], str(PAGE), "exec"), tac)

    def status(*words: bytes) -> object:
        return tac["main"](parse(tac["USAGE"], [*words]))  # type: ignore[operator]

    def body(program: Program) -> None:
        calls.stream_write(calls.file_open(CURRENT, b"/f", Rights.WRITE, OpenFlags.CREATE, 0o644), b"1\n2\n3\n")
        assert status(b"-n", b"2", b"/f") == 0
        assert bytes(output) == b"3\n2\n"
        assert status(b"/none") == 1
        assert complaints == ["/none: not found"]
        with pytest.raises(UsageError):
            status()

    native(body)
