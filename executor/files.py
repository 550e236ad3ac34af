"""Finding the file that is to be executed, and who may execute it (execve(2), path_resolution(7))."""

from typing import Final

from executor.protocol import modules
from objects.credentials import Credentials
from objects.inode import InodeType
from objects.view import Location, MountFlags, View
from scarlet.lang import Errno
from scarlet.lang.errno import EACCES, ENOENT, ETXTBSY
from vfs.permissions import EXECUTE, require
from vfs.walk import Walk, walk

S_ISUID: Final = 0o4000
S_ISGID: Final = 0o2000
S_IXGRP: Final = 0o010


def open_program(view: View, who: Credentials, start: Location | None, path: bytes, flags: Walk = Walk.FOLLOW) -> Location:
    """The executable file at a path. ENOENT, EACCES, ELOOP, ENOTDIR, ETXTBSY ..."""
    location = walk(view, who, start, path, flags)
    check_executable(who, location)
    return location


def open_interpreter(view: View, who: Credentials, path: bytes) -> Location:
    """The interpreter that a script names: as the caller sees names, or, when there is no such file, as the first ABI that has one
    does. So `#!/bin/sh` runs in a shell whose own root has no /bin/sh."""
    try:
        return open_program(view, who, None, path)
    except Errno as error:
        if error.code != ENOENT or path[:1] != b"/":
            raise
    for module in modules:
        try:
            return open_program(module.view(view), who, None, path)
        except Errno as error:
            if error.code != ENOENT:
                raise
    raise Errno(ENOENT, "no such interpreter")


def check_executable(who: Credentials, location: Location) -> None:
    """EACCES unless it is a regular file that the caller may execute, on a mount that allows it; ETXTBSY while it is open for writing."""
    if location.inode.type != InodeType.REGULAR:
        raise Errno(EACCES, "not a regular file")
    if location.mount.flags & MountFlags.NOEXEC:
        raise Errno(EACCES, "the file system is mounted noexec")
    require(who, location.inode, EXECUTE)
    if location.inode.writers > 0:
        raise Errno(ETXTBSY, "the file is open for writing")


class Identity:
    """The effective identities a program will run with."""

    def __init__(self, euid: int, egid: int) -> None:
        self.euid = euid
        self.egid = egid


def identity_for(who: Credentials, location: Location, *, no_new_privileges: bool) -> Identity:
    """The caller's, or the file's under its set-user-ID and set-group-ID bits, unless mount or caller forbid that."""
    identity = Identity(who.euid, who.egid)
    mode = location.inode.mode
    if mode & (S_ISUID | S_ISGID) == 0 or no_new_privileges or location.mount.flags & MountFlags.NOSUID:
        return identity
    if mode & S_ISUID:
        identity.euid = location.inode.uid
    if mode & (S_ISGID | S_IXGRP) == S_ISGID | S_IXGRP:
        identity.egid = location.inode.gid
    return identity
