"""Signals: sending, blocking, ignoring, handling, stopping. (signal(7), sigaction(2), kill(2))"""

from collections.abc import Callable

import pytest

from objects.jobcontrol import new_session
from objects.object import Status
from objects.pipe import PipeEnd
from objects.process import Process
from objects.restart import Interrupted, Restart, restarts
from objects.signalling import change_action, force, from_user, kill, kill_task, send
from objects.task import Task
from objects.unnamedpipe import make_pipe
from objects.wait import WaitOptions
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.signals import (
    BUS_ADRALN,
    CLD_CONTINUED,
    CLD_EXITED,
    CLD_KILLED,
    CLD_STOPPED,
    ILL_ILLOPC,
    SEGV_ACCERR,
    SEGV_MAPERR,
    SI_QUEUE,
    TRAP_BRKPT,
    ActionFlags,
    Signal,
    SignalAction,
    SignalInfo,
    signal_bit,
)
from scarlet.kernel.trap import Cause
from scarlet.lang.errno import EFAULT, Errno
from tests.objects.support import TestAbi, data, exit_with, outcome, pause, read, run, spawn, to_user, wait

IGNORE = SignalAction(1)


def handle(
    task: Task, number: int, handler: Callable[[Task, SignalInfo], None], flags: ActionFlags = ActionFlags.NONE, mask: int = 0
) -> None:
    """Install a Python function as a handler."""
    abi = task.abi
    assert isinstance(abi, TestAbi)
    address = 0x1000 + 8 * len(abi.handlers)
    abi.handlers[address] = handler
    change_action(task.process, number, SignalAction(address, flags, mask))


def tell(task: Task, target: Process, number: int) -> None:
    kill(task, target.pid, from_user(task, number))


def in_child(body: Callable[[Task], None], expected_code: int = CLD_EXITED, expected_status: int = 0) -> None:
    """Process 1 is special: run the body as its child."""

    def first(task: Task) -> None:
        child = spawn(task, body)
        event = wait(task, child.pid)
        assert (event.code, event.status) == (expected_code, expected_status)

    run(first)


