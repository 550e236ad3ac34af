"""Interval timers. (setitimer(2))"""

from objects.itimers import Setting, Which, interval_timer
from objects.signalling import change_action
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.signals import Signal, SignalAction
from scarlet.kernel.waitqueue import WaitQueue
from tests.objects.support import run

IGNORE = SignalAction(1)
US = 1000


def test_a_tiny_interval_leaves_time_for_everything_else() -> None:
    def body(task: Task) -> None:
        change_action(task.process, Signal.SIGALRM, IGNORE)
        timer = interval_timer(task.process, Which.REAL)
        timer.set(Setting(US, US))
        looks = 0
        while looks < 5:
            WaitQueue().wait(timer.deadline_ns)  # until it expires, and has been armed again
            assert timer.deadline_ns >= clock.monotonic_ns() + 50 * US
            looks += 1
        timer.cancel()

    run(body)


def test_an_interval_beyond_all_times_expires_once() -> None:
    def body(task: Task) -> None:
        change_action(task.process, Signal.SIGALRM, IGNORE)
        timer = interval_timer(task.process, Which.REAL)
        timer.set(Setting(NEVER - US, US))
        WaitQueue().wait(clock.deadline_after(5 * US))
        assert not timer.armed and timer.get().remaining_ns == 0

    run(body)
