"""From keys to what a terminal reads: all keyboards together type at the virtual terminal that is shown. (ioctl_console(2), keymaps(5))

Each virtual terminal has a KeyboardState of its own: the mode in which it wants keys (text, scancodes, key codes, nothing), its locks, and
what escape sequences have set. The one that is shown attaches itself as the KeyboardClient; with nobody attached keys go nowhere.

Invariants: everything here runs in interrupts and never blocks. Which modifiers are down is known from the keys themselves, whatever the
mode, so it is right after a change of mode or of terminal.
"""

import weakref
from enum import IntEnum, IntFlag
from typing import Final

from objects import input as inputs
from objects.input import InputDevice, InputHandler
from objects.inputcodes import LED_CAPS_LOCK, LED_NUM_LOCK, LED_SCROLL_LOCK, RELEASED, REPEATED, SYN_REPORT, EventType
from objects.inputevent import InputEvent
from objects.keycodes import FIRST_BUTTON, Key
from objects.keymap import (
    CURSOR,
    NOTHING,
    PAD,
    PAD_APPLICATION,
    PAD_WITHOUT_LOCK,
    ROWS,
    SEQUENCES,
    SHIFTED_SEQUENCES,
    medium_codes,
    scancodes,
)  # fmt: skip

ESCAPE: Final = b"\x1b"


class KeyboardMode(IntEnum):
    """K_RAW and so on, of KDGKBMODE."""

    RAW = 0
    """The scancodes of a PC keyboard."""
    XLATE = 1
    """Text."""
    MEDIUMRAW = 2
    """Key codes."""
    UNICODE = 3
    """Text, UTF-8; the same as XLATE with this keyboard map, which has ASCII only."""
    OFF = 4
    """Nothing."""


class Lock(IntFlag):
    """The locks of a terminal, and lights; the values are K_SCROLLLOCK, LED_SCR and so on."""

    NONE = 0
    SCROLL = 1
    NUM = 2
    CAPS = 4


class Special(IntEnum):
    """Keys that are meant for the virtual terminals themselves."""

    SHOW = 0
    """Show terminal number `argument` (Alt and a function key)."""
    NEXT = 1
    PREVIOUS = 2
    SCROLL_BACK = 3
    SCROLL_FORWARD = 4
    REBOOT = 5
    """Ctrl-Alt-Del"""


class KeyboardState:
    """What one virtual terminal wants of the keyboard."""

    def __init__(self) -> None:
        self.mode = KeyboardMode.UNICODE
        self.locks = Lock.NONE
        self.default_locks = Lock.NONE
        self.lights: Lock | None = None
        """Lights set by KDSETLED; None: they show the locks."""
        self.meta_is_escape = True
        """Alt types ESC before the character; otherwise it sets the eighth bit. (KDSKBMETA)"""
        self.application_cursor = False
        """DECCKM"""
        self.application_keypad = False
        """DECPAM"""
        self.new_line = False
        """LNM: Return types a line feed too."""
        self.repeats = True
        """DECARM"""

    def shown_lights(self) -> Lock:
        """Which lights are to be on."""
        return self.locks if self.lights is None else self.lights

    def reset(self) -> None:
        """As escape sequences reset it; mode and locks are not theirs. (RIS)"""
        self.application_cursor = False
        self.application_keypad = False
        self.new_line = False
        self.repeats = True


class KeyboardClient:
    """A virtual terminal that can be typed at. Derive from it; these methods run in interrupts and must not block."""

    def __init__(self) -> None:
        self.keyboard = KeyboardState()

    def typed(self, data: bytes) -> None:
        """Bytes for whoever reads the terminal."""

    def special(self, action: Special, argument: int) -> None:
        """A key for the terminals themselves."""


