"""Kinds of file systems that mount(2) can make, and the device numbers they get.

A kind is announced once, by the boot code; making one gives its root inode, which keeps the file system alive.

Source: filesystems(5), mount(2).
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from objects.inode import Inode
from scarlet.lang.errno import ENODEV, Errno

Maker: TypeAlias = Callable[[bytes, bytes], Inode]
"""(source, options of mount(2)) -> the root of the file system."""


class Kind:
    """One kind: its name as in /proc/filesystems, and whether it needs a block device."""

    def __init__(self, name: bytes, maker: Maker, needs_device: bool) -> None:
        self.name = name
        self.maker = maker
        self.needs_device = needs_device


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


def announce(name: bytes, maker: Maker, *, needs_device: bool = False) -> None:
    """From now on mount(2) knows this kind."""
    _kinds[name] = Kind(name, maker, needs_device)


def make(kind: bytes, source: bytes, options: bytes) -> Inode:
    """The root of a new file system. ENODEV when the kind is unknown, what its maker raises otherwise."""
    known = _kinds.get(kind)
    if known is None:
        raise Errno(ENODEV, "an unknown kind of file system")
    return known.maker(source, options)


def kinds() -> list[Kind]:
    """What was announced, in that order."""
    return list(_kinds.values())
