"""What happened to a task, as records to be read: how an ABI without signal handlers tells its programs.

The queue is bounded: when a program does not read, the oldest records go. Records have one size, which the ABI chooses.
"""

from typing import Final

from objects.anonymous import AnonymousObject
from objects.object import PollEvents, Status
from objects.restart import sleep_on
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.lang.errno import EAGAIN, EINVAL, Errno

MAX_RECORDS: Final = 256


class EventQueue(AnonymousObject):
    """Records that wait to be read."""

    def __init__(self, record_bytes: int) -> None:
        super().__init__()
        self._record_bytes = record_bytes
        self._records: list[bytes] = []
        self.lost = 0
        """Records that found the queue full."""
        self._filled = WaitQueue()

    def put(self, record: bytes) -> None:
        """Let a record wait; the oldest gives way when there are too many."""
        if len(self._records) == MAX_RECORDS:
            self._records.pop(0)
            self.lost += 1
        self._records.append(record)
        self._filled.wake_all()

    def read(self, buffer: Buffer) -> int:
        """As many records as fit; waits for one. EINVAL when not even one fits, EAGAIN under NONBLOCK."""
        if buffer.length < self._record_bytes:
            raise Errno(EINVAL, "a record is larger than the buffer")
        while len(self._records) == 0:
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "nothing has happened")
            sleep_on(self._filled)
        count = min(len(self._records), buffer.length // self._record_bytes)
        buffer.write(0, b"".join(self._records[:count]))
        del self._records[:count]
        return count * self._record_bytes

    def poll(self, waiter: Waiter | None) -> PollEvents:
        if waiter is not None:
            waiter.add(self._filled)
        return PollEvents.READABLE if len(self._records) > 0 else PollEvents.NONE

    def available(self) -> int:
        """Bytes of records that wait."""
        return len(self._records) * self._record_bytes

    def link_text(self) -> bytes:
        return b"anon_inode:[events]"
