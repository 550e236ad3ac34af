"""rm NAME...: remove files and empty directories."""

from scarlet.xv6 import calls
from scarlet.xv6.text import arguments, complain


def main() -> int:
    names = arguments()[1:]
    if len(names) == 0:
        complain(b"usage: rm NAME...")
        return 1
    for name in names:
        if calls.unlink(name) < 0:
            complain(b"rm: cannot remove " + name)
            return 1
    return 0


calls.exit(main())
