"""Kinds of file systems that mount(2) can make, and the device numbers they get.

A kind is announced once, by the boot code; making one gives its root inode, which keeps the file system alive.

Source: filesystems(5), mount(2).
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from objects.inode import Inode
from scarlet.lang.errno import EACCES, EINVAL, ENODEV, ENOTBLK, Errno

Maker: TypeAlias = Callable[[bytes, bytes], Inode]
"""(source, options of mount(2)) -> the root of the file system."""
DiskMaker: TypeAlias = Callable[[Inode, bytes], Inode]
"""(the file that holds its blocks, options) -> the root of the file system."""


class Kind:
    """One kind: its name as in /proc/filesystems, and how one is made: of nothing, or of a disk."""

    def __init__(self, name: bytes, maker: Maker | None, disk_maker: DiskMaker | None) -> None:
        self.name = name
        self.maker = maker
        self.disk_maker = disk_maker

    @property
    def needs_device(self) -> bool:
        """Does its content lie on a disk?"""
        return self.disk_maker is not None


class DeviceNumbers:
    """Numbers for file systems without a device: major 0, minors from 1 up. (stat(2), st_dev)"""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """A number no file system had before."""
        self.last += 1
        return (self.last & 0xFF) | (self.last & ~0xFF) << 12


device_numbers: Final = DeviceNumbers()
_kinds: Final[dict[bytes, Kind]] = {}


def announce(name: bytes, maker: Maker) -> None:
    """From now on mount(2) knows this kind."""
    _kinds[name] = Kind(name, maker, None)


def announce_on_disk(name: bytes, maker: DiskMaker) -> None:
    """The same for a kind that lies on a disk, or in a file that is an image of one."""
    _kinds[name] = Kind(name, None, maker)


def known(name: bytes) -> Kind:
    """ENODEV when there is no such kind."""
    kind = _kinds.get(name)
    if kind is None:
        raise Errno(ENODEV, "an unknown kind of file system")
    return kind


def lies_on_disk(name: bytes) -> bool:
    """Does a file system of this name, of whatever origin?"""
    kind = _kinds.get(name)
    return kind is not None and kind.needs_device


def make(name: bytes, source: bytes, options: bytes) -> Inode:
    """The root of a new file system. ENODEV when the kind is unknown, ENOTBLK when it needs a disk, what its maker raises otherwise."""
    maker = known(name).maker
    if maker is None:
        raise Errno(ENOTBLK, "this kind of file system lies on a disk")
    return maker(source, options)


def make_on(name: bytes, disk: Inode, options: bytes, *, to_write: bool) -> Inode:
    """The root of the file system that lies in a file. ENODEV when the kind is unknown or lies nowhere, EACCES when it is meant to be
    written and can only be read, what its maker raises otherwise."""
    maker = known(name).disk_maker
    if maker is None:
        raise Errno(ENODEV, "this kind of file system needs no disk")
    root = maker(disk, options)
    if to_write and root.filesystem.read_only:
        raise Errno(EACCES, "the file system can only be read")
    return root


def recognise_on(disk: Inode) -> Inode:
    """The root of the file system in a file or on a device, whatever kind it is: who announced itself first is asked first, and takes what
    is its own. EINVAL when nobody does, what a maker raises otherwise."""
    for kind in _kinds.values():
        if kind.disk_maker is not None:
            try:
                return kind.disk_maker(disk, b"")
            except Errno as error:
                if error.code != EINVAL:
                    raise
    raise Errno(EINVAL, "no file system that is known")


def kinds() -> list[Kind]:
    """What was announced, in that order."""
    return list(_kinds.values())
