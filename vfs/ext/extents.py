"""Files as extents: runs of blocks, the leaves of a tree. (extenttree.py)

A full node is split before anything is put into it, from the top down, so a failure needs no repair beyond the operation's.

Source: Linux, Documentation/filesystems/ext4, "Extent Tree".
"""

from scarlet.lang.errno import EIO, Errno
from vfs.ext.blockmap import NOWHERE, Mapped
from vfs.ext.extentnode import DEPTH, Node, close_gap, make_gap, put_extent, touch
from vfs.ext.extenttree import LARGEST, ExtentTree
from vfs.ext.fields import put16
from vfs.ext.layout import EXTENT_SIZE, MAX_EXTENT


class ExtentMap(ExtentTree):
    """The extents of one file. EIO when they make no sense."""

    def largest(self) -> int:
        return LARGEST

    def metadata_for(self, count: int) -> int:
        """Each new extent is an entry; every few hundred of them are a block, and the way above may be split."""
        per_block = self._volume.geometry.block_size // EXTENT_SIZE // 2
        return 1 + count // per_block

    def require_unwritten(self) -> None:
        """Extents can be unwritten."""

    # Finding

    def find(self, first: int) -> Mapped:
        path = self._descend(first)
        leaf = path[-1]
        if leaf.at >= 0:
            extent = leaf.extent(leaf.at)
            self._check(extent)
            skipped = first - extent.first
            if skipped < extent.count:
                return Mapped(first, extent.count - skipped, extent.start + skipped, unwritten=extent.unwritten)
        return Mapped(first, max(self._next_key(path) - first, 1), NOWHERE)

    def _check(self, extent: Mapped) -> None:
        if extent.count == 0 or extent.first > LARGEST - extent.count:
            raise Errno(EIO, "an extent that cannot be")
        self._volume.allocator.require_data(extent.start, extent.count)

    # Adding

    def insert(self, first: int, start: int, count: int, *, unwritten: bool = False) -> None:
        while count > 0:
            part = min(count, MAX_EXTENT - 1)
            self._insert(Mapped(first, part, start, unwritten=unwritten))
            first += part
            start += part
            count -= part

    def _insert(self, extent: Mapped) -> None:
        while True:
            path = self._descend(extent.first)
            leaf = path[-1]
            self._require_hole(leaf, extent)
            if self._merge(path, extent):
                return
            if not leaf.is_full():
                leaf.at += 1
                self._open(leaf)
                make_gap(leaf)
                put_extent(leaf.data, leaf.at, extent)
                self._fix_keys(path)
                return
            self._make_room(path)

    def _require_hole(self, leaf: Node, extent: Mapped) -> None:
        if leaf.at >= 0:
            before = leaf.extent(leaf.at)
            if before.first + before.count > extent.first:
                raise Errno(EIO, "a part of a file in two places")
        if leaf.at + 1 < leaf.count and leaf.key(leaf.at + 1) < extent.first + extent.count:
            raise Errno(EIO, "a part of a file in two places")

    def _merge(self, path: list[Node], extent: Mapped) -> bool:
        """Make a neighbour longer instead."""
        leaf = path[-1]
        if leaf.at >= 0:
            before = leaf.extent(leaf.at)
            if touch(before, extent):
                before.count += extent.count
                self._open(leaf)
                put_extent(leaf.data, leaf.at, before)
                return True
        if leaf.at + 1 < leaf.count:
            behind = leaf.extent(leaf.at + 1)
            if touch(extent, behind):
                leaf.at += 1
                self._open(leaf)
                put_extent(leaf.data, leaf.at, Mapped(extent.first, extent.count + behind.count, extent.start, unwritten=extent.unwritten))
                self._fix_keys(path)
                return True
        return False

    # Changing

    def mark_written(self, first: int, count: int) -> None:
        while count > 0:
            path = self._descend(first)
            leaf = path[-1]
            extent = leaf.extent(leaf.at) if leaf.at >= 0 else Mapped(first, 0, NOWHERE)
            if extent.first + extent.count <= first:
                step = self._next_key(path) - first
            else:
                step = extent.first + extent.count - first
                if extent.unwritten:
                    self._mark(path, extent, first, min(step, count))
            step = max(min(step, count), 1)
            first += step
            count -= step

    def _mark(self, path: list[Node], extent: Mapped, first: int, count: int) -> None:
        """A part of an unwritten extent is written: it becomes up to three."""
        leaf = path[-1]
        before = first - extent.first
        after = extent.count - before - count
        start = extent.start + before
        self._open(leaf)
        behind = Mapped(first + count, after, start + count, unwritten=True)
        if before > 0:
            put_extent(leaf.data, leaf.at, Mapped(extent.first, before, extent.start, unwritten=True))
        elif after > 0:
            put_extent(leaf.data, leaf.at, behind)
            self._fix_keys(path)
        else:
            put_extent(leaf.data, leaf.at, Mapped(first, count, start))
            return
        self._insert(Mapped(first, count, start))
        if before > 0 and after > 0:
            self._insert(behind)

    # Removing

    def remove(self, first: int, end: int, budget: int) -> bool:
        while budget > 0:
            path = self._descend(end - 1)
            leaf = path[-1]
            if leaf.at < 0:
                return True
            extent = leaf.extent(leaf.at)
            self._check(extent)
            extent_end = extent.first + extent.count
            if extent_end <= first:
                return True
            self._cut(path, extent, max(first, extent.first), min(end, extent_end))
            end = max(first, extent.first)
            if end == first:
                return True
            budget -= 1
        return False

    def _cut(self, path: list[Node], extent: Mapped, low: int, high: int) -> None:
        """Take blocks `low` to before `high` out of an extent, and free them."""
        extent_end = extent.first + extent.count
        volume = self._volume
        leaf = path[-1]
        self._open(leaf)
        behind = Mapped(high, extent_end - high, extent.start + high - extent.first, unwritten=extent.unwritten)
        if low > extent.first:
            left = Mapped(extent.first, low - extent.first, extent.start, unwritten=extent.unwritten)
            put_extent(leaf.data, leaf.at, left)
            if high < extent_end:
                self._insert(behind)
        elif high < extent_end:
            put_extent(leaf.data, leaf.at, behind)
            self._fix_keys(path)
        else:
            self._delete(path)
        volume.give_data(self._record, extent.start + low - extent.first, high - low)

    def _delete(self, path: list[Node]) -> None:
        """Take the entry that the way goes through out, and every node that has none left."""
        level = len(path) - 1
        while level >= 0:
            node = path[level]
            self._open(node)
            close_gap(node)
            if node.count > 0 or node.block is None:
                break
            self._volume.give_metadata(self._record, node.block.number)
            level -= 1
        node = path[max(level, 0)]
        if node.block is None and node.count == 0:
            put16(node.data, DEPTH, 0)
        elif node.at == 0:
            self._fix_keys(path[: max(level, 0) + 1])
