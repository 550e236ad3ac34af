"""AF_UNIX datagrams: whole messages to whoever has a name, in order and never lost. (unix(7))

A full receiver makes its senders wait. connect() only says where messages without an address go, and that nobody else's are wanted.
"""

from typing import Final

from net.unix.endpoint import UnixSocket
from net.unix.inflight import Parcel, party_of, require_no_cycle
from net.unix.messages import Account, Message, MessageQueue, await_account, receive_message
from objects.object import KernelObject, PollEvents, Status
from objects.socket import Shutdown, Socket, SocketType, wait_for
from objects.socketaddress import Address, Family
from objects.socketmessage import Ancillary, MessageFlags, Received
from objects.task import current_task
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang.errno import ECONNREFUSED, ECONNRESET, ENOTCONN, EPERM, EPIPE, Errno

MAX_QUEUE: Final = 10
"""net.unix.max_dgram_qlen: with more messages than that, strangers wait."""


class DatagramSocket(UnixSocket):
    """A socket that sends to any other of its kind."""

    def __init__(self, status: Status) -> None:
        super().__init__(SocketType.DATAGRAM, status)
        self._queue = MessageQueue()
        self._account = Account(self.options.send_buffer, self.drained)

    # Peers

    def connect(self, address: Address) -> None:
        """Set the destination, or have none (AF_UNSPEC). ECONNREFUSED, EPROTOTYPE; EPERM when that socket wants only another one's."""
        if address.family == Family.UNSPEC:
            self._leave_peer()
            return
        self.bind_if_told()
        found = self.named_socket(address)
        if not _accepts(found, self):
            raise Errno(EPERM, "that socket is connected to another one")
        if self.live_peer() is not found:
            self._leave_peer()
        self.join(found)

    def _leave_peer(self) -> None:
        """What the old peer sent is lost, and if it was ours too, it is told."""
        peer = self.live_peer()
        self.peer = None
        self.peer_own = None
        if len(self._queue) > 0:
            self._queue.clear()
            self.backpressure.wake_all()
            if peer is not None and peer.live_peer() is self:
                peer.error = ECONNRESET
                peer.arrived.wake_all()

    def connect_to(self, other: Socket) -> None:
        assert isinstance(other, DatagramSocket), "a pair is of one kind"
        self.join(other)
        other.join(self)
        self.peer_party = party_of(current_task())
        other.peer_party = self.peer_party

    # Transfer

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        """ENOTCONN without a destination; ECONNREFUSED when it is gone; EMSGSIZE; EPIPE when either side was shut down."""
        parcel = self.outgoing(ancillary, flags)
        if address is None and self.peer is None:
            raise Errno(ENOTCONN, "there is no destination")
        self.bind_if_told()
        deadline = self.send_deadline(flags)
        await_account(self, self._account, buffer.length, deadline)
        data = buffer.read(0, buffer.length)
        receiver = self._receiver(address)
        while not receiver._takes_from(self):
            queue = receiver.backpressure
            del receiver
            wait_for(queue, deadline)
            receiver = self._receiver(address)
        self._deliver(receiver, data, ancillary, parcel)
        return len(data)

    def _receiver(self, address: Address | None) -> "DatagramSocket":
        """Who is to have the message. A destination that is gone is a destination no more."""
        found = self.live_peer() if address is None else self.named_socket(address)
        if not isinstance(found, DatagramSocket):
            if self.peer is None:
                raise Errno(ENOTCONN, "there is no destination")
            self._leave_peer()
            raise Errno(ECONNREFUSED, "the destination is closed")
        if not _accepts(found, self):
            raise Errno(EPERM, "that socket is connected to another one")
        if found.shut & Shutdown.RECEIVE:
            raise Errno(EPIPE, "the destination was shut down")
        return found

    def _deliver(self, receiver: "DatagramSocket", data: bytes, ancillary: Ancillary | None, parcel: Parcel | None) -> None:
        require_no_cycle(parcel, receiver)
        identity = self.sender_identity(ancillary, receiver)
        receiver._queue.add(Message(data, self.own, identity, parcel, self._account))
        receiver.arrived.wake_all()

    def _takes_from(self, sender: "DatagramSocket") -> bool:
        """Is there room in the queue? Peers of each other are bounded by SO_SNDBUF alone."""
        return self is sender or self.live_peer() is sender or len(self._queue) <= MAX_QUEUE

    def receive(self, buffer: Buffer, flags: MessageFlags) -> Received:
        """One message; what does not fit is lost."""
        return receive_message(self, self._queue, buffer, flags)

    # Looking

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN with a message; OUT when there is ample room, in the queue of the peer as well."""
        if waiter is not None:
            waiter.add(self.arrived)
            waiter.add(self.drained)
        events = PollEvents.NONE
        if self.error != 0:
            events |= PollEvents.ERR
        if self.shut == Shutdown.BOTH:
            events |= PollEvents.HUP
        if self.shut & Shutdown.RECEIVE:
            events |= PollEvents.RDHUP | PollEvents.READABLE
        if len(self._queue) > 0:
            events |= PollEvents.READABLE
        if self._account.writable() and self._peer_takes(waiter):
            events |= PollEvents.WRITABLE | PollEvents.WRBAND
        return events

    def _peer_takes(self, waiter: Waiter | None) -> bool:
        peer = self.live_peer()
        if not isinstance(peer, DatagramSocket):
            return True
        if waiter is not None:
            waiter.add(peer.backpressure)
        return peer._takes_from(self)

    def available(self) -> int:
        """Bytes of the first message."""
        message = self._queue.first()
        return len(message.data) if message is not None else 0

    def queued(self) -> int:
        return self._queue.bytes()

    def unsent(self) -> int:
        return self._account.used

    def options_changed(self) -> None:
        self._account.limit = self.options.send_buffer
        self.drained.wake_all()

    def keeps(self) -> list[KernelObject]:
        return self._queue.keeps()


def _accepts(receiver: UnixSocket, sender: UnixSocket) -> bool:
    """Does it take messages of that sender? Not when it is connected to another one."""
    return receiver.peer is None or receiver.live_peer() is sender
