"""Processes: fork, exit, wait, adoption. (fork(2), wait(2), _exit(2))"""

import gc
import weakref

from objects.cpulimit import set_limit
from objects.fork import ForkOptions, wait_for_image
from objects.handle import HandleTable
from objects.jobcontrol import new_session
from objects.limits import Resource
from objects.object import KernelObject, Rights
from objects.process import ExitStatus
from objects.processes import processes
from objects.signalling import from_user, kill, send
from objects.task import Task
from objects.wait import Selector, WaitOptions, Which, wait_for_child
from scarlet.kernel.signals import CLD_EXITED, CLD_KILLED, ActionFlags, Signal, SignalAction, SignalInfo, signal_bit
from tests.objects.support import exit_with, outcome, pause, run, spawn, to_user, wait


def test_parent_gets_exit_code_and_zombie_goes() -> None:
    def body(task: Task) -> None:
        child = spawn(task, lambda child: exit_with(child, 7))
        pause()
        assert child.zombie and processes.find(child.pid) is child
        event = wait(task)
        assert (event.pid, event.code, event.status) == (child.pid, CLD_EXITED, 7)
        assert processes.find(child.pid) is None

    run(body)


def test_wait_sleeps_until_a_child_ends() -> None:
    order: list[str] = []

    def child_body(child: Task) -> None:
        order.append("child")

    def body(task: Task) -> None:
        spawn(task, child_body)
        wait(task)
        order.append("parent")

    run(body)
    assert order == ["child", "parent"]


def test_wait_without_children_fails() -> None:
    def body(task: Task) -> None:
        assert outcome(lambda: wait(task)) == "ECHILD"
        child = spawn(task, lambda child: None)
        assert outcome(lambda: wait(task, child.pid + 1)) == "ECHILD"
        wait(task)

    run(body)


def test_nohang_and_nowait() -> None:
    def body(task: Task) -> None:
        child = spawn(task, lambda child: exit_with(child, 3))
        anyone = Selector(Which.ANY)
        assert wait_for_child(task, anyone, WaitOptions.EXITED | WaitOptions.NOHANG) is None
        pause()
        seen = wait_for_child(task, anyone, WaitOptions.EXITED | WaitOptions.NOWAIT)
        assert seen is not None and seen.status == 3
        assert processes.find(child.pid) is not None
        assert wait(task).status == 3

    run(body)


def test_wait_by_group_and_for_clone_children() -> None:
    def body(task: Task) -> None:
        def leave_group(child: Task) -> None:
            new_session(child.process)

        options = ForkOptions()
        options.exit_signal = Signal.SIGUSR1
        task.process.actions.set(Signal.SIGUSR1, SignalAction(1))
        own = spawn(task, leave_group)
        clone = spawn(task, lambda child: None, options)
        pause(2)
        group = Selector(Which.GROUP, own.pid)
        event = wait_for_child(task, group, WaitOptions.EXITED)
        assert event is not None and event.pid == own.pid
        assert outcome(lambda: wait(task)) == "ECHILD"
        event = wait_for_child(task, Selector(Which.ANY), WaitOptions.EXITED | WaitOptions.CLONE)
        assert event is not None and event.pid == clone.pid

    run(body)


def test_orphans_go_to_process_1() -> None:
    def grandchild(child: Task) -> None:
        pause(3)
        assert child.process.parent_pid == 1
        exit_with(child, 9)

    def body(task: Task) -> None:
        middle = spawn(task, lambda child: None if spawn(child, grandchild) else None)
        assert wait(task, middle.pid).code == CLD_EXITED
        assert wait(task).status == 9

    run(body)


def test_orphans_go_to_the_nearest_subreaper_with_a_death_signal() -> None:
    def grandchild(child: Task) -> None:
        child.process.parent_death_signal = Signal.SIGUSR1
        child.set_mask(signal_bit(Signal.SIGUSR1))
        pause(4)
        assert child.take_awaited(signal_bit(Signal.SIGUSR1)) is not None
        exit_with(child, 9)

    def subreaper(child: Task) -> None:
        child.process.subreaper = True
        middle = spawn(child, lambda child: pause() if spawn(child, grandchild) else None)
        assert wait(child, middle.pid).status == 0
        assert wait(child).status == 9

    def body(task: Task) -> None:
        spawn(task, subreaper)
        event = wait(task)
        assert (event.code, event.status) == (CLD_EXITED, 0)

    run(body)


def test_ignored_sigchld_reaps_at_once_and_wait_ends_with_echild() -> None:
    def body(task: Task) -> None:
        task.process.actions.set(Signal.SIGCHLD, SignalAction(1))
        spawn(task, lambda child: None)
        assert outcome(lambda: wait(task)) == "ECHILD"
        task.process.actions.set(Signal.SIGCHLD, SignalAction(0, ActionFlags.NOCLDWAIT))
        spawn(task, lambda child: None)
        pause()
        assert len(task.process.children) == 0

    run(body)


