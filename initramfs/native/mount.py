"""mount: what is mounted, and mounting more."""

from typing import Final

from abi_modules.native.interface import MountFlags
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run

USAGE: Final = """
usage: mount
       mount [-r] [-o OPTIONS] -t KIND SOURCE DIRECTORY
       mount [-R] -b SOURCE DIRECTORY
       mount -c [-r] DIRECTORY

  -b, --bind            show a part of the tree at another place as well
  -c, --change          change what an existing mount forbids
  -o, --options OPTIONS  passed to the file system, but for ro, nosuid, nodev, noexec and noatime, which the mount itself minds
  -r, --read-only       nothing can be changed through the mount
  -R, --recursive       with --bind: what is mounted below as well
  -t, --type KIND       the kind of file system: tmpfs, ext4, vfat ...; SOURCE is a disk then, or the image of one

Without arguments: the mounts there are.
"""


def mounts() -> bytes:
    """The list of mounts, a line each."""
    room = 4096
    while True:
        buffer = bytearray(room)
        try:
            size = calls.mount_list(buffer)
            return bytes(memoryview(buffer)[:size])
        except StatusError as error:
            if error.status != Status.BUFFER_TOO_SMALL:
                raise
            room *= 2


def forbidden(options: Options) -> tuple[MountFlags, bytes]:
    """What the mount forbids, and the options that are left for the file system."""
    flags = MountFlags.READ_ONLY if options.has("r") else MountFlags.NONE
    rest: list[bytes] = []
    for word in options.value("o").split(b","):
        match word:
            case b"" | b"rw":
                pass
            case b"ro":
                flags = flags | MountFlags.READ_ONLY
            case b"nosuid":
                flags = flags | MountFlags.NO_SET_ID
            case b"nodev":
                flags = flags | MountFlags.NO_DEVICES
            case b"noexec":
                flags = flags | MountFlags.NO_EXECUTE
            case b"noatime":
                flags = flags | MountFlags.NO_ACCESS_TIMES
            case _:
                rest.append(word)
    return flags, b",".join(rest)


def main(options: Options) -> int:
    words = options.operands
    flags, rest = forbidden(options)
    if options.has("c"):
        if len(words) != 1 or len(rest) > 0:
            raise UsageError("which mount?")
        calls.mount_change(words[0], flags)
    elif options.has("b"):
        if len(words) != 2 or int(flags) != 0 or len(rest) > 0:
            raise UsageError("--bind takes a source and a directory; --change sets what the new mount forbids")
        calls.mount_bind(words[0], words[1], MountFlags.RECURSIVE if options.has("R") else MountFlags.NONE)
    elif options.has("t"):
        if len(words) != 2:
            raise UsageError("a source and a directory are needed")
        calls.mount_attach(b"".join([text + b"\0" for text in [options.value("t"), words[0], words[1], rest]]), flags)
    elif len(words) > 0:
        raise UsageError(f"what kind of file system is {shown(words[0])}? (-t)")
    else:
        program.output.write(mounts())
    return 0


if __name__ == "__main__":
    run(USAGE, main)
