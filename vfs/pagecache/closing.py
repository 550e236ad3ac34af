"""Taking pages out for good: a file that is cut, a hole that is punched, blocks that are written around the cache.

While a range is closed, nobody can bring its pages in: a read or a fault there waits. Pages that were on their way are waited for first. So
the file system can give blocks to another file in the body of the `with`, and no transfer of this file still reads or writes them.

Sources: ftruncate(2), fallocate(2).
"""

from typing import TYPE_CHECKING, Final

from objects.mapped import forget_cut_pages, unmap_page
from vfs.pagecache import filling
from vfs.pagecache.page import PAGE_MASK, PAGE_SHIFT, pages_of

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

LAST_PAGE: Final = (1 << 51) - 1
"""No file has that many pages."""


class Closed:
    """The bytes from `offset` to before `end` are closed: whole pages are taken out, what is left at both sides is zeroed."""

    def __init__(self, cache: "PageCache", offset: int, end: int, *, zero: bool = True) -> None:
        self.cache = cache
        self.offset = offset
        self.limit = end
        self.zero = zero
        self.first = pages_of(offset)
        self.end = max(end >> PAGE_SHIFT if end < cache.size else pages_of(end), self.first)

    def __enter__(self) -> "Closed":
        if self.zero:
            self._zero_sides()
        self.close()
        empty(self.cache, self.first, self.end)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.open()

    def close(self) -> None:
        self.cache.closures.append(self)

    def open(self) -> None:
        self.cache.closures.remove(self)
        self.cache.changes.wake_all()

    def _zero_sides(self) -> None:
        offset = self.offset
        limit = min(self.limit, self.cache.size)
        if offset >= limit:
            return
        if offset >> PAGE_SHIFT == (limit - 1) >> PAGE_SHIFT:
            if not self.first <= offset >> PAGE_SHIFT < self.end:
                filling.zero_part(self.cache, offset, limit)
            return
        if offset & PAGE_MASK != 0:
            filling.zero_part(self.cache, offset, self.first << PAGE_SHIFT)
        if self.end << PAGE_SHIFT < limit:
            filling.zero_part(self.cache, self.end << PAGE_SHIFT, limit)


class Resizing:
    """The file gets another size: when it shrinks at once, when it grows with the end of the body, if that raised nothing."""

    def __init__(self, cache: "PageCache", size: int) -> None:
        self.cache = cache
        self.size = size
        self.closed: Closed | None = None

    def __enter__(self) -> "Resizing":
        cache = self.cache
        if self.size >= cache.size:
            if self.size > cache.size:
                filling.settle_tail(cache)
            return self
        if self.size & PAGE_MASK != 0:
            self._clean_tail()
        first = pages_of(self.size)
        cache.size = self.size
        closed = Closed(cache, self.size & ~PAGE_MASK, LAST_PAGE << PAGE_SHIFT, zero=False)
        closed.close()
        self.closed = closed
        owner = cache.owner() if cache.owner is not None else None
        if owner is not None and owner.mappings > 0:
            forget_cut_pages(owner, first)
        empty(cache, first, LAST_PAGE)
        return self

    def _clean_tail(self) -> None:
        """Zero the rest of the last page. Where the file system has several blocks in a page, it is written at once: if it were dirty, it
        could need blocks, when the file grows again, that are given away now together with what was reserved. So it stays closed, too."""
        cache = self.cache
        index = self.size >> PAGE_SHIFT
        filling.zero_part(cache, self.size, min(cache.size, (self.size | PAGE_MASK) + 1))
        while index in cache.dirty and not cache.backing.blocks_are_pages:
            cache.sync_range(index << PAGE_SHIFT, 1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self.closed is not None:
            self.closed.open()
            self.closed = None
        elif kind is None:
            self.cache.size = max(self.cache.size, self.size)


def empty(cache: "PageCache", first: int, end: int) -> None:
    """Take the pages of a closed range out, dirty or not, after what they are doing; out of programs' memory, too, which private copies do
    not concern. Nothing else comes in meanwhile."""
    while cache.direct_readers > 0:
        cache.changes.wait(interruptible=False)
    for index in indices(cache, first, end):
        page = cache.pages.get(index)
        while page is not None and (page.filling or page.writing):
            cache.changes.wait(interruptible=False)
            page = cache.pages.get(index)
        if page is not None:
            owner = cache.owner() if cache.owner is not None else None
            if owner is not None and page.mapped():
                unmap_page(owner, index, page.frame)
            cache.remove(page)


def indices(cache: "PageCache", first: int, end: int) -> list[int]:
    """The indices of the pages in a range that are there."""
    if end - first < len(cache.pages):
        return [index for index in range(first, end) if index in cache.pages]
    return [page.index for page in cache.pages.values() if first <= page.index < end]
