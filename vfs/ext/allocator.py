"""Which blocks a file gets: near its others, in runs as long as can be had.

The search begins at a goal: behind the file's last block, or in the group of its inode. It takes what is free right there, then looks for a
run of full length from that group on, then for anything.

Blocks of data are chosen first (`claim`), written, and only then entered in the bitmap (`take`) in the operation that makes the file have
them; blocks of metadata are both at once (`take_metadata`).
"""

from typing import Final

from scarlet.lang.errno import EIO, ENOSPC, Errno
from vfs.ext.bitmaps import Bitmaps, clear_range, set_range
from vfs.ext.geometry import Geometry
from vfs.ext.groups import Groups
from vfs.ext.transaction import Changes

SHORTEST_NEAR: Final = 4
"""A run at the goal that is shorter is passed over where a longer one is wanted and to be had."""


class BlockRun:
    """`count` blocks from `start` on, all in one group."""

    def __init__(self, start: int, count: int) -> None:
        self.start = start
        self.count = count


class Allocator:
    """Hands out the blocks of one volume. The caller holds the mutex."""

    def __init__(self, geometry: Geometry, groups: Groups, bitmaps: Bitmaps, changes: Changes) -> None:
        self._geometry = geometry
        self._groups = groups
        self._bitmaps = bitmaps
        self._changes = changes

    # Data

    def claim(self, goal: int, wanted: int) -> BlockRun:
        """Choose up to `wanted` free blocks, which nobody else gets from now on. ENOSPC."""
        run = self.find(goal, wanted)
        group = self._geometry.group_of(run.start)
        self._changes.claim(group, run.start - self._geometry.group_start(group), run.count)
        return run

    def unclaim(self, start: int, count: int) -> None:
        """They are not needed after all, or were taken."""
        group = self._geometry.group_of(start)
        self._changes.release(group, start - self._geometry.group_start(group), count)

    def take(self, start: int, count: int) -> None:
        """Blocks of one group are in use now, within the caller's operation. EIO when they were before."""
        group = self._geometry.group_of(start)
        first = start - self._geometry.group_start(group)
        set_range(self._bitmaps.change_blocks(group, first, count), first, count)
        self._groups.add_free_blocks(group, -count)
        self._changes.free_blocks -= count

    # Metadata

    def take_metadata(self, goal: int) -> int:
        """One block, within the caller's operation. ENOSPC."""
        run = self.find(goal, 1)
        self.take(run.start, 1)
        return run.start

    # Both

    def give(self, start: int, count: int) -> None:
        """Blocks that nothing uses any more, within the caller's operation. EIO when they were free."""
        self.require_data(start, count)
        while count > 0:
            group = self._geometry.group_of(start)
            first = start - self._geometry.group_start(group)
            here = min(count, self._geometry.blocks_in(group) - first)
            clear_range(self._bitmaps.change_blocks(group, first, here), first, here)
            self._groups.add_free_blocks(group, here)
            self._changes.free_blocks += here
            self._changes.freeing(start, here)
            start += here
            count -= here

    def require_data(self, start: int, count: int) -> None:
        """EIO unless a file may consist of these blocks."""
        if count <= 0 or not self._geometry.is_data(start, count):
            raise Errno(EIO, "a block number outside of the file system")

    def find(self, goal: int, wanted: int) -> BlockRun:
        """Up to `wanted` free blocks, near the goal if possible. ENOSPC."""
        geometry = self._geometry
        if not geometry.is_data(goal):
            goal = geometry.first_block
        group = geometry.group_of(goal)
        first = goal - geometry.group_start(group)
        if self._groups.free_blocks(group) > 0:
            near = self._bitmaps.find_free(group, first, wanted)
            if near.length > 0 and (near.first == first or near.length >= min(wanted, SHORTEST_NEAR)):
                return BlockRun(geometry.group_start(group) + near.first, near.length)
        wanted = min(wanted, geometry.group_size // 2)
        best = self._find_long(group, wanted)
        return best if best.count > 0 else self._find_any(group, wanted)

    def _find_long(self, start: int, wanted: int) -> BlockRun:
        geometry = self._geometry
        for step in range(geometry.groups):
            group = (start + step) % geometry.groups
            if self._groups.free_blocks(group) >= wanted:
                run = self._bitmaps.find_free_bytes(group, 0, wanted)
                if run.length > 0:
                    return BlockRun(geometry.group_start(group) + run.first, run.length)
        return BlockRun(0, 0)

    def _find_any(self, start: int, wanted: int) -> BlockRun:
        geometry = self._geometry
        for step in range(geometry.groups):
            group = (start + step) % geometry.groups
            if self._groups.free_blocks(group) > 0:
                run = self._bitmaps.find_free(group, 0, wanted)
                if run.length > 0:
                    return BlockRun(geometry.group_start(group) + run.first, run.length)
        raise Errno(ENOSPC, "no free block")
