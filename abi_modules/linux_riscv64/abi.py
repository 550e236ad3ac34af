"""The border between Linux programs and the kernel: system calls in, results and signals out.

A call's result or minus its errno goes to a0; MemoryError is ENOMEM. A call that a signal interrupted keeps its
registers until restart() has decided whether it is made again.

Sources: syscall(2), signal(7) "Interruption of system calls", restart_syscall(2).
"""

from typing import Final

from abi_modules.linux_riscv64.dispatch import dispatch
from abi_modules.linux_riscv64.futex import release_task
from abi_modules.linux_riscv64.signal_frame import push_signal_frame
from abi_modules.linux_riscv64.state import LinuxState
from abi_modules.linux_riscv64.trace import TEXT
from executor.border import report_bug, traced
from objects.abi import Abi
from objects.restart import Interrupted, Restart, restarts
from objects.task import Task
from scarlet.kernel.signals import SignalAction, SignalInfo
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EINTR, ENOMEM

ECALL_BYTES: Final = 4
NR_RESTART_SYSCALL: Final = 128


class LinuxAbi(LinuxState):
    """The Linux ABI of one process."""

    def syscall(self, task: Task) -> None:
        frame = task.frame
        frame.pc = u64(frame.pc + ECALL_BYTES)
        try:
            frame.a0 = dispatch(task) if task.process.observer is None else traced(task, TEXT, dispatch)
        except Errno as error:
            _fail(task, error)
        except MemoryError:
            frame.a0 = u64(-ENOMEM)
        except Exception as error:
            report_bug(task, TEXT, error)

    def restart(self, task: Task, action: SignalAction | None) -> None:
        frame = task.frame
        if not restarts(task.restart, action):
            frame.a0 = u64(-EINTR)
            return
        frame.pc = u64(frame.pc - ECALL_BYTES)
        if task.restart == Restart.WITH_BLOCK:
            frame.a7 = u64(NR_RESTART_SYSCALL)

    def deliver_signal(self, task: Task, info: SignalInfo, action: SignalAction) -> None:
        push_signal_frame(task, info, action, self.sigreturn)
        self.restart_block = None

    def fork(self) -> Abi:
        copy = LinuxAbi(self.sigreturn)
        copy.io_priority = self.io_priority
        return copy

    def leave(self, task: Task) -> None:
        release_task(task, self)


def _fail(task: Task, error: Errno) -> None:
    """Minus the errno into a0, or a restart pending: then a0 stays the first argument until the signal has been looked at."""
    if isinstance(error, Interrupted) and error.restart != Restart.NEVER:
        task.restart = error.restart
        task.pending_work = True
    else:
        task.frame.a0 = u64(-error.code)
