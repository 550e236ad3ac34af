"""Waiting for one of many objects, and an object that is nothing but something to wait for. (poll(2))"""

from objects.anonymous import AnonymousObject
from objects.object import KernelObject, PollEvents, Status
from objects.restart import Interrupted, Restart
from scarlet.kernel.clock import NEVER
from scarlet.kernel.waitqueue import Waiter, WaitQueue, WakeReason


class Interest:
    """An object, the events somebody waits for, and after poll_many() those that came. ERR and HUP always count."""

    def __init__(self, object: KernelObject, wanted: PollEvents) -> None:
        self.object = object
        self.wanted = wanted | PollEvents.ERR | PollEvents.HUP
        self.found = PollEvents.NONE


def poll_many(interests: list[Interest], deadline_ns: int = NEVER, restart: Restart = Restart.UNLESS_HANDLER) -> int:
    """How many objects have one of their wanted events, waiting for the first until the deadline; 0 when it came first. EINTR."""
    count = _look(interests, None)
    if count > 0 or deadline_ns == 0:
        return count
    with Waiter() as waiter:
        count = _look(interests, waiter)
        while count == 0:
            reason = waiter.wait(deadline_ns)
            count = _look(interests, None)
            if count == 0 and reason is WakeReason.SIGNAL:
                raise Interrupted(restart)
            if reason is WakeReason.TIMEOUT:
                break
    return count


def _look(interests: list[Interest], waiter: Waiter | None) -> int:
    count = 0
    for interest in interests:
        interest.found = interest.object.poll(waiter) & interest.wanted
        if interest.found != PollEvents.NONE:
            count += 1
    return count


class Event(AnonymousObject):
    """A condition that is set or not; readable while it is set. The base of objects that only announce something."""

    def __init__(self, status: Status = Status.NONE) -> None:
        super().__init__(status)
        self.is_set = False
        self.changed = WaitQueue()

    def set(self) -> None:
        """Make it true; everybody who waits goes on."""
        if not self.is_set:
            self.is_set = True
            self.changed.wake_all()

    def clear(self) -> None:
        """Make it false."""
        self.is_set = False

    def poll(self, waiter: Waiter | None) -> PollEvents:
        if waiter is not None:
            waiter.add(self.changed)
        return PollEvents.READABLE if self.is_set else PollEvents.NONE

    def link_text(self) -> bytes:
        return b"anon_inode:[event]"
