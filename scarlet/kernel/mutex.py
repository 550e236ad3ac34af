"""Locks that sleep, for what may not be entered twice while its holder waits for a device: `with self.mutex: ...`"""

from scarlet.kernel.waitqueue import WaitQueue


class Mutex:
    """Held by at most one thread; whoever wants it meanwhile sleeps, first come first served. Its holder may not take it again."""

    def __init__(self) -> None:
        self._held = False
        self._waiters = WaitQueue()

    @property
    def is_held(self) -> bool:
        """Does somebody hold it?"""
        return self._held

    def acquire(self) -> None:
        """Sleep until nobody holds it, and hold it."""
        while self._held:
            self._waiters.wait(interruptible=False)
        self._held = True

    def release(self) -> None:
        """Let the next one have it."""
        self._held = False
        self._waiters.wake_one()

    def __enter__(self) -> "Mutex":
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.release()
