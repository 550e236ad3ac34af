"""The timebase and its one deadline, the hosted twin: ticks are counted instructions (hosted/clock.py)."""

from typing import Final

from scarlet.machine.hosted import world
from scarlet.machine.hosted.clock import FREQUENCY

USER_READABLE: Final = True
"""Whether rdtime in user mode gives ticks(): the engine answers it."""


def ticks() -> int:
    """Ticks since the machine was switched on."""
    return world.current.clock.ticks()


def frequency() -> int:
    """Ticks in a second."""
    return FREQUENCY


def set_deadline(ticks: int) -> None:
    """Ask for a timer interrupt when ticks() reaches this; 0 asks for none. (On bare metal one may come earlier, too.)
    The interrupt is pending until the deadline is set anew."""
    world.current.clock.deadline = ticks
