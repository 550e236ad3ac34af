"""A framebuffer: memory that is shown on a screen. Pixels are 32 bits, XRGB8888, rows `stride` bytes apart.

What is drawn into the memory is seen when the device has been told which rows changed. Who draws marks rows as damaged and asks for a
frame; frames are at least FRAME_NS apart, and there is none when nothing changed: an idle screen costs nothing. Who cannot tell when it
draws (a program that has the memory mapped) or would rather draw late and once (text) is a DamageSource and is asked at each frame.

The driver derives from Framebuffer. Everything here may run in interrupts and does not block, but for set_mode.
"""

import weakref
from collections.abc import Callable
from typing import Final

from objects.colourmap import ColourMap
from scarlet.kernel import clock
from scarlet.kernel.memory.pixelmemory import PixelMemory
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EBUSY, EINVAL, EIO, ENODEV, ENOMEM, Errno

FRAME_NS: Final = 16_666_667
"""60 frames a second."""
PIXEL_BYTES: Final = 4
WIDTH_STEP: Final = 8
"""Rows of memory are a multiple of so many pixels: a row of a character never crosses a page."""
SMALLEST: Final = 64
LARGEST: Final = 16384
"""Pixels, in each direction."""


class Mode:
    """The size of the picture in pixels, and how many rows of memory there are to choose it from."""

    def __init__(self, width: int, height: int, rows: int) -> None:
        self.width = width
        self.height = height
        self.rows = rows

    @property
    def memory_width(self) -> int:
        """Pixels in a row of memory."""
        return (self.width + WIDTH_STEP - 1) // WIDTH_STEP * WIDTH_STEP

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        return self.memory_width * PIXEL_BYTES

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.stride * self.rows

    def is_possible(self) -> bool:
        """Is that a picture?"""
        return SMALLEST <= self.width <= LARGEST and SMALLEST <= self.height <= LARGEST and self.height <= self.rows <= LARGEST

    def equals(self, other: "Mode") -> bool:
        return self.width == other.width and self.height == other.height and self.rows == other.rows


NO_MODE: Final = Mode(0, 0, 0)


class DamageSource:
    """Somebody whose drawing is found out when a frame is due."""

    def collect(self) -> bool:
        """Mark what was drawn since the last time as damaged. True: ask again at the next frame, whether or not a frame was asked for."""
        raise NotImplementedError("DamageSource.collect")


class ModeWatcher:
    """Somebody who must know the size of the picture."""

    def mode_changed(self) -> None:
        """The framebuffer has another mode, and fresh memory."""

    def released(self) -> None:
        """No program has the framebuffer open or mapped any more."""


class FrameTimer(Timer):
    """When the next frame is due."""

    def __init__(self, framebuffer: "Framebuffer") -> None:
        super().__init__()
        self._framebuffer = weakref.ref(framebuffer)

    def expired(self) -> None:
        framebuffer = self._framebuffer()
        if framebuffer is not None:
            framebuffer.frame()


