"""Tasks: the threads of user programs, and what they do between a trap and the return to user mode.

A task belongs to one process; `handles`, `view`, `space`, `credentials` and `abi` are shortcuts to the process's, renewed by refresh() when
one of them is replaced. Before user mode is entered, and only when `pending_work` says so, before_user() stops, ends or delivers
signals; a kernel stack is never left otherwise than through the user loop.

Sources: signal(7), sigaction(2), sigaltstack(2).
"""

from typing import TYPE_CHECKING

from objects.credentials import Credentials
from objects.exit import end_task
from objects.fault import end_for_memory, serve_fault
from objects.handle import HandleTable
from objects.jobcontrol import is_orphaned
from objects.process import ExitStatus, Process
from objects.processes import processes
from objects.restart import Restart
from objects.signalling import force, send_to_task, stop
from objects.usage import Usage
from scarlet.kernel.signals import (
    DEFAULT,
    DEFAULT_ACTIONS,
    EMPTY,
    SI_KERNEL,
    ActionFlags,
    DefaultAction,
    PendingSignals,
    Signal,
    SignalAction,
    SignalInfo,
    SignalSet,
    blockable,
    signal_bit,
    without,
)  # fmt: skip
from scarlet.kernel.thread import current_thread
from scarlet.kernel.trap import Cause, UserThread
from scarlet.lang import u64
from scarlet.lang.errno import Errno

if TYPE_CHECKING:
    from objects.abi import Abi
    from objects.view import View
    from scarlet.kernel.memory.space import AddressSpace


class AlternateStack:
    """Where handlers with SA_ONSTACK run; no stack when size is 0. (sigaltstack(2))"""

    def __init__(self) -> None:
        self.address: u64 = u64(0)
        self.size: u64 = u64(0)
        self.flags = 0

    def clear(self) -> None:
        """No stack, as after exec."""
        self.address = u64(0)
        self.size = u64(0)
        self.flags = 0

    def copy_from(self, other: "AlternateStack") -> None:
        """The same stack, for a child that has a copy of it."""
        self.address = other.address
        self.size = other.size
        self.flags = other.flags


