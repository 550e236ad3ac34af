"""/dev/kmsg: the kernel log as a file, one record a read; what is written becomes a line of the log. (dev-kmsg, syslog(2))"""

from typing import Final

from objects.inode import Inode
from objects.object import KernelObject, PollEvents, Rights, Status, Whence
from objects.opened import Opened
from objects.restart import sleep_on
from objects.view import Location
from scarlet.kernel import clock, log
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter, WaitQueue
from scarlet.lang.errno import EAGAIN, EINVAL, EPIPE, ESPIPE, Errno

MAX_LINE: Final = 1024 - 32
LOOK_AGAIN_NS: Final = 100_000_000
"""The log wakes nobody, since it must be able to record anything at any time; whoever waits for it looks this often."""


class KernelMessages(Opened):
    """The log, opened: `next` is the sequence number of the record that is read next."""

    def __init__(self, inode: Inode, location: Location, status: Status) -> None:
        super().__init__(inode, location, status)
        self.next = 0
        first = log.lines()
        if len(first) > 0:
            self.next = first[0].sequence
        self._never_woken = WaitQueue()

    def read(self, buffer: Buffer) -> int:
        """One record. EAGAIN or a wait when there is none; EPIPE once when records were lost; EINVAL when the buffer is too small."""
        while True:
            waiting = log.lines(self.next)
            if len(waiting) > 0:
                break
            if self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "no new line in the log")
            sleep_on(self._never_woken, clock.deadline_after(LOOK_AGAIN_NS))
        line = waiting[0]
        if line.sequence > self.next:
            self.next = line.sequence
            raise Errno(EPIPE, "older lines were overwritten")
        record = f"{int(line.level)},{line.sequence},{line.time_ns // 1000},-;{line.text}\n".encode()
        if len(record) > buffer.length:
            raise Errno(EINVAL, "the record does not fit")
        buffer.write(0, record)
        self.next = line.sequence + 1
        return len(record)

    def write(self, buffer: Buffer) -> int:
        """One line; a priority "<n>" before it chooses its level. EINVAL when it is too long."""
        if buffer.length > MAX_LINE:
            raise Errno(EINVAL, "a line longer than the log holds")
        text = buffer.read(0, buffer.length).rstrip(b"\n")
        level = 6
        if len(text) > 2 and text[0] == 60 and 48 <= text[1] <= 55 and text[2] == 62:
            level = text[1] - 48
            text = text[3:]
        shown = text.decode("utf-8", "replace")
        if level <= 3:
            log.error(shown)
        elif level == 4:
            log.warn(shown)
        elif level <= 6:
            log.info(shown)
        else:
            log.debug(shown)
        return buffer.length

    def seek(self, offset: int, whence: Whence) -> int:
        """To the first record (SET 0), past the last (END 0). ESPIPE, EINVAL otherwise."""
        if offset != 0:
            raise Errno(ESPIPE, "records have no offsets")
        lines = log.lines()
        if whence == Whence.SET:
            self.next = lines[0].sequence if len(lines) > 0 else 0
        elif whence == Whence.END:
            self.next = lines[-1].sequence + 1 if len(lines) > 0 else 0
        else:
            raise Errno(EINVAL)
        return 0

    def poll(self, waiter: Waiter | None) -> PollEvents:
        return PollEvents.READABLE | PollEvents.WRITABLE if len(log.lines(self.next)) > 0 else PollEvents.WRITABLE


def open_kmsg(inode: Inode, location: Location, access: Rights, status: Status) -> KernelObject:
    """Open /dev/kmsg, (1, 11)."""
    return KernelMessages(inode, location, status)
