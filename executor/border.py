"""What the borders of all ABIs have in common: the way of a system call through the trace, and what happens when the kernel fails.

An ABI's border (abi.py of its module) derives from TracedAbi and turns what `dispatch` gives or raises into its
programs' registers; a process that has an observer makes its calls through `traced`. Nothing else may leave a system
call: an exception that is neither Errno nor MemoryError is a bug of the kernel; it is logged with its place and ends
the process, never the machine.
"""

from collections.abc import Callable

from executor.call_text import CallText, RawCall
from executor.trace import Tracer
from objects.abi import Abi
from objects.process import ExitStatus
from objects.restart import Interrupted
from objects.signalling import force
from objects.task import Task
from scarlet.kernel import log
from scarlet.kernel.signals import Signal, SignalInfo
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOMEM


class TracedAbi(Abi):
    """An Abi whose tasks appear in the trace."""

    def __init__(self, text: CallText) -> None:
        super().__init__(text.abi)
        self.text = text

    def trace_signal(self, task: Task, info: SignalInfo) -> None:
        tracer = tracer_of(task)
        if tracer is not None:
            tracer.signal(task, self.text, info)

    def trace_stop(self, task: Task, signal: int) -> None:
        tracer = tracer_of(task)
        if tracer is not None:
            tracer.stop(task, self.text, signal)

    def trace_note(self, task: Task, text: str) -> None:
        tracer = tracer_of(task)
        if tracer is not None:
            tracer.note(task, self.text, text)

    def trace_exit(self, task: Task, status: ExitStatus) -> None:
        tracer = tracer_of(task)
        if tracer is not None:
            tracer.end(task, self.text, status)


def tracer_of(task: Task) -> Tracer | None:
    """The tracer that follows the task's process."""
    observer = task.process.observer
    return observer if isinstance(observer, Tracer) else None


def traced(task: Task, text: CallText, dispatch: Callable[[Task], u64]) -> u64:
    """Make the call that the registers name and write its line. Gives and raises what `dispatch` does."""
    tracer = tracer_of(task)
    if tracer is None:
        return dispatch(task)
    frame = task.frame
    call = RawCall(frame.a7, frame.a0, frame.a1, frame.a2, frame.a3, frame.a4, frame.a5)
    tracer.enter(task, text, call)
    try:
        value = dispatch(task)
    except Errno as error:
        if isinstance(error, Interrupted):
            tracer.interruption(task, text, call, error)
        else:
            tracer.failure(task, text, call, error)
        raise
    except MemoryError:
        tracer.failure(task, text, call, Errno(ENOMEM))
        raise
    if not task.exiting:
        tracer.result(task, text, call, value)
    return value


def report_bug(task: Task, text: CallText, error: Exception) -> None:
    """The kernel failed where it must not: the process pays, the system goes on."""
    task.must_succeed = True  # until before_user() is done
    name = text.name_of(task.frame.a7)
    log.failure(f"process {task.process.pid} is killed: the kernel failed in {name} of {text.abi}", error)
    force(task, SignalInfo(Signal.SIGKILL))
