"""The real-time clock's driver over its twin."""

import pytest

from drivers.rtc import TIME_HIGH, TIME_LOW, RealTimeClock
from scarlet.kernel.clock import NEVER
from scarlet.machine import mmio, timer
from scarlet.machine.hosted.clock import EPOCH_NS
from scarlet.machine.hosted.layout import RTC_BASE
from scarlet.machine.hosted.world import World


def set_ns(ns: int) -> None:
    mmio.write32(RTC_BASE + TIME_HIGH, ns >> 32)
    mmio.write32(RTC_BASE + TIME_LOW, ns & 0xFFFF_FFFF)


def test_clock_follows_the_timebase(machine: World) -> None:
    clock = RealTimeClock(RTC_BASE)
    assert clock.read_ns() == EPOCH_NS
    machine.clock.skipped += 3 * timer.frequency()
    assert clock.read_ns() == EPOCH_NS + 3_000_000_000


def test_clock_that_was_set_goes_on_from_there(machine: World) -> None:
    set_ns(1_000_000_000_123_456_789)
    machine.clock.skipped += timer.frequency()
    assert RealTimeClock(RTC_BASE).read_ns() == 1_000_000_001_123_456_789


@pytest.mark.parametrize(("ns", "read"), [(0, 0), (NEVER, NEVER), (NEVER + 1, NEVER), ((1 << 64) - 1, NEVER)])
def test_whatever_the_clock_says_is_a_time(machine: World, ns: int, read: int) -> None:
    set_ns(ns)
    assert RealTimeClock(RTC_BASE).read_ns() == read
