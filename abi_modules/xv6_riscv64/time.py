"""Time in ticks, ten a second."""

from abi_modules.xv6_riscv64.limits import TICK_NS
from abi_modules.xv6_riscv64.state import state_of
from executor.declare import syscall
from objects.restart import Restart, sleep_on
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang import i32


def _ticks() -> int:
    """Since the machine was switched on."""
    return clock.monotonic_ns() // TICK_NS


@syscall(13)
def sleep(task: Task, ticks: i32) -> None:
    """Until so many ticks have come. Newer systems call it `pause`. Only the end of the process cuts it short."""
    state = state_of(task)
    if state.progress == 0:
        state.progress = _ticks() + max(int(ticks), 0)
    until = state.progress
    while _ticks() < until:
        sleep_on(WaitQueue(), until * TICK_NS, Restart.ALWAYS)
    state.progress = 0


@syscall(14)
def uptime(task: Task) -> i32:
    """Ticks since the machine was switched on."""
    return i32(_ticks())
