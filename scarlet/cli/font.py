"""`python -m scarlet.cli.font`: makes objects/screenfont.py, the font of the text console, of the pictures in objects/screenfont.txt.

What need not be drawn is computed: letters with accents from letter and accent, box drawing from the names that Unicode gives the
characters, block elements from their fractions.
"""

import re
import unicodedata
from collections.abc import Iterator

from scarlet.cli.paths import ROOT

SOURCE = ROOT / "objects/screenfont.txt"
TARGET = ROOT / "objects/screenfont.py"
WIDTH, HEIGHT = 8, 16
SKELETON = 6
"""Pictures of up to so many columns are drawn with a pen of two pixels."""
ACCENTED = [*range(0xC0, 0x180)]
TALL = "bdfhklıt"
"""Small letters that leave no room above: an accent goes over them as over capitals."""

Glyph = list[int]
"""Sixteen rows; the highest bit is the leftmost pixel."""


def picture(rows: list[str], first: int) -> Glyph:
    """What is drawn, in a cell."""
    out = [0] * HEIGHT
    thin = max(map(len, rows)) <= SKELETON
    for index, row in enumerate(rows):
        bits = int(row.replace(".", "0").replace("#", "1").ljust(WIDTH, "0"), 2)
        out[first + index] = bits | bits >> 1 if thin else bits
    return out


def drawn(text: str) -> dict[str, Glyph]:
    """The pictures of the source."""
    out: dict[str, Glyph] = {}
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        header = re.fullmatch(r"(.) (\d+)", lines[0])
        if header is not None:
            out[header[1]] = picture(lines[1:], int(header[2]))
    return out


def accented(glyphs: dict[str, Glyph]) -> Iterator[tuple[str, Glyph]]:
    """Letters that are a letter and an accent, if both are there."""
    for code in ACCENTED:
        parts = unicodedata.normalize("NFD", chr(code))
        letter, accents = parts[0], parts[1:]
        if len(accents) != 1 or accents[0] not in glyphs or letter not in glyphs:
            continue
        base = glyphs["ı" if letter == "i" else letter]
        accent = glyphs[accents[0]]
        if letter.islower() and letter not in TALL.replace("ı", "") and not any(accent[8:]):
            accent = [0, 0, *accent[:14]]
        yield chr(code), [upper | lower for upper, lower in zip(base, accent, strict=True)]


# --- box drawing --------------------------------------------------------------------------------------------------------------

ARMS = ("UP", "DOWN", "LEFT", "RIGHT")
LIGHT, HEAVY, DOUBLE = 1, 2, 3
WEIGHTS = {"LIGHT": LIGHT, "SINGLE": LIGHT, "HEAVY": HEAVY, "DOUBLE": DOUBLE, "ARC": LIGHT}
COLUMNS = {LIGHT: [(3, 4)], HEAVY: [(2, 5)], DOUBLE: [(2, 2), (5, 5)]}
ROWS = {LIGHT: [(7, 7)], HEAVY: [(6, 8)], DOUBLE: [(6, 6), (9, 9)]}
"""Where the strokes of a line are: first and last column of a vertical one, row of a horizontal one."""


def weights(name: str) -> dict[str, int] | None:
    """The weight of each arm, from the character's name; None for what is not made of four arms."""
    words = name.removeprefix("BOX DRAWINGS ").replace("VERTICAL", "UP AND DOWN").replace("HORIZONTAL", "LEFT AND RIGHT").split()
    if "DIAGONAL" in words or "DASH" in words:
        return None
    out: dict[str, int] = {}
    weight = 0
    waiting: list[str] = []
    for word in words:
        if word in WEIGHTS:
            weight = WEIGHTS[word]
            for arm in waiting:  # "DOWN LIGHT", "VERTICAL SINGLE": the weight follows
                out[arm] = weight
            waiting = []
        elif word in ARMS:
            out[word] = weight
            waiting.append(word)
    first = next((WEIGHTS[word] for word in words if word in WEIGHTS), LIGHT)
    return {arm: weight or first for arm, weight in out.items()}


