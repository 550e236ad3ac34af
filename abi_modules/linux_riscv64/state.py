"""What only Linux programs know of their process: the parts of its state that belong to the ABI and to no kernel object."""

from abi_modules.linux_riscv64.trace import TEXT
from executor.border import TracedAbi
from objects.task import Task
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EINTR


class RestartBlock:
    """How an interrupted call with a timeout goes on (restart_syscall(2)): derived from by the call, which keeps
    there what it has still to do.
    """

    def resume(self, task: Task) -> int:
        """Go on; the result of the call. Raises what the call raises."""
        raise Errno(EINTR)


class LinuxState(TracedAbi):
    """The base of LinuxAbi: data without behaviour, so that system calls can reach it."""

    def __init__(self, sigreturn: u64) -> None:
        super().__init__(TEXT)
        self.sigreturn = sigreturn
        """The address of __vdso_rt_sigreturn, where handlers return to."""
        self.restart_block: RestartBlock | None = None
        self.clear_child_tid: u64 = u64(0)
        """Cleared, and woken as a futex, when the task ends (set_tid_address(2))."""
        self.io_priority = 0
        """Class and level of ioprio_set(2)."""
        self.robust_list: u64 = u64(0)
        """The head of the list of locks to release when the task ends (set_robust_list(2))."""


def state_of(task: Task) -> LinuxState:
    """The Linux state of the process that makes a call."""
    state = task.abi
    assert isinstance(state, LinuxState)
    return state
