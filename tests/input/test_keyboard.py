"""Keys to text: what the Linux console's keyboard map gives, in every mode; locks and lights; keys meant for the terminals."""

import pytest

from objects.input import InputDevice
from objects.inputcodes import LED_CAPS_LOCK, LED_NUM_LOCK, EventType
from objects.inputevent import InputEvent
from objects.keyboard import Keyboard, KeyboardClient, KeyboardMode, Lock, Special
from objects.keycodes import Key


class Board(InputDevice):
    """A keyboard that remembers what was sent to it."""

    def __init__(self) -> None:
        super().__init__(b"board")
        self.can(EventType.KEY, b"\xfe" + b"\xff" * 15)
        self.can(EventType.LED, b"\x07")
        self.sent: list[tuple[int, int]] = []

    def output(self, event: InputEvent) -> None:
        self.sent.append((event.code, event.value))

    def key(self, code: int, value: int) -> None:
        self.report(EventType.KEY, code, value)
        self.report(EventType.SYN, 0, 0)

    def press(self, *codes: int) -> None:
        for code in codes:
            self.key(code, 1)
        for code in reversed(codes):
            self.key(code, 0)


class Terminal(KeyboardClient):
    def __init__(self) -> None:
        super().__init__()
        self.text = b""
        self.actions: list[tuple[Special, int]] = []

    def typed(self, data: bytes) -> None:
        self.text += data

    def special(self, action: Special, argument: int) -> None:
        self.actions.append((action, argument))


class Desk:
    """A keyboard at a terminal."""

    def __init__(self) -> None:
        self.keyboard = Keyboard()
        self.board = Board()
        self.terminal = Terminal()
        self.keyboard.watch(self.board)
        self.keyboard.attach(self.terminal)

    def type(self, *codes: int) -> bytes:
        """What one chord types."""
        self.terminal.text = b""
        self.board.press(*codes)
        return self.terminal.text


@pytest.fixture
def desk() -> Desk:
    return Desk()


SHIFT, CTRL, ALT = Key.LEFT_SHIFT, Key.RIGHT_CTRL, Key.LEFT_ALT


@pytest.mark.parametrize(
    ("chord", "text"),
    [
        ((Key.A,), b"a"),
        ((SHIFT, Key.A), b"A"),
        ((Key.RIGHT_SHIFT, Key.DIGIT_2), b"@"),
        ((SHIFT, Key.SLASH), b"?"),
        ((Key.APOSTROPHE,), b"'"),
        ((Key.P,), b"p"),
        ((Key.Z,), b"z"),
        ((CTRL, Key.C), b"\x03"),
        ((Key.LEFT_CTRL, Key.D), b"\x04"),
        ((CTRL, SHIFT, Key.C), b"\x03"),
        ((CTRL, Key.LEFT_BRACE), b"\x1b"),
        ((CTRL, Key.BACKSLASH), b"\x1c"),
        ((CTRL, Key.SPACE), b"\0"),
        ((CTRL, Key.COMMA), b""),
        ((ALT, Key.X), b"\x1bx"),
        ((ALT, SHIFT, Key.X), b"\x1bX"),
        ((ALT, CTRL, Key.X), b"\x1b\x18"),
        ((Key.ENTER,), b"\r"),
        ((Key.TAB,), b"\t"),
        ((Key.BACKSPACE,), b"\x7f"),
        ((CTRL, Key.BACKSPACE), b"\x08"),
        ((Key.ESC,), b"\x1b"),
        ((Key.UP,), b"\x1b[A"),
        ((Key.LEFT,), b"\x1b[D"),
        ((Key.HOME,), b"\x1b[1~"),
        ((Key.DELETE,), b"\x1b[3~"),
        ((Key.PAGE_DOWN,), b"\x1b[6~"),
        ((Key.F1,), b"\x1b[[A"),
        ((Key.F1 + 4,), b"\x1b[[E"),
        ((Key.F1 + 5,), b"\x1b[17~"),
        ((Key.F12,), b"\x1b[24~"),
        ((SHIFT, Key.F1), b"\x1b[25~"),
        ((SHIFT, Key.F12), b""),
        ((Key.PAD_8,), b"\x1b[A"),
        ((Key.PAD_PLUS,), b"+"),
        ((Key.PAD_ENTER,), b"\r"),
        ((Key.LEFT_META,), b""),
    ],
)
def test_a_chord_types_what_it_types_on_the_linux_console(desk: Desk, chord: tuple[int, ...], text: bytes) -> None:
    assert desk.type(*chord) == text


def test_caps_lock_concerns_letters_and_lights_up(desk: Desk) -> None:
    desk.board.press(Key.CAPS_LOCK)
    assert desk.board.is_on(EventType.LED, LED_CAPS_LOCK)
    assert desk.type(Key.A) + desk.type(SHIFT, Key.A) + desk.type(Key.DIGIT_1) + desk.type(Key.SEMICOLON) == b"Aa1;"
    desk.board.press(Key.CAPS_LOCK)
    assert not desk.board.is_on(EventType.LED, LED_CAPS_LOCK)
    assert desk.type(Key.A) == b"a"
    assert desk.board.sent == [(LED_CAPS_LOCK, 1), (LED_CAPS_LOCK, 0)]


