"""Exec in a process with several tasks: the others end first, the caller becomes the process's first task. (execve(2))"""

from collections.abc import Callable

import pytest

from executor import protocol
from executor.exec import execute
from objects.processes import processes
from objects.task import Task
from scarlet.kernel import scheduler
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import Errno
from scarlet.linked import link
from tests.abi.support import Program, linux
from tests.executor.support import Elf
from tests.objects import support
from tests.objects.support import Script


def second_task(first: Task, tid: int, body: Callable[[Task], None]) -> Script:
    """Another task of the process that runs the function."""
    task = Script(tid, first.process)
    task.body = body
    first.process.threads.append(task)
    processes.add_task(task)
    task.start()
    scheduler.make_runnable(task)
    return task


def sleep_for_ever(queue: WaitQueue, log: list[str]) -> Callable[[Task], None]:
    def body(task: Task) -> None:
        log.append("sleeps")
        while not task.exiting:
            queue.wait()
        log.append("woken")
        support.to_user(task)
        log.append("never")

    return body


def in_child(body: Callable[[Program, Task], None]) -> None:
    """Run the function in a process of its own, so that the test's own task is not the one that execs."""

    def run(program: Program) -> None:
        link()
        program.tree.write(b"/program", Elf().note().build(), mode=0o755)
        problems: list[BaseException] = []

        def child_body(task: Task) -> None:
            try:
                body(program, task)
            except support.Ended:
                raise
            except BaseException as problem:
                problems.append(problem)

        child = support.spawn(program.task, child_body)
        support.wait(program.task, child.pid)
        protocol.modules.clear()
        if problems:
            raise problems.pop()

    linux(run)


@pytest.mark.parametrize("others", [1, 3])
def test_other_tasks_end_before_the_new_program_begins(others: int) -> None:
    log: list[str] = []

    def body(program: Program, task: Task) -> None:
        queue = WaitQueue()
        for number in range(others):
            second_task(task, 100 + number, sleep_for_ever(queue, log))
        support.pause()
        execute(task, b"/program", [b"program"], [])
        assert log == ["sleeps"] * others + ["woken"] * others
        assert task.process.threads == [task] and task.process.exit_status is None
        assert all(processes.find_task(100 + number) is None for number in range(others))

    in_child(body)


def test_caller_bears_the_number_of_the_process_afterwards() -> None:
    seen: list[tuple[int, int]] = []

    def body(program: Program, task: Task) -> None:
        def other(caller: Task) -> None:
            execute(caller, b"/program", [b"program"], [])
            seen.append((caller.tid, caller.process.pid))
            assert processes.find_task(caller.tid) is caller and processes.find_task(100) is None

        second_task(task, 100, other)
        while not task.exiting:
            support.pause()
        support.to_user(task)

    in_child(body)
    assert seen and seen[0][0] == seen[0][1]


def test_failed_exec_ends_nobody() -> None:
    def body(program: Program, task: Task) -> None:
        queue = WaitQueue()
        log: list[str] = []
        second_task(task, 100, sleep_for_ever(queue, log))
        support.pause()
        with pytest.raises(Errno):
            execute(task, b"/missing", [b"program"], [])
        support.pause()
        assert len(task.process.threads) == 2 and log == ["sleeps"]
        support.exit_with(task, 0)

    in_child(body)
