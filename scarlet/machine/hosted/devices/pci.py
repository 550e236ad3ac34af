"""A PCI bus with virtio devices on it: the host bridge's configuration space, the window where registers are, four interrupt lines.

Source: PCI Local Bus Specification 3.0, 6.1, 6.2.5 (base addresses); VIRTIO 1.2, 4.1 "Virtio Over PCI Bus".
"""

import struct
from collections.abc import Callable

from scarlet.machine.hosted.devices.virtio import Front, Model
from scarlet.machine.hosted.devices.virtqueue import DeviceQueue

VENDOR = 0x1AF4
FIRST_MODERN = 0x1040
BAR = 4
"""The base address register of the registers: 64 bits, prefetchable, as on QEMU."""
BAR_SIZE = 0x4000
COMMON, ISR, CONFIG, NOTIFY = 0x0000, 0x1000, 0x2000, 0x3000
"""Where each group of registers is."""
MULTIPLIER = 4
FUNCTION_SPACE = 0x1000
SLOT_SPACE = 8 * FUNCTION_SPACE


class VirtioPci(Front):
    """A function of a slot: its configuration space, and its registers wherever the driver put them."""

    def __init__(self, model: Model, set_level: Callable[[bool], None], pin: int = 1) -> None:
        self.address = 0
        self.space = bytearray(256)
        self._pin = set_level
        self._asserted = False
        super().__init__(model, self._assert)
        struct.pack_into("<HHHHBBBB", self.space, 0, VENDOR, FIRST_MODERN + model.device_type, 0, 0x10, 1, 0, 0, 0xFF)
        self.space[0x34] = 0x40
        self.space[0x3D] = pin
        groups = [(1, COMMON, 0x38), (3, ISR, 4), (4, CONFIG, 0x1000), (2, NOTIFY, MULTIPLIER * 16)]
        for index, (kind, offset, size) in enumerate(groups):
            at = 0x40 + 0x14 * index
            following = at + 0x14 if index + 1 < len(groups) else 0
            struct.pack_into("<BBBBBxxxIII", self.space, at, 9, following, 16 + 4 * (kind == 2), kind, BAR, offset, size, MULTIPLIER)

    def _assert(self, level: bool) -> None:
        """Drive the pin, unless the command register keeps the function from it."""
        self._asserted = level
        self._pin(level and not self.space[5] & 4)

    # Configuration space

    def read_space(self, offset: int, size: int) -> int:
        if 0x10 + 4 * BAR <= offset < 0x10 + 4 * BAR + 8:
            word = self.address >> (32 if offset >= 0x14 + 4 * BAR else 0) & 0xFFFFFFFF
            return word | (0xC if offset == 0x10 + 4 * BAR else 0)
        value = int.from_bytes(self.space[offset : offset + size], "little")
        return value | 8 if offset == 0x06 and self._asserted else value

    def write_space(self, offset: int, size: int, value: int) -> None:
        if offset == 0x10 + 4 * BAR:
            self.address = self.address & ~0xFFFFFFFF | value & ~(BAR_SIZE - 1)
        elif offset == 0x14 + 4 * BAR:
            self.address = self.address & 0xFFFFFFFF | value << 32
        elif offset == 0x04:
            struct.pack_into("<H", self.space, 4, value)
            self._assert(self._asserted)

    def answers(self, address: int) -> bool:
        """Are its registers at this address, and switched on?"""
        return bool(self.space[4] & 2) and self.address <= address < self.address + BAR_SIZE

    # Registers

    @property
    def selected(self) -> int:
        return self.registers.get(0x16, 0)

    def read(self, offset: int, size: int) -> int:
        if offset >= NOTIFY:
            return 0
        if offset >= CONFIG:
            return int.from_bytes(self.model.config()[offset - CONFIG : offset - CONFIG + size], "little")
        if offset >= ISR:
            reasons, self.reasons = self.reasons, 0
            self.set_level(False)
            return reasons
        match offset:
            case 0x04:
                return self.offered >> 32 * self.registers.get(0x00, 0) & 0xFFFFFFFF
            case 0x12:
                return self.model.queues
            case 0x14:
                return self.status
            case 0x15:
                return self.generation & 0xFF
            case 0x18:
                return self.queue_registers.get((self.selected, 0x18), self.model.queue_size) if self.selected < self.model.queues else 0
            case 0x1E:
                return self.selected
            case _:
                return 0

    def write(self, offset: int, size: int, value: int) -> None:
        if offset >= NOTIFY:
            assert (offset - NOTIFY) // MULTIPLIER == value, "a queue is notified at another's place"
            self.notified(value)
        elif offset >= CONFIG:
            self.model.write_config(offset - CONFIG, value.to_bytes(size, "little"))
        elif offset == 0x0C:
            self.accept(self.registers.get(0x08, 0), value)
        elif offset == 0x14:
            self.set_status(value)
        elif offset == 0x1C:
            self.enable(self.selected, self._laid_out() if value == 1 else None)
        elif offset in (0x18, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x34):
            self.queue_registers[self.selected, offset] = value
        else:
            self.registers[offset] = value

    def _laid_out(self) -> DeviceQueue:
        own = {offset: value for (queue, offset), value in self.queue_registers.items() if queue == self.selected}
        descriptors, available, used = (own[register] | own[register + 4] << 32 for register in (0x20, 0x28, 0x30))
        return DeviceQueue(descriptors, available, used, own[0x18], event_index=self.event_index)


class Ecam:
    """The configuration space of a bus with these functions, one in each slot from 1 on; slot 0 is the bridge's, which shows nothing."""

    def __init__(self, functions: list[VirtioPci]) -> None:
        self.functions = functions

    def _function(self, offset: int) -> VirtioPci | None:
        slot, within = divmod(offset, SLOT_SPACE)
        return self.functions[slot - 1] if within < FUNCTION_SPACE and 1 <= slot <= len(self.functions) else None

    def read(self, offset: int, size: int) -> int:
        function = self._function(offset)
        return function.read_space(offset % FUNCTION_SPACE, size) if function else (1 << 8 * size) - 1

    def write(self, offset: int, size: int, value: int) -> None:
        if function := self._function(offset):
            function.write_space(offset % FUNCTION_SPACE, size, value)


class Window:
    """The addresses of the bus that the processor reaches, from `bus_address` on."""

    def __init__(self, functions: list[VirtioPci], bus_address: int) -> None:
        self.functions = functions
        self.bus_address = bus_address

    def _find(self, offset: int) -> tuple[VirtioPci, int]:
        address = self.bus_address + offset
        for function in self.functions:
            if function.answers(address):
                return function, address - function.address
        raise LookupError(f"no PCI function at 0x{address:x}")

    def read(self, offset: int, size: int) -> int:
        function, within = self._find(offset)
        return function.read(within, size)

    def write(self, offset: int, size: int, value: int) -> None:
        function, within = self._find(offset)
        function.write(within, size, value)
