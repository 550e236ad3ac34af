"""Pictures: what QEMU's screendump writes (PPM), and what people want to look at (PNG).

Source: ppm(5); Portable Network Graphics specification, 5 "Datastream structure", 9 "Filtering".
"""

import re
import struct
import zlib
from dataclasses import dataclass

from scarlet.cli.errors import UserError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR = 2
"""Colour type: red, green, blue."""
AS_ABOVE = 2
"""Filter: the difference from the row above."""


@dataclass(frozen=True)
class Picture:
    """Rows from the top, three bytes a pixel."""

    width: int
    height: int
    pixels: bytes

    def row(self, y: int) -> bytes:
        return self.pixels[y * self.width * 3 : (y + 1) * self.width * 3]

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        at = (y * self.width + x) * 3
        return self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]

    def part(self, left: int, top: int, width: int, height: int) -> "Picture":
        """A rectangle of it."""
        rows = (self.row(y)[left * 3 : (left + width) * 3] for y in range(top, top + height))
        return Picture(width, height, b"".join(rows))

    def every(self, step: int) -> "Picture":
        """Every so many pixels in both directions: what was magnified by that factor, as it was."""
        rows = []
        for y in range(0, self.height, step):
            row = self.row(y)
            small = bytearray(len(row) // 3 // step * 3)
            for colour in range(3):
                small[colour::3] = row[colour :: 3 * step][: len(small) // 3]
            rows.append(bytes(small))
        return Picture(len(rows[0]) // 3, len(rows), b"".join(rows))


def read_ppm(data: bytes) -> Picture:
    """A PPM file with 256 values a colour, as QEMU writes it: it fills its rows up to a multiple of four bytes (7.2), which no PPM has."""
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if header is None:
        raise UserError("QEMU's picture of the screen is not one")
    width, height = int(header[1]), int(header[2])
    pixels = data[header.end() :]
    stride = len(pixels) // height if height else 0
    if stride * height != len(pixels) or stride not in (width * 3, (width * 3 + 3) // 4 * 4):
        raise UserError("QEMU's picture of the screen has not got the size that it says")
    if stride != width * 3:
        pixels = b"".join(pixels[at : at + width * 3] for at in range(0, len(pixels), stride))
    return Picture(width, height, pixels)


def png(picture: Picture) -> bytes:
    """The picture as a PNG file. A row that is the one above it is stored as no difference."""
    rows = []
    above = b""
    for y in range(picture.height):
        row = picture.row(y)
        rows.append(bytes([AS_ABOVE]) + bytes(len(row)) if row == above else b"\0" + row)
        above = row
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, COLOUR, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
