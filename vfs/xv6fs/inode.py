"""What every file of an xv6 file system has. The disk keeps type, size and number of names; owner and mode are those of the mount, and
times are kept only while the file is in use.
"""

from typing import Final

from objects.inode import Inode, InodeType, Metadata
from objects.metadata import device_number
from objects.object import KernelObject, Rights, Status
from objects.view import Location
from scarlet.kernel import clock
from scarlet.lang import i16
from scarlet.lang.errno import EIO, ENXIO, EPERM, EROFS, Errno
from vfs.devices import open_device
from vfs.xv6fs.filesystem import Xv6FileSystem
from vfs.xv6fs.layout import BLOCK_SIZE, DEVICE, DIRECTORY, FILE, DiskInode

XV6_CONSOLE: Final = 1
"""The one major number that xv6 knows."""
CONSOLE: Final = device_number(5, 1)
"""The same in the numbers of this kernel. (console(4))"""
TYPES: Final[dict[int, InodeType]] = {DIRECTORY: InodeType.DIRECTORY, FILE: InodeType.REGULAR, DEVICE: InodeType.CHARACTER}


class Xv6Inode(Inode):
    """A device; the base of files and directories. Fields on disk are read when needed: a forgotten transaction leaves no trace."""

    def __init__(self, filesystem: Xv6FileSystem, number: int, type: InodeType) -> None:
        settings = filesystem.settings
        mode = (0o666 if type == InodeType.CHARACTER else 0o777) & (0o777 ^ settings.umask)
        super().__init__(filesystem, number, type, mode, settings.uid, settings.gid)
        self.xv6fs = filesystem
        self.nameless = False
        self.atime_ns = filesystem.mounted_ns
        self.mtime_ns = filesystem.mounted_ns
        self.ctime_ns = filesystem.mounted_ns
        filesystem.remember(number, self)

    def __del__(self) -> None:
        self.xv6fs.forget(self.number, nameless=self.nameless)

    def load(self) -> DiskInode:
        """The inode as it is on disk, the transaction included. The caller holds the mutex."""
        return self.xv6fs.allocator.load(self.number)

    def store(self, on_disk: DiskInode) -> None:
        """Change it, within the caller's transaction."""
        self.xv6fs.allocator.store(self.number, on_disk)

    def metadata(self) -> Metadata:
        with self.xv6fs.mutex:
            on_disk = self.load()
        rdev = 0
        if self.type == InodeType.CHARACTER:
            rdev = CONSOLE if on_disk.major == XV6_CONSOLE else device_number(0, int(on_disk.minor) & 0xFFFF)
        size = int(on_disk.size) if self.type != InodeType.CHARACTER else 0
        return Metadata(
            self.type, self.mode, self.number, device=self.xv6fs.device, nlink=int(on_disk.links), uid=self.uid, gid=self.gid, rdev=rdev,
            size=size, blocks=(size + BLOCK_SIZE - 1) // BLOCK_SIZE * 2, block_size=BLOCK_SIZE,
            atime_ns=self.atime_ns, mtime_ns=self.mtime_ns, ctime_ns=self.ctime_ns,
        )  # fmt: skip

    def size(self) -> int:
        with self.xv6fs.mutex:
            return int(self.load().size)

    # Attributes

    def change_mode(self, mode: int) -> None:
        """EPERM unless it is the mode that the file has anyway: the disk has no place for another."""
        if mode != self.mode:
            raise Errno(EPERM, "an xv6 file system keeps no modes")

    def change_owner(self, uid: int, gid: int) -> None:
        """EPERM, as for the mode."""
        if (uid != -1 and uid != self.uid) or (gid != -1 and gid != self.gid):
            raise Errno(EPERM, "an xv6 file system keeps no owners")

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        if atime_ns != -1:
            self.atime_ns = atime_ns
        if mtime_ns != -1:
            self.mtime_ns = mtime_ns
        self.ctime_ns = clock.realtime_ns()

    def accessed(self, *, strict: bool) -> None:
        if strict or self.atime_ns <= self.mtime_ns:
            self.atime_ns = clock.realtime_ns()

    def touch(self) -> None:
        """The content changed."""
        now = clock.realtime_ns()
        self.mtime_ns = now
        self.ctime_ns = now

    def require_writable(self) -> None:
        """EROFS on a device that cannot be written, and after an error that left the log in doubt."""
        if self.xv6fs.read_only or self.xv6fs.log.damaged:
            raise Errno(EROFS)

    # Names, within the caller's transaction

    def add_name(self) -> None:
        """One name more."""
        on_disk = self.load()
        on_disk.links = i16(on_disk.links + 1)
        self.store(on_disk)
        self.ctime_ns = clock.realtime_ns()

    def drop_name(self) -> int:
        """One name less; how many are left."""
        on_disk = self.load()
        if on_disk.links <= 0:
            raise Errno(EIO, "a file with fewer names than entries")
        on_disk.links = i16(on_disk.links - 1)
        self.store(on_disk)
        self.ctime_ns = clock.realtime_ns()
        return int(on_disk.links)

    def sync(self, *, data_only: bool) -> None:
        """Committed transactions are on the device."""

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        if self.type == InodeType.CHARACTER:
            rdev = self.metadata().rdev
            if rdev != CONSOLE:
                raise Errno(ENXIO, "xv6 has no such device")
            return open_device(self, rdev, location, access, status)
        return super().open(location, access, status)
