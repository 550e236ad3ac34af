"""The border between Linux programs and the kernel: system calls in, results and signals out.

A call's result or minus its errno goes to a0. Nothing else ever leaves a system call: MemoryError is ENOMEM, and any
other exception is a bug of the kernel, which is logged with its place and ends the process, never the machine. A call
that a signal interrupted keeps its registers until restart() has decided whether it is made again.

Sources: syscall(2), signal(7) "Interruption of system calls", restart_syscall(2).
"""

from typing import Final

from abi_modules.linux_riscv64.call_names import call_name
from abi_modules.linux_riscv64.dispatch import dispatch
from abi_modules.linux_riscv64.futex import release_task
from abi_modules.linux_riscv64.signal_frame import push_signal_frame
from abi_modules.linux_riscv64.state import LinuxState
from abi_modules.linux_riscv64.trace import tracer
from abi_modules.linux_riscv64.trace_values import RawCall
from objects.abi import Abi
from objects.process import ExitStatus
from objects.restart import Interrupted, Restart, restarts
from objects.signalling import force
from objects.task import Task
from scarlet.kernel import log
from scarlet.kernel.signals import Signal, SignalAction, SignalInfo
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EINTR, ENOMEM

ECALL_BYTES: Final = 4
NR_RESTART_SYSCALL: Final = 128


class LinuxAbi(LinuxState):
    """The Linux ABI of one process."""

    def syscall(self, task: Task) -> None:
        frame = task.frame
        frame.pc = u64(frame.pc + ECALL_BYTES)
        if tracer.enabled:
            _traced_syscall(task)
            return
        try:
            frame.a0 = dispatch(task)
        except Errno as error:
            _fail(task, error)
        except MemoryError:
            frame.a0 = u64(-ENOMEM)
        except Exception as error:
            _report_bug(task, error)

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

    def trace_signal(self, task: Task, info: SignalInfo) -> None:
        if tracer.enabled:
            tracer.signal(task, info)

    def trace_stop(self, task: Task, signal: int) -> None:
        if tracer.enabled:
            tracer.stop(task, signal)

    def trace_exit(self, task: Task, status: ExitStatus) -> None:
        if tracer.enabled:
            tracer.end(task, status)


def _fail(task: Task, error: Errno) -> None:
    """Minus the errno into a0, or a restart pending: then a0 stays the first argument until the signal has been looked at."""
    if isinstance(error, Interrupted) and error.restart != Restart.NEVER:
        task.restart = error.restart
        task.pending_work = True
    else:
        task.frame.a0 = u64(-error.code)


def _report_bug(task: Task, error: Exception) -> None:
    """The kernel failed where it must not: the process pays, the system goes on."""
    name = call_name(int(task.frame.a7 & 0xFFFFFFFF))
    log.failure(f"process {task.process.pid} is killed: the kernel failed in {name}", error)
    force(task, SignalInfo(Signal.SIGKILL))


def _traced_syscall(task: Task) -> None:
    frame = task.frame
    call = RawCall(frame.a7, frame.a0, frame.a1, frame.a2, frame.a3, frame.a4, frame.a5)
    tracer.enter(task, call)
    try:
        value = dispatch(task)
        frame.a0 = value
        if not task.exiting:
            tracer.result(task, call, value)
    except Errno as error:
        if isinstance(error, Interrupted):
            tracer.interruption(task, call, error)
        else:
            tracer.failure(task, call, error)
        _fail(task, error)
    except MemoryError:
        tracer.failure(task, call, Errno(ENOMEM))
        frame.a0 = u64(-ENOMEM)
    except Exception as error:
        _report_bug(task, error)
