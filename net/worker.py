"""The network thread: whatever packets and timers ask for is done here, a share at a time.

An interrupt only puts work into the queue. Each piece of work is in it at most once, does a bounded share and goes to the end of the
queue when there is more, and between two shares other threads may run: so no flood of packets keeps the machine from its programs.
A thread that sends does so itself; only what comes back goes through here.
"""

from collections import deque
from typing import Final

from scarlet.kernel import log, scheduler
from scarlet.kernel.thread import Thread
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import WaitQueue


class Work(Timer):
    """Something to do, soon (`post`) or at a time (`start`). Derive from it and override `work`."""

    def __init__(self) -> None:
        super().__init__()
        self.queued = False

    def work(self) -> bool:
        """Do a share of it; True when there is more. Must not block."""
        raise NotImplementedError("Work.work")

    def expired(self) -> None:
        self.post()

    def post(self) -> None:
        """Have it done soon. May be called in an interrupt."""
        if not self.queued:
            self.queued = True
            _queue.append(self)
            _arrivals.wake_one()


class Worker(Thread):
    """The thread."""

    def run(self) -> None:
        scheduler.arrived()
        while True:
            while run_one():
                scheduler.yield_now()
            _arrivals.wait(interruptible=False)


_queue: Final[deque[Work]] = deque()
_arrivals: Final = WaitQueue()


def start(tid: int) -> Thread:
    """Start the thread, under this id; the caller keeps it alive."""
    worker = Worker(tid, b"net")
    worker.start()
    scheduler.make_runnable(worker)
    return worker


def run_one() -> bool:
    """Do one share of the work that waits; False when there is none."""
    if len(_queue) == 0:
        return False
    work = _queue.popleft()
    work.queued = False
    try:
        if work.work():
            work.post()
    except Exception as problem:
        log.failure("network work failed", problem)
    return True
