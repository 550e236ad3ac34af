"""A time limit for code that runs in this thread: KeyboardInterrupt when it has passed.

An interrupt can get lost: Python drops an exception that comes up in a destructor or in a callback from C. So it is repeated until the
code has ended. It is SIGALRM's, because programs in the background have SIGINT ignored (signal(7), sh(1)).
"""

import _thread
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

REPEAT_SECONDS = 0.5


class Deadline:
    """`with Deadline(seconds) as deadline:` raises KeyboardInterrupt in the body after so many seconds, and again. None: no limit."""

    def __init__(self, seconds: float | None) -> None:
        self.passed = False
        self._seconds = seconds
        self._over = threading.Event()
        self._before: signal.Handlers | Callable[[int, FrameType | None], object] | int | None = None

    def __enter__(self) -> "Deadline":
        if self._seconds is not None:
            self._before = signal.signal(signal.SIGALRM, signal.default_int_handler)
            threading.Thread(target=self._watch, args=(self._seconds,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        if self._seconds is not None:
            signal.signal(signal.SIGALRM, self._before)

    def _watch(self, seconds: float) -> None:
        while not self._over.wait(REPEAT_SECONDS if self.passed else seconds):
            self.passed = True
            _thread.interrupt_main(signal.SIGALRM)
