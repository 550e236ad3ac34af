"""The goldfish real-time clock: nanoseconds since 1970 in two registers; reading the low one latches the high one.

Source: Android goldfish-virtual-hardware document, "IX. Goldfish real-time clock". The alarm is left out: no driver here asks for it.
"""

from scarlet.machine.hosted.clock import Clock

TIME_LOW = 0x00
TIME_HIGH = 0x04


class Rtc:
    """Setting the time is kept as an offset to the clock; a write of the high half is held until the low half comes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_ns = 0
        self._high = 0
        self._written_high = 0

    def read(self, offset: int, size: int) -> int:
        match offset:
            case 0x00:
                now = self._clock.wall_ns() + self._offset_ns
                self._high = now >> 32
                return now & 0xFFFF_FFFF
            case 0x04:
                return self._high
            case _:
                return 0

    def write(self, offset: int, size: int, value: int) -> None:
        match offset:
            case 0x00:
                self._offset_ns = (self._written_high << 32 | value) - self._clock.wall_ns()
            case 0x04:
                self._written_high = value
