"""Interval timers of a process. (setitimer(2))

ITIMER_REAL is a kernel timer. ITIMER_VIRTUAL and ITIMER_PROF count processor time: as that cannot grow faster than real time, a
kernel timer looks again when the time could be up at the earliest, at most once a tick.
"""

import weakref
from enum import IntEnum
from typing import Final

from objects.process import Process
from objects.signalling import send
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.signals import SI_KERNEL, Signal, SignalInfo
from scarlet.kernel.timer import Timer

TICK_NS: Final = 10_000_000
SHORTEST_GAP_NS: Final = 100_000
"""Between two looks at a timer: one whose interval is shorter than the work that it causes would leave time for nothing else."""


class Which(IntEnum):
    """The three timers; the values are those of setitimer(2)."""

    REAL = 0
    VIRTUAL = 1
    PROFILE = 2


class Setting:
    """How long until the next signal (0: disarmed) and between the following ones (0: none follow), in nanoseconds."""

    def __init__(self, interval_ns: int, remaining_ns: int) -> None:
        self.interval_ns = interval_ns
        self.remaining_ns = remaining_ns


class IntervalTimer(Timer):
    """One timer of a process. It counts on the clock that `now` tells."""

    def __init__(self, process: Process, which: Which, signal: int) -> None:
        super().__init__()
        self.process = weakref.ref(process)
        self.which = which
        self.signal = signal
        self.interval_ns = 0
        self.due_ns = NEVER
        """On its own clock."""

    def now(self, process: Process) -> int:
        """What its clock shows."""
        match self.which:
            case Which.REAL:
                return clock.monotonic_ns()
            case Which.VIRTUAL:
                return process.usage_now().user_ns
            case _:
                return process.cpu_ns()

    def set(self, setting: Setting) -> None:
        """Arm it anew, or disarm it."""
        process = self.process()
        assert process is not None
        self.interval_ns = setting.interval_ns
        if setting.remaining_ns == 0:
            self.due_ns = NEVER
            self.cancel()
        else:
            now = self.now(process)
            self.due_ns = NEVER if setting.remaining_ns >= NEVER - now else now + setting.remaining_ns
            self._arm(now)

    def get(self) -> Setting:
        """What remains; never 0 while it is armed."""
        process = self.process()
        if self.due_ns == NEVER or process is None:
            return Setting(self.interval_ns, 0)
        return Setting(self.interval_ns, max(self.due_ns - self.now(process), 1000))

    def expired(self) -> None:
        """Look whether the time is up on its own clock."""
        process = self.process()
        if process is None or process.zombie:
            return
        now = self.now(process)
        if now >= self.due_ns:
            send(process, SignalInfo(self.signal, SI_KERNEL))
            if self.interval_ns == 0:
                self.due_ns = NEVER
                return
            self.due_ns += (now - self.due_ns) // self.interval_ns * self.interval_ns
            self.due_ns = NEVER if self.interval_ns >= NEVER - self.due_ns else self.due_ns + self.interval_ns
        self._arm(now, gap_ns=SHORTEST_GAP_NS)

    def _arm(self, now: int, *, gap_ns: int = 0) -> None:
        if self.which == Which.REAL:
            self.start(max(self.due_ns, now + gap_ns))
        else:
            self.start(clock.deadline_after(max(self.due_ns - now, TICK_NS)))


class IntervalTimers:
    """The three timers of a process; not inherited by fork, kept by exec."""

    def __init__(self, process: Process) -> None:
        self.real = IntervalTimer(process, Which.REAL, Signal.SIGALRM)
        self.virtual = IntervalTimer(process, Which.VIRTUAL, Signal.SIGVTALRM)
        self.profile = IntervalTimer(process, Which.PROFILE, Signal.SIGPROF)

    def timer(self, which: Which) -> IntervalTimer:
        """One of the three."""
        match which:
            case Which.REAL:
                return self.real
            case Which.VIRTUAL:
                return self.virtual
            case _:
                return self.profile

    def cancel(self) -> None:
        """Disarm all."""
        self.real.cancel()
        self.virtual.cancel()
        self.profile.cancel()


def interval_timer(process: Process, which: Which) -> IntervalTimer:
    """A timer of a process, made when first asked for."""
    if process.timers is None:
        process.timers = IntervalTimers(process)
    return process.timers.timer(which)
