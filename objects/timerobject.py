"""A timer to wait for: readable once a time has come. (timerfd_create(2), as an idea)

Reading gives, in eight bytes, how often it has expired since it was last read. A periodic timer that has expired is not armed again until
it is read, and the periods that went by meanwhile are counted then: however short the period, it cannot keep the kernel busy. The kernel's
timer knows the object weakly, so a timer whose last handle is closed is disarmed.
"""

import weakref
from typing import Final

from objects.anonymous import AnonymousObject
from objects.object import PollEvents, Status
from objects.restart import sleep_on
from scarlet.kernel import clock
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.lang.errno import EAGAIN, EINVAL, Errno

COUNT_BYTES: Final = 8


class Alarm(Timer):
    """The kernel's part: tells the object."""

    def __init__(self, target: "TimerObject") -> None:
        super().__init__()
        self._target = weakref.ref(target)

    def expired(self) -> None:
        target = self._target()
        if target is not None:
            target.expire()


class TimerObject(AnonymousObject):
    """A timer. `period_ns` is 0 for one that expires once."""

    def __init__(self) -> None:
        super().__init__()
        self.expirations = 0
        self.period_ns = 0
        self._deadline_ns = clock.NEVER
        self._alarm: Alarm | None = None
        self._expired = WaitQueue()

    def __del__(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    def arm(self, deadline_ns: int, period_ns: int) -> None:
        """Expire at a time and then periodically; NEVER disarms. What has expired is forgotten."""
        alarm = self._alarm
        if alarm is None:
            alarm = Alarm(self)
            self._alarm = alarm
        self.expirations = 0
        self.period_ns = period_ns
        self._deadline_ns = deadline_ns
        alarm.start(deadline_ns)

    def expire(self) -> None:
        """The time has come."""
        self.expirations = 1
        self._expired.wake_all()

    def _go_on(self) -> None:
        """Count the periods that went by since it expired, and expire again at the end of the present one."""
        missed = max(clock.monotonic_ns() - self._deadline_ns, 0) // self.period_ns
        self.expirations += missed
        ahead = (missed + 1) * self.period_ns
        self._deadline_ns = clock.NEVER if self._deadline_ns > clock.NEVER - ahead else self._deadline_ns + ahead
        if self._alarm is not None:
            self._alarm.start(self._deadline_ns)

    def read(self, buffer: Buffer) -> int:
        """The number of expirations, eight bytes; waits for one. EINVAL for a smaller buffer, EAGAIN under NONBLOCK."""
        if buffer.length < COUNT_BYTES:
            raise Errno(EINVAL, "a count has eight bytes")
        while self.expirations == 0:
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "the timer has not expired")
            sleep_on(self._expired)
        if self.period_ns > 0:
            self._go_on()
        count = self.expirations
        self.expirations = 0
        buffer.write(0, count.to_bytes(COUNT_BYTES, "little"))
        return COUNT_BYTES

    def poll(self, waiter: Waiter | None) -> PollEvents:
        if waiter is not None:
            waiter.add(self._expired)
        return PollEvents.READABLE if self.expirations > 0 else PollEvents.NONE

    def link_text(self) -> bytes:
        return b"anon_inode:[timer]"
