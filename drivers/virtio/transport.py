"""How a driver reaches a virtio device, whatever bus it sits on: identification, features, configuration, queues, interrupts.

A transport does single accesses; the order in which they are made is VirtioDevice's (device.py). Transports: mmio.py, pci.py.

Source: VIRTIO 1.2, 2.1 "Device Status Field", 2.2 "Feature Bits", 2.5 "Device Configuration Space".
"""

from enum import IntEnum, IntFlag
from typing import Final

from scarlet.lang import u64
from scarlet.machine import mmio


class DeviceType(IntEnum):
    """What a device is. (VIRTIO 1.2, chapter 5)"""

    NONE = 0
    NET = 1
    BLOCK = 2
    CONSOLE = 3
    ENTROPY = 4
    GPU = 16
    INPUT = 18


class DeviceStatus(IntFlag):
    """How far driver and device have come with one another."""

    ACKNOWLEDGE = 1
    DRIVER = 2
    DRIVER_OK = 4
    FEATURES_OK = 8
    NEEDS_RESET = 64
    FAILED = 128


F_INDIRECT: Final = u64(1 << 28)
F_EVENT_INDEX: Final = u64(1 << 29)
F_VERSION_1: Final = u64(1 << 32)
"""The device follows version 1 of the specification; a legacy device does not offer it."""

USED_BUFFER: Final = 1
CONFIGURATION_CHANGED: Final = 2
"""Why a device interrupts."""


class Transport:
    """One device on some bus."""

    def device_type(self) -> int:
        """What it is, a DeviceType if it is known here; NONE for an empty place."""
        raise NotImplementedError("Transport.device_type")

    def is_legacy(self) -> bool:
        """Does it follow the drafts before version 1?"""
        return False

    def status(self) -> int:
        """The device status field."""
        raise NotImplementedError("Transport.status")

    def set_status(self, status: int) -> None:
        """Write the field; 0 resets the device, which afterwards answers status() with 0 unless it is broken."""
        raise NotImplementedError("Transport.set_status")

    def offered(self) -> u64:
        """The features the device has."""
        raise NotImplementedError("Transport.offered")

    def accept(self, features: u64) -> None:
        """The features the driver will use."""
        raise NotImplementedError("Transport.accept")

    def read_config(self, offset: int, width: int) -> int:
        """A number of 1, 2 or 4 bytes of the device's own configuration."""
        raise NotImplementedError("Transport.read_config")

    def write_config(self, offset: int, width: int, value: int) -> None:
        """Write one."""
        raise NotImplementedError("Transport.write_config")

    def config_generation(self) -> int:
        """Changes when the configuration does, so that numbers wider than one access can be read whole."""
        return 0

    def max_queue_size(self, queue: int) -> int:
        """How many descriptors a queue may have; 0 when the device has no such queue."""
        raise NotImplementedError("Transport.max_queue_size")

    def enable_queue(self, queue: int, base_pa: int, size: int) -> None:
        """Tell the device where a queue lies (as ring.py lays it out), and let it use it."""
        raise NotImplementedError("Transport.enable_queue")

    def notify(self, queue: int) -> None:
        """There are new chains in a queue."""
        raise NotImplementedError("Transport.notify")

    def interrupt_reasons(self) -> int:
        """Why the device interrupts: USED_BUFFER, CONFIGURATION_CHANGED; 0 when it does not."""
        raise NotImplementedError("Transport.interrupt_reasons")

    def acknowledge(self, reasons: int) -> None:
        """The interrupt was seen."""
        raise NotImplementedError("Transport.acknowledge")

    def asks(self) -> bool:
        """Does the device say that it interrupts now? Asking changes nothing."""
        raise NotImplementedError("Transport.asks")

    def silence(self) -> None:
        """Have the device no longer interrupt, whatever it wants; nothing where the bus has no way for that."""


def read_register(address: int, width: int) -> int:
    """A number of 1, 2 or 4 bytes in device memory."""
    match width:
        case 1:
            return mmio.read8(address)
        case 2:
            return mmio.read16(address)
        case _:
            return mmio.read32(address)


def write_register(address: int, width: int, value: int) -> None:
    """Write one."""
    match width:
        case 1:
            mmio.write8(address, value)
        case 2:
            mmio.write16(address, value)
        case _:
            mmio.write32(address, value)
