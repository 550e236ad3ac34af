"""The tree of a file's extents: its root is in the inode, its other nodes are blocks; ways through it, and room for what is put in.

Invariants (e2fsck insists on them): the key of a child is the first block of its first entry; only the root may be empty; all leaves
are at the same depth.

Source: Linux, Documentation/filesystems/ext4, "Extent Tree".
"""

from typing import Final

from scarlet.lang.errno import EIO, Errno
from vfs.ext.blockmap import BlockMap
from vfs.ext.blocks import Block
from vfs.ext.extentnode import DEPTH, ENTRIES, MAX, ExtentGuard, Node, make_gap, place, put_index
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.layout import EXTENT_DEPTH, EXTENT_MAGIC, EXTENT_SIZE
from vfs.ext.record import Record
from vfs.ext.volume import Volume

LARGEST: Final = 0xFFFFFFFF
APPENDED: Final = 1
"""Entries that go to a new node when the old one is full at its end."""


class ExtentTree(BlockMap):
    """The tree of one file. EIO when it makes no sense. What changes it does so within the caller's operation."""

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

    # Ways

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

    # Changing nodes

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

    # Room

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
