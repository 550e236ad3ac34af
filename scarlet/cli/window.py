"""The window that the host's terminal is: how large it is now, and each time it changes, on its way to the machine.

A report is a struct winsize (ioctl_tty(2)): rows, columns, width and height in pixels, each 16 bits, little-endian. Reports go into a
socket, from there into a port of the machine's virtio console, and objects/windowreports.py takes them out. What nobody takes out waits
in the socket; what no longer fits there is dropped.
"""

import contextlib
import fcntl
import signal
import socket
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STDOUT = 1
NATIVE = struct.Struct("=4H")
REPORT = struct.Struct("<4H")


def measure() -> tuple[int, int, int, int]:
    """Rows, columns, width and height of standard output's window; zeros where that is none."""
    try:
        rows, columns, width, height = NATIVE.unpack(fcntl.ioctl(STDOUT, termios.TIOCGWINSZ, bytes(NATIVE.size)))
    except OSError:
        return 0, 0, 0, 0
    return rows, columns, width, height


@contextmanager
def reports() -> Iterator[int]:
    """The end of the socket that the machine reads. It begins with a report, for the window may have changed since anybody looked."""
    ours, machines = socket.socketpair()
    ours.setblocking(False)

    def report(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(OSError):
            ours.send(REPORT.pack(*measure()))

    before = signal.signal(signal.SIGWINCH, report)
    try:
        report(signal.SIGWINCH, None)
        yield machines.fileno()
    finally:
        signal.signal(signal.SIGWINCH, before)
        ours.close()
        machines.close()
