"""cat [FILE...]: the files, or standard input, one after the other."""

from scarlet.xv6 import calls
from scarlet.xv6.text import STANDARD_INPUT, STANDARD_OUTPUT, arguments, complain, read_block


def copy(fd: int) -> bool:
    """Everything from a descriptor to standard output. False when reading or writing failed."""
    while True:
        block = read_block(fd)
        if block is None:
            complain(b"cat: cannot read")
            return False
        if len(block) == 0:
            return True
        if calls.write(STANDARD_OUTPUT, block) != len(block):
            complain(b"cat: cannot write")
            return False


def main() -> int:
    files = arguments()[1:]
    if len(files) == 0:
        return 0 if copy(STANDARD_INPUT) else 1
    for file in files:
        fd = calls.open(file, calls.O_RDONLY)
        if fd < 0:
            complain(b"cat: cannot open " + file)
            return 1
        good = copy(fd)
        calls.close(fd)
        if not good:
            return 1
    return 0


calls.exit(main())
