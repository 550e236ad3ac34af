"""The timebase and its one deadline: the time register, and the stimecmp register or, where the hart has none
(extension Sstc), the firmware."""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import csr_write, inline, rdtime
from scarlet.machine import sbi

USER_READABLE: Final = True
"""Whether rdtime in user mode gives ticks(): boot sets scounteren.TM."""
NEVER: Final = 0xFFFFFFFFFFFFFFFF

_frequency = 10_000_000
_compare_register = False
_deadline: u64 = 0


def configure(frequency: int, compare_register: bool) -> None:
    """What the device tree says (platform.py)."""
    global _frequency, _compare_register
    _frequency = frequency
    _compare_register = compare_register
    _program(u64(NEVER))


@inline
def ticks() -> int:
    """Ticks since the machine was switched on."""
    return int(rdtime())


def frequency() -> int:
    """Ticks in a second."""
    return _frequency


def set_deadline(ticks: int) -> None:
    """Ask for a timer interrupt when ticks() reaches this; 0 asks for none. The interrupt is pending until the deadline is set anew."""
    deadline = u64(ticks) if ticks != 0 else u64(NEVER)
    if deadline != _deadline:
        _program(deadline)


def _program(deadline: u64) -> None:
    global _deadline
    _deadline = deadline
    if _compare_register:
        csr_write("0x14d", deadline)  # stimecmp
    else:
        sbi.set_timer(deadline)
