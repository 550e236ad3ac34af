"""Interpreter scripts: `#! interpreter [optional-argument]` (execve(2), "Interpreter scripts").

The line is looked for in the first BINPRM_BUF_SIZE bytes. What follows the interpreter's name is one argument,
however many words it has. A name that those bytes cut short is ENOEXEC; an argument that they cut short is shortened,
as Linux does.
"""

from typing import Final

from executor.image import Image
from scarlet.lang import Errno
from scarlet.lang.errno import ENOEXEC

BINPRM_BUF_SIZE: Final = 256
"""Bytes of a file that are looked at to tell what it is (linux/binfmts.h)."""

MAX_SCRIPTS: Final = 5
"""Interpreters that may be scripts themselves, one through the other, before ELOOP."""

BLANK: Final = b" \t"


class Script:
    """What the first line of a script says; `argument` is empty when there is none."""

    def __init__(self, interpreter: bytes, argument: bytes) -> None:
        self.interpreter = interpreter
        self.argument = argument


def parse_script(image: Image) -> Script | None:
    """The interpreter of a script, None when the file does not begin with `#!`. ENOEXEC for a `#!` line that names nothing."""
    head = image.head[:BINPRM_BUF_SIZE]
    if not head.startswith(b"#!"):
        return None
    end = head.find(b"\n")
    complete = end >= 0 or len(head) < BINPRM_BUF_SIZE
    line = head[2:end] if end >= 0 else head[2:]
    null = line.find(b"\0")
    if null >= 0:
        line = line[:null]
        complete = True
    line = line.strip(BLANK) if complete else line.lstrip(BLANK)
    if not line:
        raise Errno(ENOEXEC, "#! names no interpreter")
    length = _word_length(line)
    if length == len(line) and not complete:
        raise Errno(ENOEXEC, "the interpreter's name does not fit into the first 256 bytes")
    return Script(line[:length], line[length:].strip(BLANK))


def _word_length(line: bytes) -> int:
    for index in range(len(line)):
        if line[index] in BLANK:
            return index
    return len(line)
