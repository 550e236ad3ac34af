"""The blocks of one directory, whatever is in them."""

from typing import TYPE_CHECKING, Final

from scarlet.lang.errno import EIO, Errno
from vfs.ext import entries
from vfs.ext.blockmap import NOWHERE, BlockMap
from vfs.ext.blocks import Block
from vfs.ext.entries import DirectoryGuard
from vfs.ext.layout import DIRECTORY_TAIL, Compat, InodeFlags
from vfs.ext.record import Record

if TYPE_CHECKING:
    from vfs.ext.volume import Volume


PLACES: Final = 256
"""Blocks of a directory of which it is remembered where they are."""


class Names:
    """A directory as an array of blocks. `end`: where the names of a block end."""

    def __init__(self, volume: "Volume", record: Record, map: BlockMap) -> None:
        self.volume: Volume = volume
        self.record = record
        self._map = map
        geometry = volume.geometry
        self.end = geometry.block_size - (DIRECTORY_TAIL if geometry.metadata_csum else 0)
        self._places: dict[int, int] = {}
        """Where blocks are that were looked for: as long as a directory lives, they stay there."""
        self._root = DirectoryGuard(record.seed, checked=geometry.metadata_csum, first=True)
        self._guard = DirectoryGuard(record.seed, checked=geometry.metadata_csum, first=False)

    def is_indexed(self) -> bool:
        """Has it a hash tree?"""
        return self.record.has(InodeFlags.INDEX) and self.volume.geometry.has(Compat.DIR_INDEX)

    def blocks(self) -> int:
        """How many blocks it has."""
        return self.record.size >> self.volume.geometry.block_bits

    def block(self, index: int) -> Block:
        """One of them. EIO when there is a hole: a directory has none."""
        if index >= self.blocks():
            raise Errno(EIO, "beyond the end of a directory")
        place = self._places.get(index, NOWHERE)
        if place == NOWHERE:
            place = self._map.find(index).start
            if place == NOWHERE:
                raise Errno(EIO, "a directory with a hole")
            if len(self._places) >= PLACES:
                self._places.clear()
            self._places[index] = place
        return self.volume.blocks.read(place, self._root if index == 0 else self._guard)

    def append_block(self, index: int) -> Block:
        """A new one at the end, without names, within the caller's operation. ENOSPC."""
        volume = self.volume
        number = volume.take_metadata(self.record)
        self._map.insert(index, number, 1)
        self._places.pop(index, NOWHERE)  # of an operation that failed
        block = volume.blocks.fresh(number, self._root if index == 0 else self._guard)
        entries.make_empty(block.data, self.end)
        self.record.size = (index + 1) << volume.geometry.block_bits
        self.record.next_goal = number + 1
        return block
