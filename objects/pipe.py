"""Pipes: a ring of page frames between two ends. (pipe(7), pipe(2))

A Pipe lives as long as an end of it. Ends count themselves in and out, the last writer leaving is end of file, the last reader
leaving is SIGPIPE and EPIPE. A write of at most PIPE_BUF bytes is never divided. Frames are taken when first needed and
kept until the pipe goes.
"""

from typing import TYPE_CHECKING, Final

from objects.counter import Counter
from objects.credentials import CAP_SYS_RESOURCE
from objects.metadata import Metadata
from objects.object import AllocateMode, KernelObject, PollEvents, Rights, Status
from objects.restart import sleep_on
from objects.ring import PAGE, FrameRing
from objects.task import current_task
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.signals import Signal
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.lang.errno import EAGAIN, EBUSY, EFAULT, EINVAL, EPERM, EPIPE, ESPIPE, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location

PIPE_BUF: Final = 4096
DEFAULT_PAGES: Final = 16
MAX_UNPRIVILEGED_SIZE: Final = 1 << 20
MAX_SIZE: Final = 1 << 31

numbers: Final = Counter()


class Pipe(FrameRing):
    """The ring between the ends. `opened_*` count every opening ever, so that a quick one is not missed."""

    def __init__(self) -> None:
        super().__init__(DEFAULT_PAGES * PAGE)
        self.number = numbers.next()
        self.readers = 0
        self.writers = 0
        self.opened_readers = 0
        self.opened_writers = 0
        self.filled = WaitQueue()
        """Readers wait here for bytes or the last writer's leaving."""
        self.drained = WaitQueue()
        """Writers wait here for room or the last reader's leaving."""

    def resize(self, size: int, *, privileged: bool) -> int:
        """The new capacity, rounded up to a power of two of pages. EPERM, EBUSY when more is in it, EINVAL. (F_SETPIPE_SZ)"""
        if size < 0 or size > MAX_SIZE:
            raise Errno(EINVAL, "no pipe can be that large")
        capacity = PAGE
        while capacity < size:
            capacity *= 2
        if capacity > self.capacity and capacity > MAX_UNPRIVILEGED_SIZE and not privileged:
            raise Errno(EPERM, "a pipe that large needs CAP_SYS_RESOURCE")
        if capacity < self.count:
            raise Errno(EBUSY, "the pipe holds more than that")
        self.set_capacity(capacity)
        self.drained.wake_all()
        return capacity


class PipeEnd(KernelObject):
    """One end of a pipe, or both of a FIFO opened for reading and writing. `place` is where the FIFO was found, None for a pipe(2)."""

    def __init__(self, pipe: Pipe, access: Rights, status: Status, file: "Inode", place: "Location | None" = None) -> None:
        super().__init__(status)
        self.pipe = pipe
        self._reads = access & Rights.READ != Rights.NONE
        self._writes = access & Rights.WRITE != Rights.NONE
        self._file: Inode = file
        self._place: Location | None = place
        self._writers_before = pipe.opened_writers if pipe.writers == 0 else -1
        """HUP is not told to who opened a FIFO before any writer came."""
        if self._reads:
            pipe.readers += 1
            pipe.opened_readers += 1
        if self._writes:
            pipe.writers += 1
            pipe.opened_writers += 1

    def __del__(self) -> None:
        if self._reads:
            self.pipe.readers -= 1
            if self.pipe.readers == 0:
                self.pipe.drained.wake_all()
        if self._writes:
            self.pipe.writers -= 1
            if self.pipe.writers == 0:
                self.pipe.filled.wake_all()

    def read(self, buffer: Buffer) -> int:
        """Bytes read, 0 when the pipe is empty and nobody can write any more. EAGAIN, EINTR."""
        pipe = self.pipe
        if buffer.length == 0:
            return 0
        while pipe.count == 0:
            if pipe.writers == 0:
                return 0
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "the pipe is empty")
            sleep_on(pipe.filled)
        done = pipe.take(buffer, 0, buffer.length)
        pipe.drained.wake_all()
        return done

    def write(self, buffer: Buffer) -> int:
        """Bytes written; all of them unless NONBLOCK, a signal or the reader's leaving cut it short. EPIPE with SIGPIPE, EAGAIN, EINTR."""
        pipe = self.pipe
        length = buffer.length
        done = 0
        while done < length:
            if pipe.readers == 0:
                current_task().raise_signal(Signal.SIGPIPE)
                if done == 0:
                    raise Errno(EPIPE, "nobody reads from the pipe")
                break
            if pipe.room > 0 and (length > PIPE_BUF or pipe.room >= length):
                moved = self._put(buffer, done)
                if moved == 0:
                    break
                done += moved
                pipe.filled.wake_all()
                continue
            if self.status & Status.NONBLOCK:
                if done == 0:
                    raise Errno(EAGAIN, "the pipe is full")
                break
            try:
                sleep_on(pipe.drained)
            except Errno:
                if done == 0:
                    raise
                break
        return done

    def _put(self, buffer: Buffer, done: int) -> int:
        """As Pipe.put, but a bad address after good bytes is no error."""
        try:
            return self.pipe.put(buffer, done, buffer.length - done)
        except Errno as error:
            if done > 0 and error.code == EFAULT:
                return 0
            raise

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN with bytes, HUP when the writers left, OUT with room for PIPE_BUF, ERR when the readers left."""
        pipe = self.pipe
        events = PollEvents.NONE
        if self._reads:
            if waiter is not None:
                waiter.add(pipe.filled)
            if pipe.count > 0:
                events |= PollEvents.READABLE
            if pipe.writers == 0 and (self._place is None or pipe.opened_writers != self._writers_before):
                events |= PollEvents.HUP
        if self._writes:
            if waiter is not None:
                waiter.add(pipe.drained)
            if pipe.room >= PIPE_BUF:
                events |= PollEvents.WRITABLE
            if pipe.readers == 0:
                events |= PollEvents.ERR
        return events

    def capacity(self) -> int:
        """F_GETPIPE_SZ."""
        return self.pipe.capacity

    def set_capacity(self, size: int) -> int:
        """The size it got. EPERM, EBUSY, EINVAL. (F_SETPIPE_SZ)"""
        return self.pipe.resize(size, privileged=current_task().credentials.capable(CAP_SYS_RESOURCE))

    def available(self) -> int:
        """Bytes in the pipe."""
        return self.pipe.count

    def metadata(self) -> Metadata:
        """Those of its file. (fstat(2))"""
        return self._file.metadata()

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        """ESPIPE. (fallocate(2))"""
        raise Errno(ESPIPE, "a pipe has no space to reserve")

    def inode(self) -> "Inode | None":
        return self._file

    def location(self) -> "Location | None":
        return self._place

    def link_text(self) -> bytes:
        return f"pipe:[{self.pipe.number}]".encode()
