"""Wait queues: where threads sleep until something changes.

A sleeper always re-checks its condition in a loop; between check and sleep nothing else runs (the kernel is not preemptible), so no
wake-up is lost. `wake_one` wakes the longest sleeper, for events that one thread will consume; threads that wait on several queues
(poll) are all told of every event, because they may not consume it.
"""

from scarlet.kernel import scheduler
from scarlet.kernel.clock import NEVER
from scarlet.kernel.thread import WakeReason, current_thread
from scarlet.kernel.threadqueue import SleepQueue

__all__ = ["NEVER", "WaitQueue", "Waiter", "WakeReason"]


class WaitQueue:
    """Threads that wait for one thing."""

    def __init__(self) -> None:
        self.sleepers = SleepQueue()
        self.pollers: list[Waiter] = []

    def wait(self, deadline_ns: int = NEVER, *, interruptible: bool = True) -> WakeReason:
        """Sleep until woken, until the deadline, or until a signal comes. The caller re-checks its condition. MemoryError for a deadline;
        without one it takes no memory."""
        thread = current_thread()
        self.sleepers.append(thread)
        try:
            reason = scheduler.sleep(deadline_ns, interruptible=interruptible)
        except MemoryError:
            self.sleepers.remove(thread)
            raise
        if reason is not WakeReason.WOKEN:
            self.sleepers.remove(thread)
        return reason

    def wake_one(self) -> None:
        """One sleeper, and every poller, has something to look at."""
        if len(self.pollers) > 0:
            self._wake_pollers()
        sleeper = self.sleepers.take()
        while sleeper is not None and not scheduler.wake(sleeper):
            sleeper = self.sleepers.take()

    def wake_all(self) -> None:
        """Everyone has something to look at."""
        if len(self.pollers) > 0:
            self._wake_pollers()
        sleeper = self.sleepers.take()
        while sleeper is not None:
            scheduler.wake(sleeper)
            sleeper = self.sleepers.take()

    def empty(self) -> bool:
        """Whether nobody waits here."""
        return self.sleepers.empty() and len(self.pollers) == 0

    def _wake_pollers(self) -> None:
        for poller in self.pollers:
            poller.notify()


class Waiter:
    """The running thread, waiting on several queues at once (poll(2)). Close it, or use it in `with`: queues refer to it until then.

    An event between `add` and `wait` is not lost: `wait` returns at once, and the caller asks its objects again.
    """

    def __init__(self) -> None:
        self.thread = current_thread()
        self.queues: list[WaitQueue] = []
        self.notified = False

    def add(self, queue: WaitQueue) -> None:
        """Be woken by this queue too."""
        self.queues.append(queue)
        queue.pollers.append(self)

    def notify(self) -> None:
        """One of the queues was woken."""
        self.notified = True
        scheduler.wake(self.thread)

    def wait(self, deadline_ns: int = NEVER, *, interruptible: bool = True) -> WakeReason:
        """Sleep until one of the queues is woken, until the deadline, or until a signal comes."""
        reason = WakeReason.WOKEN
        if not self.notified:
            reason = scheduler.sleep(deadline_ns, interruptible=interruptible)
        self.notified = False
        return reason

    def close(self) -> None:
        """Leave all queues."""
        while len(self.queues) > 0:
            queue = self.queues.pop()
            for index in range(len(queue.pollers)):
                if queue.pollers[index] is self:
                    queue.pollers.pop(index)
                    break

    def __enter__(self) -> "Waiter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close()
