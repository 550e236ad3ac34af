"""Which blocks of the disk a file has: what its two forms (extents.py, indirect.py) offer.

Blocks of a file are counted from 0. Whatever changes a map does so within the caller's operation, and keeps i_blocks right.
"""

from typing import Final

from scarlet.lang.errno import EOPNOTSUPP, Errno

NOWHERE: Final = 0
"""No file has block 0 of the disk."""


class Mapped:
    """`count` blocks of a file from `first` on lie at `start` and behind on the disk; NOWHERE: a hole."""

    def __init__(self, first: int, count: int, start: int, *, unwritten: bool = False) -> None:
        self.first = first
        self.count = count
        self.start = start
        self.unwritten = unwritten


class BlockMap:
    """The map of one file."""

    def largest(self) -> int:
        """How many blocks a file can have."""
        raise NotImplementedError("BlockMap.largest")

    def find(self, first: int) -> Mapped:
        """What block `first` is, and as many behind it as are of the same kind, at least 1. EIO for a map that makes no sense."""
        raise NotImplementedError("BlockMap.find")

    def insert(self, first: int, start: int, count: int, *, unwritten: bool = False) -> None:
        """Enter blocks where there is a hole; they were taken before. ENOSPC, EIO."""
        raise NotImplementedError("BlockMap.insert")

    def mark_written(self, first: int, count: int) -> None:
        """What of these is unwritten holds data now. ENOSPC, EIO."""

    def remove(self, first: int, end: int, budget: int) -> bool:
        """Free the blocks from `first` to before `end`, the last ones first. False: `budget` steps did not do. EIO, ENOSPC."""
        raise NotImplementedError("BlockMap.remove")

    def metadata_for(self, count: int) -> int:
        """Blocks that entering so many, scattered in the worst way, may take beside themselves."""
        raise NotImplementedError("BlockMap.metadata_for")

    def require_unwritten(self) -> None:
        """EOPNOTSUPP when blocks cannot be had without being written. (fallocate(2))"""
        raise Errno(EOPNOTSUPP, "only files with extents can have unwritten blocks")
