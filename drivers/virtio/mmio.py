"""virtio over memory-mapped registers, version 2 and the legacy version 1.

Source: VIRTIO 1.2, 4.2.2 "MMIO Device Register Layout", 4.2.4 "Legacy interface".
"""

from typing import Final

from drivers.virtio.ring import LEGACY_ALIGN, available_offset, used_offset
from drivers.virtio.transport import Transport, read_register, write_register
from scarlet.lang import u64
from scarlet.machine import mmio

MAGIC_VALUE: Final = 0x000
VERSION: Final = 0x004
DEVICE_ID: Final = 0x008
DEVICE_FEATURES: Final = 0x010
DEVICE_FEATURES_SELECT: Final = 0x014
DRIVER_FEATURES: Final = 0x020
DRIVER_FEATURES_SELECT: Final = 0x024
GUEST_PAGE_SIZE: Final = 0x028
QUEUE_SELECT: Final = 0x030
QUEUE_SIZE_MAX: Final = 0x034
QUEUE_SIZE: Final = 0x038
QUEUE_ALIGN: Final = 0x03C
QUEUE_PAGE: Final = 0x040
QUEUE_READY: Final = 0x044
QUEUE_NOTIFY: Final = 0x050
INTERRUPT_STATUS: Final = 0x060
INTERRUPT_ACKNOWLEDGE: Final = 0x064
STATUS: Final = 0x070
QUEUE_DESCRIPTORS: Final = 0x080
QUEUE_AVAILABLE: Final = 0x090
QUEUE_USED: Final = 0x0A0
CONFIG_GENERATION: Final = 0x0FC
CONFIG: Final = 0x100

MAGIC: Final = 0x74726976
"""`virt`"""
RESET_LOOKS: Final = 100_000
"""A device that has not reset by then never will."""
LEGACY: Final = 1
CURRENT: Final = 2
LOW_HALF: Final = 0xFFFFFFFF


class MmioTransport(Transport):
    """The transport whose registers begin at a physical address."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._version = mmio.read32(base + VERSION) if mmio.read32(base + MAGIC_VALUE) == MAGIC else 0

    def device_type(self) -> int:
        """0, too, when there is no transport at all, or one of a version that is not known."""
        if self._version != LEGACY and self._version != CURRENT:
            return 0
        return self._read(DEVICE_ID)

    def is_legacy(self) -> bool:
        return self._version == LEGACY

    def _read(self, register: int) -> int:
        return mmio.read32(self._base + register)

    def _write(self, register: int, value: int) -> None:
        mmio.write32(self._base + register, value)

    def status(self) -> int:
        return self._read(STATUS)

    def set_status(self, status: int) -> None:
        self._write(STATUS, status)
        if status == 0:
            for _look in range(RESET_LOOKS if self._version == CURRENT else 0):
                if self._read(STATUS) == 0:  # 4.2.3.1: the device answers so when the reset is complete
                    break
            if self._version == LEGACY:
                self._write(GUEST_PAGE_SIZE, LEGACY_ALIGN)

    def offered(self) -> u64:
        self._write(DEVICE_FEATURES_SELECT, 0)
        low = self._read(DEVICE_FEATURES)
        self._write(DEVICE_FEATURES_SELECT, 1)
        return u64(self._read(DEVICE_FEATURES) << 32 | low)

    def accept(self, features: u64) -> None:
        self._write(DRIVER_FEATURES_SELECT, 0)
        self._write(DRIVER_FEATURES, int(features & LOW_HALF))
        self._write(DRIVER_FEATURES_SELECT, 1)
        self._write(DRIVER_FEATURES, int(features >> 32))

    def read_config(self, offset: int, width: int) -> int:
        return read_register(self._base + CONFIG + offset, width)

    def write_config(self, offset: int, width: int, value: int) -> None:
        write_register(self._base + CONFIG + offset, width, value)

    def config_generation(self) -> int:
        return self._read(CONFIG_GENERATION) if self._version == CURRENT else 0

    def max_queue_size(self, queue: int) -> int:
        self._write(QUEUE_SELECT, queue)
        return self._read(QUEUE_SIZE_MAX)

    def enable_queue(self, queue: int, base_pa: int, size: int) -> None:
        self._write(QUEUE_SELECT, queue)
        self._write(QUEUE_SIZE, size)
        if self._version == LEGACY:
            self._write(QUEUE_ALIGN, LEGACY_ALIGN)
            self._write(QUEUE_PAGE, base_pa // LEGACY_ALIGN)
            return
        self._write_address(QUEUE_DESCRIPTORS, base_pa)
        self._write_address(QUEUE_AVAILABLE, base_pa + available_offset(size))
        self._write_address(QUEUE_USED, base_pa + used_offset(size))
        self._write(QUEUE_READY, 1)

    def _write_address(self, register: int, pa: int) -> None:
        self._write(register, pa & LOW_HALF)
        self._write(register + 4, pa >> 32)

    def notify(self, queue: int) -> None:
        self._write(QUEUE_NOTIFY, queue)

    def interrupt_reasons(self) -> int:
        return self._read(INTERRUPT_STATUS)

    def acknowledge(self, reasons: int) -> None:
        self._write(INTERRUPT_ACKNOWLEDGE, reasons)

    def asks(self) -> bool:
        return self._read(INTERRUPT_STATUS) != 0
