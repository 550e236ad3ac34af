"""Harts and the way into user mode, the hosted twin: the instructions of user programs run in Unicorn (hosted/engine.py).

The kernel takes no interrupt while it runs: a pending one is found on the way into user mode, at the end of a slice of
user instructions, or while idle.
"""

from scarlet.machine.context import Context
from scarlet.machine.frame import Cause
from scarlet.machine.hosted import world
from scarlet.machine.hosted.clock import INSTRUCTIONS_PER_TICK
from scarlet.machine.hosted.engine import SLICE_INSTRUCTIONS, TRAP_INSTRUCTIONS, Engine


class Hart:
    """What one hart is doing. `switches` counts context switches."""

    def __init__(self, id: int) -> None:
        self.id = id
        self.current: Context | None = None
        self.idle: Context | None = None
        self.switches = 0


class Deadlock(RuntimeError):
    """The hart idles, no deadline is set and no input will ever come: the machine would sleep for ever."""


def this_hart() -> Hart:
    here = world.current
    if here.hart is None:
        here.hart = Hart(0)
    return here.hart


def hart_count() -> int:
    return 1


def enter_user(context: Context) -> int:
    """Run user code until the next trap. Gives the Cause; frame.cause and frame.value (stval) are set, and the pc of an
    ecall is the ecall itself."""
    here = world.current
    if here.off:
        raise world.MachineExit(0)
    if here.engine is None:
        here.engine = Engine(here)
    engine, clock, frame = here.engine, here.clock, context.frame
    engine.load_float(context)
    clock.advance(TRAP_INSTRUCTIONS)
    while True:
        interrupt = pending_interrupt()
        if interrupt:
            frame.cause = interrupt
            frame.value = 0
            return interrupt
        count = SLICE_INSTRUCTIONS
        if clock.deadline and not clock.realtime:
            count = min(count, max(2, (clock.deadline - clock.now()) * INSTRUCTIONS_PER_TICK))
        cause = engine.run(frame, count)
        if cause is None:
            clock.advance(count)
        elif cause != Cause.ILLEGAL_INSTRUCTION or not engine.skip_rdtime(frame, clock.ticks()):
            return int(cause)


def pending_interrupt() -> int:
    """The Cause of an interrupt that waits to be served, 0 if none."""
    here = world.current
    here.poll()
    if here.plic.interrupting():
        return int(Cause.EXTERNAL_INTERRUPT)
    return int(Cause.TIMER_INTERRUPT) if here.clock.expired() else 0


def wait_for_interrupt() -> int:
    """Idle until an interrupt is pending; gives its Cause. It is not taken as a trap. Deadlock when none can ever come."""
    here = world.current
    while True:
        interrupt = pending_interrupt()
        if interrupt:
            return interrupt
        here.uart.flush()
        if here.clock.realtime:
            here.uart.source.wait(here.clock.until_deadline_ns())
        elif here.clock.deadline:
            here.clock.skip_to_deadline()
        elif not here.uart.wait():
            raise Deadlock("idle without a deadline, and no input will come")


def fence_i() -> None:
    """Make instructions that the kernel wrote visible to instruction fetch. Nothing here: physmem reports writes into translated code."""
