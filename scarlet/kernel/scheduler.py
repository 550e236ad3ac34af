"""The scheduler: round robin, one run queue a hart.

The kernel is not preemptible: a thread runs until it blocks, yields or exits, or until the tick finds it in user mode with others
waiting. While a user thread is on the hart a tick comes every 10 ms (time slice, CPU times); an idle hart has no tick, only the first
timer's deadline. The hardware timer is written only when that deadline changes: under OpenSBI a write costs more than a system call.

Invariants: a hart's `current` is RUNNING and in no queue; its idle thread is in no queue and runs when the queue is empty; a DEAD
thread waits in `dead` until another thread frees its stack.
"""

from typing import Final, NoReturn

from scarlet.kernel import clock, irq, load, timer
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory import pagetable
from scarlet.kernel.thread import Thread, ThreadState, WakeReason, current_thread
from scarlet.kernel.threadqueue import RunQueue
from scarlet.kernel.timer import Timer
from scarlet.machine import context, cpu
from scarlet.machine import timer as hardware
from scarlet.machine.frame import Cause

SLICE_NS: Final = 10_000_000


class HartScheduler:
    """What one hart runs."""

    def __init__(self) -> None:
        self.queue = RunQueue()
        self.idle = Thread(0, b"idle")
        self.dead: list[Thread] = []
        self.next_tick_ns = NEVER
        """NEVER while the tick is stopped."""
        self.programmed_ns = NEVER
        """The deadline in the hardware; 0 when it has passed."""


_harts: Final[list[HartScheduler]] = []


def _here() -> HartScheduler:
    return _harts[cpu.this_hart().id]


# --- what everyone uses ---


def make_runnable(thread: Thread) -> None:
    """Let a NEW, SLEEPING or STOPPED thread run when its turn comes; nothing for one that runs or is to run already."""
    if thread.state is ThreadState.RUNNABLE or thread.state is ThreadState.RUNNING:
        return
    assert thread.state is not ThreadState.DEAD, "a dead thread cannot run"
    thread.state = ThreadState.RUNNABLE
    _harts[thread.hart].queue.append(thread)


def yield_now() -> None:
    """Let the other runnable threads run first."""
    here = _here()
    if len(here.queue) == 0:
        return
    thread = current_thread()
    thread.state = ThreadState.RUNNABLE
    here.queue.append(thread)
    _switch(here, thread)


def pause() -> bool:
    """For what takes long and holds no lock, between two pieces of its work: serve an interrupt that waits, and let others run when the
    slice is over. True when a signal, or the end of the process, asks to leave the rest undone."""
    cause = cpu.pending_interrupt()
    if cause != 0:
        serve(cause, in_user=False)
    return current_thread().interrupted()


def block() -> None:
    """Give up the hart until make_runnable. The caller may have set its state to STOPPED; otherwise it becomes SLEEPING."""
    thread = current_thread()
    if thread.state is ThreadState.RUNNING:
        thread.state = ThreadState.SLEEPING
    thread.voluntary_switches += 1
    _switch(_here(), thread)


def sleep(deadline_ns: int = NEVER, *, interruptible: bool) -> WakeReason:
    """Block until `wake`, the deadline, or (if interruptible) `interrupt`: which of them it was."""
    thread = current_thread()
    if interruptible and thread.interrupted():
        return WakeReason.SIGNAL
    thread.interruptible = interruptible
    if deadline_ns == NEVER:
        block()
        return thread.wake_reason
    if deadline_ns <= clock.monotonic_ns():
        return WakeReason.TIMEOUT
    alarm = SleepTimer(thread)
    alarm.start(deadline_ns)
    block()
    alarm.cancel()
    return thread.wake_reason


def wake(thread: Thread, reason: WakeReason = WakeReason.WOKEN) -> bool:
    """End a thread's sleep; False when it was not sleeping."""
    if thread.state is not ThreadState.SLEEPING:
        return False
    thread.wake_reason = reason
    make_runnable(thread)
    return True


def interrupt(thread: Thread) -> bool:
    """A signal came: end the thread's sleep if it is an interruptible one."""
    return thread.interruptible and wake(thread, WakeReason.SIGNAL)


def exit_current() -> NoReturn:
    """End the running thread; its stack is freed by whoever runs next.

    No local variable here: nobody would release what this frame holds, as it never returns.
    """
    _bury_later()
    context.depart()


class SleepTimer(Timer):
    """Ends a sleep at its deadline. It lives on the sleeper's stack."""

    def __init__(self, thread: Thread) -> None:
        super().__init__()
        self.thread = thread

    def expired(self) -> None:
        wake(self.thread, WakeReason.TIMEOUT)


# --- switching ---


def _switch(here: HartScheduler, previous: Thread) -> None:
    """Run the next thread. Comes back when `previous`, whose state is set, is to run again."""
    _choose_next(here, previous)
    if previous.state is not ThreadState.RUNNING:
        context.suspend(previous)
        arrived()


