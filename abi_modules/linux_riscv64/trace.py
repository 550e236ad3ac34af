"""Tracing of system calls in the format of strace(1), switched on for a whole run.

A line is begun when the call is made and finished when it returns, so that the call in which a program hangs can be
seen. When another task comes in between, the line ends in `<unfinished ...>` and goes on as `<... name resumed>`. The
reason that the kernel gives with an errno follows as a comment. Output goes to the kernel's debug channel.
"""

from typing import Final

from abi_modules.linux_riscv64.call_names import call_name
from abi_modules.linux_riscv64.trace_calls import after_call, before_call, result_is_address
from abi_modules.linux_riscv64.trace_structs import signal_line
from abi_modules.linux_riscv64.trace_values import RawCall
from objects.process import ExitStatus
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel import log
from scarlet.kernel.signals import SignalInfo, signal_name
from scarlet.lang import Errno, i64, u64
from scarlet.lang.errno import EINTR, errno_name, errno_text

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

    def enter(self, task: Task, call: RawCall) -> None:
        """A call is made."""
        self._begin_line(task)
        self._write(before_call(task, call))

    def result(self, task: Task, call: RawCall, value: u64) -> None:
        """It succeeded."""
        self._resume(task, call)
        shown = f"0x{value:x}" if result_is_address(int(call.number)) else str(i64(value))
        self._finish(after_call(task, call, int(i64(value) if i64(value) >= 0 else 0)) + ")", shown)

    def failure(self, task: Task, call: RawCall, error: Errno) -> None:
        """It failed."""
        self._resume(task, call)
        text = f"-1 {errno_name(error.code)} ({errno_text(error.code)})"
        if error.reason:
            text += f" /* {error.reason} */"
        self._finish(after_call(task, call, -1) + ")", text)

    def interruption(self, task: Task, call: RawCall, error: Interrupted) -> None:
        """A signal interrupted it; what becomes of it is decided later."""
        self._resume(task, call)
        self._finish(after_call(task, call, -1) + ")", _interrupted(error.restart))

    def signal(self, task: Task, info: SignalInfo) -> None:
        """A signal takes effect."""
        self._begin_line(task)
        self._end_line(signal_line(info))

    def stop(self, task: Task, number: int) -> None:
        """The process stops."""
        self._begin_line(task)
        self._end_line(f"--- stopped by {signal_name(number)} ---")

    def end(self, task: Task, status: ExitStatus) -> None:
        """The process ends; the call that it was in, if any, never returns."""
        if self.open_tid == task.tid:
            self._finish(")", "?")
        self._begin_line(task)
        if status.signal != 0:
            self._end_line(f"+++ killed by {signal_name(status.signal)}" + (" (core dumped) +++" if status.core_dumped else " +++"))
        else:
            self._end_line(f"+++ exited with {status.code} +++")

    # Lines

    def _begin_line(self, task: Task) -> None:
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

    def _resume(self, task: Task, call: RawCall) -> None:
        """Go on with the task's line, or take up the thread after others wrote."""
        if self.open_tid != task.tid:
            self._begin_line(task)
            self._write(f"<... {call_name(int(call.number))} resumed>")

    def _finish(self, rest: str, result: str) -> None:
        self._write(rest)
        self._end_line(" " * max(RESULT_COLUMN - 1 - self.column, 0) + f" = {result}")

    def _end_line(self, text: str) -> None:
        self._write(text + "\n")
        self.open_tid = 0

    def _write(self, text: str) -> None:
        self.column += len(text)
        log.trace(text)


def _interrupted(restart: Restart) -> str:
    match restart:
        case Restart.UNLESS_HANDLER_FORBIDS:
            return "? ERESTARTSYS (To be restarted if SA_RESTART is set)"
        case Restart.UNLESS_HANDLER:
            return "? ERESTARTNOHAND (To be restarted if no handler)"
        case Restart.ALWAYS:
            return "? ERESTARTNOINTR (To be restarted)"
        case Restart.WITH_BLOCK:
            return "? ERESTART_RESTARTBLOCK (Interrupted by signal)"
        case _:
            return f"-1 EINTR ({errno_text(EINTR)})"


tracer: Final = Tracer()
