"""The border between tiny programs and the kernel: the result of a call, or minus the number of an error, goes to a0."""

from typing import Final

from executor.border import TracedAbi, report_bug, traced
from objects.task import Task
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOMEM
from tiny_abi.dispatch import dispatch
from tiny_abi.trace_calls import DeclaredCalls

ECALL_BYTES: Final = 4
TEXT: Final = DeclaredCalls("tiny", "tiny: ")
"""The calls in the trace, where each line begins with `tiny:`."""


class TinyAbi(TracedAbi):
    """The tiny ABI of one process."""

    def __init__(self) -> None:
        super().__init__(TEXT)
        self.has_signals = False

    def syscall(self, task: Task) -> None:
        frame = task.frame
        frame.pc = u64(frame.pc + ECALL_BYTES)
        try:
            frame.a0 = dispatch(task) if task.process.observer is None else traced(task, TEXT, dispatch)
        except Errno as error:
            frame.a0 = u64(-error.code)
        except MemoryError:
            frame.a0 = u64(-ENOMEM)
        except Exception as error:
            report_bug(task, TEXT, error)
