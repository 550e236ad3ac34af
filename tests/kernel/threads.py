"""Helpers for scheduler tests: threads from plain functions, run to completion on the hosted machine's contexts."""

from collections.abc import Callable
from io import BytesIO

from scarlet.kernel import irq, scheduler, timer
from scarlet.kernel.thread import Thread
from scarlet.kernel.threadqueue import RunQueue
from scarlet.machine import cpu, power
from scarlet.machine.context import Context
from scarlet.machine.hosted import world


class Script(Thread):
    """A thread that runs a function and ends; the machine goes off with the last of a run."""

    def __init__(self, run: "Run", name: bytes, body: Callable[[], None]) -> None:
        super().__init__(1, name)
        self.owner = run
        self.body = body
        self.signal = False

    def interrupted(self) -> bool:
        return self.signal

    def run(self) -> None:
        scheduler.arrived()
        try:
            self.body()
        except AssertionError as error:
            self.owner.failures.append(error)
        self.owner.left -= 1
        if self.owner.left == 0:
            power.exit(0)
        scheduler.exit_current()


def forget() -> None:
    """What a machine has left ends in its own world: no driver of it serves, and silences, a device of the next one."""
    irq._lines.clear()
    while timer._heap:
        timer._heap[0].cancel()
    for hart in scheduler._harts:
        hart.queue = RunQueue()
        cpu.this_hart().current = Context()


class Run:
    """Threads that share a machine; `go` runs them all and raises the first failed assertion."""

    def __init__(self) -> None:
        self.left = 0
        self.failures: list[AssertionError] = []
        forget()
        scheduler._harts.clear()
        self.before = world.install(world.World(8 << 20, stdout=BytesIO(), log=BytesIO()))
        scheduler.prepare()

    def close(self) -> None:
        """The machine ends; its drivers, which live as long as a machine, give their memory back while it is still on."""
        forget()
        world.install(self.before)

    def thread(self, body: Callable[[], None], name: bytes = b"") -> Script:
        script = Script(self, name, body)
        self.left += 1
        script.start()
        scheduler.make_runnable(script)
        return script

    def go(self) -> None:
        try:
            scheduler.start()
        except world.MachineExit:
            pass
        except cpu.Deadlock:
            self.failures.append(AssertionError("all threads sleep for ever"))
        if self.failures:
            raise self.failures[0]
