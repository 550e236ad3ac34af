"""Socket files: the names of AF_UNIX sockets in the file system. (unix(7), "Pathname socket ownership and permissions")

Making one needs what mknod(2) needs, connecting to one the right to write to it and to search the directories on the way.
"""

from objects.inode import Inode, InodeType
from objects.socketfiles import SocketFiles, install
from objects.task import current_task
from objects.view import Location
from scarlet.lang.errno import EADDRINUSE, EEXIST, Errno
from vfs.naming import make_node
from vfs.permissions import WRITE, require
from vfs.walk import Walk, walk_inode


class VfsSocketFiles(SocketFiles):
    """The running task's view and credentials decide."""

    def make(self, path: bytes) -> Location:
        task = current_task()
        try:
            return make_node(task.view, task.credentials, None, path, InodeType.SOCKET, 0o777, 0)
        except Errno as error:
            if error.code == EEXIST:
                raise Errno(EADDRINUSE, "there is a file of that name") from None
            raise

    def find(self, path: bytes) -> Inode:
        task = current_task()
        inode = walk_inode(task.view, task.credentials, None, path, Walk.FOLLOW)
        require(task.credentials, inode, WRITE)
        return inode


def announce() -> None:
    """Let AF_UNIX find its files."""
    install(VfsSocketFiles())
