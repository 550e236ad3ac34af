"""Pages on their way to the disk.

Dirty pages are written in runs of neighbours. When a run begins, programs that have its pages mapped lose the right to store, with one
fence for all of them, and the pages become clean: from that moment on, whatever is stored makes the page dirty again. Nothing sleeps
between the two steps. Then the file system says where the run goes, the transfers are made, and the file system is told (Backing.written).
Only then do the pages count as written; who takes pages out waits for that.

What cannot be written is not kept dirty, or a broken disk would fill the memory: the error goes into the file's ErrorSequence, as Linux
does it (fsync(2), NOTES).
"""

from typing import TYPE_CHECKING, Final

from objects.block import Operation, Transfer
from objects.mapped import protect_pages
from scarlet.lang.errno import EIO, Errno
from vfs.pagecache.filling import submit
from vfs.pagecache.page import PAGE_SHIFT, Page, totals
from vfs.pagecache.planning import plan_pages, zero_from

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

LONGEST_RUN: Final = 256
"""Pages: 1 MiB."""
RUNS_AT_ONCE: Final = 4


def flush(cache: "PageCache", first: int, end: int) -> None:
    """Write the pages that are dirty now in a range, and wait until they and those that were on their way are written. EIO, ENOSPC.

    MemoryError counts as EIO: nobody who called sync(2) has a use for it.
    """
    failure = 0
    concerned: list[Page] = []
    running: list[WriteRun] = []
    try:
        concerned = _unwritten(cache, first, end)
        for start, stop in _runs(cache, first, end):
            at = start
            while at < stop:
                at = begin(cache, at, stop, running)
                if len(running) == RUNS_AT_ONCE:
                    failure = running.pop(0).complete() or failure
    except MemoryError:
        failure = EIO
    for run in running:
        failure = run.complete() or failure
    for page in concerned:  # others may have begun to write some, before us or meanwhile
        while page.writing:
            cache.changes.wait(interruptible=False)
    if failure != 0:
        raise Errno(failure, "write-back failed")


def _unwritten(cache: "PageCache", first: int, end: int) -> list[Page]:
    """The pages of a range that the disk has not got: dirty, or on their way."""
    if cache.writing == 0:
        return [page for index in cache.dirty if first <= index < end and (page := cache.pages.get(index)) is not None]
    return [page for page in cache.pages.values() if (page.dirty or page.writing) and first <= page.index < end]


def _runs(cache: "PageCache", first: int, end: int) -> list[tuple[int, int]]:
    """The dirty pages of a range as runs of neighbours, in order: first page and the one behind the last."""
    found: list[tuple[int, int]] = []
    start = -1
    stop = -1
    for index in sorted(cache.dirty):
        if index < first or index >= end:
            continue
        if index != stop or index - start >= LONGEST_RUN:
            if start >= 0:
                found.append((start, stop))
            start = index
        stop = index + 1
    if start >= 0:
        found.append((start, stop))
    return found


class WriteRun:
    """A run of pages, marked as writing, with its transfers."""

    def __init__(self, cache: "PageCache") -> None:
        self.cache = cache
        self.owner = cache.owner() if cache.owner is not None else None
        """Kept while the disk works: its blocks must not be freed now."""
        self.pages: list[Page] = []
        self.transfers: list[Transfer] = []
        self.error = 0
        self.offset = 0
        self.count = 0

    def complete(self) -> int:
        """Wait for the transfers and tell the file system. The errno of what went wrong, 0 for nothing."""
        for transfer in self.transfers:
            try:
                transfer.wait()
            except Errno as failure:
                self.error = failure.code
        cache = self.cache
        if self.error == 0 and len(self.pages) > 0:
            try:
                cache.backing.written(self.offset, self.count)
            except Errno as failure:
                self.error = failure.code
            except MemoryError:
                self.error = EIO
        if self.error != 0:
            cache.errors.record(self.error)
        for page in self.pages:
            page.writing = False
            page.pending = 0
        cache.writing -= len(self.pages)
        totals.writing -= len(self.pages)
        cache.settle()
        cache.changes.wake_all()
        return self.error


def begin(cache: "PageCache", first: int, end: int, running: list[WriteRun]) -> int:
    """Begin to write the dirty pages from `first` on, up to the first that is not dirty or is still being written from before: the first
    page that was not looked at.

    A page that is being written is waited for if it is the first. The run is added to `running`, to be completed whatever happens: once
    pages are marked as writing, nobody else can end that. MemoryError leaves the pages dirty.
    """
    page = cache.pages.get(first)
    while page is not None and page.dirty and page.writing:
        cache.changes.wait(interruptible=False)
        page = cache.pages.get(first)
    pages: list[Page] = []
    index = first
    while index < end and page is not None and page.dirty and not page.writing:
        pages.append(page)
        index += 1
        page = cache.pages.get(index)
    if len(pages) == 0:
        return first + 1
    run = WriteRun(cache)
    running.append(run)
    _protect(cache, pages)
    run.pages = pages
    cache.writing += len(pages)
    totals.writing += len(pages)
    for page in pages:
        page.writing = True
        cache.mark_clean(page)
    run.offset = first << PAGE_SHIFT
    run.count = min(cache.size, index << PAGE_SHIFT) - run.offset
    zero_from(pages[-1], cache.size)
    _submit(cache, run)
    return index


def _protect(cache: "PageCache", pages: list[Page]) -> None:
    owner = cache.owner() if cache.owner is not None else None
    if owner is not None and any(page.mapped() for page in pages):
        protect_pages(owner, pages[0].index, pages[-1].index + 1)


def _submit(cache: "PageCache", run: WriteRun) -> None:
    """Find out where the run goes, and make its transfers."""
    end = (run.pages[-1].index + 1) << PAGE_SHIFT
    try:
        extents = cache.backing.allocate(run.offset, run.count)
        for part in plan_pages(cache.backing.device.most_pieces, run.pages, extents, end, fill=False):
            transfer = Transfer(Operation.WRITE, part.position, part.pieces)
            run.transfers.append(transfer)
            submit(cache.backing.device, transfer)
    except Errno as failure:
        run.error = failure.code
    except MemoryError:
        run.error = EIO
