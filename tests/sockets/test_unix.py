"""AF_UNIX beyond what one program can see of it alone: waiting, signals, the ends of processes. (unix(7))

What a single program sees is compared with Linux line by line: tests/programs/calls/sockets.c, tests/abi/test_calls_like_linux.py.
"""

import struct

import pytest

from objects import ring
from objects.object import Rights
from scarlet.kernel import clock
from scarlet.kernel.signals import Signal
from scarlet.lang import u64
from tests.abi.support import Program
from tests.objects import support
from tests.sockets.support import (
    DATAGRAM,
    EAGAIN,
    ECONNREFUSED,
    ECONNRESET,
    EFAULT,
    EINTR,
    EPIPE,
    FCNTL,
    IOCTL,
    NONBLOCK,
    NOSIGNAL,
    PEEK,
    READ,
    SEQPACKET,
    SO_PEEK_OFF,
    SO_PEERCRED,
    SO_RCVTIMEO,
    SO_SNDBUF,
    SO_SNDTIMEO,
    STREAM,
    WRITE,
    Sockets,
    run,
    unix,
)  # fmt: skip

KILL, SIGACTION, SIGRETURN = 129, 134, 139
SAVED_REGISTERS = 128 + 176
"""Where a signal frame has them: pc, then x1 and so on."""
SIGUSR1, SIGPIPE = int(Signal.SIGUSR1), int(Signal.SIGPIPE)
IGNORE = struct.pack("<QQQ", 1, 0, 0)
HUP, IN, OUT, RDHUP = 0x10, 0x1, 0x4, 0x2000
FIONREAD, SIOCOUTQ = 0x541B, 0x5411


def ignore_broken_pipes(program: Program) -> None:
    assert program.call(SIGACTION, SIGPIPE, program.put(IGNORE), 0, 8) == 0


# --- waiting ----------------------------------------------------------------------------------------------------------------------


def test_a_reader_sleeps_until_its_peer_writes() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM)

        def writer(child: Sockets) -> None:
            support.pause(3)
            assert child.send(right, b"late") == 4

        sockets.fork(writer)
        assert sockets.receive(left) == b"late"
        support.wait(sockets.program.task)

    run(body)


@pytest.mark.parametrize("kind", [STREAM, DATAGRAM, SEQPACKET])
def test_a_writer_sleeps_until_there_is_room(kind: int) -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(kind)
        chunk, count = bytes(range(250)) * 40, 60

        def writer(child: Sockets) -> None:
            for _ in range(count):
                assert child.send(left, chunk) == len(chunk)

        sockets.fork(writer)
        total = b""
        while len(total) < count * len(chunk):
            got = sockets.receive(right, 30000)
            assert isinstance(got, bytes)
            total += got
        assert total == chunk * count
        support.wait(sockets.program.task)

    run(body)


def test_accept_sleeps_until_somebody_connects() -> None:
    def body(sockets: Sockets) -> None:
        listener = sockets.listener(STREAM, unix("/here"))

        def client(child: Sockets) -> None:
            support.pause(2)
            fd = child.socket(STREAM)
            assert child.connect(fd, unix("/here")) == 0
            assert child.send(fd, b"hello") == 5

        child = sockets.fork(client)
        accepted = sockets.accept(listener)
        assert sockets.receive(accepted) == b"hello"
        party = sockets.get(accepted, SO_PEERCRED, 12)
        assert isinstance(party, bytes) and struct.unpack("<iii", party) == (child.pid, 0, 0)
        assert sockets.receive(accepted) == b"", "the child has ended"
        support.wait(sockets.program.task)

    run(body)


def test_a_client_sleeps_while_the_backlog_is_full() -> None:
    def body(sockets: Sockets) -> None:
        listener = sockets.listener(SEQPACKET, unix("@full"), 0)
        first = sockets.socket(SEQPACKET)
        assert sockets.connect(first, unix("@full")) == 0
        impatient = sockets.socket(SEQPACKET | NONBLOCK)
        assert sockets.connect(impatient, unix("@full")) == EAGAIN

        def client(child: Sockets) -> None:
            fd = child.socket(SEQPACKET)
            assert child.connect(fd, unix("@full")) == 0

        sockets.fork(client)
        support.pause(2)
        assert sockets.accept(listener) > 0
        assert sockets.accept(listener) > 0
        support.wait(sockets.program.task)

    run(body)


