"""Device numbers: which object opening a device node gives. (mknod(2), null(4))

The boot code and drivers announce what there is; any file system's open() of a device node asks here. Nothing else about a device is
known to the file systems.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from objects.inode import Inode, InodeType
from objects.metadata import device_major, device_minor, device_number
from objects.object import KernelObject, Rights, Status
from objects.view import Location
from scarlet.lang.errno import ENXIO, Errno

Opener: TypeAlias = Callable[[Inode, Location, Rights, Status], KernelObject]


class Device:
    """One announced device: a character or block device with a number, the name of its node in /dev, and how to open it."""

    def __init__(self, type: InodeType, number: int, name: bytes, driver: bytes, mode: int, opener: Opener) -> None:
        self.type = type
        self.number = number
        self.name = name
        self.driver = driver
        """Its name in /proc/devices."""
        self.mode = mode
        self.opener = opener

    @property
    def major(self) -> int:
        return device_major(self.number)

    @property
    def minor(self) -> int:
        return device_minor(self.number)


Watcher: TypeAlias = Callable[[Device, bool], None]
"""Told of a device that was announced (True) or withdrawn."""

_devices: Final[dict[tuple[int, int], Device]] = {}
_watchers: Final[list[Watcher]] = []


def announce(type: InodeType, major: int, minor: int, name: bytes, driver: bytes, opener: Opener, *, mode: int = 0o600) -> None:
    """From now on nodes with this number open through `opener`. A later announcement replaces an earlier one."""
    device = Device(type, device_number(major, minor), name, driver, mode, opener)
    _devices[(int(type), device.number)] = device
    for watcher in _watchers:
        watcher(device, True)


def withdraw(type: InodeType, major: int, minor: int) -> None:
    """There is no device with this number any more."""
    device = _devices.pop((int(type), device_number(major, minor)), None)
    if device is not None:
        for watcher in _watchers:
            watcher(device, False)


def watch(watcher: Watcher) -> None:
    """Tell this of everything that comes and goes from now on."""
    _watchers.append(watcher)


def devices() -> list[Device]:
    """What was announced, in that order."""
    return list(_devices.values())


def open_device(inode: Inode, number: int, location: Location, access: Rights, status: Status) -> KernelObject:
    """The object behind a device node. ENXIO when nothing has that number."""
    device = _devices.get((int(inode.type), number))
    if device is None:
        raise Errno(ENXIO, "no such device")
    return device.opener(inode, location, access, status)
