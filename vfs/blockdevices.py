"""Disks that have names: vda, vda1 ... Each is a device node, has a page cache of its own, and can be mounted.

A driver announces its disk with `add`, which asks the disk nothing; `scan` then looks for partitions. The pages of a disk are kept as
long as some program has it open: after the last close, dirty ones are written and all are forgotten, because a file system that is mounted
on it writes past this cache.

One file system uses a disk at a time: `disk_of` claims it until the BlockDevice that it gives is dropped. A claim on a partition and one
on the whole disk exclude each other.

Sources: open(2), mount(2), proc_partitions(5), proc_diskstats(5).
"""

import weakref
from typing import Final

from objects.block import BlockDevice
from objects.inode import FileSystem, Inode, InodeType
from objects.object import KernelObject, Rights, Status
from objects.view import Location
from scarlet.kernel import deferred, log
from scarlet.kernel.deferred import Deferred
from scarlet.lang.errno import EACCES, EBUSY, ENOTBLK, ENXIO, Errno
from vfs.blockfile import BlockFile, DiskInode
from vfs.blockpart import Part
from vfs.devices import announce, withdraw
from vfs.filedisk import FileDisk
from vfs.partitions import Entry, read_table

MAJOR: Final = 254
MINORS: Final = 16
"""Numbers for each disk: itself and fifteen partitions."""
DRIVER: Final = b"virtblk"
NODE_MODE: Final = 0o660


class Disk:
    """A named disk or partition."""

    def __init__(self, name: bytes, minor: int, device: BlockDevice, whole: "Disk | None") -> None:
        self.name = name
        self.minor = minor
        self.device = device
        self.whole: weakref.ref[Disk] | None = weakref.ref(whole) if whole is not None else None
        """The disk that it is a partition of."""
        self.parts: list[Disk] = []
        self.open_files = 0
        self.claims = 0
        self.exclusive = 0
        """Open files that want to be the only user. (O_EXCL)"""
        self._protected = False
        self.content = DiskInode(_nowhere, minor, device)

    @property
    def read_only(self) -> bool:
        return self.device.read_only or self._protected

    def set_read_only(self, protected: bool) -> None:
        """Refuse to be opened for writing, and mounted for it, from now on, or no longer. (BLKROSET)"""
        self._protected = protected

    @property
    def start(self) -> int:
        """Where it begins on the whole disk, in bytes."""
        device = self.device
        return device.start if isinstance(device, Part) else 0

    def is_used(self) -> bool:
        """Is a file system on it, or on a part of it, or on the whole of it? Or does somebody want it alone?"""
        whole = self.whole() if self.whole is not None else None
        if whole is not None and whole.claims + whole.exclusive > 0:
            return True
        return self.claims + self.exclusive > 0 or any(part.claims + part.exclusive > 0 for part in self.parts)

    def open(self, node: Inode, location: Location, access: Rights, status: Status) -> KernelObject:
        """The device node of this disk is opened. EACCES when it is to be written and cannot be, EBUSY."""
        if access & Rights.WRITE and self.read_only:
            raise Errno(EACCES, "the device is read-only")
        if status & Status.EXCLUSIVE and self.is_used():
            raise Errno(EBUSY, "the disk is in use")
        return OpenDisk(self, node, location, access, status)

    def closed(self) -> None:
        """An open file is gone."""
        self.open_files -= 1
        if self.open_files == 0:
            deferred.defer(Settle(self))

    def settle(self) -> None:
        """Nobody has it open: write what is dirty and forget the pages. EIO."""
        cache = self.content.cache
        if self.open_files == 0 and len(cache.pages) > 0:
            self.content.sync(data_only=False)
        if self.open_files == 0:
            cache.give_back(0, self.device.size)


class OpenDisk(BlockFile):
    """An open device node; counts as a user of the disk."""

    def __init__(self, disk: Disk, node: Inode, location: Location, access: Rights, status: Status) -> None:
        self._disk = disk
        self.access = access
        self._exclusive = 1 if status & Status.EXCLUSIVE else 0
        disk.open_files += 1
        disk.exclusive += self._exclusive
        super().__init__(disk.content, node, location, access, status)

    def __del__(self) -> None:
        self._disk.exclusive -= self._exclusive
        self._disk.closed()
        super().__del__()

    def disk(self) -> Disk:
        """Which one."""
        return self._disk


