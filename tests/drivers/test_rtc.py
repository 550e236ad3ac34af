"""The real-time clock's driver over its twin."""

import pytest

from drivers.rtc import RealTimeClock
from scarlet.machine import timer
from scarlet.machine.hosted.clock import EPOCH_NS
from scarlet.machine.hosted.layout import RTC_BASE
from scarlet.machine.hosted.world import World


def test_clock_follows_the_timebase(machine: World) -> None:
    clock = RealTimeClock(RTC_BASE)
    assert clock.read_ns() == EPOCH_NS
    machine.clock.skipped += 3 * timer.frequency()
    assert clock.read_ns() == EPOCH_NS + 3_000_000_000


def test_clock_that_was_set_goes_on_from_there(machine: World) -> None:
    clock = RealTimeClock(RTC_BASE)
    clock.set_ns(1_000_000_000_123_456_789)
    machine.clock.skipped += timer.frequency()
    assert clock.read_ns() == 1_000_000_001_123_456_789


def test_time_before_1970_is_refused(machine: World) -> None:
    with pytest.raises(ValueError, match="1970"):
        RealTimeClock(RTC_BASE).set_ns(-1)
