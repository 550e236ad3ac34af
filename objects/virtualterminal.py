"""Virtual terminals: several terminals that share one screen and the keyboards. One of them is shown. (console_ioctl(4), vt(4))

A VirtualTerminal is the device below a Terminal: what is written to it goes through the parser onto a Screen, whether shown or not; what is
typed while it is shown comes from the keyboard. In graphics mode the framebuffer belongs to a program, and nothing of the text is painted;
it comes back with text mode, or when the last program that had the framebuffer is gone.
"""

import weakref
from enum import IntEnum
from typing import Final

from objects.framebuffer import DamageSource, Framebuffer, ModeWatcher
from objects.keyboard import KeyboardClient, KeyboardMode, Special, keyboard
from objects.metadata import device_number
from objects.processes import processes
from objects.screen import Screen
from objects.screenfont import HEIGHT, WIDTH
from objects.screenpainter import Painter
from objects.screenparser import Parser
from objects.signalling import send
from objects.terminal import Terminal
from objects.terminal_device import TerminalDevice
from objects.terminal_file import TerminalFile
from objects.termios import InputMode, WindowSize
from scarlet.kernel import clock
from scarlet.kernel.signals import Signal, SignalInfo
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import Errno

TERMINALS: Final = 6
MAJOR: Final = 4
DEFAULT_COLUMNS: Final = 80
DEFAULT_ROWS: Final = 25
"""Before the screen has told its size."""
INIT: Final = 1


class Shows(IntEnum):
    """KDGETMODE"""

    TEXT = 0
    GRAPHICS = 1


class Keys(KeyboardClient):
    """The keyboard's view of a terminal."""

    def __init__(self, terminal: "VirtualTerminal") -> None:
        super().__init__()
        self._terminal = weakref.ref(terminal)

    def typed(self, data: bytes) -> None:
        terminal = self._terminal()
        if terminal is not None:
            terminal.deliver(data)

    def special(self, action: Special, argument: int) -> None:
        terminal = self._terminal()
        if terminal is not None:
            terminal.owner.special(action, argument)


class Answer(Timer):
    """Gives a program the answer to its question, after the write that asked has ended."""

    def __init__(self, terminal: "VirtualTerminal") -> None:
        super().__init__()
        self._terminal = weakref.ref(terminal)

    def expired(self) -> None:
        terminal = self._terminal()
        if terminal is not None:
            data = bytes(terminal.parser.replies)
            terminal.parser.replies.clear()
            terminal.deliver(data)


class VirtualTerminal(TerminalDevice):
    """/dev/ttyN, as the device below the terminal."""

    def __init__(self, owner: "VirtualTerminals", number: int) -> None:
        super().__init__()
        self._owner = weakref.ref(owner)
        self.number = number
        self.shows = Shows.TEXT
        self.keys = Keys(self)
        self.screen = Screen(owner.columns, owner.rows)
        self.parser = Parser(self.screen, self.keys.keyboard)
        self.terminal = Terminal(self, device_number(MAJOR, number), f"tty{number}".encode())
        self.terminal.settings.input |= InputMode.IUTF8
        self._answer = Answer(self)
        self._files: list[weakref.ref[TerminalFile]] = []
        self.tell_size()

    @property
    def owner(self) -> "VirtualTerminals":
        """The terminals this is one of."""
        owner = self._owner()
        assert owner is not None, "terminals live as long as their screen"
        return owner

    def write(self, data: bytes) -> int:
        """Everything is taken at once."""
        self.parser.feed(data)
        if len(self.parser.replies) > 0 and not self._answer.armed:
            self._answer.start(clock.monotonic_ns())
        self.owner.changed(self)
        return len(data)

    def deliver(self, data: bytes) -> None:
        """Bytes for whoever reads; what there is no room for is lost, as it is when somebody types on while nobody reads."""
        client = self.client()
        if client is not None:
            room = client.room()
            if room > 0:
                client.received(data[:room])

    def tell_size(self) -> None:
        """The terminal learns how large the screen is."""
        screen = self.screen
        self.terminal.set_window(WindowSize(screen.rows, screen.columns, screen.columns * WIDTH, screen.rows * HEIGHT))

    # Who has it open

    def opened(self, file: TerminalFile) -> None:
        """Somebody has opened it."""
        self._files.append(weakref.ref(file))

    def is_open(self) -> bool:
        """Does anybody have it open?"""
        self._files = [file for file in self._files if file() is not None]
        return len(self._files) > 0

    # Text and graphics

    def show_graphics(self) -> None:
        """The screen belongs to a program. (KD_GRAPHICS)"""
        self.shows = Shows.GRAPHICS

    def show_text(self) -> None:
        """The text comes back. (KD_TEXT)"""
        if self.shows is Shows.GRAPHICS:
            self.shows = Shows.TEXT
            self.owner.repaint(self)


