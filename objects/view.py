"""How a task sees names: its root, its working directory and the mounts below it. Plain data; the algorithms are in vfs/.

A view belongs to one process, or to several that were made with a shared one; fork() makes an independent copy. Mounts are
shared by every view that holds the same MountTable. (chroot(2), umask(2), mount_namespaces(7))
"""

from enum import IntFlag
from typing import TYPE_CHECKING

from objects.metadata import InodeType

if TYPE_CHECKING:
    from objects.inode import FileSystem, Inode


class MountFlags(IntFlag):
    """What a mount forbids, and how it keeps access times; the values are those of mount(2)."""

    NONE = 0
    READ_ONLY = 1
    NOSUID = 2
    NODEV = 4
    NOEXEC = 8
    NOSYMFOLLOW = 256
    NOATIME = 1024
    NODIRATIME = 2048
    BIND = 4096
    RELATIME = 1 << 21
    STRICTATIME = 1 << 24


class Mount:
    """A file system, or a part of one, attached at a place.

    `children` are the mounts on files of this one, by file. `users` counts the Locations in it - open files, working directories, roots,
    places of mounts - so that umount(2) knows whether it is busy; `writers` counts the files open for writing, which keep it from becoming
    read-only; `visits` counts the walks that came into it, for MNT_EXPIRE. `identity` is its number in /proc/<pid>/mountinfo.
    """

    def __init__(self, filesystem: "FileSystem", root: "Inode", parent: "Location | None", flags: MountFlags, source: bytes) -> None:
        self.filesystem: FileSystem = filesystem
        self.root: Inode = root
        self.parent: Location | None = parent
        self.flags = flags
        self.source = source
        self.identity = 0
        self.children: dict[Inode, Mount] = {}
        self.users = 0
        self.writers = 0
        self.visits = 0
        self.expiring_at = -1
        filesystem.mounts += 1

    def __del__(self) -> None:
        self.filesystem.mounts -= 1
        if self.filesystem.mounts == 0:
            self.filesystem.unmounted()

    def record_access(self, inode: "Inode") -> None:
        """The content of a file was read through this mount: its access time moves as the flags say."""
        flags = self.flags
        if flags & (MountFlags.NOATIME | MountFlags.READ_ONLY):
            return
        if flags & MountFlags.NODIRATIME and inode.type == InodeType.DIRECTORY:
            return
        inode.accessed(strict=flags & MountFlags.STRICTATIME != 0)


class Location:
    """An inode as it was reached: through which mount, and under which name of which directory (none for the root of a mount)."""

    def __init__(self, mount: Mount, inode: "Inode", directory: "Inode | None" = None, name: bytes = b"") -> None:
        self.mount = mount
        self.inode: Inode = inode
        self.directory: Inode | None = directory
        self.name = name
        mount.users += 1

    def __del__(self) -> None:
        self.mount.users -= 1


class MountTable:
    """The mounts one set of views shares, in the order they were made. `abi` is the ABI they were composed for (vfs/views.py)."""

    def __init__(self, root: Mount, abi: str = "") -> None:
        self.root = root
        self.abi = abi
        self.mounts: list[Mount] = [root]
        self.next_identity = 1


class View:
    """A root, a working directory and a file creation mask over a mount table. A `pinned` view outlives an exec into another ABI."""

    def __init__(self, root: Location, cwd: Location, mounts: MountTable, umask: int = 0o022) -> None:
        self.root = root
        self.cwd = cwd
        self.mounts = mounts
        self.umask = umask
        self.pinned = False

    def fork(self) -> "View":
        """An independent view of the same mounts, not pinned."""
        return View(self.root, self.cwd, self.mounts, self.umask)
