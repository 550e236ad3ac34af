"""rm: remove names."""

from typing import Final

from abi_modules.native.interface import CURRENT, FileKind, RemoveFlags
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.errors import Failure, StatusError, UsageError
from scarlet.user.files import metadata, names
from scarlet.user.options import Options, shown
from scarlet.user.paths import base_name, join
from scarlet.user.program import program, run

USAGE: Final = """
usage: rm [-df] [-r] FILE...

  -d, --dir         empty directories too
  -f, --force       a file that is not there is no error
  -r, --recursive   directories, with all that is in them
"""


def remove(path: bytes, options: Options) -> None:
    """Remove one name, and with -r what lies below it."""
    if metadata(path, follow=False).kind != FileKind.DIRECTORY:
        calls.file_remove(CURRENT, path, RemoveFlags.NONE)
        return
    if not options.has("r") and not options.has("d"):
        raise Failure("is a directory (-r removes it with all that is in it)")
    if options.has("r"):
        for name in names(path):
            remove_or_complain(join(path, name), options)
    calls.file_remove(CURRENT, path, RemoveFlags.DIRECTORY)


def remove_or_complain(path: bytes, options: Options) -> None:
    """A file that cannot be removed does not keep the others."""
    try:
        remove(path, options)
    except StatusError as error:
        if not (options.has("f") and error.status == Status.NOT_FOUND):
            program.complain(f"{shown(path)}: {error}")
    except Failure as error:
        program.complain(f"{shown(path)}: {error}")


def main(options: Options) -> int:
    if len(options.operands) == 0 and not options.has("f"):
        raise UsageError("which file?")
    for path in options.operands:
        name = base_name(path)
        if name == b"." or name == b".." or name == b"/":
            program.complain(f"{shown(path)} is not removed")
        else:
            remove_or_complain(path, options)
    return 0


if __name__ == "__main__":
    run(USAGE, main)
