"""FIFOs: pipes with a name. (fifo(7))

A Fifo is the meeting place that an inode holds. It finds the pipe weakly, so what was written and not read goes when nobody has the
FIFO open.
"""

import weakref
from typing import TYPE_CHECKING

from objects.object import KernelObject, Rights, Status
from objects.pipe import Pipe, PipeEnd
from objects.restart import sleep_on
from scarlet.lang.errno import ENXIO, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location


class Fifo:
    """Where the openers of a FIFO meet."""

    def __init__(self) -> None:
        self._pipe: weakref.ref[Pipe] | None = None

    def open(self, inode: "Inode", location: "Location", access: Rights, status: Status) -> KernelObject:
        """An end; waits for the other side unless NONBLOCK. ENXIO to write without waiting when nobody reads; EINTR. (fifo(7))"""
        reads = access & Rights.READ != Rights.NONE
        writes = access & Rights.WRITE != Rights.NONE
        pipe = self._current()
        if writes and not reads and status & Status.NONBLOCK and pipe.readers == 0:
            raise Errno(ENXIO, "nobody has the FIFO open for reading")
        end = PipeEnd(pipe, access, status, inode, location)
        if reads:
            pipe.drained.wake_all()
        if writes:
            pipe.filled.wake_all()
        if status & Status.NONBLOCK or (reads and writes):
            return end
        if reads:
            seen = pipe.opened_writers
            while pipe.writers == 0 and pipe.opened_writers == seen:
                sleep_on(pipe.filled)
        else:
            seen = pipe.opened_readers
            while pipe.readers == 0 and pipe.opened_readers == seen:
                sleep_on(pipe.drained)
        return end

    def _current(self) -> Pipe:
        """The pipe of those who have the FIFO open now, or a fresh one."""
        if self._pipe is not None:
            pipe = self._pipe()
            if pipe is not None:
                return pipe
        pipe = Pipe()
        self._pipe = weakref.ref(pipe)
        return pipe
