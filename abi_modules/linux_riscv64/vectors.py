"""Reading and writing in several pieces, and moving bytes between descriptors without user memory.

A vector is one Buffer (UserVector), so an object sees one transfer and its atomicity is that of a plain read or write.
"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.declare import InOutOffset, InVector, OutVector
from abi_modules.linux_riscv64.places import content, require_flags, require_transfer, with_offsets
from executor.declare import Fd, has_other_bits, syscall
from objects.inode import Inode, InodeType
from objects.object import KernelObject, Rights, Status, Whence
from objects.task import Task
from scarlet.kernel import scheduler
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.memory.framebytes import frame_bytes
from scarlet.kernel.memory.user import MAX_TRANSFER, UserPtr, load_u64, store_u64
from scarlet.kernel.memory.uservector import UserVector
from scarlet.lang import Errno, i32, i64, isize, u32, u64, usize
from scarlet.lang.errno import EBADF, EINVAL, EISDIR, EOPNOTSUPP, EOVERFLOW, ESPIPE, EXDEV

CHUNK: Final = 65536
CURRENT_OFFSET: Final = -1


class RwFlags(IntFlag):
    """preadv2(2)"""

    RWF_HIPRI = 1
    RWF_DSYNC = 2
    RWF_SYNC = 4
    RWF_NOWAIT = 8
    RWF_APPEND = 16


@syscall(65)
def readv(task: Task, fd: Fd, iov: OutVector, iovcnt: i32) -> isize:
    """readv(2)"""
    return isize(_read(task, task.handles.stream(fd, Rights.READ), iov, iovcnt, CURRENT_OFFSET, RwFlags(0)))


@syscall(66)
def writev(task: Task, fd: Fd, iov: InVector, iovcnt: i32) -> isize:
    """writev(2)"""
    return isize(_write(task, task.handles.stream(fd, Rights.WRITE), iov, iovcnt, CURRENT_OFFSET, RwFlags(0)))


@syscall(69)
def preadv(task: Task, fd: Fd, iov: OutVector, iovcnt: i32, offset: i64) -> isize:
    """preadv(2)"""
    return isize(_read(task, _with_offset(task, fd, Rights.READ, offset), iov, iovcnt, int(offset), RwFlags(0)))


@syscall(70)
def pwritev(task: Task, fd: Fd, iov: InVector, iovcnt: i32, offset: i64) -> isize:
    """pwritev(2)"""
    return isize(_write(task, _with_offset(task, fd, Rights.WRITE, offset), iov, iovcnt, int(offset), RwFlags(0)))


@syscall(286)
def preadv2(task: Task, fd: Fd, iov: OutVector, iovcnt: i32, offset: i64, pos_h: u64, flags: RwFlags) -> isize:
    """preadv2(2): no flags but RWF_HIPRI, which is only a hint; EOPNOTSUPP for the others. Offset -1 is the shared one."""
    object = task.handles.stream(fd, Rights.READ) if offset == CURRENT_OFFSET else _with_offset(task, fd, Rights.READ, offset)
    return isize(_read(task, object, iov, iovcnt, int(offset), flags))


@syscall(287)
def pwritev2(task: Task, fd: Fd, iov: InVector, iovcnt: i32, offset: i64, pos_h: u64, flags: RwFlags) -> isize:
    """pwritev2(2): RWF_HIPRI, RWF_DSYNC and RWF_SYNC; EOPNOTSUPP for the others."""
    object = task.handles.stream(fd, Rights.WRITE) if offset == CURRENT_OFFSET else _with_offset(task, fd, Rights.WRITE, offset)
    return isize(_write(task, object, iov, iovcnt, int(offset), flags))


def _with_offset(task: Task, fd: int, rights: Rights, offset: i64) -> KernelObject:
    """The object to read or write at this offset. EINVAL, then what with_offsets() refuses."""
    if offset < 0:
        raise Errno(EINVAL, "negative offset")
    return with_offsets(task, fd, rights)


def _vector(task: Task, object: KernelObject, iov: UserPtr, iovcnt: i32, offset: int) -> UserVector:
    """ESPIPE for an offset in what has none; then what is wrong with the vector."""
    if offset != CURRENT_OFFSET:
        object.seek(0, Whence.CURRENT)
    buffer = UserVector(task.space, iov, int(iovcnt))
    if offset != CURRENT_OFFSET:
        require_transfer(object, buffer, offset)
    return buffer


def _read(task: Task, object: KernelObject, iov: UserPtr, iovcnt: i32, offset: int, flags: RwFlags) -> int:
    """What is wrong with the flags is told only when there is something to read."""
    buffer = _vector(task, object, iov, iovcnt, offset)
    if buffer.length == 0:
        return 0
    _require_rw_flags(int(flags), RwFlags.RWF_HIPRI)
    return object.read(buffer) if offset == CURRENT_OFFSET else object.read_at(buffer, offset)


def _write(task: Task, object: KernelObject, iov: UserPtr, iovcnt: i32, offset: int, flags: RwFlags) -> int:
    buffer = _vector(task, object, iov, iovcnt, offset)
    if buffer.length == 0:
        return 0
    _require_rw_flags(int(flags), RwFlags.RWF_HIPRI | RwFlags.RWF_DSYNC | RwFlags.RWF_SYNC)
    done = object.write(buffer) if offset == CURRENT_OFFSET else object.write_at(buffer, offset)
    if flags & (RwFlags.RWF_DSYNC | RwFlags.RWF_SYNC) and _is_stored(object):
        object.sync(data_only=not flags & RwFlags.RWF_SYNC)
    return done


def _is_stored(object: KernelObject) -> bool:
    inode = object.inode()
    return inode is not None and inode.type in (InodeType.REGULAR, InodeType.BLOCK)


def _require_rw_flags(flags: int, allowed: int) -> None:
    if has_other_bits(flags, allowed):
        raise Errno(EOPNOTSUPP, "unsupported RWF_ flags")


# --- between descriptors ----------------------------------------------------------------------------------------------------


class Position:
    """Where a copy reads or writes: at an offset of its own, or at the shared one of the object."""

    def __init__(self, task: Task, object: KernelObject, pointer: UserPtr) -> None:
        self.object = object
        self.own = pointer != 0
        self.offset = 0
        if self.own:
            self.offset = int(i64(load_u64(task.space, pointer)))

    def require_valid(self) -> None:
        """EINVAL for a negative offset."""
        if self.offset < 0:
            raise Errno(EINVAL, "negative offset")

    def current(self) -> int:
        """The offset now."""
        return self.offset if self.own else self.object.seek(0, Whence.CURRENT)

    def read(self, buffer: Buffer) -> int:
        """Read without moving on: advance() does that, once it is known how much was used."""
        if self.own:
            return self.object.read_at(buffer, self.offset)
        return self.object.read_at(buffer, self.object.seek(0, Whence.CURRENT))

    def write(self, buffer: Buffer) -> int:
        """Write and move on."""
        if not self.own:
            return self.object.write(buffer)
        done = self.object.write_at(buffer, self.offset)
        self.offset += done
        return done

    def advance(self, count: int) -> None:
        """Move on after a read."""
        if self.own:
            self.offset += count
        else:
            self.object.seek(count, Whence.CURRENT)

    def store(self, task: Task, pointer: UserPtr) -> None:
        """Give the program its offset back."""
        if self.own:
            store_u64(task.space, pointer, u64(self.offset))


def _copy(source: Position, target: Position, count: int) -> int:
    """Move up to `count` bytes, fewer when a signal comes; what was read and not written is not consumed. An error after some bytes is told
    by the next call."""
    bounce = frame_bytes(min(count, CHUNK))
    done = 0
    while done < count:
        try:
            found = source.read(bounce.part(0, min(count - done, CHUNK)))
            if found == 0:
                break
            written = 0
            while written < found:
                moved = target.write(bounce.part(written, found - written))
                if moved == 0:
                    break
                written += moved
                source.advance(moved)
                done += moved
            if written < found or scheduler.pause():
                break
        except Errno:
            if done == 0:
                raise
            break
    return done


@syscall(71)
def sendfile(task: Task, out_fd: Fd, in_fd: Fd, offset: InOutOffset, count: usize) -> isize:
    """sendfile(2): from what has offsets (a pipe or terminal: EINVAL, with an offset ESPIPE) to anything but a file in append mode."""
    if offset != 0:
        load_u64(task.space, offset)
    source = task.handles.stream(in_fd, Rights.READ)
    if offset != 0:
        _require_offsets(source, ESPIPE)
    position = Position(task, source, offset)
    position.require_valid()
    if count >> 63:
        raise Errno(EINVAL, "negative count")
    target = task.handles.stream(out_fd, Rights.WRITE)
    _require_offsets(source, EINVAL)
    if _is_directory(source.inode()):
        raise Errno(EINVAL, "a directory has no bytes")
    if target.status & Status.APPEND:
        raise Errno(EINVAL, "the output is in append mode")
    done = _copy(position, Position(task, target, UserPtr(u64(0))), min(int(count), MAX_TRANSFER))
    position.store(task, offset)
    return isize(done)


def _require_offsets(object: KernelObject, code: int) -> None:
    inode = object.inode()
    if inode is None or inode.type == InodeType.FIFO or inode.type == InodeType.SOCKET or object.terminal() is not None:
        raise Errno(code, "no offsets to read at")


def _is_directory(inode: Inode | None) -> bool:
    return inode is not None and inode.type == InodeType.DIRECTORY


@syscall(285)
def copy_file_range(task: Task, fd_in: Fd, off_in: InOutOffset, fd_out: Fd, off_out: InOutOffset, len: usize, flags: u32) -> isize:
    """copy_file_range(2): between regular files of one kind of file system (EXDEV otherwise)."""
    source = content(task, fd_in)
    target = content(task, fd_out)
    reading = Position(task, source, off_in)
    writing = Position(task, target, off_out)
    require_flags(int(flags), 0)
    count = min(int(len & u64((1 << 63) - 1)), MAX_TRANSFER)
    source_inode = source.inode()
    target_inode = target.inode()
    if _is_directory(source_inode) or _is_directory(target_inode):
        raise Errno(EISDIR)
    if source_inode is None or target_inode is None:
        raise Errno(EINVAL, "only between regular files")
    if source_inode.type != InodeType.REGULAR or target_inode.type != InodeType.REGULAR:
        raise Errno(EINVAL, "only between regular files")
    task.handles.stream(fd_in, Rights.READ)
    task.handles.stream(fd_out, Rights.WRITE)
    if target.status & Status.APPEND:
        raise Errno(EBADF, "the output is in append mode")
    if source_inode.filesystem is not target_inode.filesystem and source_inode.filesystem.name != target_inode.filesystem.name:
        raise Errno(EXDEV, "different kinds of file systems")
    reading.require_valid()
    writing.require_valid()
    if reading.current() > (1 << 63) - 1 - count or writing.current() > (1 << 63) - 1 - count:
        raise Errno(EOVERFLOW, "the range goes beyond all files")
    count = min(count, max(source_inode.size() - reading.current(), 0))
    if source_inode is target_inode and abs(reading.current() - writing.current()) < count:
        raise Errno(EINVAL, "the ranges overlap")
    done = _copy(reading, writing, count)
    reading.store(task, off_in)
    writing.store(task, off_out)
    return isize(done)
