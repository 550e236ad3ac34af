"""From extents and pages to transfers: what lies together on the disk goes in one, however it lies in memory."""

from objects.block import Piece
from scarlet.kernel.memory.buffer import PhysicalBytes
from vfs.pagecache.backing import Extent
from vfs.pagecache.page import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Page


class Run:
    """What becomes one transfer: `count` bytes from `position` on the disk on, with the pages they belong to."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.count = 0
        self.pieces: list[Piece] = []
        self.pages: list[Page] = []


class Planner:
    """Collects runs of at most `most_pieces` pieces. Add in the order of the file."""

    def __init__(self, most_pieces: int) -> None:
        self.runs: list[Run] = []
        self._most_pieces = most_pieces

    def add(self, position: int, pa: int, count: int, page: Page | None) -> None:
        """`count` bytes at `position` on the disk belong to the memory at `pa`, which is of this page."""
        run: Run | None = self.runs[-1] if len(self.runs) > 0 else None
        if run is not None and run.position + run.count == position:
            last = run.pieces[-1]
            if last.pa + last.count == pa:
                last.count += count
            elif len(run.pieces) < self._most_pieces:
                run.pieces.append(Piece(pa, count))
            else:
                run = None
        else:
            run = None
        if run is None:
            run = Run(position)
            run.pieces.append(Piece(pa, count))
            self.runs.append(run)
        run.count += count
        if page is not None and (len(run.pages) == 0 or run.pages[-1] is not page):
            page.pending += 1
            run.pages.append(page)


def plan_pages(most_pieces: int, pages: list[Page], extents: list[Extent], end: int, *, fill: bool) -> list[Run]:
    """The runs between consecutive pages and the disk, up to before the byte `end` of the file; each page counts its runs in `pending`.

    `fill`: what has no data on the disk is zeroed at once. Otherwise such extents are passed over, unwritten ones are not.
    """
    planner = Planner(most_pieces)
    base = pages[0].index
    at = base << PAGE_SHIFT
    for extent in extents:
        low = max(extent.offset, at)
        high = min(extent.end, end)
        if low >= high:
            continue
        if fill:
            _zero(pages, base, at, low)
            if not extent.holds_data:
                _zero(pages, base, low, high)
                at = high
                continue
        elif extent.position < 0:
            at = high
            continue
        position = extent.position + (low - extent.offset)
        while low < high:
            page = pages[(low >> PAGE_SHIFT) - base]
            run = min(PAGE_SIZE - (low & PAGE_MASK), high - low)
            planner.add(position, page.frame + (low & PAGE_MASK), run, page)
            position += run
            low += run
        at = high
    if fill:
        _zero(pages, base, at, end)
    return planner.runs


def _zero(pages: list[Page], base: int, start: int, end: int) -> None:
    while start < end:
        page = pages[(start >> PAGE_SHIFT) - base]
        run = min(PAGE_SIZE - (start & PAGE_MASK), end - start)
        PhysicalBytes(page.frame, PAGE_SIZE).zero(start & PAGE_MASK, run)
        start += run


def zero_from(page: Page, size: int) -> None:
    """Zero what a page has behind the end of the file."""
    start = size - (page.index << PAGE_SHIFT)
    if start < PAGE_SIZE:
        PhysicalBytes(page.frame, PAGE_SIZE).zero(max(start, 0), PAGE_SIZE - max(start, 0))