class TextSource(DamageSource):
    """Paints the terminal that is shown when a frame is due."""

    def __init__(self, owner: "VirtualTerminals") -> None:
        self._owner = weakref.ref(owner)

    def collect(self) -> bool:
        owner = self._owner()
        if owner is not None:
            owner.paint()
        return False


class VirtualTerminals(ModeWatcher):
    """The terminals of one framebuffer. They are made when they are first used, and stay."""

    def __init__(self, framebuffer: Framebuffer) -> None:
        self.framebuffer = framebuffer
        self.columns = DEFAULT_COLUMNS
        self.rows = DEFAULT_ROWS
        self.shown = 1
        self.switched = WaitQueue()
        """Wakes when another terminal is shown."""
        self._painter = Painter(framebuffer)
        self._source = TextSource(self)
        self._terminals: dict[int, VirtualTerminal] = {}
        self._previous = 1
        framebuffer.add_source(self._source)
        framebuffer.add_watcher(self)
        if framebuffer.memory is not None:
            self.mode_changed()

    def get(self, number: int) -> VirtualTerminal:
        """Terminal 1 to TERMINALS."""
        terminal = self._terminals.get(number)
        if terminal is None:
            terminal = VirtualTerminal(self, number)
            self._terminals[number] = terminal
            if number == self.shown:
                keyboard.attach(terminal.keys)
        return terminal

    def is_open(self, number: int) -> bool:
        """Does anybody have that terminal open?"""
        terminal = self._terminals.get(number)
        return terminal is not None and terminal.is_open()

    def release(self, number: int) -> bool:
        """Forget the text of a terminal, unless somebody uses it: whether nobody does. It stays as a terminal."""
        terminal = self._terminals.get(number)
        if number == self.shown or terminal is not None and terminal.is_open():
            return False
        if terminal is not None:
            terminal.screen.reset()
            terminal.screen.forget_history()
        return True

    def show(self, number: int) -> None:
        """Show another terminal. Nothing happens when a program has the screen and keeps it to itself."""
        if number == self.shown or not 1 <= number <= TERMINALS:
            return
        self._previous = self.shown
        self.shown = number
        terminal = self.get(number)
        keyboard.attach(terminal.keys)
        self.repaint(terminal)
        self.switched.wake_all()

    # Painting

    def changed(self, terminal: VirtualTerminal) -> None:
        """There is something to paint, if that terminal is shown."""
        if terminal.number == self.shown and terminal.shows is Shows.TEXT:
            self.framebuffer.request()

    def repaint(self, terminal: VirtualTerminal) -> None:
        """Paint all of a terminal, if it is shown."""
        if terminal.number == self.shown and terminal.shows is Shows.TEXT:
            self._painter.forget()
            terminal.screen.touch_all()
            self.framebuffer.request()

    def paint(self) -> None:
        """A frame is due. Text that scrolls takes the pictures of programs with it."""
        terminal = self._terminals.get(self.shown)
        if terminal is None or terminal.shows is Shows.GRAPHICS:
            return
        if self.framebuffer.drawn_by_programs and all(terminal.screen.dirty):
            self._painter.forget()
        self._painter.paint(terminal.screen)

    # ModeWatcher

    def mode_changed(self) -> None:
        self._painter.fit()
        self.columns = self._painter.columns
        self.rows = self._painter.rows
        for terminal in self._terminals.values():
            terminal.screen.resize(self.columns, self.rows)
            terminal.tell_size()

    def released(self) -> None:
        """A program that is gone leaves no terminal in graphics mode, and the keyboard typing text."""
        try:
            self.framebuffer.set_blank(blank=False)
            self.framebuffer.pan(0)
        except (Errno, MemoryError):
            pass  # the device is gone, or will be: there is nothing to show the text on
        for terminal in self._terminals.values():
            if terminal.shows is Shows.GRAPHICS:
                terminal.keys.keyboard.mode = KeyboardMode.UNICODE
                terminal.show_text()

    # Keys

    def special(self, action: Special, argument: int) -> None:
        """A key that is meant for the terminals."""
        match action:
            case Special.SHOW:
                self.show(argument)
            case Special.NEXT:
                self.show(self.shown % TERMINALS + 1)
            case Special.PREVIOUS:
                self.show((self.shown - 2) % TERMINALS + 1)
            case Special.SCROLL_BACK | Special.SCROLL_FORWARD:
                terminal = self.get(self.shown)
                half = max(self.rows // 2, 1)
                terminal.screen.look_back(half if action is Special.SCROLL_BACK else -half)
                self.changed(terminal)
            case Special.REBOOT:
                init = processes.find(INIT)
                if init is not None:
                    send(init, SignalInfo(Signal.SIGTERM))
