"""Opening, reading, writing and sizing files."""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import CreateMode, DirFd, OpenFlags
from abi_modules.linux_riscv64.layouts import OpenHow
from abi_modules.linux_riscv64.places import content, require_flags, start_of
from executor.declare import Fd, InBuffer, OutBuffer, OutFdPair, UserPath, has_other_bits, syscall
from objects.inode import InodeType
from objects.object import AllocateMode, KernelObject, Rights, Status, Whence
from objects.pipe import make_pipe
from objects.task import Task
from scarlet.kernel.memory.user import UserBytes, UserPtr, load_bytes, store_i32
from scarlet.lang import Errno, i32, i64, isize, u32, u64, usize
from scarlet.lang.errno import E2BIG, EAGAIN, EINVAL, EOPNOTSUPP, ESPIPE
from vfs.attributes import truncate as truncate_file
from vfs.opening import OPEN_RIGHTS, PLACE_RIGHTS, How, open_file
from vfs.walk import Walk, walk

ACCESS_MODE: Final = 3
UNNAMED: Final = 0o20000000
"""O_TMPFILE without the O_DIRECTORY that belongs to it."""
KEPT: Final = Status.APPEND | Status.NONBLOCK | Status.SYNC | Status.DIRECT | Status.NOATIME | Status.NOCTTY
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
        place = open_file(task.view, task.credentials, start_of(task, dirfd, name), name, Rights.NONE, how, Status.NONE, 0, how_to_walk)
        return task.handles.allocate(place, PLACE_RIGHTS, close_on_exec=close_on_exec)
    access = _access(flags)
    how = _how(flags)
    name = read_path(task, pathname)
    status = Status(flags & KEPT) | Status.LARGEFILE
    start = start_of(task, dirfd, name)
    opened = open_file(task.view, task.credentials, start, name, access, how, status, mode & MODE_BITS, how_to_walk)
    return task.handles.allocate(opened, access | OPEN_RIGHTS, close_on_exec=close_on_exec)


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


@syscall(57)
def close(task: Task, fd: Fd) -> None:
    """close(2)"""
    task.handles.close(fd)


@syscall(63)
def read(task: Task, fd: Fd, buf: OutBuffer, count: usize) -> isize:
    """read(2): bytes read, 0 at end of file. EBADF if fd is not open for reading, EFAULT if buf is not writable."""
    return isize(task.handles.stream(fd, Rights.READ).read(UserBytes(task.space, buf, count)))


@syscall(64)
def write(task: Task, fd: Fd, buf: InBuffer, count: usize) -> isize:
    """write(2): bytes written. EBADF if fd is not open for writing, EFAULT if buf is not readable."""
    return isize(task.handles.stream(fd, Rights.WRITE).write(UserBytes(task.space, buf, count)))


@syscall(67)
def pread64(task: Task, fd: Fd, buf: OutBuffer, count: usize, offset: i64) -> isize:
    """pread(2)"""
    if offset < 0:
        raise Errno(EINVAL, "negative offset")
    return isize(task.handles.stream(fd, Rights.READ).read_at(UserBytes(task.space, buf, count), int(offset)))


@syscall(68)
def pwrite64(task: Task, fd: Fd, buf: InBuffer, count: usize, offset: i64) -> isize:
    """pwrite(2)"""
    if offset < 0:
        raise Errno(EINVAL, "negative offset")
    return isize(task.handles.stream(fd, Rights.WRITE).write_at(UserBytes(task.space, buf, count), int(offset)))


class SeekWhence(IntEnum):
    """lseek(2)"""

    SEEK_SET = 0
    SEEK_CUR = 1
    SEEK_END = 2
    SEEK_DATA = 3
    SEEK_HOLE = 4


@syscall(62)
def lseek(task: Task, fd: Fd, offset: i64, whence: Annotated[u32, SeekWhence]) -> isize:
    """lseek(2), with SEEK_DATA and SEEK_HOLE."""
    object = content(task, fd)
    if whence > SeekWhence.SEEK_HOLE:
        raise Errno(EINVAL, "unknown whence")
    return isize(object.seek(int(offset), _whence(int(whence))))


def _whence(number: int) -> Whence:
    match number:
        case 0:
            return Whence.SET
        case 1:
            return Whence.CURRENT
        case 2:
            return Whence.END
        case 3:
            return Whence.DATA
        case _:
            return Whence.HOLE


@syscall(45)
def truncate(task: Task, path: UserPath, length: i64) -> None:
    """truncate(2)"""
    if length < 0:
        raise Errno(EINVAL, "negative size")
    place = walk(task.view, task.credentials, None, read_path(task, path))
    truncate_file(task.credentials, place, int(length))


@syscall(46)
def ftruncate(task: Task, fd: Fd, length: i64) -> None:
    """ftruncate(2): EINVAL unless fd is open for writing."""
    if length < 0:
        raise Errno(EINVAL, "negative size")
    object = content(task, fd)
    if not task.handles.handle(fd).rights & Rights.WRITE:
        raise Errno(EINVAL, "not open for writing")
    object.truncate(int(length))


class FallocateFlags(IntFlag):
    """fallocate(2)"""

    FALLOC_FL_KEEP_SIZE = 1
    FALLOC_FL_PUNCH_HOLE = 2
    FALLOC_FL_NO_HIDE_STALE = 4
    FALLOC_FL_COLLAPSE_RANGE = 8
    FALLOC_FL_ZERO_RANGE = 16
    FALLOC_FL_INSERT_RANGE = 32
    FALLOC_FL_UNSHARE_RANGE = 64


