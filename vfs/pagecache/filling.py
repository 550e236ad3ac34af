"""Pages on their way from the disk, and reading ahead.

A page is put into the cache before its content is asked for, marked as filling: whoever wants it meanwhile waits, so no page is read twice.
The transfers end in interrupts, where pages become readable one by one.

Sequential readers are known by what is in the cache: who wants a page that is missing while the one before it is there reads on. Such a
reader gets a window of pages behind those it asked for. The first of them carries a mark (`Page.ahead`); when the reader comes to it, the
next window, up to twice as long, is begun, so that the disk works while the program does. There is nothing to remember for a file or an
open file, and readers at several places do not disturb each other.

A transfer that fails takes all its pages with it; a page that somebody waits for is then tried alone, for another one may be to blame.
"""

from typing import TYPE_CHECKING, Final

from objects.block import BlockDevice, Operation, Transfer
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import PhysicalBytes
from scarlet.lang.errno import ENOMEM, Errno
from vfs.pagecache import reclaim
from vfs.pagecache.page import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Page, pages_of
from vfs.pagecache.planning import Run, plan_pages, zero_from

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

FIRST_WINDOW: Final = 8
LARGEST_WINDOW: Final = 64
"""Pages read ahead: 32 KiB to begin with, 256 KiB at most."""
NO_MARK: Final = -1
AT_ONCE: Final = 256
"""Pages brought in at once at most, however many are asked for."""


def bring(cache: "PageCache", index: int, last: int, *, alone: bool = False) -> Page | None:
    """The page, filled; None beyond the end of the file. The caller wants those up to `last` too, or this one `alone`. EIO, MemoryError."""
    while index < pages_of(cache.size):
        page = cache.pages.get(index)
        if len(cache.closures) > 0 and cache.is_closed(index):
            cache.changes.wait(interruptible=False)
        elif page is None:
            if alone:
                page = start(cache, index, index + 1, NO_MARK)
            else:
                page = _start_window(cache, index, min(last, pages_of(cache.size) - 1))
            if page is None:
                continue
            _wait_filled(cache, page)
            if page.error != 0:
                if alone or page.error == ENOMEM:
                    raise Errno(page.error, "the page cannot be read")
                alone = True
        elif page.filling:
            _wait_filled(cache, page)
            if page.error != 0:
                alone = True
        else:
            if page.ahead:
                page.ahead = False
                _continue(cache, index)
                if page.gone:
                    continue
            page.fresh = False
            return page
    return None


def _wait_filled(cache: "PageCache", page: Page) -> None:
    while page.filling:
        cache.changes.wait(interruptible=False)


# --- which pages ---


def _start_window(cache: "PageCache", index: int, last: int) -> Page | None:
    """start() with what is wanted and what may be wanted next."""
    wanted = min(last - index + 1, AT_ONCE)
    window = wanted
    if not cache.random and (index == 0 or index - 1 in cache.pages):
        window = max(wanted, min(max(FIRST_WINDOW, wanted * 2, _run_before(cache, index) * 2), cache.window))
    return start(cache, index, index + window, index + wanted)


def _continue(cache: "PageCache", index: int) -> None:
    """The reader has come to the mark: begin the next window."""
    first = index + 1
    while first in cache.pages and first - index <= cache.window:
        first += 1
    window = min(max(first - index, _run_before(cache, index)) * 2, cache.window)
    if first < pages_of(cache.size) and first not in cache.pages and not cache.random:
        try:
            start(cache, first, first + window, first)
        except MemoryError:
            pass  # it was only a favour


def read_ahead(cache: "PageCache", first: int, end: int) -> None:
    """Begin to bring in what is missing in a range."""
    while first < end:
        if first in cache.pages or len(cache.closures) > 0 and cache.is_closed(first):
            first += 1
            continue
        stop = min(end, first + AT_ONCE)
        try:
            if start(cache, first, stop, NO_MARK) is None:
                continue
        except MemoryError:
            return
        first = stop


def _run_before(cache: "PageCache", index: int) -> int:
    """How many pages in a row there are before this one, as far as it matters."""
    count = 0
    while count < cache.window and index - count - 1 in cache.pages:
        count += 1
    return count


def _end_of_gap(cache: "PageCache", first: int, limit: int) -> int:
    """The first page from `first` on, before `limit`, that is there or that a closed range begins with."""
    end = first
    while end < limit and end not in cache.pages and not (len(cache.closures) > 0 and end > first and cache.is_closed(end)):
        end += 1
    return end


# --- filling them ---