@pytest.mark.parametrize("number", [Signal.SIGHUP, Signal.SIGTERM, Signal.SIGSEGV, Signal.SIGKILL, Signal.SIGUSR2, 34])
def test_default_action_ends_a_sleeping_process(number: int) -> None:
    def sleeper(child: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        with pytest.raises(Interrupted):
            read(reader, 1)
        to_user(child)
        raise AssertionError("still there")

    def body(task: Task) -> None:
        child = spawn(task, sleeper)
        pause()
        tell(task, child, number)
        event = wait(task)
        assert (event.code, event.status) == (CLD_KILLED, number)

    run(body)


def test_handler_runs_with_its_mask_and_the_signal_blocked() -> None:
    seen: list[tuple[int, int, int]] = []

    def body(task: Task) -> None:
        handle(task, Signal.SIGUSR1, lambda task, info: seen.append((info.number, info.pid, task.return_mask())), mask=signal_bit(2))
        tell(task, task.process, Signal.SIGUSR1)
        to_user(task)
        assert seen == [(Signal.SIGUSR1, task.process.pid, 0)]
        assert task.mask == signal_bit(2) | signal_bit(Signal.SIGUSR1)

    in_child(body)


def test_nodefer_and_resethand() -> None:
    def body(task: Task) -> None:
        handle(task, Signal.SIGUSR1, lambda task, info: None, ActionFlags.NODEFER | ActionFlags.RESETHAND)
        tell(task, task.process, Signal.SIGUSR1)
        to_user(task)
        assert task.mask == 0
        assert task.process.actions.get(Signal.SIGUSR1).is_default

    in_child(body)


def test_blocked_signal_waits_once_and_comes_when_unblocked() -> None:
    count: list[int] = []

    def body(task: Task) -> None:
        handle(task, Signal.SIGUSR1, lambda task, info: count.append(1))
        task.set_mask(signal_bit(Signal.SIGUSR1))
        for _ in range(3):
            tell(task, task.process, Signal.SIGUSR1)
        to_user(task)
        assert count == []
        task.set_mask(0)
        to_user(task)
        assert count == [1]

    in_child(body)


def test_realtime_signals_queue_in_order() -> None:
    values: list[int] = []

    def body(task: Task) -> None:
        handle(task, 40, lambda task, info: values.append(int(info.value)), ActionFlags.NODEFER)
        task.set_mask(signal_bit(40))
        for value in range(3):
            send(task.process, SignalInfo(40, SI_QUEUE, value=value))
        task.set_mask(0)
        to_user(task)
        assert values == [0, 1, 2]

    in_child(body)


def test_ignored_signal_is_dropped_but_not_while_blocked() -> None:
    def body(task: Task) -> None:
        change_action(task.process, Signal.SIGUSR1, IGNORE)
        tell(task, task.process, Signal.SIGUSR1)
        assert task.process.pending.mask == 0
        task.set_mask(signal_bit(Signal.SIGUSR1))
        tell(task, task.process, Signal.SIGUSR1)
        assert task.process.pending.mask == signal_bit(Signal.SIGUSR1)
        change_action(task.process, Signal.SIGUSR1, IGNORE)
        assert task.process.pending.mask == 0

    in_child(body)


def test_signals_without_default_effect_do_not_wake() -> None:
    def sleeper(child: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        read(reader, 1)

    def body(task: Task) -> None:
        child = spawn(task, sleeper)
        pause()
        for number in (Signal.SIGCHLD, Signal.SIGURG, Signal.SIGWINCH, Signal.SIGCONT):
            tell(task, child, number)
        pause()
        assert not child.zombie
        tell(task, child, Signal.SIGKILL)
        wait(task)

    run(body)


def test_kill_and_stop_cannot_be_caught_blocked_or_ignored() -> None:
    def body(task: Task) -> None:
        for number in (Signal.SIGKILL, Signal.SIGSTOP, 0, 65):
            assert outcome(lambda number=number: change_action(task.process, number, IGNORE)) == "EINVAL"
        task.set_mask((1 << 64) - 1)
        assert not task.mask & (signal_bit(Signal.SIGKILL) | signal_bit(Signal.SIGSTOP))

    in_child(body)


def test_process_1_gets_only_what_it_handles() -> None:
    seen: list[int] = []

    def body(task: Task) -> None:
        for number in (Signal.SIGTERM, Signal.SIGKILL, Signal.SIGSTOP):
            tell(task, task.process, number)
        to_user(task)
        handle(task, Signal.SIGTERM, lambda task, info: seen.append(info.number))
        tell(task, task.process, Signal.SIGTERM)
        to_user(task)
        assert seen == [Signal.SIGTERM]

    run(body)


# --- stop and continue ---


def test_stop_and_continue_are_reported_once_each() -> None:
    def runner(child: Task) -> None:
        while True:
            pause()
            to_user(child)

    def body(task: Task) -> None:
        child = spawn(task, runner)
        pause()
        tell(task, child, Signal.SIGSTOP)
        event = wait(task, child.pid, WaitOptions.EXITED | WaitOptions.STOPPED)
        assert (event.code, event.status) == (CLD_STOPPED, Signal.SIGSTOP)
        assert child.stop_signal == Signal.SIGSTOP
        tell(task, child, Signal.SIGCONT)
        event = wait(task, child.pid, WaitOptions.EXITED | WaitOptions.STOPPED | WaitOptions.CONTINUED)
        assert (event.code, event.status) == (CLD_CONTINUED, Signal.SIGCONT)
        tell(task, child, Signal.SIGKILL)
        assert wait(task).code == CLD_KILLED

    run(body)


def test_stopped_process_can_be_killed_and_keeps_other_signals() -> None:
    def runner(child: Task) -> None:
        while True:
            pause()
            to_user(child)

    def body(task: Task) -> None:
        child = spawn(task, runner)
        tell(task, child, Signal.SIGSTOP)
        wait(task, child.pid, WaitOptions.STOPPED)
        tell(task, child, Signal.SIGTERM)
        pause(2)
        assert not child.zombie and child.pending.mask == signal_bit(Signal.SIGTERM)
        tell(task, child, Signal.SIGCONT)
        event = wait(task)
        assert (event.code, event.status) == (CLD_KILLED, Signal.SIGTERM)
        child = spawn(task, runner)
        tell(task, child, Signal.SIGSTOP)
        wait(task, child.pid, WaitOptions.STOPPED)
        tell(task, child, Signal.SIGKILL)
        assert wait(task).status == Signal.SIGKILL

    run(body)


def test_stop_and_continue_cancel_each_other_in_the_queue() -> None:
    def body(task: Task) -> None:
        task.set_mask(signal_bit(Signal.SIGTSTP) | signal_bit(Signal.SIGCONT))
        tell(task, task.process, Signal.SIGTSTP)
        assert task.process.pending.mask == signal_bit(Signal.SIGTSTP)
        tell(task, task.process, Signal.SIGCONT)
        assert task.process.pending.mask == signal_bit(Signal.SIGCONT)
        tell(task, task.process, Signal.SIGTSTP)
        assert task.process.pending.mask == signal_bit(Signal.SIGTSTP)
        tell(task, task.process, Signal.SIGCONT)
        task.process.pending.remove(signal_bit(Signal.SIGCONT))

    in_child(body)


def test_terminal_stop_does_nothing_in_an_orphaned_group() -> None:
    def leader(child: Task) -> None:
        new_session(child.process)
        tell(child, child.process, Signal.SIGTSTP)
        to_user(child)
        exit_with(child, 3)

    def body(task: Task) -> None:
        spawn(task, leader)
        assert wait(task).status == 3

    run(body)


def test_sigchld_for_stops_unless_nocldstop() -> None:
    seen: list[tuple[int, int, int]] = []

    def runner(child: Task) -> None:
        while True:
            pause()
            to_user(child)

    def parent(task: Task) -> None:
        handle(task, Signal.SIGCHLD, lambda task, info: seen.append((info.code, info.status, info.pid)), ActionFlags.NODEFER)
        child = spawn(task, runner)
        tell(task, child, Signal.SIGSTOP)
        wait(task, child.pid, WaitOptions.STOPPED)
        to_user(task)
        tell(task, child, Signal.SIGCONT)
        to_user(task)
        assert [item[:2] for item in seen] == [(CLD_STOPPED, Signal.SIGSTOP), (CLD_CONTINUED, Signal.SIGCONT)]
        seen.clear()
        handle(task, Signal.SIGCHLD, lambda task, info: seen.append((info.code, info.status, info.pid)), ActionFlags.NOCLDSTOP)
        pause()
        tell(task, child, Signal.SIGSTOP)
        wait(task, child.pid, WaitOptions.STOPPED)
        tell(task, child, Signal.SIGKILL)
        wait(task)
        to_user(task)
        assert seen == [(CLD_KILLED, Signal.SIGKILL, child.pid)]

    in_child(parent)


# --- interrupted sleeps ---


@pytest.mark.parametrize(
    ("restart", "flags", "again"),
    [
        (Restart.UNLESS_HANDLER_FORBIDS, ActionFlags.NONE, False),
        (Restart.UNLESS_HANDLER_FORBIDS, ActionFlags.RESTART, True),
        (Restart.UNLESS_HANDLER, ActionFlags.RESTART, False),
        (Restart.WITH_BLOCK, ActionFlags.RESTART, False),
        (Restart.ALWAYS, ActionFlags.NONE, True),
        (Restart.NEVER, ActionFlags.RESTART, False),
    ],
)
def test_what_restarts_under_a_handler(restart: Restart, flags: ActionFlags, again: bool) -> None:
    assert restarts(restart, SignalAction(0x1000, flags)) is again
    assert restarts(restart, None) is (restart is not Restart.NEVER)


def test_interrupted_call_is_settled_before_the_handler_frame() -> None:
    def body(task: Task) -> None:
        abi = task.abi
        assert isinstance(abi, TestAbi)
        settled_first: list[bool] = []
        handle(task, Signal.SIGUSR1, lambda task, info: settled_first.append(len(abi.restarted) == 1), ActionFlags.RESTART)
        tell(task, task.process, Signal.SIGUSR1)
        reader, writer = make_pipe(Status.NONE)
        with pytest.raises(Interrupted) as caught:
            read(reader, 1)
        task.restart = caught.value.restart
        to_user(task)
        assert abi.restarted == [True] and settled_first == [True]
        assert task.restart == Restart.NEVER

    in_child(body)


def test_suspended_mask_comes_back_after_the_handler() -> None:
    def body(task: Task) -> None:
        masks: list[int] = []
        handle(task, Signal.SIGUSR1, lambda task, info: masks.append(task.return_mask()))
        task.set_mask(signal_bit(Signal.SIGUSR1))
        tell(task, task.process, Signal.SIGUSR1)
        task.suspend_mask(0)
        to_user(task)
        assert masks == [signal_bit(Signal.SIGUSR1)]
        task.mask = 0
        task.suspend_mask(signal_bit(2))
        to_user(task)
        assert task.mask == 0

    in_child(body)


# --- faults ---


def test_forced_signal_that_is_blocked_kills() -> None:
    def body(task: Task) -> None:
        handle(task, Signal.SIGSEGV, lambda task, info: None)
        task.set_mask(signal_bit(Signal.SIGSEGV))
        force(task, SignalInfo(Signal.SIGSEGV, 1, address=0x123))
        to_user(task)

    in_child(body, CLD_KILLED, Signal.SIGSEGV)


FAULTS = [
    (Cause.LOAD_PAGE_FAULT, Signal.SIGSEGV, SEGV_MAPERR, 0x5000),
    (Cause.STORE_PAGE_FAULT, Signal.SIGSEGV, SEGV_MAPERR, 0x5000),
    (Cause.INSTRUCTION_PAGE_FAULT, Signal.SIGSEGV, SEGV_MAPERR, 0x5000),
    (Cause.ILLEGAL_INSTRUCTION, Signal.SIGILL, ILL_ILLOPC, 0x7000),
    (Cause.BREAKPOINT, Signal.SIGTRAP, TRAP_BRKPT, 0x7000),
    (Cause.LOAD_MISALIGNED, Signal.SIGBUS, BUS_ADRALN, 0x5000),
    (Cause.LOAD_ACCESS_FAULT, Signal.SIGSEGV, SEGV_ACCERR, 0x5000),
]


@pytest.mark.parametrize(("cause", "number", "code", "address"), FAULTS)
def test_faults_become_signals(cause: Cause, number: Signal, code: int, address: int) -> None:
    def body(task: Task) -> None:
        seen: list[tuple[int, int, int]] = []
        handle(task, number, lambda task, info: seen.append((info.number, info.code, int(info.address))))
        task.frame.pc = 0x7000
        task.on_fault(cause, 0x5000)
        to_user(task)
        assert seen == [(number, code, address)]

    in_child(body)


def test_page_fault_in_an_area_is_resolved_and_counted() -> None:
    def body(task: Task) -> None:
        address = task.space.map_area(0, 4096, Protection.READ)
        task.on_fault(Cause.LOAD_PAGE_FAULT, address)
        assert not task.has_signal() and task.minor_faults == 1
        task.on_fault(Cause.STORE_PAGE_FAULT, address)
        to_user(task)

    in_child(body, CLD_KILLED, Signal.SIGSEGV)


def test_forced_signal_reaches_its_handler_with_the_address() -> None:
    def body(task: Task) -> None:
        seen: list[int] = []
        handle(task, Signal.SIGSEGV, lambda task, info: seen.append(int(info.address)))
        force(task, SignalInfo(Signal.SIGSEGV, 1, address=0x123))
        to_user(task)
        assert seen == [0x123]

    in_child(body)


def test_unusable_stack_for_a_handler_kills_with_sigsegv() -> None:
    def refuse(task: Task, info: SignalInfo) -> None:
        raise Errno(EFAULT)

    def body(task: Task) -> None:
        handle(task, Signal.SIGUSR1, refuse)
        tell(task, task.process, Signal.SIGUSR1)
        to_user(task)

    in_child(body, CLD_KILLED, Signal.SIGSEGV)


def test_no_memory_for_a_handlers_frame_kills_the_process_alone() -> None:
    def refuse(task: Task, info: SignalInfo) -> None:
        raise MemoryError

    def body(task: Task) -> None:
        handle(task, Signal.SIGUSR1, refuse)
        tell(task, task.process, Signal.SIGUSR1)
        to_user(task)

    in_child(body, CLD_KILLED, Signal.SIGKILL)


def test_unusable_stack_for_the_sigsegv_handler_itself_kills() -> None:
    def refuse(task: Task, info: SignalInfo) -> None:
        raise Errno(EFAULT)

    def body(task: Task) -> None:
        handle(task, Signal.SIGSEGV, refuse)
        tell(task, task.process, Signal.SIGSEGV)
        to_user(task)

    in_child(body, CLD_KILLED, Signal.SIGSEGV)


# --- permission ---


def test_permission_to_signal() -> None:
    def runner(child: Task) -> None:
        pause(20)

    def other_user(child: Task) -> None:
        child.credentials.set_user(1000)
        target = child.process.parent_process()
        assert target is not None
        assert outcome(lambda: tell(child, target, Signal.SIGTERM)) == "EPERM"
        assert outcome(lambda: tell(child, target, 0)) == "EPERM"
        assert outcome(lambda: tell(child, target, Signal.SIGCONT)) == "ok"
        new_session(child.process)
        assert outcome(lambda: tell(child, target, Signal.SIGCONT)) == "EPERM"
        assert outcome(lambda: tell(child, child.process, 0)) == "ok"
        assert outcome(lambda: tell(child, child.process, 65)) == "EINVAL"
        assert outcome(lambda: kill(child, 9999, from_user(child, 0))) == "ESRCH"
        assert outcome(lambda: kill(child, -9999, from_user(child, 0))) == "ESRCH"
        assert outcome(lambda: kill(child, -1, from_user(child, 0))) == "ok", "as on Linux, when everyone else belongs to someone else"
        assert outcome(lambda: kill_task(child, child.process.pid, child.tid, from_user(child, 0))) == "ok"
        assert outcome(lambda: kill_task(child, child.process.pid + 1, child.tid, from_user(child, 0))) == "ESRCH"

    def body(task: Task) -> None:
        other = spawn(task, runner)
        tester = spawn(task, other_user)
        event = wait(task, tester.pid)
        assert (event.code, event.status) == (CLD_EXITED, 0)
        tell(task, other, Signal.SIGKILL)
        wait(task)

    run(body)


def test_kill_everyone_spares_process_1_and_the_sender() -> None:
    def runner(child: Task) -> None:
        while True:
            pause()
            to_user(child)

    def killer(child: Task) -> None:
        kill(child, -1, from_user(child, Signal.SIGKILL))
        to_user(child)
        exit_with(child, 6)

    def body(task: Task) -> None:
        spawn(task, runner)
        spawn(task, runner)
        last = spawn(task, killer)
        assert wait(task, last.pid).status == 6
        assert wait(task).status == Signal.SIGKILL
        assert wait(task).status == Signal.SIGKILL

    run(body)


def test_signal_to_a_group() -> None:
    def body(task: Task) -> None:
        count: list[int] = []

        def member(child: Task) -> None:
            handle(child, Signal.SIGUSR1, lambda task, info: count.append(task.process.pid))
            pause(3)
            to_user(child)

        def leader(child: Task) -> None:
            new_session(child.process)
            spawn(child, member)
            spawn(child, member)
            change_action(child.process, Signal.SIGUSR1, IGNORE)
            pause()
            kill(child, 0, from_user(child, Signal.SIGUSR1))
            wait(child)
            wait(child)

        spawn(task, leader)
        assert wait(task).status == 0
        assert len(count) == 2

    run(body)


def test_pipe_without_readers_kills_by_sigpipe() -> None:
    def body(task: Task) -> None:
        reader, writer = make_pipe(Status.NONE)
        del reader
        assert isinstance(writer, PipeEnd)
        assert outcome(lambda: writer.write(data(b"x"))) == "EPIPE"
        to_user(task)

    in_child(body, CLD_KILLED, Signal.SIGPIPE)
