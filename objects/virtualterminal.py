"""A virtual terminal: one of several that share a screen and the keyboards. (console_ioctl(4), vt(4))

A VirtualTerminal is the device below a Terminal: what is written to it goes through the parser onto a Screen, whether shown or not; what is
typed while it is shown comes from the keyboard. In graphics mode the framebuffer belongs to a program, and nothing of the text is painted;
it comes back with text mode, or when the last program that had the framebuffer is gone.
"""

import weakref
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from objects.keyboard import KeyboardClient, KeyboardMode, Special
from objects.metadata import device_number
from objects.process import Process
from objects.processes import processes
from objects.screen import Screen
from objects.screenfont import HEIGHT, WIDTH
from objects.screenparser import Parser
from objects.signalling import send
from objects.terminal import Terminal
from objects.terminal_device import TerminalDevice
from objects.terminal_file import TerminalFile
from objects.termios import InputMode, WindowSize
from scarlet.kernel import clock
from scarlet.kernel.signals import SignalInfo
from scarlet.kernel.timer import Timer

if TYPE_CHECKING:
    from objects.virtualterminals import VirtualTerminals

MAJOR: Final = 4


class Shows(IntEnum):
    """KDGETMODE"""

    TEXT = 0
    GRAPHICS = 1


class Switcher:
    """A process that takes part in switching: it is asked to let its terminal go, and told when it is back. (VT_SETMODE, VT_PROCESS)"""

    def __init__(self, process: Process, waits: bool, release_signal: int, acquire_signal: int) -> None:
        self._process = weakref.ref(process)
        self.waits = waits
        self.release_signal = release_signal
        self.acquire_signal = acquire_signal

    def tell(self, number: int) -> bool:
        """Send it a signal, 0 being none. False when it is gone."""
        process = self._process()
        if process is None or process.zombie or processes.find(process.pid) is not process:
            return False
        if number != 0:
            send(process, SignalInfo(number))
        return True


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
        self.switcher: Switcher | None = None
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

    def abandon(self) -> None:
        """The program that had it to itself is gone: text, and keys that type it."""
        self.switcher = None
        self.keys.keyboard.mode = KeyboardMode.UNICODE
        self.show_text()

    def show_text(self) -> None:
        """The text comes back. (KD_TEXT)"""
        if self.shows is Shows.GRAPHICS:
            self.shows = Shows.TEXT
            self.owner.repaint(self)
