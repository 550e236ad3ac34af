"""kill PROCESS...: end processes, by number."""

from scarlet.xv6 import calls
from scarlet.xv6.text import arguments, complain, number


def main() -> int:
    words = arguments()[1:]
    if len(words) == 0:
        complain(b"usage: kill PROCESS...")
        return 1
    status = 0
    for word in words:
        if calls.kill(number(word)) < 0:
            complain(b"kill: there is no process " + word)
            status = 1
    return status


calls.exit(main())
