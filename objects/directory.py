"""An open directory: a position in a list of names that may change meanwhile. (getdents64(2), readdir(3))

The position is 0 before ".", 1 before "..", then 2 plus the file system's own cursor, so it stays good while entries come and go.
"""

from typing import TYPE_CHECKING, Final

from objects.metadata import DirectoryEntry, InodeType
from objects.object import Status, Whence
from objects.opened import Opened
from scarlet.lang.errno import EINVAL, EISDIR, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location
    from scarlet.kernel.memory.buffer import Buffer

FIRST: Final = 2


class Directory(Opened):
    """A directory, opened."""

    def __init__(self, inode: "Inode", location: "Location", status: Status) -> None:
        super().__init__(inode, location, status)
        self.position = 0
        self.rest: bytes = b""
        """What is left of an entry that an ABI whose directories are read as bytes has handed out in part."""

    def entries(self) -> list[DirectoryEntry]:
        """A batch from the position on, "." and ".." first; empty at the end. Whoever takes an entry sets `position` to its cursor."""
        if not self.status & Status.NOATIME:
            self._location.mount.record_access(self._inode)
        if self.position >= FIRST:
            return self._shifted(self._inode.list(self.position - FIRST))
        batch: list[DirectoryEntry] = []
        if self.position == 0:
            batch.append(DirectoryEntry(b".", self._inode.number, InodeType.DIRECTORY, 1))
        batch.append(DirectoryEntry(b"..", self._parent_number(), InodeType.DIRECTORY, FIRST))
        batch.extend(self._shifted(self._inode.list(0)))
        return batch

    def _shifted(self, batch: list[DirectoryEntry]) -> list[DirectoryEntry]:
        for entry in batch:
            entry.cursor += FIRST
        return batch

    def _parent_number(self) -> int:
        """What ".." is: above the root of a mount it is the directory the mount covers."""
        mount = self._location.mount
        if self._inode is mount.root and mount.parent is not None:
            return mount.parent.inode.parent().number
        return self._inode.parent().number

    def read(self, buffer: "Buffer") -> int:
        """EISDIR. (read(2))"""
        raise Errno(EISDIR)

    def read_at(self, buffer: "Buffer", offset: int) -> int:
        """EISDIR. (pread(2))"""
        raise Errno(EISDIR)

    def seek(self, offset: int, whence: Whence) -> int:
        """A position that telldir(3) gave, or the start. EINVAL for what is no position."""
        if whence == Whence.CURRENT:
            offset += self.position
        elif whence != Whence.SET:
            raise Errno(EINVAL, "a directory has no end to count from")
        if offset < 0:
            raise Errno(EINVAL, "negative position")
        self.position = offset
        self.rest = b""
        return offset

    def sync(self, *, data_only: bool) -> None:
        """Bring the directory to stable storage."""
        self._inode.sync(data_only=data_only)
