"""The text screen and its escape sequences: what is written, and what stands there then. (console_codes(4))"""

import random

import pytest

from objects.keyboard import KeyboardState
from objects.screen import HISTORY_LINES, Screen
from objects.screencell import BACKGROUND_SHIFT, CHARACTER, COLOUR, LOOK_SHIFT, PALETTE, UNDERLINE, nearest_of_256
from objects.screenparser import Parser


class Console:
    """A screen of ten by five, and a parser."""

    def __init__(self, columns: int = 10, rows: int = 5) -> None:
        self.screen = Screen(columns, rows)
        self.keyboard = KeyboardState()
        self.parser = Parser(self.screen, self.keyboard)

    def write(self, text: str | bytes) -> "Console":
        self.parser.feed(text.encode() if isinstance(text, str) else text)
        return self

    @property
    def lines(self) -> list[str]:
        return ["".join(chr(cell & CHARACTER) for cell in line).rstrip() for line in self.screen.lines]

    @property
    def text(self) -> str:
        return "|".join(self.lines).rstrip("|")

    @property
    def cursor(self) -> tuple[int, int]:
        return self.screen.x, self.screen.y

    def look(self, x: int, y: int = 0) -> tuple[int, int, bool]:
        """Foreground, background, underline."""
        look = self.screen.lines[y][x] >> LOOK_SHIFT
        return look & COLOUR, look >> BACKGROUND_SHIFT & COLOUR, bool(look & UNDERLINE)


FIVE = "one\r\ntwo\r\nthree\r\nfour\r\nfive"


@pytest.mark.parametrize(
    ("written", "text", "cursor"),
    [
        ("hello", "hello", (5, 0)),
        ("hello\r\nworld", "hello|world", (5, 1)),
        ("a\nb", "a| b", (2, 1)),
        ("0123456789", "0123456789", (9, 0)),
        ("0123456789x", "0123456789|x", (1, 1)),
        ("0123456789\rx", "x123456789", (1, 0)),
        ("0123456789\bx", "01234567x9", (9, 0)),
        ("\x1b[?7l0123456789xyz", "012345678z", (9, 0)),
        ("a\tb", "a       b", (9, 0)),
        ("\t\t\tb", "         b", (9, 0)),
        ("abc\b\bX", "aXc", (2, 0)),
        (FIVE + "\r\nsix", "two|three|four|five|six", (3, 4)),
        ("\x1b[3;4HX", "||   X", (4, 2)),
        ("\x1b[99;99HX", "||||         X", (9, 4)),
        ("\x1b[3;4H\x1b[AX", "|   X", (4, 1)),
        ("\x1b[3;4H\x1b[2BX", "||||   X", (4, 4)),
        ("\x1b[3;4H\x1b[2CX", "||     X", (6, 2)),
        ("\x1b[3;4H\x1b[2DX", "|| X", (2, 2)),
        ("\x1b[3;4H\x1b[EX", "|||X", (1, 3)),
        ("\x1b[3;4H\x1b[FX", "|X", (1, 1)),
        ("abc\x1b[8GX", "abc    X", (8, 0)),
        ("abc\x1b[3dX", "abc||   X", (4, 2)),
        (FIVE + "\x1b[3;3H\x1b[J", "one|two|th", (2, 2)),
        (FIVE + "\x1b[3;3H\x1b[1J", "||   ee|four|five", (2, 2)),
        (FIVE + "\x1b[3;3H\x1b[2J", "", (2, 2)),
        ("abcdef\x1b[1;3H\x1b[K", "ab", (2, 0)),
        ("abcdef\x1b[1;3H\x1b[1K", "   def", (2, 0)),
        ("abcdef\x1b[1;3H\x1b[2K", "", (2, 0)),
        ("abcdef\x1b[1;3H\x1b[2X", "ab  ef", (2, 0)),
        ("abcdef\x1b[1;3H\x1b[2P", "abef", (2, 0)),
        ("abcdef\x1b[1;3H\x1b[2@", "ab  cdef", (2, 0)),
        ("abcdef\x1b[1;3H\x1b[4hX\x1b[4lY", "abXYdef", (4, 0)),
        (FIVE + "\x1b[2;2H\x1b[2L", "one|||two|three", (0, 1)),
        (FIVE + "\x1b[2;2H\x1b[2M", "one|four|five", (0, 1)),
        (FIVE + "\x1b[S", "two|three|four|five", (4, 4)),
        (FIVE + "\x1b[2T", "||one|two|three", (4, 4)),
        (FIVE + "\x1b[2;4r\x1b[4;1H\nx", "one|three|four|x|five", (1, 3)),
        (FIVE + "\x1b[2;4r\x1b[2;1H\x1bMx", "one|x|two|three|five", (1, 1)),
        (FIVE + "\x1b[2;4r\x1b[?6h\x1b[1;1HX\x1b[9;1HY", "one|Xwo|three|Your|five", (1, 3)),
        (FIVE + "\x1b[2;4r\x1b[r\x1b[5;1H\n", "two|three|four|five", (0, 4)),
        ("ab\x1b7\x1b[3;3Hx\x1b8c", "abc||  x", (3, 0)),
        ("ab\x1b[s\x1b[3;3Hx\x1b[uc", "abc||  x", (3, 0)),
        ("ab\x1bDc\x1bEd", "ab|  c|d", (1, 2)),
        ("\x1b[3g\x1b[1;4H\x1bH\r\tx", "   x", (4, 0)),
        ("ab\x1bcX", "X", (1, 0)),
        ("\x1b#8\x1b[2;1Hx", "EEEEEEEEEE|xEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE", (1, 1)),
        ("ab\x1b[3b", "abbbb", (5, 0)),
        ("\x1b(0lqqk\x1b(Bx", "┌──┐x", (5, 0)),
        ("\x1b)0\x0ex\x0fx", "│x", (2, 0)),
        ("Grüße ─ 中!", "Grüße ─ 中|!", (1, 1)),
        ("中x", "中 x", (3, 0)),
        ("e\u0301x", "ex", (2, 0)),
        ("\a\0ab\x7f", "ab", (2, 0)),
        ("a\x1b[1\n;2Hb", "ab", (2, 0)),
        ("a\x1b[\x18b", "ab", (2, 0)),
        ("\x1b]0;title\ab\x1bP1;2|x\x1b\\c", "bc", (2, 0)),
        ("\x1b]0;title\x1b\\b", "b", (1, 0)),
        ("\x1b[>1;2cx\x1b[=1hx\x1b[?1049hx\x1b[1 qx\x1b[[Ax", "xxxxx", (5, 0)),
        ("\x1b[20ha\nb", "a|b", (1, 1)),
    ],
)
def test_what_is_written_stands_there(written: str, text: str, cursor: tuple[int, int]) -> None:
    console = Console().write(written)
    assert console.text == text
    assert console.cursor == cursor


