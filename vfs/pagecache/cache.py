"""The pages of one file, or of one disk.

What holds whenever a thread may have slept, and so is to be asked again after each sleep:

- `pages` has exactly the pages that are not gone. A page that is filling or writing is not taken out, except by its own failure to fill.
- A page is dirty exactly if its index is in `dirty`. `size` is the size of the file; bytes of a page beyond it are zero, but for what
  a program stores there through a mapping, and that is zeroed before it could be read or written back.
- `mutex` is held by who changes the content by writing or cutting: write(), and file systems around resizing() and closed(). Reading,
  faulting and write-back do without.
- In a closed range nothing is there and nothing is brought in: the file system may give its blocks away.
- Storing through a mapping is noticed: a page is mapped writable only after page(write=True) made it dirty, and write-back takes the right
  away again before it writes (objects/mapped.py).

Sources: read(2), write(2), mmap(2).
"""

import weakref
from typing import Final

from objects.errseq import ErrorSequence
from objects.inode import Inode
from objects.object import Advice
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer, PhysicalBytes
from scarlet.kernel.mutex import Mutex
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EDQUOT, EFBIG, ENOSPC, Errno
from vfs.pagecache import direct, filling, flushing, reclaim, writeback
from vfs.pagecache.backing import Backing
from vfs.pagecache.closing import Closed, Resizing
from vfs.pagecache.index import PageIndex
from vfs.pagecache.page import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Page, pages_of, totals

AT_END: Final = -1
"""As the offset of a write: the end of the file as it is when the write's turn has come. (O_APPEND)"""
MAX_SIZE: Final = (1 << 63) - 1
RESERVED_AT_ONCE: Final = 256
"""Pages."""


