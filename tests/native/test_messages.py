"""Pipes, channels, events and timers of the library, against the real kernel under CPython."""

import pytest

from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.errors import StatusError
from scarlet.user.messages import Event, Timer, new_channel, new_pipe, now_ns, sleep, wait_readable
from scarlet.user.streams import Reader, Writer
from tests.abi_native.support import Program, native


def test_a_channel_carries_handles_with_its_messages() -> None:
    def body(program: Program) -> None:
        ends = new_channel()
        reader, writer = new_pipe()
        ends[0].send(b"take this", [writer])
        assert writer.slot < 0
        message = ends[1].receive()
        assert message.data == b"take this" and len(message.handles) == 1
        through = Writer(message.handles[0])
        through.write(b"through the channel\n")
        through.flush()
        assert Reader(reader).read_line() == b"through the channel\n"

    native(body)


def test_a_message_that_cannot_be_sent_leaves_its_handles() -> None:
    def body(program: Program) -> None:
        ends = new_channel()
        reader, writer = new_pipe()
        ends[1].handle.close()
        with pytest.raises(StatusError) as failure:
            ends[0].send(b"x", [reader])
        assert failure.value.status == Status.PEER_CLOSED and calls.handle_query(reader.slot).type != 0
        for handle in (ends[0].handle, reader, writer):
            handle.close()  # the caught exception keeps them

    native(body)


def test_waiting_tells_which_handles_are_ready() -> None:
    def body(program: Program) -> None:
        event, other = Event(), Event()
        assert wait_readable([event.handle, other.handle], 0) == []
        other.set()
        assert wait_readable([event.handle, other.handle]) == [other.handle]
        other.clear()
        timer = Timer()
        timer.start(1_000_000)
        assert wait_readable([event.handle, timer.handle, other.handle]) == [timer.handle]
        assert timer.expirations() == 1
        before = now_ns()
        sleep(5_000_000)
        assert now_ns() >= before + 5_000_000

    native(body)
