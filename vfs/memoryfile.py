"""Files that never have a name, in a tmpfs that is mounted nowhere: memfd_create(2)."""

from typing import Final

from objects.credentials import Credentials
from objects.metadata import Owner
from objects.view import Location, Mount, MountFlags
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.options import new_tmpfs

_tops: Final[list[Mount]] = []
"""The hidden mount, once it was needed."""


def new_memory_file(name: bytes, who: Credentials) -> Location:
    """An empty file; `name` is only for /proc/<pid>/fd, which shows "/memfd:name (deleted)"."""
    if len(_tops) == 0:
        root: TmpfsDirectory = new_tmpfs()
        _tops.append(Mount(root.filesystem, root, None, MountFlags.NONE, b"tmpfs"))
    mount = _tops[0]
    file = mount.root.create_unnamed(0o777, Owner(who.fsuid, who.fsgid), linkable=False)
    return Location(mount, file, None, b"memfd:" + name)
