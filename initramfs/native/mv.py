"""mv: give files another name or place."""

from typing import Final

from abi_modules.native.interface import CURRENT
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.copying import copy_tree, remove_tree
from scarlet.user.destinations import destinations
from scarlet.user.errors import Failure, StatusError, UsageError
from scarlet.user.files import found
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run

USAGE: Final = """
usage: mv [-n] FILE NAME
       mv [-n] FILE... DIRECTORY

  -n, --no-clobber   leave alone what already has the name
"""


def move(source: bytes, name: bytes) -> None:
    """Rename; to another file system: copy and remove."""
    try:
        calls.file_rename(CURRENT, source, CURRENT, name)
    except StatusError as error:
        if error.status != Status.OUTSIDE:
            raise
        copy_tree(source, name, keep=True, directories=True)
        remove_tree(source)


def main(options: Options) -> int:
    if len(options.operands) < 2:
        raise UsageError("from where to where?")
    for source, name in destinations(options.operands[:-1], options.operands[-1]):
        try:
            if not options.has("n") or found(name, follow=False) is None:
                move(source, name)
        except StatusError as error:
            program.complain(f"{shown(source)}: {error}")
        except Failure as error:
            program.complain(str(error))
    return 0


if __name__ == "__main__":
    run(USAGE, main)
