"""An executable file as the executor reads it: bytes at offsets, never past the end, the beginning kept.

Headers, interpreter names and notes nearly always lie in the first kilobyte, so that one read of the file serves them all.
"""

from typing import TYPE_CHECKING, Final

from objects.inode import Inode
from objects.view import Location
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang import Errno
from scarlet.lang.errno import ENOEXEC

if TYPE_CHECKING:
    from executor.elf import Elf

HEAD_BYTES: Final = 1024


class Image:
    """One file that is to be executed."""

    def __init__(self, location: Location) -> None:
        """Reads the beginning; raises what reading the file raises."""
        self.location = location
        self.inode: Inode = location.inode
        self.elf: Elf | None = None
        """Its headers, once executor.elf.parse has checked them."""
        self.size = location.inode.size()
        self.head: bytes = b""
        self.head = self._fetch(0, min(self.size, HEAD_BYTES))

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes at `offset`; ENOEXEC when the file does not have them."""
        if offset < 0 or count < 0 or offset > self.size or count > self.size - offset:
            raise Errno(ENOEXEC, "a header points past the end of the file")
        if offset + count <= len(self.head):
            return self.head[offset : offset + count]
        return self._fetch(offset, count)

    def _fetch(self, offset: int, count: int) -> bytes:
        data = bytearray(count)
        buffer = KernelBytes(data)
        done = self.inode.read_at(buffer, offset)
        if done != count:
            raise Errno(ENOEXEC, "the file is shorter than its size says")
        return bytes(data)
