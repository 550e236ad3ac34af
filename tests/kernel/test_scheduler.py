"""Threads, sleeping and waking: on the hosted machine's contexts and its counted clock."""

import random
from collections.abc import Iterator

import pytest

from scarlet.kernel import clock, scheduler
from scarlet.kernel.deferred import Deferred, defer
from scarlet.kernel.deferred import start as start_worker
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.setup import HeapFrames
from scarlet.kernel.thread import Thread, ThreadState, WakeReason, current_thread
from scarlet.kernel.threadqueue import RunQueue, SleepQueue
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.machine import timer as hardware
from scarlet.machine.bootinfo import MemoryRange
from tests.kernel.conftest import RAM_BASE
from tests.kernel.threads import Run

MS = 1_000_000


@pytest.fixture
def run() -> Iterator[Run]:
    run = Run()
    yield run
    run.close()


@pytest.fixture(autouse=True)
def memory() -> None:
    """The threads need no frames."""
    assert RAM_BASE


def test_threads_take_turns(run: Run) -> None:
    order: list[str] = []

    def turns(name: str) -> None:
        for _ in range(3):
            order.append(name)
            scheduler.yield_now()

    for name in "abc":
        run.thread(lambda name=name: turns(name))
    run.go()
    assert "".join(order) == "abcabcabc"


def test_sleepers_are_woken_in_order_and_once(run: Run) -> None:
    queue = WaitQueue()
    order: list[str] = []

    def sleeper(name: str) -> None:
        assert queue.wait() is WakeReason.WOKEN
        order.append(name)

    def waker() -> None:
        queue.wake_one()
        scheduler.yield_now()
        assert order == ["a"]
        queue.wake_all()

    for name in "abc":
        run.thread(lambda name=name: sleeper(name))
    run.thread(waker)
    run.go()
    assert order == ["a", "b", "c"]
    assert queue.empty()


def test_sleep_ends_at_its_deadline_and_leaves_the_queue(run: Run) -> None:
    queue = WaitQueue()

    def sleeper() -> None:
        deadline = clock.deadline_after(30 * MS)
        assert queue.wait(deadline) is WakeReason.TIMEOUT
        assert clock.monotonic_ns() >= deadline
        assert queue.empty()

    run.thread(sleeper)
    run.go()


def test_deadlines_end_sleeps_in_their_order(run: Run) -> None:
    order: list[int] = []

    def sleeper(delay: int) -> None:
        WaitQueue().wait(clock.deadline_after(delay * MS))
        order.append(delay)

    for delay in (50, 10, 30, 20, 40):
        run.thread(lambda delay=delay: sleeper(delay))
    run.go()
    assert order == [10, 20, 30, 40, 50]


def test_past_deadline_does_not_sleep(run: Run) -> None:
    def sleeper() -> None:
        assert WaitQueue().wait(0) is WakeReason.TIMEOUT

    run.thread(sleeper)
    run.go()


def test_signal_ends_an_interruptible_sleep_only(run: Run) -> None:
    soft, hard = WaitQueue(), WaitQueue()

    def interruptible() -> None:
        assert soft.wait() is WakeReason.SIGNAL
        assert soft.empty()

    def stubborn() -> None:
        assert hard.wait(interruptible=False) is WakeReason.WOKEN

    one, two = run.thread(interruptible), run.thread(stubborn)

    def sender() -> None:
        assert scheduler.interrupt(one)
        assert not scheduler.interrupt(one)
        assert not scheduler.interrupt(two)
        scheduler.yield_now()
        assert two.state is ThreadState.SLEEPING
        hard.wake_one()

    run.thread(sender)
    run.go()


def test_pending_signal_prevents_the_sleep(run: Run) -> None:
    queue = WaitQueue()

    def sleeper() -> None:
        script = current_thread()
        script.signal = True  # type: ignore[attr-defined]
        assert queue.wait() is WakeReason.SIGNAL
        assert queue.empty()

    run.thread(sleeper)
    run.go()


def test_first_reason_to_wake_wins(run: Run) -> None:
    queue = WaitQueue()
    reasons: list[WakeReason] = []
    sleeper = run.thread(lambda: reasons.append(queue.wait()))

    def waker() -> None:
        queue.wake_one()
        assert not scheduler.interrupt(sleeper)

    run.thread(waker)
    run.go()
    assert reasons == [WakeReason.WOKEN]


def test_wake_one_reaches_a_sleeper_past_one_that_timed_out(run: Run) -> None:
    queue = WaitQueue()
    reasons: list[WakeReason] = []
    first = run.thread(lambda: reasons.append(queue.wait(clock.deadline_after(MS))))
    run.thread(lambda: reasons.append(queue.wait()))

    def waker() -> None:
        scheduler.wake(first, WakeReason.TIMEOUT)
        queue.wake_one()

    run.thread(waker)
    run.go()
    assert sorted(reasons) == [WakeReason.WOKEN, WakeReason.TIMEOUT]


