"""xv6's system calls as text: a line begins with `xv6:`, and a failure is -1 with the reason that the program does not learn."""

from typing import Final

from abi_modules.xv6_riscv64.trace_calls import DeclaredCalls
from objects.restart import Interrupted
from scarlet.lang import Errno
from scarlet.lang.errno import errno_name, errno_text


class Xv6Text(DeclaredCalls):
    """How xv6 programs see their calls."""

    def failure(self, error: Errno) -> str:
        reason = error.reason if error.reason else errno_text(error.code)
        return f"-1 /* {errno_name(error.code)}: {reason} */"

    def interruption(self, error: Interrupted) -> str:
        return "? (stopped; the call starts again)"


TEXT: Final = Xv6Text("xv6-riscv64", "xv6: ")
