"""The hash tree of a large directory: names are in leaves, sorted by hash from leaf to leaf, in no order within one.

The root is the directory's first block. A block of the tree has `limit`, `count` and entries of (hash, block of the directory): the entry
leads to names whose hash is not below its own; the first entry's hash is nothing, its place holds limit and count. An odd hash
says that names with the same hash are in the leaf before, too.

The caller holds the mutex, and is in an operation where something changes. EIO for a tree that makes no sense.

Source: Linux, Documentation/filesystems/ext4, "Hash Tree Directories".
"""

from typing import Final

from scarlet.lang.errno import EIO, ENOSPC, Errno
from vfs.ext import entries
from vfs.ext.blocks import Block
from vfs.ext.entries import INDEX_ENTRY, NODE_COUNT, ROOT_COUNT
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.hashes import UNSIGNED, NameHash, hash_name
from vfs.ext.layout import DIRECTORY_HEADER
from vfs.ext.names import Names

HASH_VERSION: Final = 28
LEVELS: Final = 30
"""Fields of the root."""
MOST_LEVELS: Final = 1
"""Levels between root and leaves that this file system may have."""
FIRST_LEAF: Final = 1


class Frame:
    """A block of the tree on the way to a leaf, and the entry that the way goes through."""

    def __init__(self, block: Block, count_at: int) -> None:
        self.block = block
        self.count_at = count_at
        self.at = 0

    @property
    def count(self) -> int:
        return get16(self.block.data, self.count_at + 2)

    @property
    def limit(self) -> int:
        return get16(self.block.data, self.count_at)

    def hash(self, index: int) -> int:
        """The hash of an entry; the first one's is 0."""
        return get32(self.block.data, self.count_at + INDEX_ENTRY * index) if index > 0 else 0

    def child(self, index: int) -> int:
        """The directory's block that an entry leads to."""
        return get32(self.block.data, self.count_at + INDEX_ENTRY * index + 4) & 0x0FFFFFFF

    def search(self, hash: int) -> None:
        """Let `at` be the last entry that is not above a hash."""
        low = 1
        high = self.count
        while low < high:
            middle = (low + high) // 2
            if self.hash(middle) > hash:
                high = middle
            else:
                low = middle + 1
        self.at = low - 1


class Hashed:
    """A name of a leaf with its hash."""

    def __init__(self, hash: NameHash, at: int, size: int) -> None:
        self.hash = hash
        self.at = at
        self.size = size


class Located:
    """Where a name is."""

    def __init__(self, block: Block, place: entries.Place) -> None:
        self.block = block
        self.place = place


