"""Tracing of system calls in the format of strace(1), for a process and its descendants, whatever their ABIs.

A line is begun when the call is made and finished when it returns, so that the call in which a program hangs can be
seen. When another task comes in between, the line ends in `<unfinished ...>` and goes on as `<... name resumed>`. The
text of the calls is their ABI's matter (call_text.py). What one event adds is written at once, when the tracer's own
state is settled: the writer may have to wait, and other tasks go on meanwhile.
"""

from typing import Final

from executor.call_text import CallText, RawCall
from objects.object import KernelObject, PollEvents
from objects.observer import Observer
from objects.process import ExitStatus
from objects.restart import Interrupted
from objects.task import Task
from objects.window import Window
from scarlet.kernel import log
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.signals import SignalInfo, signal_name
from scarlet.lang import Errno, i64, u64

RESULT_COLUMN: Final = 40
BROKEN: Final = PollEvents.ERR | PollEvents.HUP
"""Nobody is there to read it."""


class Tracer(Observer):
    """The one writer of a trace. `open_tid` is the task whose line is not finished, 0 when the line is."""

    def __init__(self, *, privileged: bool) -> None:
        super().__init__(privileged=privileged)
        self.open_tid = 0
        self.column = 0
        self.only_pid = 0
        self.several = False
        """More than one process has been seen: every line names its own."""
        self.pending = ""

    def write(self, text: str, *, may_wait: bool) -> None:
        """Put it where the trace goes. Raises nothing."""
        raise NotImplementedError("Tracer.write")

    def enter(self, task: Task, text: CallText, call: RawCall) -> None:
        """A call is made."""
        self._begin_line(task, text)
        self._add(text.before(task, call))
        self._flush()

    def result(self, task: Task, text: CallText, call: RawCall, value: u64) -> None:
        """It succeeded."""
        self._resume(task, text, call)
        self._finish(text.after(task, call, int(i64(value) if i64(value) >= 0 else 0)) + ")", text.result(call, value))
        self._flush()

    def failure(self, task: Task, text: CallText, call: RawCall, error: Errno) -> None:
        """It failed."""
        self._resume(task, text, call)
        self._finish(text.after(task, call, -1) + ")", text.failure(error))
        self._flush()

    def interruption(self, task: Task, text: CallText, call: RawCall, error: Interrupted) -> None:
        """A signal interrupted it."""
        self._resume(task, text, call)
        self._finish(text.after(task, call, -1) + ")", text.interruption(error))
        self._flush()

    def signal(self, task: Task, text: CallText, info: SignalInfo) -> None:
        """A signal takes effect."""
        self._begin_line(task, text)
        self._end_line(text.signal(info))
        self._flush()

    def stop(self, task: Task, text: CallText, number: int) -> None:
        """The process stops."""
        self.note(task, text, f"stopped by {signal_name(number)}")

    def note(self, task: Task, text: CallText, words: str) -> None:
        """Something else that the reader should know."""
        self._begin_line(task, text)
        self._end_line(f"--- {words} ---")
        self._flush()

    def end(self, task: Task, text: CallText, status: ExitStatus) -> None:
        """The process ends; the call that it was in, if any, never returns. A task on its way out waits for nobody."""
        if self.open_tid == task.tid:
            self._finish(")", "?")
        self._begin_line(task, text)
        if status.signal != 0:
            self._end_line(f"+++ killed by {signal_name(status.signal)}" + (" (core dumped) +++" if status.core_dumped else " +++"))
        else:
            self._end_line(f"+++ exited with {status.code} +++")
        self._flush(may_wait=False)

    # Lines

    def _begin_line(self, task: Task, text: CallText) -> None:
        if self.open_tid != 0:
            self._end_line(" <unfinished ...>")
        self.open_tid = task.tid
        self.column = 0
        if self.only_pid == 0:
            self.only_pid = task.process.pid
        elif self.only_pid != task.process.pid:
            self.several = True
        if self.several:
            self._add(f"[pid {task.tid:5d}] ")
        self._add(text.mark)

    def _resume(self, task: Task, text: CallText, call: RawCall) -> None:
        """Go on with the task's line, or take up the thread after others wrote."""
        if self.open_tid != task.tid:
            self._begin_line(task, text)
            self._add(f"<... {text.name_of(call.number)} resumed>")

    def _finish(self, rest: str, result: str) -> None:
        self._add(rest)
        self._end_line(" " * max(RESULT_COLUMN - 1 - self.column, 0) + f" = {result}")

    def _end_line(self, text: str) -> None:
        self._add(text + "\n")
        self.open_tid = 0

    def _add(self, text: str) -> None:
        self.column += len(text)
        self.pending += text

    def _flush(self, *, may_wait: bool = True) -> None:
        text = self.pending
        self.pending = ""
        self.write(text, may_wait=may_wait)


class LogTracer(Tracer):
    """A trace on the kernel's debug channel, for whoever runs the machine."""

    def __init__(self) -> None:
        super().__init__(privileged=True)

    def write(self, text: str, *, may_wait: bool) -> None:
        log.trace(text)


class StreamTracer(Tracer):
    """A trace on a stream, for the program that asked for it. What the stream does not take is lost."""

    def __init__(self, stream: KernelObject) -> None:
        super().__init__(privileged=False)
        self.stream = stream

    def write(self, text: str, *, may_wait: bool) -> None:
        data = KernelBytes(bytearray(text.encode()))
        done = 0
        try:
            while done < data.length:
                events = self.stream.poll(None)
                if events & BROKEN != PollEvents.NONE or not may_wait and events & PollEvents.OUT == PollEvents.NONE:
                    return
                done += self.stream.write(Window(data, done, data.length - done))
        except (Errno, MemoryError):
            return