def test_it_does_not_matter_how_the_bytes_arrive() -> None:
    stream = (FIVE + "\x1b[2;3HÄ中\x1b[1;31;44mx\x1b[m\x1b(0q\x1b(B\x1b[2Lend" * 3).encode()
    whole = Console().write(stream)
    chopped = Console()
    for byte in stream:
        chopped.write(bytes([byte]))
    assert whole.screen.lines == chopped.screen.lines
    assert whole.cursor == chopped.cursor


@pytest.mark.parametrize(
    ("broken", "text"),
    [(b"\xc3(", "�("), (b"\x80x", "�x"), (b"\xe2\x82x", "�x"), (b"\xc0\xafx", "��x"), (b"\xed\xa0\x80x", "�x"), (b"\xf8x", "�x")],
)
def test_broken_utf8(broken: bytes, text: str) -> None:
    assert Console().write(broken).text == text


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        ("", (7, 0, False)), ("31", (1, 0, False)), ("1;31", (9, 0, False)), ("31;1;22", (1, 0, False)), ("44", (7, 4, False)),
        ("7", (0, 7, False)), ("7;31", (0, 1, False)), ("7;27", (7, 0, False)), ("4", (7, 0, True)), ("4;24", (7, 0, False)),
        ("91;104", (9, 12, False)), ("5", (7, 8, False)), ("2", (8, 0, False)), ("3", (2, 0, False)), ("31;39", (7, 0, False)),
        ("38;5;1", (1, 0, False)), ("38;5;203", (9, 0, False)), ("48;5;21", (7, 4, False)), ("38;2;255;255;85", (11, 0, False)),
        ("38;5;1;4", (1, 0, True)), ("38;5;232", (0, 0, False)), ("38:5:2", (2, 0, False)), ("38;5", (7, 0, False)),
        ("31;0", (7, 0, False)),
    ],
)  # fmt: skip
def test_colours(codes: str, look: tuple[int, int, bool]) -> None:
    assert Console().write(f"\x1b[{codes}mx").look(0) == look


