"""Queues of threads: those that are to run, those that sleep for one thing.

They are linked through the threads themselves, so that to be woken, to wait and to leave take no memory: none of them can fail. A
thread has two links, because one whose sleep was cut short is to run while it is still among the sleepers.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scarlet.kernel.thread import Thread


class RunQueue:
    """Threads in the order of their turns."""

    def __init__(self) -> None:
        self._first: Thread | None = None
        self._last: Thread | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, thread: "Thread") -> None:
        """The thread's turn comes after all others'. It is in no run queue yet."""
        last = self._last
        if last is None:
            self._first = thread
        else:
            last.next_to_run = thread
        self._last = thread
        self._count += 1

    def take(self) -> "Thread | None":
        """The thread whose turn it is, None when there is none."""
        first = self._first
        if first is None:
            return None
        self._first = first.next_to_run
        first.next_to_run = None
        if self._first is None:
            self._last = None
        self._count -= 1
        return first


class SleepQueue:
    """Threads in the order in which they went to sleep."""

    def __init__(self) -> None:
        self._first: Thread | None = None
        self._last: Thread | None = None

    def empty(self) -> bool:
        """Is nobody there?"""
        return self._first is None

    def append(self, thread: "Thread") -> None:
        """The thread goes to sleep. It is in no other queue of sleepers."""
        last = self._last
        if last is None:
            self._first = thread
        else:
            last.next_sleeper = thread
        self._last = thread

    def take(self) -> "Thread | None":
        """The one that has slept longest, None when there is none."""
        first = self._first
        if first is None:
            return None
        self._first = first.next_sleeper
        first.next_sleeper = None
        if self._first is None:
            self._last = None
        return first

    def remove(self, thread: "Thread") -> None:
        """The thread has not been woken from here and waits no longer; nothing if it was."""
        before: Thread | None = None
        at = self._first
        while at is not None and at is not thread:
            before = at
            at = at.next_sleeper
        if at is None:
            return
        if before is None:
            self._first = thread.next_sleeper
        else:
            before.next_sleeper = thread.next_sleeper
        if self._last is thread:
            self._last = before
        thread.next_sleeper = None
