"""mkdir: make directories."""

from typing import Final

from abi_modules.native.interface import CURRENT, FileKind
from scarlet.user import calls
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.files import is_directory
from scarlet.user.modes import parse_octal
from scarlet.user.options import Options, shown
from scarlet.user.paths import parent
from scarlet.user.program import program, run

USAGE: Final = """
usage: mkdir [-p] [-m MODE] DIRECTORY...

  -m, --mode MODE   permission bits in octal, instead of 777 less the mask
  -p, --parents     make the directories above as well; one that is there is right
"""
USUAL_MODE: Final = 0o777


def make(path: bytes, mode: int, parents: bool) -> None:
    """Make one directory, and with `parents` those that lead to it."""
    if parents:
        if is_directory(path):
            return
        above = parent(path)
        if above != path and not is_directory(above):
            make(above, USUAL_MODE, True)
    calls.file_make(CURRENT, path, FileKind.DIRECTORY, mode, 0)


def main(options: Options) -> int:
    if len(options.operands) == 0:
        raise UsageError("which directory?")
    mode = parse_octal(options.value("m")) if options.has("m") else USUAL_MODE
    for path in options.operands:
        try:
            make(path, mode, options.has("p"))
        except StatusError as error:
            program.complain(f"{shown(path)}: {error}")
    return 0


if __name__ == "__main__":
    run(USAGE, main)
