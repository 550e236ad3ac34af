"""Sockets, as every address family presents them: the base class, whose defaults are the errors of what a kind of socket cannot do.

A family registers a maker (socketfamilies.py) and derives its sockets from Socket. A socket waits with wait_for(), which knows about
NONBLOCK, MSG_DONTWAIT and the time limits of SO_RCVTIMEO and SO_SNDTIMEO; like every kernel object it closes with its last handle, and its
destructor never sleeps.

Sources: socket(2), socket(7), and the man page of each operation.
"""

from enum import IntEnum, IntFlag
from typing import Final

from objects.counter import Counter
from objects.inode import Inode, InodeType, Metadata
from objects.nameless import NamelessInode, sockfs
from objects.object import KernelObject, Status
from objects.restart import Interrupted, Restart
from objects.socketaddress import Address
from objects.socketmessage import Ancillary, Identity, MessageFlags, Received
from objects.socketoptions import NO_TIMEOUT, SocketOptions
from objects.task import current_task
from scarlet.kernel import clock
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.signals import Signal
from scarlet.kernel.waitqueue import NEVER, WaitQueue, WakeReason
from scarlet.lang.errno import EAGAIN, EINVAL, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP, EPIPE, Errno

NO_WAIT: Final = 0
"""The deadline of a call that must not wait."""


class SocketType(IntEnum):
    """What a socket carries, with Linux's numbers. (socket(2))"""

    STREAM = 1
    DATAGRAM = 2
    RAW = 3
    RDM = 4
    SEQPACKET = 5


class Shutdown(IntFlag):
    """The halves of a connection that are closed. (shutdown(2))"""

    NONE = 0
    RECEIVE = 1
    SEND = 2
    BOTH = 3


numbers: Final = Counter()
UNKNOWN_PARTY: Final = Identity(0, 0xFFFFFFFF, 0xFFFFFFFF)


