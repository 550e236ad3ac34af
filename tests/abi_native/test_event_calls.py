"""61x, 62x: events, timers, waiting for many, and what happens to a task as messages."""

import struct

from abi_modules.native.interface import (
    CURRENT,
    NEVER,
    EventChoice,
    EventMessage,
    EventSet,
    Ready,
    Rights,
    StreamFlags,
    TaskEvent,
    WaitEntry,
)
from abi_modules.native.status import Status
from objects.signalling import send
from scarlet.kernel.signals import SignalInfo
from scarlet.user import calls
from tests.abi_native.support import Program, native, refused
from tests.objects import support

MS = 1_000_000


def wait(*entries: tuple[int, int], deadline: int = NEVER) -> list[int]:
    """What was found for each handle."""
    table = bytearray(b"".join(WaitEntry(handle=slot, wanted=wanted).pack() for slot, wanted in entries))
    count = calls.wait_many(table, deadline)
    found = [int(WaitEntry.parse(bytes(table), at).found) for at in range(0, len(table), WaitEntry.SIZE)]
    assert count == sum(1 for item in found if item)
    return found


def messages(queue: int, room: int = 10) -> list[tuple[int, int, int]]:
    buffer = bytearray(room * EventMessage.SIZE)
    size = calls.stream_read(queue, buffer)
    parsed = [EventMessage.parse(bytes(buffer), at) for at in range(0, size, EventMessage.SIZE)]
    return [(int(item.event), int(item.status), int(item.process)) for item in parsed]


def test_an_event_is_ready_while_it_is_set() -> None:
    def body(program: Program) -> None:
        event = calls.event_make(0)
        assert refused(lambda: wait((event, Ready.READ), deadline=0)) == Status.TIMED_OUT
        calls.event_set(event)
        assert wait((event, Ready.READ)) == [Ready.READ]
        calls.event_clear(event)
        assert refused(lambda: wait((event, Ready.READ), deadline=0)) == Status.TIMED_OUT
        weak = calls.handle_duplicate(event, Rights.POLL, CURRENT, 0)
        assert refused(lambda: calls.event_set(weak)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.event_set(calls.timer_make(0))) == Status.WRONG_TYPE
        blind = calls.handle_duplicate(event, Rights.WRITE, CURRENT, 0)
        assert refused(lambda: wait((blind, Ready.READ), deadline=0)) == Status.RIGHT_MISSING

    native(body)


def test_the_first_of_many_ends_the_wait() -> None:
    def body(program: Program) -> None:
        first, second = calls.event_make(0), calls.event_make(0)
        pipe = calls.pipe_make(0)

        def other(child: Program) -> None:
            calls.event_set(second)
            calls.stream_write(pipe.second, b"x")

        program.child(other)
        assert wait((first, Ready.READ), (second, Ready.READ), (pipe.first, Ready.READ)) == [0, 1, 1]
        support.wait(program.task)
        assert refused(lambda: calls.wait_many(bytearray(7), 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: wait((99, Ready.READ))) == Status.BAD_HANDLE
        assert refused(lambda: wait((first, 2))) == Status.INVALID_ARGUMENT

    native(body)


def test_a_timer_counts_its_expirations() -> None:
    def body(program: Program) -> None:
        timer = calls.timer_make(0)
        start = calls.time_now(1)
        calls.timer_set(timer, start + 5 * MS, 2 * MS)
        assert wait((timer, Ready.READ)) == [Ready.READ]
        calls.time_sleep(start + 10 * MS)
        count = bytearray(8)
        assert calls.stream_read(timer, count) == 8
        assert struct.unpack("<Q", count)[0] >= 3
        calls.timer_set(timer, NEVER, 0)
        calls.stream_set_flags(timer, StreamFlags.NO_WAIT)
        assert refused(lambda: calls.stream_read(timer, count)) == Status.WOULD_WAIT
        assert refused(lambda: calls.stream_read(timer, bytearray(4))) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.timer_set(timer, -1, 0)) == Status.INVALID_ARGUMENT
        calls.timer_set(timer, calls.time_now(1) + 5 * MS, 0)
        calls.handle_close(timer)

    native(body)


