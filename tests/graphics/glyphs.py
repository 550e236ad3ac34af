"""Reads text off a picture: every cell is compared with every glyph of the font."""

from collections.abc import Callable
from functools import cache

from objects import screenfont

Pixel = Callable[[int, int], int]
"""0xRRGGBB of the pixel at x, y."""


@cache
def patterns() -> dict[bytes, str]:
    """The characters, by the sixteen bytes of their pictures; the first of those that look alike."""
    out: dict[bytes, str] = {}
    number = 0
    for first, last in screenfont.RANGES:
        for code in range(first, last + 1):
            rows = screenfont.GLYPHS[number * screenfont.HEIGHT : (number + 1) * screenfont.HEIGHT]
            out.setdefault(rows, chr(code))
            number += 1
    return out


def character(pixel: Pixel, x: int, y: int) -> tuple[str, int, int]:
    """The character in the cell whose corner is at x, y, its foreground and its background; ? when it is no glyph's picture.

    A picture and its negative cannot both be glyphs: where both are, the one whose background is darker."""
    rows = [[pixel(x + column, y + row) for column in range(screenfont.WIDTH)] for row in range(screenfont.HEIGHT)]
    colours = sorted({colour for row in rows for colour in row})
    if len(colours) == 1:
        return " ", colours[0], colours[0]
    if len(colours) > 2:
        return "?", colours[1], colours[0]
    for background, foreground in (colours, colours[::-1]):
        shape = bytes(sum(0x80 >> column for column, colour in enumerate(row) if colour == foreground) for row in rows)
        if shape in patterns():
            return patterns()[shape], foreground, background
    return "?", colours[1], colours[0]


def line(pixel: Pixel, row: int, columns: int) -> str:
    """The text of one line, without the spaces at its end."""
    return "".join(character(pixel, column * screenfont.WIDTH, row * screenfont.HEIGHT)[0] for column in range(columns)).rstrip()


def text(pixel: Pixel, size: tuple[int, int]) -> list[str]:
    """All lines."""
    columns, rows = size[0] // screenfont.WIDTH, size[1] // screenfont.HEIGHT
    return [line(pixel, row, columns) for row in range(rows)]