class Socket(KernelObject):
    """An endpoint. `error` is the pending error of an earlier operation (SO_ERROR), 0 when there is none."""

    def __init__(self, family: int, type: SocketType, protocol: int, status: Status = Status.NONE) -> None:
        super().__init__(status)
        self.family = family
        self.type = type
        self.protocol = protocol
        self.options = SocketOptions()
        self.number = numbers.next()
        self.error = 0
        self.shut = Shutdown.NONE
        self.file = NamelessInode(sockfs, self.number, InodeType.SOCKET, 0o777)
        """Whose it is, and its locks."""
        self.arrived = WaitQueue()
        """Who waits for data, a connection, an error or the end."""
        self.drained = WaitQueue()
        """Who waits for room to send, or for a connection to be made."""

    # Addresses and connections

    def bind(self, address: Address) -> None:
        """Give the socket its name. EINVAL when it has one, EADDRINUSE, EADDRNOTAVAIL, EACCES. (bind(2))"""
        raise Errno(EOPNOTSUPP, "this socket cannot be bound")

    def connect(self, address: Address) -> None:
        """Set the peer; where there are connections, wait for one. ECONNREFUSED, EISCONN, ETIMEDOUT, EINPROGRESS. (connect(2))"""
        raise Errno(EOPNOTSUPP, "this socket cannot be connected")

    def listen(self, backlog: int) -> None:
        """Take connections, this many of them before they are accepted. EOPNOTSUPP. (listen(2))"""
        raise Errno(EOPNOTSUPP, "this socket takes no connections")

    def accept(self, status: Status) -> "Socket":
        """The next connection, as a new socket with that status. EINVAL when it does not listen; EAGAIN. (accept(2))"""
        raise Errno(EOPNOTSUPP, "this socket takes no connections")

    def name(self) -> Address:
        """Its own address. (getsockname(2))"""
        raise Errno(EOPNOTSUPP, "this socket has no name")

    def peer_name(self) -> Address:
        """The address of the other end. ENOTCONN. (getpeername(2))"""
        raise Errno(ENOTCONN, "there is no other end")

    def peer_identity(self) -> Identity:
        """Who is at the other end, as far as the family knows. (SO_PEERCRED)"""
        return UNKNOWN_PARTY

    def connect_to(self, other: "Socket") -> None:
        """Make two new sockets each other's peers. EOPNOTSUPP. (socketpair(2))"""
        raise Errno(EOPNOTSUPP, "this family has no pairs")

    def listening(self) -> bool:
        """Does it take connections? (SO_ACCEPTCONN)"""
        return False

    # Transfer

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        """Bytes sent. ENOTCONN or EDESTADDRREQ without an address, EISCONN, EMSGSIZE, EPIPE, EAGAIN, EINTR. (send(2))"""
        raise Errno(EOPNOTSUPP, "this socket cannot send")

    def receive(self, buffer: Buffer, flags: MessageFlags) -> Received:
        """The next bytes or message; count 0 at the end of a connection. ENOTCONN, EAGAIN, EINTR. (recv(2))"""
        raise Errno(EOPNOTSUPP, "this socket cannot receive")

    def shutdown(self, how: Shutdown) -> None:
        """Close halves of the connection. ENOTCONN. (shutdown(2))"""
        raise Errno(ENOTCONN, "there is no connection")

    def read(self, buffer: Buffer) -> int:
        """As recv(2), but that nothing is asked for takes no message. (Linux: sock_read_iter)"""
        return self.receive(buffer, MessageFlags.NONE).count if buffer.length > 0 else 0

    def write(self, buffer: Buffer) -> int:
        return self.send(buffer, MessageFlags.NONE, None, None)

    def unsent(self) -> int:
        """Bytes that were sent and have not left, or not been received. EINVAL. (SIOCOUTQ)"""
        raise Errno(EINVAL, "this socket does not count what is unsent")

    # Options; those of every family are plain attributes of `options`

    def option(self, level: int, name: int, length: int) -> bytes:
        """The value of an option of the family's own, at most `length` bytes of it. ENOPROTOOPT. (getsockopt(2))"""
        raise Errno(ENOPROTOOPT, "no such option")

    def set_option(self, level: int, name: int, value: bytes) -> None:
        """Set an option of the family's own. ENOPROTOOPT, EINVAL. (setsockopt(2))"""
        raise Errno(ENOPROTOOPT, "no such option")

    def peek_offset(self) -> int:
        """Where the next peek begins. EOPNOTSUPP when it is always at the beginning. (SO_PEEK_OFF)"""
        raise Errno(EOPNOTSUPP, "peeks are at the beginning")

    def set_peek_offset(self, offset: int) -> None:
        """Set that; a negative one is the beginning, always. EOPNOTSUPP."""
        raise Errno(EOPNOTSUPP, "peeks are at the beginning")

    def options_changed(self) -> None:
        """`options` was written to: whoever waits for room may have some now."""
        self.drained.wake_all()

    def take_error(self) -> int:
        """The pending error, which is pending no more. (SO_ERROR)"""
        code = self.error
        self.error = 0
        return code

    # For the families: errors and waiting

    def raise_pending(self) -> None:
        """Fail with the pending error, if there is one."""
        if self.error != 0:
            raise Errno(self.take_error(), "an error of an earlier operation")

    def broken_pipe(self, flags: MessageFlags) -> Errno:
        """The error of who sends where nobody receives any more; SIGPIPE comes with it unless NOSIGNAL."""
        if not flags & MessageFlags.NOSIGNAL:
            current_task().raise_signal(Signal.SIGPIPE)
        return Errno(EPIPE, "the connection is closed for sending")

    def receive_deadline(self, flags: MessageFlags) -> int:
        """Until when a call that receives or accepts may wait: NO_WAIT, a monotonic time, or NEVER."""
        return self._deadline(flags, self.options.receive_timeout_ns)

    def send_deadline(self, flags: MessageFlags) -> int:
        """The same for one that sends or connects."""
        return self._deadline(flags, self.options.send_timeout_ns)

    def _deadline(self, flags: MessageFlags, timeout_ns: int) -> int:
        if self.status & Status.NONBLOCK or flags & MessageFlags.DONTWAIT:
            return NO_WAIT
        return NEVER if timeout_ns == NO_TIMEOUT else clock.deadline_after(timeout_ns)

    # As an object

    def metadata(self) -> Metadata:
        return self.file.metadata()

    def inode(self) -> Inode | None:
        return self.file

    def link_text(self) -> bytes:
        return f"socket:[{self.number}]".encode()


def wait_for(queue: WaitQueue, deadline_ns: int) -> None:
    """Sleep until the queue is woken; the caller re-checks its condition. EAGAIN at the deadline; Interrupted by a signal, after which a
    call with a time limit is not started again, since the limit would begin anew. (signal(7))"""
    if deadline_ns == NO_WAIT:
        raise Errno(EAGAIN, "it would have to wait")
    reason = queue.wait(deadline_ns)
    if reason is WakeReason.SIGNAL:
        raise Interrupted(Restart.UNLESS_HANDLER_FORBIDS if deadline_ns == NEVER else Restart.NEVER)
    if reason is WakeReason.TIMEOUT:
        raise Errno(EAGAIN, "the time limit is over")
