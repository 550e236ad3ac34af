"""The superblock as it changes while the file system is mounted: totals, state, the list of orphans."""

from scarlet.kernel import clock
from vfs.ext.blocks import Blocks, Guard
from vfs.ext.checksums import START, crc32c
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.geometry import Geometry
from vfs.ext.layout import (
    SB_CHECKSUM,
    SB_FEATURE_INCOMPAT,
    SB_FREE_BLOCKS_HI,
    SB_FREE_BLOCKS_LO,
    SB_FREE_INODES,
    SB_STATE,
    SB_WTIME,
    STATE_CLEAN,
    Compat,
    Incompat,
)  # fmt: skip


class SuperblockGuard(Guard):
    """The superblock's block; where blocks are larger than 1 KiB it has other bytes, too."""

    name = "superblock"

    def __init__(self, geometry: Geometry) -> None:
        self._geometry = geometry

    def is_good(self, number: int, data: bytearray) -> bool:
        at = self._geometry.superblock_offset
        return not self._geometry.metadata_csum or get32(data, at + SB_CHECKSUM) == crc32c(START, data, at, at + SB_CHECKSUM)

    def seal(self, number: int, data: bytearray) -> None:
        at = self._geometry.superblock_offset
        if self._geometry.metadata_csum:
            put32(data, at + SB_CHECKSUM, crc32c(START, data, at, at + SB_CHECKSUM))


class Superblock:
    """The one in memory; its block is part of every transaction, because the totals are."""

    def __init__(self, blocks: Blocks, geometry: Geometry) -> None:
        self._blocks = blocks
        self._geometry = geometry
        self._guard = SuperblockGuard(geometry)
        self.block = blocks.read(geometry.superblock, self._guard)
        self.clean = True
        """Does the disk say that nothing is open? Then the first transaction has to say otherwise before anything else."""

    def get(self, field: int) -> int:
        """A field of four bytes, by its place."""
        return get32(self.block.data, self._geometry.superblock_offset + field)

    def put(self, field: int, value: int) -> None:
        """Change one, within the caller's operation."""
        at = self._geometry.superblock_offset + field
        put32(self._blocks.change_part(self.block, at, 4), at, value)

    def put_totals(self, free_blocks: int, free_inodes: int) -> None:
        """What is free, within the caller's operation."""
        self.put(SB_FREE_BLOCKS_LO, free_blocks & 0xFFFFFFFF)
        if self._geometry.wide:
            self.put(SB_FREE_BLOCKS_HI, free_blocks >> 32)
        self.put(SB_FREE_INODES, free_inodes)
        self.mark(self.block.data, in_use=True)

    def mark(self, data: bytearray, *, in_use: bool) -> None:
        """Put the marks of a mounted, or of a cleanly unmounted, file system into a superblock's block."""
        at = self._geometry.superblock_offset
        if self._geometry.has(Compat.HAS_JOURNAL):
            incompat = get32(data, at + SB_FEATURE_INCOMPAT) & (0xFFFFFFFF ^ int(Incompat.RECOVER))
            put32(data, at + SB_FEATURE_INCOMPAT, incompat | (int(Incompat.RECOVER) if in_use else 0))
        else:
            state = get16(data, at + SB_STATE) & (0xFFFF ^ STATE_CLEAN)
            put16(data, at + SB_STATE, state if in_use else state | STATE_CLEAN)
        put32(data, at + SB_WTIME, clock.realtime_ns() // clock.NS_PER_SECOND & 0xFFFFFFFF)

    def mark_disk(self, *, in_use: bool) -> None:
        """The same on the disk, at once and with nothing else. EIO."""
        number = self._geometry.superblock
        size = self._geometry.block_size
        device = self._blocks.device
        data = bytearray(device.read(number * size, size))
        self.mark(data, in_use=in_use)
        self._guard.seal(number, data)
        device.write(number * size, bytes(data))
        device.flush()
        self.clean = not in_use