def test_num_lock_makes_digits_of_the_pad(desk: Desk) -> None:
    assert desk.type(Key.PAD_7) == b"\x1b[1~"
    desk.board.press(Key.NUM_LOCK)
    assert desk.board.is_on(EventType.LED, LED_NUM_LOCK)
    assert desk.type(Key.PAD_7) == b"7"


def test_a_held_key_repeats_and_a_held_lock_does_not(desk: Desk) -> None:
    desk.board.key(Key.J, 1)
    desk.board.key(Key.J, 2)
    desk.board.key(Key.J, 2)
    desk.board.key(Key.J, 0)
    assert desk.terminal.text == b"jjj"
    desk.board.key(Key.CAPS_LOCK, 1)
    desk.board.key(Key.CAPS_LOCK, 2)
    assert desk.terminal.keyboard.locks == Lock.CAPS


def test_escape_sequences_change_cursor_keys_and_pad(desk: Desk) -> None:
    state = desk.terminal.keyboard
    state.application_cursor = True
    state.application_keypad = True
    state.new_line = True
    assert desk.type(Key.DOWN) == b"\x1bOB"
    assert desk.type(Key.PAD_5) == b"\x1bOu"
    assert desk.type(Key.ENTER) == b"\r\n"
    state.reset()
    assert desk.type(Key.DOWN) == b"\x1b[B"


def test_alt_sets_the_eighth_bit_when_asked_to(desk: Desk) -> None:
    desk.terminal.keyboard.meta_is_escape = False
    assert desk.type(ALT, Key.A) == b"\xe1"


def test_scancodes_are_those_of_a_pc_keyboard(desk: Desk) -> None:
    desk.terminal.keyboard.mode = KeyboardMode.RAW
    assert desk.type(Key.A) == b"\x1e\x9e"
    assert desk.type(Key.UP) == b"\xe0\x48\xe0\xc8"
    assert desk.type(Key.PAUSE) == b"\xe1\x1d\x45\xe1\x9d\xc5"
    assert desk.type(Key.PRINT) == b"\xe0\x2a\xe0\x37\xe0\xaa\xe0\xb7"


def test_medium_raw_gives_key_codes(desk: Desk) -> None:
    desk.terminal.keyboard.mode = KeyboardMode.MEDIUMRAW
    assert desk.type(Key.UP) == bytes([103, 103 | 0x80])
    desk.board.can(EventType.KEY, b"\xff" * 32)
    assert desk.type(0x8E) == b"\x00\x81\x8e\x80\x81\x8e"


def test_off_means_that_nothing_is_typed(desk: Desk) -> None:
    desk.terminal.keyboard.mode = KeyboardMode.OFF
    assert desk.type(Key.A) == b""


def test_a_modifier_held_over_a_change_of_mode_counts(desk: Desk) -> None:
    desk.terminal.keyboard.mode = KeyboardMode.RAW
    desk.board.key(Key.LEFT_CTRL, 1)
    desk.terminal.keyboard.mode = KeyboardMode.UNICODE
    assert desk.type(Key.C) == b"\x03"
    desk.board.key(Key.LEFT_CTRL, 0)
    assert desk.type(Key.C) == b"c"


def test_some_keys_are_meant_for_the_terminals(desk: Desk) -> None:
    assert desk.type(ALT, Key.F1 + 1) + desk.type(SHIFT, Key.PAGE_UP) + desk.type(ALT, Key.RIGHT) + desk.type(ALT, Key.F12) == b""
    desk.type(CTRL, ALT, Key.DELETE)
    assert desk.terminal.actions == [
        (Special.SHOW, 2), (Special.SCROLL_BACK, 0), (Special.NEXT, 0), (Special.SHOW, 12), (Special.REBOOT, 0),
    ]  # fmt: skip


def test_the_lights_follow_the_terminal_that_is_shown(desk: Desk) -> None:
    other = Terminal()
    other.keyboard.locks = Lock.CAPS
    desk.keyboard.attach(other)
    assert desk.board.is_on(EventType.LED, LED_CAPS_LOCK)
    assert desk.type(Key.A) == b"" and other.text == b"A"
    desk.keyboard.attach(desk.terminal)
    assert not desk.board.is_on(EventType.LED, LED_CAPS_LOCK)


def test_buttons_of_a_mouse_type_nothing() -> None:
    keyboard = Keyboard()
    mouse = InputDevice(b"mouse")
    mouse.can(EventType.KEY, bytes(0x22) + b"\x07")
    keyboard.watch(mouse)
    assert mouse.handlers() == []
