"""What every file of a disc has. Devices, FIFOs and sockets have nothing else; files that cannot be read are there all the same."""

import weakref
from typing import Final

from objects.inode import Inode, InodeType, Metadata
from objects.object import KernelObject, Rights, Status
from objects.view import Location
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EOPNOTSUPP, Errno
from vfs.devices import open_device
from vfs.iso9660.entry import Entry
from vfs.iso9660.filesystem import IsoFileSystem

SECTOR: Final = 512


class IsoInode(Inode):
    """One file; the root has no `above`, which is the directory where it was found."""

    def __init__(self, filesystem: IsoFileSystem, entry: Entry, above: "IsoInode | None") -> None:
        found = entry.attributes
        super().__init__(filesystem, entry.number, found.type, found.mode, found.uid, found.gid)
        self.iso = filesystem
        self.entry = entry
        self.above = above
        entry.inode = weakref.ref(self)

    def metadata(self) -> Metadata:
        found = self.entry.attributes
        size = self.size()
        return Metadata(
            self.type, self.mode, self.number, device=self.iso.device, nlink=found.links, uid=self.uid, gid=self.gid, rdev=found.rdev,
            size=size, blocks=(size + SECTOR - 1) // SECTOR, block_size=self.iso.volume.block_size,
            atime_ns=found.atime_ns, mtime_ns=found.mtime_ns, ctime_ns=found.ctime_ns, btime_ns=found.btime_ns,
        )  # fmt: skip

    def size(self) -> int:
        if self.type == InodeType.REGULAR or self.type == InodeType.DIRECTORY:
            return self.entry.size
        return len(self.entry.attributes.target)

    def readlink(self) -> bytes:
        if self.type != InodeType.SYMLINK:
            return super().readlink()
        self.require_readable()
        return self.entry.attributes.target

    def require_readable(self) -> None:
        """EOPNOTSUPP when we cannot make of what the disc has what it should be."""
        if self.entry.attributes.refusal != "":
            raise Errno(EOPNOTSUPP, self.entry.attributes.refusal)

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        if self.type == InodeType.CHARACTER or self.type == InodeType.BLOCK:
            return open_device(self, self.entry.attributes.rdev, location, access, status)
        self.require_readable()
        return super().open(location, access, status)


class RefusedFile(IsoInode):
    """A regular file whose content we cannot read."""

    def read_at(self, buffer: Buffer, offset: int) -> int:
        self.require_readable()
        return 0

    def page(self, index: int, *, write: bool) -> int:
        self.require_readable()
        return 0
