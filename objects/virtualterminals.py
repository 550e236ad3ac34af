"""The virtual terminals of one screen: which of them is shown, and painting it. (console_ioctl(4), vt(4))

A terminal is left at once, or when the process that takes part in switching has let it go; one in graphics mode without such a process is
not left at all, since its program would draw on.
"""

import weakref
from typing import Final

from objects.framebuffer import Framebuffer, ModeWatcher
from objects.framepacing import DamageSource
from objects.keyboard import Special, keyboard
from objects.processes import processes
from objects.screenpainter import Painter
from objects.signalling import send
from objects.virtualterminal import Shows, VirtualTerminal
from scarlet.kernel.signals import Signal, SignalInfo
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EINVAL, Errno

TERMINALS: Final = 6
DEFAULT_COLUMNS: Final = 80
DEFAULT_ROWS: Final = 25
"""Before the screen has told its size."""
INIT: Final = 1
ACKNOWLEDGED: Final = 2
"""VT_ACKACQ"""


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
        self._wanted = 0
        """The terminal that is shown when the program that has the present one lets it go; 0: none."""
        self._painter = Painter(framebuffer)
        self._source = TextSource(self)
        self._terminals: dict[int, VirtualTerminal] = {}
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
        """Show another terminal, now or when the program that has this one lets it go. Nothing happens while a program that does not take
        part in switching shows graphics: it would draw on."""
        before = self.get(self.shown)
        if number == self.shown or not 1 <= number <= TERMINALS:
            return
        switcher = before.switcher
        if switcher is not None and switcher.tell(switcher.release_signal):
            self._wanted = number
            return
        if switcher is not None:
            before.abandon()
        if before.shows is Shows.TEXT:
            self._switch(number)

    def let_go(self, terminal: VirtualTerminal, answer: int) -> None:
        """A program answers that its terminal may be left (1), may not (0), or that it knows that it is back (2). EINVAL. (VT_RELDISP)"""
        if terminal.switcher is None:
            raise Errno(EINVAL, "the kernel alone switches this terminal")
        wanted = self._wanted
        if wanted == 0 or terminal.number != self.shown:
            if answer != ACKNOWLEDGED:
                raise Errno(EINVAL, "nobody wants another terminal")
            return
        self._wanted = 0
        if answer != 0:
            self._switch(wanted)

    def _switch(self, number: int) -> None:
        self._wanted = 0
        self.shown = number
        terminal = self.get(number)
        switcher = terminal.switcher
        if switcher is not None and not switcher.tell(switcher.acquire_signal):
            terminal.abandon()
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
                terminal.abandon()

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
