"""A framebuffer: memory that is shown on a screen, in some mode (picturemode.py); what is drawn is shown in frames (framepacing.py).

The driver derives from Framebuffer: it tells the size that the screen has and makes modes. The mode follows the screen's size as long as no
program has the framebuffer open or mapped. Everything here may run in interrupts and does not block, but for await_mode and set_mode.
"""

import weakref
from collections.abc import Callable
from typing import Final

from objects.colourmap import ColourMap
from objects.framepacing import FramePacer
from objects.picturemode import NO_MODE, Mode
from scarlet.kernel import log
from scarlet.kernel.memory.pixelmemory import PixelMemory
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EBUSY, EINVAL, EIO, ENODEV, ENOMEM, Errno


class ModeWatcher:
    """Somebody who must know the size of the picture."""

    def mode_changed(self) -> None:
        """The framebuffer has another mode, and fresh memory."""

    def released(self) -> None:
        """No program has the framebuffer open or mapped any more."""


class Framebuffer(FramePacer):
    """One screen. It has no mode before the device has told its size."""

    def __init__(self, name: bytes) -> None:
        super().__init__()
        self.name = name
        self.mode = NO_MODE
        self.memory: PixelMemory | None = None
        self.width_mm = 0
        self.height_mm = 0
        """Of the screen; 0: unknown."""
        self.first_row = 0
        """The row of memory at the top of the screen. (FBIOPAN_DISPLAY)"""
        self.blank = False
        self.colour_map = ColourMap()
        self.users = 0
        """Open files and mappings."""
        self.settled = WaitQueue()
        """Wakes when a change of mode has ended."""
        self.drawn_by_programs = False
        """Something other than the text console has drawn since it last looked."""
        self._native = NO_MODE
        self._size_told = False
        self._watchers: list[weakref.ref[ModeWatcher]] = []

    # What a driver does

    def start_mode(self, mode: Mode) -> None:
        """Begin to change the mode; mode_set() or mode_failed() follows. MemoryError, EIO."""
        raise NotImplementedError("Framebuffer.start_mode")

    def changing_mode(self) -> bool:
        """Is a change of mode under way?"""
        return False

    def start_show(self) -> None:
        """Show the picture that begins at `first_row`, or nothing when `blank`. EIO."""
        raise NotImplementedError("Framebuffer.start_show")

    def finish(self) -> None:
        """The machine goes off: have the device take in what was given to it, without sleeping."""

    # What a driver tells

    def native_size(self, width: int, height: int) -> None:
        """The screen has this size (now). The mode follows, unless programs use the framebuffer: then when they are done."""
        self._native = Mode(width, height, height)
        self._size_told = True
        self._follow_native()
        self.settled.wake_all()

    def mode_set(self, mode: Mode, memory: PixelMemory) -> None:
        """The device shows this memory."""
        self.mode = mode
        self.memory = memory
        self.first_row = 0
        self.blank = False
        self.drawn_by_programs = False
        self.begin(mode.rows)
        for watcher in self._live_watchers():
            watcher.mode_changed()
        self.request()
        self.settled.wake_all()
        self._follow_native()

    def mode_failed(self) -> None:
        """It could not be; all is as before."""
        self._native = self.mode
        self.settled.wake_all()

    def lost(self) -> None:
        """The device is gone: nothing is shown any more."""
        self.stop()
        self.settled.wake_all()

    # Drawing

    def damage_bytes(self, start: int, end: int) -> None:
        """A program has drawn these bytes of the memory."""
        self.drawn_by_programs = True
        stride = max(self.mode.stride, 1)
        self.damage(start // stride, (end + stride - 1) // stride)

    def show_now(self) -> None:
        """The machine goes off: show the last of what was drawn, were it the first."""
        self.finish()
        if not self.gone and self.memory is not None:
            self.frame()
            self.finish()

    # Who takes part

    def add_watcher(self, watcher: ModeWatcher) -> None:
        """Tell this one of modes. It is held weakly."""
        self._watchers.append(weakref.ref(watcher))

    def _live_watchers(self) -> list[ModeWatcher]:
        live: list[ModeWatcher] = []
        for reference in self._watchers:
            watcher = reference()
            if watcher is not None:
                live.append(watcher)
        return live

    def acquire(self) -> None:
        """One more program has it open or mapped."""
        self.users += 1

    def release(self) -> None:
        """One less. The last one gives the screen back to the text console, in the screen's own size."""
        self.users -= 1
        if self.users == 0 and not self.gone:
            for watcher in self._live_watchers():
                watcher.released()
            self._follow_native()

    # Modes

    def _follow_native(self) -> None:
        native = self._native
        if self.users > 0 or self.gone or self.changing_mode() or native.width == 0 or native.equals(self.mode):
            return
        try:
            self.start_mode(native)
        except MemoryError:
            log.warn(f"{self.name.decode()}: no memory for a picture of {native.width} x {native.height}")
            self.mode_failed()
        except Errno:
            self.mode_failed()

    def await_mode(self) -> None:
        """Sleep until the device has told its size. ENODEV when it never will."""
        while self.memory is None and not self.gone:
            if self._size_told and not self.changing_mode() and self._native.width == 0:
                raise Errno(ENODEV, "the screen has no size")
            self.settled.wait(interruptible=False)
        if self.gone:
            raise Errno(ENODEV, "the screen is gone")

    def set_mode(self, mode: Mode) -> None:
        """Another size of the picture or of the memory; sleeps. EINVAL, EBUSY while it is mapped or opened by others, ENOMEM, EIO."""
        if mode.equals(self.mode):
            return
        if not mode.is_possible():
            raise Errno(EINVAL, "no such picture")
        if self.users > 1:
            raise Errno(EBUSY, "others use the framebuffer, or it is mapped")
        while self.changing_mode():
            self.settled.wait(interruptible=False)
        try:
            self.start_mode(mode)
        except MemoryError:
            raise Errno(ENOMEM, "no memory for such a picture") from None
        while self.changing_mode():
            self.settled.wait(interruptible=False)
        if self.gone:
            raise Errno(EIO, "the screen is gone")
        if not self.mode.equals(mode):
            raise Errno(EINVAL, "the device refuses the picture")

    def pan(self, first_row: int) -> None:
        """Begin the picture at another row of the memory. EINVAL, EIO."""
        if not 0 <= first_row <= self.mode.rows - self.mode.height:
            raise Errno(EINVAL, "there is no memory for the whole picture")
        if first_row != self.first_row:
            self.first_row = first_row
            self.start_show()
            self.damage(first_row, first_row + self.mode.height)
            self.request()

    def set_blank(self, *, blank: bool) -> None:
        """Show nothing, or the picture again. EIO."""
        if blank != self.blank:
            self.blank = blank
            self.start_show()
            if not blank:
                self.damage(0, self.mode.rows)
                self.request()


framebuffers: Final[list[Framebuffer]] = []
"""Those there are, /dev/fb0 first."""
_listeners: Final[list[Callable[[Framebuffer], None]]] = []


def register(framebuffer: Framebuffer) -> None:
    """Let everybody know of a framebuffer. It may not have a mode yet."""
    framebuffers.append(framebuffer)
    for listener in _listeners:
        listener(framebuffer)


def on_new(listener: Callable[[Framebuffer], None]) -> None:
    """Call listener(framebuffer) for every one there is and will be."""
    _listeners.append(listener)
    for framebuffer in framebuffers:
        listener(framebuffer)
