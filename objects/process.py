"""Processes: what tasks share, and what remains of it until the parent has asked.

Who holds whom: the process table and its parent hold a process; a process holds its tasks while they run; its group lists it as a
member. Back references (to the parent) are weak. exit() empties a process of everything but its status, times and numbers; reap()
takes it out of table, group and parent, and with that the object is gone.
"""

import weakref
from typing import TYPE_CHECKING, Final

from objects.actions import SignalActions
from objects.credentials import Credentials
from objects.group import ProcessGroup, Session
from objects.handle import HandleTable
from objects.limits import MAX_OPEN_FILES, Limits, Resource
from objects.object import KernelObject, PollEvents
from objects.observer import Observer
from objects.usage import Usage
from scarlet.kernel import clock, scheduler
from scarlet.kernel.signals import PendingSignals, Signal, SignalInfo
from scarlet.kernel.waitqueue import Waiter, WaitQueue

if TYPE_CHECKING:
    from objects.abi import Abi
    from objects.cpulimit import CpuLimit
    from objects.itimers import IntervalTimers
    from objects.task import Task
    from objects.view import Location, View
    from scarlet.kernel.memory.space import AddressSpace

INIT_PID: Final = 1
MAX_NAME: Final = 15


class ExitStatus:
    """How a process ended: by exit(code), or killed by a signal (then `signal` is not 0)."""

    def __init__(self, code: int, signal: int = 0, *, core_dumped: bool = False, value: int = 0) -> None:
        self.code = code
        """0 to 255, as every ABI shows it."""
        self.value = value if value != 0 else code
        """The whole number that the program gave, for parents of an ABI that tells it."""
        self.signal = signal
        self.core_dumped = core_dumped


class Region:
    """A range of user addresses that the program may overwrite: its arguments, its environment. Never changed, so processes share it."""

    def __init__(self, start: int = 0, end: int = 0, text: bytes = b"") -> None:
        self.start = start
        self.end = end
        self.text = text
        """The strings themselves, for an ABI that does not lay them out in one piece; then there is no range."""


NOWHERE: Final = Region()


class Process(KernelObject):
    """One process."""

    def __init__(
        self, pid: int, group: ProcessGroup, credentials: Credentials, limits: Limits,
        space: "AddressSpace", handles: HandleTable, view: "View", abi: "Abi", actions: SignalActions,
    ) -> None:  # fmt: skip
        super().__init__()
        self.pid = pid
        self.name: bytes = b""
        self.start_ns = clock.boottime_ns()

        # Relations.
        self.parent: weakref.ref[Process] | None = None
        self.parent_pid = 0
        """The parent's number, 0 for the first process. (getppid(2))"""
        self.children: list[Process] = []
        self.group = group
        self.gave_up_terminal = False
        """It does without the session's terminal. (TIOCNOTTY)"""
        self.threads: list[Task] = []

        # What the program has.
        self.credentials = credentials
        self.limits = limits
        self.space: AddressSpace = space
        self.handles = handles
        self.view: View = view
        self.abi: Abi = abi
        self.shares_parts = False
        """Handles or signal actions may be shared with another process; exec makes them its own."""
        self.executable: Location | None = None
        self.arguments = NOWHERE
        self.environment = NOWHERE
        self.observer: Observer | None = None
        """Who is told what it does."""
        self.kept_environment: list[bytes] | None = None
        """NAME=value strings kept for the next program that has an environment, while the present one has none (exec). Never changed."""
        self.nice = 0
        self.dumpable = True
        self.no_new_privileges = False
        self.subreaper = False
        self.did_exec = False
        """Since its fork; the parent may move it to another group only before. (setpgid(2))"""

        # Signals.
        self.actions = actions
        self.pending = PendingSignals()
        self.parent_death_signal = 0
        self.exit_signal: int = Signal.SIGCHLD
        self.timers: IntervalTimers | None = None
        self.cpu_limit: CpuLimit | None = None

        # Life and death.
        self.stop_signal = 0
        """The signal that stopped it; 0 while it runs."""
        self.changed = WaitQueue()
        """Whoever waits for this process itself: its stopped tasks for SIGCONT, a vfork parent for exec or exit, pollers for the end."""
        self.stop_unreported = False
        self.continue_unreported = False
        self.exit_status: ExitStatus | None = None
        """Set as soon as the end is decided; tasks may still be on their way out."""
        self.fatal_signal: SignalInfo | None = None
        """What ended it, for the trace."""
        self.zombie = False
        """All tasks have ended; what is left waits for the parent."""
        self.child_waiters = WaitQueue()
        """Tasks in wait(2), woken when a child changes."""
        self.holds_parent = False
        """This is a vfork child that still runs in its parent's address space."""
        self.usage = Usage()
        """What its ended tasks used; usage_now() adds the running ones."""
        self.children_usage = Usage()

    # Relations

    @property
    def session(self) -> Session:
        """The session of its group."""
        return self.group.session

    def parent_process(self) -> "Process | None":
        """The parent; None for the first process."""
        return self.parent() if self.parent is not None else None

    def become_child_of(self, parent: "Process") -> None:
        """It has another parent from now on. The parent's list of children is the caller's business."""
        self.parent = weakref.ref(parent)
        self.parent_pid = parent.pid

    def leads_session(self) -> bool:
        """Did it call setsid(2)?"""
        return self.group.session.identity == self.pid

    def main_task(self) -> "Task | None":
        """Its first task that still runs."""
        return self.threads[0] if len(self.threads) > 0 else None

    # Accounts

    def usage_now(self) -> Usage:
        """What it has used up to now, all its tasks together. (getrusage(2), RUSAGE_SELF)"""
        total = Usage()
        total.add(self.usage)
        for task in self.threads:
            total.add(task.usage())
        return total

    def cpu_ns(self) -> int:
        """User and system time used up to now."""
        usage = self.usage_now()
        return usage.user_ns + usage.system_ns

    def set_name(self, name: bytes) -> None:
        """The name ps shows, cut to 15 bytes. (prctl(2), PR_SET_NAME)"""
        self.name = name[:MAX_NAME]
        for task in self.threads:
            task.name = self.name

    def apply_limits(self) -> None:
        """Tell the handle table and the address space the limits they enforce."""
        limits = self.limits
        self.handles.limit = min(limits.soft(Resource.OPEN_FILES), MAX_OPEN_FILES)
        limits.bound(self.space)

    # Ending

    def end(self, status: ExitStatus) -> None:
        """Decide how the process ends; the first decision counts. Its tasks are on their way out from now on. (exit_group(2))"""
        if self.exit_status is None:
            self.exit_status = status
        for task in self.threads:
            task.exiting = True
            task.pending_work = True
            scheduler.interrupt(task)
        self.changed.wake_all()

    def protected(self) -> bool:
        """Process 1 gets only signals it handles. (kill(2), NOTES)"""
        return self.pid == INIT_PID

    def release_image(self) -> None:
        """The vfork parent may go on: this process has an address space of its own, or has ended. (vfork(2))"""
        if self.holds_parent:
            self.holds_parent = False
            self.changed.wake_all()

    def end_timers(self) -> None:
        """Disarm what would send it signals later."""
        if self.timers is not None:
            self.timers.cancel()
            self.timers = None
        if self.cpu_limit is not None:
            self.cpu_limit.cancel()
            self.cpu_limit = None

    # As an object

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN when the process has ended. (pidfd_open(2))"""
        if waiter is not None:
            waiter.add(self.changed)
        return PollEvents.READABLE if self.zombie else PollEvents.NONE

    def link_text(self) -> bytes:
        return b"anon_inode:[pidfd]"
