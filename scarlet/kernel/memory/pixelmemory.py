"""The memory of a framebuffer: page frames in as few contiguous runs as there are, so that a device gets a short list of them.

Every frame has a reference of its own, held here: those that are mapped by programs outlive the rest.
"""

from typing import Final

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buddy import MAX_ORDER
from scarlet.kernel.memory.buffer import Buffer
from scarlet.machine import physmem
from scarlet.machine.sv39 import PAGE_SHIFT, PAGE_SIZE, page_up

LARGEST: Final = 256 << 20
"""Bytes: more than any screen takes, and less than any number that could overflow."""


class Run:
    """Contiguous memory that holds the bytes from `start` to `end`."""

    def __init__(self, start: int, pa: int, length: int) -> None:
        self.start = start
        self.pa = pa
        self.length = length

    @property
    def end(self) -> int:
        return self.start + self.length


class PixelMemory:
    """`size` bytes of zeros, whole pages. MemoryError."""

    def __init__(self, size: int) -> None:
        self.size = page_up(size)
        self.runs: list[Run] = []
        if size > LARGEST:
            raise MemoryError("no framebuffer is so large")
        have = 0
        order = MAX_ORDER
        while have < self.size:
            missing = (self.size - have) >> PAGE_SHIFT
            while order > 0 and 1 << (order - 1) >= missing:
                order -= 1
            try:
                block = frames.allocate(order)
            except MemoryError:
                if order == 0:
                    self._release()
                    raise
                order -= 1
                continue
            got = frames.split(block)
            for index in range(missing, got):
                frames.unref(block + index * PAGE_SIZE)
            self._add(have, block, min(got, missing) * PAGE_SIZE)
            have = self.runs[-1].end

    def __del__(self) -> None:
        self._release()

    def _release(self) -> None:
        for run in self.runs:
            for offset in range(0, run.length, PAGE_SIZE):
                frames.unref(run.pa + offset)
        self.runs = []

    def _add(self, start: int, pa: int, length: int) -> None:
        physmem.zero(pa, length)
        if len(self.runs) > 0 and self.runs[-1].pa + self.runs[-1].length == pa:
            self.runs[-1].length += length
        else:
            self.runs.append(Run(start, pa, length))

    def _run(self, offset: int) -> Run:
        for run in self.runs:
            if offset < run.end:
                return run
        raise IndexError("outside the framebuffer")

    def address(self, offset: int) -> int:
        """The physical address of a byte; what lies in the same page follows it."""
        run = self._run(offset)
        return run.pa + offset - run.start

    def page(self, index: int) -> int:
        """The frame of a page, without a reference; 0 past the end."""
        return self.address(index << PAGE_SHIFT) if 0 <= index < self.size >> PAGE_SHIFT else 0

    def store_slice(self, offset: int, data: bytes, start: int, count: int) -> None:
        """Copy data[start:start + count]; it does not cross a page."""
        physmem.write_slice(self.address(offset), data, start, count)

    def store(self, offset: int, buffer: Buffer, start: int, count: int) -> None:
        """Copy out of a buffer, from `start` in it. EFAULT."""
        while count > 0:
            run = self._run(offset)
            part = min(count, run.end - offset)
            buffer.to_physical(start, run.pa + offset - run.start, part)
            offset += part
            start += part
            count -= part

    def load(self, offset: int, buffer: Buffer, count: int) -> None:
        """Copy to the start of a buffer. EFAULT."""
        start = 0
        while start < count:
            run = self._run(offset + start)
            part = min(count - start, run.end - offset - start)
            buffer.from_physical(start, run.pa + offset + start - run.start, part)
            start += part
