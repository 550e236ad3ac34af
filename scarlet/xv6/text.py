"""Reading and writing whole texts over descriptors."""

from typing import Final

from scarlet.machine.ecall import arguments
from scarlet.xv6 import calls

STANDARD_INPUT: Final = 0
STANDARD_OUTPUT: Final = 1
STANDARD_ERROR: Final = 2
BLOCK_BYTES: Final = 1024

__all__ = ["STANDARD_ERROR", "STANDARD_INPUT", "STANDARD_OUTPUT", "Lines", "arguments", "complain", "number", "read_block", "say"]


def say(text: bytes) -> None:
    """To standard output."""
    calls.write(STANDARD_OUTPUT, text)


def complain(text: bytes) -> None:
    """A line to standard error."""
    calls.write(STANDARD_ERROR, text + b"\n")


def read_block(fd: int) -> bytes | None:
    """What one read gives; nothing at the end, None when it fails."""
    block = bytearray(BLOCK_BYTES)
    count = calls.read(fd, block)
    return bytes(block[:count]) if count >= 0 else None


class Lines:
    """The lines of a descriptor, without their ends."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._rest: bytes = b""
        self._ended = False

    def next(self) -> bytes | None:
        """The next line, None at the end. What stands behind the last end of a line is a line too."""
        while True:
            end = self._rest.find(b"\n")
            if end >= 0:
                line = self._rest[:end]
                self._rest = self._rest[end + 1 :]
                return line
            if self._ended:
                line = self._rest
                self._rest = b""
                return line if len(line) > 0 else None
            block = read_block(self.fd)
            if block is None or len(block) == 0:
                self._ended = True
            else:
                self._rest += block


def number(text: bytes) -> int:
    """A decimal number, -1 for what is none."""
    return int(text.decode()) if text.isdigit() else -1
