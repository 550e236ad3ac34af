"""A regular file of a tmpfs: frames by page index, holes where there is none.

A file of the boot image begins with its bytes still in the image (`source_pa`, contiguous there). They are read in place. A page that is
mapped or written gets an entry in `pages`: the image's own frame when the file's page is exactly a frame of the image, else a copy. The one
reference that a frame of the image has from the start is the file's, so truncation and deletion turn it into free memory.

Invariants: an entry of `pages` is a frame this file holds one reference of, or HOLE; bytes of a frame beyond `length` are zero, so growing
the file needs no work; a page without an entry comes from the image if it begins below `source_size`, else it is a hole.
A page that was cut off remains in the memory of programs that had it mapped.

Sources: read(2), write(2), fallocate(2), lseek(2).
"""

from typing import Final

from objects.inode import InodeType
from objects.metadata import Owner
from objects.object import AllocateMode
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import Buffer, PhysicalBytes
from scarlet.lang.errno import EFBIG, ENXIO, EOPNOTSUPP, Errno
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
        self.source_pa = 0
        self.source_size = 0
        self.charged = 0

    def __del__(self) -> None:
        self._drop_from(0)
        super().__del__()

    def back_by_image(self, pa: int, size: int) -> None:
        """Let this empty file consist of `size` bytes of the boot image at `pa`, which nothing else uses. ENOSPC."""
        self._charge(_pages_of(size))
        self.source_pa = pa
        self.source_size = size
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
                elif frame == ABSENT and position < self.source_size:
                    run = min(run, self.source_size - position)
                    buffer.from_physical(done, self.source_pa + position, run)
                else:
                    buffer.zero(done, run)
            except Errno:
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
                if done == 0:
                    raise
                break
            done += run
        if done > 0:
            self.length = max(self.length, offset + done)
            self.touch_content()
        return done

    def _write_page(self, buffer: Buffer, start: int, index: int, within: int, run: int) -> None:
        frame = self.pages.get(index, ABSENT)
        if frame > 0:
            buffer.to_physical(start, frame + within, run)
        elif run == PAGE_SIZE and not self._in_image(index):
            self._write_new_page(buffer, start, index)
        else:
            buffer.to_physical(start, self._page_to_write(index) + within, run)

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
        frame = self.pages.get(index, ABSENT)
        if frame <= 0:
            frame = self._page_to_write(index) if write or self._in_image(index) else frames.zero_frame()
        frames.ref(frame)
        return frame

    def resident(self, index: int) -> int:
        if index < 0 or index >= _pages_of(self.length):
            return 0
        frame = self.pages.get(index, ABSENT)
        if frame == ABSENT and self._is_frame_of_image(index):
            frame = self._page_to_write(index)
        if frame <= 0:
            return 0
        frames.ref(frame)
        return frame

    def _in_image(self, index: int) -> bool:
        """Is the content of this page still in the image?"""
        return index << PAGE_SHIFT < self.source_size and index not in self.pages

    def _is_frame_of_image(self, index: int) -> bool:
        """Is this page, to its last byte, a frame of the image?"""
        return (index + 1) << PAGE_SHIFT <= self.source_size and self.source_pa & PAGE_MASK == 0 and index not in self.pages

    def _page_to_write(self, index: int) -> int:
        """The frame of a page that had none: the image's, a copy of the image's bytes, or zeros. ENOSPC."""
        if self._is_frame_of_image(index):
            frame = self.source_pa + (index << PAGE_SHIFT)
        elif self._in_image(index):
            start = index << PAGE_SHIFT
            count = min(PAGE_SIZE, self.source_size - start)
            frame = frames.allocate_zeroed()
            PhysicalBytes(self.source_pa + start, count).to_physical(0, frame, count)
        else:
            self._charge(1)
            try:
                frame = frames.allocate_zeroed()
            except MemoryError:
                self._discharge(1)
                raise
        self.pages[index] = frame
        return frame

    # Size and space

    def truncate(self, size: int) -> None:
        if size < self.length:
            self._drop_from(_pages_of(size))
            if self._in_image(size >> PAGE_SHIFT):
                self.source_size = min(self.source_size, size)
            else:
                self._zero_within_page(size, _pages_of(size) << PAGE_SHIFT)
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
                self._page_to_write(index)
                made += 1
        except (Errno, MemoryError):
            for index in missing[:made]:
                self._drop_page(index)
            raise

    def _punch(self, start: int, end: int) -> None:
        if start >= end:
            return
        first = _pages_of(start)
        last = end >> PAGE_SHIFT if end < self.length else _pages_of(end)
        if first > last:
            self._zero_within_page(start, end)
            return
        self._zero_within_page(start, first << PAGE_SHIFT)
        self._zero_within_page(last << PAGE_SHIFT, end)
        image_pages = _pages_of(self.source_size)
        for index in [index for index in self.pages if first <= index < last]:
            self._drop_page(index)
        for index in range(first, min(last, image_pages)):
            if self._in_image(index):
                self._give_back_image_page(index)
                self._discharge(1)
            self.pages[index] = HOLE

    def _zero_within_page(self, start: int, end: int) -> None:
        """Zero a range that lies in one page; nothing where there is a hole."""
        index = start >> PAGE_SHIFT
        if start >= end or (self.pages.get(index, ABSENT) <= 0 and not self._in_image(index)):
            return
        frame = self.pages.get(index, ABSENT)
        if frame <= 0:
            frame = self._page_to_write(index)
        PhysicalBytes(frame, PAGE_SIZE).zero(start & PAGE_MASK, end - start)

    def _drop_from(self, first: int) -> None:
        """Give back every page from `first` on."""
        image_pages = _pages_of(self.source_size)
        for index in range(first, image_pages):
            if self._in_image(index):
                self._give_back_image_page(index)
                self._discharge(1)
        self.source_size = min(self.source_size, first << PAGE_SHIFT)
        for index in [index for index in self.pages if index >= first]:
            self._drop_page(index)

    def _drop_page(self, index: int) -> None:
        frame = self.pages.pop(index)
        if frame > 0:
            frames.unref(frame)
            self._discharge(1)

    def _give_back_image_page(self, index: int) -> None:
        """A frame of the image that was only ever read becomes free memory."""
        if self._is_frame_of_image(index):
            frames.unref(self.source_pa + (index << PAGE_SHIFT))

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
        best = _pages_of(self.length)
        if self._has_data(index):
            return offset
        for candidate in range(index + 1, _pages_of(self.source_size)):
            if self._in_image(candidate):
                best = candidate
                break
        for candidate in self.pages:
            if index < candidate < best and self.pages[candidate] > 0:
                best = candidate
        if best == _pages_of(self.length):
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

    def _has_data(self, index: int) -> bool:
        return self.pages.get(index, ABSENT) > 0 or self._in_image(index)


def _pages_of(size: int) -> int:
    """Pages that hold `size` bytes."""
    return (size >> PAGE_SHIFT) + (1 if size & PAGE_MASK else 0)
