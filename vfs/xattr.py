"""Extended attributes: small named values that a file has beside its content. (xattr(7))

Who may have at them depends on the first part of the name: `user` goes by the permissions of the file and is for regular files and
directories, `trusted` is for CAP_SYS_ADMIN and hidden from others, `security` is read by everybody and set by CAP_SYS_ADMIN. Access control
lists (`system`) and file capabilities are refused: they would be kept, but nobody would obey them.
"""

from enum import IntFlag
from typing import Final

from objects.credentials import CAP_SYS_ADMIN, Credentials
from objects.inode import Inode, InodeType
from objects.view import Location
from scarlet.lang.errno import EEXIST, EINVAL, ENODATA, EOPNOTSUPP, EPERM, Errno
from vfs.permissions import READ, STICKY, WRITE, owns, require, require_writable_mount

USER: Final = b"user."
TRUSTED: Final = b"trusted."
SECURITY: Final = b"security."
SYSTEM: Final = b"system."
CAPABILITY: Final = b"security.capability"
MOST_BYTES: Final = 1 << 16
"""Of one value."""


class Condition(IntFlag):
    """What has to be there before; both together are never met."""

    NONE = 0
    CREATE = 1
    REPLACE = 2


def get_attribute(who: Credentials, location: Location, name: bytes) -> bytes:
    """The value. ENODATA, EACCES; EOPNOTSUPP where there are no such attributes. (getxattr(2))"""
    inode = location.inode
    _require_access(who, inode, name, READ)
    _require_support(inode, name)
    value = inode.attribute(name)
    if value is None:
        raise Errno(ENODATA, "the attribute is not set")
    return value


def attribute_names(who: Credentials, location: Location) -> list[bytes]:
    """Those that the caller may know of. (listxattr(2))"""
    shown: list[bytes] = []
    for name in location.inode.attribute_names():
        space = _space(name)
        if space == USER or space == SECURITY or space == TRUSTED and who.capable(CAP_SYS_ADMIN):
            shown.append(name)
    return shown


def set_attribute(who: Credentials, location: Location, name: bytes, value: bytes, how: Condition) -> None:
    """EEXIST, ENODATA as `how` has it; EPERM, EACCES, EROFS, EOPNOTSUPP, ENOSPC. (setxattr(2))"""
    inode = _writable(who, location, name)
    if name == CAPABILITY:
        raise Errno(EOPNOTSUPP, "capabilities of files are not obeyed")
    if how != Condition.NONE:
        is_set = inode.attribute(name) is not None
        if is_set and how & Condition.CREATE:
            raise Errno(EEXIST, "the attribute is set")
        if not is_set and how & Condition.REPLACE:
            raise Errno(ENODATA, "the attribute is not set")
    inode.set_attribute(name, value)


def remove_attribute(who: Credentials, location: Location, name: bytes) -> None:
    """ENODATA; EPERM, EACCES, EROFS, EOPNOTSUPP. (removexattr(2))"""
    inode = _writable(who, location, name)
    if inode.attribute(name) is None:
        raise Errno(ENODATA, "the attribute is not set")
    inode.remove_attribute(name)


def _writable(who: Credentials, location: Location, name: bytes) -> Inode:
    require_writable_mount(location.mount)
    _require_access(who, location.inode, name, WRITE)
    if _space(name) == SECURITY:
        who.require(CAP_SYS_ADMIN, "security attributes need CAP_SYS_ADMIN")
    _require_support(location.inode, name)
    return location.inode


def _space(name: bytes) -> bytes:
    """The first part of a name, with its dot."""
    return name[: name.find(b".") + 1]


def _require_access(who: Credentials, inode: Inode, name: bytes, wanted: int) -> None:
    """EPERM to write and ENODATA to read what is not for the caller, or not for such files; EACCES."""
    refusal = EPERM if wanted == WRITE else ENODATA
    space = _space(name)
    if space == SECURITY or space == SYSTEM:
        return
    if space == TRUSTED:
        if not who.capable(CAP_SYS_ADMIN):
            raise Errno(refusal, "trusted attributes need CAP_SYS_ADMIN")
        return
    if space == USER:
        if inode.type != InodeType.REGULAR and inode.type != InodeType.DIRECTORY:
            raise Errno(refusal, "user attributes are for files and directories")
        if wanted == WRITE and inode.type == InodeType.DIRECTORY and inode.mode & STICKY and not owns(who, inode):
            raise Errno(EPERM, "the directory is sticky and another's")
    require(who, inode, wanted)


def _require_support(inode: Inode, name: bytes) -> None:
    """EOPNOTSUPP for a name that nobody keeps; EINVAL for one that ends after its first part."""
    space = _space(name)
    if not inode.keeps_attributes() or space not in (USER, TRUSTED, SECURITY):
        raise Errno(EOPNOTSUPP, "no such attributes here")
    if len(space) == len(name):
        raise Errno(EINVAL, "a name needs something behind its first part")
