"""How paths become socket files and are found again: what AF_UNIX needs of the file systems. (unix(7))

Sockets live below the VFS in the table of layers, so the VFS brings its part here when the machine starts: vfs/socketfiles.py.
"""

from typing import TYPE_CHECKING

from objects.inode import Inode
from scarlet.lang.errno import EACCES, Errno

if TYPE_CHECKING:
    from objects.view import Location


class SocketFiles:
    """Paths as the running task sees them."""

    def make(self, path: bytes) -> "Location":
        """A new file of type socket. EADDRINUSE when there is something of that name, and the errors of mknod(2)."""
        raise Errno(EACCES, "there is no file system")

    def find(self, path: bytes) -> Inode:
        """The file that a path leads to, which the caller may write to. EACCES, and the errors of a walk."""
        raise Errno(EACCES, "there is no file system")


class _Installed:
    def __init__(self) -> None:
        self.files = SocketFiles()


_installed = _Installed()


def install(files: SocketFiles) -> None:
    """Let AF_UNIX use these."""
    _installed.files = files


def socket_files() -> SocketFiles:
    """What was installed."""
    return _installed.files