def test_who_waits_to_connect_is_refused_when_the_listener_goes() -> None:
    def body(sockets: Sockets) -> None:
        listener = sockets.listener(STREAM, unix("@going"), 0)
        first = sockets.socket(STREAM)
        assert sockets.connect(first, unix("@going")) == 0

        def client(child: Sockets) -> None:
            child.close(listener, first)
            fd = child.socket(STREAM)
            assert child.connect(fd, unix("@going")) == ECONNREFUSED

        sockets.fork(client)
        support.pause(2)
        sockets.close(listener)
        support.wait(sockets.program.task)
        assert sockets.receive(first) == ECONNRESET
        assert sockets.receive(first) == b""

    run(body)


def test_a_datagram_sender_sleeps_until_a_message_was_read() -> None:
    def body(sockets: Sockets) -> None:
        receiver = sockets.socket(DATAGRAM)
        assert sockets.bind(receiver, unix("@r")) == 0

        def sender(child: Sockets) -> None:
            fd = child.socket(DATAGRAM)
            for number in range(30):
                assert child.send(fd, bytes([number]), to=unix("@r")) == 1

        sockets.fork(sender)
        support.pause(3)
        assert [sockets.receive(receiver) for _ in range(30)] == [bytes([number]) for number in range(30)]
        support.wait(sockets.program.task)

    run(body)


def test_poll_wakes_for_data_room_and_the_end() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM)

        def other(child: Sockets) -> None:
            child.close(left)
            support.pause(2)
            assert child.send(right, b"x") == 1
            support.pause(2)
            while child.program.call(READ, right, 0x100000, 65536) == 65536:
                pass
            support.pause(2)

        sockets.fork(other)
        sockets.close(right)
        assert sockets.poll(left, IN) == IN
        assert sockets.receive(left) == b"x"
        assert sockets.program.call(FCNTL, left, 4, NONBLOCK) == 0
        while sockets.program.call(WRITE, left, 0x100000, 65536) > 0:
            pass
        assert sockets.poll(left, OUT) == OUT
        assert sockets.poll(left, RDHUP) & (RDHUP | HUP) == RDHUP | HUP
        support.wait(sockets.program.task)

    run(body)


# --- signals and time limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "restarts"), [(False, True), (True, False)])
def test_a_signal_restarts_a_read_unless_it_has_a_time_limit(limit: bool, restarts: bool) -> None:
    def body(sockets: Sockets) -> None:
        program = sockets.program
        left, right = sockets.pair(STREAM)
        if limit:
            assert sockets.set(left, SO_RCVTIMEO, struct.pack("<qq", 1000, 0)) == 0
        handler = struct.pack("<QQQ", 0x100000, 0x10000000, 0)  # SA_RESTART
        assert program.call(SIGACTION, SIGUSR1, program.put(handler), 0, 8) == 0
        parent = program.task.process.pid

        def interrupter(child: Sockets) -> None:
            support.pause(2)
            assert child.program.call(KILL, parent, SIGUSR1) == 0

        sockets.fork(interrupter)
        program.task.frame.pc = u64(0x4000)
        assert program.call(READ, left, 0x100000, 10) == SIGUSR1, "a0 of the handler"
        saved = int(program.task.frame.sp) + SAVED_REGISTERS
        assert program.long(saved) == (0x4000 if restarts else 0x4004)
        assert program.long(saved + 8 * 10) == (left if restarts else EINTR)
        program.raw(SIGRETURN)
        sockets.close(right)
        support.wait(program.task)

    run(body)