def test_a_timer_with_a_tiny_period_does_not_occupy_the_kernel() -> None:
    def body(program: Program) -> None:
        timer = calls.timer_make(0)
        calls.timer_set(timer, 1, 1)
        before = calls.time_now(1)
        calls.time_sleep(before + MS)
        count = bytearray(8)
        calls.stream_read(timer, count)
        assert MS <= struct.unpack("<Q", count)[0] <= calls.time_now(1)
        assert wait((timer, Ready.READ)) == [Ready.READ]
        calls.timer_set(timer, NEVER, 0)

    native(body)


def test_a_deadline_ends_the_wait() -> None:
    def body(program: Program) -> None:
        event = calls.event_make(0)
        deadline = calls.time_now(1) + 3 * MS
        assert refused(lambda: wait((event, Ready.READ), deadline=deadline)) == Status.TIMED_OUT
        assert calls.time_now(1) >= deadline

    native(body)


def test_a_chosen_event_becomes_a_message_and_ends_no_call() -> None:
    def body(program: Program) -> None:
        queue = calls.event_queue(0)
        calls.event_choose(EventSet.INTERRUPT | EventSet.WINDOW, EventChoice.MESSAGE)
        pipe = calls.pipe_make(0)
        parent = program.task.process

        def other(child: Program) -> None:
            support.pause(3)
            send(parent, SignalInfo(TaskEvent.INTERRUPT))
            send(parent, SignalInfo(TaskEvent.WINDOW))
            support.pause(3)
            calls.stream_write(pipe.second, b"x")

        child = program.child(other)
        room = bytearray(5)
        assert calls.stream_read(pipe.first, room) == 1  # the sleep was ended twice, and nobody noticed
        assert messages(queue) == [(TaskEvent.INTERRUPT, 0, 0), (TaskEvent.WINDOW, 0, 0)]
        support.wait(program.task, child.pid)

    native(body)


def test_the_queue_can_be_waited_for_along_with_others() -> None:
    def body(program: Program) -> None:
        queue = calls.event_queue(0)
        calls.event_choose(EventSet.CHILD, EventChoice.MESSAGE)
        pipe = calls.pipe_make(0)
        child = program.child(lambda child: None)
        assert wait((pipe.first, Ready.READ), (queue, Ready.READ)) == [0, Ready.READ]
        assert messages(queue) == [(TaskEvent.CHILD, 0, child.pid)]
        support.wait(program.task)

    native(body)


def test_choices() -> None:
    def body(program: Program) -> None:
        calls.event_choose(EventSet.INTERRUPT | EventSet.TERMINATE, EventChoice.IGNORE)
        send(program.task.process, SignalInfo(TaskEvent.TERMINATE))
        support.to_user(program.task)
        assert refused(lambda: calls.event_choose(1 << 8, EventChoice.IGNORE)) == Status.INVALID_ARGUMENT  # END
        assert refused(lambda: calls.event_choose(1 << 10, EventChoice.MESSAGE)) == Status.INVALID_ARGUMENT  # BAD_ACCESS
        assert refused(lambda: calls.event_choose(1, 3)) == Status.INVALID_ARGUMENT
        child = program.child(lambda child: calls.event_choose(EventSet.TERMINATE, EventChoice.DEFAULT) or support.pause(5))
        support.pause()
        calls.task_send(calls.task_open(child.pid), TaskEvent.TERMINATE)
        assert support.wait(program.task).status == TaskEvent.TERMINATE

    native(body)


def test_a_queue_that_nobody_reads_stays_small() -> None:
    def body(program: Program) -> None:
        queue = calls.event_queue(0)
        calls.event_choose(EventSet.USER_1, EventChoice.MESSAGE)
        for _ in range(300):
            send(program.task.process, SignalInfo(TaskEvent.USER_1))
            support.to_user(program.task)
        assert len(messages(queue, 400)) == 256

    native(body)
