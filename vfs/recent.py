"""The inodes of a file system that were made last. They are held for a while, so that not every path makes the objects along it anew.

A file system has them as long as it is mounted: an inode holds its file system, so somebody must let go of them at the end.
"""

from typing import Final

from objects.inode import FileSystem, Inode


class RecentInodes:
    """At most `limit` of them; the older half goes when there are more."""

    def __init__(self, limit: int) -> None:
        self._limit: Final = limit
        self._inodes: dict[int, Inode] = {}
        """By number, the oldest first."""

    def add(self, inode: Inode, filesystem: FileSystem) -> None:
        if filesystem.mounts == 0:
            return
        if len(self._inodes) >= self._limit:
            for number in list(self._inodes)[: self._limit // 2]:
                self._inodes.pop(number)
        self._inodes[inode.number] = inode

    def clear(self) -> None:
        self._inodes.clear()

    def discard(self, number: int) -> None:
        """What has lost its last name is not held for the next path."""
        if number in self._inodes:
            self._inodes.pop(number)
