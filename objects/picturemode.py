"""The size of a picture, and of the memory it is in.

Pixels are 32 bits, XRGB8888: four bytes, blue, green, red, and one that means nothing.
"""

from typing import Final

PIXEL_BYTES: Final = 4
WIDTH_STEP: Final = 8
"""Rows of memory are a multiple of so many pixels: a row of a character never crosses a page."""
SMALLEST: Final = 64
LARGEST: Final = 16384
"""Pixels, in each direction."""


class Mode:
    """The size of the picture in pixels, and how many rows of memory there are to choose it from."""

    def __init__(self, width: int, height: int, rows: int) -> None:
        self.width = width
        self.height = height
        self.rows = rows

    @property
    def memory_width(self) -> int:
        """Pixels in a row of memory."""
        return (self.width + WIDTH_STEP - 1) // WIDTH_STEP * WIDTH_STEP

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        return self.memory_width * PIXEL_BYTES

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.stride * self.rows

    def is_possible(self) -> bool:
        """Is that a picture?"""
        return SMALLEST <= self.width <= LARGEST and SMALLEST <= self.height <= LARGEST and self.height <= self.rows <= LARGEST

    def equals(self, other: "Mode") -> bool:
        return self.width == other.width and self.height == other.height and self.rows == other.rows


NO_MODE: Final = Mode(0, 0, 0)
