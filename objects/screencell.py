"""Cells of a text screen: a character and how it looks, packed into one number; and the pen that characters are written with.

A cell is the character's code point, above it four bits of foreground, four of background, and one for an underline. Colours are numbers of
the palette: black red green yellow blue magenta cyan white, then the same brighter.
"""

from typing import Final

CHARACTER: Final = 0x1FFFFF
LOOK_SHIFT: Final = 21
BACKGROUND_SHIFT: Final = 4
COLOUR: Final = 15
UNDERLINE: Final = 1 << 8
BRIGHT: Final = 8

WHITE: Final = 7
GREEN: Final = 2
BLACK: Final = 0
PLAIN: Final = WHITE | BLACK << BACKGROUND_SHIFT
"""The look of text that nobody has asked anything for."""
SPACE: Final = 32

PALETTE: Final = (
    0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA,
    0x555555, 0xFF5555, 0x55FF55, 0xFFFF55, 0x5555FF, 0xFF55FF, 0x55FFFF, 0xFFFFFF,
)  # fmt: skip
"""0xRRGGBB of each colour."""
CUBE_START: Final = 16
GREY_START: Final = 232
LEVELS: Final = (0, 95, 135, 175, 215, 255)
"""The 256 colours of xterm: the palette, a cube of 6 x 6 x 6, and greys."""


def cell(character: int, look: int) -> int:
    """A character that looks so."""
    return character | look << LOOK_SHIFT


def swapped(look: int) -> int:
    """Foreground and background changed places."""
    return look & UNDERLINE | look >> BACKGROUND_SHIFT & COLOUR | (look & COLOUR) << BACKGROUND_SHIFT


def nearest(red: int, green: int, blue: int) -> int:
    """The colour of the palette that is most like another."""
    best = 0
    least = 1 << 30
    for index in range(len(PALETTE)):
        colour = PALETTE[index]
        distance = (red - (colour >> 16)) ** 2 + (green - (colour >> 8 & 255)) ** 2 + (blue - (colour & 255)) ** 2
        if distance < least:
            least = distance
            best = index
    return best


def nearest_of_256(number: int) -> int:
    """The same for a number of xterm's colours."""
    if number < CUBE_START:
        return number
    if number >= GREY_START:
        level = 8 + 10 * (number - GREY_START)
        return nearest(level, level, level)
    place = number - CUBE_START
    return nearest(LEVELS[place // 36], LEVELS[place // 6 % 6], LEVELS[place % 6])


class Pen:
    """What SGR has set. (console_codes(4), "ECMA-48 Set Graphics Rendition")"""

    def __init__(self) -> None:
        self.default_look = PLAIN
        """Foreground and background of SGR 39, 49 and 0."""
        self.foreground = WHITE
        self.background = BLACK
        self.bold = False
        self.half = False
        self.italic = False
        self.underline = False
        self.blink = False
        self.reverse = False
        self.look = PLAIN
        """All of it together."""

    def copy(self) -> "Pen":
        """A pen like this one."""
        out = Pen()
        out.default_look = self.default_look
        out.foreground = self.foreground
        out.background = self.background
        out.bold = self.bold
        out.half = self.half
        out.italic = self.italic
        out.underline = self.underline
        out.blink = self.blink
        out.reverse = self.reverse
        out.look = self.look
        return out

    def reset(self) -> None:
        """SGR 0"""
        self.foreground = self.default_look & COLOUR
        self.background = self.default_look >> BACKGROUND_SHIFT & COLOUR
        self.bold = False
        self.half = False
        self.italic = False
        self.underline = False
        self.blink = False
        self.reverse = False
        self._mix()

    def make_default(self) -> None:
        """The colours of now are those that a reset goes back to. (ESC [ 8 ])"""
        self.default_look = self.foreground | self.background << BACKGROUND_SHIFT

    def erased(self) -> int:
        """The cell that erasing leaves: the background stays."""
        return cell(SPACE, swapped(self.look) & 0xFF if self.reverse else self.look & 0xFF)

    def _mix(self) -> None:
        foreground = self.foreground
        background = self.background
        if self.italic:
            foreground = GREEN
        elif self.half:
            foreground = BRIGHT
        if self.blink:
            background |= BRIGHT
        if self.reverse:
            foreground, background = background, foreground
        if self.bold:
            foreground |= BRIGHT
        self.look = foreground | background << BACKGROUND_SHIFT | (UNDERLINE if self.underline else 0)

    def apply(self, numbers: list[int]) -> None:
        """The parameters of one SGR sequence."""
        index = 0
        while index < len(numbers):
            number = numbers[index]
            if number == 38 or number == 48:
                index += self._apply_extended(numbers, index)
            else:
                self._apply_one(number)
            index += 1
        self._mix()

    def _apply_one(self, number: int) -> None:
        match number:
            case 0:
                self.reset()
            case 1:
                self.bold = True
                self.half = False
            case 2:
                self.half = True
                self.bold = False
            case 3:
                self.italic = True
            case 4 | 21:
                self.underline = True
            case 5:
                self.blink = True
            case 7:
                self.reverse = True
            case 22:
                self.bold = False
                self.half = False
            case 23:
                self.italic = False
            case 24:
                self.underline = False
            case 25:
                self.blink = False
            case 27:
                self.reverse = False
            case 39:
                self.foreground = self.default_look & COLOUR
            case 49:
                self.background = self.default_look >> BACKGROUND_SHIFT & COLOUR
            case _:
                self._apply_colour(number)

    def _apply_colour(self, number: int) -> None:
        if 30 <= number <= 37:
            self.foreground = number - 30
        elif 40 <= number <= 47:
            self.background = number - 40
        elif 90 <= number <= 97:
            self.foreground = number - 90 + BRIGHT
        elif 100 <= number <= 107:
            self.background = number - 100 + BRIGHT

    def _apply_extended(self, numbers: list[int], index: int) -> int:
        """38 or 48, then 5 and a number of 256, or 2 and red, green, blue: how many numbers beside the first were used."""
        left = len(numbers) - index - 1
        colour = -1
        used = left
        if left >= 2 and numbers[index + 1] == 5:
            colour = nearest_of_256(min(numbers[index + 2], 255))
            used = 2
        elif left >= 4 and numbers[index + 1] == 2:
            colour = nearest(min(numbers[index + 2], 255), min(numbers[index + 3], 255), min(numbers[index + 4], 255))
            used = 4
        if colour >= 0 and numbers[index] == 38:
            self.foreground = colour
        elif colour >= 0:
            self.background = colour
        return used
