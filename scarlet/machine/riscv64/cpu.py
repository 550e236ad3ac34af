"""The hart as the kernel sees it: into user mode, idle, interrupts.

Invariants: tp holds the address of the running hart's Hart object from the moment this module is imported; the kernel
takes no interrupt while it runs.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import address, csr_clear, csr_read, inline, make_immortal, set_hart_pointer, wfi
from scarlet.lang.raw import fence_i as fence_instructions
from scarlet.machine import user_state
from scarlet.machine.context import Context
from scarlet.machine.frame import INTERRUPT
from scarlet.machine.hart import Hart, this_hart
from scarlet.machine.trap import enter_user_mode

__all__ = ["Hart", "enter_user", "fence_i", "hart_count", "pending_interrupt", "this_hart", "wait_for_interrupt"]

PREVIOUS_PRIVILEGE: Final = 0x120
"""sstatus.SPP and SPIE: clear, so that sret goes to user mode and interrupts stay off in the kernel."""
SOFTWARE: Final = 1
TIMER: Final = 5
EXTERNAL: Final = 9


def hart_count() -> int:
    """How many harts the kernel uses."""
    return 1


@inline
def enter_user(context: Context) -> int:
    """Run user code until the next trap. Gives the Cause; frame.cause and frame.value (stval) are set, and the pc of an
    ecall is the ecall itself."""
    frame = address(context.frame)
    user_state.load(address(context), frame, context.float_area)
    return int(enter_user_mode(frame))


def pending_interrupt() -> int:
    """The Cause of an interrupt that waits to be served, 0 if none."""
    pending = u64(csr_read("sip") & csr_read("sie"))
    if pending == 0:
        return 0
    if pending >> EXTERNAL & 1 != 0:
        return INTERRUPT + EXTERNAL
    if pending >> SOFTWARE & 1 != 0:
        return INTERRUPT + SOFTWARE
    return INTERRUPT + TIMER


def wait_for_interrupt() -> int:
    """Idle until an interrupt is pending; gives its Cause. It is not taken as a trap."""
    cause = pending_interrupt()
    while cause == 0:
        wfi()
        cause = pending_interrupt()
    return cause


@inline
def fence_i() -> None:
    """Make instructions that the kernel wrote visible to instruction fetch."""
    fence_instructions()


def _start_hart() -> Hart:
    """The boot hart's object, at tp from now on."""
    hart = Hart(0)
    make_immortal(hart)
    set_hart_pointer(address(hart))
    csr_clear("sstatus", PREVIOUS_PRIVILEGE)
    return hart


_boot_hart: Final = _start_hart()
