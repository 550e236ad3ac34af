"""Extended attributes of files. (xattr(7))"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.declare import AT_FDCWD, AtFlags
from abi_modules.linux_riscv64.places import content, find, require_flags
from executor.declare import Fd, InBuffer, OutBuffer, UserPath, UserString, syscall
from objects.task import Task
from objects.view import Location
from scarlet.kernel.memory.user import UserPtr, load_bytes, read_cstring, store_bytes
from scarlet.lang import Errno, isize, usize
from scarlet.lang.errno import E2BIG, ENAMETOOLONG, ERANGE
from vfs.objectplaces import place_of_object
from vfs.xattr import MOST_BYTES, Condition, attribute_names, get_attribute, remove_attribute, set_attribute

LONGEST_NAME: Final = 255
LONGEST_LIST: Final = 1 << 16


class XattrFlags(IntFlag):
    """setxattr(2)"""

    XATTR_CREATE = 1
    XATTR_REPLACE = 2


@syscall(5)
def setxattr(task: Task, path: UserPath, name: UserString, value: InBuffer, size: usize, flags: XattrFlags) -> None:
    """setxattr(2)"""
    request = SetRequest(task, name, value, size, int(flags))
    request.apply(task, _followed(task, path))


@syscall(6)
def lsetxattr(task: Task, path: UserPath, name: UserString, value: InBuffer, size: usize, flags: XattrFlags) -> None:
    """lsetxattr(2)"""
    request = SetRequest(task, name, value, size, int(flags))
    request.apply(task, _itself(task, path))


@syscall(7)
def fsetxattr(task: Task, fd: Fd, name: UserString, value: InBuffer, size: usize, flags: XattrFlags) -> None:
    """fsetxattr(2)"""
    request = SetRequest(task, name, value, size, int(flags))
    request.apply(task, place_of_object(content(task, fd)))


@syscall(8)
def getxattr(task: Task, path: UserPath, name: UserString, value: OutBuffer, size: usize) -> isize:
    """getxattr(2): user, trusted and security attributes, where the file system keeps them; EOPNOTSUPP for access control lists."""
    text = _name(task, name)
    return _give(task, get_attribute(task.credentials, _followed(task, path), text), value, size)


@syscall(9)
def lgetxattr(task: Task, path: UserPath, name: UserString, value: OutBuffer, size: usize) -> isize:
    """lgetxattr(2)"""
    text = _name(task, name)
    return _give(task, get_attribute(task.credentials, _itself(task, path), text), value, size)


@syscall(10)
def fgetxattr(task: Task, fd: Fd, name: UserString, value: OutBuffer, size: usize) -> isize:
    """fgetxattr(2)"""
    text = _name(task, name)
    return _give(task, get_attribute(task.credentials, place_of_object(content(task, fd)), text), value, size)


@syscall(11)
def listxattr(task: Task, path: UserPath, list: OutBuffer, size: usize) -> isize:
    """listxattr(2)"""
    return _give_names(task, _followed(task, path), list, size)


@syscall(12)
def llistxattr(task: Task, path: UserPath, list: OutBuffer, size: usize) -> isize:
    """llistxattr(2)"""
    return _give_names(task, _itself(task, path), list, size)


@syscall(13)
def flistxattr(task: Task, fd: Fd, list: OutBuffer, size: usize) -> isize:
    """flistxattr(2)"""
    return _give_names(task, place_of_object(content(task, fd)), list, size)


@syscall(14)
def removexattr(task: Task, path: UserPath, name: UserString) -> None:
    """removexattr(2)"""
    text = _name(task, name)
    remove_attribute(task.credentials, _followed(task, path), text)


@syscall(15)
def lremovexattr(task: Task, path: UserPath, name: UserString) -> None:
    """lremovexattr(2)"""
    text = _name(task, name)
    remove_attribute(task.credentials, _itself(task, path), text)


@syscall(16)
def fremovexattr(task: Task, fd: Fd, name: UserString) -> None:
    """fremovexattr(2)"""
    text = _name(task, name)
    remove_attribute(task.credentials, place_of_object(content(task, fd)), text)


# --- in common --------------------------------------------------------------------------------------------------------------


class SetRequest:
    """What is to be set, fetched before the file is looked for. EINVAL, ERANGE, E2BIG, EFAULT."""

    def __init__(self, task: Task, name: UserPtr, value: UserPtr, size: usize, flags: int) -> None:
        require_flags(flags, XattrFlags.XATTR_CREATE | XattrFlags.XATTR_REPLACE)
        self.name = _name(task, name)
        if size > MOST_BYTES:
            raise Errno(E2BIG, "a value has at most 64 KiB")
        self.value: bytes = load_bytes(task.space, value, int(size)) if size > 0 else b""
        self.how = Condition(flags)

    def apply(self, task: Task, place: Location) -> None:
        set_attribute(task.credentials, place, self.name, self.value, self.how)


def _followed(task: Task, path: UserPtr) -> Location:
    return find(task, AT_FDCWD, path, AtFlags(0))


def _itself(task: Task, path: UserPtr) -> Location:
    """A symbolic link is not followed."""
    return find(task, AT_FDCWD, path, AtFlags.AT_SYMLINK_NOFOLLOW)


def _name(task: Task, pointer: UserPtr) -> bytes:
    """ERANGE for an empty one and one longer than 255 bytes."""
    try:
        name = read_cstring(task.space, pointer, LONGEST_NAME + 1)
    except Errno as error:
        raise Errno(ERANGE if error.code == ENAMETOOLONG else error.code, "the name of an attribute") from None
    if len(name) == 0:
        raise Errno(ERANGE, "an attribute without a name")
    return name


def _give(task: Task, value: bytes, buffer: UserPtr, size: usize) -> isize:
    """Its length; without room it is only asked for. ERANGE when it does not fit."""
    if size > 0:
        if len(value) > size:
            raise Errno(ERANGE, "the value does not fit")
        if len(value) > 0:
            store_bytes(task.space, buffer, value)
    return isize(len(value))


def _give_names(task: Task, place: Location, buffer: UserPtr, size: usize) -> isize:
    """Each with a NUL behind it. E2BIG when no list may be that long."""
    names = b"".join([name + b"\0" for name in attribute_names(task.credentials, place)])
    if len(names) > LONGEST_LIST:
        raise Errno(E2BIG, "more names than a list may hold")
    return _give(task, names, buffer, size)
