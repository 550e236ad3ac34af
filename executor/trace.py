"""Tracing of system calls in the format of strace(1), switched on for a whole run: one trace for the tasks of all ABIs.

A line is begun when the call is made and finished when it returns, so that the call in which a program hangs can be
seen. When another task comes in between, the line ends in `<unfinished ...>` and goes on as `<... name resumed>`. The
text of the calls is their ABI's matter (call_text.py). Output goes to the kernel's debug channel.
"""

from typing import Final

from executor.call_text import CallText, RawCall
from objects.process import ExitStatus
from objects.restart import Interrupted
from objects.task import Task
from scarlet.kernel import log
from scarlet.kernel.signals import SignalInfo, signal_name
from scarlet.lang import Errno, i64, u64

RESULT_COLUMN: Final = 40


class Tracer:
    """The one writer of the trace. `open_tid` is the task whose line is not finished, 0 when the line is."""

    def __init__(self) -> None:
        self.enabled = False
        self.open_tid = 0
        self.column = 0
        self.only_pid = 0
        self.several = False
        """More than one process has been seen: every line names its own."""

    def enter(self, task: Task, text: CallText, call: RawCall) -> None:
        """A call is made."""
        self._begin_line(task, text)
        self._write(text.before(task, call))

    def result(self, task: Task, text: CallText, call: RawCall, value: u64) -> None:
        """It succeeded."""
        self._resume(task, text, call)
        self._finish(text.after(task, call, int(i64(value) if i64(value) >= 0 else 0)) + ")", text.result(call, value))

    def failure(self, task: Task, text: CallText, call: RawCall, error: Errno) -> None:
        """It failed."""
        self._resume(task, text, call)
        self._finish(text.after(task, call, -1) + ")", text.failure(error))

    def interruption(self, task: Task, text: CallText, call: RawCall, error: Interrupted) -> None:
        """A signal interrupted it."""
        self._resume(task, text, call)
        self._finish(text.after(task, call, -1) + ")", text.interruption(error))

    def signal(self, task: Task, text: CallText, info: SignalInfo) -> None:
        """A signal takes effect."""
        self._begin_line(task, text)
        self._end_line(text.signal(info))

    def stop(self, task: Task, text: CallText, number: int) -> None:
        """The process stops."""
        self.note(task, text, f"stopped by {signal_name(number)}")

    def note(self, task: Task, text: CallText, words: str) -> None:
        """Something else that the reader should know."""
        self._begin_line(task, text)
        self._end_line(f"--- {words} ---")

    def end(self, task: Task, text: CallText, status: ExitStatus) -> None:
        """The process ends; the call that it was in, if any, never returns."""
        if self.open_tid == task.tid:
            self._finish(")", "?")
        self._begin_line(task, text)
        if status.signal != 0:
            self._end_line(f"+++ killed by {signal_name(status.signal)}" + (" (core dumped) +++" if status.core_dumped else " +++"))
        else:
            self._end_line(f"+++ exited with {status.code} +++")

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
            self._write(f"[pid {task.tid:5d}] ")
        self._write(text.mark)

    def _resume(self, task: Task, text: CallText, call: RawCall) -> None:
        """Go on with the task's line, or take up the thread after others wrote."""
        if self.open_tid != task.tid:
            self._begin_line(task, text)
            self._write(f"<... {text.name_of(call.number)} resumed>")

    def _finish(self, rest: str, result: str) -> None:
        self._write(rest)
        self._end_line(" " * max(RESULT_COLUMN - 1 - self.column, 0) + f" = {result}")

    def _end_line(self, text: str) -> None:
        self._write(text + "\n")
        self.open_tid = 0

    def _write(self, text: str) -> None:
        self.column += len(text)
        log.trace(text)


tracer: Final = Tracer()