def test_vfork_parent_sleeps_until_the_child_ends() -> None:
    order: list[str] = []

    def child_body(child: Task) -> None:
        pause(3)
        order.append("child")

    def body(task: Task) -> None:
        options = ForkOptions()
        options.share_space = True
        options.wait_for_image = True
        child = spawn(task, child_body, options)
        assert child.space is task.space
        wait_for_image(task, child)
        order.append("parent")
        wait(task)

    run(body)
    assert order == ["child", "parent"]


def test_vfork_parent_is_deaf_to_signals_but_not_to_its_end() -> None:
    def long_child(child: Task) -> None:
        pause(8)

    def middle(child: Task) -> None:
        options = ForkOptions()
        options.share_space = True
        options.wait_for_image = True
        child.process.actions.set(Signal.SIGUSR1, SignalAction(16))
        grandchild = spawn(child, long_child, options)
        wait_for_image(child, grandchild)
        to_user(child)
        raise AssertionError("the end did not come")

    def body(task: Task) -> None:
        child = spawn(task, middle)
        pause()
        kill(task, child.pid, from_user(task, Signal.SIGUSR1))
        pause()
        assert not child.zombie
        kill(task, child.pid, from_user(task, Signal.SIGKILL))
        event = wait(task, child.pid)
        assert (event.code, event.status) == (CLD_KILLED, Signal.SIGKILL)
        wait(task)

    run(body)


class Probe(KernelObject):
    """Notes its own end."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    def __del__(self) -> None:
        self.log.append("closed")


def test_handles_close_at_exit_not_at_wait() -> None:
    log: list[str] = []

    def child_body(child: Task) -> None:
        child.handles.allocate(Probe(log), Rights.READ)

    def body(task: Task) -> None:
        child = spawn(task, child_body)
        pause()
        assert child.zombie and log == ["closed"]
        wait(task)

    run(body)


def test_forked_handles_share_the_object_until_both_close() -> None:
    log: list[str] = []

    def child_body(child: Task) -> None:
        child.handles.close(0)

    def body(task: Task) -> None:
        task.handles.allocate(Probe(log), Rights.READ)
        spawn(task, child_body)
        wait(task)
        assert log == []
        task.handles.close(0)
        assert log == ["closed"]

    run(body)


def test_process_limit_of_an_ordinary_user() -> None:
    def child_body(child: Task) -> None:
        set_limit(child.process, Resource.PROCESSES, 2, 2, privileged=True)
        child.credentials.set_user(1000)
        spawn(child, lambda grandchild: pause(4))
        assert outcome(lambda: spawn(child, lambda grandchild: None)) == "EAGAIN"
        wait(child)
        exit_with(child, 5)

    def body(task: Task) -> None:
        spawn(task, child_body)
        assert wait(task).status == 5

    run(body)


def test_running_out_of_memory_in_fork_leaves_nothing() -> None:
    def body(task: Task) -> None:
        original = HandleTable.fork

        def refuse(self: HandleTable) -> HandleTable:
            raise MemoryError

        HandleTable.fork = refuse  # type: ignore[method-assign]
        try:
            spawn(task, lambda child: None)
        except MemoryError:
            pass
        finally:
            HandleTable.fork = original  # type: ignore[method-assign]
        assert len(processes) == 1 and len(task.process.children) == 0
        assert len(task.process.group.members) == 1

    run(body)


def test_numbers_are_not_reused_while_a_group_bears_them() -> None:
    def leader(child: Task) -> None:
        new_session(child.process)
        spawn(child, lambda member: pause(6))

    def body(task: Task) -> None:
        first = spawn(task, leader)
        pid = first.pid
        del first
        assert wait(task, pid).pid == pid
        processes.last_pid = pid - 1
        other = spawn(task, lambda child: None)
        assert other.pid != pid
        wait(task)
        wait(task)
        processes.last_pid = pid - 1
        again = spawn(task, lambda child: None)
        assert again.pid == pid
        wait(task)

    run(body)


def test_times_of_children_add_up_when_reaped() -> None:
    def worker(child: Task) -> None:
        child.minor_faults = 5

    def body(task: Task) -> None:
        for _ in range(3):
            spawn(task, worker)
            assert wait(task).usage.minor_faults == 5
        assert task.process.children_usage.minor_faults == 15

    run(body)


def test_the_first_exit_status_counts() -> None:
    def child_body(child: Task) -> None:
        child.process.end(ExitStatus(4))
        send(child.process, SignalInfo(Signal.SIGKILL))
        to_user(child)

    def body(task: Task) -> None:
        spawn(task, child_body)
        event = wait(task)
        assert (event.code, event.status) == (CLD_EXITED, 4)

    run(body)


def test_a_reaped_process_is_gone_at_once_without_a_collector() -> None:
    def child_body(child: Task) -> None:
        child.handles.allocate(child.process, Rights.READ)  # a cycle that exit breaks
        child.handles.close(0)

    def body(task: Task) -> None:
        gc.collect()
        gc.disable()
        try:
            child = spawn(task, child_body)
            deaths = [weakref.ref(child), weakref.ref(child.threads[0]), weakref.ref(child.handles), weakref.ref(child.space)]
            pid = child.pid
            del child
            wait(task, pid)
            pause()
            assert [death() for death in deaths] == [None] * len(deaths)
        finally:
            gc.enable()

    run(body)