def test_poller_sees_an_event_of_any_queue(run: Run) -> None:
    queues = [WaitQueue() for _ in range(3)]

    def poller() -> None:
        with Waiter() as waiter:
            for queue in queues:
                waiter.add(queue)
            assert waiter.wait() is WakeReason.WOKEN
            assert waiter.wait(clock.deadline_after(MS)) is WakeReason.TIMEOUT
        assert all(queue.empty() for queue in queues)

    run.thread(poller)
    run.thread(lambda: queues[1].wake_one())
    run.go()


def test_event_between_asking_and_waiting_is_not_lost(run: Run) -> None:
    queue = WaitQueue()

    def poller() -> None:
        with Waiter() as waiter:
            waiter.add(queue)
            queue.wake_one()
            assert waiter.wait() is WakeReason.WOKEN

    run.thread(poller)
    run.go()


def test_poller_does_not_swallow_the_wakeup_of_a_sleeper(run: Run) -> None:
    queue = WaitQueue()
    woken: list[str] = []

    def poller() -> None:
        with Waiter() as waiter:
            waiter.add(queue)
            waiter.wait()
            woken.append("poller")

    def sleeper() -> None:
        queue.wait()
        woken.append("sleeper")

    run.thread(poller)
    run.thread(sleeper)
    run.thread(queue.wake_one)
    run.go()
    assert sorted(woken) == ["poller", "sleeper"]


def test_dead_threads_are_released_by_the_next(run: Run) -> None:
    def look() -> None:
        scheduler.yield_now()
        assert short.state is ThreadState.DEAD
        assert short._greenlet is None
        assert scheduler._here().dead == []

    short = run.thread(lambda: None)
    run.thread(look)
    run.go()


def test_stopped_thread_runs_again_when_made_runnable(run: Run) -> None:
    seen: list[str] = []

    def stopping() -> None:
        current_thread().state = ThreadState.STOPPED
        scheduler.block()
        seen.append("continued")

    stopped = run.thread(stopping)

    def other() -> None:
        assert not scheduler.wake(stopped)
        scheduler.make_runnable(stopped)
        scheduler.make_runnable(stopped)

    run.thread(other)
    run.go()
    assert seen == ["continued"]


def test_tick_lets_the_next_thread_run_only_when_the_slice_is_over(run: Run) -> None:
    order: list[str] = []

    def computing(name: str) -> None:
        thread = current_thread()
        thread.page_root = 0
        scheduler._here().next_tick_ns = clock.deadline_after(10 * MS)
        order.append(name)
        scheduler.tick()
        order.append(name)
        while clock.monotonic_ns() < scheduler._here().next_tick_ns:
            pass
        scheduler.tick()
        order.append(name)

    run.thread(lambda: computing("a"))
    run.thread(lambda: computing("b"))
    run.go()
    assert "".join(order) == "aabbab"


def test_pause_in_a_long_call_lets_others_run_when_the_slice_is_over(run: Run) -> None:
    order: list[str] = []

    def call() -> None:
        thread = current_thread()
        thread.page_root = 0
        scheduler._here().next_tick_ns = clock.deadline_after(10 * MS)
        scheduler._program(scheduler._here())
        assert not scheduler.pause()
        order.append("call")
        while clock.monotonic_ns() < scheduler._here().next_tick_ns:
            pass
        assert not scheduler.pause()
        order.append("call")
        long.signal = True
        assert scheduler.pause()

    long = run.thread(call)
    run.thread(lambda: order.append("other"))
    run.go()
    assert order == ["call", "other", "call"]


def test_an_interrupt_before_its_time_is_asked_for_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(hardware, "set_deadline", asked.append)

    def body() -> None:
        Timer().start(clock.LAST + 1)
        scheduler.tick()
        assert asked == [0, 0], "the clock never gets there"
        late = Timer()
        late.start(clock.deadline_after(3600 * 1000 * MS))
        scheduler.tick()
        scheduler.tick(in_user=False)
        assert asked[2] > 0 and asked[2:] == [asked[2]] * 3 and late.armed
        late.cancel()

    run.thread(body)
    run.go()


def test_times_add_up_and_never_shrink(run: Run) -> None:
    def look() -> None:
        thread = current_thread()
        last = (0, 0)
        for step in range(50):
            if step % 3 == 0:
                thread.user_ticks += 1
            elif step % 3 == 1:
                thread.system_ticks += 2
            now = thread.cpu_times_ns()
            assert now[0] >= last[0]
            assert now[1] >= last[1]
            last = now
        assert sum(last) <= clock.monotonic_ns()

    run.thread(look)
    run.go()


