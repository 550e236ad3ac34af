"""Queues of messages: what datagram and seqpacket sockets have received and nobody has read yet.

A message counts against the buffer of its sender (SO_SNDBUF) until it is read or dropped; `Account` is that sum, which messages hold, so
that it may outlive the sender.
"""

from collections import deque
from typing import Final

from net.unix.endpoint import MESSAGE_OVERHEAD, UnixSocket, ancillary_of
from net.unix.inflight import NOBODY, Parcel
from net.unix.names import Name
from objects.object import KernelObject
from objects.socket import NO_WAIT, Shutdown, SocketType, wait_for
from objects.socketmessage import Identity, MessageFlags, Received
from scarlet.kernel import clock
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EMSGSIZE, EOPNOTSUPP, EPIPE, Errno

SIZE_MARGIN: Final = 32
"""A message is at least so much shorter than SO_SNDBUF."""


class Account:
    """What one socket has sent and nobody has read yet."""

    def __init__(self, limit: int, drained: WaitQueue) -> None:
        self.used = 0
        self.limit = limit
        self._drained = drained

    def writable(self) -> bool:
        """At most a quarter is used: then poll(2) says that there is room, and who waits for some is woken."""
        return self.used * 4 <= self.limit

    def release(self, size: int) -> None:
        """A message of that size has left its queue."""
        self.used -= size
        if self.writable():
            self._drained.wake_all()


class Message:
    """One message, and who sent it."""

    def __init__(self, data: bytes, sender: Name, identity: Identity | None, parcel: Parcel | None, account: Account) -> None:
        self.data = data
        self.sender = sender
        self.identity = identity
        self.parcel = parcel
        self._account = account
        self._charged = len(data) + MESSAGE_OVERHEAD
        account.used += self._charged

    def __del__(self) -> None:
        self._account.release(self._charged)


class MessageQueue:
    """Messages in the order they came."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque()

    def __len__(self) -> int:
        return len(self.messages)

    def add(self, message: Message) -> None:
        """One more."""
        self.messages.append(message)

    def first(self) -> Message | None:
        """The oldest one, None when there is none."""
        return self.messages[0] if len(self.messages) > 0 else None

    def drop_first(self) -> None:
        """It has been received."""
        self.messages.popleft()

    def clear(self) -> None:
        """All are lost."""
        while len(self.messages) > 0:
            self.messages.popleft()

    def bytes(self) -> int:
        """The sum of their lengths."""
        return sum([len(message.data) for message in self.messages])

    def keeps(self) -> list[KernelObject]:
        """The objects that are in them."""
        kept: list[KernelObject] = []
        for message in self.messages:
            if message.parcel is not None:
                kept.extend(message.parcel.objects())
        return kept


def receive_message(socket: UnixSocket, queue: MessageQueue, buffer: Buffer, flags: MessageFlags) -> Received:
    """The first message, as far as the buffer holds it. A socket with connections tells their end by nothing, the other kind by EAGAIN
    if it must not wait. The pending error, EAGAIN, EINTR; EFAULT, and the message is lost."""
    if flags & MessageFlags.OOB:
        raise Errno(EOPNOTSUPP, "no out-of-band data")
    deadline = socket.receive_deadline(flags)
    message = _await_message(socket, queue, deadline)
    if message is None:
        return Received(0)
    peek = flags & MessageFlags.PEEK != 0
    if not peek:
        queue.drop_first()
        socket.backpressure.wake_all()
    count = min(len(message.data), buffer.length)
    buffer.write(0, message.data if count == len(message.data) else message.data[:count])
    return _result(socket, message, count, flags, peek=peek)


def _await_message(socket: UnixSocket, queue: MessageQueue, deadline_ns: int) -> Message | None:
    """None when none can come any more."""
    while True:
        socket.raise_pending()
        message = queue.first()
        if message is not None:
            return message
        if socket.shut & Shutdown.RECEIVE and (deadline_ns != NO_WAIT or socket.type == SocketType.SEQPACKET):
            return None
        wait_for(socket.arrived, deadline_ns)


def _result(socket: UnixSocket, message: Message, count: int, flags: MessageFlags, *, peek: bool) -> Received:
    found = Received(len(message.data) if flags & MessageFlags.TRUNC else count)
    if count < len(message.data):
        found.flags |= MessageFlags.TRUNC
    if len(message.sender.address.name) > 0:
        found.address = message.sender.address
    if message.parcel is not None:
        ancillary_of(found).rights = message.parcel.copies() if peek else message.parcel.take()
    if socket.options.timestamp:
        ancillary_of(found).timestamp_ns = clock.realtime_ns()
    if socket.options.pass_credentials:
        ancillary_of(found).identity = message.identity if message.identity is not None else NOBODY
    return found


def await_account(socket: UnixSocket, account: Account, length: int, deadline_ns: int) -> None:
    """Wait until the sender may send a message of that length. EMSGSIZE when it never may; EPIPE, the pending error, EAGAIN, EINTR."""
    account.limit = socket.options.send_buffer
    if length > account.limit - SIZE_MARGIN:
        raise Errno(EMSGSIZE, "longer than the buffer for sending")
    while True:
        socket.raise_pending()
        if socket.shut & Shutdown.SEND:
            raise Errno(EPIPE, "the socket is shut down for sending")
        if account.used < account.limit:
            return
        wait_for(socket.drained, deadline_ns)