def _choose_next(here: HartScheduler, previous: Thread) -> None:
    """Make the next thread the hart's current one.

    The only reference to it is the hart's: a suspended thread must not keep alive what happened to run after it.
    """
    turn = here.queue.take()
    next_thread = turn if turn is not None else here.idle
    if next_thread is previous:
        previous.state = ThreadState.RUNNING
        return
    now = clock.monotonic_ns()
    previous.run_ns += now - previous.turn_began_ns
    next_thread.turn_began_ns = now
    next_thread.state = ThreadState.RUNNING
    if next_thread.page_root != 0:
        pagetable.use(next_thread.page_root)
        if here.next_tick_ns == NEVER:
            here.next_tick_ns = now + SLICE_NS
            _program(here)
    hart = cpu.this_hart()
    hart.current = next_thread
    hart.switches += 1


def arrived() -> None:
    """A thread is on the hart, after a switch or for the first time: free the threads that died before."""
    here = _here()
    if len(here.dead) == 0:
        return
    thread = current_thread()
    before = thread.must_succeed
    thread.must_succeed = True
    while len(here.dead) > 0:
        here.dead.pop().release()
    thread.must_succeed = before


def _bury_later() -> None:
    """Make the next thread the hart's current one, and leave the running one to it."""
    here = _here()
    thread = current_thread()
    thread.state = ThreadState.DEAD
    here.dead.append(thread)
    _choose_next(here, thread)


# --- interrupts and time ---


def serve(cause: int, *, in_user: bool) -> None:
    """Serve an interrupt that user mode or the idle loop met. A program that computes makes way for whom the interrupt woke."""
    here = _here()
    waiting = len(here.queue)
    if cause == Cause.TIMER_INTERRUPT:
        tick(in_user=in_user)
    elif cause == Cause.EXTERNAL_INTERRUPT:
        thread = current_thread()
        before = thread.must_succeed
        thread.must_succeed = True
        irq.dispatch()
        thread.must_succeed = before
        _make_way(here, waiting)


def tick(*, in_user: bool = True) -> None:
    """The timer interrupt: run what is due, and let the next thread run when a slice is over.

    `in_user` tells whether the running thread computed in user mode or had been in the kernel when the time came. The hardware may have
    come earlier than it was asked to: then nothing is due, and it is asked again.
    """
    here = _here()
    thread = current_thread()
    waiting = len(here.queue)
    here.programmed_ns = 0
    before = thread.must_succeed
    thread.must_succeed = True
    timer.run_expired()
    thread.must_succeed = before
    now = clock.monotonic_ns()
    if now < here.next_tick_ns:
        _program(here)
        _make_way(here, waiting)
        return
    if thread is here.idle:
        here.next_tick_ns = NEVER
        _program(here)
        return
    load.sample(now, runnable_count())
    if in_user:
        thread.user_ticks += 1
    else:
        thread.system_ticks += 1
    here.next_tick_ns = now + SLICE_NS
    _program(here)
    _make_way(here, 0)


def _make_way(here: HartScheduler, waiting: int) -> None:
    """Let others run if more than `waiting` of them wait. (The idle loop looks at the queue itself.)"""
    thread = current_thread()
    if len(here.queue) > waiting and thread is not here.idle:
        thread.involuntary_switches += 1
        yield_now()


def _program(here: HartScheduler) -> None:
    """Write the hardware deadline if it changed."""
    deadline = min(timer.next_deadline_ns(), here.next_tick_ns)
    if deadline != here.programmed_ns:
        here.programmed_ns = deadline
        hardware.set_deadline(0 if deadline > clock.LAST else clock.ns_to_ticks(deadline))


def _timer_started(deadline_ns: int) -> None:
    here = _here()
    if deadline_ns < here.programmed_ns:
        _program(here)


def runnable_count() -> int:
    """Threads that run or could."""
    count = 0
    for here in _harts:
        count += len(here.queue)
        if here.idle.state is not ThreadState.RUNNING:
            count += 1
    return count


# --- start ---


def start() -> NoReturn:
    """Turn the boot context into this hart's idle loop. Threads made runnable before start running now."""
    prepare()
    here = _here()
    while True:
        arrived()
        if len(here.queue) > 0:
            here.idle.state = ThreadState.RUNNABLE
            _switch(here, here.idle)
        else:
            serve(cpu.wait_for_interrupt(), in_user=False)


def prepare() -> None:
    """Make the scheduler's data, so that threads can be queued; `start` does it when the boot code has not."""
    if len(_harts) > 0:
        return
    for _ in range(cpu.hart_count()):
        _harts.append(HartScheduler())
    here = _harts[cpu.this_hart().id]
    here.idle.state = ThreadState.RUNNING
    here.idle.turn_began_ns = clock.monotonic_ns()
    hart = cpu.this_hart()
    hart.current = here.idle
    hart.idle = here.idle
    timer.on_earlier(_timer_started)
