"""Files as extents: a tree of runs of blocks, whose root is in the inode.

Invariants (e2fsck insists on them): the key of a child is the first block of its first entry; only the root may be empty; all leaves
are at the same depth. A full node is split before anything is put into it, from the top down, so a failure needs no repair beyond the
operation's.

Source: Linux, Documentation/filesystems/ext4, "Extent Tree".
"""

from typing import Final

from scarlet.lang.errno import EIO, Errno
from vfs.ext.blockmap import NOWHERE, BlockMap, Mapped
from vfs.ext.blocks import Block
from vfs.ext.extentnode import (
    DEPTH,
    ENTRIES,
    MAX,
    ExtentGuard,
    Node,
    close_gap,
    make_gap,
    place,
    put_extent,
    put_index,
    touch,
)
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.layout import EXTENT_DEPTH, EXTENT_MAGIC, EXTENT_SIZE, MAX_EXTENT
from vfs.ext.record import Record
from vfs.ext.volume import Volume

LARGEST: Final = 0xFFFFFFFF
APPENDED: Final = 1
"""Entries that go to a new node when the old one is full at its end."""


class ExtentMap(BlockMap):
    """The extents of one file. EIO when they make no sense."""

    def __init__(self, volume: Volume, record: Record) -> None:
        self._volume = volume
        self._record = record
        self._guard = ExtentGuard(record.seed, checked=volume.geometry.metadata_csum)

    def begin(self) -> None:
        """The file is new: an empty root."""
        data = self._record.block
        data[:] = bytes(len(data))
        put16(data, 0, EXTENT_MAGIC)
        put16(data, MAX, len(data) // EXTENT_SIZE - 1)

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

    def _descend(self, key: int) -> list[Node]:
        """The nodes from the root to the leaf where `key` is, or would be."""
        node = Node(self._record.block, None)
        if get16(node.data, 0) != EXTENT_MAGIC or node.count > 4 or node.depth > EXTENT_DEPTH or node.is_full() and node.count == 0:
            raise Errno(EIO, "an inode without a root of its extents")
        path = [node]
        node.search(key)
        while node.depth > 0:
            if node.count == 0:
                raise Errno(EIO, "an empty node of extents")
            node.at = max(node.at, 0)
            number = node.child(node.at)
            self._volume.allocator.require_data(number, 1)
            block = self._volume.blocks.read(number, self._guard)
            below = Node(block.data, block)
            if below.depth != node.depth - 1:
                raise Errno(EIO, "a node of extents at the wrong depth")
            below.search(key)
            path.append(below)
            node = below
        return path

    def _next_key(self, path: list[Node]) -> int:
        """Where the next extent behind begins."""
        for node in path[::-1]:
            if node.at + 1 < node.count:
                return node.key(node.at + 1)
        return LARGEST

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

    def _make_room(self, path: list[Node]) -> None:
        """Split the uppermost node that stands in the way, or let the tree grow. The caller looks again from the top."""
        level = len(path) - 2
        while level >= 0 and path[level].is_full():
            level -= 1
        if level < 0:
            self._grow()
        else:
            self._split(path[level], path[level + 1])

    def _grow(self) -> None:
        """What the root holds moves to a node below it."""
        record = self._record
        depth = get16(record.block, DEPTH)
        if depth >= EXTENT_DEPTH:
            raise Errno(EIO, "too deep a tree of extents")
        block = self._new_node(depth)
        self._volume.table.change(record)
        root = record.block
        count = get16(root, ENTRIES)
        block.data[EXTENT_SIZE : EXTENT_SIZE * (1 + count)] = root[EXTENT_SIZE : EXTENT_SIZE * (1 + count)]
        put16(block.data, ENTRIES, count)
        put16(root, ENTRIES, 1)
        put16(root, DEPTH, depth + 1)
        put_index(root, 0, get32(root, EXTENT_SIZE), block.number)

    def _split(self, parent: Node, node: Node) -> None:
        """Half of a node moves to a new one beside it; when things are appended, only its last entry does: nodes get well filled."""
        count = node.count
        stay = count - APPENDED if node.at == count - 1 else count // 2
        block = self._new_node(node.depth)
        self._open(parent)
        self._open(node)
        moved = node.data[EXTENT_SIZE * (1 + stay) : EXTENT_SIZE * (1 + count)]
        block.data[EXTENT_SIZE : EXTENT_SIZE + len(moved)] = moved
        put16(block.data, ENTRIES, count - stay)
        put16(node.data, ENTRIES, stay)
        parent.at += 1
        make_gap(parent)
        put_index(parent.data, parent.at, get32(block.data, EXTENT_SIZE), block.number)

    def _new_node(self, depth: int) -> Block:
        volume = self._volume
        number = volume.take_metadata(self._record)
        block = volume.blocks.fresh(number, self._guard)
        put16(block.data, 0, EXTENT_MAGIC)
        put16(block.data, MAX, (volume.geometry.block_size - EXTENT_SIZE) // EXTENT_SIZE)
        put16(block.data, DEPTH, depth)
        return block

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

    # Nodes

    def _open(self, node: Node) -> None:
        """A node is about to change."""
        block = node.block
        if block is None:
            self._volume.table.change(self._record)
            node.data = self._record.block
        else:
            node.data = self._volume.blocks.change(block)

    def _fix_keys(self, path: list[Node]) -> None:
        """The first entry of the last node may be a new one: its parent says where it begins, and so on up."""
        level = len(path) - 1
        while level > 0 and path[level].at == 0:
            parent = path[level - 1]
            self._open(parent)
            put32(parent.data, place(parent.at), path[level].key(0))
            level -= 1
