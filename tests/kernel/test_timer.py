"""The timer heap against a sorted list."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.kernel import clock, timer
from scarlet.kernel.clock import NEVER
from scarlet.kernel.timer import Timer

step = st.one_of(
    st.tuples(st.just("start"), st.integers(0, 9), st.integers(0, 50)),
    st.tuples(st.just("cancel"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("pop"), st.just(0), st.just(0)),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(step, max_size=80))
def test_first_timer_is_always_the_earliest_started_first_among_equals(steps: list[tuple[str, int, int]]) -> None:
    while timer._heap:
        timer._heap[0].cancel()
    timers = [Timer() for _ in range(10)]
    model: list[tuple[int, int, int]] = []  # deadline, order, number
    order = 0
    far = 1 << 60
    for what, number, delay in steps:
        if what == "start":
            order += 1
            model = [entry for entry in model if entry[2] != number] + [(far + delay, order, number)]
            timers[number].start(far + delay)
        elif what == "cancel":
            model = [entry for entry in model if entry[2] != number]
            timers[number].cancel()
        elif model:
            first = min(model)
            model.remove(first)
            assert timer._heap[0] is timers[first[2]]
            timers[first[2]].cancel()
        assert timer.next_deadline_ns() == (min(model)[0] if model else NEVER)
        assert {number for _, _, number in model} == {number for number in range(10) if timers[number].armed}
        assert all(timer._heap[item.position] is item for item in timers if item.armed)


def test_ticks_and_nanoseconds_agree() -> None:
    for ns in (0, 1, 99, 100, 101, 10**9 + 1, 3 * 10**17 + 7):
        ticks = clock.ns_to_ticks(ns)
        assert clock.ticks_to_ns(ticks) >= ns
        assert ticks == 0 or clock.ticks_to_ns(ticks - 1) < ns


def test_deadline_beyond_all_times_is_never() -> None:
    assert clock.deadline_after(NEVER) == NEVER
    assert clock.deadline_after(5) < NEVER


def test_real_time_can_be_set_and_monotonic_time_goes_on() -> None:
    before = clock.monotonic_ns()
    clock.set_realtime_ns(1_700_000_000_000_000_000)
    assert 0 <= clock.realtime_ns() - 1_700_000_000_000_000_000 < 1_000_000
    assert clock.monotonic_ns() >= before
