"""Channels: two ends, between which messages of bytes and handles travel, whole and in order.

A handle in a message belongs to nobody: it has left the sender's table and is not yet in the receiver's; when the message is never read it
is closed with the channel. So that this happens, no end may be kept alive by its own queue: a message that would do so is refused.

| an end | holds |
|---|---|
| `incoming` | messages to be read from it |
| `_peer` | the other end, weakly: it goes with its last handle, and then nothing can come or be sent any more |

Sources: zx_channel_create and seL4's endpoints, as ideas.
"""

import weakref
from typing import Final

from objects.anonymous import AnonymousObject
from objects.handle import Handle, HandleTable
from objects.inflight import Bundle, close_bundle, leads_to
from objects.object import KernelObject, PollEvents, Status
from objects.restart import sleep_on
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.lang.errno import EAGAIN, EDEADLK, EPIPE, Errno

MAX_MESSAGES: Final = 64
"""As many wait in one direction."""
MAX_BYTES: Final = 1 << 18
"""As large they are together; one more is taken while there is room for a byte."""


class Message:
    """Bytes, and the handles that go with them."""

    def __init__(self, data: bytes, handles: list[Handle]) -> None:
        self.data = data
        self._bundle = Bundle(handles)

    def __del__(self) -> None:
        close_bundle(self._bundle)

    @property
    def handles(self) -> list[Handle]:
        """They close with the message unless somebody takes them."""
        return self._bundle.handles

    def take_from(self, table: HandleTable, slots: list[int]) -> None:
        """Let the handles of these slots leave the table and go with the message."""
        self._bundle.handles = table.give(slots)


class ChannelEnd(AnonymousObject):
    """One end of a channel."""

    def __init__(self) -> None:
        super().__init__()
        self.incoming: list[Message] = []
        self._bytes = 0
        self._peer: weakref.ref[ChannelEnd] | None = None
        self._arrived = WaitQueue()
        """Readers of this end wait here for a message, or for the other end to go."""
        self._drained = WaitQueue()
        """Writers at the other end wait here for room."""

    def __del__(self) -> None:
        peer = self.peer()
        if peer is not None:
            peer._arrived.wake_all()
            peer._drained.wake_all()
        self._drained.wake_all()

    def connect(self, peer: "ChannelEnd") -> None:
        """Let the two be the ends of one channel."""
        self._peer = weakref.ref(peer)

    def peer(self) -> "ChannelEnd | None":
        """The other end, None when it is gone."""
        return self._peer() if self._peer is not None else None

    # Sending

    def await_room(self) -> None:
        """Wait until the other end takes a message. EPIPE when it is gone; EAGAIN under NONBLOCK."""
        while True:
            peer = self.peer()
            if peer is None:
                raise Errno(EPIPE, "the other end of the channel is gone")
            if peer.has_room():
                return
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "the channel is full")
            queue = peer._drained
            del peer
            sleep_on(queue)

    def has_room(self) -> bool:
        """Can a message be put into the queue?"""
        return len(self.incoming) < MAX_MESSAGES and self._bytes < MAX_BYTES

    def send_from(self, table: HandleTable, data: bytes, slots: list[int]) -> None:
        """Send bytes and what these slots hold, which leaves the table: all of it or nothing.

        EPIPE; EBADF, EINVAL; EDEADLK when the queue would hold its own end."""
        peer = self.peer()
        if peer is None:
            raise Errno(EPIPE, "the other end of the channel is gone")
        table.require_sendable(slots)
        for slot in slots:
            if leads_to(table.handle(slot).object, peer):
                raise Errno(EDEADLK, "the message would keep its own channel alive")
        message = Message(data, [])
        peer.incoming.append(message)
        peer._bytes += len(data)
        message.take_from(table, slots)
        peer._arrived.wake_all()

    # Receiving

    def await_message(self) -> Message:
        """The first message, which stays in the queue. EPIPE when there is none and none can come; EAGAIN under NONBLOCK."""
        while len(self.incoming) == 0:
            if self.peer() is None:
                raise Errno(EPIPE, "the other end of the channel is gone")
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "no message has come")
            sleep_on(self._arrived)
        return self.incoming[0]

    def drop_first(self) -> None:
        """The first message has been received."""
        message = self.incoming.pop(0)
        self._bytes -= len(message.data)
        self._drained.wake_all()

    # As a stream: whole messages without handles, for programs that know nothing but read and write

    def read(self, buffer: Buffer) -> int:
        """One message, cut to the buffer; handles in it are closed. 0 when none can come any more."""
        try:
            message = self.await_message()
        except Errno as error:
            if error.code == EPIPE:
                return 0
            raise
        count = min(len(message.data), buffer.length)
        buffer.write(0, message.data[:count])
        self.drop_first()
        return count

    def write(self, buffer: Buffer) -> int:
        """One message. EPIPE, EAGAIN."""
        self.await_room()
        data = buffer.read(0, min(buffer.length, MAX_BYTES))
        self.send_from(_NO_HANDLES, data, [])
        return len(data)

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN with a message, HUP when the other end is gone, OUT with room there."""
        peer = self.peer()
        if waiter is not None:
            waiter.add(self._arrived)
            if peer is not None:
                waiter.add(peer._drained)
        events = PollEvents.NONE
        if len(self.incoming) > 0:
            events |= PollEvents.READABLE
        if peer is None:
            events |= PollEvents.HUP
        elif peer.has_room():
            events |= PollEvents.WRITABLE
        return events

    def available(self) -> int:
        """Bytes in the first message."""
        return len(self.incoming[0].data) if len(self.incoming) > 0 else 0

    def keeps(self) -> list[KernelObject]:
        return [handle.object for message in self.incoming for handle in message.handles]

    def link_text(self) -> bytes:
        return b"anon_inode:[channel]"


_NO_HANDLES: Final = HandleTable(0)


def make_channel() -> tuple[ChannelEnd, ChannelEnd]:
    """Both ends of a new channel."""
    first = ChannelEnd()
    second = ChannelEnd()
    first.connect(second)
    second.connect(first)
    return (first, second)
