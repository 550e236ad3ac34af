"""What input events say: their types, and sets of codes. (linux/input-event-codes.h, kernel documentation "Input event codes")

The numbers are those of Linux, which virtio-input devices use as well; key codes are in keycodes.py.
"""

from enum import IntEnum
from typing import Final


class EventType(IntEnum):
    """What kind of thing happened; a code says to which key, axis or light."""

    SYN = 0x00
    KEY = 0x01
    REL = 0x02
    ABS = 0x03
    MSC = 0x04
    SW = 0x05
    LED = 0x11
    SND = 0x12
    REP = 0x14
    FF = 0x15
    PWR = 0x16
    FF_STATUS = 0x17


EVENT_TYPES: Final = 0x20
PROPERTIES: Final = 0x20
LONG_BITS: Final = 64

SYN_REPORT: Final = 0
"""The packet is complete: what came since the last one happened at the same time."""
SYN_DROPPED: Final = 3
"""The reader was too slow, events are lost: it has to ask for the state."""

REP_DELAY: Final = 0
REP_PERIOD: Final = 1

LED_NUM_LOCK: Final = 0
LED_CAPS_LOCK: Final = 1
LED_SCROLL_LOCK: Final = 2

RELEASED: Final = 0
PRESSED: Final = 1
REPEATED: Final = 2
"""The values of a key."""


def codes_of(type: int) -> int:
    """How many codes events of this type can have; 0 for a type without codes of its own."""
    match type:
        case EventType.SYN:
            return EVENT_TYPES
        case EventType.KEY:
            return 0x300
        case EventType.REL | EventType.LED:
            return 0x10
        case EventType.ABS:
            return 0x40
        case EventType.MSC | EventType.SND:
            return 0x08
        case EventType.SW:
            return 0x11
        case EventType.FF:
            return 0x80
        case EventType.REP:
            return 2
        case _:
            return 0


class CodeSet:
    """A set of codes below a limit, as a bitmap of whole 64-bit words, the least significant bit first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._bits = bytearray((limit + LONG_BITS - 1) // LONG_BITS * (LONG_BITS // 8))

    def has(self, code: int) -> bool:
        """Is it in the set? Whatever is not below the limit is not."""
        return 0 <= code < self.limit and self._bits[code >> 3] >> (code & 7) & 1 != 0

    def put(self, code: int, present: bool) -> None:
        """Have it in the set or not. The code is below the limit."""
        if present:
            self._bits[code >> 3] |= 1 << (code & 7)
        else:
            self._bits[code >> 3] &= 0xFF & ~(1 << (code & 7))

    def fill(self, bitmap: bytes) -> None:
        """Be exactly what a bitmap says, as far as it is below the limit."""
        for code in range(self.limit):
            self.put(code, code >> 3 < len(bitmap) and bitmap[code >> 3] >> (code & 7) & 1 != 0)

    def codes(self) -> list[int]:
        """What is in the set, in order."""
        return [code for code in range(self.limit) if self.has(code)]

    def bitmap(self) -> bytes:
        """All of it."""
        return bytes(self._bits)

    def text(self) -> bytes:
        """As /proc/bus/input/devices shows it: 64-bit words in hexadecimal, the highest that is not 0 first."""
        words: list[bytes] = []
        for start in range(len(self._bits) - 8, -1, -8):
            word = int.from_bytes(bytes(self._bits[start : start + 4]), "little")
            high = int.from_bytes(bytes(self._bits[start + 4 : start + 8]), "little")
            if len(words) > 0 or word != 0 or high != 0 or start == 0:
                words.append((f"{high:x}{word:08x}" if high != 0 else f"{word:x}").encode())
        return b" ".join(words)
