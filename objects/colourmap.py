"""The colour map of a framebuffer whose pixels hold their colours: it is kept for who asks, and changes no picture.

As on Linux, 256 entries can be read and 16 written, which are those that a text console could use. (linux/fb.h, struct fb_cmap)
"""

from typing import Final

from scarlet.lang.errno import EINVAL, Errno

ENTRIES: Final = 256
WRITABLE: Final = 16
HALF: Final = 0xAAAA
LOW: Final = 0x5555


class ColourMap:
    """Red, green and blue of each entry, 16 bits each."""

    def __init__(self) -> None:
        self.red = [_initial(index, 4) for index in range(ENTRIES)]
        self.green = [_initial(index, 2) for index in range(ENTRIES)]
        self.blue = [_initial(index, 1) for index in range(ENTRIES)]
        self.green[6] = LOW
        """Brown, not dark yellow."""

    def check_readable(self, start: int, count: int) -> int:
        """How many of these entries there are. EINVAL when none."""
        there = min(count, ENTRIES - start)
        if there <= 0:
            raise Errno(EINVAL, "outside the colour map")
        return there

    def put(self, start: int, red: list[int], green: list[int], blue: list[int]) -> None:
        """Replace entries. EINVAL for others than the first 16."""
        if start + len(red) > WRITABLE:
            raise Errno(EINVAL, "16 entries can be set")
        for index in range(len(red)):
            self.red[start + index] = red[index]
            self.green[start + index] = green[index]
            self.blue[start + index] = blue[index]


def _initial(index: int, bit: int) -> int:
    """The sixteen colours of a PC: three bits, and one for more light."""
    if index >= WRITABLE:
        return 0
    return (HALF if index & bit else 0) + (LOW if index & 8 else 0)
