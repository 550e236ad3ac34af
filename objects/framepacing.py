"""When what was drawn is shown: frames, at least FRAME_NS apart, and none when nothing was drawn.

Who draws marks rows as damaged and asks for a frame. Who cannot tell when it draws (a program that has the memory mapped), or would rather
draw late and once (text), is a DamageSource and is asked when a frame is due. The device is given one flush at a time; what is damaged
meanwhile waits for the next frame.

Everything here may run in interrupts and does not block, but for sync().
"""

import weakref
from typing import Final

from scarlet.kernel import clock
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EIO, Errno

FRAME_NS: Final = 16_666_667
"""60 frames a second."""


class DamageSource:
    """Somebody whose drawing is found out when a frame is due."""

    def collect(self) -> bool:
        """Mark what was drawn since the last time as damaged. True: ask again at the next frame, whether or not a frame was asked for."""
        raise NotImplementedError("DamageSource.collect")


class FrameTimer(Timer):
    """When the next frame is due."""

    def __init__(self, pacer: "FramePacer") -> None:
        super().__init__()
        self._pacer = weakref.ref(pacer)

    def expired(self) -> None:
        pacer = self._pacer()
        if pacer is not None:
            pacer.frame()


class FramePacer:
    """The frames of one screen, whose memory has `rows` rows."""

    def __init__(self) -> None:
        self.rows = 0
        self.gone = False
        """The device is lost."""
        self.shown = WaitQueue()
        """Wakes when a flush has ended."""
        self._damage_first = 0
        self._damage_end = 0
        self._flushing = False
        self._asked = False
        """Somebody asked for a frame while the device was busy with the last."""
        self._last_ns = -FRAME_NS
        self._timer = FrameTimer(self)
        self._sources: list[weakref.ref[DamageSource]] = []

    def start_flush(self, first: int, end: int) -> None:
        """Have the device read these rows of memory and show them; flushed() follows."""
        raise NotImplementedError("FramePacer.start_flush")

    def flushed(self) -> None:
        """The device has read the rows."""
        self._flushing = False
        self.shown.wake_all()
        if self._asked or self._damage_first < self._damage_end:
            self.request()

    def flush_failed(self, first: int, end: int) -> None:
        """There was no memory for the commands: try again when the next frame is due."""
        self._flushing = False
        self.damage(first, end)
        self._timer.start(clock.monotonic_ns() + FRAME_NS)

    def stop(self) -> None:
        """The device is gone: there are no frames any more."""
        self.gone = True
        self._flushing = False
        self._timer.cancel()
        self.shown.wake_all()

    def begin(self, rows: int) -> None:
        """Other memory is shown from now on, all of it new."""
        self.rows = rows
        self._damage_first = 0
        self._damage_end = rows

    # Drawing

    def damage(self, first: int, end: int) -> None:
        """Rows of memory were drawn."""
        first = max(first, 0)
        end = min(end, self.rows)
        if first >= end:
            return
        if self._damage_first >= self._damage_end:
            self._damage_first = first
            self._damage_end = end
        else:
            self._damage_first = min(first, self._damage_first)
            self._damage_end = max(end, self._damage_end)

    def add_source(self, source: DamageSource) -> None:
        """Ask this one at each frame. It is held weakly."""
        self._sources.append(weakref.ref(source))

    def settle(self) -> None:
        """Have what is to be drawn late drawn now: somebody is about to draw over it."""
        self._collect()

    def request(self) -> None:
        """Show what was drawn, now or as soon as the last frame is old enough."""
        if self._timer.armed or self.gone:
            return
        if self._flushing:
            self._asked = True
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
        self._asked = self._flushing
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

    def sync(self) -> None:
        """Have all that was drawn so far shown, and sleep until it is. EIO when the device is lost meanwhile."""
        while self._flushing:
            self.shown.wait(interruptible=False)
        self.frame()
        while self._flushing:
            self.shown.wait(interruptible=False)
        if self.gone:
            raise Errno(EIO, "the screen is gone")
