"""The object heap's page source: anonymous memory from mmap(2), given out in naturally aligned powers of two.

Small blocks are cut from regions and wait on a list of their size when they come back, because the heap asks for the same few sizes
again and again; large ones are mapped and unmapped one by one. Nothing here raises: 0 means that Linux refused.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, linux_call, load64, static_bytes, store64

PAGE_SIZE: Final = 4096
REGION_PAGES: Final = 256
CACHED_LIMIT: Final = 64
"""Blocks of fewer pages are cut from regions and kept for reuse."""

SYS_MUNMAP: Final = 215
SYS_MMAP: Final = 222
PROT_READ_WRITE: Final = 3
MAP_PRIVATE_ANONYMOUS: Final = 0x22

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
    if count >= CACHED_LIMIT:
        return i64(map_aligned(u64(count)))
    block = returned()[count]
    if block != 0:
        returned()[count] = load64(block)
        return i64(block)
    size = u64(count * PAGE_SIZE)
    start = u64(u64(region()[0] + size - 1) & ~u64(size - 1))
    if region()[0] == 0 or u64(start + size) > region()[1]:
        start = map_aligned(REGION_PAGES)
        if start == 0:
            return 0
        region()[1] = u64(start + REGION_PAGES * PAGE_SIZE)
    region()[0] = u64(start + size)
    return i64(start)


def free_pages(address: int, count: int) -> None:
    """Take back what allocate_pages(count) gave."""
    if count >= CACHED_LIMIT:
        linux_call(SYS_MUNMAP, u64(address), u64(count * PAGE_SIZE))
        return
    store64(u64(address), returned()[count])
    returned()[count] = u64(address)


def map_aligned(count: u64) -> u64:
    """Map `count` pages aligned to their size: map twice as much, unmap the ends. 0 when Linux refuses."""
    size = u64(count * PAGE_SIZE)
    got = linux_call(SYS_MMAP, 0, u64(size * 2), PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, u64(-1), 0)
    if got < 0:
        return 0
    start = u64(got)
    aligned = u64(u64(start + size - 1) & ~u64(size - 1))
    if aligned != start:
        linux_call(SYS_MUNMAP, start, u64(aligned - start))
    end = u64(aligned + size)
    if u64(start + size) != aligned:
        linux_call(SYS_MUNMAP, end, u64(start + size - aligned))
    return aligned
