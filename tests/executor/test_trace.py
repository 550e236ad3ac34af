"""One trace for tasks of several ABIs: each line says whose it is, and a line that another task interrupts is taken up again."""

from executor.call_text import CallText, RawCall
from executor.trace import Tracer
from objects.process import ExitStatus, Process
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel.signals import Signal, SignalInfo
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOENT


class Calls(CallText):
    """Every call is `work`, its first argument known before, its second after."""

    def name_of(self, number: u64) -> str:
        return "work"

    def before(self, task: Task, call: RawCall) -> str:
        return f"work({call.a0}"

    def after(self, task: Task, call: RawCall, result: int) -> str:
        return ", [bad]" if result < 0 else f", [{result}]"

    def result(self, call: RawCall, value: u64) -> str:
        return str(value)


class Lines(Tracer):
    """A trace as a string."""

    def __init__(self) -> None:
        super().__init__(privileged=True)
        self.text = ""

    def write(self, text: str, *, may_wait: bool) -> None:
        self.text += text


class Somebody(Task):
    """A task as far as a tracer looks at it."""

    def __init__(self, tid: int) -> None:
        self.tid = tid
        self.process = object.__new__(Process)
        self.process.pid = tid


ONE, TWO = Calls("one", ""), Calls("two", "two: ")
CALL = RawCall(u64(1), u64(7), u64(0), u64(0), u64(0), u64(0), u64(0))


def test_a_lone_process_has_plain_lines() -> None:
    lines, task = Lines(), Somebody(3)
    lines.enter(task, ONE, CALL)
    lines.result(task, ONE, CALL, u64(5))
    lines.enter(task, TWO, CALL)
    lines.failure(task, TWO, CALL, Errno(ENOENT, "not here"))
    assert lines.text == (
        "work(7, [5])                            = 5\n"
        "two: work(7, [bad])                     = -1 ENOENT (No such file or directory) /* not here */\n"
    )  # fmt: skip


def test_tasks_of_two_abis_take_turns() -> None:
    lines, first, second = Lines(), Somebody(3), Somebody(14)
    lines.enter(first, ONE, CALL)
    lines.enter(second, TWO, CALL)
    lines.result(first, ONE, CALL, u64(1))
    lines.interruption(second, TWO, CALL, Interrupted(Restart.ALWAYS))
    assert lines.text.splitlines() == [
        "work(7 <unfinished ...>",
        "[pid    14] two: work(7 <unfinished ...>",
        "[pid     3] <... work resumed>, [1])    = 1",
        "[pid    14] two: <... work resumed>, [bad]) = ? (interrupted by a signal)",
    ]


def test_signals_notes_and_ends_are_lines_of_their_own() -> None:
    lines, task = Lines(), Somebody(3)
    lines.note(task, TWO, "the working directory is / now")
    lines.signal(task, TWO, SignalInfo(Signal.SIGTERM))
    lines.enter(task, TWO, CALL)
    lines.end(task, TWO, ExitStatus(0, signal=Signal.SIGKILL))
    assert lines.text.splitlines() == [
        "two: --- the working directory is / now ---",
        "two: --- SIGTERM ---",
        "two: work(7)                            = ?",
        "two: +++ killed by SIGKILL +++",
    ]


def test_a_line_is_written_before_its_call_returns() -> None:
    lines = Lines()
    lines.enter(Somebody(3), ONE, CALL)
    assert lines.text == "work(7"
