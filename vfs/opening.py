"""Opening files: from a path to the object a handle will hold.

The order of the checks is that of Linux, because programs can tell: existence, then kind, then read-only mounts, then permissions. A file
that this very call made is opened whatever its mode says.

Sources: open(2), openat2(2).
"""

from enum import IntFlag
from typing import Final

from objects.credentials import CAP_FSETID, Credentials
from objects.inode import Inode, InodeType
from objects.object import KernelObject, Rights, Status
from objects.opened import Opened
from objects.view import Location, MountFlags, View
from scarlet.lang.errno import EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, ENXIO, EPERM, ETXTBSY, Errno
from vfs.permissions import EXECUTE, READ, WRITE, new_mode, new_owner, owns, require, require_add, require_writable_mount
from vfs.walk import Walk, Walker, walker_at_end

ACCESS: Final = Rights.READ | Rights.WRITE
OPEN_RIGHTS: Final = (
    Rights.SEEK | Rights.CONTROL | Rights.MAP | Rights.POLL | Rights.METADATA | Rights.EXECUTE | Rights.DUPLICATE | Rights.TRANSFER
)
"""What every handle on an open file allows, beside READ and WRITE as it was opened."""
PLACE_RIGHTS: Final = Rights.METADATA | Rights.EXECUTE | Rights.DUPLICATE | Rights.TRANSFER
"""What a handle on a mere place (O_PATH) allows."""


class How(IntFlag):
    """What open() is to do beside opening."""

    NONE = 0
    CREATE = 1
    EXCLUSIVE = 2
    TRUNCATE = 4
    DIRECTORY = 8
    """Only a directory will do."""
    NO_FOLLOW = 16
    PLACE = 32
    """Only the place, not its content: O_PATH."""
    UNNAMED = 64
    """A file without a name in the directory that the path names: O_TMPFILE."""


class Place(Opened):
    """An open place (O_PATH): where a file is, without access to it."""

    def __init__(self, location: Location) -> None:
        super().__init__(location.inode, location, Status.PATH)


def open_file(
    view: View, who: Credentials, start: Location | None, path: bytes,
    access: Rights, how: How = How.NONE, status: Status = Status.NONE, mode: int = 0, walk: Walk = Walk.NONE,
) -> KernelObject:  # fmt: skip
    """Open, and with CREATE perhaps make, the file a path names. `access` is READ, WRITE or both. Errors of open(2)."""
    if how & (How.CREATE | How.UNNAMED | How.PLACE):
        if how & How.PLACE:
            return open_place(view, who, start, path, how, walk)
        if how & How.UNNAMED:
            return _open_unnamed(view, who, start, path, access, how, status, mode, walk)
        return _open_or_create(view, who, start, path, access, how, status, mode, walk)
    if not how & How.NO_FOLLOW:
        walk |= Walk.FOLLOW
    walker = walker_at_end(view, who, start, path, walk)
    if how & How.DIRECTORY and walker.inode.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    return _open_existing(walker, access, how, status)


def open_location(who: Credentials, location: Location, access: Rights, status: Status, *, truncate: bool = False) -> KernelObject:
    """Open the file at a place that is known already. Errors as open_file()."""
    inode = location.inode
    require_openable(who, location, access, status, truncate=truncate)
    if truncate:
        empty(who, inode)
    return inode.open(location, access, status)


def open_place(view: View, who: Credentials, start: Location | None, path: bytes, how: How, walk: Walk) -> KernelObject:
    """The place a path names, even that of a symbolic link. ENOTDIR, and the errors of a walk. (O_PATH)"""
    if not how & How.NO_FOLLOW:
        walk |= Walk.FOLLOW
    walker = walker_at_end(view, who, start, path, walk)
    if how & How.DIRECTORY and walker.inode.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    return Place(walker.location())


def _open_existing(walker: Walker, access: Rights, how: How, status: Status) -> KernelObject:
    return open_location(walker.who, walker.location(), access, status, truncate=how & How.TRUNCATE != 0)


