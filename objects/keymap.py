"""What the keys of a US keyboard type, as the keyboard map of the Linux console has it. (keymaps(5), console_codes(4))

A key that types one character has a row with what it gives alone, with Shift, and with Ctrl; NOTHING where that types nothing. Function and
cursor keys type escape sequences.
"""

from typing import Final

from objects.keycodes import Key

NOTHING: Final = -1
DEL: Final = 0x7F


class Row:
    """What a key types: plain, with Shift, with Ctrl."""

    def __init__(self, plain: int, shifted: int, control: int, *, letter: bool = False) -> None:
        self.plain = plain
        self.shifted = shifted
        self.control = control
        self.letter = letter
        """Does Caps Lock concern it?"""


LETTERS: Final = b"qwertyuiop\0\0\0\0asdfghjkl\0\0\0\0\0zxcvbnm"
"""From Key.Q on, in the order of the codes."""
TWO_CHARACTERS: Final[dict[int, bytes]] = {
    Key.DIGIT_1: b"1!", Key.DIGIT_2: b"2@", Key.DIGIT_3: b"3#", Key.DIGIT_4: b"4$", Key.DIGIT_5: b"5%", Key.DIGIT_6: b"6^",
    Key.DIGIT_7: b"7&", Key.DIGIT_8: b"8*", Key.DIGIT_9: b"9(", Key.DIGIT_0: b"0)", Key.MINUS: b"-_", Key.EQUAL: b"=+",
    Key.LEFT_BRACE: b"[{", Key.RIGHT_BRACE: b"]}", Key.SEMICOLON: b";:", Key.APOSTROPHE: b"'\"", Key.GRAVE: b"`~", Key.BACKSLASH: b"\\|",
    Key.COMMA: b",<", Key.DOT: b".>", Key.SLASH: b"/?", Key.EXTRA: b"<>",
    Key.SPACE: b"  ", Key.TAB: b"\t\t", Key.ESC: b"\x1b\x1b", Key.BACKSPACE: b"\x7f\x7f",
}  # fmt: skip
CONTROL: Final[dict[int, int]] = {
    Key.DIGIT_2: 0x00, Key.DIGIT_3: 0x1B, Key.DIGIT_4: 0x1C, Key.DIGIT_5: 0x1D, Key.DIGIT_6: 0x1E, Key.DIGIT_7: 0x1F, Key.DIGIT_8: DEL,
    Key.MINUS: 0x1F, Key.LEFT_BRACE: 0x1B, Key.RIGHT_BRACE: 0x1D, Key.APOSTROPHE: 0x07, Key.GRAVE: 0x00, Key.BACKSLASH: 0x1C,
    Key.SLASH: DEL, Key.SPACE: 0x00, Key.BACKSPACE: 0x08,
}  # fmt: skip
"""With Ctrl, beside the letters, which give their place in the alphabet."""

SEQUENCES: Final[dict[int, bytes]] = {
    Key.F1: b"[[A", 60: b"[[B", 61: b"[[C", 62: b"[[D", 63: b"[[E", 64: b"[17~", 65: b"[18~", 66: b"[19~", 67: b"[20~", Key.F10: b"[21~",
    Key.F11: b"[23~", Key.F12: b"[24~", Key.HOME: b"[1~", Key.INSERT: b"[2~", Key.DELETE: b"[3~", Key.END: b"[4~", Key.PAGE_UP: b"[5~",
    Key.PAGE_DOWN: b"[6~", Key.PAUSE: b"[P",
}  # fmt: skip
"""What follows ESC."""
SHIFTED_SEQUENCES: Final[dict[int, bytes]] = {
    Key.F1: b"[25~", 60: b"[26~", 61: b"[28~", 62: b"[29~", 63: b"[31~", 64: b"[32~", 65: b"[33~", 66: b"[34~",
}  # fmt: skip
"""Shift and the first eight function keys count as F13 to F20; with the rest it types nothing."""
CURSOR: Final[dict[int, int]] = {Key.UP: 65, Key.DOWN: 66, Key.RIGHT: 67, Key.LEFT: 68}
"""The letter of each cursor key: ESC [ A, or ESC O A in application mode."""

