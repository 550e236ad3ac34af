"""What a screen tells of itself: its size in millimetres, and the size of picture it likes best.

An EDID is a block of 128 bytes, then the extensions it announces, blocks of the same size; the bytes of each add up to zero. Only the
first block is used here, and nothing of it is relied on: a screen may tell nonsense, and is then one that tells nothing.

Source: VESA Enhanced Extended Display Identification Data Standard, release A, revision 2, chapter 3; 3.10.2 "Detailed Timing Descriptor".
"""

from typing import Final

from scarlet.lang import Errno
from scarlet.lang.errno import EINVAL

BLOCK: Final = 128
MAGIC: Final = b"\x00\xff\xff\xff\xff\xff\xff\x00"
VERSION: Final = 18
WIDTH_CM: Final = 21
HEIGHT_CM: Final = 22
PREFERRED: Final = 54
"""The first of four descriptors: the timing of the picture that the screen likes best, in version 1.3 and later."""
EXTENSIONS: Final = 126
"""How many blocks follow."""
CM: Final = 10
"""Millimetres."""


class Edid:
    """The parts that are used; 0 is: not told."""

    def __init__(self, width: int, height: int, width_mm: int, height_mm: int) -> None:
        self.width = width
        self.height = height
        """Pixels of the preferred picture."""
        self.width_mm = width_mm
        self.height_mm = height_mm


NOTHING_TOLD: Final = Edid(0, 0, 0, 0)


def parse(data: bytes) -> Edid:
    """What it says. EINVAL when it is no EDID, is cut off, or was damaged on its way."""
    if len(data) < BLOCK or data[: len(MAGIC)] != MAGIC:
        raise Errno(EINVAL, "no EDID")
    if data[VERSION] != 1:
        raise Errno(EINVAL, f"an EDID of version {data[VERSION]}")
    blocks = 1 + data[EXTENSIONS]
    if len(data) < blocks * BLOCK:
        raise Errno(EINVAL, f"an EDID of {blocks} blocks in {len(data)} bytes")
    for block in range(blocks):
        if sum(data[block * BLOCK : (block + 1) * BLOCK]) & 0xFF != 0:
            raise Errno(EINVAL, f"block {block} of the EDID is damaged")
    return _parse_timing(data[PREFERRED : PREFERRED + 18], data[WIDTH_CM] * CM, data[HEIGHT_CM] * CM)


def _parse_timing(timing: bytes, width_mm: int, height_mm: int) -> Edid:
    """The preferred picture. The size of the screen as it is told elsewhere, in centimetres, counts if it is not told here."""
    if width_mm == 0 or height_mm == 0:  # a projector, or the shape of the screen instead of its size
        width_mm = 0
        height_mm = 0
    if timing[0] == 0 and timing[1] == 0:  # no pixel clock: a descriptor of something else
        return Edid(0, 0, width_mm, height_mm)
    precise_width_mm = timing[12] | timing[14] >> 4 << 8
    precise_height_mm = timing[13] | (timing[14] & 0xF) << 8
    if precise_width_mm != 0 and precise_height_mm != 0:
        width_mm = precise_width_mm
        height_mm = precise_height_mm
    return Edid(timing[2] | timing[4] >> 4 << 8, timing[5] | timing[7] >> 4 << 8, width_mm, height_mm)
