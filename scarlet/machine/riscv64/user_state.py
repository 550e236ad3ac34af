"""What the hart keeps of a user thread while the kernel runs, and until another thread's user code is entered: the
floating-point registers, and in sscratch the address of its trap frame, where trap_entry finds it.

The kernel itself is compiled without floating point. sstatus.FS says what user code did with the registers: Clean when
it did not write them since they were loaded, Dirty when it did. Nothing happens on a trap or on a switch; on the way
into user mode one comparison decides whether the state of another context is loaded.

Invariants: the owner is the address of the context whose state the hart holds, 0 for none; it is forgotten before its
save area and frame are freed. sscratch is the address of the owner's frame, or NO_FRAME_OFFSET below the top of the panic stack.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, csr_clear, csr_read, csr_set, csr_write, inline, memset, noinline, static_bytes, symbol
from scarlet.machine.trap import NO_FRAME_OFFSET, load_float, save_float
from scarlet.runtime import heap

FLOAT_BYTES: Final = 264
"""f0 to f31 and fcsr, as words of 8 bytes."""
DIRTY: Final = 0x6000
CLEAN: Final = 0x4000
DIRTY_BIT: Final = 0x2000

_OWNER: Final = static_bytes(16)
"""The address of the context whose state is loaded, and of its save area for floating-point registers."""


class FloatArea:
    """Where the registers of one context are saved. All zero at first."""

    def __init__(self) -> None:
        self.address: u64 = heap.allocate(FLOAT_BYTES)
        if self.address == 0:
            raise MemoryError
        memset(Ptr(self.address), 0, FLOAT_BYTES)

    def __del__(self) -> None:
        if self.address != 0:
            forget(self)
            heap.free(self.address, FLOAT_BYTES)


@inline
def owner() -> Ptr[u64]:
    return Ptr[u64](_OWNER.address)


@inline
def load(context: u64, frame: u64, area: FloatArea) -> None:
    """Make the state of a context (its address and its frame's) the loaded one."""
    if owner()[0] != context:
        exchange(context, frame, area.address)


@noinline
def exchange(context: u64, frame: u64, area: u64) -> None:
    """Save the registers of the owner, if it wrote any, and load those of another context."""
    csr_write("sscratch", frame)
    save_owner()
    csr_set("sstatus", CLEAN)
    load_float(area)
    csr_clear("sstatus", DIRTY_BIT)
    owner()[0] = context
    owner()[1] = area


def save_owner() -> None:
    """Bring the owner's save area up to date."""
    if owner()[0] != 0 and csr_read("sstatus") & DIRTY == DIRTY:
        save_float(owner()[1])
        csr_clear("sstatus", DIRTY_BIT)


def synchronise(area: FloatArea) -> None:
    """Bring this save area up to date."""
    if owner()[1] == area.address:
        save_owner()


def forget(area: FloatArea) -> None:
    """What the hart holds for this area is no longer wanted: the area is what counts."""
    if owner()[1] == area.address:
        owner()[0] = 0
        owner()[1] = 0
        csr_write("sscratch", u64(symbol("panic_stack_top") - NO_FRAME_OFFSET))