class PageCache:
    """`size` bytes that lie where `backing` says. Made with the inode whose content they are, which sets `owner` to itself."""

    def __init__(self, backing: Backing, size: int) -> None:
        self.backing = backing
        self.size = size
        self.owner: weakref.ref[Inode] | None = None
        """For pages in mappings; a cache without one is not mapped."""
        self.errors = ErrorSequence()
        """Failed write-back; the inode's `errors`."""
        self.mutex = Mutex()
        self.pages = PageIndex()
        self.dirty: set[int] = set()
        self.writing = 0
        """Pages on their way to the disk."""
        self.changes = WaitQueue()
        """Woken when pages become filled, written or gone, and when a range opens again."""
        self.closures: list[Closed] = []
        self.direct_readers = 0
        """Transfers around the cache that read what a file system must not give away yet."""
        self.random = False
        """Nothing is to be read ahead. (POSIX_FADV_RANDOM)"""
        self.window = filling.LARGEST_WINDOW
        """Pages read ahead at most. (POSIX_FADV_SEQUENTIAL)"""
        self.dirty_since_ns = 0
        self.link = weakref.ref(self)

    def __del__(self) -> None:
        for page in self.pages.values():
            page.gone = True
            reclaim.clock.leave(page)
        totals.cached -= len(self.pages)

    # Reading and writing

    def read(self, buffer: Buffer, offset: int) -> int:
        """Bytes read, 0 at the end. EIO, EFAULT if nothing could be read."""
        count = min(buffer.length, self.size - offset)
        last = (offset + count - 1) >> PAGE_SHIFT
        done = 0
        while done < count:
            position = offset + done
            within = position & PAGE_MASK
            run = min(PAGE_SIZE - within, count - done)
            page = self.pages.get(position >> PAGE_SHIFT)
            if page is None or page.fresh or page.ahead:
                page = self._bring_to_read(position >> PAGE_SHIFT, last, done)
                if page is None or self.size <= position:
                    return done
                run = min(run, self.size - position)
            elif within == 0:
                page.used = True
            try:
                buffer.from_physical(done, page.frame + within, run)
            except Errno:
                done += buffer.reach(done, run, Access.WRITE)
                if done == 0:
                    raise
                return done
            done += run
            count = min(count, self.size - offset)
        return max(done, 0)

    def _bring_to_read(self, index: int, last: int, done: int) -> Page | None:
        """The page, None where a read ends: the file does, or the page cannot be read and something was before it. EIO, MemoryError."""
        try:
            return filling.bring(self, index, last)
        except (Errno, MemoryError):
            if done == 0:
                raise
            return None

    def write(self, buffer: Buffer, offset: int) -> int:
        """Bytes written into pages, to reach the disk later. EFBIG, ENOSPC, EDQUOT, EIO, EFAULT if nothing could be written."""
        with self.mutex:
            if offset == AT_END:
                offset = self.size
            if buffer.length > MAX_SIZE - offset:
                raise Errno(EFBIG, "no file can be that large")
            if offset > self.size:
                filling.settle_tail(self)
            done = self._write(buffer, offset)
        writeback.throttle(self)
        return done

    def _write(self, buffer: Buffer, offset: int) -> int:
        count = buffer.length
        last = (offset + count - 1) >> PAGE_SHIFT
        reserved = 0
        """Pages before this one were reserved by this write."""
        done = 0
        while done < count:
            position = offset + done
            index = position >> PAGE_SHIFT
            within = position & PAGE_MASK
            run = min(PAGE_SIZE - within, count - done)
            page = self.pages.get(index)
            try:
                if index >= reserved and (page is None or not page.dirty):
                    reserved = self._reserve(index, last)
                    continue
                if not self._write_in_page(buffer, done, index, within, run):
                    continue
            except (Errno, MemoryError):
                run = self._write_reachable(buffer, done, index, within, run, reserved)
                if done + run == 0:
                    raise
                count = done + run
            done += run
            self.size = max(self.size, offset + done)
        return done

    def _reserve(self, index: int, last: int) -> int:
        """Have the file system keep room for the pages from `index` on, for as many as it can: the first that has none."""
        pages = min(last - index + 1, RESERVED_AT_ONCE)
        try:
            self.backing.reserve(index << PAGE_SHIFT, pages << PAGE_SHIFT)
        except Errno as failure:
            if pages == 1 or failure.code != ENOSPC and failure.code != EDQUOT:
                raise
            pages = 1
            self.backing.reserve(index << PAGE_SHIFT, PAGE_SIZE)
        return index + pages

    def _write_in_page(self, buffer: Buffer, start: int, index: int, within: int, run: int) -> bool:
        """Write a part of one page, for which there is room. False: the page was given back meanwhile, try again."""
        page = self.pages.get(index)
        if page is None and (run == PAGE_SIZE or index >= pages_of(self.size)):
            return self._write_new_page(buffer, start, index, within, run)
        if page is None or page.fresh:
            page = filling.bring(self, index, index, alone=True)
            if page is None:
                return False
        buffer.to_physical(start, page.frame + within, run)
        if page.gone:
            return False
        page.used = True
        self.mark_dirty(page)
        return True

    def _write_new_page(self, buffer: Buffer, start: int, index: int, within: int, run: int) -> bool:
        """A page that is overwritten whole, or that nothing was in: the disk is not asked."""
        page = Page(self.link, index)
        page.frame = reclaim.new_frame(self)
        page.fresh = False
        if run < PAGE_SIZE:
            PhysicalBytes(page.frame, PAGE_SIZE).zero(0, PAGE_SIZE)
        buffer.to_physical(start, page.frame + within, run)
        if index in self.pages:
            return False
        self.insert(page)
        self.mark_dirty(page)
        return True

    def _write_reachable(self, buffer: Buffer, start: int, index: int, within: int, run: int, reserved: int) -> int:
        """After a page could not be written: the bytes before a bad address can be, and are; 0 when that was not the reason."""
        reached = buffer.reach(start, run, Access.READ)
        if reached == 0 or reached == run:
            return 0
        try:
            while not self._write_in_page(buffer, start, index, within, reached):
                pass
        except (Errno, MemoryError):
            return 0
        return reached

    # Around the cache

    def read_direct(self, buffer: Buffer, offset: int) -> int:
        """read() from the disk into the buffer. EINVAL if offset, length or memory are not aligned to sectors. (O_DIRECT)"""
        return direct.read(self, buffer, offset)

    def write_direct(self, buffer: Buffer, offset: int) -> int:
        """write() from the buffer to the disk. EINVAL as above. (O_DIRECT)"""
        return direct.write(self, buffer, offset)

    # Mappings

    def page(self, index: int, *, write: bool) -> int:
        """The frame of a page for a mapping, referenced; 0 past the end. `write`: it is dirty from now on. ENOSPC, EIO, MemoryError."""
        while True:
            page = filling.bring(self, index, index)
            if page is None:
                return 0
            if write and not page.dirty:
                self.backing.reserve(index << PAGE_SHIFT, PAGE_SIZE)
                if page.gone or page.filling:
                    continue
                self.mark_dirty(page)
            frames.ref(page.frame)
            return page.frame

    def resident(self, index: int) -> int:
        """The same without writing, if it takes no work; else 0."""
        page = self.pages.get(index)
        if page is None or page.filling or index >= pages_of(self.size):
            return 0
        frames.ref(page.frame)
        return page.frame

    # Cutting

    def resizing(self, size: int) -> Resizing:
        """`with cache.mutex, cache.resizing(size):` the file gets a new size. A file system frees blocks, or stores the size, in the
        body."""
        return Resizing(self, size)

    def closed(self, offset: int, end: int) -> Closed:
        """`with cache.mutex, cache.closed(offset, end) as hole:` what lies in the range becomes zero. In the body the file system frees the
        blocks of the pages from hole.first up to before hole.end; the rest of the range has been zeroed in memory."""
        return Closed(self, offset, end)

    # Write-back

    def sync(self) -> None:
        """Come back when what is dirty now was given to the disk (which may have it in a cache of its own). EIO, ENOSPC."""
        flushing.flush(self, 0, MAX_SIZE >> PAGE_SHIFT)

    def sync_range(self, offset: int, count: int) -> None:
        """The same for the pages of a range."""
        flushing.flush(self, offset >> PAGE_SHIFT, pages_of(offset + count))

    def start_write_back(self) -> None:
        """Have what is dirty written soon."""
        writeback.hurry(self)

    def forget_changes(self) -> None:
        """Nobody will ever read this file again: what is dirty is not written. No page is on its way to the disk. Does not sleep."""
        for index in self.dirty:
            page = self.pages.get(index)
            if page is not None:
                page.dirty = False
        totals.dirty -= len(self.dirty)
        self.dirty.clear()
        self.settle()

    # Advice

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        """What a program is going to do with a range; `count` 0 is up to the end. What it says of how it reads holds for the whole file,
        and for everybody. (posix_fadvise(2))"""
        if count == 0:
            count = max(self.size - offset, 0)
        match advice:
            case Advice.NORMAL:
                self.random = False
                self.window = filling.LARGEST_WINDOW
            case Advice.SEQUENTIAL:
                self.random = False
                self.window = filling.LARGEST_WINDOW * 2
            case Advice.RANDOM:
                self.random = True
            case Advice.WILL_NEED:
                self.read_ahead(offset, count)
            case Advice.DONT_NEED:
                self.give_back(offset, count)
            case _:
                pass

    def read_ahead(self, offset: int, count: int) -> None:
        """Begin to bring in what of a range is not there. Errors show when somebody reads it. (readahead(2), POSIX_FADV_WILLNEED)"""
        filling.read_ahead(self, offset >> PAGE_SHIFT, pages_of(min(offset + count, self.size)))

    def give_back(self, offset: int, count: int) -> None:
        """Forget the clean pages of a range that nobody has mapped. (POSIX_FADV_DONTNEED, BLKFLSBUF)"""
        first = pages_of(offset)
        end = (offset + count) >> PAGE_SHIFT if offset + count < self.size else pages_of(self.size)
        for page in [page for page in self.pages.values() if first <= page.index < end]:
            if not page.gone and not page.filling and not page.dirty and not page.writing and not page.mapped():
                self.remove(page)

    # For this package

    def insert(self, page: Page) -> None:
        """A page that was not there. MemoryError: it still is not."""
        reclaim.clock.enter(page)
        try:
            self.pages.put(page)
        except MemoryError:
            reclaim.clock.leave(page)
            raise
        totals.cached += 1

    def remove(self, page: Page) -> None:
        """Take a page out, dirty or not."""
        if page.dirty:
            self.mark_clean(page)
        self.pages.pop(page.index)
        page.gone = True
        totals.cached -= 1
        reclaim.clock.leave(page)

    def mark_dirty(self, page: Page) -> None:
        if page.dirty:
            return
        self.dirty.add(page.index)
        page.dirty = True
        totals.dirty += 1
        if len(self.dirty) == 1 and self.writing == 0:
            writeback.joined(self)

    def mark_clean(self, page: Page) -> None:
        """It needs no writing any more: it is being written, or was cut off."""
        page.dirty = False
        totals.dirty -= 1
        self.dirty.discard(page.index)
        self.settle()

    def settle(self) -> None:
        """Leave the list of dirty caches when nothing is to be done."""
        if len(self.dirty) == 0 and self.writing == 0:
            writeback.left(self)

    def is_closed(self, index: int) -> bool:
        for closure in self.closures:
            if closure.first <= index < closure.end:
                return True
        return False
