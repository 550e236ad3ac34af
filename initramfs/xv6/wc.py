"""wc [FILE...]: lines, words, bytes and name of each file, or of standard input."""

from typing import Final

from scarlet.xv6 import calls
from scarlet.xv6.text import STANDARD_INPUT, arguments, complain, read_block, say

BLANKS: Final = b" \r\t\n\v"


class Count:
    """What has been seen so far."""

    def __init__(self) -> None:
        self.lines = 0
        self.words = 0
        self.bytes = 0
        self._in_word = False

    def add(self, block: bytes) -> None:
        self.bytes += len(block)
        for byte in block:
            if byte == 0x0A:
                self.lines += 1
            blank = byte in BLANKS
            if not blank and not self._in_word:
                self.words += 1
            self._in_word = not blank


def count(fd: int, name: bytes) -> bool:
    """A line about everything that a descriptor gives. False when reading failed."""
    seen = Count()
    block = read_block(fd)
    while block is not None and len(block) > 0:
        seen.add(block)
        block = read_block(fd)
    if block is None:
        complain(b"wc: cannot read " + name)
        return False
    say(f"{seen.lines} {seen.words} {seen.bytes} ".encode() + name + b"\n")
    return True


def main() -> int:
    files = arguments()[1:]
    if len(files) == 0:
        return 0 if count(STANDARD_INPUT, b"") else 1
    for file in files:
        fd = calls.open(file, calls.O_RDONLY)
        if fd < 0:
            complain(b"wc: cannot open " + file)
            return 1
        good = count(fd, file)
        calls.close(fd)
        if not good:
            return 1
    return 0


calls.exit(main())
