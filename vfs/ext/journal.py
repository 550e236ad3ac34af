"""The journal on the disk: a ring of blocks in a file of its own, and its superblock. (jbd2)

    superblock | descriptor, blocks ..., revoke records, commit | descriptor, ... | (free) ...

A transaction is one or more descriptors, each with the blocks it names behind it, perhaps blocks of revoke records, and a commit block,
which makes it valid. Everything is big-endian and carries the number of its transaction. The superblock says where the oldest transaction
that is still needed begins, and its number; 0: none is.

Source: Linux, Documentation/filesystems/ext4, "Journal (jbd2)".
"""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from objects.block import BlockDevice
from scarlet.lang import struct, u8, u32
from scarlet.lang.errno import EINVAL, EIO, Errno
from vfs.ext.blockmap import NOWHERE, BlockMap
from vfs.ext.checksums import START, crc32c
from vfs.ext.fields import get_be32, put_be32
from vfs.ext.record import Record

JOURNAL_MAGIC: Final = 0xC03B3998
SUPERBLOCK_SIZE: Final = 1024
HEADER_SIZE: Final = 12
TAIL_SIZE: Final = 4
"""A checksum at the end of descriptors and revoke records."""
UUID_SIZE: Final = 16
COMMIT_CHECKSUM: Final = 16
"""Where the checksum of a commit block is."""
FEWEST_BLOCKS: Final = 64
LONGEST_WRITE: Final = 1 << 17
"""Bytes in one transfer."""
CRC32C_KIND: Final = 4
"""s_checksum_type"""


class BlockType(IntEnum):
    """h_blocktype"""

    DESCRIPTOR = 1
    COMMIT = 2
    SUPERBLOCK_1 = 3
    SUPERBLOCK_2 = 4
    REVOKE = 5


class TagFlags(IntFlag):
    """t_flags of a block that a descriptor names."""

    NONE = 0
    ESCAPED = 1
    """The block begins with the journal's magic number, which was zeroed here."""
    SAME_UUID = 2
    """No UUID follows."""
    LAST = 8


class Features(IntFlag):
    """s_feature_incompat of the journal."""

    NONE = 0
    REVOKE = 1
    BITS_64 = 2
    ASYNC_COMMIT = 4
    CSUM_V2 = 8
    CSUM_V3 = 16
    FAST_COMMIT = 32


KNOWN_FEATURES: Final = 1 | 2 | 4 | 8 | 16


@struct(packed=True, big_endian=True)
class JournalSuperblock:
    """Its fields as far as they matter; what follows is kept as it is."""

    h_magic: u32
    h_blocktype: u32
    h_sequence: u32
    s_blocksize: u32
    s_maxlen: u32
    s_first: u32
    s_sequence: u32
    s_start: u32
    s_errno: u32
    s_feature_compat: u32
    s_feature_incompat: u32
    s_feature_ro_compat: u32
    s_uuid: Annotated[bytes, 16]
    s_nr_users: u32
    s_dynsuper: u32
    s_max_transaction: u32
    s_max_trans_data: u32
    s_checksum_type: u8
    s_padding: Annotated[bytes, 3]
    s_num_fc_blks: u32


SEQUENCE: Final = 0x18
STARTS: Final = 0x1C
FEATURES: Final = 0x28
CHECKSUM_TYPE: Final = 0x50
CHECKSUM: Final = 0xFC
"""Fields that change."""