class FillTransfer(Transfer):
    """Brings some pages in. It keeps them; the cache may die meanwhile. `size` is what the file had when it was asked for."""

    def __init__(self, cache: "PageCache", run: Run, size: int) -> None:
        super().__init__(Operation.READ, run.position, run.pieces)
        self.cache = cache.link
        self.pages = run.pages
        self.size = size

    def finished(self) -> None:
        cache = self.cache()
        for page in self.pages:
            if self.error != 0:
                page.error = self.error
            _one_less(cache, page, self.size)
        if cache is not None:
            cache.changes.wake_all()


def start(cache: "PageCache", first: int, end: int, mark: int) -> Page | None:
    """Put the missing pages of a range into the cache and ask the disk for their content: the first of them, which may have an error.

    The page `mark`, if it is among them, tells its reader to read ahead. None when the cache changed while we waited for memory: look
    again. MemoryError when there is no frame for the first page.
    """
    pages: list[Page] = [Page(cache.link, first)]
    pages[0].frame = reclaim.new_frame(cache)
    if first in cache.pages or first >= pages_of(cache.size) or cache.is_closed(first):
        return None
    try:
        for index in range(first + 1, _end_of_gap(cache, first, min(end, pages_of(cache.size)))):
            page = Page(cache.link, index)
            page.frame = frames.allocate()
            pages.append(page)
    except MemoryError:
        pass
    _insert_filling(cache, pages, mark)
    size = cache.size
    transfers: list[FillTransfer] = []
    error = 0
    try:
        extents = cache.backing.map(first << PAGE_SHIFT, len(pages) << PAGE_SHIFT)
        end_of_run = (first + len(pages)) << PAGE_SHIFT
        for run in plan_pages(cache.backing.device.most_pieces, pages, extents, end_of_run, fill=True):
            transfers.append(FillTransfer(cache, run, size))
    except Errno as failure:
        error = failure.code
    except MemoryError:
        error = ENOMEM
    if error != 0:  # nothing was submitted: the pages wait for nothing but this
        for page in pages:
            page.error = error
            page.pending = 1
        transfers.clear()
    for transfer in transfers:
        submit(cache.backing.device, transfer)
    for page in pages:
        _one_less(cache, page, size)
    cache.changes.wake_all()
    return pages[0]


def _insert_filling(cache: "PageCache", pages: list[Page], mark: int) -> None:
    """Put pages into the cache that are about to be filled, as many as it has room for; the list has the others no more. MemoryError when
    there is no room for the first."""
    done = 0
    try:
        for page in pages:
            page.filling = True
            page.pending = 1
            page.ahead = page.index == mark
            cache.insert(page)
            done += 1
    except MemoryError:
        if done == 0:
            raise
        while len(pages) > done:
            pages.pop()


def submit(device: BlockDevice, transfer: Transfer) -> None:
    """Give a transfer to the device; one that it does not take is finished with an error."""
    try:
        device.submit(transfer)
    except Errno as failure:
        transfer.finish(failure.code)
    except MemoryError:
        transfer.finish(ENOMEM)


def _one_less(cache: "PageCache | None", page: Page, size: int) -> None:
    """One of the things that a page waits for has come. After the last it can be read, or is gone."""
    page.pending -= 1
    if page.pending > 0:
        return
    page.filling = False
    if page.error == 0:
        zero_from(page, size)
    elif cache is not None:
        cache.remove(page)


# --- changing what is there ---


def zero_part(cache: "PageCache", start: int, end: int) -> None:
    """Make bytes of one page zero, on the disk too if it has something there. The caller holds the mutex. EIO, ENOSPC, MemoryError."""
    index = start >> PAGE_SHIFT
    while True:
        page = bring(cache, index, index, alone=True)
        if page is None:
            return
        if not page.dirty:
            in_memory_only = page.writing
            extents = cache.backing.map(index << PAGE_SHIFT, PAGE_SIZE)
            in_memory_only = in_memory_only or page.dirty or page.writing
            if not in_memory_only and not any(extent.holds_data for extent in extents):
                return
            cache.backing.reserve(index << PAGE_SHIFT, PAGE_SIZE)
        if page.gone:
            continue
        PhysicalBytes(page.frame, PAGE_SIZE).zero(start & PAGE_MASK, end - start)
        cache.mark_dirty(page)
        return


def settle_tail(cache: "PageCache") -> None:
    """The file is about to grow: what the disk has behind the end in the last block must not become visible."""
    if cache.size & PAGE_MASK != 0:
        zero_part(cache, cache.size, (cache.size | PAGE_MASK) + 1)
