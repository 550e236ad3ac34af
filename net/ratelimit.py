"""A token bucket: so many things a second on average, so many at once at most."""

from scarlet.kernel import clock
from scarlet.kernel.clock import NS_PER_SECOND


class RateLimit:
    """Begins full."""

    def __init__(self, *, per_second: int, burst: int) -> None:
        self._interval_ns = NS_PER_SECOND // per_second
        self._burst = burst
        self._tokens = burst
        self._filled_ns = clock.monotonic_ns()

    def allow(self) -> bool:
        """May one more thing happen now?"""
        now = clock.monotonic_ns()
        new = (now - self._filled_ns) // self._interval_ns
        if new > 0:
            self._filled_ns += new * self._interval_ns
            self._tokens = min(self._burst, self._tokens + new)
        if self._tokens == 0:
            return False
        self._tokens -= 1
        return True
