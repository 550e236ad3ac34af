"""Clocks of processor time: of a process or a thread, one's own or another's, and sleeping on them.

The number of such a clock is CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, or ~id << 3 | thread << 2 | kind (0 for its own id).
It goes on only while its owner runs, and not faster than time for each thread, so a sleeper looks again when it could be time at the
earliest, but not more often than once a tick: it sleeps a tick too long at most. The clock of what has ended stands still: only a signal
ends that sleep.

Sources: clock_getcpuclockid(3), pthread_getcpuclockid(3), clock_nanosleep(2).
"""

import weakref
from enum import IntEnum
from typing import Final

from abi_modules.linux_riscv64.state import RestartBlock, state_of
from abi_modules.linux_riscv64.structures import store_timespec_ns
from objects.process import Process
from objects.processes import processes
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.waitqueue import WaitQueue, WakeReason
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EINVAL, EOPNOTSUPP

CLOCK_PROCESS_CPUTIME_ID: Final = 2
CLOCK_THREAD_CPUTIME_ID: Final = 3
OF_THREAD: Final = 4
TICK_NS: Final = 10_000_000


class Kind(IntEnum):
    """What counts. The last is no such clock, but one of a device (PTP)."""

    ALL = 0
    USER = 1
    SCHEDULED = 2
    DEVICE = 3


class CpuClock:
    """One of them; it does not keep its owner."""

    def __init__(self, process: Process, thread: Task | None, kind: int) -> None:
        self.process = weakref.ref(process)
        self.thread: weakref.ref[Task] | None = weakref.ref(thread) if thread is not None else None
        self.kind = kind
        self._last_ns = 0

    def now_ns(self) -> int:
        """What it shows."""
        times = self._times_ns()
        if times is not None:
            self._last_ns = times[0] if self.kind == Kind.USER else times[0] + times[1]
        return self._last_ns

    def fastest(self) -> int:
        """How much faster than time it may go."""
        process = self.process()
        return 1 if process is None or self.thread is not None else max(len(process.threads), 1)

    def _times_ns(self) -> tuple[int, int] | None:
        """User and system time; None when the owner is gone."""
        if self.thread is not None:
            thread = self.thread()
            return thread.cpu_times_ns() if thread is not None else None
        process = self.process()
        if process is None:
            return None
        usage = process.usage_now()
        return (usage.user_ns, usage.system_ns)


def cpu_clock(task: Task, which: int) -> CpuClock:
    """The clock of a number. EINVAL."""
    if which == CLOCK_PROCESS_CPUTIME_ID:
        return CpuClock(task.process, None, Kind.SCHEDULED)
    if which == CLOCK_THREAD_CPUTIME_ID:
        return CpuClock(task.process, task, Kind.SCHEDULED)
    number = ~(which >> 3)
    if which >= 0 or which & 3 == Kind.DEVICE:
        raise Errno(EINVAL, "no such clock")
    if which & OF_THREAD:
        thread = task if number == 0 else processes.find_task(number)
        if thread is None:
            raise Errno(EINVAL, "no such thread")
        return CpuClock(thread.process, thread, which & 3)
    process: Process | None = task.process if number == 0 else processes.find(number)
    if process is None:
        raise Errno(EINVAL, "no such process")
    return CpuClock(process, None, which & 3)


def require_sleepable(which: int) -> None:
    """EOPNOTSUPP for the clocks on which nobody sleeps."""
    if which == CLOCK_THREAD_CPUTIME_ID or which < 0 and which & 3 == Kind.DEVICE:
        raise Errno(EOPNOTSUPP, "this clock cannot be slept on")


def sleep_on_cpu_clock(task: Task, which: int, ns: int, *, absolute: bool, remaining: u64) -> int:
    """Sleep until the clock shows `ns`, or so much more than now. EINVAL for the clock of the thread that sleeps."""
    found = cpu_clock(task, which)
    if found.thread is not None and found.thread() is task:
        raise Errno(EINVAL, "a thread that sleeps does not get older")
    now_ns = 0 if absolute else found.now_ns()
    goal_ns = NEVER if ns >= NEVER - now_ns else now_ns + ns
    return _sleep_until(task, found, goal_ns, absolute=absolute, remaining=remaining)


class CpuSleepRest(RestartBlock):
    """The rest of a relative sleep."""

    def __init__(self, sleeps_on: CpuClock, goal_ns: int, remaining: u64) -> None:
        self.sleeps_on = sleeps_on
        self.goal_ns = goal_ns
        self.remaining = remaining

    def resume(self, task: Task) -> int:
        return _sleep_until(task, self.sleeps_on, self.goal_ns, absolute=False, remaining=self.remaining)


def _sleep_until(task: Task, sleeps_on: CpuClock, goal_ns: int, *, absolute: bool, remaining: u64) -> int:
    """The rest goes to `remaining` (if not null) when a signal ends a relative sleep; it may be continued."""
    while True:
        left_ns = goal_ns - sleeps_on.now_ns()
        if left_ns <= 0:
            return 0
        if WaitQueue().wait(clock.deadline_after(max(left_ns // sleeps_on.fastest(), TICK_NS))) is WakeReason.SIGNAL:
            break
    if absolute:
        raise Interrupted(Restart.UNLESS_HANDLER)
    if remaining != 0:
        store_timespec_ns(task, remaining, max(goal_ns - sleeps_on.now_ns(), 0))
    state_of(task).restart_block = CpuSleepRest(sleeps_on, goal_ns, remaining)
    raise Interrupted(Restart.WITH_BLOCK)
