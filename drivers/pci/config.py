"""One function of a PCI device, through its configuration space in memory (ECAM): who it is, what it can, where its registers are.

Source: PCI Local Bus Specification 3.0, 6.1 "Configuration Space Organization", 6.7 "Capabilities List"; PCI Express Base
Specification, 7.2.2 "PCI Express Enhanced Configuration Access Mechanism (ECAM)".
"""

from typing import Final

from scarlet.machine import mmio

VENDOR: Final = 0x00
DEVICE: Final = 0x02
COMMAND: Final = 0x04
STATUS: Final = 0x06
HEADER_TYPE: Final = 0x0E
FIRST_BAR: Final = 0x10
SUBSYSTEM: Final = 0x2E
CAPABILITIES: Final = 0x34
INTERRUPT_PIN: Final = 0x3D
FIRST_CAPABILITY: Final = 0x40
SPACE: Final = 256
"""What every function has; PCI Express adds more."""

NOBODY: Final = 0xFFFF
"""The vendor where there is no function."""
MULTIFUNCTION: Final = 0x80
NORMAL: Final = 0
"""The type of the header of what is not a bridge."""
BARS: Final = 6

MEMORY_SPACE: Final = 2
BUS_MASTER: Final = 4
INTERRUPT_DISABLE: Final = 0x400
"""Bits of the command register."""
INTERRUPTS: Final = 8
HAS_CAPABILITIES: Final = 0x10
"""Bits of the status register."""
MOST_CAPABILITIES: Final = 48
"""More do not fit into the space."""


class Bar:
    """A range of registers: its place among the base address registers, and its size in bytes."""

    def __init__(self, index: int, size: int, *, wide: bool, prefetchable: bool) -> None:
        self.index = index
        self.size = size
        self.wide = wide
        """Its address has 64 bits, and takes the next register too."""
        self.prefetchable = prefetchable
        self.address = 0
        """Where it is for the processor; 0 before it was given a place."""


class Function:
    """The function whose configuration space begins at `base`. `device` is its number on the bus."""

    def __init__(self, base: int, device: int, number: int) -> None:
        self._base = base
        self.device = device
        self.number = number
        self.bars: dict[int, Bar] = {}

    @property
    def name(self) -> str:
        """As lspci(8) writes it."""
        return f"00:{self.device:02x}.{self.number}"

    def read8(self, offset: int) -> int:
        return mmio.read8(self._base + offset)

    def read16(self, offset: int) -> int:
        return mmio.read16(self._base + offset)

    def read32(self, offset: int) -> int:
        return mmio.read32(self._base + offset)

    def write16(self, offset: int, value: int) -> None:
        mmio.write16(self._base + offset, value)

    def write32(self, offset: int, value: int) -> None:
        mmio.write32(self._base + offset, value)

    @property
    def exists(self) -> bool:
        return self.read16(VENDOR) != NOBODY

    @property
    def header_type(self) -> int:
        return self.read8(HEADER_TYPE) & 0x7F

    @property
    def has_siblings(self) -> bool:
        """Has the device other functions, too? Said by its first."""
        return self.read8(HEADER_TYPE) & MULTIFUNCTION != 0

    def capabilities(self, wanted: int) -> list[int]:
        """Where the capabilities of one kind begin. A list that leads out of the space or in a circle ends there."""
        found: list[int] = []
        if self.read16(STATUS) & HAS_CAPABILITIES == 0:
            return found
        at = self.read8(CAPABILITIES) & 0xFC
        for _step in range(MOST_CAPABILITIES):
            if not FIRST_CAPABILITY <= at <= SPACE - 4:
                break
            if self.read8(at) == wanted:
                found.append(at)
            at = self.read8(at + 1) & 0xFC
        return found

    # Registers

    def find_bars(self) -> list[Bar]:
        """Ask how large each range of memory registers is; the function must not answer meanwhile. Ports are passed over."""
        command = self.read16(COMMAND)
        self.write16(COMMAND, command & ~MEMORY_SPACE)
        found: list[Bar] = []
        index = 0
        while index < BARS:
            bar = self._find_bar(index)
            if bar is not None:
                found.append(bar)
            index += 2 if bar is not None and bar.wide else 1
        self.write16(COMMAND, command)
        return found

    def _find_bar(self, index: int) -> Bar | None:
        """The bits of the address that cannot be set tell the size."""
        offset = FIRST_BAR + 4 * index
        before = self.read32(offset)
        if before & 1:
            return None
        self.write32(offset, 0xFFFFFFFF)
        mask = self.read32(offset) & 0xFFFFFFF0
        self.write32(offset, before)
        wide = before & 6 == 4 and index + 1 < BARS
        size = (~mask & 0xFFFFFFFF) + 1
        if mask == 0 or size & (size - 1) != 0:
            return None  # none, or one of 4 GiB and more, which nobody here has a place for
        return Bar(index, size, wide=wide, prefetchable=before & 8 != 0)

    def place(self, bar: Bar, bus_address: int, address: int) -> None:
        """Let a range of registers answer at an address of the bus, which is `address` for the processor."""
        offset = FIRST_BAR + 4 * bar.index
        self.write32(offset, bus_address & 0xFFFFFFFF)
        if bar.wide:
            self.write32(offset + 4, bus_address >> 32)
        bar.address = address
        self.bars[bar.index] = bar

    def enable(self) -> None:
        """Let it answer, reach memory and interrupt."""
        self.write16(COMMAND, self.read16(COMMAND) & ~INTERRUPT_DISABLE | MEMORY_SPACE | BUS_MASTER)

    @property
    def interrupts(self) -> bool:
        """Does it want to, whether it may or not?"""
        return self.read16(STATUS) & INTERRUPTS != 0

    def silence(self) -> None:
        """Have it no longer interrupt."""
        self.write16(COMMAND, self.read16(COMMAND) | INTERRUPT_DISABLE)
