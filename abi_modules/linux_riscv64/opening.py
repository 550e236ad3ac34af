"""Opening: openat, openat2."""

from enum import IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import CreateMode, DirFd, OpenFlags
from abi_modules.linux_riscv64.layouts import OpenHow
from abi_modules.linux_riscv64.places import start_of
from executor.declare import UserPath, syscall
from objects.object import Rights, Status
from objects.task import Task
from objects.view import Location
from scarlet.kernel.memory.user import UserPtr, load_bytes
from scarlet.lang import Errno, isize, u64, usize
from scarlet.lang.errno import E2BIG, EAGAIN, EINVAL
from vfs.opening import OPEN_RIGHTS, PLACE_RIGHTS, How, open_file
from vfs.walk import Walk

ACCESS_MODE: Final = 3
UNNAMED: Final = 0o20000000
"""O_TMPFILE without the O_DIRECTORY that belongs to it."""
TOLD: Final = Status.DIRECTORY | Status.NOFOLLOW | Status.TMPFILE
KEPT: Final = Status.APPEND | Status.NONBLOCK | Status.SYNC | Status.DIRECT | Status.NOATIME | Status.NOCTTY | TOLD
"""The flags of open(2) that the open file keeps; a few more are set by fcntl(2)."""
OPEN_FLAGS: Final = 0o37777703
"""Every flag open(2) knows."""
PLACE_FLAGS: Final = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC
PAGE_SIZE: Final = 4096
MODE_BITS: Final = 0o7777


def open_at(task: Task, dirfd: int, pathname: UserPtr, flags: int, mode: int, how_to_walk: Walk) -> int:
    """Open by the flags of open(2) into the lowest free descriptor. Flags that make no sense together are EINVAL whatever the path is."""
    close_on_exec = flags & OpenFlags.O_CLOEXEC != 0
    if flags & OpenFlags.O_PATH:
        how = How.PLACE | _how(flags & PLACE_FLAGS)
        name = read_path(task, pathname)
        start = _start(task, dirfd, name, how_to_walk)
        place = open_file(task.view, task.credentials, start, name, Rights.NONE, how, Status.NONE, 0, how_to_walk)
        place.status |= Status(flags & PLACE_FLAGS & TOLD)
        return task.handles.allocate(place, PLACE_RIGHTS, close_on_exec=close_on_exec)
    access = _access(flags)
    how = _how(flags)
    name = read_path(task, pathname)
    status = Status(flags & KEPT) | Status.LARGEFILE
    if flags & OpenFlags.O_EXCL and not flags & OpenFlags.O_CREAT:
        status |= Status.EXCLUSIVE
    start = _start(task, dirfd, name, how_to_walk)
    opened = open_file(task.view, task.credentials, start, name, access, how, status, mode & MODE_BITS, how_to_walk)
    opened.status = Status(int(opened.status) & ~int(Status.EXCLUSIVE | Status.NOCTTY))
    return task.handles.allocate(opened, access | OPEN_RIGHTS, close_on_exec=close_on_exec)


def _start(task: Task, dirfd: int, name: bytes, how_to_walk: Walk) -> Location | None:
    """Where the walk begins. If dirfd is to be the root, an absolute path begins there, too."""
    return start_of(task, dirfd, name.lstrip(b"/") or b"." if how_to_walk & Walk.IN_ROOT and len(name) > 0 else name)


def _access(flags: int) -> Rights:
    match flags & ACCESS_MODE:
        case 0:
            return Rights.READ
        case 1:
            return Rights.WRITE
        case 2:
            return Rights.READ | Rights.WRITE
        case _:
            raise Errno(EINVAL, "an access mode for ioctl alone is not supported")


