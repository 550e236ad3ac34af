"""The border between two views: an exec into another ABI takes the places that the caller meant along.

Both views are trees of mounts over the same inodes, so "the same place" means: a path leads to the same inode (vfs/views.py). Places under
/home, /tmp and /scarlet are the same everywhere; a place in the caller's own root is not, and whoever depends on it must be told.
"""

from objects.credentials import Credentials
from objects.inode import Inode
from objects.view import Location, View
from scarlet.lang import Errno
from scarlet.lang.errno import ENOENT
from vfs import views
from vfs.paths import trail
from vfs.walk import walk


def is_border(old: View, new: View) -> bool:
    """Do the two show names differently?"""
    return old.mounts is not new.mounts


def same_place(location: Location, old: View, new: View) -> Location:
    """The place as the new view reaches it; as it was when the new view does not show it."""
    there = views.same_place(location, old, new)
    return location if there is None else there


def require_visible(path: bytes, inode: Inode, who: Credentials, new: View) -> None:
    """ENOENT unless the path leads a program with the new view to this very file."""
    try:
        if walk(new, who, None, path).inode is inode:
            return
    except Errno:
        pass
    raise Errno(ENOENT, "the interpreter's view of the file system does not show the script")


def moved_directory(old: View, new: View) -> str:
    """A line for the trace when the working directory could not be kept, else nothing."""
    if old.cwd.inode is new.cwd.inode:
        return ""
    before = trail(old.cwd, old.root).text().decode(errors="replace")
    after = trail(new.cwd, new.root).text().decode(errors="replace")
    return f"the working directory {before} is not the same here, it is {after} now"
