"""Pipes and FIFOs. (pipe(7), fifo(7))"""

import pytest

from objects.event import Interest, poll_many
from objects.inode import FileSystem, InodeType
from objects.object import KernelObject, PollEvents, Rights, Status
from objects.pipe import DEFAULT_PAGES, PAGE, PIPE_BUF
from objects.process import ExitStatus
from objects.signalling import change_action
from objects.task import Task
from objects.unnamedpipe import make_pipe
from scarlet.kernel import clock
from scarlet.kernel.memory import frames
from scarlet.kernel.signals import Signal, SignalAction
from tests.objects.support import PlainInode, data, exit_with, location, outcome, pause, read, run, spawn, wait

CAPACITY = DEFAULT_PAGES * PAGE


def ignore_sigpipe(task: Task) -> None:
    change_action(task.process, Signal.SIGPIPE, SignalAction(1))


def test_bytes_come_out_as_they_went_in() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        content = bytes(range(256)) * 100
        for start in range(0, len(content), 5000):
            assert writer.write(data(content[start : start + 5000])) == len(content[start : start + 5000])
        assert reader.available() == len(content)
        assert b"".join(read(reader, 7777) for _ in range(4)) == content

    run(body)


def test_reader_sleeps_until_something_is_written() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)

        def child_body(child: Task) -> None:
            pause(2)
            writer.write(data(b"late"))

        spawn(task, child_body)
        assert read(reader, 100) == b"late"
        wait(task)

    run(body)


def test_writer_sleeps_until_there_is_room_and_writes_everything() -> None:
    content = bytes(i % 251 for i in range(3 * CAPACITY + 17))

    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        task.handles.allocate(reader, Rights.READ)
        del reader

        def child_body(child: Task) -> None:
            assert writer.write(data(content)) == len(content)

        spawn(task, child_body)
        reader = task.handles.object(0)
        got = bytearray()
        while len(got) < len(content):
            got += read(reader, 9000)
        assert bytes(got) == content
        wait(task)
        task.handles.close(0)

    run(body)


def test_end_of_file_when_the_last_writer_leaves() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        writer.write(data(b"rest"))
        del writer
        assert read(reader, 2) == b"re"
        assert read(reader, 9) == b"st"
        assert read(reader, 9) == b""
        assert reader.poll(None) == PollEvents.HUP

    run(body)


def test_small_writes_are_never_divided() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONBLOCK)
        assert writer.write(data(bytes(CAPACITY - 10))) == CAPACITY - 10
        assert outcome(lambda: writer.write(data(bytes(PIPE_BUF)))) == "EAGAIN"
        assert writer.write(data(bytes(10))) == 10
        assert outcome(lambda: writer.write(data(b"x"))) == "EAGAIN"
        read(reader, 100)
        assert writer.write(data(bytes(PIPE_BUF + 1))) == 100

    run(body)


def test_nonblocking_read_of_an_empty_pipe() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONBLOCK)
        assert outcome(lambda: read(reader, 1)) == "EAGAIN"
        assert read(reader, 0) == b""
        assert writer.write(data(b"")) == 0

    run(body)


def test_reader_leaving_in_the_middle_of_a_write() -> None:
    def body(task: Task) -> None:
        ignore_sigpipe(task)
        reader, writer = make_pipe(Status.NONE)
        task.handles.allocate(reader, Rights.READ)
        del reader

        def child_body(child: Task) -> None:
            child.handles.close(0)
            assert writer.write(data(bytes(CAPACITY + 100))) == CAPACITY
            assert outcome(lambda: writer.write(data(b"x"))) == "EPIPE"
            exit_with(child, 2)

        spawn(task, child_body)
        pause()
        task.handles.close(0)
        assert wait(task).status == 2

    run(body)


@pytest.mark.parametrize("bad", [0, 3])
def test_bad_address_gives_what_was_done_or_efault(bad: int) -> None:
    from scarlet.kernel.memory.buffer import KernelBytes
    from scarlet.lang.errno import EFAULT, Errno

    class Torn(KernelBytes):
        """Only its first `bad` pages are there."""

        def to_physical(self, offset: int, pa: int, count: int) -> None:
            if offset + count > bad * PAGE:
                raise Errno(EFAULT)
            super().to_physical(offset, pa, count)

    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        torn = Torn(bytearray(10 * PAGE))
        if bad == 0:
            assert outcome(lambda: writer.write(torn)) == "EFAULT"
        else:
            assert writer.write(torn) == bad * PAGE
        assert reader.available() == bad * PAGE

    run(body)


def test_poll_events_of_both_ends() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        assert reader.poll(None) == PollEvents.NONE
        assert writer.poll(None) == PollEvents.WRITABLE
        writer.write(data(bytes(CAPACITY - PIPE_BUF + 1)))
        assert reader.poll(None) == PollEvents.READABLE
        assert writer.poll(None) == PollEvents.NONE
        del reader
        assert writer.poll(None) == PollEvents.ERR | PollEvents.WRITABLE or writer.poll(None) == PollEvents.ERR

    run(body)