def _how(flags: int) -> How:
    how = How.NONE
    if flags & OpenFlags.O_CREAT and flags & OpenFlags.O_DIRECTORY:
        raise Errno(EINVAL, "a directory is not made by opening it, nor an unnamed file by name")
    if flags & OpenFlags.O_CREAT:
        how |= How.CREATE
    if flags & OpenFlags.O_EXCL:
        how |= How.EXCLUSIVE
    if flags & OpenFlags.O_TRUNC:
        how |= How.TRUNCATE
    if flags & OpenFlags.O_NOFOLLOW:
        how |= How.NO_FOLLOW
    if flags & UNNAMED:
        if not flags & OpenFlags.O_DIRECTORY:
            raise Errno(EINVAL, "O_TMPFILE includes O_DIRECTORY")
        if flags & ACCESS_MODE == OpenFlags.O_RDONLY:
            raise Errno(EINVAL, "an unnamed file is opened for writing")
        how |= How.UNNAMED
    elif flags & OpenFlags.O_DIRECTORY:
        how |= How.DIRECTORY
    return how


@syscall(56)
def openat(task: Task, dirfd: DirFd, pathname: UserPath, flags: OpenFlags, mode: CreateMode) -> isize:
    """openat(2): unknown flags are ignored, as Linux does; O_ASYNC is set by fcntl alone."""
    return isize(open_at(task, dirfd, pathname, int(flags), int(mode), Walk.NONE))


class ResolveFlags(IntFlag):
    """openat2(2)"""

    RESOLVE_NO_XDEV = 1
    RESOLVE_NO_MAGICLINKS = 2
    RESOLVE_NO_SYMLINKS = 4
    RESOLVE_BENEATH = 8
    RESOLVE_IN_ROOT = 16
    RESOLVE_CACHED = 32


_RESOLVE: Final[list[tuple[int, Walk]]] = [
    (ResolveFlags.RESOLVE_NO_XDEV, Walk.NO_MOUNT_CROSSING),
    (ResolveFlags.RESOLVE_NO_MAGICLINKS, Walk.NO_MAGIC_LINKS),
    (ResolveFlags.RESOLVE_NO_SYMLINKS, Walk.NO_LINKS),
    (ResolveFlags.RESOLVE_BENEATH, Walk.BENEATH),
    (ResolveFlags.RESOLVE_IN_ROOT, Walk.IN_ROOT),
]


@syscall(437)
def openat2(task: Task, dirfd: DirFd, pathname: UserPath, how: Annotated[UserPtr, "in buffer"], size: usize) -> isize:
    """openat2(2): every flag is checked. A larger structure is accepted if what it adds is zero (E2BIG)."""
    request = _open_how(task, how, size)
    flags = int(request.flags) if request.flags <= u64(OPEN_FLAGS) else -1
    if flags < 0 or flags & ~OPEN_FLAGS:
        raise Errno(EINVAL, "unknown flags")
    making = flags & (OpenFlags.O_CREAT | UNNAMED) != 0
    if request.mode > u64(MODE_BITS) or (request.mode != 0 and not making):
        raise Errno(EINVAL, "a mode is for a new file, and has twelve bits")
    if flags & OpenFlags.O_PATH and flags & ~PLACE_FLAGS:
        raise Errno(EINVAL, "flags that O_PATH would ignore")
    resolve = request.resolve
    if resolve & ~u64(63) or resolve & u64(24) == u64(24):
        raise Errno(EINVAL, "unknown or contradicting resolve flags")
    if resolve & u64(32) and (making or flags & OpenFlags.O_TRUNC):
        raise Errno(EAGAIN, "not possible from the cache alone")
    how_to_walk = Walk.NONE
    for bit, walk_flag in _RESOLVE:
        if resolve & u64(bit):
            how_to_walk |= walk_flag
    return isize(open_at(task, dirfd, pathname, flags, int(request.mode), how_to_walk))


def _open_how(task: Task, how: UserPtr, size: usize) -> OpenHow:
    if size < OpenHow.SIZE:
        raise Errno(EINVAL, "struct open_how is larger than that")
    if size > PAGE_SIZE:
        raise Errno(E2BIG, "struct open_how is not larger than a page")
    data = load_bytes(task.space, how, int(size))
    if data[OpenHow.SIZE :].strip(b"\0"):
        raise Errno(E2BIG, "fields that are not known here")
    return OpenHow.parse(data)
