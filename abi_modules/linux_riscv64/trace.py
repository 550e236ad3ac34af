"""Linux calls in the trace: as strace(1) writes them, interrupted calls and signals included."""

from typing import Final

from abi_modules.linux_riscv64.trace_calls import DeclaredCalls
from abi_modules.linux_riscv64.trace_structs import signal_line
from objects.restart import Interrupted, Restart
from scarlet.kernel.signals import SignalInfo
from scarlet.lang.errno import EINTR, errno_text


class LinuxText(DeclaredCalls):
    """The calls of Linux as text."""

    def interruption(self, error: Interrupted) -> str:
        match error.restart:
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

    def signal(self, info: SignalInfo) -> str:
        return signal_line(info)


TEXT: Final = LinuxText("linux-riscv64", "")
"""Without a mark: a trace of Linux programs alone is what strace(1) would print."""
