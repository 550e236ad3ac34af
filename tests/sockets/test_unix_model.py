"""AF_UNIX sockets against a plain model: several endpoints, any operations in any order, nothing that waits.

A stream is a string of bytes, some of which brought descriptors; datagrams and seqpackets are lists of messages. What is sent, received,
polled and closed must be what the model says, errors included, and nothing may be left in the end. Mistakes planted in the code are found.
"""

import os
import struct

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from net.unix import stream
from net.unix.connecting import ConnectingSocket
from net.unix.stream import StreamSocket
from objects.socket import Shutdown
from objects.socketmessage import MessageFlags
from tests.sockets.support import (
    DATAGRAM,
    DONTWAIT,
    EAGAIN,
    ECONNREFUSED,
    ECONNRESET,
    EPIPE,
    NOSIGNAL,
    PEEK,
    SEQPACKET,
    STREAM,
    TRUNC,
    Message,
    Sockets,
    run,
)  # fmt: skip

PAIRS = 2
EXAMPLES = int(os.environ.get("SCARLET_SOCKET_CASES", "60"))
RIGHTS = b"R"
"""What a model's byte carries when descriptors came with it."""


class End:
    """One end of a pair, as it should be."""

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self.queue: list[tuple[bytes, bool]] = []
        """What was received and not read: messages, or the segments of a stream, and whether descriptors came with them."""
        self.peer: End | None = None
        self.open = True
        self.no_more = False
        """Nothing can come any more."""
        self.silent = False
        """Nothing can be sent any more."""
        self.reset = False

    # What the calls should do

    def send(self, data: bytes, rights: bool) -> int:
        other = self.peer
        assert other is not None
        if self.kind == DATAGRAM:
            return self._send_datagram(other, data, rights)
        if self.kind == SEQPACKET and self.reset:
            self.reset = False
            return ECONNRESET
        if self.silent or not other.open or other.no_more:
            return EPIPE
        if self.kind == SEQPACKET or data:
            other.queue.append((data, rights))
        return len(data)

    def _send_datagram(self, other: "End", data: bytes, rights: bool) -> int:
        if self.reset:
            self.reset = False
            return ECONNRESET
        if self.silent:
            return EPIPE
        if not other.open:
            self.queue.clear()
            return ECONNREFUSED
        if other.no_more:
            return EPIPE
        other.queue.append((data, rights))
        return len(data)

    def receive(self, size: int, flags: int) -> tuple[bytes, int, bool] | int:
        """The bytes, the result of the call, and whether descriptors come along."""
        return self._read(size, flags) if self.kind == STREAM else self._take(size, flags)

    def _take(self, size: int, flags: int) -> tuple[bytes, int, bool] | int:
        if self.reset:
            self.reset = False
            return ECONNRESET
        if not self.queue:
            return (b"", 0, False) if self.no_more and self.kind == SEQPACKET else EAGAIN
        data, rights = self.queue[0]
        if not flags & PEEK:
            self.queue.pop(0)
        return (data[:size], len(data) if flags & TRUNC else min(size, len(data)), rights)

    def _read(self, size: int, flags: int) -> tuple[bytes, int, bool] | int:
        if not self.queue:
            if self.reset:
                self.reset = False
                return ECONNRESET
            return (b"", 0, False) if self.no_more else EAGAIN
        rest = list(self.queue)
        found, brought = b"", False
        while rest and len(found) < size and not brought:
            data, brought = rest.pop(0)
            part = data[: size - len(found)]
            found += part
            if len(part) < len(data):
                rest.insert(0, (data[len(part) :], False))
        if not flags & PEEK:
            self.queue = rest
        return (found, len(found), brought)

    def shut(self, receiving: bool, sending: bool) -> None:
        self.no_more |= receiving
        self.silent |= sending
        if self.kind != DATAGRAM and self.peer is not None and self.peer.open:
            self.peer.silent |= receiving
            self.peer.no_more |= sending

    def close(self) -> None:
        self.open = False
        if self.kind != DATAGRAM and self.peer is not None and self.peer.open:
            self.peer.no_more = self.peer.silent = True
            self.peer.reset |= bool(self.queue)

    def readable(self) -> bool:
        return bool(self.queue) or self.no_more


OPERATION = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 3), st.binary(max_size=40), st.booleans()),
    st.tuples(st.just("send"), st.integers(0, 3), st.integers(3000, 9000), st.booleans()),
    st.tuples(st.just("receive"), st.integers(0, 3), st.integers(1, 60), st.sampled_from([0, 0, 0, PEEK, TRUNC])),
    st.tuples(st.just("receive"), st.integers(0, 3), st.just(20000), st.sampled_from([0, PEEK])),
    st.tuples(st.just("shut"), st.integers(0, 3), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("close"), st.integers(0, 3), st.just(0), st.just(0)),
    st.tuples(st.just("poll"), st.integers(0, 3), st.just(0), st.just(0)),
)
SCRIPT = st.lists(OPERATION, max_size=40)
TYPICAL: list[tuple[str, int, int | bytes, int | bool]] = [
    ("send", 0, b"ab", False), ("send", 0, b"cde", True), ("send", 0, b"fg", False), ("receive", 1, 60, PEEK), ("receive", 1, 60, 0),
    ("receive", 1, 60, 0), ("send", 0, b"x", False), ("close", 1, 0, 0), ("receive", 0, 60, 0),
]  # fmt: skip
"""A script in which the planted mistakes show."""
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])


