"""Waiting for children. (wait4(2), waitid(2))"""

from enum import IntEnum, IntFlag

from objects.exit import reap
from objects.process import Process
from objects.restart import Interrupted, Restart
from objects.task import Task
from objects.usage import Usage
from scarlet.kernel.signals import CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, Signal
from scarlet.kernel.waitqueue import WakeReason
from scarlet.lang.errno import ECHILD, Errno


class Which(IntEnum):
    """Which children are meant; the values are P_ALL, P_PID and P_PGID of waitid(2)."""

    ANY = 0
    PROCESS = 1
    GROUP = 2


class WaitOptions(IntFlag):
    """What to wait for, and how; the values are those of Linux."""

    NONE = 0
    NOHANG = 1
    STOPPED = 2
    EXITED = 4
    CONTINUED = 8
    NOWAIT = 0x01000000
    NOTHREAD = 0x20000000
    ALL = 0x40000000
    CLONE = 0x80000000


class Selector:
    """The children a wait is for."""

    def __init__(self, which: Which, identity: int = 0) -> None:
        self.which = which
        self.identity = identity

    def matches(self, child: Process, options: WaitOptions) -> bool:
        """Is it this child? Those that end with another signal than SIGCHLD count only when asked for (__WALL, __WCLONE)."""
        if self.which == Which.PROCESS and child.pid != self.identity:
            return False
        if self.which == Which.GROUP and child.group.identity != self.identity:
            return False
        if options & WaitOptions.ALL:
            return True
        is_clone = child.exit_signal != Signal.SIGCHLD
        return is_clone == (options & WaitOptions.CLONE != WaitOptions.NONE)


class ChildEvent:
    """What happened to a child: `code` is a CLD_ constant, `status` the exit code or the signal; `value` all that the child gave exit()."""

    def __init__(self, child: Process, code: int, status: int) -> None:
        self.pid = child.pid
        self.uid = child.credentials.uid
        self.code = code
        self.status = status
        self.value = child.exit_status.value if child.exit_status is not None else 0
        self.usage = Usage()
        self.usage.add(child.usage_now())
        self.usage.add(child.children_usage)


def wait_for_child(task: Task, selector: Selector, options: WaitOptions) -> ChildEvent | None:
    """The next event of a selected child, waiting for it unless NOHANG (then None). ECHILD without such a child; EINTR.

    An ended child is reaped, a stop or continuation reported once, unless NOWAIT leaves things as they are. Never MemoryError: who waits
    for memory may be waiting for a child's."""
    before = task.must_succeed
    task.must_succeed = True
    try:
        return _next_event(task, selector, options)
    finally:
        task.must_succeed = before


def _next_event(task: Task, selector: Selector, options: WaitOptions) -> ChildEvent | None:
    process = task.process
    signalled = False
    while True:
        found = False
        for child in process.children:
            if selector.matches(child, options):
                found = True
                event = _event(child, options)
                if event is not None:
                    return event
        if not found:
            raise Errno(ECHILD, "no child to wait for")
        if options & WaitOptions.NOHANG:
            return None
        if signalled:
            raise Interrupted(Restart.UNLESS_HANDLER_FORBIDS)
        # SIGCHLD comes along with what it tells: look at the children once more before giving up.
        signalled = process.child_waiters.wait() is WakeReason.SIGNAL


def _event(child: Process, options: WaitOptions) -> ChildEvent | None:
    keep = options & WaitOptions.NOWAIT != WaitOptions.NONE
    if child.zombie:
        return _ended(child, keep=keep) if options & WaitOptions.EXITED else None
    if child.stop_unreported and options & WaitOptions.STOPPED:
        child.stop_unreported = keep
        return ChildEvent(child, CLD_STOPPED, child.stop_signal)
    if child.continue_unreported and options & WaitOptions.CONTINUED:
        child.continue_unreported = keep
        return ChildEvent(child, CLD_CONTINUED, Signal.SIGCONT)
    return None


def _ended(child: Process, *, keep: bool) -> ChildEvent:
    status = child.exit_status
    assert status is not None
    if status.signal == 0:
        event = ChildEvent(child, CLD_EXITED, status.code)
    else:
        event = ChildEvent(child, CLD_DUMPED if status.core_dumped else CLD_KILLED, status.signal)
    if not keep:
        reap(child)
    return event