def test_each_of_the_sixteen_colours_is_itself() -> None:
    assert [nearest_of_256(number) for number in range(len(PALETTE))] == list(range(16))


def test_erasing_keeps_the_background() -> None:
    console = Console().write("\x1b[44mab\x1b[K")
    assert console.look(9) == (7, 4, False)
    console.write("\x1b[m\x1b[2J")
    assert console.look(9) == (7, 0, False)


def test_a_palette_of_ones_own() -> None:
    console = Console().write("\x1b]P1123456x")
    assert console.screen.palette[1] == 0x123456
    assert console.text == "x"
    assert console.write("\x1b]R").screen.palette[1] == 0xAA0000


@pytest.mark.parametrize(
    ("asked", "answer"),
    [("\x1b[c", b"\x1b[?6c"), ("\x1bZ", b"\x1b[?6c"), ("\x1b[5n", b"\x1b[0n"), ("\x1b[3;4H\x1b[6n", b"\x1b[3;4R"), ("\x1b[>c", b"")],
)
def test_questions_are_answered(asked: str, answer: bytes) -> None:
    assert bytes(Console().write(asked).parser.replies) == answer


def test_modes_of_the_keyboard() -> None:
    console = Console().write("\x1b[?1h\x1b=\x1b[20h\x1b[?8l")
    keyboard = console.keyboard
    assert (keyboard.application_cursor, keyboard.application_keypad, keyboard.new_line, keyboard.repeats) == (True, True, True, False)
    console.write("\x1bc")
    assert (keyboard.application_cursor, keyboard.application_keypad, keyboard.new_line, keyboard.repeats) == (False, False, False, True)


def test_looking_back() -> None:
    console = Console().write("\r\n".join(str(number) for number in range(20)))

    def seen() -> list[str]:
        return ["".join(chr(cell & CHARACTER) for cell in console.screen.visible(row)).rstrip() for row in range(5)]

    assert seen() == ["15", "16", "17", "18", "19"]
    console.screen.look_back(3)
    assert seen() == ["12", "13", "14", "15", "16"]
    console.screen.look_back(100)
    assert seen() == ["10", "11", "12", "13", "14"], "a screenful"
    console.write("\r\nx")
    assert seen() == ["16", "17", "18", "19", "x"], "new text is seen"
    console.write("\r\n" * (2 * HISTORY_LINES))
    assert len(console.screen.history) == HISTORY_LINES
    console.write("\x1b[3J")
    assert not console.screen.history


def test_resizing_keeps_the_text_around_the_cursor() -> None:
    console = Console().write(FIVE)
    console.screen.resize(4, 3)
    assert console.text == "thre|four|five"
    assert console.cursor == (3, 2)
    console.screen.resize(12, 6)
    assert console.write("!").text == "thre|four|fiv!"
    console.screen.look_back(2)
    assert len(console.screen.visible(0)) == 12


def test_any_bytes_leave_a_sound_screen() -> None:
    """Whatever is written, the grid keeps its shape and the cursor is in it."""
    chance = random.Random(7)
    alphabet = [b"\x1b[", b"\x1b", b";", b"?", b"\n", b"\r", b"\x1b(0", b"\xe4\xb8\xad", b"\xff", b"x" * 12]
    alphabet += [bytes([byte]) for byte in range(0x30, 0x7F)] + [str(number).encode() for number in (0, 1, 2, 3, 5, 9, 9999, 10**20)]
    for _round in range(300):
        console = Console()
        for _step in range(40):
            console.write(b"".join(chance.choices(alphabet, k=chance.randrange(1, 8))))
            screen = console.screen
            assert len(screen.lines) == screen.rows and all(len(line) == screen.columns for line in screen.lines)
            assert 0 <= screen.x < screen.columns and 0 <= screen.y < screen.rows
            assert 0 <= screen.top < screen.bottom <= screen.rows
