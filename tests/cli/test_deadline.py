"""A time limit that cannot get lost."""

import signal
import time

import pytest

from scarlet.cli import deadline
from scarlet.cli.deadline import Deadline


def test_an_interrupt_that_a_destructor_swallows_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "REPEAT_SECONDS", 0.01)
    swallowed = 0
    with pytest.raises(KeyboardInterrupt), Deadline(0.01) as limit:
        try:
            while True:
                time.sleep(0.001)
        except KeyboardInterrupt:
            swallowed += 1
        while True:
            time.sleep(0.001)
    assert swallowed == 1
    assert limit.passed


def test_it_holds_where_interrupts_are_ignored() -> None:
    """As for what a shell without job control runs in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), Deadline(0.01):
            for _ in range(10_000):
                time.sleep(0.001)
    finally:
        signal.signal(signal.SIGINT, before)


def test_code_that_ends_in_time_hears_nothing() -> None:
    with Deadline(60) as limit:
        pass
    assert not limit.passed
    with Deadline(None) as limit:
        pass
    assert not limit.passed
