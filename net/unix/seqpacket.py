"""AF_UNIX seqpacket sockets: connections as streams have them, whole messages as datagrams are. (unix(7))"""

from net.unix.connecting import ConnectingSocket, State
from net.unix.inflight import require_no_cycle
from net.unix.messages import Account, Message, MessageQueue, await_account, receive_message
from objects.object import KernelObject, Status
from objects.socket import Shutdown, SocketType
from objects.socketaddress import Address
from objects.socketmessage import Ancillary, MessageFlags, Received
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EINVAL, ENOTCONN, EPIPE, Errno


class SeqpacketSocket(ConnectingSocket):
    """One end of a connection that carries messages."""

    def __init__(self, status: Status) -> None:
        super().__init__(SocketType.SEQPACKET, status)
        self._queue = MessageQueue()
        self._account = Account(self.options.send_buffer, self.drained)

    def fresh(self) -> ConnectingSocket:
        return SeqpacketSocket(Status.NONE)

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        """One message; an address is ignored. EPIPE, without a signal, when the other end is gone; EMSGSIZE."""
        self.raise_pending()
        self.connected_peer()
        parcel = self.outgoing(ancillary, flags)
        await_account(self, self._account, buffer.length, self.send_deadline(flags))
        data = buffer.read(0, buffer.length)
        peer = self.connected_peer()
        if not isinstance(peer, SeqpacketSocket) or peer.shut & Shutdown.RECEIVE:
            raise Errno(EPIPE, "nobody receives any more")
        require_no_cycle(parcel, peer)
        identity = self.sender_identity(ancillary, peer)
        peer._queue.add(Message(data, self.own, identity, parcel, self._account))
        peer.arrived.wake_all()
        return len(data)

    def receive(self, buffer: Buffer, flags: MessageFlags) -> Received:
        """One message; what does not fit is lost. ENOTCONN when there never was a connection."""
        if self.state is not State.CONNECTED:
            raise Errno(ENOTCONN, "there is no connection")
        return receive_message(self, self._queue, buffer, flags)

    def queued(self) -> int:
        return self._queue.bytes()

    def has_unread(self) -> bool:
        return len(self._queue) > 0

    def has_ample_room(self) -> bool:
        return self._account.writable()

    def unsent(self) -> int:
        if self.state is State.LISTENING:
            raise Errno(EINVAL, "a socket that listens sends nothing")
        return self._account.used

    def options_changed(self) -> None:
        self._account.limit = self.options.send_buffer
        self.drained.wake_all()

    def keeps(self) -> list[KernelObject]:
        kept = super().keeps()
        kept.extend(self._queue.keeps())
        return kept
