"""Devices without hardware, random numbers, the host's streams, events. (null(4), random(4); RFC 8439)"""

from collections.abc import Callable

import pytest

from objects.devices import open_full, open_null, open_random, open_zero
from objects.event import Event, Interest, poll_many
from objects.host import HostInput, HostLine, HostOutput
from objects.inode import FileSystem, InodeType
from objects.object import KernelObject, PollEvents, Rights, Status, Whence
from objects.random import Generator, chacha20_block
from objects.signalling import send
from objects.task import Task
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.signals import Signal, SignalAction, SignalInfo
from scarlet.lang import u64
from tests.objects.support import PlainInode, data, location, outcome, pause, read, run, spawn, wait
from tests.objects.test_terminal_input import Screen

Opener = Callable[[PlainInode, object, Rights, Status], KernelObject]


def with_device(opener: Opener, body: Callable[[KernelObject], None]) -> None:
    def inside(task: Task) -> None:
        inode = PlainInode(FileSystem(b"dev", 5), 3, InodeType.CHARACTER)
        body(opener(inode, location(task, inode), Rights.READ | Rights.WRITE, Status.NONE))

    run(inside)


def test_a_signal_cuts_a_long_transfer_of_random_bytes_short() -> None:
    """The kernel is not preempted: without it, two gigabytes would keep everyone else waiting, and nothing could end it."""

    def inside(task: Task) -> None:
        def reader(child: Task) -> None:
            inode = PlainInode(FileSystem(b"dev", 5), 3, InodeType.CHARACTER)
            random = open_random(inode, location(child, inode), Rights.READ | Rights.WRITE, Status.NONE)
            assert len(read(random, 10000)) == 10000
            assert random.write(data(bytes(10000))) == 10000
            child.process.actions.set(Signal.SIGUSR1, SignalAction(u64(0x1000)))
            send(child.process, SignalInfo(Signal.SIGUSR1))
            assert len(read(random, 100)) == 100
            assert len(read(random, 10000)) == 4096
            assert random.write(data(bytes(10000))) == 4096

        child = spawn(task, reader)
        assert wait(task, child.pid).status == 0

    run(inside)


def test_null_swallows_and_is_at_its_end() -> None:
    def body(null: KernelObject) -> None:
        assert null.write(data(b"x" * 5000)) == 5000
        assert read(null, 10) == b""
        assert null.seek(100, Whence.SET) == 0
        assert outcome(null.pager) == "ENODEV"

    with_device(open_null, body)


def test_zero_and_full() -> None:
    def zero_body(zero: KernelObject) -> None:
        buffer = KernelBytes(bytearray(b"x" * 10))
        assert zero.read(buffer) == 10 and bytes(buffer.data) == bytes(10)
        assert zero.write(data(b"abc")) == 3

    def full_body(full: KernelObject) -> None:
        assert read(full, 4) == bytes(4)
        assert outcome(lambda: full.write(data(b"x"))) == "ENOSPC"

    with_device(open_zero, zero_body)
    with_device(open_full, full_body)


def test_mappings_of_zero_are_fresh_each_time() -> None:
    def body(zero: KernelObject) -> None:
        from scarlet.kernel.memory import frames

        first, second = zero.pager(), zero.pager()
        one, again, other = first.page(3, write=True), first.page(3, write=False), second.page(3, write=True)
        assert one == again != other
        for frame in (one, again, other):
            frames.unref(frame)

    with_device(open_zero, body)


def test_random_reads_differ_and_take_seeds() -> None:
    def body(random: KernelObject) -> None:
        first, second = read(random, 5000), read(random, 5000)
        assert len(first) == 5000 and first != second
        assert random.write(data(b"seed" * 2000)) == 8000

    with_device(open_random, body)


def test_chacha20_block_of_the_rfc() -> None:
    """RFC 8439, section 2.3.2; its 32-bit counter and 96-bit nonce are our 64-bit halves."""
    key = [int.from_bytes(bytes(range(start, start + 4)), "little") for start in range(0, 32, 4)]
    words = chacha20_block(key, 1 | 0x09000000 << 32, 0x4A000000, 0)
    assert b"".join(word.to_bytes(4, "little") for word in words).hex() == (
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )


def test_generator_state_does_not_repeat_and_depends_on_the_seed() -> None:
    outputs = {Generator(seed).take(32) for seed in (b"", b"a", b"b", b"a" * 33, b"a" * 34)}
    assert len(outputs) == 5
    generator = Generator(b"seed")
    before = list(generator.key)
    assert len({generator.take(16) for _ in range(50)}) == 50
    assert generator.key != before


# --- the host's streams ---

FRAMES = [
    (b"plain", b"plain", False),
    (b"a\x10\x10b", b"a\x10b", False),
    (b"\x10\x10\x10\x10", b"\x10\x10", False),
    (b"end\x10E", b"end", True),
    (b"\x10E", b"", True),
    (b"\x10", b"", False),
]


@pytest.mark.parametrize(("framed", "content", "ended"), FRAMES)
@pytest.mark.parametrize("step", [1, 2, 100])
def test_host_input_framing(framed: bytes, content: bytes, ended: bool, step: int) -> None:
    line = HostLine(Screen())
    for start in range(0, len(framed), step):
        line.received(framed[start : start + step])
    assert (line.take(100), line.ended) == (content, ended)


def test_host_input_waits_for_bytes_then_ends() -> None:
    def body(task: Task) -> None:
        line = HostLine(Screen())
        stream = HostInput(line, 1)

        def host(child: Task) -> None:
            pause()
            line.received(b"abc")
            pause(2)
            line.received(b"\x10E")

        spawn(task, host)
        assert read(stream, 2) == b"ab"
        assert stream.available() == 1
        assert read(stream, 2) == b"c"
        assert read(stream, 2) == b""
        assert stream.poll(None) == PollEvents.HUP
        wait(task)
        line = HostLine(Screen())
        assert outcome(lambda: read(HostInput(line, 1, Status.NONBLOCK), 1)) == "EAGAIN"

    run(body)


def test_host_input_full_queue_holds_the_line_back() -> None:
    screen = Screen()
    line = HostLine(screen)
    while line.room() > 0:
        line.received(b"x" * min(line.room(), 1000))
    assert screen.resumed == 0
    line.take(10)
    assert screen.resumed == 1 and line.room() == 10


def test_host_output_waits_for_a_slow_line() -> None:
    def body(task: Task) -> None:
        screen = Screen(10)
        line = HostLine(screen)
        stream = HostOutput(line, 2)
        content = bytes(i % 256 for i in range(30000))

        def writer(child: Task) -> None:
            assert stream.write(data(content)) == len(content)
            stream.sync(data_only=False)

        child = spawn(task, writer)
        while not child.zombie:
            pause()
            screen.make_room(3000)
        wait(task)
        assert bytes(screen.shown) == content
        assert outcome(lambda: read(stream, 1)) == "EINVAL"

    run(body)


def test_event_wakes_all_who_wait() -> None:
    def body(task: Task) -> None:
        event = Event()
        woken: list[int] = []

        def waiter(child: Task) -> None:
            assert poll_many([Interest(event, PollEvents.IN)]) == 1
            woken.append(child.tid)

        spawn(task, waiter)
        spawn(task, waiter)
        pause()
        assert woken == []
        event.set()
        wait(task)
        wait(task)
        assert len(woken) == 2
        event.clear()
        assert poll_many([Interest(event, PollEvents.IN)], 0) == 0

    run(body)
