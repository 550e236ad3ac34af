"""Reading, writing and sizing files."""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import OpenFlags
from abi_modules.linux_riscv64.places import content, require_flags, require_transfer, with_offsets
from executor.declare import Fd, InBuffer, OutBuffer, OutFdPair, UserPath, has_other_bits, syscall
from objects.inode import InodeType
from objects.object import Advice as ObjectAdvice
from objects.object import AllocateMode, KernelObject, Rights, Status, Whence
from objects.pipe import PipeEnd
from objects.task import Task
from objects.unnamedpipe import make_pipe
from scarlet.kernel.memory.user import UserBytes, store_i32
from scarlet.lang import Errno, i32, i64, isize, u32, u64, usize
from scarlet.lang.errno import EINVAL, EOPNOTSUPP, ESPIPE
from vfs.attributes import truncate as truncate_file
from vfs.opening import OPEN_RIGHTS
from vfs.syncing import sync_everything
from vfs.walk import walk


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
    object = with_offsets(task, fd, Rights.READ)
    buffer = UserBytes(task.space, buf, count)
    require_transfer(object, buffer, int(offset))
    return isize(object.read_at(buffer, int(offset)))


@syscall(68)
def pwrite64(task: Task, fd: Fd, buf: InBuffer, count: usize, offset: i64) -> isize:
    """pwrite(2)"""
    if offset < 0:
        raise Errno(EINVAL, "negative offset")
    object = with_offsets(task, fd, Rights.WRITE)
    buffer = UserBytes(task.space, buf, count)
    require_transfer(object, buffer, int(offset))
    return isize(object.write_at(buffer, int(offset)))


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


ALL_FALLOCATE_FLAGS: Final = 127


@syscall(47)
def fallocate(task: Task, fd: Fd, mode: FallocateFlags, offset: i64, len: i64) -> None:
    """fallocate(2): the file system decides what it can: all reserve and punch holes, extents can be zeroed; else EOPNOTSUPP."""
    content(task, fd)
    if offset < 0 or len <= 0:
        raise Errno(EINVAL, "empty or negative range")
    kind = int(mode) & ~int(FallocateFlags.FALLOC_FL_KEEP_SIZE)
    if has_other_bits(mode, ALL_FALLOCATE_FLAGS) or kind & (kind - 1) != 0:
        raise Errno(EOPNOTSUPP, "unknown flags, or two modes at once")
    if mode & FallocateFlags.FALLOC_FL_KEEP_SIZE and kind in (
        FallocateFlags.FALLOC_FL_COLLAPSE_RANGE,
        FallocateFlags.FALLOC_FL_INSERT_RANGE,
    ):
        raise Errno(EOPNOTSUPP, "these change the size")
    if mode & FallocateFlags.FALLOC_FL_PUNCH_HOLE and not mode & FallocateFlags.FALLOC_FL_KEEP_SIZE:
        raise Errno(EOPNOTSUPP, "PUNCH_HOLE needs KEEP_SIZE")
    task.handles.object(fd, Rights.WRITE).allocate(AllocateMode(int(mode)), int(offset), int(len))


# --- stable storage and advice ----------------------------------------------------------------------------------------------


@syscall(81)
def sync(task: Task) -> None:
    """sync(2): everything of everybody."""
    sync_everything(task.view.mounts)


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
    """sync_file_range(2): without metadata, and without the cache of the disk. Waiting writes what is dirty, too."""
    object = content(task, fd)
    require_flags(int(flags), 7)
    if offset < 0 or nbytes < 0 or offset > (1 << 63) - 1 - nbytes:
        raise Errno(EINVAL, "not a range of a file")
    _require_file(object)
    count = int(nbytes) if nbytes > 0 else (1 << 62) - int(offset)
    if flags & (SyncRangeFlags.SYNC_FILE_RANGE_WAIT_BEFORE | SyncRangeFlags.SYNC_FILE_RANGE_WAIT_AFTER):
        object.sync_range(int(offset), count)
    elif flags & SyncRangeFlags.SYNC_FILE_RANGE_WRITE:
        object.start_write_back(int(offset), count)


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
    """posix_fadvise(2): of use for files on disks. ESPIPE for a pipe."""
    object = content(task, fd)
    if isinstance(object, PipeEnd):
        raise Errno(ESPIPE)
    if len < 0 or not 0 <= advice <= Advice.POSIX_FADV_NOREUSE:
        raise Errno(EINVAL, "negative length or unknown advice")
    object.advise(ObjectAdvice(int(advice)), max(int(offset), 0), int(len))


@syscall(213)
def readahead(task: Task, fd: Fd, offset: i64, count: usize) -> None:
    """readahead(2): of use for files on disks."""
    object = task.handles.object(fd, Rights.READ)
    inode = object.inode()
    if inode is None or inode.type != InodeType.REGULAR and inode.type != InodeType.BLOCK:
        raise Errno(EINVAL, "only files and disks are read ahead")
    if offset >= 0 and count > 0:
        object.advise(ObjectAdvice.WILL_NEED, int(offset), int(min(count, usize(1 << 40))))


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
