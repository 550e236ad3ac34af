"""The blocks of one directory, whatever is in them."""

from typing import TYPE_CHECKING

from scarlet.lang.errno import EIO, Errno
from vfs.ext import entries
from vfs.ext.blockmap import NOWHERE, BlockMap
from vfs.ext.blocks import Block
from vfs.ext.entries import DirectoryGuard
from vfs.ext.layout import DIRECTORY_TAIL, Compat, InodeFlags
from vfs.ext.record import Record

if TYPE_CHECKING:
    from vfs.ext.volume import Volume


class Names:
    """A directory as an array of blocks. `end`: where the names of a block end."""

    def __init__(self, volume: "Volume", record: Record, map: BlockMap) -> None:
        self.volume: Volume = volume
        self.record = record
        self._map = map
        geometry = volume.geometry
        self.end = geometry.block_size - (DIRECTORY_TAIL if geometry.metadata_csum else 0)

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
        place = self._map.find(index)
        if place.start == NOWHERE:
            raise Errno(EIO, "a directory with a hole")
        return self.volume.blocks.read(place.start, self._guard(index))

    def append_block(self, index: int) -> Block:
        """A new one at the end, without names, within the caller's operation. ENOSPC."""
        volume = self.volume
        number = volume.take_metadata(self.record)
        self._map.insert(index, number, 1)
        block = volume.blocks.fresh(number, self._guard(index))
        entries.make_empty(block.data, self.end)
        self.record.size = (index + 1) << volume.geometry.block_bits
        self.record.next_goal = number + 1
        return block

    def _guard(self, index: int) -> DirectoryGuard:
        return DirectoryGuard(self.record.seed, checked=self.volume.geometry.metadata_csum, first=index == 0)
