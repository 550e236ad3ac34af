"""The inodes of a file system that were made last. They are held for a while, so that not every path makes the objects along it anew.

A file system has them as long as it is mounted: an inode holds its file system, so somebody must let go of them at the end. When memory
is short, all go.
"""

from typing import Final

from objects.inode import FileSystem, Inode
from scarlet.kernel.memory import frames
from vfs.pagecache import spare
from vfs.pagecache.spare import Spare

FRAMES_EACH: Final = 16
"""Of the memory, for each: an inode takes some 2.5 KiB, so all of a file system's take a twenty-fifth at most."""
FEWEST: Final = 64


class RecentInodes(Spare):
    """As many as the memory allows; when there are more, the oldest go."""

    def __init__(self) -> None:
        self._limit: Final = max(frames.total_frames() // FRAMES_EACH, FEWEST)
        self._inodes: dict[int, Inode] = {}
        """By number, the oldest first."""
        spare.offer(self)

    def add(self, inode: Inode, filesystem: FileSystem) -> None:
        if filesystem.mounts == 0:
            return
        try:
            if len(self._inodes) >= self._limit:
                for number in list(self._inodes)[: self._limit // 8]:
                    self._inodes.pop(number)
            self._inodes[inode.number] = inode
        except MemoryError:  # it was only a favour
            self.shed()

    def clear(self) -> None:
        self._inodes.clear()

    def shed(self) -> bool:
        if len(self._inodes) == 0:
            return False
        inodes = self._inodes
        self._inodes = {}
        inodes.clear()
        return True

    def discard(self, number: int) -> None:
        """What has lost its last name is not held for the next path."""
        if number in self._inodes:
            self._inodes.pop(number)