def test_poll_many_wakes_for_the_one_that_changes() -> None:
    def body(task: Task) -> None:
        pipes = [make_pipe(Status.NONE) for _ in range(3)]

        def child_body(child: Task) -> None:
            pause(2)
            pipes[1][1].write(data(b"x"))

        spawn(task, child_body)
        interests = [Interest(pipe[0], PollEvents.IN) for pipe in pipes]
        assert poll_many(interests) == 1
        assert [interest.found for interest in interests] == [PollEvents.NONE, PollEvents.IN, PollEvents.NONE]
        assert pipes[0][0].pipe.filled.empty()
        wait(task)

    run(body)


def test_poll_many_times_out() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        interest = Interest(reader, PollEvents.IN)
        before = clock.monotonic_ns()
        assert poll_many([interest], clock.deadline_after(5_000_000)) == 0
        assert clock.monotonic_ns() - before >= 5_000_000
        assert poll_many([interest], 0) == 0

    run(body)


def test_capacity_can_be_changed_but_not_below_the_content() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONBLOCK)
        assert writer.capacity() == CAPACITY
        content = bytes(i % 253 for i in range(CAPACITY))
        writer.write(data(content))
        assert read(reader, 10000) == content[:10000]
        writer.write(data(content[:10000]))  # the content goes round the end of the ring now
        assert outcome(lambda: writer.set_capacity(PAGE)) == "EBUSY"
        assert writer.set_capacity(CAPACITY + 1) == 2 * CAPACITY
        assert read(reader, CAPACITY) == content[10000:] + content[:10000]
        assert writer.set_capacity(1) == PAGE
        assert writer.write(data(content)) == PAGE
        assert outcome(lambda: writer.set_capacity(-1)) == "EINVAL"
        task.credentials.effective = 0
        assert outcome(lambda: writer.set_capacity(2 << 20)) == "EPERM"
        assert writer.set_capacity(1 << 20) == 1 << 20

    run(body)


def test_memory_goes_with_the_pipe() -> None:
    def body(task: Task) -> None:
        before = frames.free_frames()
        reader, writer = make_pipe(Status.NONE)
        writer.write(data(bytes(CAPACITY)))
        assert frames.free_frames() == before - DEFAULT_PAGES
        del reader, writer
        assert frames.free_frames() == before

    run(body)


# --- FIFOs ---


def fifo_inode() -> PlainInode:
    return PlainInode(FileSystem(b"test", 1), 5, InodeType.FIFO)


def open_fifo(task: Task, inode: PlainInode, access: Rights, status: Status = Status.NONE) -> KernelObject:
    return inode.open(location(task, inode), access, status)


def test_fifo_openers_wait_for_each_other() -> None:
    order: list[str] = []

    def body(task: Task) -> None:
        inode = fifo_inode()

        def child_body(child: Task) -> None:
            pause(2)
            order.append("writer opens")
            writer = open_fifo(child, inode, Rights.WRITE)
            writer.write(data(b"hello"))

        spawn(task, child_body)
        reader = open_fifo(task, inode, Rights.READ)
        order.append("reader is open")
        assert read(reader, 9) == b"hello"
        wait(task)
        assert read(reader, 9) == b""

    run(body)
    assert order == ["writer opens", "reader is open"]


def test_fifo_opener_sees_a_writer_that_came_and_went() -> None:
    def body(task: Task) -> None:
        inode = fifo_inode()

        def child_body(child: Task) -> None:
            open_fifo(child, inode, Rights.WRITE)
            child.process.end(ExitStatus(0))

        spawn(task, child_body)
        reader = open_fifo(task, inode, Rights.READ)
        wait(task)
        assert read(reader, 1) == b""

    run(body)


def test_fifo_without_waiting() -> None:
    def body(task: Task) -> None:
        ignore_sigpipe(task)
        inode = fifo_inode()
        assert outcome(lambda: open_fifo(task, inode, Rights.WRITE, Status.NONBLOCK)) == "ENXIO"
        reader = open_fifo(task, inode, Rights.READ, Status.NONBLOCK)
        assert read(reader, 1) == b""
        assert reader.poll(None) == PollEvents.NONE  # no writer has come yet: no HUP
        writer = open_fifo(task, inode, Rights.WRITE, Status.NONBLOCK)
        assert outcome(lambda: read(reader, 1)) == "EAGAIN"
        del writer
        assert reader.poll(None) == PollEvents.HUP
        both = open_fifo(task, inode, Rights.READ | Rights.WRITE)
        both.write(data(b"self"))
        assert read(both, 9) == b"self"

    run(body)


def test_fifo_content_goes_with_the_last_opener() -> None:
    def body(task: Task) -> None:
        inode = fifo_inode()
        both = open_fifo(task, inode, Rights.READ | Rights.WRITE)
        both.write(data(b"lost"))
        del both
        reader = open_fifo(task, inode, Rights.READ, Status.NONBLOCK)
        assert read(reader, 9) == b""

    run(body)
