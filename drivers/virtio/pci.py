"""virtio over PCI, version 1: four groups of registers, which capabilities of the function say where to find.

Interrupts are those of the pins (INTx): this kind of machine has no controller for messages.

Source: VIRTIO 1.2, 4.1 "Virtio Over PCI Bus".
"""

from typing import Final

from drivers.pci.config import DEVICE, SPACE, VENDOR, Function
from drivers.virtio.queue import DeviceError
from drivers.virtio.ring import available_offset, used_offset
from drivers.virtio.transport import DeviceType, Transport, read_register, write_register
from scarlet.lang import u64
from scarlet.lang.errno import ENODEV, Errno
from scarlet.machine import mmio

VIRTIO_VENDOR: Final = 0x1AF4
FIRST_TRANSITIONAL: Final = 0x1000
FIRST_MODERN: Final = 0x1040
LAST: Final = 0x107F
TRANSITIONAL_TYPES: Final[dict[int, DeviceType]] = {
    0x1000: DeviceType.NET, 0x1001: DeviceType.BLOCK, 0x1003: DeviceType.CONSOLE, 0x1005: DeviceType.ENTROPY,
}  # fmt: skip
"""4.1.2.1: devices that can also be driven as version 1 have numbers of their own."""

VENDOR_CAPABILITY: Final = 9
COMMON: Final = 1
NOTIFY: Final = 2
INTERRUPT: Final = 3
CONFIG: Final = 4
"""Kinds of groups, and where in the capability they are described."""
CAPABILITY_LENGTH: Final = 16
CAP_KIND: Final = 3
CAP_BAR: Final = 4
CAP_OFFSET: Final = 8
CAP_LENGTH: Final = 12
CAP_MULTIPLIER: Final = 16
"""Only of the group NOTIFY."""

DEVICE_FEATURES_SELECT: Final = 0x00
DEVICE_FEATURES: Final = 0x04
DRIVER_FEATURES_SELECT: Final = 0x08
DRIVER_FEATURES: Final = 0x0C
STATUS: Final = 0x14
CONFIG_GENERATION: Final = 0x15
QUEUE_SELECT: Final = 0x16
QUEUE_SIZE: Final = 0x18
QUEUE_ENABLE: Final = 0x1C
QUEUE_NOTIFY: Final = 0x1E
QUEUE_DESCRIPTORS: Final = 0x20
QUEUE_AVAILABLE: Final = 0x28
QUEUE_USED: Final = 0x30
COMMON_LENGTH: Final = 0x38
LOW_HALF: Final = 0xFFFFFFFF
RESET_LOOKS: Final = 1000


class Group:
    """A range of registers: where it begins for the processor, and its size."""

    def __init__(self, address: int, size: int) -> None:
        self.address = address
        self.size = size


def is_virtio(function: Function) -> bool:
    """Is a function a virtio device?"""
    return function.read16(VENDOR) == VIRTIO_VENDOR and FIRST_TRANSITIONAL <= function.read16(DEVICE) <= LAST


