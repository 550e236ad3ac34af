"""What is in a directory, batch by batch, at a reader's leisure. (getdents64(2))

A place in the listing is, where the file system knows hash trees and the directory has one or may get one, the hash of the last name that
was given out: it stays good while names come and go and leaves are split. Otherwise it is the place in the directory, where a name stays as
long as it lives.
"""

from objects.inode import DirectoryEntry, InodeType
from vfs.ext import entries
from vfs.ext.fields import get32
from vfs.ext.hashtree import HashTree
from vfs.ext.layout import Compat, Incompat
from vfs.ext.names import Names


class Listing:
    """Lists one directory. The caller holds the mutex."""

    def __init__(self, names: Names, tree: HashTree) -> None:
        self._names = names
        self._tree = tree
        self._has_types = names.volume.geometry.needs(Incompat.FILETYPE)

    def after(self, cursor: int) -> list[DirectoryEntry]:
        """A batch of entries behind a place, without "." and ".."; empty at the end."""
        if self._names.volume.geometry.has(Compat.DIR_INDEX) and (self._names.is_indexed() or self._names.blocks() == 1):
            return self._by_hash(cursor)
        return self._in_order(cursor)

    def _in_order(self, cursor: int) -> list[DirectoryEntry]:
        """The names of the first block that has any behind the cursor, which is a place plus one."""
        bits = self._names.volume.geometry.block_bits
        batch: list[DirectoryEntry] = []
        index = cursor >> bits
        while len(batch) == 0 and index < self._names.blocks():
            data = self._names.block(index).data
            at = 0
            while at < self._names.end:
                length = entries.length_at(data, at, self._names.end)
                if (index << bits) + at >= cursor:
                    self._collect(batch, data, at, (index << bits) + at + 1)
                at += length
            index += 1
        return batch

    def _by_hash(self, cursor: int) -> list[DirectoryEntry]:
        """The names of the first leaf, with those that go on with its last hash, that has any behind the cursor, sorted by hash."""
        batch: list[DirectoryEntry] = []
        if not self._names.is_indexed():
            self._collect_hashed(batch, self._names.block(0).data, cursor)
        else:
            frames = self._tree.way(cursor >> 31 << 1)
            hash = 0
            while len(batch) == 0 and hash >= 0:
                self._collect_hashed(batch, self._tree.leaf(frames).data, cursor)
                hash = self._tree.next_leaf(frames)
                while hash >= 0 and hash & 1:
                    self._collect_hashed(batch, self._tree.leaf(frames).data, cursor)
                    hash = self._tree.next_leaf(frames)
        batch.sort(key=lambda entry: entry.cursor)
        return batch

    def _collect_hashed(self, batch: list[DirectoryEntry], data: bytearray, cursor: int) -> None:
        at = 0
        while at < self._names.end:
            length = entries.length_at(data, at, self._names.end)
            if get32(data, at) != 0:
                hash = self._tree.hash(entries.name_at(data, at))
                place = (hash.major >> 1 << 31 | hash.minor >> 1) + 1
                if place > cursor:
                    self._collect(batch, data, at, place)
            at += length

    def _collect(self, batch: list[DirectoryEntry], data: bytearray, at: int, cursor: int) -> None:
        number = get32(data, at)
        name = entries.name_at(data, at)
        if number != 0 and name != b"." and name != b"..":
            type = entries.type_of(data[at + 7]) if self._has_types else InodeType.UNKNOWN
            batch.append(DirectoryEntry(name, number, type, cursor))