def test_time_limits_end_reads_writes_and_connects() -> None:
    def body(sockets: Sockets) -> None:
        left, _right = sockets.pair(STREAM)
        tenth = struct.pack("<qq", 0, 100_000)
        assert sockets.set(left, SO_RCVTIMEO, tenth) == 0 and sockets.set(left, SO_SNDTIMEO, tenth) == 0
        before = clock.monotonic_ns()
        assert sockets.receive(left) == EAGAIN
        assert clock.monotonic_ns() - before >= 100_000_000
        sent = sockets.program.call(WRITE, left, 0x100000, 0x40000)
        assert 100_000 < sent < 0x40000, "as much as there was room for"
        assert sockets.program.call(WRITE, left, 0x100000, 0x40000) == EAGAIN
        sockets.listener(STREAM, unix("@slow"), 0)
        first, second = sockets.socket(STREAM), sockets.socket(STREAM)
        assert sockets.connect(first, unix("@slow")) == 0
        assert sockets.set(second, SO_SNDTIMEO, tenth) == 0
        assert sockets.connect(second, unix("@slow")) == EAGAIN

    run(body)


def test_a_write_that_a_closing_peer_cuts_short_tells_how_much_went() -> None:
    def body(sockets: Sockets) -> None:
        ignore_broken_pipes(sockets.program)
        left, right = sockets.pair(STREAM)

        def reader(child: Sockets) -> None:
            child.close(left)
            support.pause(2)

        sockets.fork(reader)
        sockets.close(right)
        sent = sockets.program.call(WRITE, left, 0x100000, 0x40000)
        assert 100_000 < sent < 0x40000
        assert sockets.program.call(WRITE, left, 0x100000, 1) == EPIPE
        assert sockets.receive(left) == ECONNRESET
        support.wait(sockets.program.task)

    run(body)


@pytest.mark.parametrize(("flags", "signal"), [(0, SIGPIPE), (NOSIGNAL, 0)])
def test_sending_to_nobody_is_deadly_unless_told_otherwise(flags: int, signal: int) -> None:
    def body(sockets: Sockets) -> None:
        def sender(child: Sockets) -> None:
            left, right = child.pair(STREAM)
            child.close(right)
            assert child.send(left, b"x", flags) == EPIPE

        sockets.fork(sender)
        event = support.wait(sockets.program.task)
        assert event.status == signal

    run(body)


# --- what is in a queue -----------------------------------------------------------------------------------------------------------


def test_a_message_that_cannot_be_stored_is_lost() -> None:
    """As on Linux; a stream keeps its bytes."""

    def body(sockets: Sockets) -> None:
        for kind, rest in [(DATAGRAM, EAGAIN), (STREAM, b"gone")]:
            left, right = sockets.pair(kind | NONBLOCK)
            assert sockets.send(left, b"gone") == 4
            assert sockets.program.call(READ, right, 1, 4) == EFAULT
            assert sockets.receive(right) == rest

    run(body)


@pytest.mark.parametrize(("option", "kind", "unit"), [(29, 29, 1_000_000), (35, 35, 1_000_000_000)])
def test_datagrams_tell_when_they_came(option: int, kind: int, unit: int) -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(DATAGRAM)
        assert sockets.set(right, option, 1) == 0
        assert sockets.send(left, b"x") == 1
        before = clock.realtime_ns()
        length, level, found, seconds, fraction = struct.unpack("<Qiiqq", sockets.message(right).control)
        assert (length, level, found) == (32, 1, kind)
        assert before <= seconds * 1_000_000_000 + fraction * 1_000_000_000 // unit + 1000 and fraction < unit
        assert sockets.set(right, option, 0) == 0
        assert sockets.send(left, b"x") == 1 and sockets.message(right).control == b""

    run(body)


def test_a_peek_offset_moves_with_peeks_and_reads() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM)
        assert sockets.get(right, SO_PEEK_OFF) == struct.pack("<i", -1)
        assert sockets.set(right, SO_PEEK_OFF, 2) == 0
        assert sockets.send(left, b"abcdefgh") == 8
        assert sockets.receive(right, 2, PEEK) == b"cd"
        assert sockets.receive(right, 2, PEEK) == b"ef"
        assert sockets.receive(right, 3) == b"abc"
        assert sockets.receive(right, 2, PEEK) == b"gh"
        assert sockets.set(right, SO_PEEK_OFF, -1) == 0
        assert sockets.receive(right, 2, PEEK) == b"de"

    run(body)


def test_what_waits_can_be_counted_on_both_sides() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM)
        assert sockets.send(left, bytes(5000)) == 5000
        place = sockets.program.room(4)
        assert sockets.program.call(IOCTL, right, FIONREAD, place) == 0 and sockets.program.word(place) == 5000
        assert sockets.program.call(IOCTL, left, SIOCOUTQ, place) == 0 and sockets.program.word(place) == 5000

    run(body)


