"""60x: pipes and channels. A pipe carries bytes; a channel carries messages of bytes and handles."""

from typing import Final

from abi_modules.native.declare import DataIn, DataOut, Handle, HandlesIn, HandlesOut, OutHandlePair, OutMessageSize
from abi_modules.native.failures import Failure
from abi_modules.native.interface import CHANNEL_MESSAGE_BYTES, CHANNEL_MESSAGE_HANDLES, HandleFlags, HandlePair, MessageSize
from abi_modules.native.places import check_flags
from abi_modules.native.status import Status
from executor.declare import syscall
from objects.channel import ChannelEnd, make_channel
from objects.object import KernelObject, Rights
from objects.object import Status as ObjectStatus
from objects.task import Task
from objects.unnamedpipe import make_pipe
from scarlet.kernel.memory.user import UserPtr, load_bytes, store_bytes
from scarlet.lang import Errno, i32, u32, usize

PIPE_RIGHTS: Final = Rights.CONTROL | Rights.POLL | Rights.METADATA | Rights.DUPLICATE | Rights.TRANSFER
CHANNEL_RIGHTS: Final = Rights.READ | Rights.WRITE | Rights.CONTROL | Rights.POLL | Rights.DUPLICATE | Rights.TRANSFER
SLOT_BYTES: Final = 4


@syscall(600)
def pipe_make(task: Task, ends: OutHandlePair, flags: HandleFlags) -> None:
    """A new pipe: the handle to read from it and the one to write into it."""
    pipe = make_pipe(ObjectStatus.NONE)
    _store_pair(task, ends, pipe[0], Rights.READ | PIPE_RIGHTS, pipe[1], Rights.WRITE | PIPE_RIGHTS, flags)


@syscall(601)
def channel_make(task: Task, ends: OutHandlePair, flags: HandleFlags) -> None:
    """A new channel: its two ends. What is written into one is read from the other."""
    pair = make_channel()
    _store_pair(task, ends, pair[0], CHANNEL_RIGHTS, pair[1], CHANNEL_RIGHTS, flags)


def _store_pair(
    task: Task, ends: UserPtr, first: KernelObject, first_rights: Rights, second: KernelObject, second_rights: Rights, flags: HandleFlags
) -> None:
    """Both handles, or none."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    close = flags & HandleFlags.CLOSE_ON_REPLACE != 0
    handles = task.handles
    one = handles.allocate(first, first_rights, close_on_exec=close)
    two = -1
    try:
        two = handles.allocate(second, second_rights, close_on_exec=close)
        store_bytes(task.space, ends, HandlePair(first=i32(one), second=i32(two)).pack())
    except (Errno, MemoryError):
        handles.close(one)
        if two >= 0:
            handles.close(two)
        raise


@syscall(602)
def channel_write(task: Task, channel: Handle, data: DataIn, size: usize, handles: HandlesIn, handles_size: usize) -> None:
    """Send a message. Its handles leave the caller, with the rights they have; each needs TRANSFER. Either all of it is sent or nothing;
    waits while the channel is full. PEER_CLOSED. Needs WRITE.
    """
    end = _channel(task, channel, Rights.WRITE)
    if size > CHANNEL_MESSAGE_BYTES or handles_size > CHANNEL_MESSAGE_HANDLES * SLOT_BYTES:
        raise Failure(Status.TOO_LARGE, "a message has 64 KiB and 16 handles at most")
    if handles_size % SLOT_BYTES != 0:
        raise Failure(Status.INVALID_ARGUMENT, "a slot has four bytes")
    message = load_bytes(task.space, data, int(size))
    numbers = load_bytes(task.space, handles, int(handles_size))
    slots = [int.from_bytes(numbers[at : at + SLOT_BYTES], "little") for at in range(0, len(numbers), SLOT_BYTES)]
    end.await_room()
    end.send_from(task.handles, message, slots)


@syscall(603)
def channel_read(
    task: Task, channel: Handle, into: DataOut, size: usize, handles: HandlesOut, handles_size: usize, message: OutMessageSize
) -> None:
    """Receive a message; its handles get the lowest free slots. When it does not fit, its size is told and it stays (BUFFER_TOO_SMALL).
    Waits for one; PEER_CLOSED when none is left and none can come. Needs READ.
    """
    end = _channel(task, channel, Rights.READ)
    next = end.await_message()
    lengths = MessageSize(data_bytes=u32(len(next.data)), handles=u32(len(next.handles)))
    store_bytes(task.space, message, lengths.pack())
    if len(next.data) > size or len(next.handles) * SLOT_BYTES > handles_size:
        raise Failure(Status.BUFFER_TOO_SMALL, "the message is larger than the buffers")
    store_bytes(task.space, into, next.data)
    slots = task.handles.receive(next.handles)
    try:
        store_bytes(task.space, handles, b"".join([slot.to_bytes(SLOT_BYTES, "little") for slot in slots]))
    except (Errno, MemoryError):
        for slot in slots:
            task.handles.close(slot)
        raise
    end.drop_first()


def _channel(task: Task, handle: Handle, rights: Rights) -> ChannelEnd:
    object = task.handles.object(int(handle), rights)
    if isinstance(object, ChannelEnd):
        return object
    raise Failure(Status.WRONG_TYPE, "not a channel")
