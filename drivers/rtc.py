"""The goldfish real-time clock: nanoseconds since 1970.

Source: Android goldfish-virtual-hardware document, "Goldfish real-time clock". Reading the low half latches the high
half, so the low one comes first; a write takes effect with the low half, so there the high one comes first.
"""

from typing import Final

from scarlet.machine import mmio

TIME_LOW: Final = 0x00
TIME_HIGH: Final = 0x04


class RealTimeClock:
    """The clock at a physical address."""

    def __init__(self, base: int) -> None:
        self._base = base

    def read_ns(self) -> int:
        """Nanoseconds since 1970-01-01 00:00:00 UTC."""
        low = mmio.read32(self._base + TIME_LOW)
        return mmio.read32(self._base + TIME_HIGH) << 32 | low

    def set_ns(self, ns: int) -> None:
        """Set the clock. ValueError for a time before 1970."""
        if ns < 0:
            raise ValueError("the clock counts from 1970")
        mmio.write32(self._base + TIME_HIGH, ns >> 32)
        mmio.write32(self._base + TIME_LOW, ns & 0xFFFFFFFF)
