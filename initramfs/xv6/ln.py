"""ln FILE NAME: one more name for a file."""

from scarlet.xv6 import calls
from scarlet.xv6.text import arguments, complain


def main() -> int:
    words = arguments()
    if len(words) != 3:
        complain(b"usage: ln FILE NAME")
        return 1
    if calls.link(words[1], words[2]) < 0:
        complain(b"ln: cannot link " + words[1] + b" to " + words[2])
        return 1
    return 0


calls.exit(main())