def require_openable(who: Credentials, location: Location, access: Rights, status: Status, *, truncate: bool) -> None:
    """ELOOP, EISDIR, EACCES, EROFS, ENXIO, ETXTBSY, EPERM: may this existing file be opened so?"""
    inode = location.inode
    writing = truncate or access & Rights.WRITE != 0
    match inode.type:
        case InodeType.REGULAR:
            pass
        case InodeType.DIRECTORY:
            if writing:
                raise Errno(EISDIR)
        case InodeType.SYMLINK:
            raise Errno(ELOOP, "a symbolic link that was not to be followed")
        case InodeType.CHARACTER | InodeType.BLOCK:
            if location.mount.flags & MountFlags.NODEV:
                raise Errno(EACCES, "the mount allows no devices")
        case InodeType.SOCKET:
            raise Errno(ENXIO, "a socket is connected to, not opened")
        case _:
            pass
    wanted = READ if access & Rights.READ else 0
    if writing:
        wanted |= WRITE
    if access & Rights.EXECUTE:
        wanted |= EXECUTE
    if writing and (inode.type == InodeType.REGULAR or inode.type == InodeType.DIRECTORY):
        require_writable_mount(location.mount)
    require(who, inode, wanted)
    if writing and inode.executing > 0:
        raise Errno(ETXTBSY)
    if status & Status.NOATIME and not owns(who, inode):
        raise Errno(EPERM, "O_NOATIME is for the owner")


def empty(who: Credentials, inode: Inode) -> None:
    """Cut a file that is being opened to nothing; what is no regular file has nothing to cut. (O_TRUNC)"""
    if inode.type == InodeType.REGULAR:
        if not who.capable(CAP_FSETID):
            inode.drop_privileges()
        inode.truncate(0)


def _open_or_create(
    view: View, who: Credentials, start: Location | None, path: bytes, access: Rights, how: How, status: Status, mode: int, walk: Walk
) -> KernelObject:
    if how & How.DIRECTORY:
        raise Errno(EINVAL, "a directory is not made by opening it")
    if len(path) == 0:
        raise Errno(ENOENT, "an empty path")
    walker = Walker(view, who, start, path, walk)
    while walker.to_parent():
        if walker.trailing_slash:
            raise Errno(EISDIR, "a file to be made cannot end in a slash")
        if walker.last_is_special():
            walker.last(follow=False)
            break
        child = _child(walker.inode, walker.last_name)
        if child is None:
            return _create(walker, access, status, mode)
        if how & How.EXCLUSIVE:
            raise Errno(EEXIST)
        walker.last(follow=not how & How.NO_FOLLOW)
        if child.type != InodeType.SYMLINK or how & How.NO_FOLLOW:
            break
    if how & How.EXCLUSIVE:
        raise Errno(EEXIST)
    if walker.inode.type == InodeType.DIRECTORY:
        raise Errno(EISDIR)
    return _open_existing(walker, access, how, status)


def _child(directory: Inode, name: bytes) -> Inode | None:
    """The file under a name, None when there is none."""
    try:
        return directory.lookup(name)
    except Errno as error:
        if error.code != ENOENT:
            raise
        return None


def _create(walker: Walker, access: Rights, status: Status, mode: int) -> KernelObject:
    """Make the file under the walker's last name and open it."""
    directory = walker.inode
    who = walker.who
    require_writable_mount(walker.mount)
    require_add(who, directory)
    final = new_mode(who, directory, InodeType.REGULAR, mode, walker.view.umask)
    walker.arrive(directory.create(walker.last_name, InodeType.REGULAR, final, new_owner(who, directory)))
    return walker.inode.open(walker.location(), access, status)


def _open_unnamed(
    view: View, who: Credentials, start: Location | None, path: bytes, access: Rights, how: How, status: Status, mode: int, walk: Walk
) -> KernelObject:
    if not access & Rights.WRITE:
        raise Errno(EINVAL, "an unnamed file is opened for writing")
    walker = walker_at_end(view, who, start, path, walk | Walk.FOLLOW)
    directory = walker.inode
    if directory.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    require_writable_mount(walker.mount)
    require_add(who, directory)
    final = new_mode(who, directory, InodeType.REGULAR, mode, view.umask)
    file = directory.create_unnamed(final, new_owner(who, directory), linkable=not how & How.EXCLUSIVE)
    return file.open(Location(walker.mount, file, directory, f"#{file.number}".encode()), access, status)
