"""Pipes without a name. (pipe(2))"""

import weakref
from typing import TYPE_CHECKING

from objects.inode import InodeType
from objects.nameless import NamelessInode, pipefs
from objects.object import KernelObject, Rights, Status
from objects.pipe import Pipe, PipeEnd
from scarlet.lang.errno import ENXIO, Errno

if TYPE_CHECKING:
    from objects.view import Location


class PipeInode(NamelessInode):
    """The file of a pipe: to open it, as /dev/stdin for instance, makes one more end, which waits for nobody."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(pipefs, pipe.number, InodeType.FIFO, 0o600)
        self._pipe = weakref.ref(pipe)

    def open(self, location: "Location", access: Rights, status: Status) -> KernelObject:
        """An end of the pipe. ENXIO once all ends are closed."""
        pipe = self._pipe()
        if pipe is None:
            raise Errno(ENXIO, "the pipe is gone")
        return PipeEnd(pipe, access, status, self)


def make_pipe(status: Status) -> tuple[PipeEnd, PipeEnd]:
    """A new pipe: its read end and its write end. (pipe2(2))"""
    pipe = Pipe()
    file = PipeInode(pipe)
    return (PipeEnd(pipe, Rights.READ, status, file), PipeEnd(pipe, Rights.WRITE, status, file))
