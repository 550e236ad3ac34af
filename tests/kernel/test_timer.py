"""The timer heap against a sorted list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.kernel import clock, load, timer
from scarlet.kernel.clock import LAST, LATEST_SETTING, NEVER
from scarlet.kernel.timer import Timer
from scarlet.machine import timer as hardware

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


def test_the_machine_was_never_started_before_1970() -> None:
    clock.set_realtime_ns(0)
    assert clock.realtime_offset_ns() == 0


FAR_TICKS = [
    LAST // 100 - 1, LAST // 100, LAST // 100 + 1, (NEVER - 1) // 100, NEVER // 100 + 1,
    ((1 << 64) - 1) // 100,  # where QEMU's time goes on to when it has passed 2**63 nanoseconds
    NEVER,
]  # fmt: skip


@pytest.mark.parametrize("ticks", FAR_TICKS)
@pytest.mark.parametrize("frequency", [10_000_000, 12_345_678])
def test_wherever_the_timebase_jumps_to_times_can_be_added(ticks: int, frequency: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frequency", frequency)
    monkeypatch.setattr(clock, "_ns_per_tick", 100 if frequency == 10_000_000 else 0)
    monkeypatch.setattr(clock, "_last_tick", LAST // clock.NS_PER_SECOND * frequency)
    monkeypatch.setattr(clock, "_realtime_offset_ns", 0)
    clock.set_realtime_ns(NEVER)
    monkeypatch.setattr(hardware, "ticks", lambda: ticks)
    assert clock.monotonic_ns() <= clock.boottime_ns() <= LAST
    assert LATEST_SETTING <= clock.realtime_ns() + clock.NS_PER_SECOND and clock.realtime_ns() <= NEVER
    assert clock.deadline_after(clock.NS_PER_SECOND) <= LAST + clock.NS_PER_SECOND < NEVER
    assert clock.ns_to_ticks(clock.monotonic_ns()) <= ticks


def test_the_load_average_of_a_machine_that_slept_for_thirty_years_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    folds: list[int] = []
    monkeypatch.setattr(load, "_averages", [1 << 20, 1 << 20, 1 << 20])
    monkeypatch.setattr(load, "_next_sample_ns", load.INTERVAL_NS)
    fold = load._fold
    monkeypatch.setattr(load, "_fold", lambda runnable: (folds.append(runnable), fold(runnable)))
    load.sample(LAST, 1)
    assert len(folds) < 1 << 15 and folds[-1] == 1
    assert load._averages[0] == load.FIXED_1 - load.DECAY[0], "what was before is forgotten, the last sample counts"
    assert LAST < load._next_sample_ns <= LAST + load.INTERVAL_NS
