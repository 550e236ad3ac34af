"""ln: one more name for a file."""

from typing import Final

from abi_modules.native.interface import CURRENT, RemoveFlags
from scarlet.user import calls
from scarlet.user.destinations import destinations
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.files import found
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run

USAGE: Final = """
usage: ln [-fs] FILE [NAME]
       ln [-fs] FILE... DIRECTORY

  -f, --force      a name that is there is taken from what had it
  -s, --symbolic   a symbolic link, which may name anything

Without a NAME the link gets the FILE's own, in the working directory.
"""


def link(source: bytes, name: bytes, options: Options) -> None:
    """Make one link."""
    if options.has("f") and found(name, follow=False) is not None:
        calls.file_remove(CURRENT, name, RemoveFlags.NONE)
    if options.has("s"):
        calls.file_make_link(CURRENT, name, source)
    else:
        calls.file_link(CURRENT, source, CURRENT, name)


def main(options: Options) -> int:
    words = options.operands
    if len(words) == 0:
        raise UsageError("which file?")
    if len(words) == 1:
        words = [words[0], b"."]
    for source, name in destinations(words[:-1], words[-1]):
        try:
            link(source, name, options)
        except StatusError as error:
            program.complain(f"{shown(name)}: {error}")
    return 0


if __name__ == "__main__":
    run(USAGE, main)
