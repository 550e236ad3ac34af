"""AF_UNIX streams: bytes in both directions, with handles and identities attached to places among them. (unix(7))

What an end has received lies in a ring of frames. `segments` divide it into runs of bytes that came alike: handles travel with the first
byte of their segment, and a read does not go on behind one that brought handles. How much may lie there is for the SO_SNDBUF of the
sender to say.
"""

from collections import deque
from typing import Final

from net.unix.connecting import ConnectingSocket, State
from net.unix.endpoint import MESSAGE_OVERHEAD, ancillary_of
from net.unix.inflight import NOBODY, Parcel, require_no_cycle
from objects.object import KernelObject, Status
from objects.ring import PAGE, FrameRing
from objects.socket import Shutdown, SocketType, wait_for
from objects.socketaddress import Address
from objects.socketmessage import Ancillary, Identity, MessageFlags, Received
from objects.socketoptions import DEFAULT_BUFFER
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EINVAL, EISCONN, EOPNOTSUPP, EPIPE, Errno

KEPT_PAGES: Final = 16
"""Frames that an empty ring keeps."""


class Segment:
    """A run of bytes in the ring."""

    def __init__(self, identity: Identity | None, parcel: Parcel | None) -> None:
        self.length = 0
        self.identity = identity
        self.parcel = parcel


