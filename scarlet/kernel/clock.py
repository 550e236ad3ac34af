"""Clocks (clock_gettime(2)): the timebase counts from power-on, the real-time clock is an offset from it.

Times are nanoseconds in an int. NEVER is later than any time, and means "no deadline". The machine has no suspend, so boot time and
monotonic time are the same. The boot code sets real time once, from the RTC; clock_settime(2) moves the offset and leaves monotonic
time alone.

The timebase is the machine's and may jump (under QEMU's -icount it does when all harts idle). All clocks stop at LAST, and real time is set
to LATEST_SETTING at most, so whatever the timebase says, a time and a sensible distance add up to a number.
"""

from collections.abc import Callable
from typing import Final

from scarlet.machine import timer

NEVER: Final = 0x7FFF_FFFF_FFFF_FFFF
NS_PER_SECOND: Final = 1_000_000_000
LAST: Final = 30 * 365 * 24 * 3600 * NS_PER_SECOND
"""The end of monotonic time: no machine is on for longer than thirty years. (Linux, TIME_UPTIME_SEC_MAX)"""
LATEST_SETTING: Final = NEVER // NS_PER_SECOND * NS_PER_SECOND - LAST
"""CLOCK_REALTIME can only be set to something before: in the year 2232. (Linux, TIME_SETTOD_SEC_MAX)"""

_frequency: Final = timer.frequency()
_ns_per_tick: Final = NS_PER_SECOND // _frequency if NS_PER_SECOND % _frequency == 0 else 0
"""0 when a tick is not a whole number of nanoseconds."""
_last_tick: Final = LAST // NS_PER_SECOND * _frequency
_realtime_offset_ns = 0
_watchers: Final[list[Callable[[], None]]] = []


def frequency() -> int:
    """Ticks of the timebase in a second."""
    return _frequency


def ticks_to_ns(ticks: int) -> int:
    """The time of a tick, rounded down; LAST for all that come after it."""
    if ticks >= _last_tick:
        return LAST
    if _ns_per_tick != 0:
        return ticks * _ns_per_tick
    return ticks // _frequency * NS_PER_SECOND + ticks % _frequency * NS_PER_SECOND // _frequency


def ns_to_ticks(ns: int) -> int:
    """The first tick that is not before a time; for one after LAST the last tick that there is."""
    if ns > LAST:
        return NEVER
    if _ns_per_tick != 0:
        return ns // _ns_per_tick + (1 if ns % _ns_per_tick != 0 else 0)
    return ns // NS_PER_SECOND * _frequency + (ns % NS_PER_SECOND * _frequency + NS_PER_SECOND - 1) // NS_PER_SECOND


def monotonic_ns() -> int:
    """CLOCK_MONOTONIC: nanoseconds since power-on."""
    return ticks_to_ns(timer.ticks())


def boottime_ns() -> int:
    """CLOCK_BOOTTIME."""
    return ticks_to_ns(timer.ticks())


def realtime_ns() -> int:
    """CLOCK_REALTIME: nanoseconds since 1970-01-01 00:00:00 UTC."""
    return ticks_to_ns(timer.ticks()) + _realtime_offset_ns


def set_realtime_ns(ns: int) -> None:
    """Let CLOCK_REALTIME be `ns` now, or the nearest time with which the machine was started in 1970 or later and that is not after
    LATEST_SETTING."""
    global _realtime_offset_ns
    _realtime_offset_ns = max(min(ns, LATEST_SETTING) - monotonic_ns(), 0)
    for notify in _watchers:
        notify()


def on_realtime_change(notify: Callable[[], None]) -> None:
    """Call notify() whenever CLOCK_REALTIME was set: the vDSO's copy of the offset follows."""
    _watchers.append(notify)


def user_readable() -> bool:
    """Can user mode read the time register (rdtime), and does it show ticks()?"""
    return timer.USER_READABLE


def realtime_offset_ns() -> int:
    """CLOCK_REALTIME minus CLOCK_MONOTONIC, 0 at least: when the machine was started, and what the vDSO adds."""
    return _realtime_offset_ns


def resolution_ns() -> int:
    """The length of a tick, rounded up (clock_getres(2))."""
    return (NS_PER_SECOND + _frequency - 1) // _frequency


def deadline_after(ns: int) -> int:
    """The monotonic time `ns` from now; NEVER when that is beyond all times."""
    now = monotonic_ns()
    return NEVER if ns >= NEVER - now else now + ns
