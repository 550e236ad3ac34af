"""umount: take mounts away."""

from typing import Final

from abi_modules.native.interface import UnmountFlags
from scarlet.user import calls
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run

USAGE: Final = """
usage: umount [-l] DIRECTORY...

  -l, --lazy   even while it is in use: it goes when its last user does
"""


def main(options: Options) -> int:
    if len(options.operands) == 0:
        raise UsageError("which mount?")
    for path in options.operands:
        try:
            calls.mount_detach(path, UnmountFlags.LATER if options.has("l") else UnmountFlags.NONE)
        except StatusError as error:
            program.complain(f"{shown(path)}: {error}")
    return 0


if __name__ == "__main__":
    run(USAGE, main)
