"""A framebuffer mapped by programs: the very frames that the device reads. (mmap(2))

What a program stores there is found by the dirty bits of its pages, a frame at a time; once nothing was stored for half a second the pages
are taken away, and the next touch starts it again. So a program that draws pays nothing for a store, and one that does not costs nothing.
"""

import weakref
from typing import TYPE_CHECKING, Final

from objects.framebuffer import Framebuffer
from objects.framepacing import DamageSource
from objects.processes import processes
from scarlet.kernel.memory import dirtybits, frames
from scarlet.kernel.memory.area import Area, Pager, Protection

if TYPE_CHECKING:
    from scarlet.kernel.memory.space import AddressSpace

PAGE_SHIFT: Final = 12
NONE: Final = 1 << 40
"""No page has that number."""
IDLE_FRAMES: Final = 30
"""After so many frames without a store a mapping is not looked at any more."""


class FramebufferPager(Pager):
    """Pages of the screen, for one mapping and the copies that fork makes of it."""

    def __init__(self, framebuffer: Framebuffer) -> None:
        self.framebuffer = framebuffer
        self.source = MappedPages(self)
        framebuffer.acquire()
        framebuffer.add_source(self.source)

    def __del__(self) -> None:
        self.source.end(self.framebuffer)
        self.framebuffer.release()

    def page(self, index: int, *, write: bool) -> int:
        memory = self.framebuffer.memory
        frame = memory.page(index) if memory is not None else 0
        if frame != 0:
            frames.ref(frame)
            if write:
                self.source.touched(index)
        return frame


class MappedPages(DamageSource):
    """Finds out what was stored through a mapping. Dirty bits go with their pages: when a part of it was unmapped, or made unwritable,
    since the last frame, all may have been drawn. (A process that came and went meanwhile has touched its pages, which counts.)"""

    def __init__(self, pager: FramebufferPager) -> None:
        self._pager = weakref.ref(pager)
        self._watching = False
        self._idle = 0
        self._writable = 0
        """Bytes that could be stored into at the last frame, in all address spaces."""
        self._touched_first = NONE
        self._touched_end = 0
        """Pages that were mapped since then."""

    def touched(self, index: int) -> None:
        """A page is being mapped that can be stored into: from now on look at each frame."""
        self._touched_first = min(index, self._touched_first)
        self._touched_end = max(index + 1, self._touched_end)
        pager = self._pager()
        if not self._watching and pager is not None:
            self._watching = True
            pager.framebuffer.request_later()

    def collect(self) -> bool:
        pager = self._pager()
        if pager is None or not self._watching:
            return False
        if self._collect(pager):
            self._idle = 0
            return True
        self._idle += 1
        if self._idle < IDLE_FRAMES:
            return True
        self._watching = False
        for process in processes.all():
            for area in process.space.areas.items:
                if area.pager is pager and area.shared:
                    process.space.forget(area.start, area.end)
        return False

    def _collect(self, pager: FramebufferPager) -> bool:
        """Damage what was stored in any address space: whether anything was."""
        stored = False
        writable = 0
        for process in processes.all():
            for area in process.space.areas.items:
                if area.pager is pager and area.shared:
                    if _take(process.space, area, pager.framebuffer):
                        stored = True
                    if area.protection & Protection.WRITE:
                        writable += area.length
        if stored:
            dirtybits.fence()
        lost = writable < self._writable
        self._writable = writable
        if lost:
            _damage_all(pager.framebuffer)
        touched = self._touched_end > 0
        if touched:
            pager.framebuffer.damage_bytes(self._touched_first << PAGE_SHIFT, self._touched_end << PAGE_SHIFT)
            self._touched_first = NONE
            self._touched_end = 0
        return stored or lost or touched

    def end(self, framebuffer: Framebuffer) -> None:
        """The mapping is gone, its pages with what was stored since the last frame."""
        if self._watching:
            _damage_all(framebuffer)
            framebuffer.request()


def _take(space: "AddressSpace", area: Area, framebuffer: Framebuffer) -> bool:
    """Damage what was stored into an area: whether anything was."""
    runs = dirtybits.take(space.table, area.start, area.end)
    for start, end in runs:
        framebuffer.damage_bytes(area.index_of(start) << PAGE_SHIFT, area.index_of(end) << PAGE_SHIFT)
    return len(runs) > 0


def _damage_all(framebuffer: Framebuffer) -> None:
    framebuffer.damage_bytes(0, framebuffer.mode.size)
