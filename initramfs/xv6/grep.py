"""grep PATTERN [FILE...]: the lines that match; the status is 0 when there was one, 1 when there was none, 2 when something failed."""

from scarlet.xv6 import calls
from scarlet.xv6.patterns import matches
from scarlet.xv6.text import STANDARD_INPUT, Lines, arguments, complain, say


def search(pattern: bytes, fd: int) -> bool:
    """Print the matching lines of a descriptor. Was there one?"""
    found = False
    lines = Lines(fd)
    line = lines.next()
    while line is not None:
        if matches(pattern, line):
            found = True
            say(line + b"\n")
        line = lines.next()
    return found


def main() -> int:
    words = arguments()[1:]
    if len(words) == 0:
        complain(b"usage: grep PATTERN [FILE...]")
        return 2
    if len(words) == 1:
        return 0 if search(words[0], STANDARD_INPUT) else 1
    status = 1
    for file in words[1:]:
        fd = calls.open(file, calls.O_RDONLY)
        if fd < 0:
            complain(b"grep: cannot open " + file)
            return 2
        if search(words[0], fd):
            status = 0
        calls.close(fd)
    return status


calls.exit(main())
