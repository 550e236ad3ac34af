"""Which pages of a range were written since somebody last asked: the D bits of their entries.

Entries are made with D set (sv39.py), so a fresh page counts as written. take() clears D and leaves W: the hart sets D again at the next
store, or, if it leaves that to software, faults, and the fault handler sets it (fault.py). Taking is a right lost, in a way: what the
hart remembers of an entry hides later stores, so a fence follows before programs run on. One for many ranges is the caller's to make.

Source: RISC-V privileged specification, "Sv39", accessed and dirty bits.
"""

from typing import Final

from scarlet.kernel.memory.pagetable import LEAF_SHIFT, VALID, PageTable
from scarlet.machine import paging, physmem
from scarlet.machine.sv39 import PAGE_SHIFT, PAGE_SIZE, Pte

DIRTY: Final = int(Pte.D)
WRITTEN: Final = VALID | int(Pte.W | Pte.D)


def take(table: PageTable, start: int, end: int) -> list[tuple[int, int]]:
    """The runs of pages written since the last time, as ranges of addresses in order. Fence when there are any."""
    runs: list[tuple[int, int]] = []
    run_start = -1
    run_end = -1
    va = table.next_mapped(start, end)
    while va < end:
        stop = min(end, ((va >> LEAF_SHIFT) + 1) << LEAF_SHIFT)
        slot = table.slot(va)
        last = slot + ((stop - va) >> PAGE_SHIFT) * 8
        while slot < last:
            entry = physmem.load64(slot)
            if entry & WRITTEN == WRITTEN:
                physmem.store64(slot, entry & ~DIRTY)
                if va != run_end:
                    if run_start >= 0:
                        runs.append((run_start, run_end))
                    run_start = va
                run_end = va + PAGE_SIZE
            slot += 8
            va += PAGE_SIZE
        va = table.next_mapped(stop, end)
    if run_start >= 0:
        runs.append((run_start, run_end))
    return runs


def fence() -> None:
    """After take() has found something, in whatever address spaces."""
    paging.flush_all()
