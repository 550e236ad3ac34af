"""Timers: objects that act when a time has come.

All armed timers are in one binary heap ordered by deadline, and by the order of starting among equals. A Timer knows its place in the
heap, so cancelling is logarithmic too. The heap owns the timers in it: an armed timer stays alive until it expires or is cancelled.

`expired` runs in the kernel with nothing held, on whatever thread the interrupt met: it may wake threads and start timers, it must not
block. The hardware deadline is the scheduler's business: it is told through `on_earlier` when the first deadline moves forward.
"""

from collections.abc import Callable

from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER


class Timer:
    """Something to do at `deadline_ns` (CLOCK_MONOTONIC). Derive from it and override `expired`."""

    def __init__(self) -> None:
        self.deadline_ns = NEVER
        self.position = -1
        self.order = 0

    def expired(self) -> None:
        """The deadline has passed; the timer is no longer armed. Must not block."""
        raise NotImplementedError("Timer.expired")

    @property
    def armed(self) -> bool:
        return self.position >= 0

    def start(self, deadline_ns: int) -> None:
        """Expire at that time, at once if it has passed; an armed timer is moved. NEVER disarms it."""
        self.cancel()
        self.deadline_ns = deadline_ns
        if deadline_ns != NEVER:
            _insert(self)

    def cancel(self) -> None:
        """Do not expire after all. Nothing happens to a timer that is not armed."""
        if self.position >= 0:
            _remove(self)
            self.deadline_ns = NEVER


def _nothing(deadline_ns: int) -> None:
    """Nobody programs the hardware yet."""


_heap: list[Timer] = []
_started = 0
_on_earlier: Callable[[int], None] = _nothing


def on_earlier(notify: Callable[[int], None]) -> None:
    """Call notify(deadline_ns) whenever the first deadline becomes earlier."""
    global _on_earlier
    _on_earlier = notify


def next_deadline_ns() -> int:
    """The first deadline, NEVER when nothing is armed."""
    return _heap[0].deadline_ns if len(_heap) > 0 else NEVER


def run_expired() -> None:
    """Let every timer act whose time has come, in order of deadline."""
    if len(_heap) == 0:
        return
    now = clock.monotonic_ns()
    while len(_heap) > 0 and _heap[0].deadline_ns <= now:
        timer = _heap[0]
        _remove(timer)
        timer.expired()


def _before(left: Timer, right: Timer) -> bool:
    if left.deadline_ns != right.deadline_ns:
        return left.deadline_ns < right.deadline_ns
    return left.order < right.order


def _insert(timer: Timer) -> None:
    global _started
    _started += 1
    timer.order = _started
    _heap.append(timer)
    _rise(timer, len(_heap) - 1)
    if timer.position == 0:
        _on_earlier(timer.deadline_ns)


def _remove(timer: Timer) -> None:
    place = timer.position
    last = _heap.pop()
    timer.position = -1
    if last is not timer:
        _rise(last, place)
        _sink(last, last.position)


def _rise(timer: Timer, place: int) -> None:
    """Put the timer at a place or as far above as it belongs."""
    while place > 0:
        parent = _heap[(place - 1) // 2]
        if not _before(timer, parent):
            break
        _heap[place] = parent
        parent.position = place
        place = (place - 1) // 2
    _heap[place] = timer
    timer.position = place


def _sink(timer: Timer, place: int) -> None:
    """Put the timer at a place or as far below as it belongs."""
    count = len(_heap)
    while 2 * place + 1 < count:
        below = 2 * place + 1
        if below + 1 < count and _before(_heap[below + 1], _heap[below]):
            below += 1
        child = _heap[below]
        if not _before(child, timer):
            break
        _heap[place] = child
        child.position = place
        place = below
    _heap[place] = timer
    timer.position = place
