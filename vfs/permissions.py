"""Who may do what with a file: the one place where permission bits are looked at.

The class of the caller - owner, group or other - is chosen once and its three bits alone decide; CAP_DAC_OVERRIDE passes everything
but the execution of a file without any x bit, CAP_DAC_READ_SEARCH passes reading, and searching directories.

Sources: path_resolution(7), "Permissions"; inode(7); capabilities(7).
"""

from typing import Final

from objects.credentials import CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, Credentials
from objects.inode import Inode, InodeType
from objects.metadata import Owner
from objects.view import Mount, MountFlags
from scarlet.lang.errno import EACCES, EPERM, EROFS, Errno

EXECUTE: Final = 1
"""Of a directory: search."""
WRITE: Final = 2
READ: Final = 4

SET_UID: Final = 0o4000
SET_GID: Final = 0o2000
STICKY: Final = 0o1000
ALL_EXECUTE: Final = 0o111
GROUP_EXECUTE: Final = 0o010


def may(who: Credentials, inode: Inode, wanted: int) -> bool:
    """Is everything in `wanted` (READ, WRITE, EXECUTE) allowed?"""
    mode = inode.mode
    if who.fsuid == inode.uid:
        granted = mode >> 6
    elif who.in_group(inode.gid):
        granted = mode >> 3
    else:
        granted = mode
    return wanted & ~granted & 7 == 0 or _privileged(who, inode, wanted)


def _privileged(who: Credentials, inode: Inode, wanted: int) -> bool:
    directory = inode.type == InodeType.DIRECTORY
    if inode.mode_binds_all():
        return False
    if who.capable(CAP_DAC_OVERRIDE):
        return directory or wanted & EXECUTE == 0 or inode.mode & ALL_EXECUTE != 0
    if who.capable(CAP_DAC_READ_SEARCH):
        return wanted == READ or (directory and wanted & WRITE == 0)
    return False


def require(who: Credentials, inode: Inode, wanted: int) -> None:
    """EACCES unless everything in `wanted` is allowed."""
    if not may(who, inode, wanted):
        raise Errno(EACCES)


def require_search(who: Credentials, directory: Inode) -> None:
    """EACCES unless names may be looked up in the directory. What everybody may do needs no thought: the hot case of a walk."""
    if directory.mode & ALL_EXECUTE != ALL_EXECUTE and not may(who, directory, EXECUTE):
        raise Errno(EACCES, "no search permission on a directory of the path")


def owns(who: Credentials, inode: Inode) -> bool:
    """Is the caller the owner, or privileged to act as one?"""
    return who.fsuid == inode.uid or who.capable(CAP_FOWNER)


def require_owner(who: Credentials, inode: Inode) -> None:
    """EPERM unless the caller owns the file (chmod, utimensat)."""
    if not owns(who, inode):
        raise Errno(EPERM, "only the owner may do this")


def require_link(who: Credentials, inode: Inode) -> None:
    """EPERM unless the caller may give the file one more name: its owner, or who may read and write an ordinary, unprivileged file.
    (proc_sys_fs(5), protected_hardlinks, which is always on)"""
    mode = inode.mode
    privileged = mode & SET_UID != 0 or mode & (SET_GID | GROUP_EXECUTE) == SET_GID | GROUP_EXECUTE
    harmless = inode.type == InodeType.REGULAR and not privileged and may(who, inode, READ | WRITE)
    if not harmless and not owns(who, inode):
        raise Errno(EPERM, "another user's file that the caller could not read and write")


def require_writable_mount(mount: Mount) -> None:
    """EROFS when the mount or its file system is read-only, for everybody."""
    if mount.flags & MountFlags.READ_ONLY or mount.filesystem.read_only:
        raise Errno(EROFS)


def require_add(who: Credentials, directory: Inode) -> None:
    """EACCES unless names may be added to the directory."""
    require(who, directory, WRITE | EXECUTE)


def require_remove(who: Credentials, directory: Inode, child: Inode) -> None:
    """EACCES unless names may be removed from the directory; EPERM when it is sticky and the caller owns neither it nor the child."""
    require(who, directory, WRITE | EXECUTE)
    if directory.mode & STICKY and who.fsuid != child.uid and who.fsuid != directory.uid and not who.capable(CAP_FOWNER):
        raise Errno(EPERM, "the directory is sticky and both belong to others")


def new_owner(who: Credentials, directory: Inode) -> Owner:
    """Who owns a file made in the directory: the caller; its group comes from a set-group-ID directory. (inode(7), S_ISGID)"""
    return Owner(who.fsuid, directory.gid if directory.mode & SET_GID else who.fsgid)


def new_mode(who: Credentials, directory: Inode, type: InodeType, mode: int, umask: int) -> int:
    """The mode of a file made in the directory: umask applied, S_ISGID handed down to directories and kept from strangers' programs."""
    mode &= 0o7777 & ~umask
    if directory.mode & SET_GID:
        if type == InodeType.DIRECTORY:
            mode |= SET_GID
        elif mode & (SET_GID | 0o010) == SET_GID | 0o010 and not who.in_group(directory.gid) and not who.capable(CAP_FSETID):
            mode &= ~SET_GID
    return mode
