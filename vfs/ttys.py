"""Terminals in /dev: the console, the numbered terminals, and /dev/tty, which is a different one for each session. (tty(4), console(4))"""

from objects.inode import Inode, InodeType
from objects.object import KernelObject, Rights, Status
from objects.task import current_task
from objects.terminal import Terminal, controlling_terminal
from objects.terminal_file import TerminalFile
from objects.view import Location
from scarlet.lang.errno import ENXIO, Errno
from vfs.devices import announce


def open_terminal(terminal: Terminal, inode: Inode, location: Location, status: Status, *, console: bool = False) -> KernelObject:
    """An open file on a terminal; without NOCTTY it becomes the controlling terminal of a session leader that has none. (open(2))"""
    if not status & Status.NOCTTY and not console:
        terminal.offer(current_task().process)
    return TerminalFile(terminal, status, inode, location, console=console)


def open_controlling(inode: Inode, location: Location, access: Rights, status: Status) -> KernelObject:
    """Open /dev/tty, (5, 0). ENXIO for a process without a terminal."""
    terminal = controlling_terminal(current_task().process)
    if terminal is None:
        raise Errno(ENXIO, "the process has no controlling terminal")
    return TerminalFile(terminal, status, inode, location)


def announce_controlling_terminal() -> None:
    """/dev/tty, (5, 0)."""
    announce(InodeType.CHARACTER, 5, 0, b"tty", b"/dev/tty", open_controlling, mode=0o666)


def announce_terminal(terminal: Terminal, major: int, minor: int, driver: bytes) -> None:
    """A terminal under its own name."""
    announce(
        InodeType.CHARACTER, major, minor, terminal.name, driver,
        lambda inode, location, access, status: open_terminal(terminal, inode, location, status), mode=0o620,
    )  # fmt: skip


def announce_console(terminal: Terminal) -> None:
    """/dev/console, (5, 1): the terminal that outlives sessions."""
    announce(
        InodeType.CHARACTER, 5, 1, b"console", b"/dev/console",
        lambda inode, location, access, status: open_terminal(terminal, inode, location, status, console=True),
    )  # fmt: skip
