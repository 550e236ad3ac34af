"""2xx: streams. Bytes in and out of files, pipes, devices and terminals."""

from typing import Annotated

from abi_modules.native.declare import DataIn, DataOut, Handle
from abi_modules.native.failures import Failure
from abi_modules.native.interface import Origin, StreamFlags
from abi_modules.native.places import check_flags
from abi_modules.native.status import Status
from executor.declare import Offset, syscall
from objects.object import KernelObject, Rights, Whence
from objects.object import Status as ObjectStatus
from objects.task import Task
from scarlet.kernel.memory.user import UserBytes
from scarlet.lang import i64, u32, usize


@syscall(200)
def stream_read(task: Task, stream: Handle, into: DataOut, size: usize) -> usize:
    """Bytes read, 0 at the end; waits for the first one unless the stream is NO_WAIT (WOULD_WAIT). Needs READ."""
    return usize(task.handles.object(int(stream), Rights.READ).read(UserBytes(task.space, into, size)))


@syscall(201)
def stream_write(task: Task, stream: Handle, data: DataIn, size: usize) -> usize:
    """Bytes written, which may be fewer. PEER_CLOSED when nobody can read them any more. Needs WRITE."""
    return usize(task.handles.object(int(stream), Rights.WRITE).write(UserBytes(task.space, data, size)))


@syscall(202)
def stream_read_at(task: Task, stream: Handle, into: DataOut, size: usize, offset: Offset) -> usize:
    """As stream_read, at an offset, which leaves the stream's own alone. Needs READ and SEEK."""
    object = task.handles.object(int(stream), Rights.READ | Rights.SEEK)
    return usize(object.read_at(UserBytes(task.space, into, size), int(offset)))


@syscall(203)
def stream_write_at(task: Task, stream: Handle, data: DataIn, size: usize, offset: Offset) -> usize:
    """As stream_write, at an offset. Needs WRITE and SEEK."""
    object = task.handles.object(int(stream), Rights.WRITE | Rights.SEEK)
    return usize(object.write_at(UserBytes(task.space, data, size), int(offset)))


@syscall(204)
def stream_seek(task: Task, stream: Handle, offset: Offset, origin: Annotated[u32, Origin]) -> i64:
    """Move the stream's offset: the new one. NOT_SEEKABLE for what has none. Needs SEEK."""
    object = task.handles.object(int(stream), Rights.SEEK)
    return i64(object.seek(int(offset), _whence(int(origin))))


@syscall(205)
def stream_truncate(task: Task, stream: Handle, size: i64) -> None:
    """Set a file's size; what is added reads as zeros. Needs WRITE."""
    task.handles.object(int(stream), Rights.WRITE).truncate(int(size))


@syscall(206)
def stream_sync(task: Task, stream: Handle) -> None:
    """Bring a file to stable storage."""
    task.handles.object(int(stream)).sync(data_only=False)


@syscall(207)
def stream_available(task: Task, stream: Handle) -> usize:
    """Bytes that can be read without waiting. Needs READ."""
    return usize(task.handles.object(int(stream), Rights.READ).available())


@syscall(208)
def stream_set_flags(task: Task, stream: Handle, flags: StreamFlags) -> None:
    """Set how the stream behaves, for every handle on it. Needs CONTROL."""
    check_flags(flags, StreamFlags.APPEND | StreamFlags.NO_WAIT)
    set_stream_flags(task.handles.object(int(stream), Rights.CONTROL), flags)


def set_stream_flags(object: KernelObject, flags: StreamFlags) -> None:
    """Replace the two flags, and leave the others alone."""
    status = int(object.status) & ~int(ObjectStatus.APPEND | ObjectStatus.NONBLOCK)
    if flags & StreamFlags.APPEND:
        status |= ObjectStatus.APPEND
    if flags & StreamFlags.NO_WAIT:
        status |= ObjectStatus.NONBLOCK
    object.status = ObjectStatus(status)


def _whence(origin: int) -> Whence:
    match origin:
        case 0:
            return Whence.SET
        case 1:
            return Whence.CURRENT
        case 2:
            return Whence.END
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "no such origin")
