"""The border between xv6 programs and the kernel: system calls in, results out.

A result goes to a0; every failure is -1 there, running out of memory and unknown numbers too. There are no signals: what ends
processes of other ABIs (Ctrl-C, a fault, kill) ends these too, and a parent of this ABI learns the status -1. A call that the process
was stopped in (Ctrl-Z in another ABI's shell) starts again unseen.
"""

from typing import Final

from abi_modules.xv6_riscv64.dispatch import dispatch
from abi_modules.xv6_riscv64.state import Xv6State
from abi_modules.xv6_riscv64.trace import TEXT
from executor.border import report_bug, traced
from objects.abi import Abi
from objects.process import Process
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel.signals import Signal, SignalAction
from scarlet.lang import Errno, u64

ECALL_BYTES: Final = 4
FAILURE: Final = u64(-1)


class Xv6Abi(Xv6State):
    """The xv6 ABI of one process."""

    def syscall(self, task: Task) -> None:
        frame = task.frame
        frame.pc = u64(frame.pc + ECALL_BYTES)
        try:
            frame.a0 = dispatch(task) if task.process.observer is None else traced(task, TEXT, dispatch)
        except Errno as error:
            if isinstance(error, Interrupted):
                task.restart = Restart.ALWAYS
                task.pending_work = True
            else:
                frame.a0 = FAILURE
        except MemoryError:
            frame.a0 = FAILURE
        except Exception as error:
            report_bug(task, TEXT, error)

    def restart(self, task: Task, action: SignalAction | None) -> None:
        task.frame.pc = u64(task.frame.pc - ECALL_BYTES)

    def fork(self) -> Abi:
        return Xv6Abi(self.size)

    def is_spared(self, process: Process, number: int) -> bool:
        """Ctrl-C means the programs at the end of the chain, not the shell that waits for them, and never the shell of a session."""
        if number != Signal.SIGINT and number != Signal.SIGQUIT:
            return False
        return len(process.children) > 0 or process.leads_session()
