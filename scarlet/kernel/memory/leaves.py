"""What is done to the pages of a whole range: the loops over last-level entries behind munmap, mprotect, fork and mremap.

Each loop visits the tables that exist and nothing else, and leaves fencing to its caller.
"""

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.pagetable import EXECUTABLE, LEAF_SHIFT, READABLE, USER, VALID, WRITABLE, PageTable, entry_of, frame_of
from scarlet.machine import physmem
from scarlet.machine.sv39 import PAGE_SHIFT, PAGE_SIZE


def bits_of(protection: Protection, *, writable: bool) -> int:
    """The flag bits of an entry; a page that may not be touched has none. Sv39 has no write-only pages: WRITE implies READ."""
    bits = 0
    if protection & (Protection.READ | Protection.WRITE) != 0:
        bits |= USER | READABLE
    if protection & Protection.EXEC != 0:
        bits |= USER | EXECUTABLE
    if writable:
        bits |= WRITABLE
    return bits


def clear_range(table: PageTable, start: int, end: int) -> int:
    """Forget all pages of a range: how many there were."""
    cleared = 0
    va = table.next_mapped(start, end)
    while va < end:
        stop = _stop(va, end)
        slot = table.slot(va)
        last = slot + ((stop - va) >> PAGE_SHIFT) * 8
        while slot < last:
            entry = physmem.load64(slot)
            if entry != 0:
                physmem.store64(slot, 0)
                frames.unref(frame_of(entry))
                cleared += 1
            slot += 8
        va = table.next_mapped(stop, end)
    return cleared


def protect_range(table: PageTable, start: int, end: int, protection: Protection, *, shared: bool, own: bool) -> bool:
    """Give the pages of a range the rights of a protection; whether a fence is needed.

    A private page becomes writable only if nobody else has it and it is its space's `own`: the others wait for their write fault.
    """
    may_write = protection & Protection.WRITE != 0
    plain = bits_of(protection, writable=False)
    write = bits_of(protection, writable=may_write)
    fence = False
    va = table.next_mapped(start, end)
    while va < end:
        stop = _stop(va, end)
        slot = table.slot(va)
        last = slot + ((stop - va) >> PAGE_SHIFT) * 8
        while slot < last:
            entry = physmem.load64(slot)
            if entry != 0:
                frame = frame_of(entry)
                mine = shared or own and may_write and frames.references(frame) == 1
                physmem.store64(slot, entry_of(frame, write if mine else plain))
                fence = fence or entry & VALID != 0
            slot += 8
        va = table.next_mapped(stop, end)
    return fence


def write_protect(table: PageTable, start: int, end: int) -> bool:
    """Take the right to write from the pages of a range; whether a fence is needed."""
    fence = False
    va = table.next_mapped(start, end)
    while va < end:
        stop = _stop(va, end)
        slot = table.slot(va)
        last = slot + ((stop - va) >> PAGE_SHIFT) * 8
        while slot < last:
            entry = physmem.load64(slot)
            if entry & WRITABLE != 0:
                physmem.store64(slot, entry & ~WRITABLE)
                fence = True
            slot += 8
        va = table.next_mapped(stop, end)
    return fence


def share_range(table: PageTable, child: PageTable, start: int, end: int) -> int:
    """Let a child have the private pages of a range too, unwritable on both sides: how many there are.

    MemoryError leaves the pages so far shared.
    """
    shared = 0
    va = table.next_mapped(start, end)
    while va < end:
        stop = _stop(va, end)
        slot = table.slot(va)
        last = slot + ((stop - va) >> PAGE_SHIFT) * 8
        offset = child.make_slot(va) - slot
        while slot < last:
            entry = physmem.load64(slot)
            if entry != 0:
                frames.ref(frame_of(entry))
                if entry & WRITABLE != 0:
                    entry &= ~WRITABLE
                    physmem.store64(slot, entry)
                physmem.store64(slot + offset, entry)
                shared += 1
            slot += 8
        va = table.next_mapped(stop, end)
    return shared


def move_range(table: PageTable, start: int, end: int, target: int) -> None:
    """Move the pages of a range to another, which is empty. MemoryError, with nothing moved."""
    va = table.next_mapped(start, end)
    while va < end:
        table.make_slot(target + (va - start))
        table.make_slot(target + (_stop(va, end) - PAGE_SIZE - start))
        va = table.next_mapped(_stop(va, end), end)
    va = table.next_mapped(start, end)
    while va < end:
        entry = table.clear(va)
        if entry != 0:
            table.set(target + (va - start), entry)
        va = table.next_mapped(va + PAGE_SIZE, end)


def _stop(va: int, end: int) -> int:
    """Where the part of a range ends that one last-level table maps."""
    return min(end, ((va >> LEAF_SHIFT) + 1) << LEAF_SHIFT)