def test_empty_and_tiny_messages_do_not_fill_memory() -> None:
    """A message counts more than its bytes, so SO_SNDBUF bounds how many there are."""

    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(DATAGRAM | NONBLOCK)
        count = 0
        while sockets.send(left, b"") == 0:
            count += 1
        assert 100 < count < 2000
        assert sockets.receive(right) == b""

    run(body)


def test_a_small_send_buffer_bounds_what_waits() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM | NONBLOCK)
        assert sockets.set(left, SO_SNDBUF, 10000) == 0
        sent = sockets.program.call(WRITE, left, 0x100000, 0x40000)
        assert 10000 <= sent <= 20000
        assert sockets.program.call(WRITE, left, 0x100000, 1) == EAGAIN
        assert len(sockets.receive(right, 18000)) == 18000  # type: ignore[arg-type]
        assert sockets.program.call(WRITE, left, 0x100000, 100) == 100
        assert sockets.set(left, 32, 300000) == 0  # SO_SNDBUFFORCE: the ring grows with what is in it
        more = sockets.program.call(WRITE, left, 0x100000, 0x40000)
        assert more == 0x40000

    run(body)


@pytest.mark.parametrize("frames_left", range(6))
def test_a_stream_without_memory_takes_what_it_says_it_took(frames_left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(STREAM | NONBLOCK)
        rest = [frames_left]
        frame = ring.FrameRing._frame

        def scarce(self: ring.FrameRing, index: int) -> int:
            if index >= len(self.frames):
                if rest[0] == 0:
                    raise MemoryError
                rest[0] -= 1
            return frame(self, index)

        monkeypatch.setattr(ring.FrameRing, "_frame", scarce)
        data = bytes(range(256)) * 60
        sent = sockets.send(left, data)
        monkeypatch.undo()
        assert sent == (frames_left * 4096 if 0 < frames_left < 4 else len(data) if frames_left else -12)
        assert sockets.receive(right, 20000) == (data[:sent] if sent > 0 else EAGAIN)
        assert sockets.send(left, b"more") == 4 and sockets.receive(right) == b"more"

    run(body)


# --- names ------------------------------------------------------------------------------------------------------------------------


def test_a_name_ends_with_its_socket_and_a_file_stays() -> None:
    def body(sockets: Sockets) -> None:
        fd = sockets.listener(STREAM, unix("/file"))
        other = sockets.listener(STREAM, unix("@name"))
        sockets.close(fd, other)
        client = sockets.socket(STREAM)
        assert sockets.connect(client, unix("/file")) == ECONNREFUSED
        assert sockets.connect(client, unix("@name")) == ECONNREFUSED
        assert sockets.bind(sockets.socket(STREAM), unix("@name")) == 0
        assert sockets.bind(sockets.socket(STREAM), unix("/file")) < 0

    run(body)


def test_a_file_with_two_names_leads_to_one_socket() -> None:
    def body(sockets: Sockets) -> None:
        tree = sockets.program.tree
        listener = sockets.listener(STREAM, unix("/a"))
        tree.link(b"/a", b"/b")
        tree.symlink(b"/b", b"/c")
        tree.rename(b"/a", b"/moved")
        for name in ("/b", "/c", "/moved"):
            client = sockets.socket(STREAM)
            assert sockets.connect(client, unix(name)) == 0
            sockets.close(client, sockets.accept(listener))

    run(body)


def test_accepted_sockets_do_not_keep_a_name_taken() -> None:
    def body(sockets: Sockets) -> None:
        listener, _client, _accepted = sockets.connected(STREAM, "@once")
        sockets.close(listener)
        assert sockets.bind(sockets.socket(STREAM), unix("@once")) == 0

    run(body)


def test_descriptors_of_sockets_have_the_rights_of_files() -> None:
    def body(sockets: Sockets) -> None:
        left, _right = sockets.pair(STREAM)
        handle = sockets.program.task.handles.handle(left)
        assert handle.rights & (Rights.READ | Rights.WRITE | Rights.POLL) == Rights.READ | Rights.WRITE | Rights.POLL

    run(body)