class Ring:
    """The blocks of a journal. EINVAL for one that we do not understand, EIO for one that makes no sense."""

    def __init__(self, device: BlockDevice, block_size: int, record: Record, map: BlockMap) -> None:
        self.device = device
        self.block_size = block_size
        self._places = _places(record, map, block_size)
        """Where each of its blocks is on the device."""
        if len(self._places) < FEWEST_BLOCKS:
            raise Errno(EINVAL, "a journal of an impossible size")
        self.raw = bytearray(self.read(0))
        header = JournalSuperblock.parse(bytes(self.raw))
        if header.h_magic != JOURNAL_MAGIC or header.s_blocksize != block_size:
            raise Errno(EINVAL, "no journal where the journal should be")
        self.old = header.h_blocktype == BlockType.SUPERBLOCK_1
        if not self.old and header.h_blocktype != BlockType.SUPERBLOCK_2:
            raise Errno(EINVAL, "an unknown kind of journal")
        self.features = 0 if self.old else int(header.s_feature_incompat)
        self.first = int(header.s_first)
        self.end = int(header.s_maxlen)
        self.sequence = int(header.s_sequence)
        """The number of the oldest transaction that is needed, or of the next one."""
        self.start = int(header.s_start)
        """Where it begins; 0: all is in its place."""
        if self.features & int(Features.FAST_COMMIT):
            if self.start != 0:
                raise Errno(EINVAL, "a journal with fast commits: run e2fsck first")
            self.end -= int(header.s_num_fc_blks) if header.s_num_fc_blks != 0 else 256
        elif self.features & (0xFFFFFFFF ^ KNOWN_FEATURES) != 0:
            raise Errno(EINVAL, f"a journal with unknown features 0x{self.features:x}")
        if self.end > len(self._places) or self.first < 1 or self.end - self.first < FEWEST_BLOCKS or self.start >= self.end:
            raise Errno(EINVAL, "a journal of an impossible size")
        self.seed = crc32c(START, bytearray(header.s_uuid), 0, UUID_SIZE)
        if self.checked and get_be32(self.raw, CHECKSUM) != self._own_checksum():
            raise Errno(EIO, "the checksum of the journal's superblock is wrong")

    @property
    def checked(self) -> bool:
        """Have its blocks checksums?"""
        return self.features & int(Features.CSUM_V2 | Features.CSUM_V3) != 0

    def tag_size(self) -> int:
        """Bytes of a tag, without the UUID that may follow."""
        if self.features & int(Features.CSUM_V3):
            return 16
        size = 12 if self.features & int(Features.BITS_64) else 8
        return size + 2 if self.features & int(Features.CSUM_V2) else size

    def after(self, index: int, count: int = 1) -> int:
        """The block so many behind another one, around the end."""
        index += count
        return index - (self.end - self.first) if index >= self.end else index

    def read(self, index: int) -> bytes:
        """A block of the journal. EIO."""
        return self.device.read(self._places[index] * self.block_size, self.block_size)

    def write(self, index: int, blocks: list[bytes]) -> int:
        """Write blocks one behind the other, around the end, in few transfers, or block by block if there is no memory for that; the block
        behind them. EIO."""
        done = 0
        while done < len(blocks):
            most = min(len(blocks) - done, self.end - index, LONGEST_WRITE // self.block_size)
            count = 1
            while count < most and self._places[index + count] == self._places[index] + count:
                count += 1
            data = blocks[done]
            try:
                if count > 1:
                    data = b"".join(blocks[done : done + count])
            except MemoryError:
                count = 1
            self.device.write(self._places[index] * self.block_size, data)
            done += count
            index = self.after(index, count) if index + count < self.end else self.first + index + count - self.end
        return index

    def store_superblock(self) -> None:
        """Write `sequence`, `start` and `features`, and wait until they are safe. EIO."""
        put_be32(self.raw, SEQUENCE, self.sequence)
        put_be32(self.raw, STARTS, self.start)
        put_be32(self.raw, FEATURES, self.features)
        if self.checked:
            self.raw[CHECKSUM_TYPE] = CRC32C_KIND
            put_be32(self.raw, CHECKSUM, self._own_checksum())
        self.device.write(self._places[0] * self.block_size, bytes(self.raw))
        self.device.flush()

    def _own_checksum(self) -> int:
        value = crc32c(START, self.raw, 0, CHECKSUM)
        value = crc32c(value, bytearray(4), 0, 4)
        return crc32c(value, self.raw, CHECKSUM + 4, SUPERBLOCK_SIZE)

    def put_checksum(self, block: bytearray, at: int) -> None:
        """The checksum of a block of the journal's own, in the four bytes at a place."""
        if self.checked:
            put_be32(block, at, 0)
            put_be32(block, at, crc32c(self.seed, block, 0, len(block)))

    def is_good(self, block: bytearray, at: int) -> bool:
        """Is it right?"""
        if not self.checked:
            return True
        copy = bytearray(block)
        self.put_checksum(copy, at)
        return copy == block

    def data_checksum(self, sequence: int, data: bytearray) -> int:
        """The checksum of a journaled block, which its tag has."""
        number = bytearray(sequence.to_bytes(4, "big"))
        return crc32c(crc32c(self.seed, number, 0, 4), data, 0, len(data))


def _places(record: Record, map: BlockMap, block_size: int) -> list[int]:
    """Where the blocks of the journal's file are."""
    places: list[int] = []
    count = record.size // block_size
    while len(places) < count:
        run = map.find(len(places))
        if run.start == NOWHERE or run.unwritten:
            raise Errno(EIO, "a journal with a hole")
        for index in range(min(run.count, count - len(places))):
            places.append(run.start + index)
    return places
