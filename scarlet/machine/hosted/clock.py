"""Time in the hosted world: a tick is INSTRUCTIONS_PER_TICK instructions, and idling jumps to the next deadline.

Host time is used only with realtime=True, for a person at the keyboard; otherwise a run repeats exactly.
"""

import time

FREQUENCY = 10_000_000
"""Ticks in a second, as on QEMU's virt machine."""
INSTRUCTIONS_PER_TICK = 10
"""A hundred million instructions a second: near what TCG does."""
EPOCH_NS = 1_767_225_600_000_000_000
"""What the real-time clock says when a machine that does not follow the host is switched on: 2026-01-01 00:00:00 UTC."""


class Clock:
    """Counts instructions; `deadline` is the tick of the next timer interrupt, 0 for none."""

    def __init__(self, *, realtime: bool) -> None:
        self.realtime = realtime
        self.instructions = 0
        self.skipped = 0
        self.deadline = 0
        self._started_ns = time.monotonic_ns()

    def advance(self, instructions: int) -> None:
        self.instructions += instructions

    def ticks(self) -> int:
        """The timebase. Reading it takes an instruction, so that a loop that waits for time to pass ends."""
        self.instructions += 1
        return self.now()

    def now(self) -> int:
        if self.realtime:
            return (time.monotonic_ns() - self._started_ns) // 100
        return self.skipped + self.instructions // INSTRUCTIONS_PER_TICK

    def wall_ns(self) -> int:
        """Nanoseconds since 1970, for the real-time clock."""
        return time.time_ns() if self.realtime else EPOCH_NS + self.now() * (1_000_000_000 // FREQUENCY)

    def expired(self) -> bool:
        return self.deadline != 0 and self.now() >= self.deadline

    def skip_to_deadline(self) -> None:
        """Nothing can happen before the deadline: let the time pass."""
        self.skipped += max(0, self.deadline - self.now())

    def until_deadline_ns(self) -> int | None:
        """Nanoseconds to the deadline, None when there is none."""
        return None if self.deadline == 0 else max(0, self.deadline - self.now()) * (1_000_000_000 // FREQUENCY)