@syscall(47)
def fallocate(task: Task, fd: Fd, mode: FallocateFlags, offset: i64, len: i64) -> None:
    """fallocate(2): reserving, and punching with KEEP_SIZE; the other modes are EOPNOTSUPP, as on Linux's tmpfs."""
    object = task.handles.object(fd, Rights.WRITE)
    if offset < 0 or len <= 0:
        raise Errno(EINVAL, "empty or negative range")
    if has_other_bits(mode, FallocateFlags.FALLOC_FL_KEEP_SIZE | FallocateFlags.FALLOC_FL_PUNCH_HOLE):
        raise Errno(EOPNOTSUPP, "only KEEP_SIZE and PUNCH_HOLE")
    if mode & FallocateFlags.FALLOC_FL_PUNCH_HOLE and not mode & FallocateFlags.FALLOC_FL_KEEP_SIZE:
        raise Errno(EOPNOTSUPP, "PUNCH_HOLE needs KEEP_SIZE")
    object.allocate(AllocateMode(int(mode)), int(offset), int(len))


# --- stable storage and advice ----------------------------------------------------------------------------------------------


@syscall(81)
def sync(task: Task) -> None:
    """sync(2)"""
    for mount in task.view.mounts.mounts:
        mount.filesystem.sync()


@syscall(82)
def fsync(task: Task, fd: Fd) -> None:
    """fsync(2): EINVAL for what has no storage, a pipe or a terminal."""
    content(task, fd).sync(data_only=False)


@syscall(83)
def fdatasync(task: Task, fd: Fd) -> None:
    """fdatasync(2)"""
    content(task, fd).sync(data_only=True)


@syscall(267)
def syncfs(task: Task, fd: Fd) -> None:
    """syncfs(2)"""
    place = content(task, fd).location()
    if place is not None:
        place.mount.filesystem.sync()


class SyncRangeFlags(IntFlag):
    """sync_file_range(2)"""

    SYNC_FILE_RANGE_WAIT_BEFORE = 1
    SYNC_FILE_RANGE_WRITE = 2
    SYNC_FILE_RANGE_WAIT_AFTER = 4


@syscall(84)
def sync_file_range(task: Task, fd: Fd, offset: i64, nbytes: i64, flags: SyncRangeFlags) -> None:
    """sync_file_range(2): the whole file is synchronised, which includes the range."""
    require_flags(int(flags), 7)
    object = content(task, fd)
    if offset < 0 or nbytes < 0 or offset > (1 << 63) - 1 - nbytes:
        raise Errno(EINVAL, "not a range of a file")
    _require_file(object)
    object.sync(data_only=True)


class Advice(IntEnum):
    """posix_fadvise(2)"""

    POSIX_FADV_NORMAL = 0
    POSIX_FADV_RANDOM = 1
    POSIX_FADV_SEQUENTIAL = 2
    POSIX_FADV_WILLNEED = 3
    POSIX_FADV_DONTNEED = 4
    POSIX_FADV_NOREUSE = 5


@syscall(223)
def fadvise64(task: Task, fd: Fd, offset: i64, len: i64, advice: Annotated[i32, Advice]) -> None:
    """posix_fadvise(2): checked, and then without effect, since all files are in memory. ESPIPE for a pipe."""
    object = content(task, fd)
    inode = object.inode()
    if inode is None or inode.type == InodeType.FIFO:
        raise Errno(ESPIPE)
    if len < 0 or not 0 <= advice <= Advice.POSIX_FADV_NOREUSE:
        raise Errno(EINVAL, "negative length or unknown advice")


@syscall(213)
def readahead(task: Task, fd: Fd, offset: i64, count: usize) -> None:
    """readahead(2): checked, and then without effect, since all files are in memory."""
    object = task.handles.object(fd, Rights.READ)
    inode = object.inode()
    if inode is None or inode.type != InodeType.REGULAR:
        raise Errno(EINVAL, "only regular files are read ahead")


def _require_file(object: KernelObject) -> None:
    inode = object.inode()
    if inode is None or inode.type not in (InodeType.REGULAR, InodeType.BLOCK, InodeType.DIRECTORY, InodeType.SYMLINK):
        raise Errno(ESPIPE)


# --- objects without names --------------------------------------------------------------------------------------------------


@syscall(59)
def pipe2(task: Task, pipefd: OutFdPair, flags: OpenFlags) -> None:
    """pipe2(2) with O_CLOEXEC and O_NONBLOCK; packet mode (O_DIRECT) is refused with EINVAL, as by Linux before 3.4."""
    require_flags(int(flags), OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)
    ends = make_pipe(Status.NONBLOCK if flags & OpenFlags.O_NONBLOCK else Status.NONE)
    close_on_exec = flags & OpenFlags.O_CLOEXEC != 0
    handles = task.handles
    reader = handles.allocate(ends[0], Rights.READ | OPEN_RIGHTS, close_on_exec=close_on_exec)
    writer = -1
    try:
        writer = handles.allocate(ends[1], Rights.WRITE | OPEN_RIGHTS, close_on_exec=close_on_exec)
        store_i32(task.space, pipefd, reader)
        store_i32(task.space, u64(u64(pipefd) + 4), writer)
    except Errno:
        handles.close(reader)
        if writer >= 0:
            handles.close(writer)
        raise