def box(arms: dict[str, int]) -> Glyph:
    """A character made of lines from its middle to its edges."""
    out = [0] * HEIGHT
    across = max(arms.get("UP", 0), arms.get("DOWN", 0))
    along = max(arms.get("LEFT", 0), arms.get("RIGHT", 0))
    for arm, weight in arms.items():
        lying = arm in ("LEFT", "RIGHT")
        strokes = ROWS[weight] if lying else COLUMNS[weight]
        crossing = (COLUMNS if lying else ROWS).get(across if lying else along, [(3, 4)] if lying else [(7, 7)])
        for first, last in strokes:
            sides = ("UP", "DOWN") if lying else ("LEFT", "RIGHT")
            meets = weight == DOUBLE and arms.get(sides[0 if (first, last) == strokes[0] else 1], 0)
            toward_end = arm in ("RIGHT", "DOWN")
            near, far = (crossing[-1], crossing[0]) if toward_end else (crossing[0], crossing[-1])
            begin = (near if meets else far)[0 if toward_end else 1]
            span = range(begin, WIDTH if lying else HEIGHT) if toward_end else range(begin + 1)
            for place in span:
                for other in range(first, last + 1):
                    x, y = (place, other) if lying else (other, place)
                    out[y] |= 0x80 >> x
    return out


def boxes() -> Iterator[tuple[str, Glyph]]:
    for code in range(0x2500, 0x2580):
        arms = weights(unicodedata.name(chr(code)))
        if arms is not None:
            yield chr(code), box(arms)


# --- blocks -------------------------------------------------------------------------------------------------------------------


def area(left: int, top: int, right: int, bottom: int) -> Glyph:
    """A rectangle."""
    bits = 0xFF >> left & ~(0xFF >> right)
    return [bits if top <= row < bottom else 0 for row in range(HEIGHT)]


def blocks() -> Iterator[tuple[str, Glyph]]:
    """Block elements, and the scan lines of the DEC terminals."""
    yield "▀", area(0, 0, 8, 8)
    for eighths in range(1, 9):
        yield chr(0x2580 + eighths), area(0, 16 - 2 * eighths, 8, 16)
        yield chr(0x2590 - eighths), area(0, 0, eighths, 16)
    yield "█", area(0, 0, 8, 16)
    yield "▐", area(4, 0, 8, 16)
    for shade, pattern in (("░", (0x88, 0x22)), ("▒", (0xAA, 0x55)), ("▓", (0x77, 0xDD))):
        yield shade, [pattern[row % 2] for row in range(HEIGHT)]
    yield "▔", area(0, 0, 8, 2)
    yield "▕", area(7, 0, 8, 16)
    quarters = {1: area(0, 0, 4, 8), 2: area(4, 0, 8, 8), 4: area(0, 8, 4, 16), 8: area(4, 8, 8, 16)}
    for character, mask in zip("▖▗▘▙▚▛▜▝▞▟", (4, 8, 1, 13, 9, 7, 11, 2, 6, 14), strict=True):
        yield character, [sum(quarters[bit][row] for bit in quarters if mask & bit) for row in range(HEIGHT)]
    for line, row in zip("⎺⎻⎼⎽", (1, 4, 10, 13), strict=True):
        yield line, area(0, row, 8, row + 1)


# --- the module ---------------------------------------------------------------------------------------------------------------

HEAD = '''"""The font of the text console: 8 by 16 pixels a character. Made by `python -m scarlet.cli.font` of screenfont.txt: edit that.

GLYPHS has 16 bytes a glyph, a byte a row, the leftmost pixel its highest bit. RANGES says which characters they are, in order.
"""

from typing import Final

WIDTH: Final = 8
HEIGHT: Final = 16
'''
TAIL = '''

def glyph(code: int) -> int:
    """The number of a character's glyph; that of the replacement character when it has none."""
    if FIRST <= code <= LAST:
        return code - FIRST
    number = 0
    for first, last in RANGES:
        if code <= last:
            return number + code - first if code >= first else REPLACEMENT
        number += last - first + 1
    return REPLACEMENT
'''


def glyphs() -> dict[str, Glyph]:
    """Every character of the font."""
    own = drawn(SOURCE.read_text())
    out = {" ": [0] * HEIGHT, "\xa0": [0] * HEIGHT, "\xad": own["-"]}
    out |= dict(accented(own)) | dict(boxes()) | dict(blocks()) | own
    return {character: out[character] for character in sorted(out) if not unicodedata.combining(character)}


def module() -> str:
    """The text of the module."""
    font = glyphs()
    codes = [ord(character) for character in font]
    ranges: list[tuple[int, int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    lines = [HEAD, f"FIRST: Final = {ranges[0][0]}", f"LAST: Final = {ranges[0][1]}", f"REPLACEMENT: Final = {codes.index(0xFFFD)}"]
    lines += ["RANGES: Final[list[tuple[int, int]]] = ["]
    lines += [f"    (0x{first:04X}, 0x{last:04X})," for first, last in ranges]
    lines += ["]", "GLYPHS: Final = ("]
    for rows in font.values():
        lines.append('    b"' + "".join(f"\\x{row:02x}" for row in rows) + '"')
    return "\n".join(lines) + "\n)\n" + TAIL


if __name__ == "__main__":
    TARGET.write_text(module())
