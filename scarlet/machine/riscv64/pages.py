"""The object heap's page source: first the memory behind the kernel's image, later the kernel's frame allocator.

The early pool is EARLY_BYTES from the end of the image on; boot code reserves it (platform.boot_info), so that the
frame allocator never gives it out. Blocks come aligned to their size, as addresses in the direct map. Early blocks that
come back are kept in lists by size and used first.

Invariants: before use_frames nothing outside the pool is given out; nothing here allocates objects.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, load64, memset, static_bytes, store64
from scarlet.machine.kernel_space import direct, image_end, physical

PAGE_SIZE: Final = 4096
EARLY_BYTES: Final = 0x200000
LARGEST_ORDER: Final = 12

_POOL: Final = static_bytes(8)
"""The physical address of the first early byte not given out yet; 0 before the first call."""
_RETURNED: Final = static_bytes((LARGEST_ORDER + 1) * 8)
"""The list of returned early blocks of each order."""


class FrameSource:
    """Where pages come from once the kernel has its frame allocator: addresses are physical. Derive from it."""

    def allocate(self, order: int) -> int:
        """2**order pages in a row, aligned to their size. MemoryError when there are none."""
        raise NotImplementedError("FrameSource.allocate")

    def free(self, pa: int, order: int) -> None:
        """Take them back."""
        raise NotImplementedError("FrameSource.free")


_source: FrameSource | None = None


def use_frames(source: FrameSource) -> None:
    """From now on take pages from the frame allocator when the early pool is used up."""
    global _source
    _source = source


def early_start() -> int:
    """The physical address of the early pool."""
    return int(image_end())


def early_end() -> int:
    """The physical address behind the early pool."""
    return int(image_end()) + EARLY_BYTES


def allocate_pages(count: int) -> int:
    """`count` pages, a power of two, aligned to their size: the address in the direct map, as a signed number. 0 or
    MemoryError when there are none."""
    order = order_of(count)
    pa = early_block(order)
    if pa == 0 and _source is not None:
        pa = u64(_source.allocate(order))
    return int(i64(direct(int(pa)))) if pa != 0 else 0


def free_pages(address: int, count: int) -> None:
    """Take back what allocate_pages(count) gave."""
    pa = physical(u64(address))
    order = order_of(count)
    if early_start() <= pa < early_end():
        store64(u64(address), Ptr[u64](_RETURNED.address)[order])
        Ptr[u64](_RETURNED.address)[order] = u64(pa)
    elif _source is not None:
        _source.free(pa, order)


def zeroed_page() -> int:
    """One zeroed page for the machine's own tables: its physical address. MemoryError when there is none."""
    address = allocate_pages(1)
    if address == 0:
        raise MemoryError
    memset(Ptr(u64(address)), 0, PAGE_SIZE)
    return physical(u64(address))


def order_of(count: int) -> int:
    """The exponent of a power of two."""
    order = 0
    while 1 << order < count:
        order += 1
    return order


def early_block(order: int) -> u64:
    """2**order pages of the early pool, 0 when it has none left."""
    if order > LARGEST_ORDER:
        return u64(0)
    lists = Ptr[u64](_RETURNED.address)
    block = lists[order]
    if block != 0:
        lists[order] = load64(direct(int(block)))
        return block
    pool = Ptr[u64](_POOL.address)
    if pool[0] == 0:
        pool[0] = image_end()
    size = u64(PAGE_SIZE << order)
    start = u64(u64(pool[0] + size - 1) & ~u64(size - 1))
    end = u64(start + size)
    if end > u64(early_end()):
        return u64(0)
    pool[0] = end
    return start