class Settle(Deferred):
    """Disk.settle() after the last close, which may not sleep itself."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    def work(self) -> None:
        self.disk.settle()


class Claimed(Part):
    """The disk as its one user sees it: all of it, until it lets go."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        disk.claims += 1
        super().__init__(disk.device, 0, disk.device.size, read_only=disk.read_only)

    def __del__(self) -> None:
        self._disk.claims -= 1


_nowhere: Final = FileSystem(b"bdev", 0)
"""The file system of the inodes that hold the contents of disks; nobody sees them."""
_disks: Final[list[Disk]] = []
"""Whole disks, in the order of their announcement."""


def add(name: bytes, device: BlockDevice) -> None:
    """There is a new disk. Does not ask it anything."""
    disk = Disk(name, len(_disks) * MINORS, device, None)
    _disks.append(disk)
    _announce(disk)


def scan() -> None:
    """Look for partitions on all disks. Sleeps."""
    for disk in list(_disks):
        try:
            rescan(disk)
        except Errno as error:
            log.warn(f"{disk.name.decode()}: the partition table cannot be read: {error}")


def rescan(disk: Disk) -> None:
    """Look for partitions again. EBUSY when one is in use, EIO. (BLKRRPART)"""
    if any(part.claims + part.open_files > 0 for part in disk.parts):
        raise Errno(EBUSY, "a partition is in use")
    entries = read_table(disk.device, disk.name.decode())
    for part in disk.parts:
        withdraw(InodeType.BLOCK, MAJOR, part.minor)
    disk.parts = []
    for entry in entries:
        if entry.number < MINORS:
            disk.parts.append(_new_part(disk, entry))
    for part in disk.parts:
        _announce(part)
    if len(disk.parts) > 0:
        log.info(f" {disk.name.decode()}: " + " ".join([part.name.decode() for part in disk.parts]))


def find(name: bytes) -> Disk | None:
    """The disk or partition of this name."""
    for disk in every():
        if disk.name == name:
            return disk
    return None


def every() -> list[Disk]:
    """All disks, each followed by its partitions."""
    found: list[Disk] = []
    for disk in _disks:
        found.append(disk)
        found.extend(disk.parts)
    return found


def disk_of(inode: Inode) -> BlockDevice:
    """The disk behind a device node, or a regular file as a disk, for a file system to use alone until it drops it.

    EBUSY when a file system is on it already, ENXIO when the node belongs to no disk, ENOTBLK, ETXTBSY, EIO. Sleeps.
    """
    if inode.type != InodeType.BLOCK:
        return FileDisk(inode)
    disk = of_node(inode)
    if disk.is_used():
        raise Errno(EBUSY, "the disk is in use")
    claimed = Claimed(disk)
    disk.content.sync(data_only=False)
    disk.content.cache.give_back(0, disk.device.size)
    return claimed


def of_node(inode: Inode) -> Disk:
    """The disk behind a device node. ENXIO, ENOTBLK."""
    if inode.type != InodeType.BLOCK:
        raise Errno(ENOTBLK, "not a block device")
    number = inode.metadata().rdev
    for disk in every():
        if disk.content.number_in_dev == number:
            return disk
    raise Errno(ENXIO, "no such device")


def sync_all() -> None:
    """Bring everything to stable storage that programs wrote to device nodes. Errors are told to those who have them open."""
    for disk in every():
        if len(disk.content.cache.pages) > 0:
            try:
                disk.content.sync(data_only=False)
            except Errno as error:
                log.warn(f"{disk.name.decode()}: {error}")


def _new_part(disk: Disk, entry: Entry) -> Disk:
    name = disk.name + str(entry.number).encode()
    device = Part(disk.device, entry.start, entry.count, read_only=disk.device.read_only)
    return Disk(name, disk.minor + entry.number, device, disk)


def _announce(disk: Disk) -> None:
    announce(InodeType.BLOCK, MAJOR, disk.minor, disk.name, DRIVER, disk.open, mode=NODE_MODE)
