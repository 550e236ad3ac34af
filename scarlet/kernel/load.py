"""The load average (proc_loadavg(5)): the number of runnable threads, averaged with a decay over 1, 5 and 15 minutes.

Sampled every five seconds, as Linux does, in fixed point with 11 fractional bits. An idle hart has no tick: the intervals it slept
through are counted, as idle ones, at the next sample.
"""

from typing import Final

FIXED_1: Final = 2048
INTERVAL_NS: Final = 5_000_000_000
DECAY: Final = [1884, 2014, 2037]
"""2048 / exp(5 s / 60 s), / exp(5 s / 300 s), / exp(5 s / 900 s)."""
FORGOTTEN: Final = 1 << 14
"""After so many idle samples every average is zero, whatever it was."""

_averages: Final[list[int]] = [0, 0, 0]
_next_sample_ns = INTERVAL_NS


def sample(now_ns: int, runnable: int) -> None:
    """Take the samples that are due: the last finds `runnable` threads, those before it were slept through."""
    global _next_sample_ns
    missed = max(now_ns - _next_sample_ns, 0) // INTERVAL_NS
    if missed > FORGOTTEN:
        _next_sample_ns += (missed - FORGOTTEN) * INTERVAL_NS
    while _next_sample_ns <= now_ns:
        last = now_ns - _next_sample_ns < INTERVAL_NS
        _fold(runnable if last else 0)
        _next_sample_ns += INTERVAL_NS


def averages(now_ns: int) -> tuple[int, int, int]:
    """The three averages in hundredths, as of now."""
    sample(now_ns, 0)
    return (_averages[0] * 100 // FIXED_1, _averages[1] * 100 // FIXED_1, _averages[2] * 100 // FIXED_1)


def _fold(runnable: int) -> None:
    for index in range(3):
        decay = DECAY[index]
        _averages[index] = (_averages[index] * decay + runnable * FIXED_1 * (FIXED_1 - decay)) // FIXED_1
