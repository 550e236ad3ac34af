"""The language of the text console: UTF-8 and the escape sequences of Linux's console onto a Screen. (console_codes(4))

What a sequence asks of others than the screen - answers to the program, keys that type other sequences - is left in `replies` and told to a
KeyboardState. A sequence that is not known is read to its end and ignored; control characters take effect even in the middle of one.
"""

from enum import IntEnum
from typing import Final

from objects.keyboard import KeyboardState
from objects.screen import Screen
from objects.screencell import PALETTE
from objects.screensequences import Sequences

MOST_NUMBERS: Final = 16
LARGEST_NUMBER: Final = 9999
DELETE: Final = 127
REPEAT: Final = 98
"""REP: the last character once more; it is the parser that knows which that was."""
REPLACEMENT: Final = 0xFFFD
PALETTE_DIGITS: Final = 7
"""ESC ] P: a colour and its red, green, blue, in hexadecimal."""

LINE_DRAWING: Final = (
    0x00A0, 0x25C6, 0x2592, 0x2409, 0x240C, 0x240D, 0x240A, 0x00B0, 0x00B1, 0x2424, 0x240B, 0x2518, 0x2510, 0x250C, 0x2514, 0x253C,
    0x23BA, 0x23BB, 0x2500, 0x23BC, 0x23BD, 0x251C, 0x2524, 0x2534, 0x252C, 0x2502, 0x2264, 0x2265, 0x03C0, 0x2260, 0x00A3, 0x00B7,
)  # fmt: skip
"""What 0x5F to 0x7E are in the line-drawing set of the VT100."""
WIDE: Final[list[tuple[int, int]]] = [
    (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
]  # fmt: skip
WITHOUT_WIDTH: Final[list[tuple[int, int]]] = [(0x0300, 0x036F), (0x200B, 0x200F), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)]


class State(IntEnum):
    """Where in a sequence the parser is."""

    TEXT = 0
    ESCAPE = 1
    NUMBERS = 2
    """Behind ESC [."""
    SYSTEM = 3
    """Behind ESC ]."""
    STRING = 4
    """Until BEL or ESC \\: a command to an operating system that nobody knows."""
    STRING_ESCAPE = 5
    COLOUR = 6
    """The digits of ESC ] P."""
    FIRST_SET = 7
    SECOND_SET = 8
    HASH = 9
    PERCENT = 10
    FUNCTION_KEY = 11
    """Behind ESC [ [: one more character."""


