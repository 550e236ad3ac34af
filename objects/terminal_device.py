"""What is below a terminal: a line that carries bytes out, and tells its terminal what comes in."""

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from objects.terminal import Terminal


class TerminalDevice:
    """The base of serial lines, consoles and pseudo-terminal masters. Received bytes go to Terminal.received()."""

    def __init__(self) -> None:
        self.attached: weakref.ref[Terminal] | None = None

    def attach(self, terminal: "Terminal") -> None:
        """From now on this terminal gets what comes in and is told when there is room again."""
        self.attached = weakref.ref(terminal)

    def write(self, data: bytes) -> int:
        """Take bytes to send, as many as there is room for, without waiting: how many. When that was not all, Terminal.output_ready() follows."""
        raise NotImplementedError("TerminalDevice.write")

    def unsent(self) -> int:
        """Bytes taken and not yet sent; Terminal.output_ready() follows when they are."""
        return 0

    def discard(self) -> None:
        """Forget what was taken and not yet sent."""

    def send_break(self, duration_ns: int) -> None:
        """A break on the line; nothing where there is no line. (tcsendbreak(3))"""
