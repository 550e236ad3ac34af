"""Processes: fork, exit, wait, adoption. (fork(2), wait(2), _exit(2))"""

from objects.fork import ForkOptions, wait_for_image
from objects.handle import HandleTable
from objects.object import KernelObject, Rights
from objects.process import ExitStatus
from objects.processes import processes
from objects.task import Task
from objects.wait import Selector, WaitOptions, Which, wait_for_child
from scarlet.kernel.signals import CLD_EXITED, CLD_KILLED, Signal, SignalAction, SignalInfo, contains
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
