"""A ring of bytes in page frames: what a pipe or a stream socket holds between its two ends.

Frames are taken when first needed and kept until the ring goes or is trimmed. Nothing here waits: whoever puts more than fits, or takes
more than there is, moves what can be moved.
"""

from typing import Final

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import Buffer, KernelBytes
from scarlet.lang.errno import Errno

PAGE: Final = 4096


class FrameRing:
    """`count` bytes from `head` on are in it. `capacity` is a whole number of pages."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.frames: list[int] = []
        self.head = 0
        self.count = 0

    def __del__(self) -> None:
        for frame in self.frames:
            frames.unref(frame)

    @property
    def room(self) -> int:
        """Bytes that still fit."""
        return self.capacity - self.count

    def put(self, buffer: Buffer, offset: int, count: int) -> int:
        """Move up to `count` bytes of the buffer into the ring: the number moved. EFAULT, MemoryError when not even one could be."""
        done = 0
        count = min(count, self.room)
        while done < count:
            tail = (self.head + self.count) % self.capacity
            run = min(count - done, PAGE - tail % PAGE)
            try:
                buffer.to_physical(offset + done, self._frame(tail // PAGE) + tail % PAGE, run)
            except (Errno, MemoryError):
                if done == 0:
                    raise
                break
            self.count += run
            done += run
        return done

    def take(self, buffer: Buffer, offset: int, count: int) -> int:
        """Move up to `count` bytes out of the ring into the buffer: the number moved. EFAULT when not even one could be."""
        done = self.peek(buffer, offset, count, 0)
        self.discard(done)
        return done

    def peek(self, buffer: Buffer, offset: int, count: int, skip: int) -> int:
        """Copy up to `count` bytes, after the first `skip`, into the buffer; they stay. EFAULT when not even one could be copied."""
        done = 0
        count = min(count, self.count - skip)
        start = self.head + skip
        while done < count:
            here = (start + done) % self.capacity
            run = min(count - done, PAGE - here % PAGE)
            try:
                buffer.from_physical(offset + done, self.frames[here // PAGE] + here % PAGE, run)
            except (Errno, MemoryError):
                if done == 0:
                    raise
                break
            done += run
        return done

    def discard(self, count: int) -> None:
        """Forget the first `count` bytes."""
        self.count -= count
        self.head = (self.head + count) % self.capacity if self.count > 0 else 0

    def trim(self, pages: int) -> None:
        """Keep no more frames than that in an empty ring."""
        while self.count == 0 and len(self.frames) > pages:
            frames.unref(self.frames.pop())

    def set_capacity(self, capacity: int) -> None:
        """Make it larger or smaller, but not smaller than what is in it."""
        content = KernelBytes(bytearray(self.count))
        self.take(content, 0, self.count)
        while len(self.frames) * PAGE > capacity:
            frames.unref(self.frames.pop())
        self.capacity = capacity
        self.put(content, 0, content.length)

    def _frame(self, index: int) -> int:
        while len(self.frames) <= index:
            self.frames.append(0)
            try:
                self.frames[-1] = frames.allocate()
            except MemoryError:
                self.frames.pop()
                raise
        return self.frames[index]