class HashTree:
    """The tree over one directory's names."""

    def __init__(self, names: Names) -> None:
        self._names = names

    # Ways through the tree

    def hash(self, name: bytes) -> NameHash:
        """The hash of a name in this directory."""
        return hash_name(name, self._version(), self._names.volume.geometry.hash_seed)

    def _version(self) -> int:
        geometry = self._names.volume.geometry
        version = int(geometry.on_disk.s_def_hash_version)
        if self._names.is_indexed():
            version = self._names.block(0).data[HASH_VERSION]
        return version + UNSIGNED if version < UNSIGNED and geometry.unsigned_hash else version

    def way(self, hash: int) -> list[Frame]:
        """The blocks of the tree that lead to the first leaf where a hash may be."""
        root = Frame(self._names.block(0), ROOT_COUNT)
        levels = root.block.data[LEVELS]
        if entries.index_at(root.block.data, first=True) != ROOT_COUNT or levels > MOST_LEVELS + 1:
            raise Errno(EIO, "the root of a hash tree is damaged")
        self._check(root)
        root.search(hash)
        frames = [root]
        for _level in range(levels):
            above = frames[-1]
            frame = Frame(self._names.block(above.child(above.at)), NODE_COUNT)
            if entries.index_at(frame.block.data, first=False) != NODE_COUNT:
                raise Errno(EIO, "a block of a hash tree is damaged")
            self._check(frame)
            frame.search(hash)
            frames.append(frame)
        return frames

    def _check(self, frame: Frame) -> None:
        room = (len(frame.block.data) - frame.count_at) // INDEX_ENTRY
        if frame.count == 0 or frame.count > frame.limit or frame.limit > room:
            raise Errno(EIO, "a block of a hash tree is damaged")

    def next_leaf(self, frames: list[Frame]) -> int:
        """Let the way lead to the next leaf; the hash it begins with, -1 at the end."""
        level = len(frames) - 1
        while level >= 0 and frames[level].at + 1 >= frames[level].count:
            level -= 1
        if level < 0:
            return -1
        frames[level].at += 1
        hash = frames[level].hash(frames[level].at)
        for below in range(level + 1, len(frames)):
            above = frames[below - 1]
            frame = Frame(self._names.block(above.child(above.at)), NODE_COUNT)
            if entries.index_at(frame.block.data, first=False) != NODE_COUNT:
                raise Errno(EIO, "a block of a hash tree is damaged")
            self._check(frame)
            frames[below] = frame
        return hash

    def leaf(self, frames: list[Frame]) -> Block:
        """The leaf that a way leads to."""
        return self._names.block(frames[-1].child(frames[-1].at))

    # Looking

    def find(self, name: bytes) -> Located | None:
        """The leaf and the place of a name."""
        hash = self.hash(name).major
        frames = self.way(hash)
        while True:
            leaf = self.leaf(frames)
            place = entries.find(leaf.data, self._names.end, name)
            if place is not None:
                return Located(leaf, place)
            if self.next_leaf(frames) != hash | 1:
                return None

    # Adding

    def add(self, name: bytes, number: int, file_type: int) -> None:
        """A name that is not there yet. ENOSPC also when the tree is as deep as it may be, and full."""
        hash = self.hash(name).major
        needed = entries.space(len(name))
        while True:
            frames = self.way(hash)
            leaf = self.leaf(frames)
            at = entries.find_space(leaf.data, self._names.end, needed)
            if at != entries.ABSENT:
                entries.put(self._names.volume.blocks, leaf, at, name, number, file_type)
                return
            bottom = frames[-1]
            if bottom.count < bottom.limit:
                self._split_leaf(leaf, bottom)
            elif len(frames) > 1 and frames[0].count < frames[0].limit:
                self._split_node(frames[0], bottom)
            elif len(frames) == 1:
                self._grow(frames[0])
            else:
                raise Errno(ENOSPC, "the hash tree of a directory is full")

    def begin(self, version: int) -> None:
        """A directory of one block gets a tree: its names move to a leaf, the block becomes the root."""
        names = self._names
        root = names.block(0)
        first = 2 * DIRECTORY_HEADER + 8
        second_length = entries.length_at(root.data, entries.DOT_SIZE, names.end)
        moved = self._names_of(root.data, entries.DOT_SIZE + second_length)
        leaf = names.append_block(FIRST_LEAF)
        self._fill(leaf.data, root.data, moved)
        data = names.volume.blocks.change(root)
        put16(data, entries.DOT_SIZE + 4, len(data) - entries.DOT_SIZE)
        data[first:] = bytes(len(data) - first)
        data[HASH_VERSION] = version
        data[HASH_VERSION + 1] = 8
        put16(data, ROOT_COUNT, self._limit(ROOT_COUNT))
        put16(data, ROOT_COUNT + 2, 1)
        put32(data, ROOT_COUNT + 4, FIRST_LEAF)

    def _limit(self, count_at: int) -> int:
        tail = 8 if self._names.volume.geometry.metadata_csum else 0
        return (self._names.volume.geometry.block_size - count_at - tail) // INDEX_ENTRY

    def _grow(self, root: Frame) -> None:
        """What the root holds moves to a block below it."""
        if root.block.data[LEVELS] >= MOST_LEVELS:
            raise Errno(ENOSPC, "the hash tree of a directory is full")
        index, block = self._new_node()
        length = root.count * INDEX_ENTRY
        block.data[NODE_COUNT : NODE_COUNT + length] = root.block.data[ROOT_COUNT : ROOT_COUNT + length]
        put16(block.data, NODE_COUNT, self._limit(NODE_COUNT))
        data = self._names.volume.blocks.change(root.block)
        put16(data, ROOT_COUNT + 2, 1)
        put32(data, ROOT_COUNT + 4, index)
        data[LEVELS] += 1

    def _split_node(self, parent: Frame, node: Frame) -> None:
        """Half of a block of the tree moves to a new one."""
        index, block = self._new_node()
        stay = node.count // 2
        moved = node.count - stay
        data = self._names.volume.blocks.change(node.block)
        start = NODE_COUNT + stay * INDEX_ENTRY
        block.data[NODE_COUNT : NODE_COUNT + moved * INDEX_ENTRY] = data[start : start + moved * INDEX_ENTRY]
        hash = get32(block.data, NODE_COUNT)
        put16(block.data, NODE_COUNT, self._limit(NODE_COUNT))
        put16(block.data, NODE_COUNT + 2, moved)
        put16(data, NODE_COUNT + 2, stay)
        self._insert(parent, hash, index)

    def _new_node(self) -> tuple[int, Block]:
        index = self._names.blocks()
        block = self._names.append_block(index)
        block.data[:] = bytes(len(block.data))
        put16(block.data, 4, len(block.data))
        return index, block

    def _insert(self, frame: Frame, hash: int, child: int) -> None:
        """A new entry behind the one that the way goes through."""
        data = self._names.volume.blocks.change(frame.block)
        at = frame.count_at + INDEX_ENTRY * (frame.at + 1)
        end = frame.count_at + INDEX_ENTRY * frame.count
        data[at + INDEX_ENTRY : end + INDEX_ENTRY] = data[at:end]
        put32(data, at, hash)
        put32(data, at + 4, child)
        put16(data, frame.count_at + 2, frame.count + 1)

    def _split_leaf(self, leaf: Block, bottom: Frame) -> None:
        """The half of a leaf's names with the higher hashes moves to a new leaf."""
        names = self._names
        old = leaf.data
        hashed = sorted(self._names_of(old, 0), key=lambda one: one.hash.major)
        total = sum([one.size for one in hashed])
        size = 0
        split = 0
        while split < len(hashed) - 1 and (split == 0 or size + hashed[split].size <= total // 2):
            size += hashed[split].size
            split += 1
        if split == 0:
            raise Errno(EIO, "a full leaf without names")
        hash = hashed[split].hash.major
        continued = 1 if hashed[split - 1].hash.major == hash else 0
        index = names.blocks()
        block = names.append_block(index)
        self._fill(block.data, old, hashed[split:])
        kept = bytearray(len(old))
        entries.make_empty(kept, names.end)
        self._fill(kept, old, hashed[:split])
        names.volume.blocks.change(leaf)[:] = kept
        self._insert(bottom, hash | continued, index)

    def _names_of(self, data: bytearray, start: int) -> list[Hashed]:
        """The names of a block from a place on."""
        found: list[Hashed] = []
        at = start
        while at < self._names.end:
            length = entries.length_at(data, at, self._names.end)
            if get32(data, at) != 0:
                found.append(Hashed(self.hash(entries.name_at(data, at)), at, entries.space(data[at + 6])))
            at += length
        return found

    def _fill(self, data: bytearray, source: bytearray, names: list[Hashed]) -> None:
        """Put names one after the other into an empty block; the last one takes the room that is left."""
        at = 0
        for index in range(len(names)):
            one = names[index]
            length = one.size if index < len(names) - 1 else self._names.end - at
            entries.write(data, at, length, entries.name_at(source, one.at), get32(source, one.at), source[one.at + 7])
            at += length
