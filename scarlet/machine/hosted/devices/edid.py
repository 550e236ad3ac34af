"""What a screen tells of itself, made up: an EDID of one block that says its size and which picture it likes best.

Source: VESA Enhanced Extended Display Identification Data Standard, release A, revision 2, chapter 3.
"""

import struct

HEADER = b"\x00\xff\xff\xff\xff\xff\xff\x00"
IDENTITY = struct.pack(">HHIBB", 0x4C72, 1, 0, 1, 30)
"""Maker SCR, product, serial number, week and year of making."""
NO_DESCRIPTOR = b"\0\0\0\x10" + bytes(14)
BLANK = 160, 30
"""Pixels and lines that are not shown."""
FRAMES = 60


def edid(width: int, height: int, width_mm: int, height_mm: int, *, extensions: int = 0) -> bytes:
    """The first block."""
    told = max(width, height, width_mm, height_mm) < 1 << 12  # there are no more bits
    timing = _timing(width, height, width_mm, height_mm) if told else NO_DESCRIPTOR
    screen = bytes([1, 4, 0xA5, min(round(width_mm / 10), 255), min(round(height_mm / 10), 255), 120, 6])
    block = HEADER + IDENTITY + screen + bytes(10) + bytes(3) + b"\x01" * 16 + timing + NO_DESCRIPTOR * 3 + bytes([extensions])
    return summed(block)


def _timing(width: int, height: int, width_mm: int, height_mm: int) -> bytes:
    """A detailed timing descriptor. The pixel clock is what 60 frames a second take."""
    clock = min((width + BLANK[0]) * (height + BLANK[1]) * FRAMES // 10_000, 0xFFFF)
    return struct.pack(
        "<HBBBBBBBBBBBBBBBB", clock, width & 255, BLANK[0], width >> 8 << 4, height & 255, BLANK[1], height >> 8 << 4,
        48, 32, 0x36, 0, width_mm & 255, height_mm & 255, width_mm >> 8 << 4 | height_mm >> 8, 0, 0, 0x18,
    )  # fmt: skip


def summed(block: bytes) -> bytes:
    """127 bytes and the one that makes their sum zero."""
    assert len(block) == 127
    return block + bytes([-sum(block) & 255])
