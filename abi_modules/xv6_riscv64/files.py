"""Descriptors: open, close, dup, pipe, read, write, fstat."""

from typing import Final

from abi_modules.xv6_riscv64.arguments import read_path
from abi_modules.xv6_riscv64.declare import OpenFlags, OutStat
from abi_modules.xv6_riscv64.directory import read_entries
from abi_modules.xv6_riscv64.layouts import file_type, stat_of
from abi_modules.xv6_riscv64.names import lookup_path, new_path
from abi_modules.xv6_riscv64.state import state_of
from executor.declare import Fd, InBuffer, OutBuffer, OutFdPair, UserPath, syscall
from objects.directory import Directory
from objects.file import File
from objects.object import Rights, Status
from objects.restart import Interrupted
from objects.task import Task
from objects.unnamedpipe import make_pipe
from objects.window import Window
from scarlet.kernel.memory.user import UserBytes, store_bytes, store_i32
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EBADF, EINVAL, EIO
from vfs.opening import OPEN_RIGHTS, How, open_file

ACCESS_MODE: Final = 3
FILE_MODE: Final = 0o666
"""xv6 knows no permissions; other ABIs see what the umask leaves of these."""


@syscall(4)
def pipe(task: Task, fds: OutFdPair) -> None:
    """Two descriptors, for reading and for writing. The pipe holds 64 KiB."""
    ends = make_pipe(Status.NONE)
    handles = task.handles
    reader = handles.allocate(ends[0], Rights.READ | OPEN_RIGHTS)
    writer = -1
    try:
        writer = handles.allocate(ends[1], Rights.WRITE | OPEN_RIGHTS)
        store_i32(task.space, fds, reader)
        store_i32(task.space, u64(u64(fds) + 4), writer)
    except (Errno, MemoryError):
        handles.close(reader)
        if writer >= 0:
            handles.close(writer)
        raise


@syscall(5)
def read(task: Task, fd: Fd, buf: OutBuffer, n: i32) -> i32:
    """Bytes read, 0 at the end and for a negative number. A directory reads as 16-byte entries."""
    object = task.handles.stream(int(fd), Rights.READ)
    if n <= 0:
        return i32(0)
    buffer = UserBytes(task.space, buf, u64(n))
    if isinstance(object, Directory):
        return i32(read_entries(object, buffer))
    return i32(object.read(buffer))


@syscall(16)
def write(task: Task, fd: Fd, buf: InBuffer, n: i32) -> i32:
    """All n bytes are written, or the result is -1: then some may have been. A file has 268 blocks of 1024 bytes at most, and no
    holes: -1 behind its end, where the offset stays when another descriptor has emptied the file.
    """
    object = task.handles.stream(int(fd), Rights.WRITE)
    if n < 0:
        raise Errno(EINVAL, "a negative number of bytes")
    buffer = UserBytes(task.space, buf, u64(n))
    if isinstance(object, File) and object.is_behind_end():
        raise Errno(EINVAL, "the offset lies behind the end of the file")
    state = state_of(task)
    done = state.progress
    state.progress = 0
    while done < buffer.length:
        try:
            count = object.write(buffer if done == 0 else Window(buffer, done, buffer.length - done))
        except Interrupted:
            state.progress = done
            raise
        if count == 0:
            raise Errno(EIO, "no more could be written")
        done += count
    return i32(done)


@syscall(21)
def close(task: Task, fd: Fd) -> None:
    """-1 when the descriptor is not open."""
    task.handles.close(int(fd))


@syscall(10)
def dup(task: Task, fd: Fd) -> i32:
    """The lowest free descriptor, now for the same open file."""
    return i32(task.handles.duplicate(int(fd)))


@syscall(8)
def fstat(task: Task, fd: Fd, st: OutStat) -> None:
    """Device, inode number, type, links and size. -1 for a pipe."""
    object = task.handles.object(int(fd))
    metadata = object.metadata()
    if file_type(metadata.type) == 0:
        raise Errno(EBADF, "neither a file, a directory nor a device")
    store_bytes(task.space, st, stat_of(metadata, object.inode()).pack())


@syscall(15)
def open_(task: Task, path: UserPath, omode: OpenFlags) -> i32:
    """The lowest free descriptor. A directory can only be opened for reading; O_CREATE makes a missing file; O_TRUNC empties a file
    even when it is opened for reading. Other bits are ignored.
    """
    name = read_path(task, path)
    access = Rights.NONE if omode & OpenFlags.O_WRONLY else Rights.READ
    if omode & ACCESS_MODE:
        access |= Rights.WRITE
    how = How.TRUNCATE if omode & OpenFlags.O_TRUNC else How.NONE
    if omode & OpenFlags.O_CREATE:
        name = new_path(task, name)
        how |= How.CREATE
    else:
        name = lookup_path(task, name)
    opened = open_file(task.view, task.credentials, None, name, access, how, mode=FILE_MODE)
    return i32(task.handles.allocate(opened, access | OPEN_RIGHTS))