def test_timers_expire_in_order_and_cancelled_ones_do_not(run: Run) -> None:
    fired: list[int] = []

    class Note(Timer):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def expired(self) -> None:
            assert not self.armed
            fired.append(self.number)

    def plan() -> None:
        notes = [Note(number) for number in range(6)]
        base = clock.monotonic_ns()
        for note, delay in zip(notes, (60, 20, 20, 40, 10, 30), strict=True):
            note.start(base + delay * MS)
        notes[3].cancel()
        notes[0].start(base + 5 * MS)
        WaitQueue().wait(base + 100 * MS)

    run.thread(plan)
    run.go()
    assert fired == [0, 4, 1, 2, 5]


def test_deferred_work_is_done_by_a_thread_that_may_sleep(run: Run) -> None:
    done: list[str] = []
    finished = WaitQueue()

    class Work(Deferred):
        def __init__(self, name: str) -> None:
            self.name = name

        def work(self) -> None:
            WaitQueue().wait(clock.deadline_after(MS), interruptible=False)
            done.append(self.name)
            finished.wake_all()
            if self.name == "bad":
                raise ValueError("no")

    worker = start_worker(2)

    def giver() -> None:
        for name in ("first", "bad", "last"):
            defer(Work(name))
        while len(done) < 3:
            finished.wait()

    run.thread(giver)
    run.go()
    assert done == ["first", "bad", "last"]
    assert worker.name == b"deferred"


def test_sleep_whose_alarm_finds_no_memory_is_refused_and_leaves_the_queue(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = WaitQueue()
    order: list[str] = []

    def no_memory(deadline_ns: int, *, interruptible: bool) -> WakeReason:
        raise MemoryError

    def refused() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(scheduler, "sleep", no_memory)
            with pytest.raises(MemoryError):
                queue.wait(clock.monotonic_ns() + MS)
        assert queue.empty()
        other = WaitQueue()
        run.thread(lambda: (queue.wake_one(), order.append("woken"), other.wake_one())[-1])
        run.thread(lambda: (queue.wait(), order.append("sleeper"))[-1])
        other.wait()
        order.append("refused")

    run.thread(refused)
    run.thread(lambda: scheduler.yield_now())
    run.thread(lambda: (scheduler.yield_now(), scheduler.yield_now(), scheduler.yield_now(), queue.wake_all())[-1])
    run.go()
    assert sorted(order) == ["refused", "sleeper", "woken"]


@pytest.mark.parametrize("seed", range(3))
def test_queues_of_threads_are_lists_without_memory(seed: int) -> None:
    chance = random.Random(seed)
    threads = [Thread(number, b"") for number in range(6)]
    sleepers, turns = SleepQueue(), RunQueue()
    asleep: list[Thread] = []
    waiting: list[Thread] = []
    for _ in range(400):
        thread = chance.choice(threads)
        match chance.randrange(5):
            case 0 if thread not in asleep:
                sleepers.append(thread)
                asleep.append(thread)
            case 1:
                sleepers.remove(thread)
                asleep = [each for each in asleep if each is not thread]
            case 2:
                assert sleepers.take() is (asleep.pop(0) if asleep else None)
            case 3 if thread not in waiting:
                turns.append(thread)
                waiting.append(thread)
            case _:
                assert turns.take() is (waiting.pop(0) if waiting else None)
        assert (sleepers.empty(), len(turns)) == (not asleep, len(waiting))


def test_what_cannot_be_refused_has_the_last_of_the_memory(run: Run) -> None:
    frames.init([MemoryRange(RAM_BASE, 8 << 20)], [])
    source = HeapFrames()

    def body() -> None:
        thread = current_thread()
        while frames.free_frames() > frames.last_frames():
            frames.allocate_critical()
        with pytest.raises(MemoryError):
            source.allocate(0)
        thread.must_succeed = True
        taken = [source.allocate(0) for _ in range(frames.last_frames())]
        with pytest.raises(MemoryError):
            source.allocate(0)
        source.free(taken[0], 0)
        source.free(taken[1], 0)
        thread.must_succeed = False
        with pytest.raises(MemoryError):
            source.allocate(0)

    run.thread(body)
    run.go()
    assert frames.last_frames() == 8


def test_interrupts_and_timers_may_have_the_last_of_the_memory(run: Run) -> None:
    seen: list[bool] = []

    class Look(Timer):
        def expired(self) -> None:
            seen.append(current_thread().must_succeed)

    def body() -> None:
        look = Look()
        look.start(clock.monotonic_ns() + MS)
        scheduler.sleep(clock.monotonic_ns() + 2 * MS, interruptible=False)
        assert not current_thread().must_succeed

    run.thread(body)
    run.go()
    assert seen == [True]
