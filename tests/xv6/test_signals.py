"""xv6 programs know no signals: what those of other ABIs do to them."""

import pytest

from objects.process import ExitStatus
from objects.signalling import send, send_to_group
from objects.wait import WaitOptions
from scarlet.kernel.signals import Signal, SignalAction, SignalInfo
from scarlet.lang import u64
from tests.objects import support
from tests.xv6.support import CLOSE, EXIT, GETPID, KILL, PIPE, READ, SLEEP, UPTIME, WAIT, WRITE, Program, xv6

SIG_IGN = 1


def pipe(program: Program) -> tuple[int, int]:
    fds = program.room(8)
    assert program.call(PIPE, fds) == 0
    return program.word(fds), program.word(fds + 4)


def test_a_pipe_without_readers_gives_an_error_and_no_signal() -> None:
    def body(program: Program) -> None:
        reader, writer = pipe(program)
        program.call(CLOSE, reader)
        assert program.call(WRITE, writer, b"x", 1) == -1
        assert program.call(GETPID) == 1

    xv6(body)


def test_an_ignored_child_signal_leaves_children_to_wait() -> None:
    def body(program: Program) -> None:
        program.task.process.actions.set(Signal.SIGCHLD, SignalAction(u64(SIG_IGN)))
        child = program.fork(lambda child: child.call(EXIT, 3) and None)
        status = program.room(4)
        assert program.call(WAIT, status) == child.pid
        assert program.word(status) == 3

    xv6(body)


@pytest.mark.parametrize("status", [0, 1, 255, 256, -1, 0x12345678])
def test_a_parent_of_another_abi_sees_the_low_byte_of_the_status(status: int) -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: child.call(EXIT, status) and None)
        event = support.wait(program.task, child.pid, WaitOptions.EXITED)
        assert (event.status, event.value) == (status & 0xFF, status)

    xv6(body)


def test_a_parent_of_another_abi_sees_that_a_child_was_killed() -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: child.call(SLEEP, 1000) and None)
        support.pause()
        assert program.call(KILL, child.pid) == 0
        assert support.wait(program.task, child.pid).status == Signal.SIGKILL

    xv6(body)


def test_a_child_of_another_abi_that_was_killed_has_status_minus_one() -> None:
    def body(program: Program) -> None:
        child = support.spawn(program.task, lambda task: support.pause(100))
        send(child, SignalInfo(Signal.SIGTERM))
        status = program.room(4)
        assert program.call(WAIT, status) == child.pid
        assert program.word(status) == -1

    xv6(body)


def test_a_child_of_another_abi_tells_its_status() -> None:
    def body(program: Program) -> None:
        child = support.spawn(program.task, lambda task: task.process.end(ExitStatus(42)))
        status = program.room(4)
        assert program.call(WAIT, status) == child.pid
        assert program.word(status) == 42

    xv6(body)


@pytest.mark.parametrize("number", [Signal.SIGINT, Signal.SIGQUIT])
def test_an_interrupt_from_the_terminal_ends_the_end_of_the_chain_only(number: Signal) -> None:
    ended: list[int] = []

    def leaf(program: Program) -> None:
        program.call(SLEEP, 1000)

    def shell(program: Program) -> None:
        child = program.fork(leaf)
        status = program.room(4)
        assert program.call(WAIT, status) == child.pid
        ended.append(program.word(status))
        program.call(EXIT, 5)

    def body(program: Program) -> None:
        child = program.fork(shell)
        support.pause(3)
        send_to_group(child.group, number)
        status = program.room(4)
        assert program.call(WAIT, status) == child.pid
        assert ended == [-1], "the leaf was killed"
        assert program.word(status) == 5, "the one that waited for it was not"

    xv6(body)


def test_an_interrupt_sent_by_a_process_is_not_spared() -> None:
    def shell(program: Program) -> None:
        program.fork(lambda child: child.call(SLEEP, 1) and None)
        program.call(WAIT, 0)

    def body(program: Program) -> None:
        child = program.fork(shell)
        support.pause(3)
        send(child, SignalInfo(Signal.SIGINT))
        status = program.room(4)
        assert program.call(WAIT, status) > 0
        program.call(WAIT, 0)

    xv6(body)


def test_a_write_that_was_stopped_in_the_middle_is_completed_once() -> None:
    data = bytes(range(256)) * 500
    results: list[int] = []

    def body(program: Program) -> None:
        reader, writer = pipe(program)

        def write(child: Program) -> None:
            results.append(child.call(WRITE, writer, child.put(data), len(data)))

        child = program.fork(write)
        support.pause(2)
        send(child, SignalInfo(Signal.SIGSTOP))
        support.pause(2)
        assert child.stop_signal == Signal.SIGSTOP
        send(child, SignalInfo(Signal.SIGCONT))
        program.call(CLOSE, writer)
        place = program.room(4096)
        received = b""
        count = program.call(READ, reader, place, 4096)
        while count > 0:
            received += program.get(place, count)
            count = program.call(READ, reader, place, 4096)
        assert received == data
        assert program.call(WAIT, 0) == child.pid
        assert results == [len(data)]

    xv6(body)


def test_a_sleep_that_was_stopped_ends_when_it_would_have() -> None:
    times: list[int] = []

    def body(program: Program) -> None:
        def sleep(child: Program) -> None:
            before = child.call(UPTIME)
            assert child.call(SLEEP, 6) == 0
            times.append(child.call(UPTIME) - before)

        child = program.fork(sleep)
        support.pause(2)
        program.call(SLEEP, 2)
        send(child, SignalInfo(Signal.SIGSTOP))
        program.call(SLEEP, 2)
        send(child, SignalInfo(Signal.SIGCONT))
        assert program.call(WAIT, 0) == child.pid
        assert times == [6]

    xv6(body)