class Parser:
    """What has been read of a stream of bytes for one screen."""

    def __init__(self, screen: Screen, keyboard: KeyboardState) -> None:
        self.screen = screen
        self.keyboard = keyboard
        self.replies = bytearray()
        """What the terminal answers, for whoever reads it."""
        self._sequences = Sequences(screen, keyboard, self.replies)
        self._state = State.TEXT
        self._numbers: list[int] = []
        self._mark = 0
        """The character between ESC [ and the numbers: ?, >, =, or 0."""
        self._code = 0
        self._missing = 0
        """UTF-8: what is there of a character, and how many bytes are not."""
        self._smallest = 0
        self._shifted = False
        """The second character set is in use. (SO)"""
        self._drawing = [False, False]
        """Which of the two sets is line drawing."""
        self._drawing_now = False
        self._digits = bytearray()
        self._last = 32
        """The last character written, for REP."""

    def feed(self, data: bytes) -> None:
        """Read on."""
        screen = self.screen
        if screen.looking_back > 0:
            screen.look_back(-screen.looking_back)
        place = 0
        while place < len(data):
            byte = data[place]
            if self._state is State.TEXT and 32 <= byte < DELETE and not self._drawing_now and self._missing == 0:
                end = place + 1
                while end < len(data) and 32 <= data[end] < DELETE:
                    end += 1
                screen.put_ascii(data, place, end)
                self._last = data[end - 1]
                place = end
                continue
            self._read(byte)
            place += 1

    def _read(self, byte: int) -> None:
        if byte < 32 and self._state is not State.STRING:
            self._control(byte)
            return
        match self._state:
            case State.TEXT:
                self._text(byte)
            case State.ESCAPE:
                self._escape(byte)
            case State.NUMBERS:
                self._number(byte)
            case State.SYSTEM:
                self._system(byte)
            case State.COLOUR:
                self._colour(byte)
            case State.STRING:
                if byte == 27:
                    self._state = State.STRING_ESCAPE
                elif byte == 7 or byte == 24 or byte == 26:
                    self._state = State.TEXT
            case State.STRING_ESCAPE:
                self._state = State.TEXT
                if byte != 92:
                    self._escape(byte)
            case State.FIRST_SET | State.SECOND_SET:
                self._drawing[0 if self._state is State.FIRST_SET else 1] = byte == 48
                self._drawing_now = self._drawing[1 if self._shifted else 0]
                self._state = State.TEXT
            case State.HASH:
                self._state = State.TEXT
                if byte == 56:
                    self.screen.fill(69)
            case _:
                self._state = State.TEXT

    def _control(self, byte: int) -> None:
        screen = self.screen
        match byte:
            case 8:
                screen.back_space()
            case 9:
                screen.tab()
            case 10 | 11 | 12:
                screen.line_feed()
                if self.keyboard.new_line:
                    screen.carriage_return()
            case 13:
                screen.carriage_return()
            case 14 | 15:
                self._shifted = byte == 14
                self._drawing_now = self._drawing[1 if self._shifted else 0]
            case 24 | 26:
                self._state = State.TEXT
            case 27:
                self._state = State.ESCAPE
            case _:
                pass  # the bell, too: there is nothing to ring

    # --- characters ---

    def _text(self, byte: int) -> None:
        if byte < 0x80:
            self._cut_short()
            if byte != DELETE:
                self._write(LINE_DRAWING[byte - 0x5F] if self._drawing_now and byte >= 0x5F else byte)
        elif byte < 0xC0:
            if self._missing == 0:
                self._write(REPLACEMENT)
                return
            self._code = self._code << 6 | byte & 0x3F
            self._missing -= 1
            if self._missing == 0:
                self._write(self._code if self._is_character() else REPLACEMENT)
        else:
            self._cut_short()
            self._begin(byte)

    def _begin(self, byte: int) -> None:
        """The first byte of a character of several."""
        if 0xC2 <= byte < 0xE0:
            self._code = byte & 0x1F
            self._missing = 1
            self._smallest = 0x80
        elif 0xE0 <= byte < 0xF0:
            self._code = byte & 0x0F
            self._missing = 2
            self._smallest = 0x800
        elif 0xF0 <= byte < 0xF5:
            self._code = byte & 0x07
            self._missing = 3
            self._smallest = 0x10000
        else:
            self._write(REPLACEMENT)

    def _is_character(self) -> bool:
        return self._smallest <= self._code <= 0x10FFFF and not 0xD800 <= self._code < 0xE000

    def _cut_short(self) -> None:
        """A character ended before its end."""
        if self._missing > 0:
            self._missing = 0
            self._write(REPLACEMENT)

    def _write(self, code: int) -> None:
        if code >= 0x0300 and _within(code, WITHOUT_WIDTH) or 0x80 <= code < 0xA0:
            return
        self._last = code
        self.screen.put(code, 2 if code >= 0x1100 and self.screen.columns > 1 and _within(code, WIDE) else 1)

    # --- ESC and one character ---

    def _escape(self, byte: int) -> None:
        screen = self.screen
        self._state = State.TEXT
        match byte:
            case 91:
                self._numbers = []
                self._mark = 0
                self._state = State.NUMBERS
            case 93:
                self._state = State.SYSTEM
            case 80 | 88 | 94 | 95:  # DCS SOS PM APC: P X ^ _
                self._state = State.STRING
            case 40:
                self._state = State.FIRST_SET
            case 41:
                self._state = State.SECOND_SET
            case 35:
                self._state = State.HASH
            case 37:
                self._state = State.PERCENT
            case 55:
                screen.save()
            case 56:
                screen.restore()
            case 61 | 62:
                self.keyboard.application_keypad = byte == 61
            case 68:
                screen.line_feed()
            case 69:
                screen.carriage_return()
                screen.line_feed()
            case 72:
                screen.set_tab()
            case 77:
                screen.reverse_line_feed()
            case 90:
                self._sequences.identify()
            case 99:
                self._reset()
            case _:
                pass

    def _reset(self) -> None:
        self.screen.reset()
        self.keyboard.reset()
        self._shifted = False
        self._drawing = [False, False]
        self._drawing_now = False

    def _system(self, byte: int) -> None:
        """ESC ] P and seven digits sets a colour, ESC ] R all of them to what they were; the rest is a string with an end."""
        match byte:
            case 80:
                self._digits.clear()
                self._state = State.COLOUR
            case 82:
                self.screen.palette = list(PALETTE)
                self.screen.touch_all()
                self._state = State.TEXT
            case _:
                self._state = State.STRING

    def _colour(self, byte: int) -> None:
        if not (48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102):
            self._state = State.TEXT
            return
        self._digits.append(byte - 48 if byte <= 57 else (byte & 0xDF) - 55)
        if len(self._digits) == PALETTE_DIGITS:
            value = 0
            for digit in self._digits[1:]:
                value = value << 4 | digit
            self.screen.palette[self._digits[0]] = value
            self.screen.touch_all()
            self._state = State.TEXT

    # --- ESC [ numbers and one character ---

    def _number(self, byte: int) -> None:
        if 48 <= byte <= 57:
            if len(self._numbers) == 0:
                self._numbers.append(0)
            self._numbers[-1] = min(self._numbers[-1] * 10 + byte - 48, LARGEST_NUMBER)
        elif byte == 59 or byte == 58:
            if len(self._numbers) == 0:
                self._numbers.append(0)
            if len(self._numbers) < MOST_NUMBERS:
                self._numbers.append(0)
        elif 60 <= byte <= 63:
            self._mark = byte
        elif byte == 91 and len(self._numbers) == 0:
            self._state = State.FUNCTION_KEY
        elif byte < 0x40:
            self._mark = byte  # an intermediate character: a sequence that is not known here
        else:
            self._state = State.TEXT
            if self._mark == 0 and byte == REPEAT:
                count = self._numbers[0] if len(self._numbers) > 0 else 1
                for _ in range(min(max(count, 1), self.screen.columns * self.screen.rows)):
                    self._write(self._last)
            else:
                self._sequences.carry_out(self._mark, byte, self._numbers)


def _within(code: int, ranges: list[tuple[int, int]]) -> bool:
    for first, last in ranges:
        if first <= code <= last:
            return True
    return False
