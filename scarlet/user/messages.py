"""Pipes, channels, events, timers, and waiting for any of them: how programs talk and keep in step."""

from typing import Final

from abi_modules.native.interface import (
    CHANNEL_MESSAGE_BYTES,
    CHANNEL_MESSAGE_HANDLES,
    NEVER,
    Clock,
    HandleFlags,
    Ready,
    TimerCount,
    WaitEntry,
)
from abi_modules.native.status import Status
from scarlet.lang import i32, u16
from scarlet.user import calls
from scarlet.user.errors import StatusError
from scarlet.user.handles import Handle

SLOT_BYTES: Final = 4


def new_pipe() -> tuple[Handle, Handle]:
    """The end to read from, and the one to write into."""
    pair = calls.pipe_make(HandleFlags.CLOSE_ON_REPLACE)
    return Handle(int(pair.first)), Handle(int(pair.second))


class Message:
    """Bytes, and handles that have changed hands."""

    def __init__(self, data: bytes, handles: list[Handle]) -> None:
        self.data = data
        self.handles = handles


class Channel:
    """One end of a channel: whole messages, with handles in them."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def send(self, data: bytes, handles: list[Handle]) -> None:
        """Send a message; its handles are the receiver's from then on. When it cannot be sent, they stay ours."""
        calls.channel_write(self.handle.slot, data, b"".join([handle.slot.to_bytes(SLOT_BYTES, "little") for handle in handles]))
        for handle in handles:
            handle.release()

    def receive(self) -> Message:
        """Wait for the next message. StatusError PEER_CLOSED when none can come."""
        data = bytearray(CHANNEL_MESSAGE_BYTES)
        slots = bytearray(CHANNEL_MESSAGE_HANDLES * SLOT_BYTES)
        size = calls.channel_read(self.handle.slot, data, slots)
        handles: list[Handle] = []
        for at in range(0, int(size.handles) * SLOT_BYTES, SLOT_BYTES):
            handles.append(Handle(int.from_bytes(bytes(memoryview(slots)[at : at + SLOT_BYTES]), "little")))
        return Message(bytes(memoryview(data)[: int(size.data_bytes)]), handles)


def new_channel() -> tuple[Channel, Channel]:
    """The two ends of a new channel."""
    pair = calls.channel_make(HandleFlags.CLOSE_ON_REPLACE)
    return Channel(Handle(int(pair.first))), Channel(Handle(int(pair.second)))


class Event:
    """A condition that is set or not."""

    def __init__(self) -> None:
        self.handle = Handle(calls.event_make(HandleFlags.CLOSE_ON_REPLACE))

    def set(self) -> None:
        """Make it true: whoever waits goes on."""
        calls.event_set(self.handle.slot)

    def clear(self) -> None:
        """Make it false."""
        calls.event_clear(self.handle.slot)


class Timer:
    """Becomes ready when a time has come."""

    def __init__(self) -> None:
        self.handle = Handle(calls.timer_make(HandleFlags.CLOSE_ON_REPLACE))

    def start(self, after_ns: int, period_ns: int = 0) -> None:
        """Expire so long from now, and then in every period."""
        calls.timer_set(self.handle.slot, now_ns() + after_ns, period_ns)

    def stop(self) -> None:
        """Expire no more."""
        calls.timer_set(self.handle.slot, NEVER, 0)

    def expirations(self) -> int:
        """How often it has expired since this was asked; waits for the first time."""
        buffer = bytearray(TimerCount.SIZE)
        calls.stream_read(self.handle.slot, buffer)
        return int(TimerCount.parse(bytes(buffer)).expirations)


def now_ns() -> int:
    """Nanoseconds since boot, as deadlines count them."""
    return calls.time_now(Clock.MONOTONIC)


def sleep(duration_ns: int) -> None:
    """Do nothing for so long."""
    calls.time_sleep(now_ns() + duration_ns)


def wait_readable(handles: list[Handle], deadline_ns: int = NEVER) -> list[Handle]:
    """Wait until something can be read from one of the handles, an event is set, a timer has expired, or the other end is gone: those of
    which it is true. None of them when the deadline came first."""
    entries = bytearray()
    for handle in handles:
        entries += WaitEntry(handle=i32(handle.slot), wanted=u16(int(Ready.READ))).pack()
    try:
        calls.wait_many(entries, deadline_ns)
    except StatusError as error:
        if error.status != Status.TIMED_OUT:
            raise
        return []
    found: list[Handle] = []
    for index in range(len(handles)):
        entry = WaitEntry.parse(bytes(memoryview(entries)[index * WaitEntry.SIZE : (index + 1) * WaitEntry.SIZE]))
        if entry.found != 0:
            found.append(handles[index])
    return found