class PciTransport(Transport):
    """The transport of a function that is_virtio(). ENODEV when it does not say where its registers are."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._common = self._group(COMMON, COMMON_LENGTH)
        self._interrupt = self._group(INTERRUPT, 1)
        self._notify = self._group(NOTIFY, 2)
        self._config = self._find(CONFIG)
        self._multiplier = self._notify_multiplier()
        self._bells: dict[int, int] = {}
        """Where each queue is notified."""

    def _group(self, kind: int, least: int) -> Group:
        """A group that every device must have."""
        group = self._find(kind)
        if group is None or group.size < least:
            raise Errno(ENODEV, f"pci {self._function.name}: the device does not say where its registers are")
        return group

    def _find(self, kind: int) -> Group | None:
        """4.1.4: the first group of a kind that we can use."""
        function = self._function
        for at in function.capabilities(VENDOR_CAPABILITY):
            if at + CAPABILITY_LENGTH > SPACE or function.read8(at + CAP_KIND) != kind:
                continue
            bar = function.bars.get(function.read8(at + CAP_BAR))
            offset = function.read32(at + CAP_OFFSET)
            length = function.read32(at + CAP_LENGTH)
            if bar is not None and offset % 4 == 0 and length <= bar.size and offset <= bar.size - length:
                return Group(bar.address + offset, length)
        return None

    def _notify_multiplier(self) -> int:
        function = self._function
        for at in function.capabilities(VENDOR_CAPABILITY):
            if at + CAP_MULTIPLIER + 4 <= SPACE and function.read8(at + CAP_KIND) == NOTIFY:
                return function.read32(at + CAP_MULTIPLIER)
        return 0

    def device_type(self) -> int:
        number = self._function.read16(DEVICE)
        if number >= FIRST_MODERN:
            return number - FIRST_MODERN
        return TRANSITIONAL_TYPES.get(number, DeviceType.NONE)

    def status(self) -> int:
        return mmio.read8(self._common.address + STATUS)

    def set_status(self, status: int) -> None:
        mmio.write8(self._common.address + STATUS, status)
        if status == 0:
            for _look in range(RESET_LOOKS):
                if self.status() == 0:  # 4.1.4.3.2: the device answers so when the reset is complete
                    break

    def offered(self) -> u64:
        common = self._common.address
        mmio.write32(common + DEVICE_FEATURES_SELECT, 0)
        low = mmio.read32(common + DEVICE_FEATURES)
        mmio.write32(common + DEVICE_FEATURES_SELECT, 1)
        return u64(mmio.read32(common + DEVICE_FEATURES) << 32 | low)

    def accept(self, features: u64) -> None:
        common = self._common.address
        mmio.write32(common + DRIVER_FEATURES_SELECT, 0)
        mmio.write32(common + DRIVER_FEATURES, int(features & LOW_HALF))
        mmio.write32(common + DRIVER_FEATURES_SELECT, 1)
        mmio.write32(common + DRIVER_FEATURES, int(features >> 32))

    def _config_address(self, offset: int, width: int) -> int:
        group = self._config
        if group is None or offset + width > group.size:
            raise DeviceError("its configuration is too short")
        return group.address + offset

    def read_config(self, offset: int, width: int) -> int:
        return read_register(self._config_address(offset, width), width)

    def write_config(self, offset: int, width: int, value: int) -> None:
        write_register(self._config_address(offset, width), width, value)

    def config_generation(self) -> int:
        return mmio.read8(self._common.address + CONFIG_GENERATION)

    def max_queue_size(self, queue: int) -> int:
        mmio.write16(self._common.address + QUEUE_SELECT, queue)
        return mmio.read16(self._common.address + QUEUE_SIZE)

    def enable_queue(self, queue: int, base_pa: int, size: int) -> None:
        common = self._common.address
        mmio.write16(common + QUEUE_SELECT, queue)
        mmio.write16(common + QUEUE_SIZE, size)
        self._write_address(QUEUE_DESCRIPTORS, base_pa)
        self._write_address(QUEUE_AVAILABLE, base_pa + available_offset(size))
        self._write_address(QUEUE_USED, base_pa + used_offset(size))
        bell = mmio.read16(common + QUEUE_NOTIFY) * self._multiplier
        if bell + 2 > self._notify.size:
            raise Errno(ENODEV, f"pci {self._function.name}: a queue is notified outside of the registers for that")
        self._bells[queue] = self._notify.address + bell
        mmio.write16(common + QUEUE_ENABLE, 1)

    def _write_address(self, register: int, pa: int) -> None:
        mmio.write32(self._common.address + register, pa & LOW_HALF)
        mmio.write32(self._common.address + register + 4, pa >> 32)

    def notify(self, queue: int) -> None:
        mmio.write16(self._bells[queue], queue)

    def interrupt_reasons(self) -> int:
        """Reading takes the request back: there is nothing to acknowledge."""
        return mmio.read8(self._interrupt.address)

    def acknowledge(self, reasons: int) -> None:
        """It was, by being read."""

    def asks(self) -> bool:
        return self._function.interrupts

    def silence(self) -> None:
        self._function.silence()
