"""/dev/tty0 to /dev/tty6: the terminals of the first framebuffer. tty0 is whichever is shown. (vt(4))"""

from typing import Final

from objects import framebuffer as screens
from objects.framebuffer import Framebuffer
from objects.inode import Inode
from objects.metadata import InodeType
from objects.object import KernelObject, Status
from objects.task import current_task
from objects.terminal_file import TerminalFile
from objects.view import Location
from objects.virtualterminal import MAJOR
from objects.virtualterminals import TERMINALS, VirtualTerminals
from vfs.devices import announce

_terminals: Final[list[VirtualTerminals]] = []
"""Those of the first framebuffer, if there is one."""


def start() -> None:
    """Make terminals of the first framebuffer there is or will be."""
    screens.on_new(_announce)


def virtual_terminals() -> VirtualTerminals | None:
    """The terminals, if there is a screen."""
    return _terminals[0] if len(_terminals) > 0 else None


def _announce(framebuffer: Framebuffer) -> None:
    if len(_terminals) > 0:
        return
    terminals = VirtualTerminals(framebuffer)
    _terminals.append(terminals)
    for number in range(TERMINALS + 1):
        _announce_one(terminals, number)


def _announce_one(terminals: VirtualTerminals, number: int) -> None:
    announce(
        InodeType.CHARACTER, MAJOR, number, f"tty{number}".encode(), b"/dev/vc/0" if number == 0 else b"tty",
        lambda inode, location, access, status: open_virtual(terminals, number, inode, location, status), mode=0o620,
    )  # fmt: skip


def open_virtual(
    terminals: VirtualTerminals, number: int, inode: Inode, location: Location, status: Status, *, console: bool = False
) -> KernelObject:
    """Open a terminal, 0 being the one that is shown; it may become the controlling terminal, as every terminal may. (open(2))"""
    virtual = terminals.get(number if number > 0 else terminals.shown)
    if not status & Status.NOCTTY and not console and number > 0:
        virtual.terminal.offer(current_task().process)
    file = TerminalFile(virtual.terminal, status, inode, location, console=console)
    virtual.opened(file)
    return file
