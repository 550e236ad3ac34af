"""The object heap's page source: sbrk, in naturally aligned powers of two.

Invariants: what lies between `next` and `end` has been asked for and not been given out. Blocks that come back, and what alignment
leaves over, wait on a list of their size; nothing is returned to the kernel. Nothing here raises: 0 means that the kernel refused.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, linux_call, load64, static_bytes, store64

PAGE_SIZE: Final = 4096
SYS_SBRK: Final = 12
SBRK_EAGER: Final = 1
LARGEST_INCREMENT: Final = 0x7FFF0000
SIZES: Final = 20
"""Blocks of 1, 2, 4 .. 2**19 pages."""
CHUNK: Final = 8 * PAGE_SIZE
"""What is asked for at once, at least."""

_RETURNED: Final = static_bytes(SIZES * 8)
"""The list of free blocks of each size."""
_REGION: Final = static_bytes(16)
"""`next` and `end`."""


@inline
def returned() -> Ptr[u64]:
    return Ptr[u64](_RETURNED.address)


@inline
def region() -> Ptr[u64]:
    return Ptr[u64](_REGION.address)


def allocate_pages(count: int) -> int:
    """The address of `count` pages (a power of two), aligned to their size; 0 when there are none."""
    block = returned()[size_number(count)]
    if block != 0:
        returned()[size_number(count)] = load64(block)
        return i64(block)
    size = u64(count * PAGE_SIZE)
    start = u64(u64(region()[0] + size - 1) & ~u64(size - 1))
    if region()[1] == 0 or u64(start + size) > region()[1]:
        if not extend(size):
            return 0
        start = u64(u64(region()[0] + size - 1) & ~u64(size - 1))
    give_back_until(start)
    region()[0] = u64(start + size)
    return i64(start)


def free_pages(address: int, count: int) -> None:
    """Take back what allocate_pages(count) gave."""
    number = size_number(count)
    store64(u64(address), returned()[number])
    returned()[number] = u64(address)


def size_number(count: int) -> int:
    """Which list blocks of so many pages are on."""
    number = 0
    while 1 << number < count:
        number += 1
    return number


def extend(size: u64) -> bool:
    """Ask the kernel for enough that an aligned block of `size` bytes fits behind `next`."""
    if region()[1] == 0:
        end = linux_call(SYS_SBRK, 0, SBRK_EAGER)
        region()[0] = u64(u64(end) + PAGE_SIZE - 1) & ~u64(PAGE_SIZE - 1)
        region()[1] = u64(end)
    start = u64(u64(region()[0] + size - 1) & ~u64(size - 1))
    increment = u64(start + size - region()[1])
    if increment < CHUNK:
        increment = u64(CHUNK)
    if increment > LARGEST_INCREMENT or linux_call(SYS_SBRK, increment, SBRK_EAGER) < 0:
        return False
    region()[1] = u64(region()[1] + increment)
    return True


def give_back_until(start: u64) -> None:
    """Single pages from `next` up to where alignment has moved the block."""
    while region()[0] < start:
        free_pages(i64(region()[0]), 1)
        region()[0] = u64(region()[0] + PAGE_SIZE)
