"""The buddy allocator: free blocks of 2**order frames, split when taken and joined with their buddies when given back (Knuth, TAOCP 1,
2.5).

Every frame has a word of state in the frame map, and a free block keeps its list links in its own first bytes. Neither the map nor the
memory is touched at the start: a region is carved from its beginning as memory is needed, a chunk of 4 MiB at a time, and a chunk's
page of the map is cleared when the chunk is first met. So booting costs the same with 32 MiB and with 4 GiB.

Invariants:
- The first word of a free block is FREE | order << ORDER_SHIFT, all its other words are 0. A word of a frame in use belongs to
  frames.py, and never has FREE set.
- A block lies within one chunk, at a multiple of its size; no two free buddies exist side by side.
- `free` counts the frames in lists and those not yet carved.
"""

from typing import Final

from scarlet.machine import physmem
from scarlet.machine.sv39 import PAGE_SHIFT, PAGE_SIZE

MAX_ORDER: Final = 10
CHUNK_SIZE: Final = PAGE_SIZE << MAX_ORDER
CHUNK_SHIFT: Final = PAGE_SHIFT + MAX_ORDER
FREE: Final = 1 << 31
ORDER_SHIFT: Final = 27


class Region:
    """Memory that may be given out: up to `frontier` it was carved, from there to `end` it has never been touched."""

    def __init__(self, frontier: int, end: int) -> None:
        self.frontier = frontier
        self.end = end


class Buddy:
    """Free blocks of page frames. `base` is the chunk-aligned address of the frame whose word is the first of the map at `map_pa`."""

    def __init__(self, map_pa: int, base: int, span: int) -> None:
        self.map_pa = map_pa
        self.base = base
        self.regions: list[Region] = []
        self.free = 0
        self._heads = [0] * (MAX_ORDER + 1)
        self._known_chunks = bytearray((span + CHUNK_SIZE - 1) >> CHUNK_SHIFT)

    def add_region(self, start: int, end: int) -> None:
        """Memory to give out, page-aligned; it is not touched now."""
        self.regions.append(Region(start, end))
        self.free += (end - start) >> PAGE_SHIFT

    def word(self, frame: int) -> int:
        """Where the frame's word of the map is."""
        return self.map_pa + ((frame - self.base) >> (PAGE_SHIFT - 2))

    def know_chunk(self, frame: int) -> None:
        """See that the words of the frame's chunk are there to be read."""
        chunk = (frame - self.base) >> CHUNK_SHIFT
        if self._known_chunks[chunk] == 0:
            self._known_chunks[chunk] = 1
            physmem.zero(self.map_pa + chunk * PAGE_SIZE, PAGE_SIZE)

    def take(self, order: int) -> int:
        """A block of 2**order frames, 0 when there is none. Its first word is for the caller to set."""
        while True:
            for larger in range(order, MAX_ORDER + 1):
                block = self._heads[larger]
                if block != 0:
                    self._unlink(block, larger)
                    self._split(block, larger, order)
                    self.free -= 1 << order
                    return block
            if not self._carve():
                return 0

    def give(self, block: int, order: int) -> None:
        """Take back a block of 2**order frames, whole or a part of one that was taken."""
        self.free += 1 << order
        self._join(block, order)

    def _split(self, block: int, order: int, wanted: int) -> None:
        """Give back the upper halves until the block has the wanted order."""
        while order > wanted:
            order -= 1
            self._link(block + (PAGE_SIZE << order), order)

    def _join(self, block: int, order: int) -> None:
        """Link a block, joined with its free buddies."""
        physmem.store32(self.word(block), 0)
        while order < MAX_ORDER:
            buddy = self.base + ((block - self.base) ^ (PAGE_SIZE << order))
            if physmem.load32(self.word(buddy)) != FREE | order << ORDER_SHIFT:
                break
            self._unlink(buddy, order)
            block = min(block, buddy)
            order += 1
        self._link(block, order)

    def _carve(self) -> bool:
        """Move the next untouched memory of a region, up to the end of its chunk, into the lists."""
        for region in self.regions:
            if region.frontier == region.end:
                continue
            start = region.frontier
            end = min(region.end, self.base + (((start - self.base) >> CHUNK_SHIFT) + 1) * CHUNK_SIZE)
            region.frontier = end
            self.know_chunk(start)
            while start < end:
                order = self._largest_order(start, end)
                self._join(start, order)
                start += PAGE_SIZE << order
            return True
        return False

    def _largest_order(self, start: int, end: int) -> int:
        """The order of the largest block that begins at `start` and ends by `end`."""
        order = 0
        while order < MAX_ORDER:
            larger = PAGE_SIZE << (order + 1)
            if (start - self.base) & (larger - 1) != 0 or start + larger > end:
                break
            order += 1
        return order

    def _link(self, block: int, order: int) -> None:
        first = self._heads[order]
        physmem.store64(block, first)
        physmem.store64(block + 8, 0)
        if first != 0:
            physmem.store64(first + 8, block)
        self._heads[order] = block
        physmem.store32(self.word(block), FREE | order << ORDER_SHIFT)

    def _unlink(self, block: int, order: int) -> None:
        after = int(physmem.load64(block))
        before = int(physmem.load64(block + 8))
        if before != 0:
            physmem.store64(before, after)
        else:
            self._heads[order] = after
        if after != 0:
            physmem.store64(after + 8, before)
        physmem.store32(self.word(block), 0)

    def blocks(self, order: int) -> int:
        """How many free blocks of an order are in the list (/proc/buddyinfo)."""
        count = 0
        block = self._heads[order]
        while block != 0:
            count += 1
            block = int(physmem.load64(block))
        return count