class StreamSocket(ConnectingSocket):
    """One end of a stream."""

    def __init__(self, status: Status) -> None:
        super().__init__(SocketType.STREAM, status)
        self._ring = FrameRing(DEFAULT_BUFFER)
        self._segments: deque[Segment] = deque()

    def fresh(self) -> ConnectingSocket:
        return StreamSocket(Status.NONE)

    # Sending

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        """All bytes unless it must not wait, or a signal or the other end's leaving cut it short."""
        parcel = self.outgoing(ancillary, flags)
        if address is not None:
            raise Errno(EISCONN if self.state is State.CONNECTED else EOPNOTSUPP, "a stream has one destination")
        return self._send(buffer, flags, ancillary, parcel)

    def write(self, buffer: Buffer) -> int:
        return self._send(buffer, MessageFlags.NONE, None, None)

    def _send(self, buffer: Buffer, flags: MessageFlags, ancillary: Ancillary | None, parcel: Parcel | None) -> int:
        self.connected_peer()
        if self.shut & Shutdown.SEND:
            raise self.broken_pipe(flags)
        deadline = self.send_deadline(flags)
        done = 0
        while done < buffer.length:
            try:
                moved = self._send_some(buffer, done, flags, ancillary, parcel)
                if moved == 0:
                    wait_for(self.drained, deadline)
            except (Errno, MemoryError):
                if done == 0:
                    raise
                break
            if moved > 0:
                done += moved
                parcel = None
        return done

    def _send_some(self, buffer: Buffer, done: int, flags: MessageFlags, ancillary: Ancillary | None, parcel: Parcel | None) -> int:
        """What there is room for, perhaps nothing."""
        peer = self.live_peer()
        if not isinstance(peer, StreamSocket) or peer.shut & Shutdown.RECEIVE:
            raise self.broken_pipe(flags) if done == 0 else Errno(EPIPE)
        require_no_cycle(parcel, peer)
        identity = self.sender_identity(ancillary, peer)
        room = self.options.send_buffer - peer._charged()
        if room <= 0:
            return 0
        moved = peer._enter(buffer, done, min(room, buffer.length - done), identity, parcel, self.options.send_buffer)
        peer.arrived.wake_all()
        return moved

    def _enter(self, buffer: Buffer, offset: int, count: int, identity: Identity | None, parcel: Parcel | None, capacity: int) -> int:
        """Take bytes in at the end of the queue: how many could be taken."""
        if self._ring.capacity < capacity:
            self._ring.set_capacity((capacity + PAGE - 1) // PAGE * PAGE)
        segment = self._last_segment(identity, parcel)
        try:
            moved = self._ring.put(buffer, offset, count)
            segment.length += moved
            return moved
        finally:
            if segment.length == 0:
                self._segments.pop()

    def _last_segment(self, identity: Identity | None, parcel: Parcel | None) -> Segment:
        """The last segment, if what comes now is like it, else a new one."""
        if parcel is None and len(self._segments) > 0:
            last = self._segments[-1]
            if last.parcel is None and _same(last.identity, identity):
                return last
        segment = Segment(identity, parcel)
        self._segments.append(segment)
        return segment

    # Receiving

    def receive(self, buffer: Buffer, flags: MessageFlags) -> Received:
        """EINVAL when there never was a connection."""
        found = Received(0)
        found.count = self._receive(buffer, flags, found)
        if self.peer_own is not None and len(self.peer_own.address.name) > 0:
            found.address = self.peer_own.address
        return found

    def read(self, buffer: Buffer) -> int:
        return self._receive(buffer, MessageFlags.NONE, None) if buffer.length > 0 else 0

    def _receive(self, buffer: Buffer, flags: MessageFlags, found: Received | None) -> int:
        """Bytes received; handles that come with them close when nobody wants them."""
        if self.state is not State.CONNECTED:
            raise Errno(EINVAL, "there is no connection")
        if flags & MessageFlags.OOB:
            raise Errno(EOPNOTSUPP, "no out-of-band data")
        deadline = self.receive_deadline(flags)
        target = max(buffer.length if flags & MessageFlags.WAITALL else min(self.options.receive_low, buffer.length), 1)
        reading = _Reading(self, buffer, flags, found)
        try:
            while not reading.more() and reading.done < target:
                if self.error != 0 and reading.done == 0:
                    self.raise_pending()
                if self.shut & Shutdown.RECEIVE:
                    break
                wait_for(self.arrived, deadline)
        except Errno:
            if reading.done == 0:
                raise
        finally:
            reading.end()
        return reading.done

    def made_room(self) -> None:
        """Bytes have left the queue: the sender goes on when three quarters of it are free."""
        self._ring.trim(KEPT_PAGES)
        peer = self.live_peer()
        if peer is not None and self._charged() * 4 <= peer.options.send_buffer:
            peer.drained.wake_all()

    def _charged(self) -> int:
        return self._ring.count + MESSAGE_OVERHEAD * len(self._segments)

    def peek_offset(self) -> int:
        return self.options.peek_offset

    def set_peek_offset(self, offset: int) -> None:
        self.options.peek_offset = max(offset, -1)

    # Looking

    def queued(self) -> int:
        return self._ring.count

    def has_ample_room(self) -> bool:
        peer = self.live_peer()
        return not isinstance(peer, StreamSocket) or peer._charged() * 4 <= self.options.send_buffer

    def unsent(self) -> int:
        if self.state is State.LISTENING:
            raise Errno(EINVAL, "a socket that listens sends nothing")
        peer = self.live_peer()
        return peer.queued() if peer is not None else 0

    def keeps(self) -> list[KernelObject]:
        kept = super().keeps()
        for segment in self._segments:
            if segment.parcel is not None:
                kept.extend(segment.parcel.objects())
        return kept


class _Reading:
    """A receive in progress: `done` bytes are in the buffer."""

    def __init__(self, socket: StreamSocket, buffer: Buffer, flags: MessageFlags, found: Received | None) -> None:
        self.done = 0
        self._socket = socket
        self._buffer = buffer
        self._found = found
        self._peek = flags & MessageFlags.PEEK != 0
        self._with_identity = found is not None and socket.options.pass_credentials
        self._identity_known = False
        self._identity: Identity | None = None
        self._skip = max(socket.options.peek_offset, 0) if self._peek else 0
        """Bytes at the beginning of the queue that were seen, or are not to be."""

    def more(self) -> bool:
        """Go on with what is in the queue. True when that was all that this read can give, whatever comes later."""
        socket = self._socket
        before = 0
        index = 0
        while index < len(socket._segments):
            segment = socket._segments[index]
            if self._skip >= before + segment.length:
                before += segment.length
                index += 1
                continue
            if self._with_identity and self._identity_known and not _same(self._identity, segment.identity):
                return True
            self._note_identity(segment)
            count = min(before + segment.length - self._skip, self._buffer.length - self.done)
            if self._peek:
                self._peek_at(segment, count)
                if segment.parcel is not None or self._skip < before + segment.length:
                    return True
            else:
                brought_handles = segment.parcel is not None
                self._take(segment, count)
                if segment.length > 0 or brought_handles:
                    return True
            if self.done == self._buffer.length:
                return True
        return False

    def end(self) -> None:
        """The read is over."""
        socket = self._socket
        if self._found is not None and self._identity_known:
            ancillary_of(self._found).identity = self._identity if self._identity is not None else NOBODY
        if self.done > 0 and not self._peek:
            socket.made_room()
        if socket.options.peek_offset >= 0:
            socket.options.peek_offset = self._skip if self._peek else max(socket.options.peek_offset - self.done, 0)

    def _note_identity(self, segment: Segment) -> None:
        if self._with_identity and not self._identity_known:
            self._identity_known = True
            self._identity = segment.identity

    def _peek_at(self, segment: Segment, count: int) -> None:
        seen = self._socket._ring.peek(self._buffer, self.done, count, self._skip)
        self.done += seen
        self._skip += seen
        if self._found is not None and segment.parcel is not None:
            ancillary_of(self._found).rights.extend(segment.parcel.copies())

    def _take(self, segment: Segment, count: int) -> None:
        moved = self._socket._ring.take(self._buffer, self.done, count)
        self.done += moved
        segment.length -= moved
        if segment.parcel is not None:
            if self._found is not None:
                ancillary_of(self._found).rights.extend(segment.parcel.take())
            segment.parcel = None
        if segment.length == 0:
            self._socket._segments.popleft()


def _same(one: Identity | None, other: Identity | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or one.same(other)
