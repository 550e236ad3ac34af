"""Deferred work: what a destructor must leave to a thread that may sleep.

A destructor runs wherever the last reference went, perhaps in an interrupt: it must not block. What may block (write back, wait for a
device) is put here and done soon by a kernel thread, in order. Work given before `start` waits for it.
"""

from collections import deque
from typing import Final

from scarlet.kernel import log, scheduler
from scarlet.kernel.thread import Thread
from scarlet.kernel.waitqueue import WaitQueue


class Deferred:
    """A piece of work. Derive from it and override `work`."""

    def work(self) -> None:
        """Do it. May block."""
        raise NotImplementedError("Deferred.work")


class Worker(Thread):
    """The kernel thread that does the work."""

    def run(self) -> None:
        self.must_succeed = True
        scheduler.arrived()
        while True:
            while len(_queue) > 0:
                _do(_queue.popleft())
            _arrivals.wait(interruptible=False)


_queue: Final[deque[Deferred]] = deque()
_arrivals: Final = WaitQueue()


def defer(work: Deferred) -> None:
    """Have it done soon, after all that was deferred before."""
    _queue.append(work)
    _arrivals.wake_one()


def start(tid: int) -> Thread:
    """Start the worker, under this thread id; the caller keeps the thread alive."""
    worker = Worker(tid, b"deferred")
    worker.start()
    scheduler.make_runnable(worker)
    return worker


def pending() -> int:
    """Pieces of work that wait."""
    return len(_queue)


def _do(work: Deferred) -> None:
    try:
        work.work()
    except Exception as problem:
        log.error(f"deferred work failed: {problem}")
