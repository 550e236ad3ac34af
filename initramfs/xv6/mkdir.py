"""mkdir DIRECTORY...: make directories."""

from scarlet.xv6 import calls
from scarlet.xv6.text import arguments, complain


def main() -> int:
    names = arguments()[1:]
    if len(names) == 0:
        complain(b"usage: mkdir DIRECTORY...")
        return 1
    for name in names:
        if calls.mkdir(name) < 0:
            complain(b"mkdir: cannot make " + name)
            return 1
    return 0


calls.exit(main())