PAD: Final[dict[int, int]] = {
    Key.PAD_0: 48, Key.PAD_1: 49, Key.PAD_2: 50, Key.PAD_3: 51, Key.PAD_4: 52, Key.PAD_5: 53, Key.PAD_6: 54, Key.PAD_7: 55, Key.PAD_8: 56,
    Key.PAD_9: 57, Key.PAD_PLUS: 43, Key.PAD_MINUS: 45, Key.PAD_ASTERISK: 42, Key.PAD_SLASH: 47, Key.PAD_ENTER: 13, Key.PAD_COMMA: 44,
    Key.PAD_DOT: 46, Key.PAD_EQUAL: 61,
}  # fmt: skip
"""What the keys of the numeric pad type with Num Lock."""
PAD_WITHOUT_LOCK: Final[dict[int, int]] = {
    Key.PAD_0: Key.INSERT, Key.PAD_1: Key.END, Key.PAD_2: Key.DOWN, Key.PAD_3: Key.PAGE_DOWN, Key.PAD_4: Key.LEFT, Key.PAD_6: Key.RIGHT,
    Key.PAD_7: Key.HOME, Key.PAD_8: Key.UP, Key.PAD_9: Key.PAGE_UP, Key.PAD_DOT: Key.DELETE,
}  # fmt: skip
"""Which keys they are without it."""
PAD_APPLICATION: Final[dict[int, int]] = {
    Key.PAD_0: 112, Key.PAD_1: 113, Key.PAD_2: 114, Key.PAD_3: 115, Key.PAD_4: 116, Key.PAD_5: 117, Key.PAD_6: 118, Key.PAD_7: 119,
    Key.PAD_8: 120, Key.PAD_9: 121, Key.PAD_PLUS: 108, Key.PAD_MINUS: 83, Key.PAD_ASTERISK: 82, Key.PAD_SLASH: 81, Key.PAD_ENTER: 77,
    Key.PAD_COMMA: 110, Key.PAD_DOT: 110,
}  # fmt: skip
"""The letter after ESC O in application keypad mode."""


def _rows() -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for index in range(len(LETTERS)):
        letter = LETTERS[index]
        if letter != 0:
            rows[Key.Q + index] = Row(letter, letter - 32, letter - 96, letter=True)
    for key, characters in TWO_CHARACTERS.items():
        rows[key] = Row(characters[0], characters[1], CONTROL.get(key, NOTHING))
    return rows


ROWS: Final = _rows()

# What a PC keyboard sends for a key: the code itself up to 0x53 and for a few above, 0xE0 and another code for the rest. (scancodes, set 1)
EXTENDED: Final[dict[int, int]] = {
    Key.PAD_ENTER: 0x1C, Key.RIGHT_CTRL: 0x1D, Key.PAD_SLASH: 0x35, Key.RIGHT_ALT: 0x38, Key.HOME: 0x47, Key.UP: 0x48, Key.PAGE_UP: 0x49,
    Key.LEFT: 0x4B, Key.RIGHT: 0x4D, Key.END: 0x4F, Key.DOWN: 0x50, Key.PAGE_DOWN: 0x51, Key.INSERT: 0x52, Key.DELETE: 0x53,
    Key.LEFT_META: 0x5B, Key.RIGHT_META: 0x5C, Key.MENU: 0x5D,
}  # fmt: skip


def scancodes(key: int, *, down: bool) -> bytes:
    """The bytes of a key of a PC keyboard; none for a key that such a keyboard has not got."""
    up = 0 if down else 0x80
    if 0 < key <= Key.F12 and key != 84 and key != 85:
        return bytes([key | up])
    extended = EXTENDED.get(key)
    if extended is not None:
        return bytes([0xE0, extended | up])
    if key == Key.PRINT:
        return bytes([0xE0, 0x2A | up, 0xE0, 0x37 | up])
    if key == Key.PAUSE:
        return bytes([0xE1, 0x1D | up, 0x45 | up])
    return b""


def medium_codes(key: int, *, down: bool) -> bytes:
    """The key's own code in one byte, or in three from 128 on; the highest bit of the first says released. (K_MEDIUMRAW)"""
    up = 0 if down else 0x80
    if key < 128:
        return bytes([key | up])
    return bytes([up, key >> 7 | 0x80, key & 0x7F | 0x80])
