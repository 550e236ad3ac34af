"""The object heap's page source: memory from memory_map, given out in naturally aligned powers of two.

Small blocks are cut from regions and wait on a list of their size when they come back, because the heap asks for the same few sizes
again and again; large ones are mapped and unmapped one by one. Nothing here raises: 0 means that the kernel refused.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, load64, native_call, static_bytes, store64

PAGE_SIZE: Final = 4096
REGION_PAGES: Final = 256
CACHED_LIMIT: Final = 64
"""Blocks of fewer pages are cut from regions and kept for reuse."""

MEMORY_MAP: Final = 700
MEMORY_UNMAP: Final = 701
READ_WRITE: Final = 3
ZEROS: Final = 0xFFFFFFFFFFFFFFFF
"""Instead of an object's handle."""

_RETURNED: Final = static_bytes(CACHED_LIMIT * 8)
"""The list of returned blocks of each page count."""
_REGION: Final = static_bytes(16)
"""Where the next block is cut, and the end of the region."""


@inline
def returned() -> Ptr[u64]:
    return Ptr[u64](_RETURNED.address)


@inline
def region() -> Ptr[u64]:
    return Ptr[u64](_REGION.address)


def allocate_pages(count: int) -> int:
    """The address of `count` pages (a power of two), aligned to their size; 0 when there are none."""
    size = u64(count * PAGE_SIZE)
    if count >= CACHED_LIMIT:
        return i64(map_aligned(size))
    block = returned()[count]
    if block != 0:
        returned()[count] = load64(block)
        return i64(block)
    start = align(region()[0], size)
    if u64(start + size) > region()[1]:
        fresh = map_pages(REGION_PAGES * PAGE_SIZE)
        if fresh == 0:
            return 0
        region()[1] = u64(fresh + REGION_PAGES * PAGE_SIZE)
        start = align(fresh, size)
    region()[0] = u64(start + size)
    return i64(start)


def free_pages(address: int, count: int) -> None:
    """Take back what allocate_pages(count) gave."""
    if count >= CACHED_LIMIT:
        native_call(MEMORY_UNMAP, u64(address), u64(count * PAGE_SIZE))
        return
    store64(u64(address), returned()[count])
    returned()[count] = u64(address)


@inline
def align(address: u64, size: u64) -> u64:
    return u64(u64(address + size - 1) & ~u64(size - 1))


def map_pages(size: u64) -> u64:
    """Fresh zeros; 0 when the kernel refuses."""
    answer = native_call(MEMORY_MAP, 0, size, READ_WRITE, 0, ZEROS, 0)
    return answer[1] if answer[0] == 0 else u64(0)


def map_aligned(size: u64) -> u64:
    """Map aligned to the size: map twice as much, unmap the ends."""
    start = map_pages(u64(size * 2))
    if start == 0:
        return 0
    aligned = align(start, size)
    if aligned != start:
        native_call(MEMORY_UNMAP, start, u64(aligned - start))
    if u64(start + size) != aligned:
        native_call(MEMORY_UNMAP, u64(aligned + size), u64(start + size - aligned))
    return aligned
