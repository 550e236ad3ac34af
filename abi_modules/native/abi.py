"""The border between native programs and the kernel: calls come in, a status and a value go out, events become messages.

The number is in a7, arguments are in a0 to a5; a0 gets the status, a1 the value, all other registers stay (the calling convention of the
RISC-V SBI). A call whose sleep an event ended is made again from the start once the event has been seen to: deadlines are absolute, so that
nothing is lost by it, and no program ever learns that it was interrupted.
"""

from typing import Final

from abi_modules.native.dispatch import dispatch
from abi_modules.native.failures import status_of
from abi_modules.native.interface import EventMessage
from abi_modules.native.state import NativeState
from abi_modules.native.status import Status
from abi_modules.native.trace import TEXT
from executor.border import report_bug, traced
from objects.abi import Abi
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel import log
from scarlet.kernel.signals import SYNCHRONOUS, SignalAction, SignalInfo, contains, signal_name
from scarlet.lang import Errno, i32, u32, u64

ECALL_BYTES: Final = 4


class NativeAbi(NativeState):
    """The native ABI of one process."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def syscall(self, task: Task) -> None:
        frame = task.frame
        frame.pc = u64(frame.pc + ECALL_BYTES)
        try:
            value = dispatch(task) if task.process.observer is None else traced(task, TEXT, dispatch)
            if task.abi is self:
                frame.a0 = u64(0)
                frame.a1 = value
        except Errno as error:
            _fail(task, error)
        except MemoryError:
            frame.a0 = u64(int(Status.NO_MEMORY))
            frame.a1 = u64(0)
        except Exception as error:
            report_bug(task, TEXT, error)

    def restart(self, task: Task, action: SignalAction | None) -> None:
        task.frame.pc = u64(task.frame.pc - ECALL_BYTES)

    def deliver_signal(self, task: Task, info: SignalInfo, action: SignalAction) -> None:
        message = EventMessage(event=u32(info.number), status=i32(info.status), process=i32(info.pid), user=u32(info.uid))
        self.queue.put(message.pack())

    def fork(self) -> Abi:
        return NativeAbi()

    def trace_signal(self, task: Task, info: SignalInfo) -> None:
        super().trace_signal(task, info)
        if info is task.process.fatal_signal and contains(SYNCHRONOUS, info.number) and info.code > 0:
            name = task.process.name.decode(errors="replace")
            place = f"at 0x{task.frame.pc:x}, address 0x{info.address:x}"
            log.info(f"process {task.process.pid} ({name}) is ended by {signal_name(info.number)} {place}")


def _fail(task: Task, error: Errno) -> None:
    """The status into a0; the arguments stay when the call is going to be made again."""
    if isinstance(error, Interrupted):
        task.restart = Restart.ALWAYS
        task.pending_work = True
        return
    task.frame.a0 = u64(int(status_of(error)))
    task.frame.a1 = u64(0)
