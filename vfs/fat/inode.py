"""What every file of a FAT file system has. The disk keeps size, times and whether it may be written; owner and mode are the mount's.

Times are kept as precisely as the disk keeps them: changes to two seconds, access to the day. A time of change of the attributes does not
exist; that of the content stands for it.
"""

import weakref
from typing import Final

from objects.inode import Inode, InodeType, Metadata
from scarlet.kernel import clock
from scarlet.lang import u8
from scarlet.lang.errno import EPERM, EROFS, Errno
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.layout import ARCHIVE, READ_ONLY, Geometry
from vfs.fat.node import Node

SECTOR: Final = 512
WRITABLE: Final = 0o222
DAY_NS: Final = 86400 * 1_000_000_000


class FatInode(Inode):
    """The base of files and directories."""

    def __init__(self, filesystem: FatFileSystem, node: Node, number: int, type: InodeType, above: "FatInode | None") -> None:
        settings = filesystem.settings
        mode = settings.directory_mode if type == InodeType.DIRECTORY else settings.file_mode
        if type == InodeType.REGULAR and node.entry.slot.attributes & READ_ONLY:
            mode &= ~WRITABLE
        super().__init__(filesystem, number, type, mode, settings.uid, settings.gid)
        self.fat = filesystem
        self.node = node
        self.above = above
        """Its directory, None for the root: what is in use keeps its directory in use, which knows it by name."""
        self.nameless = False
        self._accessed_day = node.entry.atime_ns // DAY_NS
        node.inode = weakref.ref(self)

    def __del__(self) -> None:
        self.fat.forget(self)

    def links(self) -> int:
        """How many names it has, with those that Linux would count for a directory."""
        return 0 if self.nameless else 1

    def metadata(self) -> Metadata:
        entry = self.node.entry
        geometry: Geometry = self.fat.geometry
        return Metadata(
            self.type, self.mode, self.number, device=self.fat.device, nlink=self.links(), uid=self.uid, gid=self.gid,
            size=self.size(), blocks=self.node.chain.count * geometry.cluster_size // SECTOR, block_size=geometry.cluster_size,
            atime_ns=entry.atime_ns, mtime_ns=entry.mtime_ns, ctime_ns=entry.mtime_ns, btime_ns=entry.btime_ns,
        )  # fmt: skip

    # Attributes

    def change_mode(self, mode: int) -> None:
        """EPERM unless the disk can say it: all that may write as the mount options have it, or nobody."""
        usual = self.fat.settings.directory_mode if self.type == InodeType.DIRECTORY else self.fat.settings.file_mode
        if mode == self.mode:
            return
        if self.type == InodeType.DIRECTORY or (mode != usual and mode != usual & ~WRITABLE):
            raise Errno(EPERM, "FAT keeps no modes")
        self.require_writable()
        with self.fat.operation():
            attributes = int(self.node.entry.slot.attributes) & ~READ_ONLY | (READ_ONLY if mode & WRITABLE == 0 else 0)
            self.node.entry.slot.attributes = u8(attributes)
            self.mode = mode
            self.fat.touch(self.node)

    def change_owner(self, uid: int, gid: int) -> None:
        """EPERM unless it is the owner that the file has anyway."""
        if (uid != -1 and uid != self.uid) or (gid != -1 and gid != self.gid):
            raise Errno(EPERM, "FAT keeps no owners")

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        self.require_writable()
        with self.fat.operation():
            if atime_ns != -1:
                self.node.entry.set_atime(atime_ns)
            if mtime_ns != -1:
                self.node.entry.set_mtime(mtime_ns)
            self.fat.touch(self.node)

    def accessed(self, *, strict: bool) -> None:
        """The day of access, which is all that is kept; the disk learns of it when something else is written."""
        now = clock.realtime_ns()
        if now // DAY_NS != self._accessed_day and not self.fat.read_only:
            self._accessed_day = now // DAY_NS
            self.node.entry.set_atime(now)
            self.fat.touch(self.node)

    def touch(self) -> None:
        """The content changed. The caller holds the mutex."""
        now = clock.realtime_ns()
        entry = self.node.entry
        entry.set_mtime(now)
        entry.set_atime(now)
        if self.type == InodeType.REGULAR:
            entry.slot.attributes = u8(int(entry.slot.attributes) | ARCHIVE)
        self.fat.touch(self.node)

    def require_writable(self) -> None:
        """EROFS on a device that cannot be written."""
        if self.fat.read_only:
            raise Errno(EROFS)

    def sync(self, *, data_only: bool) -> None:
        if not self.fat.read_only:
            self.fat.commit()
