"""A regular file of a tmpfs: frames by page index, holes where there is none.

A file of the boot image begins with its bytes still in the image (`image_pa`, contiguous there), where they are read in place. If the
file lies page-aligned in the image, its first `image_frames` pages are frames of the image, mapped and written as they are: the one
reference each of them has from the start is the file's. Every other page of it is copied when it is first mapped or written.

Invariants: an entry of `pages` is a frame this file holds one reference of, or HOLE; a page without an entry is the image's if it begins
below `image_size`, else it is a hole; bytes of a page beyond `length` are zero, so growing the file needs no work. A page that was cut
off is gone from the memory of programs that had it mapped, too.

Sources: read(2), write(2), fallocate(2), lseek(2).
"""

from typing import Final

from objects.inode import InodeType
from objects.mapped import forget_cut_pages, forget_punched_pages
from objects.metadata import Owner
from objects.object import AllocateMode
from objects.seals import Seals
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer, PhysicalBytes
from scarlet.lang.errno import EFBIG, ENXIO, EOPNOTSUPP, EPERM, Errno
from vfs.tmpfs.filesystem import PAGE_SIZE, Tmpfs
from vfs.tmpfs.inode import TmpfsInode

PAGE_SHIFT: Final = 12
PAGE_MASK: Final = PAGE_SIZE - 1
MAX_SIZE: Final = (1 << 63) - 1
HOLE: Final = 0
"""In `pages`: a hole where the image had something."""
ABSENT: Final = -1


