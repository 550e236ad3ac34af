"""One tmpfs: its limits and what is in use of them.

The inodes hold the file system, the file system holds none of them (its root only weakly): when the last mount and the last open
file let go, everything is released at once.

Source: tmpfs(5), statfs(2).
"""

from typing import Final

from objects.inode import FileSystem, FileSystemStatistics
from scarlet.kernel.memory import frames
from scarlet.lang.errno import ENOSPC, Errno

TMPFS_MAGIC: Final = 0x01021994
PAGE_SIZE: Final = 4096


class Tmpfs(FileSystem):
    """Counts pages and inodes against their limits (0: none)."""

    def __init__(self, device: int, max_pages: int, max_inodes: int, name: bytes = b"tmpfs") -> None:
        super().__init__(name, device, counts_changes=True)
        self.max_pages = max_pages
        self.max_inodes = max_inodes
        self.used_pages = 0
        self.used_inodes = 0
        self.last_number = 0

    def require_pages(self, count: int) -> None:
        """ENOSPC unless so many pages could be charged."""
        if self.max_pages != 0 and self.used_pages + count > self.max_pages:
            raise Errno(ENOSPC, "the file system is at its size limit")

    def take_pages(self, count: int) -> None:
        """Charge pages. ENOSPC."""
        self.require_pages(count)
        self.used_pages += count

    def give_pages(self, count: int) -> None:
        """Pages that files no longer use."""
        self.used_pages -= count

    def take_inode(self) -> int:
        """Charge one inode and number it. ENOSPC."""
        if self.max_inodes != 0 and self.used_inodes >= self.max_inodes:
            raise Errno(ENOSPC, "the file system has no inodes left")
        self.used_inodes += 1
        self.last_number += 1
        return self.last_number

    def give_inode(self) -> None:
        """An inode is gone."""
        self.used_inodes -= 1

    def statistics(self) -> FileSystemStatistics:
        """Without a limit, what the machine could still hold."""
        blocks = self.max_pages
        files = self.max_inodes
        if blocks == 0:
            blocks = self.used_pages + frames.free_frames()
        if files == 0:
            files = self.used_inodes + frames.free_frames()
        free = max(blocks - self.used_pages, 0)
        return FileSystemStatistics(
            TMPFS_MAGIC, blocks=blocks, blocks_free=free, blocks_available=free, files=files, files_free=max(files - self.used_inodes, 0),
            identity=self.device,
        )  # fmt: skip
