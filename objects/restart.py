"""Sleeps that signals end, and what becomes of the system call that slept.

An object that waits calls sleep_on() in a loop around its condition. When a signal comes first it raises Interrupted: an EINTR that
also says how the call may be started again. The ABI notes that in Task.restart, and when the signal has been looked at
before_user() asks `restarts`: again without the program noticing, or EINTR. The five ways are those of Linux. (signal(7))
"""

from enum import IntEnum

from scarlet.kernel.signals import ActionFlags, SignalAction
from scarlet.kernel.waitqueue import NEVER, WaitQueue, WakeReason
from scarlet.lang.errno import EINTR, Errno


class Restart(IntEnum):
    """When an interrupted system call starts again."""

    NEVER = 0
    """EINTR in any case."""
    UNLESS_HANDLER_FORBIDS = 1
    """Again, unless a handler without SA_RESTART runs (ERESTARTSYS): reads, writes, waits."""
    UNLESS_HANDLER = 2
    """Again, unless any handler runs (ERESTARTNOHAND): pause, sigsuspend, select."""
    ALWAYS = 3
    """Again, whatever runs in between (ERESTARTNOINTR): fork."""
    WITH_BLOCK = 4
    """Again with the remaining time, unless a handler runs (ERESTART_RESTARTBLOCK): nanosleep, poll."""


class Interrupted(Errno):
    """A sleep was ended by a signal."""

    def __init__(self, restart: Restart) -> None:
        super().__init__(EINTR, "interrupted by a signal")
        self.restart = restart


def sleep_on(queue: WaitQueue, deadline_ns: int = NEVER, restart: Restart = Restart.UNLESS_HANDLER_FORBIDS) -> bool:
    """True when woken, False when the deadline came first; Interrupted when a signal did. The caller re-checks its condition."""
    reason = queue.wait(deadline_ns)
    if reason == WakeReason.SIGNAL:
        raise Interrupted(restart)
    return reason == WakeReason.WOKEN


def restarts(restart: Restart, action: SignalAction | None) -> bool:
    """Does the interrupted call start again, given the action whose handler is about to run (None: no handler runs)?"""
    if restart == Restart.NEVER:
        return False
    if restart == Restart.ALWAYS or action is None:
        return True
    return restart == Restart.UNLESS_HANDLER_FORBIDS and action.flags & ActionFlags.RESTART != ActionFlags.NONE
