"""Which address space user code runs in, and what the engine must forget before it runs on; and the walk of the tables in Python.

Unicorn's own MMU translates for user code; this walk serves the hosted machine alone: finding which page faulted,
fetching an instruction to decode.
"""

from scarlet.machine import sv39
from scarlet.machine.physmem import load64
from scarlet.machine.sv39 import Pte


class Mmu:
    """`root_pa` is the active root table, 0 before the first. `stale`: translations may have changed since the engine last ran."""

    def __init__(self) -> None:
        self.root_pa = 0
        self.stale = True

    def activate(self, root_pa: int) -> None:
        if root_pa != self.root_pa:
            self.root_pa = root_pa
            self.stale = True

    def flush(self) -> None:
        self.stale = True

    def translate(self, va: int, wanted: Pte) -> int | None:
        """The physical address that user mode reaches at `va` with the wanted rights; None where it would fault."""
        if not 0 <= va < sv39.USER_TOP or self.root_pa == 0:
            return None
        table = self.root_pa
        for level in (2, 1, 0):
            entry = load64(table + 8 * sv39.index_of(va, level))
            if not entry & Pte.V:
                return None
            if sv39.is_leaf(entry):
                allowed = entry & (wanted | Pte.U) == wanted | Pte.U
                offset = va & ((sv39.PAGE_SIZE << 9 * level) - 1)
                return sv39.entry_pa(entry) | offset if allowed else None
            table = sv39.entry_pa(entry)
        return None
