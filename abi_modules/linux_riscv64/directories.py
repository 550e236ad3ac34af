"""Directories: listing, making and removing entries, the working directory and the root."""

from typing import Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import DeviceNumber, DirFd, FileMode, OutDirents, RemoveFlags
from abi_modules.linux_riscv64.places import content, require_flags, start_of
from executor.declare import Fd, Mode, OutText, UserPath, syscall
from objects.credentials import CAP_SYS_CHROOT
from objects.directory import Directory
from objects.inode import InodeType
from objects.object import Rights
from objects.task import Task
from scarlet.kernel.memory.framebytes import FrameBytes, frame_bytes
from scarlet.kernel.memory.user import UserBytes, store_bytes
from scarlet.lang import Errno, isize, u32, u64, usize
from scarlet.lang.errno import EINVAL, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, ERANGE
from vfs.naming import make_directory, make_node, remove_directory, remove_file
from vfs.paths import working_directory
from vfs.walk import PATH_MAX, search_directory, walk

NAME_OFFSET: Final = 19
LARGEST_BATCH: Final = 65536


@syscall(61)
def getdents64(task: Task, fd: Fd, dirp: OutDirents, count: u32) -> isize:
    """getdents64(2): as many entries as fit; EINVAL when not even one does, ENOTDIR."""
    directory = content(task, fd)
    if not isinstance(directory, Directory):
        raise Errno(ENOTDIR)
    task.handles.object(fd, Rights.READ)
    if directory.metadata().nlink == 0:
        raise Errno(ENOENT, "the directory was removed")
    target = UserBytes(task.space, dirp, u64(count))
    records = frame_bytes(min(int(count), LARGEST_BATCH))
    before = directory.position
    size = _fill(records, directory)
    try:
        target.from_physical(0, records.pa, size)
    except Errno:
        directory.position = before
        raise
    return isize(size)


def _fill(records: FrameBytes, directory: Directory) -> int:
    """Put entries into the buffer and move the directory's position behind them: the bytes used. EINVAL when not one fits.

    struct linux_dirent64: d_ino, d_off, d_reclen (16 bits), d_type (8 bits), d_name with its null, filled up to eight bytes.
    """
    size = 0
    while True:
        batch = directory.entries()
        if len(batch) == 0:
            return size
        for entry in batch:
            length = (NAME_OFFSET + len(entry.name) + 1 + 7) & ~7
            if length > records.length - size:
                if size == 0:
                    raise Errno(EINVAL, "the buffer holds not even one entry")
                return size
            records.store_u64(size + length - 8, u64(0))
            records.store_u64(size, u64(entry.inode_number))
            records.store_u64(size + 8, u64(entry.cursor))
            records.store_u64(size + 16, u64(length | int(entry.type) << 16))
            records.write(size + NAME_OFFSET, entry.name)
            directory.position = entry.cursor
            size += length


@syscall(34)
def mkdirat(task: Task, dirfd: DirFd, pathname: UserPath, mode: Mode) -> None:
    """mkdir(2)"""
    path = read_path(task, pathname)
    make_directory(task.view, task.credentials, start_of(task, dirfd, path), path, int(mode))


@syscall(33)
def mknodat(task: Task, dirfd: DirFd, pathname: UserPath, mode: FileMode, dev: DeviceNumber) -> None:
    """mknod(2): regular files, FIFOs, sockets and devices."""
    type = _node_type(int(mode) >> 12 & 15)
    path = read_path(task, pathname)
    device = int(u32(dev))
    make_node(task.view, task.credentials, start_of(task, dirfd, path), path, type, int(mode) & 0o7777, device)


def _node_type(number: int) -> InodeType:
    match number:
        case 0 | 8:
            return InodeType.REGULAR
        case 1:
            return InodeType.FIFO
        case 2:
            return InodeType.CHARACTER
        case 4:
            raise Errno(EPERM, "mkdir makes directories")
        case 6:
            return InodeType.BLOCK
        case 12:
            return InodeType.SOCKET
        case _:
            raise Errno(EINVAL, "not a type mknod can make")


@syscall(35)
def unlinkat(task: Task, dirfd: DirFd, pathname: UserPath, flags: RemoveFlags) -> None:
    """unlink(2), and rmdir(2) with AT_REMOVEDIR"""
    require_flags(int(flags), RemoveFlags.AT_REMOVEDIR)
    path = read_path(task, pathname)
    start = start_of(task, dirfd, path)
    if flags & RemoveFlags.AT_REMOVEDIR:
        remove_directory(task.view, task.credentials, start, path)
    else:
        remove_file(task.view, task.credentials, start, path)


@syscall(17)
def getcwd(task: Task, buf: OutText, size: usize) -> isize:
    """getcwd(2): the length with its null; ENOENT when the directory was removed, ERANGE when it does not fit."""
    path = working_directory(task.view.cwd, task.view.root) + b"\0"
    if len(path) > PATH_MAX:
        raise Errno(ENAMETOOLONG)
    if len(path) > size:
        raise Errno(ERANGE, "the buffer is too small")
    store_bytes(task.space, buf, path)
    return isize(len(path))


@syscall(49)
def chdir(task: Task, path: UserPath) -> None:
    """chdir(2)"""
    place = walk(task.view, task.credentials, None, read_path(task, path))
    search_directory(task.credentials, place)
    task.view.cwd = place


@syscall(50)
def fchdir(task: Task, fd: Fd) -> None:
    """fchdir(2)"""
    place = task.handles.object(fd).location()
    if place is None:
        raise Errno(ENOTDIR)
    search_directory(task.credentials, place)
    task.view.cwd = place


@syscall(51)
def chroot(task: Task, path: UserPath) -> None:
    """chroot(2): needs CAP_SYS_CHROOT; the working directory stays."""
    place = walk(task.view, task.credentials, None, read_path(task, path))
    search_directory(task.credentials, place)
    task.credentials.require(CAP_SYS_CHROOT, "chroot needs CAP_SYS_CHROOT")
    task.view.root = place
