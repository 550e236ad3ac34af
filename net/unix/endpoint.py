"""What every AF_UNIX socket is: an endpoint with a name, and perhaps a peer. (unix(7))

Who holds whom: a socket knows its peer weakly, so each end closes with its own last handle, whatever the other does. What was sent lies in
the receiver's queue and outlives its sender. `own` is the socket's name, which a peer, an accepted socket and every message sent refer to.
"""

import weakref
from typing import Final

from net.unix.inflight import Parcel, parcel_of, require_claim, sender_of
from net.unix.names import Name, find, give_up, take_abstract, take_automatic, take_file
from objects.object import Status
from objects.socket import Shutdown, Socket, SocketType
from objects.socketaddress import Address, Family, UnixAddress
from objects.socketmessage import Ancillary, Identity, MessageFlags, Received
from objects.task import current_task
from objects.view import Location
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EINVAL, ENOTCONN, EOPNOTSUPP, Errno

MESSAGE_OVERHEAD: Final = 256
"""What a message counts beside its bytes, so that empty ones do not fill memory."""


class UnixSocket(Socket):
    """The common part of streams, datagram and seqpacket sockets."""

    def __init__(self, type: SocketType, status: Status) -> None:
        super().__init__(Family.UNIX, type, 0, status)
        self.own = Name()
        self._location: Location | None = None
        self._bound = False
        """It, and no socket that it was accepted from, has the name."""
        self.peer: weakref.ref[UnixSocket] | None = None
        self.peer_own: Name | None = None
        """The peer's name, which stays when the peer is gone."""
        self.peer_party: Identity | None = None
        """Who was at the other end when the connection, or the pair, was made."""
        self.backpressure = WaitQueue()
        """Who waits for room in this socket's own queues: of messages, or of connections."""
        self._last_sender: Identity | None = None
        sockets[self.number] = weakref.ref(self)

    def __del__(self) -> None:
        sockets.pop(self.number, None)
        if self._bound:
            give_up(self.type, self.own.address, self._location)
        self.closed()
        self.backpressure.wake_all()
        self.drained.wake_all()

    def closed(self) -> None:
        """The last handle is gone: tell the peer."""

    # Names

    def bind(self, address: Address) -> None:
        """A path makes a file; an empty name chooses an abstract one. EINVAL when it has a name, EADDRINUSE, and the errors of mknod(2)."""
        wanted = unix_address(address)
        if self._bound or len(self.own.address.name) > 0:
            if len(wanted.name) == 0:
                return
            raise Errno(EINVAL, "the socket has a name")
        if wanted.is_path():
            self._location = take_file(self, wanted.name)
            self.own.address = wanted
        elif len(wanted.name) > 0:
            take_abstract(self, wanted.name)
            self.own.address = wanted
        else:
            self.own.address = take_automatic(self)
        self._bound = True

    def bind_if_told(self) -> None:
        """Who wants credentials gets a name at the first use, so that answers find it. (unix(7), "Autobind feature")"""
        if self.options.pass_credentials and len(self.own.address.name) == 0:
            self.bind(UnixAddress(b""))

    def share_name(self, listener: "UnixSocket") -> None:
        """An accepted socket is called like the one that listened."""
        self.own = listener.own

    def name(self) -> Address:
        return self.own.address

    def peer_name(self) -> Address:
        if self.peer_own is None:
            raise Errno(ENOTCONN, "there is no peer")
        return self.peer_own.address

    def named_socket(self, address: Address) -> "UnixSocket":
        """The socket of that name. EINVAL when it is no name; ECONNREFUSED, EPROTOTYPE, and the errors of a walk."""
        wanted = unix_address(address)
        if len(wanted.name) == 0:
            raise Errno(EINVAL, "an address without a name")
        found = find(wanted, self.type)
        assert isinstance(found, UnixSocket), "only AF_UNIX sockets have such names"
        return found

    # Peers

    def live_peer(self) -> "UnixSocket | None":
        """The peer, None when there is none or it is closed. Whoever sleeps lets go of it before."""
        return self.peer() if self.peer is not None else None

    def join(self, other: "UnixSocket") -> None:
        """Take another socket as the peer."""
        self.peer = weakref.ref(other)
        self.peer_own = other.own

    def peer_identity(self) -> Identity:
        return self.peer_party if self.peer_party is not None else super().peer_identity()

    def shutdown(self, how: Shutdown) -> None:
        """Any socket may be shut down, connected or not."""
        self.cut(how)

    def cut(self, how: Shutdown) -> None:
        """Halves are closed: everybody who waits looks again."""
        self.shut = Shutdown(int(self.shut) | int(how))
        self.arrived.wake_all()
        self.drained.wake_all()
        self.backpressure.wake_all()

    def options_changed(self) -> None:
        self.drained.wake_all()

    def option(self, level: int, name: int, length: int) -> bytes:
        raise Errno(EOPNOTSUPP, "AF_UNIX has no options of its own")

    def set_option(self, level: int, name: int, value: bytes) -> None:
        raise Errno(EOPNOTSUPP, "AF_UNIX has no options of its own")

    # Ancillary data

    def outgoing(self, ancillary: Ancillary | None, flags: MessageFlags) -> Parcel | None:
        """The handles that a call sends, its claims and flags checked. EOPNOTSUPP for out-of-band data; EPERM, ESRCH, ETOOMANYREFS."""
        if flags & MessageFlags.OOB:
            raise Errno(EOPNOTSUPP, "no out-of-band data")
        if ancillary is not None and ancillary.identity is not None:
            require_claim(current_task(), ancillary.identity)
        return parcel_of(current_task(), ancillary)

    def sender_identity(self, ancillary: Ancillary | None, receiver: "UnixSocket") -> Identity | None:
        """Who the message is from: what the sender says, else itself if either side wants to know."""
        if ancillary is not None and ancillary.identity is not None:
            return ancillary.identity
        if not self.options.pass_credentials and not receiver.wants_identity():
            return None
        present = sender_of(current_task())
        if self._last_sender is None or not self._last_sender.same(present):
            self._last_sender = present
        return self._last_sender

    def wants_identity(self) -> bool:
        """Must messages for this socket say whom they are from?"""
        return self.options.pass_credentials

    def queued(self) -> int:
        """Bytes that wait to be received."""
        return 0


sockets: Final[dict[int, weakref.ref[UnixSocket]]] = {}
"""Every AF_UNIX socket, by number. (/proc/net/unix)"""


def unix_address(address: Address) -> UnixAddress:
    """EINVAL when it is of another family."""
    if not isinstance(address, UnixAddress):
        raise Errno(EINVAL, "not an AF_UNIX address")
    return address


def ancillary_of(found: Received) -> Ancillary:
    """Where the ancillary data of a result goes."""
    if found.ancillary is None:
        found.ancillary = Ancillary()
    return found.ancillary
