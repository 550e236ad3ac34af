"""Kernel stacks: STACK_PAGES pages each in the stack region, with unmapped pages below.

Running over the end of a stack is a trap, which has a stack of its own, and never a write into other memory. A stack
that was freed keeps its pages and is used again; at most CACHED_STACKS of them wait, so that making a thread seldom
maps anything.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import sfence_vma_all
from scarlet.machine import memory_map, pages
from scarlet.machine.kernel_space import STACKS_BASE, direct, physical

PAGE_SIZE: Final = 4096
STACK_PAGES: Final = 4
SLOT_BYTES: Final = 0x10000
"""Of each slot the upper STACK_PAGES pages are mapped."""
SLOTS: Final = (1 << 30) // SLOT_BYTES
CACHED_STACKS: Final = 64

NONE: Final = -1

_next_free: Final[list[int]] = []
"""For each slot that was ever used, the one behind it in the list that it is in. To free a stack takes no memory: it cannot fail."""
_first_cached = NONE
_first_unmapped = NONE
"""The lists of the slots that are free: with their pages, and without."""
_cached = 0
"""The length of the first."""


def allocate() -> int:
    """The number of a slot with a stack in it. MemoryError when there is no memory."""
    global _first_cached, _first_unmapped, _cached
    if _first_cached != NONE:
        slot = _first_cached
        _first_cached = _next_free[slot]
        _cached -= 1
        return slot
    if _first_unmapped != NONE:
        slot = _first_unmapped
        _first_unmapped = _next_free[slot]
    elif len(_next_free) < SLOTS:
        slot = len(_next_free)
        _next_free.append(NONE)
    else:
        raise MemoryError("out of kernel stacks")
    mapped = 0
    try:
        while mapped < STACK_PAGES:
            mapped = _map_one(slot, mapped)
    except MemoryError:
        _unmap(slot, mapped)
        raise
    sfence_vma_all()
    return slot


def free(slot: int) -> None:
    """Take a stack back; it must not be the one that runs."""
    global _first_cached, _cached
    if _cached < CACHED_STACKS:
        _next_free[slot] = _first_cached
        _first_cached = slot
        _cached += 1
    else:
        _unmap(slot, STACK_PAGES)


def top(slot: int) -> u64:
    """The address behind a stack."""
    return u64(STACKS_BASE + u64(slot + 1) * SLOT_BYTES)


def _map_one(slot: int, index: int) -> int:
    """Map a page, counted from the top; gives the number of pages mapped."""
    address = pages.allocate_pages(1)
    if address == 0:
        raise MemoryError
    try:
        memory_map.map_stack_page(u64(top(slot) - u64(index + 1) * PAGE_SIZE), u64(physical(u64(address))))
    except MemoryError:
        pages.free_pages(address, 1)
        raise
    return index + 1


def _unmap(slot: int, count: int) -> None:
    """Give the upper `count` pages of a slot back."""
    global _first_unmapped
    index = 0
    while index < count:
        pa = memory_map.unmap_stack_page(u64(top(slot) - u64(index + 1) * PAGE_SIZE))
        pages.free_pages(int(i64(direct(int(pa)))), 1)
        index += 1
    sfence_vma_all()
    _next_free[slot] = _first_unmapped
    _first_unmapped = slot
