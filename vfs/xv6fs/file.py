"""A regular file of an xv6 file system.

Pages that were mapped are kept as long as the file is in use, and are then the truth: reads come from them, writes go to them as well as
to the blocks. A page that programs may write to is compared with its blocks, and written back, when the file system is synced.

User memory is copied outside of the mutex, because touching it may read a page of the very same file system.
"""

from typing import Final

from objects.inode import InodeType
from objects.mapped import forget_cut_pages
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import Buffer, PhysicalBytes
from scarlet.lang.errno import EFBIG, ENOSPC, Errno
from vfs.xv6fs.content import BLOCKS_TO_GROW
from vfs.xv6fs.filesystem import Xv6FileSystem
from vfs.xv6fs.inode import Xv6Inode
from vfs.xv6fs.layout import BLOCK_SIZE, MAX_SIZE

PAGE_SIZE: Final = 4096


class Xv6File(Xv6Inode):
    """A regular file."""

    def __init__(self, filesystem: Xv6FileSystem, number: int) -> None:
        super().__init__(filesystem, number, InodeType.REGULAR)
        self._pages: dict[int, int] = {}
        self._written: set[int] = set()
        """Pages that were mapped for writing."""

    def __del__(self) -> None:
        for frame in self._pages.values():
            frames.unref(frame)
        super().__del__()

    # Reading

    def read_at(self, buffer: Buffer, offset: int) -> int:
        done = 0
        while done < buffer.length:
            try:
                count = self._read_some(buffer, done, offset + done)
            except Errno:
                if done == 0:
                    raise
                break
            if count == 0:
                break
            done += count
        return done

    def _read_some(self, buffer: Buffer, start: int, offset: int) -> int:
        """Up to the end of a page or block; 0 at the end of the file."""
        frame = self._pages.get(offset // PAGE_SIZE, 0)
        if frame != 0:
            within = offset % PAGE_SIZE
            count = min(PAGE_SIZE - within, buffer.length - start, self.size() - offset)
            if count > 0:
                buffer.from_physical(start, frame + within, count)
            return max(count, 0)
        with self.xv6fs.mutex:
            data = self.xv6fs.content.read(self.load(), offset, buffer.length - start)
        buffer.write(start, data)
        return len(data)

    # Writing

    def write_at(self, buffer: Buffer, offset: int) -> int:
        self.require_writable()
        if offset >= MAX_SIZE and buffer.length > 0:
            raise Errno(EFBIG, "an xv6 file has at most 268 blocks")
        size = self.size()
        if offset > size and buffer.length > 0:
            self._write_zeros(size, offset)
        length = min(buffer.length, MAX_SIZE - offset)
        done = 0
        while done < length:
            try:
                data = buffer.read(done, min(BLOCK_SIZE - (offset + done) % BLOCK_SIZE + self._extra(), length - done))
                self._write_bytes(offset + done, data)
            except (Errno, MemoryError):
                if done == 0:
                    raise
                break
            done += len(data)
        return done

    def _extra(self) -> int:
        """How much more than one block a transaction has room for."""
        return (self.xv6fs.geometry.log_capacity // BLOCKS_TO_GROW - 2) * BLOCK_SIZE

    def _write_bytes(self, offset: int, data: bytes) -> None:
        """Write in one transaction; on a disk that is nearly full, block by block, so that as much as possible is written."""
        try:
            self._write_in_one(offset, data)
        except Errno as error:
            first = BLOCK_SIZE - offset % BLOCK_SIZE
            if error.code != ENOSPC or len(data) <= first:
                raise
            self._write_in_one(offset, data[:first])
            self._write_bytes(offset + first, data[first:])

    def _write_in_one(self, offset: int, data: bytes) -> None:
        with self.xv6fs.operation():
            on_disk = self.load()
            done = 0
            while done < len(data):
                position = offset + done
                part = data[done : done + BLOCK_SIZE - position % BLOCK_SIZE]
                self.xv6fs.content.write(on_disk, position, part)
                done += len(part)
            self.store(on_disk)
        self._update_pages(offset, data)
        self.touch()

    def _update_pages(self, offset: int, data: bytes) -> None:
        done = 0
        while done < len(data):
            position = offset + done
            part = data[done : done + PAGE_SIZE - position % PAGE_SIZE]
            frame = self._pages.get(position // PAGE_SIZE, 0)
            if frame != 0:
                PhysicalBytes(frame, PAGE_SIZE).write(position % PAGE_SIZE, part)
            done += len(part)

    def _write_zeros(self, start: int, end: int) -> None:
        """The format knows no holes that a write leaves: what lies between is written."""
        position = start
        while position < end:
            count = min(end - position, BLOCK_SIZE - position % BLOCK_SIZE)
            self._write_in_one(position, bytes(count))
            position += count

    def truncate(self, size: int) -> None:
        self.require_writable()
        if size > MAX_SIZE:
            raise Errno(EFBIG, "an xv6 file has at most 268 blocks")
        before = self.size()
        if size > before:
            self._grow(before, size)
            return
        self._cut_pages(size)
        finished = False
        while not finished:
            with self.xv6fs.operation():
                on_disk = self.load()
                finished = self.xv6fs.content.shrink(on_disk, size)
                self.store(on_disk)
        self.touch()

    def _grow(self, before: int, size: int) -> None:
        """All of it, or the file stays as it was."""
        try:
            self._write_zeros(before, size)
        except Errno:
            self.truncate(before)
            raise

    # Pages

    def page(self, index: int, *, write: bool) -> int:
        size = self.size()
        if index < 0 or index * PAGE_SIZE >= size:
            return 0
        if write:
            self.require_writable()
        frame = self._pages.get(index, 0)
        if frame == 0:
            frame = self._fill_page(index)
        if write:
            self._written.add(index)
            self.xv6fs.watch_pages(self)
        frames.ref(frame)
        return frame

    def resident(self, index: int) -> int:
        frame = self._pages.get(index, 0)
        if frame != 0:
            frames.ref(frame)
        return frame

    def _fill_page(self, index: int) -> int:
        frame = frames.allocate_zeroed()
        try:
            start = index * PAGE_SIZE
            with self.xv6fs.mutex:
                on_disk = self.load()
                for offset in range(0, PAGE_SIZE, BLOCK_SIZE):
                    PhysicalBytes(frame, PAGE_SIZE).write(offset, self.xv6fs.content.read(on_disk, start + offset, BLOCK_SIZE))
        except Errno:
            frames.unref(frame)
            raise
        if index in self._pages:  # somebody else was faster while the device was busy
            frames.unref(frame)
            return self._pages[index]
        self._pages[index] = frame
        return frame

    def _cut_pages(self, size: int) -> None:
        """Pages beyond the new end vanish from programs, too; the rest of the last one becomes zero."""
        first = (size + PAGE_SIZE - 1) // PAGE_SIZE
        if self.mappings > 0:
            forget_cut_pages(self, first)
        for index in [index for index in self._pages if index >= first]:
            frames.unref(self._pages.pop(index))
            self._written.discard(index)
        last = self._pages.get(size // PAGE_SIZE, 0)
        if last != 0:
            PhysicalBytes(last, PAGE_SIZE).zero(size % PAGE_SIZE, PAGE_SIZE - size % PAGE_SIZE)

    def write_back(self) -> None:
        """Write what programs changed in mapped pages to the blocks. EIO."""
        for index in sorted(self._written):
            start = index * PAGE_SIZE
            end = min(start + PAGE_SIZE, self.size())
            while start < end:
                count = min(BLOCK_SIZE, end - start)
                data = PhysicalBytes(self._pages[index], PAGE_SIZE).read(start % PAGE_SIZE, count)
                with self.xv6fs.mutex:
                    same = data == self.xv6fs.content.read(self.load(), start, count)
                if not same:
                    self._write_in_one(start, data)
                start += count
        if self.mappings == 0:
            self._written.clear()

    def sync(self, *, data_only: bool) -> None:
        self.write_back()
