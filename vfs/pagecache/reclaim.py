"""Giving clean pages back when memory is short.

All pages of all caches stand on a clock. Its hand goes round and takes out a page that is clean, that nobody has mapped, and that was not
read again since the hand last came by. What is read once, from one end to the other, leaves again; what is read over and over stays.

There are two ways. `reclaim` is what frames.allocate calls: it sleeps nowhere, takes nothing from programs, and so can be called in the
middle of anything. `relieve` may sleep: it lets go of what else is only kept for later (spare.py), has dirty pages written, and takes
mapped pages from the programs that have them; they come back with the next fault. A thread that can wait for memory calls it (new_frame,
and the fault handler). One that does the work of a disk itself (vfs/filedisk.py) must not wait for write-back, which may wait for it, but
for that of the very file that it reads or writes.

Source of the idea: F. J. Corbato, "A Paging Experiment with the Multics System", 1968.
"""

from typing import TYPE_CHECKING, Final

from objects.mapped import unmap_page
from scarlet.kernel.counters import Counter
from scarlet.kernel.memory import frames
from scarlet.kernel.thread import current_thread
from vfs.pagecache import spare, writeback
from vfs.pagecache.page import Page, totals

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

BATCH: Final = 64
"""Pages to give back at once: it is not worth the way for one."""
GLANCE: Final = 128
"""Pages to look at after a whole round found nothing."""

ROW: Final = 512

evicted: Final = Counter(b"file_pages_given_back")


class Clock:
    """Every page in a cache has a place here, `Page.place`. When one leaves, the last takes its place, so all places are taken; they are in
    rows, because so many do not lie side by side when memory is short."""

    def __init__(self) -> None:
        self.rows: list[list[Page]] = []
        """All of ROW pages but the last."""
        self.count = 0
        self._hand = 0
        self._barren = False
        """The last whole round found nothing."""

    def enter(self, page: Page) -> None:
        """Give a page the last place. MemoryError."""
        if self.count % ROW == 0:
            self.rows.append([])
        try:
            self.rows[-1].append(page)
        except MemoryError:
            if self.count % ROW == 0:
                self.rows.pop()
            raise
        page.place = self.count
        self.count += 1

    def leave(self, page: Page) -> None:
        """A page goes."""
        last = self.rows[-1].pop()
        self.count -= 1
        if self.count % ROW == 0:
            self.rows.pop()
        if last is not page:
            last.place = page.place
            self.rows[last.place // ROW][last.place % ROW] = last
        page.place = -1

    def turn(self, wanted: int, *, unmap: bool) -> int:
        """Take so many pages out, if two rounds have them: how many they were. `unmap`: those that programs have mapped, too."""
        left = GLANCE if self._barren and not unmap else self.count * 2
        found = 0
        while found < wanted and left > 0 and self.count > 0:
            left -= 1
            if self._hand >= self.count:
                self._hand = 0
            page = self.rows[self._hand // ROW][self._hand % ROW]
            self._hand += 1
            if _can_go(page, unmap=unmap):
                cache = page.cache()
                if cache is not None:
                    cache.remove(page)
                    found += 1
        self._barren = found == 0 and not unmap
        evicted.value += found
        return found


def _can_go(page: Page, *, unmap: bool) -> bool:
    if page.filling or page.dirty or page.writing:
        return False
    if page.used:
        page.used = False
        return False
    if not page.mapped():
        return True
    if not unmap:
        return False
    cache = page.cache()
    owner = cache.owner() if cache is not None and cache.owner is not None else None
    return owner is not None and unmap_page(owner, page.index, page.frame) and not page.mapped()


clock: Final = Clock()


def reclaim(wanted: int) -> int:
    """Give clean pages back, if there are any; how many. Does not sleep."""
    if totals.cached == 0:
        return 0
    return clock.turn(max(wanted, BATCH), unmap=False)


def relieve() -> bool:
    """Do whatever gets memory back: write dirty pages, take mapped ones. False when there was nothing. May sleep."""
    if reclaim(BATCH) > 0:
        return True
    before = frames.free_frames()
    if spare.shed_all() and frames.free_frames() > before:
        return True
    if totals.dirty + totals.writing > 0 and current_thread().disk_depth == 0:
        writeback.write_everything()
        if reclaim(BATCH) > 0:
            return True
    return clock.turn(BATCH, unmap=True) > 0 or spare.trim()


def new_frame(cache: "PageCache") -> int:
    """A frame for a page of a file; its contents are anything. May sleep. MemoryError when nothing helps."""
    while True:
        try:
            return frames.allocate()
        except MemoryError:
            if relieve():
                continue
            if current_thread().disk_depth == 0:
                raise
            writeback.write(cache)
            if reclaim(BATCH) == 0:
                return frames.allocate_critical()  # others wait for this disk to get memory themselves


def reclaimable() -> int:
    """About how many pages could be given back."""
    return max(totals.cached - totals.dirty - totals.writing, 0)


frames.set_reclaimer(reclaim)
frames.set_reliever(relieve)
