"""The names of one directory: found one block after the other or through a hash tree, put in, pointed elsewhere, taken out.

The caller holds the mutex, and is in an operation where something changes; it has made the record part of it.
"""

from objects.metadata import InodeType
from scarlet.lang.errno import EIO, Errno
from vfs.ext import entries
from vfs.ext.fields import get32, put32
from vfs.ext.hashtree import HashTree, Located
from vfs.ext.layout import DIRECTORY_HEADER, Compat, Incompat, InodeFlags
from vfs.ext.names import Names

NOTHING = 0
"""The inode of a name that is not there."""


class NameTable:
    """What each name means."""

    def __init__(self, names: Names, tree: HashTree) -> None:
        self._names = names
        self._tree = tree
        self._has_types = names.volume.geometry.needs(Incompat.FILETYPE)
        self._room_hint = 0
        """No block before this one has room, as far as is known."""

    # Looking

    def find(self, name: bytes) -> int:
        """The inode of a name, NOTHING when it is not there. EIO."""
        found = self._locate(name)
        return get32(found.block.data, found.place.at) if found is not None else NOTHING

    def is_empty(self) -> bool:
        """Are there no names but "." and ".."?"""
        names = self._names
        for index in range(names.blocks()):
            data = names.block(index).data
            if names.is_indexed() and entries.index_at(data, first=index == 0) != entries.ABSENT:
                continue
            at = 0
            while at < names.end:
                length = entries.length_at(data, at, names.end)
                if get32(data, at) != 0 and entries.name_at(data, at) not in (b".", b".."):
                    return False
                at += length
        return True

    def parent(self) -> int:
        """The inode that ".." names. EIO when there is none."""
        data = self._names.block(0).data
        if entries.name_at(data, entries.DOT_SIZE) != b"..":
            raise Errno(EIO, "a directory without ..")
        return get32(data, entries.DOT_SIZE)

    def _locate(self, name: bytes) -> Located | None:
        """The block and the place of a name."""
        names = self._names
        if names.is_indexed():
            return self._tree.find(name)
        for index in range(names.blocks()):
            block = names.block(index)
            place = entries.find(block.data, names.end, name)
            if place is not None:
                return Located(block, place)
        return None

    # Changing

    def put(self, name: bytes, number: int, type: InodeType) -> None:
        """A new name. ENOSPC."""
        file_type = entries.type_for(type) if self._has_types else 0
        if self._names.is_indexed():
            self._tree.add(name, number, file_type)
        else:
            self._put_in_order(name, number, file_type)

    def _put_in_order(self, name: bytes, number: int, file_type: int) -> None:
        names = self._names
        blocks = names.volume.blocks
        names.record.flags &= 0xFFFFFFFF ^ int(InodeFlags.INDEX)  # whoever knows no trees may leave a stale one behind
        needed = entries.space(len(name))
        for index in range(min(self._room_hint, names.blocks()), names.blocks()):
            block = names.block(index)
            at = entries.find_space(block.data, names.end, needed)
            if at != entries.ABSENT:
                entries.put(blocks, block, at, name, number, file_type)
                self._room_hint = index
                return
        if names.blocks() == 1 and names.volume.geometry.has(Compat.DIR_INDEX):
            self._tree.begin(int(names.volume.geometry.on_disk.s_def_hash_version))
            names.record.flags |= int(InodeFlags.INDEX)
            self._tree.add(name, number, file_type)
            return
        entries.put(blocks, names.append_block(names.blocks()), 0, name, number, file_type)

    def point(self, name: bytes, number: int, type: InodeType) -> None:
        """Let a name that is there mean another file."""
        found = self._place_of(name)
        at = found.place.at
        data = self._names.volume.blocks.change_part(found.block, at, DIRECTORY_HEADER)
        put32(data, at, number)
        if self._has_types:
            data[at + 7] = entries.type_for(type)

    def remove(self, name: bytes) -> None:
        """Take a name away."""
        found = self._place_of(name)
        entries.remove(self._names.volume.blocks, found.block, found.place)
        self._room_hint = 0

    def set_parent(self, number: int) -> None:
        """Let ".." name another directory."""
        self.parent()
        put32(self._names.volume.blocks.change_part(self._names.block(0), entries.DOT_SIZE, 4), entries.DOT_SIZE, number)

    def _place_of(self, name: bytes) -> Located:
        found = self._locate(name)
        if found is None:
            raise Errno(EIO, "a name that was remembered is gone")
        return found
