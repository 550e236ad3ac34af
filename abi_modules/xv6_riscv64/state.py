"""What only xv6 programs know of their process: how large it is, and how far a call had come when it was interrupted."""

from abi_modules.xv6_riscv64.trace import TEXT
from executor.border import TracedAbi
from objects.task import Task


class Xv6State(TracedAbi):
    """The base of Xv6Abi: data without behaviour, so that system calls can reach it."""

    def __init__(self, size: int) -> None:
        super().__init__(TEXT)
        self.has_signals = False
        self.size = size
        """Where the process ends; sbrk moves it. What lies below is mapped, but for the guard page under the stack."""
        self.progress = 0
        """Of a call that the process was stopped in, and which then starts again: the bytes written, or the tick to wake up at."""


def state_of(task: Task) -> Xv6State:
    """The xv6 state of the process that makes a call."""
    state = task.abi
    assert isinstance(state, Xv6State)
    return state
