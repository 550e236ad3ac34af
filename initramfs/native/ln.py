"""ln: one more name for a file."""

from typing import Final

from abi_modules.native.interface import CURRENT, RemoveFlags
from scarlet.user import calls
from scarlet.user.errors import Failure, StatusError, UsageError
from scarlet.user.files import found, is_directory
from scarlet.user.options import Options, shown
from scarlet.user.paths import base_name, join
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
    target = words[-1] if len(words) > 1 else b"."
    sources = words[:-1] if len(words) > 1 else words
    into = is_directory(target)
    if len(sources) > 1 and not into:
        raise Failure(f"{shown(target)} is not a directory")
    for source in sources:
        name = join(target, base_name(source)) if into else target
        try:
            link(source, name, options)
        except StatusError as error:
            program.complain(f"{shown(name)}: {error}")
    return 0


if __name__ == "__main__":
    run(USAGE, main)
