"""The goldfish real-time clock: nanoseconds since 1970.

Source: Android goldfish-virtual-hardware document, "Goldfish real-time clock". Reading the low half latches the high half, so the low one
comes first.
"""

from typing import Final

from objects.realtimeclock import ClockChip
from scarlet.kernel.clock import NEVER
from scarlet.machine import mmio

TIME_LOW: Final = 0x00
TIME_HIGH: Final = 0x04


class RealTimeClock(ClockChip):
    """The clock at a physical address."""

    def __init__(self, base: int) -> None:
        super().__init__()
        self._base = base

    def read_ns(self) -> int:
        """Nanoseconds since 1970-01-01 00:00:00 UTC; NEVER for what the clock says after the year 2262."""
        low = mmio.read32(self._base + TIME_LOW)
        high = mmio.read32(self._base + TIME_HIGH)
        return high << 32 | low if high <= NEVER >> 32 else NEVER

    def set_ns(self, ns: int) -> None:
        """The high half is held until the low one comes."""
        mmio.write32(self._base + TIME_HIGH, ns >> 32)
        mmio.write32(self._base + TIME_LOW, ns & 0xFFFF_FFFF)
