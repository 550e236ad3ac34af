"""What the page cache asks a file system: where the bytes of a file are on the disk.

A file is a sequence of extents: runs of bytes that lie on the disk one after the other, or nowhere (holes, which read as zeros). The cache
makes the transfers itself, in any size, from and to its frames.

    reading     map(range)
    writing     reserve(range) while the program waits: the place to say ENOSPC; nothing need be on the disk after it
                allocate(range) when the pages are written back, later: now there must be blocks
                written(range) when the data is in them (not yet flushed): the place to mark unwritten blocks as written, and to let the
                size on the disk grow

The cache calls each of these without a lock of its own that another call could wait for, except its `mutex` around reserve. All may sleep.
A file system calls the cache while it holds no lock that its Backing would take.
"""

from typing import Final

from objects.block import BlockDevice
from scarlet.lang.errno import EROFS, Errno

HOLE: Final = -1
"""The `position` of an extent that is nowhere on the disk."""


class Extent:
    """`count` bytes of a file from `offset` on, at `position` on the disk. Whole sectors, all three.

    `unwritten`: there are blocks, but they hold something else; read as zeros. (fallocate(2))
    """

    def __init__(self, offset: int, count: int, position: int, *, unwritten: bool = False) -> None:
        self.offset = offset
        self.count = count
        self.position = position
        self.unwritten = unwritten

    @property
    def end(self) -> int:
        return self.offset + self.count

    @property
    def holds_data(self) -> bool:
        """Is what the disk has there the content of the file?"""
        return self.position != HOLE and not self.unwritten


class Backing:
    """One file. It may know the file system and what the disk says of the file, never the Inode: that holds the cache, which holds this."""

    def __init__(self, device: BlockDevice) -> None:
        self.device = device
        self.blocks_are_pages = False
        """Are the blocks of the file system as large as pages, or larger?"""

    def map(self, offset: int, count: int) -> list[Extent]:
        """Extents that cover at least this range (whole pages, which may reach beyond the end of the file), in order, without gaps. EIO."""
        raise NotImplementedError("Backing.map")

    def reserve(self, offset: int, count: int) -> None:
        """A range (whole pages) is about to become dirty: make sure that allocate will find room for it. ENOSPC, EDQUOT, EROFS, EIO.

        A range that has blocks, or was reserved before, costs nothing. What was reserved stays so until it is allocated, cut off or
        punched, even if the write fails for another reason. A failure reserves nothing.
        """
        raise Errno(EROFS, "this file cannot be written")

    def allocate(self, offset: int, count: int) -> list[Extent]:
        """As map(), after every hole in the range was given blocks: the data is written to them next. The range was reserved.

        Blocks that hold old data may be given as `unwritten` and become real in written(). EIO.
        """
        raise NotImplementedError("Backing.allocate")

    def written(self, offset: int, count: int) -> None:
        """The device has the data of this range, whole pages or up to the end of the file. Called for what went well. EIO."""

    def dirtied(self) -> None:
        """There are dirty pages now, where there was none: keep the inode, and with it this cache, until cleaned(). Does not sleep."""

    def cleaned(self) -> None:
        """No page is dirty or on its way to the disk any more: the inode may go. Does not sleep."""
