"""A system call as text: what the trace asks of every ABI.

An ABI's `DeclaredCalls` is generated from its declarations and answers for names, arguments and results. What is left
to the ABI is how failure looks to its programs: it derives a class that overrides what differs and makes one object of
it, which its Abi and its border use.
"""

from objects.restart import Interrupted
from objects.task import Task
from scarlet.kernel.signals import SignalInfo, signal_name
from scarlet.lang import Errno, u64
from scarlet.lang.errno import errno_name, errno_text


class RawCall:
    """The registers of a call as they were when it was made."""

    def __init__(self, number: u64, a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64) -> None:
        self.number = number
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = a5

    def unknown(self) -> str:
        """A call that is not declared: its number and all registers."""
        values = ["NULL" if value == 0 else f"0x{value:x}" for value in (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5)]
        return f"syscall_0x{self.number:x}(" + ", ".join(values)


class CallText:
    """The calls of one ABI as text."""

    def __init__(self, abi: str, mark: str) -> None:
        self.abi = abi
        """The ABI's name."""
        self.mark = mark
        """What each line of its tasks begins with, so that calls of several ABIs can be told apart."""

    def name_of(self, number: u64) -> str:
        """The call's name, `syscall_<number>` where it has none."""
        return f"syscall_{number}"

    def before(self, task: Task, call: RawCall) -> str:
        """The name and the arguments that are known before the call runs; those that it fills in, and what follows them, come after it."""
        return call.unknown()

    def after(self, task: Task, call: RawCall, result: int) -> str:
        """The rest of the arguments; `result` is negative when the call failed."""
        return ""

    def result(self, call: RawCall, value: u64) -> str:
        """What a call that succeeded gave."""
        raise NotImplementedError("CallText.result")

    def failure(self, error: Errno) -> str:
        """How it failed, for programs to which failure is the number of an error."""
        text = f"-1 {errno_name(error.code)} ({errno_text(error.code)})"
        return text + f" /* {error.reason} */" if error.reason else text

    def interruption(self, error: Interrupted) -> str:
        """A signal interrupted it; what becomes of it is decided later."""
        return "? (interrupted by a signal)"

    def signal(self, info: SignalInfo) -> str:
        """A signal takes effect."""
        return f"--- {signal_name(info.number)} ---"
