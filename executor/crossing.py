"""The border between two views: an exec into another ABI takes the places that the caller meant along.

Both views are trees of mounts over the same inodes, so "the same place" means: the same path leads to the same inode. Places under
/home, /tmp and /scarlet are the same everywhere; a place in the caller's own root is not, and whoever depends on it must be told.
"""

from objects.credentials import Credentials
from objects.inode import Inode
from objects.view import Location, View
from scarlet.lang import Errno
from scarlet.lang.errno import ENOENT
from vfs.paths import trail
from vfs.walk import Walk, walk


def is_border(old: View, new: View) -> bool:
    """Do the two show names differently?"""
    return old.mounts is not new.mounts


def same_place(location: Location, who: Credentials, old: View, new: View) -> Location:
    """The place as the new view reaches it; as it was when the new view does not show it."""
    found = trail(location, old.root)
    if found.deleted or not found.reached_root:
        return location
    there = _shown(new, who, found.text(), location.inode)
    return location if there is None else there


def require_visible(path: bytes, inode: Inode, who: Credentials, new: View) -> None:
    """ENOENT unless the path leads a program with the new view to this very file."""
    if _shown(new, who, path, inode) is None:
        raise Errno(ENOENT, "the interpreter's view of the file system does not show the script")


def moved_directory(old: View, new: View) -> str:
    """A line for the trace when the working directory could not be kept, else nothing."""
    if old.cwd.inode is new.cwd.inode:
        return ""
    before = trail(old.cwd, old.root).text().decode(errors="replace")
    after = trail(new.cwd, new.root).text().decode(errors="replace")
    return f"the working directory {before} is not the same here, it is {after} now"


def _shown(view: View, who: Credentials, path: bytes, inode: Inode) -> Location | None:
    """Where the view shows that inode under that path, if it does."""
    try:
        location = walk(view, who, None, path, Walk.FOLLOW)
    except Errno:
        return None
    return location if location.inode is inode else None
