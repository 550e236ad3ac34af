"""Sockets with connections: what streams and seqpacket sockets have in common. (listen(2), accept(2), connect(2), unix(7))

connect() makes the other end itself and puts it into the backlog of the listening socket, so a client is connected, and may send, before it
was accepted. Until then the listener's backlog alone holds that end.
"""

from collections import deque
from enum import Enum
from typing import Final

from net.unix.endpoint import UnixSocket
from net.unix.inflight import party_of
from objects.object import KernelObject, PollEvents, Status
from objects.socket import NO_WAIT, Shutdown, Socket, SocketType, wait_for
from objects.socketaddress import Address
from objects.socketmessage import Identity, MessageFlags
from objects.task import current_task
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang.errno import ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, ENOTCONN, Errno

MAX_BACKLOG: Final = 4096
"""net.core.somaxconn"""


class State(Enum):
    """What has become of a socket."""

    FRESH = 0
    LISTENING = 1
    CONNECTED = 2
    """It stays so when the other end goes: then both halves are shut."""


class ConnectingSocket(UnixSocket):
    """A socket that listens, or is one end of a connection."""

    def __init__(self, type: SocketType, status: Status) -> None:
        super().__init__(type, status)
        self.state = State.FRESH
        self.backlog: deque[ConnectingSocket] = deque()
        self.max_backlog = 0
        self.accepted = True
        """Not one that waits in a backlog."""
        self._party: Identity | None = None
        """Who listens."""

    def fresh(self) -> "ConnectingSocket":
        """A new socket of the same kind."""
        raise NotImplementedError("ConnectingSocket.fresh")

    def closed(self) -> None:
        """The peer sees the end; if this socket had not read everything, or was never accepted, it sees ECONNRESET."""
        peer = self.live_peer()
        if peer is not None:
            if self.has_unread() or not self.accepted:
                peer.error = ECONNRESET
            peer.cut(Shutdown.BOTH)

    # Making connections

    def listen(self, backlog: int) -> None:
        """EINVAL without a name, and for one end of a connection."""
        if len(self.own.address.name) == 0 or self.state is State.CONNECTED:
            raise Errno(EINVAL, "only a socket with a name and without a peer can listen")
        self.state = State.LISTENING
        self.max_backlog = min(backlog, MAX_BACKLOG) if backlog >= 0 else MAX_BACKLOG
        self._party = party_of(current_task())
        self.backpressure.wake_all()

    def listening(self) -> bool:
        return self.state is State.LISTENING

    def connect(self, address: Address) -> None:
        """ECONNREFUSED when nobody listens there, EAGAIN when the backlog stays full, EISCONN; EINVAL for a socket that listens."""
        deadline = self.send_deadline(MessageFlags.NONE)
        self.bind_if_told()
        listener = self._listener(address)
        while len(listener.backlog) > listener.max_backlog:
            queue = listener.backpressure
            del listener
            wait_for(queue, deadline)
            listener = self._listener(address)
        if self.state is State.CONNECTED:
            raise Errno(EISCONN, "it has a peer")
        if self.state is State.LISTENING:
            raise Errno(EINVAL, "a socket that listens")
        end = self.fresh()
        end.accepted = False
        end.share_name(listener)
        end.become_connected(self, party_of(current_task()))
        self.become_connected(end, listener._party)
        listener.backlog.append(end)
        listener.arrived.wake_all()

    def _listener(self, address: Address) -> "ConnectingSocket":
        found = self.named_socket(address)
        if not isinstance(found, ConnectingSocket) or found.state is not State.LISTENING or found.shut & Shutdown.RECEIVE:
            raise Errno(ECONNREFUSED, "nobody listens there")
        return found

    def become_connected(self, peer: UnixSocket, party: Identity | None) -> None:
        """This end of a connection is ready."""
        self.join(peer)
        self.peer_party = party
        self.state = State.CONNECTED

    def accept(self, status: Status) -> Socket:
        """EINVAL when it does not listen, or was shut down; EAGAIN, EINTR."""
        if self.state is not State.LISTENING:
            raise Errno(EINVAL, "the socket does not listen")
        deadline = self.receive_deadline(MessageFlags.NONE)
        while len(self.backlog) == 0:
            if self.shut & Shutdown.RECEIVE and deadline != NO_WAIT:
                raise Errno(EINVAL, "the socket was shut down")
            wait_for(self.arrived, deadline)
        end = self.backlog.popleft()
        self.backpressure.wake_all()
        end.accepted = True
        end.status = status
        who = current_task().credentials
        end.file.change_owner(who.fsuid, who.fsgid)
        end.options.pass_credentials = self.options.pass_credentials
        return end

    def connect_to(self, other: Socket) -> None:
        assert isinstance(other, ConnectingSocket), "a pair is of one kind"
        party = party_of(current_task())
        self.become_connected(other, party)
        other.become_connected(self, party)

    # Being connected

    def connected_peer(self) -> "UnixSocket | None":
        """The other end, None when it is gone. ENOTCONN when there never was one."""
        if self.state is not State.CONNECTED:
            raise Errno(ENOTCONN, "there is no connection")
        return self.live_peer()

    def shutdown(self, how: Shutdown) -> None:
        """What one end does not send, the other does not receive."""
        self.cut(how)
        peer = self.live_peer()
        if peer is not None:
            theirs = Shutdown.NONE
            if how & Shutdown.RECEIVE:
                theirs |= Shutdown.SEND
            if how & Shutdown.SEND:
                theirs |= Shutdown.RECEIVE
            peer.cut(theirs)

    def wants_identity(self) -> bool:
        """Nobody knows what a socket will want that was not accepted yet."""
        return self.options.pass_credentials or not self.accepted

    # Looking

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """HUP before and after a connection; IN with data, a connection to accept, or the end; OUT when there is ample room."""
        if waiter is not None:
            waiter.add(self.arrived)
            waiter.add(self.drained)
        events = PollEvents.NONE
        if self.error != 0:
            events |= PollEvents.ERR
        if self.shut == Shutdown.BOTH or self.state is State.FRESH:
            events |= PollEvents.HUP
        if self.shut & Shutdown.RECEIVE:
            events |= PollEvents.RDHUP | PollEvents.READABLE
        if len(self.backlog) > 0 or self.has_unread():
            events |= PollEvents.READABLE
        if self.state is not State.LISTENING and self.has_ample_room():
            events |= PollEvents.WRITABLE | PollEvents.WRBAND
        return events

    def has_unread(self) -> bool:
        """Is there something to receive, be it an empty message?"""
        return self.queued() > 0

    def has_ample_room(self) -> bool:
        """Is at most a quarter of the buffer for sending used?"""
        return True

    def available(self) -> int:
        if self.state is State.LISTENING:
            raise Errno(EINVAL, "a socket that listens has no data")
        return self.queued()

    def keeps(self) -> list[KernelObject]:
        kept: list[KernelObject] = []
        for end in self.backlog:
            kept.append(end)
        return kept