class Task(UserThread):
    """A thread of a process."""

    def __init__(self, tid: int, process: Process) -> None:
        super().__init__(tid, process.name)
        self.process = process
        self.handles: HandleTable = process.handles
        self.view: View = process.view
        self.space: AddressSpace = process.space
        self.credentials: Credentials = process.credentials
        self.abi: Abi = process.abi
        self.page_root = process.space.root

        self.mask: SignalSet = EMPTY
        """Blocked signals."""
        self.pending = PendingSignals()
        """Signals sent to this task alone."""
        self.saved_mask: SignalSet | None = None
        """The mask to return to when the call that changed it for its own time is over (sigsuspend, ppoll)."""
        self.awaited: SignalSet = EMPTY
        """Blocked signals that end its sleep all the same, while it is in sigtimedwait(2)."""
        self.alternate_stack = AlternateStack()
        self.restart = Restart.NEVER
        """How the system call that a signal has just interrupted may start again."""
        self.deaf = False
        """In a sleep that only the end of the process may cut short."""
        self.exit_code = 0
        self.minor_faults = 0
        self.major_faults = 0

    def refresh(self) -> None:
        """Renew the shortcuts after a part of the process was replaced."""
        process = self.process
        self.handles = process.handles
        self.view = process.view
        self.space = process.space
        self.credentials = process.credentials
        self.abi = process.abi
        self.page_root = process.space.root
        self.name = process.name

    # Traps

    def on_syscall(self) -> None:
        """A system call, as the process's ABI understands it."""
        self.abi.syscall(self)

    def on_fault(self, cause: Cause, address: u64) -> None:
        """Every other exception: resolved, or a signal."""
        serve_fault(self, cause, address)

    # Signals

    def raise_signal(self, number: int) -> None:
        """Send this task a signal because of what it does (SIGPIPE, SIGXFSZ), unless its ABI has none: an error says it too."""
        if not self.abi.has_signals:
            return
        send_to_task(self, SignalInfo(number, SI_KERNEL))

    def set_mask(self, mask: SignalSet) -> None:
        """Block these signals and no others; SIGKILL and SIGSTOP stay unblocked. (sigprocmask(2))"""
        self.mask = blockable(mask)
        if self.has_signal():
            self.pending_work = True

    def suspend_mask(self, mask: SignalSet) -> None:
        """Block other signals during one system call; the old mask comes back on the way to user mode. (sigsuspend(2), ppoll(2))"""
        self.saved_mask = self.mask
        self.set_mask(mask)
        self.pending_work = True

    def return_mask(self) -> SignalSet:
        """The mask a handler's return restores."""
        return self.mask if self.saved_mask is None else self.saved_mask

    def has_signal(self) -> bool:
        """Is there a signal it does not block?"""
        return without(self.pending.mask | self.process.pending.mask, self.mask) != 0

    def take_signal(self) -> SignalInfo | None:
        """Take the next signal it does not block out of the queues, its own first."""
        info = self.pending.take(self.mask)
        return info if info is not None else self.process.pending.take(self.mask)

    def take_awaited(self, wanted: SignalSet) -> SignalInfo | None:
        """Take a signal of this set out of the queues, blocked or not. (sigtimedwait(2))"""
        blocked = u64(~wanted)
        info = self.pending.take(blocked)
        return info if info is not None else self.process.pending.take(blocked)

    def interrupted(self) -> bool:
        """Must an interruptible sleep end?"""
        if self.exiting:
            return True
        if self.deaf:
            return False
        if self.awaited != 0 and u64((self.pending.mask | self.process.pending.mask) & self.awaited) != 0:
            return True
        return self.has_signal() or self.process.stop_signal != 0

    # On the way to user mode

    def before_user(self) -> None:
        """Stop, and let signals take effect, until there is nothing left or the task is to end."""
        while not self.exiting:
            if self.process.stop_signal != 0:
                self._stay_stopped()
                continue
            info = self.take_signal()
            if info is None:
                break
            self._take_effect(info)
        if self.exiting:
            return
        if self.restart != Restart.NEVER:
            self.abi.restart(self, None)
            self.restart = Restart.NEVER
        if self.saved_mask is not None:
            mask = self.saved_mask
            self.saved_mask = None
            self.set_mask(mask)

    def _stay_stopped(self) -> None:
        process = self.process
        self.abi.trace_stop(self, process.stop_signal)
        while process.stop_signal != 0 and not self.exiting:
            process.changed.wait(interruptible=False)

    def _take_effect(self, info: SignalInfo) -> None:
        action = self.process.actions.get(info.number)
        if action.is_ignored:
            return
        if action.is_default:
            self._default(info)
        else:
            self.abi.trace_signal(self, info)
            self._handle(info, action)

    def _default(self, info: SignalInfo) -> None:
        """SIG_DFL. (signal(7))"""
        process = self.process
        match DEFAULT_ACTIONS[info.number]:
            case DefaultAction.STOP:
                if info.number == Signal.SIGSTOP or not is_orphaned(process.group):
                    self.abi.trace_signal(self, info)
                    stop(process, info.number)
            case DefaultAction.TERMINATE | DefaultAction.CORE:
                if not process.protected():
                    process.fatal_signal = info
                    process.end(ExitStatus(0, info.number))
            case _:
                pass

    def _handle(self, info: SignalInfo, action: SignalAction) -> None:
        """Let the ABI build the handler's frame, then block what the handler is not to be interrupted by."""
        if self.restart != Restart.NEVER:
            self.abi.restart(self, action)
            self.restart = Restart.NEVER
        number = info.number
        try:
            self.abi.deliver_signal(self, info, action)
        except Errno:
            if number == Signal.SIGSEGV:
                self.process.actions.set(number, DEFAULT)
            force(self, SignalInfo(Signal.SIGSEGV, SI_KERNEL))
            return
        except MemoryError:
            end_for_memory(self)
            return
        self.saved_mask = None
        mask = u64(self.mask | action.mask)
        if not action.flags & ActionFlags.NODEFER:
            mask = u64(mask | signal_bit(number))
        self.mask = blockable(mask)
        if action.flags & ActionFlags.RESETHAND:
            self.process.actions.set(number, SignalAction(DEFAULT.handler, action.flags, action.mask))

    # The end

    def exit(self, code: int) -> None:
        """End this task alone; the last one's code is the process's. (_exit(2))"""
        self.exit_code = code
        self.exiting = True
        self.pending_work = True

    def finish(self) -> None:
        """The end of the user loop."""
        end_task(self)

    def release(self) -> None:
        """Another thread runs now: the stack and the address space are no longer in use."""
        super().release()
        self.space = processes.init().space
        self.page_root = 0

    # Accounts

    def usage(self) -> Usage:
        """What this task has used up to now."""
        usage = Usage()
        times = self.cpu_times_ns()
        usage.user_ns = times[0]
        usage.system_ns = times[1]
        usage.minor_faults = self.minor_faults
        usage.major_faults = self.major_faults
        usage.max_resident = self.space.resident_pages * 4096
        usage.voluntary_switches = self.voluntary_switches
        usage.involuntary_switches = self.involuntary_switches
        return usage


def current_task() -> Task:
    """The task that executes this."""
    thread = current_thread()
    assert isinstance(thread, Task)
    return thread