def play(kind: int, script: list[tuple[str, int, int | bytes, int | bool]]) -> None:
    def body(sockets: Sockets) -> None:
        ends: list[tuple[int, End]] = []
        for _ in range(PAIRS):
            left, right = sockets.pair(kind)
            one, other = End(kind), End(kind)
            one.peer, other.peer = other, one
            ends += [(left, one), (right, other)]
        for name, which, first, second in script:
            fd, end = ends[which]
            if not end.open:
                continue
            if name == "send":
                _send(sockets, fd, end, first if isinstance(first, bytes) else (b"0123456789" * 900)[:first], bool(second))
                if end.kind == DATAGRAM and end.peer is not None and not end.peer.open:
                    return  # it has no destination any more
            elif name == "receive":
                assert isinstance(first, int)
                _receive(sockets, fd, end, first, int(second))
            elif name == "shut":
                assert sockets.shutdown(fd, int(first)) == 0  # type: ignore[arg-type]
                end.shut(first in (0, 2), first in (1, 2))
            elif name == "close":
                sockets.close(fd)
                end.close()
            else:
                assert bool(sockets.events(fd) & 1) == end.readable()

    run(body)


def _send(sockets: Sockets, fd: int, end: End, data: bytes, rights: bool) -> None:
    """A pipe end that nobody else has comes along: it must close when it is lost."""
    expected = end.send(data, rights)
    control = struct.pack("<Qiii", 20, 1, 1, 0) + bytes(4) if rights else b""
    if rights:
        left, right = sockets.pair(DATAGRAM)
        control = struct.pack("<Qiii", 20, 1, 1, left) + bytes(4)
    assert sockets.send_message(fd, data, control, DONTWAIT | NOSIGNAL) == expected
    if rights:
        sockets.close(left, right)


def _receive(sockets: Sockets, fd: int, end: End, size: int, flags: int) -> None:
    expected = end.receive(size, flags)
    found = sockets.receive_message(fd, size, flags=flags | DONTWAIT)
    if isinstance(expected, int):
        assert found == expected
        return
    assert isinstance(found, Message), found
    data, result, rights = expected
    assert found.data[: len(data)] == data and len(found.data) == min(result, size)
    assert bool(found.rights) == rights
    for slot in found.rights:
        sockets.close(slot)


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM, SEQPACKET])
def test_sockets_do_what_the_model_does(kind: int) -> None:
    @SETTINGS
    @given(SCRIPT)
    @example(TYPICAL)
    def script(script: list[tuple[str, int, int | bytes, int | bool]]) -> None:
        play(kind, script)

    script()


# --- planted mistakes -------------------------------------------------------------------------------------------------------------


def _no_barrier(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read goes on behind bytes that brought descriptors."""
    monkeypatch.setattr(stream._Reading, "_take", lambda self, segment, count: _take_and_forget(self, segment, count))


def _take_and_forget(self: stream._Reading, segment: stream.Segment, count: int) -> None:
    moved = self._socket._ring.take(self._buffer, self.done, count)
    self.done += moved
    segment.length -= moved
    segment.parcel = None
    if segment.length == 0:
        self._socket._segments.popleft()


def _merged_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes join a segment that brings descriptors."""

    def last(self: StreamSocket, identity: object, parcel: object) -> stream.Segment:
        if parcel is None and self._segments:
            return self._segments[-1]
        self._segments.append(stream.Segment(None, parcel))  # type: ignore[arg-type]
        return self._segments[-1]

    monkeypatch.setattr(StreamSocket, "_last_segment", last)


def _no_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that leaves with something unread does not say so."""

    def closed(self: ConnectingSocket) -> None:
        peer = self.live_peer()
        if peer is not None:
            peer.cut(Shutdown.BOTH)

    monkeypatch.setattr(ConnectingSocket, "closed", closed)


def _peeks_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peeking takes."""
    original = StreamSocket._receive

    def receive(self: StreamSocket, buffer: object, flags: MessageFlags, found: object) -> int:
        return original(self, buffer, MessageFlags(int(flags) & ~PEEK), found)  # type: ignore[arg-type]

    monkeypatch.setattr(StreamSocket, "_receive", receive)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("mistake", [_no_barrier, _merged_segments, _no_reset, _peeks_take])
def test_a_planted_mistake_is_found(mistake: "object", monkeypatch: pytest.MonkeyPatch) -> None:
    mistake(monkeypatch)  # type: ignore[operator]
    with pytest.raises((AssertionError, IndexError)):
        play(STREAM, TYPICAL)