class Keyboard(InputHandler):
    """All keyboards."""

    def __init__(self) -> None:
        self._client: weakref.ref[KeyboardClient] | None = None
        self._down: set[int] = set()
        self._devices: list[weakref.ref[InputDevice]] = []

    def watch(self, device: InputDevice) -> None:
        """Type with this device too, if it has keys."""
        keys = device.codes.get(EventType.KEY)
        if keys is None or not any(code < FIRST_BUTTON for code in keys.codes()):
            return
        device.add_handler(self)
        self._devices.append(weakref.ref(device))
        self.show_lights()

    def attach(self, client: KeyboardClient) -> None:
        """This one is typed at from now on."""
        self._client = weakref.ref(client)
        self.show_lights()

    def client(self) -> KeyboardClient | None:
        """Who is typed at."""
        return self._client() if self._client is not None else None

    def show_lights(self) -> None:
        """Have the lights of all keyboards say what they should."""
        client = self.client()
        shown = client.keyboard.shown_lights() if client is not None else Lock.NONE
        for known in self._devices:
            device = known()
            if device is not None:
                device.inject(EventType.LED, LED_SCROLL_LOCK, 1 if shown & Lock.SCROLL else 0)
                device.inject(EventType.LED, LED_NUM_LOCK, 1 if shown & Lock.NUM else 0)
                device.inject(EventType.LED, LED_CAPS_LOCK, 1 if shown & Lock.CAPS else 0)
                device.inject(EventType.SYN, SYN_REPORT, 0)

    # Events

    def packet(self, device: InputDevice, events: list[InputEvent], when_ns: int) -> None:
        for event in events:
            if event.type == EventType.KEY and event.code < FIRST_BUTTON:
                self._key(event.code, event.value)

    def _key(self, key: int, value: int) -> None:
        down = value != RELEASED
        if down:
            self._down.add(key)
        else:
            self._down.discard(key)
        client = self.client()
        if client is None:
            return
        match client.keyboard.mode:
            case KeyboardMode.RAW:
                self._type(client, scancodes(key, down=down))
            case KeyboardMode.MEDIUMRAW:
                self._type(client, medium_codes(key, down=down))
            case KeyboardMode.OFF:
                pass
            case _:
                if down and (value != REPEATED or client.keyboard.repeats):
                    self._press(client, key, repeated=value == REPEATED)

    def _type(self, client: KeyboardClient, data: bytes) -> None:
        if len(data) > 0:
            client.typed(data)

    def _is_down(self, left: int, right: int) -> bool:
        return left in self._down or right in self._down

    def _press(self, client: KeyboardClient, key: int, *, repeated: bool) -> None:
        shift = self._is_down(Key.LEFT_SHIFT, Key.RIGHT_SHIFT)
        control = self._is_down(Key.LEFT_CTRL, Key.RIGHT_CTRL)
        alt = self._is_down(Key.LEFT_ALT, Key.RIGHT_ALT)
        if self._special(client, key, shift=shift, control=control, alt=alt):
            return
        if key == Key.CAPS_LOCK or key == Key.NUM_LOCK or key == Key.SCROLL_LOCK:
            if not repeated:
                self._toggle(client, key)
            return
        if key in PAD:
            self._type(client, pad_text(client.keyboard, key, shift=shift))
            return
        self._type(client, text_of(client.keyboard, key, shift=shift, control=control, alt=alt))

    def _toggle(self, client: KeyboardClient, key: int) -> None:
        """A lock key. Num Lock types ESC O P where the keypad belongs to the application."""
        keyboard = client.keyboard
        match key:
            case Key.CAPS_LOCK:
                keyboard.locks ^= Lock.CAPS
            case Key.SCROLL_LOCK:
                keyboard.locks ^= Lock.SCROLL
            case _:
                if keyboard.application_keypad:
                    self._type(client, b"\x1bOP")
                    return
                keyboard.locks ^= Lock.NUM
        self.show_lights()

    def _special(self, client: KeyboardClient, key: int, *, shift: bool, control: bool, alt: bool) -> bool:
        """Was that a key for the terminals themselves?"""
        if alt and Key.F1 <= key <= Key.F10:
            client.special(Special.SHOW, key - Key.F1 + 1)
        elif alt and (key == Key.F11 or key == Key.F12):
            client.special(Special.SHOW, key - Key.F11 + 11)
        elif alt and not shift and not control and key == Key.LEFT:
            client.special(Special.PREVIOUS, 0)
        elif alt and not shift and not control and key == Key.RIGHT:
            client.special(Special.NEXT, 0)
        elif shift and key == Key.PAGE_UP:
            client.special(Special.SCROLL_BACK, 0)
        elif shift and key == Key.PAGE_DOWN:
            client.special(Special.SCROLL_FORWARD, 0)
        elif control and alt and key == Key.DELETE:
            client.special(Special.REBOOT, 0)
        else:
            return False
        return True


def text_of(keyboard: KeyboardState, key: int, *, shift: bool, control: bool, alt: bool) -> bytes:
    """What a key types; nothing for one that types nothing."""
    if key == Key.ENTER:
        return with_meta(keyboard, 13, alt=alt) + (b"\n" if keyboard.new_line and not alt else b"")
    if key in CURSOR:
        return bytes([27, 79 if keyboard.application_cursor else 91, CURSOR[key]])
    row = ROWS.get(key)
    if row is None:
        sequence = (SHIFTED_SEQUENCES if shift and Key.F1 <= key <= Key.F12 else SEQUENCES).get(key)
        if sequence is None or control and Key.F1 <= key <= Key.F12:
            return b""
        return ESCAPE + sequence
    if control:
        return with_meta(keyboard, row.control, alt=alt) if row.control != NOTHING else b""
    upper = shift != (row.letter and keyboard.locks & Lock.CAPS != Lock.NONE)
    return with_meta(keyboard, row.shifted if upper else row.plain, alt=alt)


def with_meta(keyboard: KeyboardState, character: int, *, alt: bool) -> bytes:
    """A character, typed with Alt or without."""
    if not alt:
        return bytes([character])
    if keyboard.meta_is_escape:
        return bytes([27, character])
    return bytes([character | 0x80])


def pad_text(keyboard: KeyboardState, key: int, *, shift: bool) -> bytes:
    """What a key of the numeric pad types."""
    if keyboard.application_keypad and not shift and key in PAD_APPLICATION:
        return bytes([27, 79, PAD_APPLICATION[key]])
    if keyboard.locks & Lock.NUM == Lock.NONE:
        if key == Key.PAD_5:
            return b"\x1b[G"
        if key in PAD_WITHOUT_LOCK:
            return text_of(keyboard, PAD_WITHOUT_LOCK[key], shift=False, control=False, alt=False)
    if key == Key.PAD_ENTER and keyboard.new_line:
        return b"\r\n"
    return bytes([PAD[key]])


keyboard: Final = Keyboard()
"""The one there is."""


def start() -> None:
    """Type with every keyboard there is and will be."""
    inputs.on_new(keyboard.watch)
