"""Changing and asking what a file is: chmod, chown, utimens, truncate, access.

Each takes a place, so that the same function serves paths and handles.

Sources: chmod(2), chown(2), utimensat(2), truncate(2), access(2).
"""

from typing import Final

from objects.credentials import CAP_CHOWN, CAP_FSETID, Credentials
from objects.inode import Inode, InodeType
from objects.object import Rights, Status
from objects.view import Location, Mount, MountFlags
from scarlet.kernel import clock
from scarlet.lang.errno import EACCES, EINVAL, EISDIR, EOPNOTSUPP, EPERM, EROFS, Errno
from vfs.opening import open_location
from vfs.permissions import EXECUTE, SET_GID, SET_UID, WRITE, may, owns, require_owner, require_writable_mount

NOW: Final = -2
"""A time argument: the time of the call."""
OMIT: Final = -1
"""A time argument: leave it."""


def change_mode(who: Credentials, location: Location, mode: int) -> None:
    """chmod(2). EPERM unless the owner; S_ISGID is lost by who is not in the group. EOPNOTSUPP for a symbolic link."""
    inode = location.inode
    require_writable_mount(location.mount)
    if inode.type == InodeType.SYMLINK:
        raise Errno(EOPNOTSUPP, "a symbolic link has no mode of its own")
    require_owner(who, inode)
    mode &= 0o7777
    if not who.in_group(inode.gid) and not who.capable(CAP_FSETID):
        mode &= ~SET_GID
    inode.change_mode(mode)


def change_owner(who: Credentials, location: Location, uid: int, gid: int) -> None:
    """chown(2); -1 leaves one as it is. EPERM. A program loses its set-user-ID and set-group-ID bits, whoever changes it."""
    inode = location.inode
    require_writable_mount(location.mount)
    if not who.capable(CAP_CHOWN):
        if uid != -1 and not (who.fsuid == inode.uid and uid == inode.uid):
            raise Errno(EPERM, "giving a file away needs CAP_CHOWN")
        if gid != -1 and not (who.fsuid == inode.uid and (gid == inode.gid or who.in_group(gid))):
            raise Errno(EPERM, "only to a group of one's own")
    inode.change_owner(uid, gid)
    if inode.type != InodeType.DIRECTORY:
        kept = without_privileges(inode.mode)
        if kept != inode.mode:
            inode.change_mode(kept)


def without_privileges(mode: int) -> int:
    """A mode without set-user-ID, and without set-group-ID if the group may execute (else it means something different)."""
    mode &= ~SET_UID
    if mode & 0o010:
        mode &= ~SET_GID
    return mode


def change_times(who: Credentials, location: Location, atime_ns: int, mtime_ns: int) -> None:
    """utimensat(2); a time may be NOW or OMIT. Both NOW: EACCES unless the owner or a writer; else EPERM unless the owner."""
    if atime_ns == OMIT and mtime_ns == OMIT:
        return
    inode = location.inode
    require_writable_mount(location.mount)
    if not owns(who, inode):
        if atime_ns != NOW or mtime_ns != NOW:
            raise Errno(EPERM, "only the owner sets times")
        if not may(who, inode, WRITE):
            raise Errno(EACCES)
    now = clock.realtime_ns()
    inode.change_times(now if atime_ns == NOW else atime_ns, now if mtime_ns == NOW else mtime_ns)


def truncate(who: Credentials, location: Location, length: int) -> None:
    """truncate(2): as opening for writing and setting the size. EINVAL, EISDIR, EACCES, EROFS, ETXTBSY, EFBIG."""
    if length < 0:
        raise Errno(EINVAL, "negative size")
    if location.inode.type == InodeType.DIRECTORY:
        raise Errno(EISDIR)
    if location.inode.type != InodeType.REGULAR:
        raise Errno(EINVAL, "only a regular file has a size to set")
    file = open_location(who, location, Rights.WRITE, Status.NONE)
    if not who.capable(CAP_FSETID):
        location.inode.drop_privileges()
    file.truncate(length)


def require_access(who: Credentials, mount: Mount, inode: Inode, wanted: int) -> None:
    """access(2) for READ, WRITE, EXECUTE or 0. EACCES, EROFS."""
    if wanted & EXECUTE and inode.type == InodeType.REGULAR and mount.flags & MountFlags.NOEXEC:
        raise Errno(EACCES, "nothing on this mount is executed")
    if not may(who, inode, wanted):
        raise Errno(EACCES)
    special = inode.type != InodeType.REGULAR and inode.type != InodeType.DIRECTORY and inode.type != InodeType.SYMLINK
    if wanted & WRITE and not special and (mount.flags & MountFlags.READ_ONLY or mount.filesystem.read_only):
        raise Errno(EROFS)


def real_credentials(who: Credentials) -> Credentials:
    """The credentials by which access(2) judges: the real identities instead of the effective ones."""
    real = who.fork()
    real.fsuid = who.uid
    real.fsgid = who.gid
    real.effective = who.permitted if who.uid == 0 else 0
    return real
