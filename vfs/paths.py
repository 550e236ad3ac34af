"""From a place back to its path: getcwd, the links of /proc/<pid>, the mount tables.

A directory knows its parent; any other file is looked for in the directory through which it was opened, under the name it had
then and, when it has been renamed, under its new one. The result is bounded only by the depth of the tree.

Sources: getcwd(2), proc(5) on "(deleted)" and "(unreachable)".
"""

from objects.inode import Inode, InodeType
from objects.view import Location, Mount
from scarlet.lang.errno import ELOOP, ENOENT, Errno
from vfs.ancestors import DEEPEST


class Trail:
    """A path being collected from its end."""

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self.deleted = False
        self.reached_root = False

    def text(self) -> bytes:
        """The absolute path; the root of a view is "/"."""
        if not self.names:
            return b"/"
        return b"/" + b"/".join(self.names[::-1])


def trail(location: Location, root: Location) -> Trail:
    """The names between a place and the root of a view."""
    found = Trail()
    mount: Mount = location.mount
    inode: Inode = location.inode
    if inode.type != InodeType.DIRECTORY and inode is not mount.root:
        directory = location.directory
        if directory is None:
            found.names.append(location.name)
            found.deleted = True
            return found
        found.names.append(_name_in(directory, inode, location.name, found))
        inode = directory
    expected = location.name if inode is location.inode else b""
    while True:
        if inode is root.inode and mount is root.mount:
            found.reached_root = True
            return found
        if inode is mount.root:
            below = mount.parent
            if below is None:
                return found
            mount = below.mount
            inode = below.inode
            if inode.type != InodeType.DIRECTORY and below.directory is not None:
                found.names.append(_name_in(below.directory, inode, below.name, found))
                inode = below.directory
            continue
        parent = inode.parent()
        if len(found.names) > DEEPEST:
            raise Errno(ELOOP, "a directory that is above itself")
        found.names.append(_name_in(parent, inode, expected, found))
        inode = parent
        expected = b""


def _name_in(directory: Inode, child: Inode, expected: bytes, found: Trail) -> bytes:
    """The name of a file in a directory, preferably the expected one."""
    if len(expected) > 0:
        try:
            if directory.lookup(expected) is child:
                return expected
        except Errno:
            pass
    try:
        return directory.name_of(child)
    except Errno:
        found.deleted = True
        return expected if len(expected) > 0 else b"?"


def path_of(location: Location, root: Location) -> bytes:
    """The path as /proc shows it: with " (deleted)" behind it when the name is gone, "(unreachable)" before it when root is elsewhere."""
    found = trail(location, root)
    text = found.text()
    if found.deleted:
        return text + b" (deleted)"
    if not found.reached_root:
        return b"(unreachable)" + text
    return text


def working_directory(location: Location, root: Location) -> bytes:
    """The path for getcwd(2). ENOENT when the directory was removed."""
    found = trail(location, root)
    if found.deleted:
        raise Errno(ENOENT, "the working directory was removed")
    if not found.reached_root:
        return b"(unreachable)" + found.text()
    return found.text()
