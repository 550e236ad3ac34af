"""Page tables: three levels of Sv39, the user half of one address space.

A PageTable owns its table frames; the kernel half of the root is shared by all and filled in by the machine. What a last-level entry
means belongs to its user, but two rules hold for all: an entry that is not 0 holds a reference to its frame, and one without V is a
page that is there and may not be touched (PROT_NONE). The last table used is remembered, so that looking up a neighbour is one load.

Writing an entry that was invalid needs no fence (the fault handler fences and retries after a spurious fault); taking a right away
does, and that is for the caller, who can fence once for many entries.
"""

from typing import Final

from scarlet.kernel.memory import frames
from scarlet.machine import cpu, paging, physmem
from scarlet.machine.sv39 import ADDRESS_MASK, PAGE_SHIFT, Pte

VALID: Final = int(Pte.V)
READABLE: Final = int(Pte.R)
WRITABLE: Final = int(Pte.W | Pte.D)
EXECUTABLE: Final = int(Pte.X)
USER: Final = int(Pte.V | Pte.U | Pte.A)

LEAF_SHIFT: Final = PAGE_SHIFT + 9
"""A last-level table maps 2 MiB."""
MIDDLE_SHIFT: Final = PAGE_SHIFT + 18
"""A middle table maps 1 GiB."""


def frame_of(entry: int) -> int:
    """The frame an entry names."""
    return (entry & ADDRESS_MASK) << 2


def entry_of(frame: int, bits: int) -> int:
    """An entry for a frame."""
    return (frame >> PAGE_SHIFT << 10) | bits


class PageTable:
    """`root` is the physical address of the top table; `tables` counts the frames of all of them."""

    def __init__(self) -> None:
        self.tables = 0
        self._region = -1
        self._leaf = 0
        self.root = frames.allocate_zeroed()
        self.tables = 1
        paging.new_root(self.root)

    def __del__(self) -> None:
        """The user of the table has cleared its entries and released the tables below the root."""
        if self.tables > 0:
            _forget(self.root)
            frames.unref(self.root)

    def slot(self, va: int) -> int:
        """The physical address of the page's entry, 0 when it has no table yet."""
        region = va >> LEAF_SHIFT
        if region != self._region:
            middle = physmem.load64(self.root + (va >> MIDDLE_SHIFT) * 8)
            if middle == 0:
                return 0
            leaf = physmem.load64(frame_of(middle) + (region & 511) * 8)
            if leaf == 0:
                return 0
            self._region = region
            self._leaf = frame_of(leaf)
        return self._leaf + ((va >> PAGE_SHIFT) & 511) * 8

    def make_slot(self, va: int) -> int:
        """The physical address of the page's entry; tables are added as needed. MemoryError."""
        slot = self.slot(va)
        if slot == 0:
            middle = self._next_table(self.root + (va >> MIDDLE_SHIFT) * 8)
            self._next_table(middle + ((va >> LEAF_SHIFT) & 511) * 8)
            slot = self.slot(va)
        return slot

    def lookup(self, va: int) -> int:
        """The page's entry, 0 if there is none."""
        slot = self.slot(va)
        return int(physmem.load64(slot)) if slot != 0 else 0

    def set(self, va: int, entry: int) -> None:
        """Replace the page's entry; references are the caller's. MemoryError."""
        physmem.store64(self.make_slot(va), entry)

    def map(self, va: int, frame: int, bits: int) -> None:
        """Map a page to a frame; the entry takes over the caller's reference. MemoryError."""
        self.set(va, entry_of(frame, bits))

    def clear(self, va: int) -> int:
        """Remove the page's entry and give it, 0 if there was none; its reference is the caller's now."""
        slot = self.slot(va)
        if slot == 0:
            return 0
        entry = int(physmem.load64(slot))
        physmem.store64(slot, 0)
        return entry

    def next_mapped(self, va: int, end: int) -> int:
        """The first address from `va` on that has a table, `end` if there is none before: how ranges skip what was never touched."""
        while va < end:
            middle = physmem.load64(self.root + (va >> MIDDLE_SHIFT) * 8)
            if middle == 0:
                va = ((va >> MIDDLE_SHIFT) + 1) << MIDDLE_SHIFT
            elif physmem.load64(frame_of(middle) + ((va >> LEAF_SHIFT) & 511) * 8) == 0:
                va = ((va >> LEAF_SHIFT) + 1) << LEAF_SHIFT
            else:
                return va
        return end

    def release_leaves(self, start: int, end: int, floor: int, ceiling: int) -> None:
        """Free the last-level tables of a range. Nothing is mapped from `floor` to `ceiling`; a table that reaches beyond them stays."""
        self._region = -1
        region = start >> LEAF_SHIFT
        while region << LEAF_SHIFT < end:
            middle = physmem.load64(self.root + (region >> 9) * 8)
            if middle == 0:
                region = ((region >> 9) + 1) << 9
                continue
            if floor <= region << LEAF_SHIFT and (region + 1) << LEAF_SHIFT <= ceiling:
                self._release(frame_of(middle) + (region & 511) * 8)
            region += 1

    def release_middles(self, start: int, end: int, floor: int, ceiling: int) -> None:
        """The same for middle tables, after release_leaves."""
        gigabyte = start >> MIDDLE_SHIFT
        while gigabyte << MIDDLE_SHIFT < end:
            if floor <= gigabyte << MIDDLE_SHIFT and (gigabyte + 1) << MIDDLE_SHIFT <= ceiling:
                self._release(self.root + gigabyte * 8)
            gigabyte += 1

    def _release(self, slot: int) -> None:
        entry = physmem.load64(slot)
        if entry != 0:
            physmem.store64(slot, 0)
            frames.unref(frame_of(entry))
            self.tables -= 1

    def _next_table(self, slot: int) -> int:
        """The table that an upper entry points to, made if need be."""
        entry = physmem.load64(slot)
        if entry != 0:
            return frame_of(entry)
        table = frames.allocate_zeroed()
        physmem.store64(slot, entry_of(table, VALID))
        self.tables += 1
        return table


# --- which table a hart uses ---

_active: Final[list[int]] = []
"""The root each hart uses, by hart number."""
_kernel_root = 0


def init() -> None:
    """Make the root without user pages, for harts whose program has gone."""
    global _kernel_root
    _kernel_root = frames.allocate_zeroed()
    paging.new_root(_kernel_root)
    _active.clear()
    for _ in range(cpu.hart_count()):
        _active.append(0)


def use(root: int) -> None:
    """Let this hart use the tables under a root. Nothing happens, and nothing is flushed, if it does already."""
    hart = cpu.this_hart().id
    if _active[hart] != root:
        _active[hart] = root
        paging.activate(root)


def _forget(root: int) -> None:
    """The root is about to be freed: no hart may walk it any more."""
    if _active[cpu.this_hart().id] == root:
        use(_kernel_root)
