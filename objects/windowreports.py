"""The size of the host's terminal window, which changes while programs run on it.

A serial line carries characters and nothing else, so the sizes come on a line of their own: reports of eight bytes, one whenever the
window has changed. Pieces of a report wait for the rest of it; of several reports that arrive together the last one counts.

Source: ioctl_tty(2), TIOCSWINSZ.
"""

from objects.terminal import Terminal
from objects.terminal_device import LineClient, TerminalDevice
from objects.termios import WindowSize
from scarlet.lang import struct, u16


@struct
class Report:
    """struct winsize; the numbers are little-endian."""

    rows: u16
    columns: u16
    width: u16
    height: u16


class WindowReports(LineClient):
    """Gives a terminal the sizes that come in on a device. It knows both; who follows a window keeps it."""

    def __init__(self, device: TerminalDevice, terminal: Terminal) -> None:
        self._device = device
        self._terminal = terminal
        self._unread = bytearray()
        """Less than a report."""
        device.attach(self)
        device.resume_input()

    def room(self) -> int:
        return Report.SIZE * 16

    def received(self, data: bytes) -> None:
        """SIGWINCH to the foreground group when that makes another size."""
        self._unread.extend(data)
        whole = len(self._unread) // Report.SIZE * Report.SIZE
        if whole > 0:
            last = Report.parse(bytes(self._unread[whole - Report.SIZE : whole]))
            del self._unread[:whole]
            self._terminal.set_window(WindowSize(int(last.rows), int(last.columns), int(last.width), int(last.height)))
