"""Memory that runs out in the middle of system calls: a sample of tests/kernel/shortage.py, and mistakes that it must find."""

import pytest

from objects.ring import FrameRing
from scarlet.kernel.memory import frames
from tests.kernel.shortage import CASES, run_case

SAMPLE = 11
"""One step in so many; `python -m tests.kernel.shortage` takes all."""


def test_every_case_goes_through_without_faults() -> None:
    assert [found for name in CASES for found in run_case(name, first=100_000)] == []


@pytest.mark.parametrize("name", ["names", "memory", "touched", "streams", "forks"])
def test_calls_that_find_no_memory_leave_nothing_behind(name: str) -> None:
    assert run_case(name, every=SAMPLE) == []


def test_frame_that_no_list_has_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(self: FrameRing, index: int) -> int:
        while len(self.frames) <= index:
            self.frames.append(frames.allocate())
        return self.frames[index]

    monkeypatch.setattr(FrameRing, "_frame", lost)
    assert any("frames" in found for found in run_case("pipes", only="append in lost"))


def test_object_that_stays_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[FrameRing] = []
    discard = FrameRing.discard
    monkeypatch.setattr(FrameRing, "discard", lambda self, count: (kept.append(self), discard(self, count))[1])
    assert any("objects.pipe.Pipe" in found for found in run_case("pipes", first=100_000))