class TmpfsFile(TmpfsInode):
    """A regular file."""

    def __init__(self, tmpfs: Tmpfs, number: int, mode: int, owner: Owner) -> None:
        super().__init__(tmpfs, number, InodeType.REGULAR, mode, owner)
        self.length = 0
        self.pages: dict[int, int] = {}
        self.image_pa = 0
        self.image_size = 0
        self.image_frames = 0
        self.charged = 0

    def __del__(self) -> None:
        self._drop_from(0)
        super().__del__()

    def back_by_image(self, pa: int, size: int) -> None:
        """Let this empty file consist of `size` bytes of the boot image at `pa`, which nothing else uses. ENOSPC."""
        self._charge(_pages_of(size))
        self.image_pa = pa
        self.image_size = size
        self.image_frames = size >> PAGE_SHIFT if pa & PAGE_MASK == 0 else 0
        self.length = size

    def size(self) -> int:
        return self.length

    def pages_used(self) -> int:
        return self.charged

    # Reading and writing

    def read_at(self, buffer: Buffer, offset: int) -> int:
        count = min(buffer.length, self.length - offset)
        done = 0
        while done < count:
            position = offset + done
            within = position & PAGE_MASK
            run = min(PAGE_SIZE - within, count - done)
            frame = self.pages.get(position >> PAGE_SHIFT, ABSENT)
            try:
                if frame > 0:
                    buffer.from_physical(done, frame + within, run)
                elif frame == ABSENT and position < self.image_size:
                    if len(self.pages) == 0:
                        run = count - done
                    run = min(run, self.image_size - position)
                    buffer.from_physical(done, self.image_pa + position, run)
                else:
                    buffer.zero(done, run)
            except Errno:
                done += buffer.reach(done, run, Access.WRITE)
                if done == 0:
                    raise
                return done
            done += run
        return done

    def write_at(self, buffer: Buffer, offset: int) -> int:
        count = buffer.length
        if count > MAX_SIZE - offset:
            raise Errno(EFBIG, "no file can be that large")
        done = 0
        while done < count:
            position = offset + done
            within = position & PAGE_MASK
            run = min(PAGE_SIZE - within, count - done)
            try:
                self._write_page(buffer, done, position >> PAGE_SHIFT, within, run)
            except (Errno, MemoryError):
                done += self._write_reachable(buffer, done, position >> PAGE_SHIFT, within, run)
                if done == 0:
                    raise
                break
            done += run
        if done > 0:
            self.length = max(self.length, offset + done)
            self.touch_content()
        return done

    def _write_reachable(self, buffer: Buffer, start: int, index: int, within: int, run: int) -> int:
        """After a page could not be written: the bytes before a bad address can be, and are; 0 when that was not the reason."""
        reached = buffer.reach(start, run, Access.READ)
        if reached == 0 or reached == run:
            return 0
        try:
            self._write_page(buffer, start, index, within, reached)
        except (Errno, MemoryError):
            return 0
        return reached

    def _write_page(self, buffer: Buffer, start: int, index: int, within: int, run: int) -> None:
        frame = self._frame(index)
        if frame == 0 and run == PAGE_SIZE and not self._in_image(index):
            self._write_new_page(buffer, start, index)
            return
        if frame == 0:
            frame = self._make_page(index)
        buffer.to_physical(start, frame + within, run)

    def _write_new_page(self, buffer: Buffer, start: int, index: int) -> None:
        """A whole page where nothing was needs no zeros first; it becomes part of the file only when all of it was copied."""
        self._charge(1)
        frame = 0
        try:
            frame = frames.allocate()
            buffer.to_physical(start, frame, PAGE_SIZE)
        except (Errno, MemoryError):
            if frame != 0:
                frames.unref(frame)
            self._discharge(1)
            raise
        self.pages[index] = frame

    # Pages

    def page(self, index: int, *, write: bool) -> int:
        if index < 0 or index >= _pages_of(self.length):
            return 0
        frame = self._frame(index)
        if frame == 0:
            frame = self._make_page(index) if write or self._in_image(index) else frames.zero_frame()
        frames.ref(frame)
        return frame

    def resident(self, index: int) -> int:
        if index < 0 or index >= _pages_of(self.length):
            return 0
        frame = self._frame(index)
        if frame != 0:
            frames.ref(frame)
        return frame

    def _frame(self, index: int) -> int:
        """The frame that is this page; 0 for a hole, and for a page that is still somewhere in the image."""
        frame = self.pages.get(index, ABSENT)
        if frame == ABSENT:
            return self.image_pa + (index << PAGE_SHIFT) if index < self.image_frames else 0
        return frame

    def _in_image(self, index: int) -> bool:
        """Is the content of this page in the image?"""
        return index << PAGE_SHIFT < self.image_size and index not in self.pages

    def _has_data(self, index: int) -> bool:
        return self._in_image(index) or self.pages.get(index, HOLE) != HOLE

    def _make_page(self, index: int) -> int:
        """Give a page that has no frame one, with the image's bytes or zeros. ENOSPC."""
        from_image = self._in_image(index)
        if not from_image:
            self._charge(1)
        try:
            frame = frames.allocate_zeroed()
        except MemoryError:
            if not from_image:
                self._discharge(1)
            raise
        if from_image:
            start = index << PAGE_SHIFT
            count = min(PAGE_SIZE, self.image_size - start)
            PhysicalBytes(self.image_pa + start, count).to_physical(0, frame, count)
        self.pages[index] = frame
        return frame

    # Size and space

    def seals(self) -> Seals:
        """Named files cannot be sealed: they have had the last seal from the start, as on Linux. (vfs/memoryfile.py has others)"""
        return Seals.SEAL

    def add_seals(self, seals: Seals) -> None:
        raise Errno(EPERM, "only files of memfd_create are sealed")

    def truncate(self, size: int) -> None:
        if size < self.length:
            self._drop_from(_pages_of(size))
            if self.mappings > 0:
                forget_cut_pages(self, _pages_of(size))
            if self._frame(size >> PAGE_SHIFT) != 0:
                self._zero_within_page(size, _pages_of(size) << PAGE_SHIFT)
            else:
                self.image_size = min(self.image_size, size)
        self.length = size
        self.touch_content()

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        """Reserving fills holes with zeros, punching makes them. EOPNOTSUPP for other modes, as Linux's tmpfs."""
        end = offset + length
        if mode == AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE:
            self._punch(offset, min(end, self.length))
        elif mode == AllocateMode.NONE or mode == AllocateMode.KEEP_SIZE:
            self._reserve(offset >> PAGE_SHIFT, _pages_of(end))
            if mode == AllocateMode.NONE:
                self.length = max(self.length, end)
        else:
            raise Errno(EOPNOTSUPP, "tmpfs reserves and punches, nothing else")
        self.touch_content()

    def _reserve(self, first: int, end: int) -> None:
        """Give every page of a range memory, or none of them. ENOSPC."""
        missing: list[int] = []
        for index in range(first, end):
            if not self._has_data(index):
                missing.append(index)
                self.tmpfs.require_pages(len(missing))
        made = 0
        try:
            for index in missing:
                self._make_page(index)
                made += 1
        except (Errno, MemoryError):
            for index in missing[:made]:
                self._make_hole(index)
            raise

    def _punch(self, start: int, end: int) -> None:
        """Zero a range, and give the pages back that lie in it whole."""
        if start >= end:
            return
        first = _pages_of(start)
        last = _pages_of(end) if end == self.length else end >> PAGE_SHIFT
        if first > last:
            self._zero_within_page(start, end)
            return
        self._zero_within_page(start, first << PAGE_SHIFT)
        self._zero_within_page(last << PAGE_SHIFT, end)
        if self.mappings > 0:
            forget_punched_pages(self, first, last)
        for index in range(first, min(last, _pages_of(self.image_size))):
            self._make_hole(index)
        for index in [index for index in self.pages if first <= index < last]:
            self._make_hole(index)

    def _zero_within_page(self, start: int, end: int) -> None:
        """Zero a range that lies in one page; nothing where there is a hole."""
        index = start >> PAGE_SHIFT
        if start >= end or not self._has_data(index):
            return
        frame = self._frame(index)
        if frame == 0:
            frame = self._make_page(index)
        PhysicalBytes(frame, PAGE_SIZE).zero(start & PAGE_MASK, end - start)

    def _make_hole(self, index: int) -> None:
        """Give a page back; the mark keeps what the image has there from coming to light again."""
        self._release(index)
        if index << PAGE_SHIFT < self.image_size:
            self.pages[index] = HOLE
        elif index in self.pages:
            self.pages.pop(index)

    def _drop_from(self, first: int) -> None:
        """Give back every page from `first` on."""
        for index in range(first, _pages_of(self.image_size)):
            if index not in self.pages:
                self._release(index)
        for index in [index for index in self.pages if index >= first]:
            self._release(index)
            self.pages.pop(index)
        self.image_size = min(self.image_size, first << PAGE_SHIFT)
        self.image_frames = min(self.image_frames, first)

    def _release(self, index: int) -> None:
        """Let go of a page's frame; the entry, if there is one, is the caller's to remove. A frame of the image becomes free memory."""
        if not self._has_data(index):
            return
        frame = self._frame(index)
        if frame != 0:
            frames.unref(frame)
        self._discharge(1)

    def _charge(self, pages: int) -> None:
        self.tmpfs.take_pages(pages)
        self.charged += pages

    def _discharge(self, pages: int) -> None:
        self.tmpfs.give_pages(pages)
        self.charged -= pages

    # Data and holes

    def next_data(self, offset: int) -> int:
        if offset >= self.length:
            raise Errno(ENXIO, "past the end of the file")
        index = offset >> PAGE_SHIFT
        if self._has_data(index):
            return offset
        end = _pages_of(self.length)
        best = end
        for candidate in range(index + 1, _pages_of(self.image_size)):
            if self._in_image(candidate):
                best = candidate
                break
        for candidate in self.pages:
            if index < candidate < best and self.pages[candidate] != HOLE:
                best = candidate
        if best == end:
            raise Errno(ENXIO, "no data up to the end of the file")
        return best << PAGE_SHIFT

    def next_hole(self, offset: int) -> int:
        if offset >= self.length:
            raise Errno(ENXIO, "past the end of the file")
        index = offset >> PAGE_SHIFT
        if not self._has_data(index):
            return offset
        while self._has_data(index):
            index += 1
        return min(index << PAGE_SHIFT, self.length)


def _pages_of(size: int) -> int:
    """Pages that hold `size` bytes."""
    return (size >> PAGE_SHIFT) + (1 if size & PAGE_MASK else 0)
