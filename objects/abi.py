"""What the kernel asks of an ABI: system calls, signal frames, restarts.

A process holds one Abi; every task of it speaks that ABI. An Abi may keep state of the process that only its programs know
(restart blocks, trampoline addresses); fork() copies it, exec replaces it.
"""

from typing import TYPE_CHECKING

from scarlet.lang.errno import ENOSYS, Errno

if TYPE_CHECKING:
    from objects.process import ExitStatus, Process
    from objects.task import Task
    from scarlet.kernel.signals import SignalAction, SignalInfo


class Abi:
    """The base of every ABI's run-time part."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.has_signals = True
        """Its programs know signals. If not, a mistake is an error and nothing more (no SIGPIPE), and ended children always wait for
        wait."""
        self.has_signal_mask = True
        """Its programs can block signals, and let them through again. If not, nothing is blocked when one of them starts."""

    def syscall(self, task: "Task") -> None:
        """Carry out the system call in task.frame and put its result there. Never raises an Errno. Advances pc past the call."""
        raise Errno(ENOSYS, "this ABI has no system calls")

    def deliver_signal(self, task: "Task", info: "SignalInfo", action: "SignalAction") -> None:
        """Build the user frame and point task.frame at the handler. EFAULT when the user stack cannot take it: the task then gets SIGSEGV
        (for a MemoryError SIGKILL).

        The mask to restore on return is task.return_mask(); the mask during the handler is set by the caller afterwards."""
        raise Errno(ENOSYS, "this ABI has no signal handlers")

    def restart(self, task: "Task", action: "SignalAction | None") -> None:
        """Settle a system call that a signal interrupted (task.restart is not NEVER): put it back, or EINTR into its result.

        Called once before the first handler's frame is built (with its action), or with None when no handler runs.
        objects.restart.restarts() decides which."""

    def is_spared(self, process: "Process", number: int) -> bool:
        """Does a signal that the terminal sends to its foreground group (Ctrl-C) not mean this process?"""
        return False

    def fork(self) -> "Abi":
        """The Abi of a child process."""
        return self

    def leave(self, task: "Task") -> None:
        """A task ends or execs; its address space is still there (clear_child_tid, robust lists). There is no way back any
        more: it raises nothing, out of memory included."""

    def trace_signal(self, task: "Task", info: "SignalInfo") -> None:
        """A signal is about to act on the task."""

    def trace_stop(self, task: "Task", signal: int) -> None:
        """The task stops."""

    def trace_note(self, task: "Task", text: str) -> None:
        """Something about the task that the reader of the trace should know, in a line of its own (exec moved the working directory)."""

    def trace_exit(self, task: "Task", status: "ExitStatus") -> None:
        """The task ends with this status."""