class Framebuffer:
    """One screen. It has no mode before the device has told its size."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.mode = NO_MODE
        self.memory: PixelMemory | None = None
        self.first_row = 0
        """The row of memory at the top of the screen. (FBIOPAN_DISPLAY)"""
        self.blank = False
        self.gone = False
        """The device is lost."""
        self.colour_map = ColourMap()
        self.users = 0
        """Open files and mappings."""
        self.settled = WaitQueue()
        """Wakes when a change of mode has ended."""
        self.drawn_by_programs = False
        """Something other than the text console has drawn since it last looked."""
        self._native = NO_MODE
        self._damage_first = 0
        self._damage_end = 0
        self._flushing = False
        self._last_ns = -FRAME_NS
        self._timer = FrameTimer(self)
        self._sources: list[weakref.ref[DamageSource]] = []
        self._watchers: list[weakref.ref[ModeWatcher]] = []

    # What a driver does

    def start_flush(self, first: int, end: int) -> None:
        """Have the device read these rows of memory and show them; flushed() follows."""
        raise NotImplementedError("Framebuffer.start_flush")

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
        self._follow_native()

    def mode_set(self, mode: Mode, memory: PixelMemory) -> None:
        """The device shows this memory."""
        self.mode = mode
        self.memory = memory
        self.first_row = 0
        self.blank = False
        self._damage_first = 0
        self._damage_end = 0
        self.drawn_by_programs = False
        for watcher in self._live_watchers():
            watcher.mode_changed()
        self.damage(0, mode.rows)
        self.request()
        self.settled.wake_all()
        self._follow_native()

    def mode_failed(self) -> None:
        """It could not be; all is as before."""
        self._native = self.mode
        self.settled.wake_all()

    def flushed(self) -> None:
        """The device has read the rows."""
        self._flushing = False
        if self._damage_first < self._damage_end:
            self.request()

    def flush_failed(self, first: int, end: int) -> None:
        """There was no memory for the commands: try again when the next frame is due."""
        self._flushing = False
        self.damage(first, end)
        self._timer.start(clock.monotonic_ns() + FRAME_NS)

    def lost(self) -> None:
        """The device is gone: nothing is shown any more."""
        self.gone = True
        self._flushing = False
        self._timer.cancel()
        self.settled.wake_all()

    # Drawing

    def damage(self, first: int, end: int) -> None:
        """Rows of memory were drawn."""
        first = max(first, 0)
        end = min(end, self.mode.rows)
        if first >= end:
            return
        if self._damage_first >= self._damage_end:
            self._damage_first = first
            self._damage_end = end
        else:
            self._damage_first = min(first, self._damage_first)
            self._damage_end = max(end, self._damage_end)

    def damage_bytes(self, start: int, end: int) -> None:
        """A program has drawn these bytes of the memory."""
        self.drawn_by_programs = True
        stride = max(self.mode.stride, 1)
        self.damage(start // stride, (end + stride - 1) // stride)

    def settle(self) -> None:
        """Have what is to be drawn late drawn now: somebody is about to draw over it."""
        self._collect()

    def request(self) -> None:
        """Show what was drawn, now or as soon as the last frame is old enough."""
        if self._timer.armed or self._flushing or self.gone:
            return
        due_ns = self._last_ns + FRAME_NS
        if clock.monotonic_ns() >= due_ns:
            self.frame()
        else:
            self._timer.start(due_ns)

    def request_later(self) -> None:
        """Show a frame from now what is being drawn."""
        if not self._timer.armed and not self.gone:
            self._timer.start(clock.monotonic_ns() + FRAME_NS)

    def frame(self) -> None:
        """A frame is due: ask the sources, and show what is damaged; while the device is busy with the last one, when flushed() says so."""
        if self.gone:
            return
        now = clock.monotonic_ns()
        again = self._collect()
        if not self._flushing and self._damage_first < self._damage_end:
            first = self._damage_first
            end = self._damage_end
            self._damage_first = 0
            self._damage_end = 0
            self._last_ns = now
            self._flushing = True
            self.start_flush(first, end)
        if again and not self._timer.armed and not self.gone:
            self._timer.start(now + FRAME_NS)

    def _collect(self) -> bool:
        again = False
        for reference in list(self._sources):
            source = reference()
            if source is None:
                self._sources.remove(reference)
            elif source.collect():
                again = True
        return again

    def show_now(self) -> None:
        """The machine goes off: show the last of what was drawn."""
        if self.gone or self.memory is None:
            return
        self.finish()
        self.frame()
        self.finish()

    # Who takes part

    def add_source(self, source: DamageSource) -> None:
        """Ask this one at each frame. It is held weakly."""
        self._sources.append(weakref.ref(source))

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
        except (MemoryError, Errno):
            self.mode_failed()

    def await_mode(self) -> None:
        """Sleep until the device has told its size. ENODEV when it never will."""
        while self.memory is None and not self.gone:
            if not self.changing_mode() and self._native.width == 0:
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
