"""Threads: what the scheduler schedules. objects.task.Task derives from UserThread, which derives from Thread (trap.py).

Invariants:
- A thread is in at most one run queue, exactly while it is RUNNABLE. RUNNING means that a hart executes it.
- A thread leaves SLEEPING once: the first of wake, timeout and signal decides `wake_reason`, later ones find it RUNNABLE.
- Whoever made a thread keeps it alive (the process table does for tasks); queues refer to it while it waits in them.
- A DEAD thread's stack is freed by another thread.
"""

from enum import IntEnum

from scarlet.kernel import clock
from scarlet.machine import cpu
from scarlet.machine.context import Context


class ThreadState(IntEnum):
    """Where a thread is in its life."""

    NEW = 0
    RUNNABLE = 1
    RUNNING = 2
    SLEEPING = 3
    STOPPED = 4
    DEAD = 5


class WakeReason(IntEnum):
    """Why a sleep ended."""

    WOKEN = 0
    TIMEOUT = 1
    SIGNAL = 2


class Thread(Context):
    """A kernel thread: override `run`, call `start()` and hand it to scheduler.make_runnable."""

    def __init__(self, tid: int, name: bytes) -> None:
        super().__init__()
        self.tid = tid
        self.name = name
        self.state = ThreadState.NEW
        self.pending_work = False
        """Look at signals, stops and exit before returning to user mode (UserThread.before_user)."""
        self.wake_reason = WakeReason.WOKEN
        self.interruptible = False
        """While SLEEPING: may a signal end the sleep?"""
        self.page_root = 0
        """The root table of the address space this thread needs; 0 for a thread that never touches user memory through the MMU."""
        self.hart = 0
        """The hart whose run queue it joins."""
        self.run_ns = 0
        """Time spent on a hart before the present turn, which began at turn_began_ns."""
        self.turn_began_ns = 0
        self.user_ticks = 0
        self.system_ticks = 0
        """Scheduler ticks that found it in user mode, in the kernel."""
        self._user_ns = 0
        self._system_ns = 0
        self.next_to_run: Thread | None = None
        self.next_sleeper: Thread | None = None
        """Links of the queues that it is in. (threadqueue.py)"""
        self.must_succeed = False
        """What it does now cannot be refused (an interrupt, a signal, an end): its objects may have the last of the kernel's memory.
        (memory/setup.py)"""
        self.disk_depth = 0
        """In how many disks it does the work of a device: then it must not wait for write-back, which may wait for it. (vfs/filedisk.py)"""
        self.voluntary_switches = 0
        self.involuntary_switches = 0

    def interrupted(self) -> bool:
        """Is there a signal that must end an interruptible sleep? Overridden by tasks."""
        return False

    def cpu_times_ns(self) -> tuple[int, int]:
        """User and system time. Their sum is exact; it is divided as the ticks fell, and neither part ever shrinks.

        (As Linux does: reading the clock on each system call would cost a fifth of a null call.)
        """
        total = self.run_ns
        if self.state is ThreadState.RUNNING:
            total += clock.monotonic_ns() - self.turn_began_ns
        ticks = self.user_ticks + self.system_ticks
        system = 0 if ticks == 0 else total // ticks * self.system_ticks
        system = max(system, self._system_ns)
        user = max(total - system, self._user_ns)
        system = max(total - user, self._system_ns)
        self._user_ns = user
        self._system_ns = system
        return (user, system)

    @property
    def user_ns(self) -> int:
        return self.cpu_times_ns()[0]

    @property
    def system_ns(self) -> int:
        return self.cpu_times_ns()[1]


def set_must_succeed(on: bool) -> bool:
    """Whether what the running thread does next cannot be refused; gives what held before, which the caller sets again."""
    context = cpu.this_hart().current
    if not isinstance(context, Thread):
        return on
    before = context.must_succeed
    context.must_succeed = on
    return before


def current_thread() -> Thread:
    """The thread that executes this."""
    context = cpu.this_hart().current
    assert isinstance(context, Thread)
    return context
