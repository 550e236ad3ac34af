"""Advisory locks on files: flock(2) on whole files, and record locks (fcntl(2)) on ranges.

An owner is a number: the handle table for POSIX record locks, the open file for flock and for open-file-description locks. Locks of
one owner never conflict with each other. A request that conflicts either fails with EAGAIN or waits; a POSIX lock that would wait for
someone who waits for us fails with EDEADLK. Whoever releases something wakes all who wait, and they look again.
"""

from enum import IntEnum
from typing import Final

from objects.limits import INFINITY
from objects.restart import sleep_on
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EAGAIN, EDEADLK, Errno


class LockType(IntEnum):
    """Shared, exclusive or none; the values of F_RDLCK, F_WRLCK and F_UNLCK."""

    READ = 0
    WRITE = 1
    UNLOCKED = 2


class RecordLock:
    """A lock on the bytes start <= offset < end; INFINITY as the end covers whatever the file grows to. pid is for F_GETLK only."""

    def __init__(self, owner: int, pid: int, type: LockType, start: int, end: int) -> None:
        self.owner = owner
        self.pid = pid
        self.type = type
        self.start = start
        self.end = end

    def overlaps(self, other: "RecordLock") -> bool:
        """Is there a byte in both?"""
        return self.start < other.end and other.start < self.end

    def conflicts(self, other: "RecordLock") -> bool:
        """Do the two exclude each other?"""
        if self.owner == other.owner or not self.overlaps(other):
            return False
        return self.type == LockType.WRITE or other.type == LockType.WRITE


_blocked_by: Final[dict[int, int]] = {}
"""For each owner that waits for a POSIX lock: the owner it waits for."""


class FileLocks:
    """All locks on one file."""

    def __init__(self) -> None:
        self.whole: list[RecordLock] = []
        self.records: list[RecordLock] = []
        self.released = WaitQueue()

    # flock(2)

    def lock_whole(self, owner: int, type: LockType, *, wait: bool) -> None:
        """Take, convert or (UNLOCKED) drop the lock of an open file. EAGAIN when it is taken and wait is False; EINTR.

        A conversion drops the old lock first, as flock(2) says: it may be lost when the new one cannot be had."""
        for lock in self.whole:
            if lock.owner == owner:
                if lock.type == type:
                    return
                break
        self._drop_whole(owner)
        if type == LockType.UNLOCKED:
            return
        wanted = RecordLock(owner, 0, type, 0, INFINITY)
        while _first_conflict(self.whole, wanted) is not None:
            if not wait:
                raise Errno(EAGAIN, "another open file holds the lock")
            sleep_on(self.released)
        self.whole.append(wanted)

    def release_owner(self, owner: int) -> None:
        """Drop everything an owner holds: its open file or its table's handle on the file was closed."""
        self._drop_whole(owner)
        self.release_records(owner)

    def release_records(self, owner: int) -> None:
        """Drop the record locks of an owner."""
        kept = [lock for lock in self.records if lock.owner != owner]
        if len(kept) != len(self.records):
            self.records = kept
            self.released.wake_all()

    def _drop_whole(self, owner: int) -> None:
        kept = [lock for lock in self.whole if lock.owner != owner]
        if len(kept) != len(self.whole):
            self.whole = kept
            self.released.wake_all()

    # Record locks

    def test_record(self, wanted: RecordLock) -> RecordLock | None:
        """The first lock that keeps `wanted` from being taken, or that it would release if it is UNLOCKED. (F_GETLK, F_OFD_GETLK)"""
        if wanted.type == LockType.UNLOCKED:
            for lock in self.records:
                if lock.owner == wanted.owner and lock.overlaps(wanted):
                    return lock
            return None
        return _first_conflict(self.records, wanted)

    def set_record(self, wanted: RecordLock, *, wait: bool, detect_deadlock: bool = True) -> None:
        """Take, convert, split or (UNLOCKED) drop. EAGAIN when one is in the way and wait is False; EDEADLK, EINTR. (F_SETLK, F_SETLKW)"""
        if wanted.type != LockType.UNLOCKED:
            blocker = _first_conflict(self.records, wanted)
            while blocker is not None:
                if not wait:
                    raise Errno(EAGAIN, "another process holds a conflicting lock")
                self._wait_for(wanted.owner, blocker.owner, detect_deadlock)
                blocker = _first_conflict(self.records, wanted)
        self._replace(wanted)

    def _wait_for(self, owner: int, blocker: int, detect_deadlock: bool) -> None:
        if not detect_deadlock:
            sleep_on(self.released)
            return
        next_owner = blocker
        while next_owner in _blocked_by:
            next_owner = _blocked_by[next_owner]
            if next_owner == owner:
                raise Errno(EDEADLK, "the holder of the lock waits for this process")
        _blocked_by[owner] = blocker
        try:
            sleep_on(self.released)
        finally:
            del _blocked_by[owner]

    def _replace(self, wanted: RecordLock) -> None:
        """Cut the range out of what the owner holds, put the new lock there and join it with equal neighbours."""
        kept: list[RecordLock] = []
        start = wanted.start
        end = wanted.end
        loosened = False
        for lock in self.records:
            if lock.owner != wanted.owner or lock.end < start or lock.start > end:
                kept.append(lock)
            elif lock.type == wanted.type:
                start = min(start, lock.start)
                end = max(end, lock.end)
            elif lock.end == start or lock.start == end:
                kept.append(lock)
            else:
                loosened = True
                if lock.start < start:
                    kept.append(RecordLock(lock.owner, lock.pid, lock.type, lock.start, start))
                if lock.end > end:
                    kept.append(RecordLock(lock.owner, lock.pid, lock.type, end, lock.end))
        if wanted.type != LockType.UNLOCKED:
            kept.append(RecordLock(wanted.owner, wanted.pid, wanted.type, start, end))
        self.records = kept
        if loosened:
            self.released.wake_all()


def _first_conflict(locks: list[RecordLock], wanted: RecordLock) -> RecordLock | None:
    for lock in locks:
        if lock.conflicts(wanted):
            return lock
    return None
