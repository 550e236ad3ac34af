"""What every file of an ext file system has, over its record. Devices, FIFOs and sockets have nothing else.

Times change in the record at once; they are part of the next commit.
"""

from typing import Final

from objects.inode import Inode, InodeType, Metadata
from objects.metadata import device_major, device_minor, device_number
from objects.object import KernelObject, Rights, Status
from objects.view import Location
from scarlet.kernel import clock
from scarlet.lang.errno import EIO, EMLINK, EPERM, Errno
from vfs.devices import open_device
from vfs.ext.attributes import Attributes
from vfs.ext.fields import get32, put32
from vfs.ext.filesystem import ExtFileSystem, has_blocks
from vfs.ext.layout import MAX_LINKS, InodeFlags, ReadOnlyCompat
from vfs.ext.record import Record

DAY_NS: Final = 24 * 3600 * clock.NS_PER_SECOND
SET_UID: Final = 0o4000
SET_GID: Final = 0o2000
GROUP_EXECUTE: Final = 0o010
MODE_BITS: Final = 0o7777
OLD_DEVICE_LIMIT: Final = 256
"""Major and minor numbers below it are stored in the old form."""


class ExtInode(Inode):
    """One file."""

    def __init__(self, filesystem: ExtFileSystem, record: Record, type: InodeType) -> None:
        super().__init__(filesystem, record.number, type, record.mode, record.uid, record.gid)
        self.ext = filesystem
        self.record = record
        self.linkable = False
        """A file that never had a name, and may still get one. (O_TMPFILE)"""
        filesystem.remember(record.number, self)

    def __del__(self) -> None:
        self.ext.forget(self)

    @property
    def nameless(self) -> bool:
        """Has it lost its last name?"""
        return self.record.links == 0

    def metadata(self) -> Metadata:
        record = self.record
        return Metadata(
            self.type, self.mode, self.number, device=self.ext.device, nlink=record.links, uid=self.uid, gid=self.gid, rdev=self._device(),
            size=self.size(), blocks=self.sectors(), block_size=self.ext.volume.geometry.block_size,
            atime_ns=record.atime_ns, mtime_ns=record.mtime_ns, ctime_ns=record.ctime_ns, btime_ns=record.btime_ns,
        )  # fmt: skip

    def size(self) -> int:
        return self.record.size if has_blocks(self.record) or self.type == InodeType.SYMLINK else 0

    def sectors(self) -> int:
        """What its blocks come to, in units of 512 bytes. (st_blocks)"""
        return self.record.sectors

    def _device(self) -> int:
        """The number of a device: in the old form, eight bits each, or in the new one."""
        if self.type != InodeType.CHARACTER and self.type != InodeType.BLOCK:
            return 0
        old = get32(self.record.block, 0)
        if old != 0:
            return device_number(old >> 8 & 0xFF, old & 0xFF)
        new = get32(self.record.block, 4)
        return device_number((new & 0xFFF00) >> 8, (new & 0xFF) | new >> 12 & 0xFFF00)

    # Changing attributes

    def change_mode(self, mode: int) -> None:
        with self.ext.operation():
            self.begin_change()
            self.record.type_and_mode = self.record.type_and_mode & ~MODE_BITS | mode
            self.record.ctime_ns = clock.realtime_ns()
        self.mode = mode

    def change_owner(self, uid: int, gid: int) -> None:
        with self.ext.operation():
            self.begin_change()
            if uid != -1:
                self.record.uid = uid
            if gid != -1:
                self.record.gid = gid
            self.record.ctime_ns = clock.realtime_ns()
        self.uid = self.record.uid
        self.gid = self.record.gid

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        with self.ext.operation():
            self.begin_change()
            if atime_ns != -1:
                self.record.atime_ns = atime_ns
            if mtime_ns != -1:
                self.record.mtime_ns = mtime_ns
            self.record.ctime_ns = clock.realtime_ns()

    def accessed(self, *, strict: bool) -> None:
        """Unless strict, the access time moves only when it is not after the last change, or a day old (mount(2), MS_RELATIME)."""
        record = self.record
        now = clock.realtime_ns()
        if self.ext.read_only or self.ext.volume.damaged:
            return
        if strict or record.atime_ns <= record.mtime_ns or record.atime_ns <= record.ctime_ns or now - record.atime_ns >= DAY_NS:
            try:
                self.part_of_commit()
            except (Errno, MemoryError):
                return  # reading goes on without it
            record.atime_ns = now

    def drop_privileges(self) -> None:
        mode = self.mode & ~SET_UID
        if mode & (SET_GID | GROUP_EXECUTE) == SET_GID | GROUP_EXECUTE:
            mode &= ~SET_GID
        if mode != self.mode:
            self.change_mode(mode)

    def begin_change(self) -> None:
        """The record is about to change, within the caller's operation."""
        self.ext.volume.table.change(self.record)

    def part_of_commit(self) -> None:
        """Make the record part of the next commit: afterwards its times may change without an operation. Errno."""
        if self.number not in self.ext.volume.changes.running.records:
            with self.ext.operation():
                self.begin_change()

    def touch(self) -> None:
        """The content changed; within an operation, or after part_of_commit()."""
        now = clock.realtime_ns()
        self.record.mtime_ns = now
        self.record.ctime_ns = now

    # Extended attributes

    def attribute(self, name: bytes) -> bytes | None:
        with self.ext.volume.mutex:
            return Attributes(self.ext.volume, self.record).get(name)

    def attribute_names(self) -> list[bytes]:
        with self.ext.volume.mutex:
            return Attributes(self.ext.volume, self.record).names()

    def keeps_attributes(self) -> bool:
        return True

    def remove_attribute(self, name: bytes) -> None:
        with self.ext.operation():
            Attributes(self.ext.volume, self.record).remove(name)
            self.record.ctime_ns = clock.realtime_ns()

    def set_attribute(self, name: bytes, value: bytes) -> None:
        with self.ext.operation():
            Attributes(self.ext.volume, self.record).set(name, value)
            self.record.ctime_ns = clock.realtime_ns()

    # Names, within the caller's operation

    def add_name(self) -> None:
        """One name more, for what is no directory. EMLINK."""
        if self.record.links >= MAX_LINKS:
            raise Errno(EMLINK)
        self.begin_change()
        if self.record.links == 0:
            self.ext.orphans.remove(self.record)
        self.record.links += 1
        self.record.ctime_ns = clock.realtime_ns()

    def drop_name(self) -> None:
        """One name less. Without any, it is an orphan."""
        if self.record.links == 0:
            raise Errno(EIO, "a file with fewer names than entries")
        self.begin_change()
        self.record.links -= 1
        self.record.ctime_ns = clock.realtime_ns()
        if self.record.links == 0:
            self.ext.orphans.add(self.record)

    def let_go(self) -> None:
        """It lost a name, for good: what has none left is not kept for the next path."""
        if self.nameless:
            self.ext.recent.discard(self.number)

    def require_changeable(self) -> None:
        """EPERM for files that are marked as immutable or only to be appended to. (ioctl_iflags(2))"""
        if self.record.has(InodeFlags.IMMUTABLE) or self.record.has(InodeFlags.APPEND):
            raise Errno(EPERM, "the file is marked as immutable, or for appending only")

    def sync(self, *, data_only: bool) -> None:
        if not self.ext.read_only:
            self.ext.volume.commit()

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        if self.type == InodeType.CHARACTER or self.type == InodeType.BLOCK:
            return open_device(self, self._device(), location, access, status)
        return super().open(location, access, status)


def put_device(record: Record, device: int) -> None:
    """Store the number of a device."""
    major = device_major(device)
    minor = device_minor(device)
    if major < OLD_DEVICE_LIMIT and minor < OLD_DEVICE_LIMIT:
        put32(record.block, 0, major << 8 | minor)
        put32(record.block, 4, 0)
    else:
        put32(record.block, 0, 0)
        put32(record.block, 4, (minor & 0xFF) | major << 8 | (minor & 0xFFF00) << 12)


def grow_links(record: Record, filesystem: ExtFileSystem) -> None:
    """A directory has one directory more in it. With very many it stops counting (1), where that is known; EMLINK otherwise."""
    if record.links == 1:
        return
    if record.links >= MAX_LINKS - 1:
        if not filesystem.volume.geometry.keeps(ReadOnlyCompat.DIR_NLINK):
            raise Errno(EMLINK)
        record.links = 1
        return
    record.links += 1


def shrink_links(record: Record) -> None:
    """One less."""
    if record.links > 2:
        record.links -= 1
