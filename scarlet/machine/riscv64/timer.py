"""The timebase and its one deadline: the time register, and the stimecmp register or, where the hart has none
(extension Sstc), the firmware.

No deadline in the hardware is farther than LONGEST_WAIT_S: an emulator that counts instructions (QEMU's -icount with sleep=off) lets time
jump to the deadline whenever the hart idles, also when it waits for a disk. Without a deadline it would jump to the end of time, from where
no timer ever comes.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import csr_write, inline, rdtime
from scarlet.machine import sbi

USER_READABLE: Final = True
"""Whether rdtime in user mode gives ticks(): boot sets scounteren.TM."""
LONGEST_WAIT_S: Final = 1

_frequency = 10_000_000
_compare_register = False


def configure(frequency: int, compare_register: bool) -> None:
    """What the device tree says (platform.py)."""
    global _frequency, _compare_register
    _frequency = frequency
    _compare_register = compare_register
    set_deadline(0)


@inline
def ticks() -> int:
    """Ticks since the machine was switched on."""
    return int(rdtime())


def frequency() -> int:
    """Ticks in a second."""
    return _frequency


def set_deadline(ticks: int) -> None:
    """Ask for a timer interrupt when the time register reaches this; 0 asks for none. One may come earlier, too. The interrupt is pending
    until the deadline is set anew."""
    farthest = int(rdtime()) + LONGEST_WAIT_S * _frequency
    deadline = u64(min(ticks, farthest) if ticks != 0 else farthest)
    if _compare_register:
        csr_write("0x14d", deadline)  # stimecmp
    else:
        sbi.set_timer(deadline)
