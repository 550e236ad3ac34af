"""Transactions into the journal, and from memory to their places. (jbd2)

A transaction is written behind the last one: descriptors with their blocks, revoke records; when all that, and the data that belongs to it,
is safe, the commit block; when that is safe, it has happened. Its blocks stay in memory (`blocks.committed`) until a checkpoint writes all
of them to their places and gives the journal free.

Revoke records: a block of metadata that was freed may become data, which is not journaled; a replay must not put the old metadata over it.
"""

from typing import Final

from scarlet.kernel import clock
from scarlet.kernel.memory import frames
from scarlet.lang.errno import EIO, Errno
from vfs.ext.blocks import Blocks
from vfs.ext.commit import Log, write_blocks
from vfs.ext.fields import get_be32, put_be32
from vfs.ext.geometry import Geometry
from vfs.ext.journal import COMMIT_CHECKSUM, HEADER_SIZE, JOURNAL_MAGIC, TAIL_SIZE, UUID_SIZE, BlockType, Features, Ring, TagFlags
from vfs.ext.layout import Incompat
from vfs.ext.replay import LAST_SEQUENCE, REVOKE_COUNT, REVOKE_RECORDS
from vfs.ext.superblock import Superblock
from vfs.ext.transaction import Transaction

MOST_WAITING: Final = 8 << 20
WAITING_SHARE: Final = 16
"""Bytes of committed blocks that wait in memory for a checkpoint, or this share of the memory if that is less."""
COMMIT_SECONDS: Final = 48
COMMIT_NANOSECONDS: Final = 56
"""Fields of a commit block: when it was."""
REST: Final = 32
"""Blocks of an operation beyond what a transaction should have."""
LARGEST_TRANSACTION: Final = 2 << 20
TRANSACTION_SHARE: Final = 64
"""Bytes, or a share of the memory. More would only be more to wait for."""


class Journal(Log):
    """The journal of a file system that is mounted to be changed. It is empty to begin with."""

    def __init__(self, ring: Ring, blocks: Blocks, geometry: Geometry, superblock: Superblock) -> None:
        self._ring = ring
        self._blocks = blocks
        self._superblock = superblock
        self._head = ring.first
        """Where the next transaction goes."""
        self._sequence = ring.sequence
        self._used = 0
        """Blocks of the ring with transactions that are needed."""
        self._size = ring.end - ring.first
        self._most_waiting = min(MOST_WAITING, frames.total_bytes() // WAITING_SHARE)
        largest = min(LARGEST_TRANSACTION, frames.total_bytes() // TRANSACTION_SHARE) // ring.block_size
        self._largest = max(min(self._size // 4 - REST, largest), 1)
        """Blocks in a transaction, before the next operation has to wait for a new one."""
        features = ring.features | int(Features.REVOKE)
        if geometry.needs(Incompat.BITS_64):
            features |= int(Features.BITS_64)
        if geometry.metadata_csum:
            features = features & (0xFFFFFFFF ^ int(Features.CSUM_V2)) | int(Features.CSUM_V3)
        ring.features = features & (0xFFFFFFFF ^ int(Features.ASYNC_COMMIT))

    def is_full(self, blocks: int) -> bool:
        return blocks >= self._largest

    def write(self, transaction: Transaction, images: dict[int, bytearray]) -> None:
        contents = self._described(images) + self._revocations(list(transaction.revoked))
        if self._used + len(contents) + 1 >= self._size or len(self._blocks.committed) * self._ring.block_size > self._most_waiting:
            self.checkpoint(clean=False)
        if len(contents) + 1 >= self._size:
            raise Errno(EIO, "a transaction larger than the journal")
        if self._superblock.clean:
            self._superblock.mark_disk(in_use=True)
        if self._ring.start == 0:
            self._ring.start = self._head
            self._ring.sequence = self._sequence
            self._ring.store_superblock()
        end = self._ring.write(self._head, contents)
        self._ring.device.flush()
        end = self._ring.write(end, [self._commit_block()])
        self._ring.device.flush()
        self._head = end
        self._used += len(contents) + 1
        self._sequence = self._sequence + 1 & LAST_SEQUENCE
        for number in transaction.revoked:
            if number in self._blocks.committed:
                self._blocks.committed.pop(number)
        for number, data in images.items():
            self._blocks.committed[number] = data

    def checkpoint(self, *, clean: bool) -> None:
        ring = self._ring
        if self._used > 0:
            ring.device.flush()
            write_blocks(ring.device, ring.block_size, self._blocks.committed)
            ring.device.flush()
            ring.start = 0
            ring.sequence = self._sequence
            ring.store_superblock()
            self._used = 0
            self._blocks.committed = {}
        if clean and not self._superblock.clean:
            self._superblock.mark_disk(in_use=False)

    # What is written

    def _described(self, images: dict[int, bytearray]) -> list[bytes]:
        """The blocks of a transaction, behind descriptors that name them."""
        ring = self._ring
        room = ring.block_size - HEADER_SIZE - UUID_SIZE - (TAIL_SIZE if ring.checked else 0)
        per_descriptor = room // ring.tag_size()
        numbers = list(images)
        contents: list[bytes] = []
        for first in range(0, len(numbers), per_descriptor):
            part = numbers[first : first + per_descriptor]
            descriptor = self._new_block(BlockType.DESCRIPTOR)
            at = HEADER_SIZE
            contents.append(b"")
            place = len(contents) - 1
            for index in range(len(part)):
                flags = int(TagFlags.NONE) if index == 0 else int(TagFlags.SAME_UUID)
                if index == len(part) - 1:
                    flags |= int(TagFlags.LAST)
                data = images[part[index]]
                if get_be32(data, 0) == JOURNAL_MAGIC:
                    flags |= int(TagFlags.ESCAPED)
                    data = bytearray(4) + data[4:]
                contents.append(bytes(data))
                self._put_tag(descriptor, at, part[index], flags, data)
                at += ring.tag_size() + (UUID_SIZE if index == 0 else 0)
            ring.put_checksum(descriptor, ring.block_size - TAIL_SIZE)
            contents[place] = bytes(descriptor)
        return contents

    def _put_tag(self, descriptor: bytearray, at: int, number: int, flags: int, data: bytearray) -> None:
        ring = self._ring
        put_be32(descriptor, at, number & 0xFFFFFFFF)
        checksum = ring.data_checksum(self._sequence, data) if ring.checked else 0
        if ring.features & int(Features.CSUM_V3):
            put_be32(descriptor, at + 4, flags)
            put_be32(descriptor, at + 8, number >> 32)
            put_be32(descriptor, at + 12, checksum)
            return
        put_be32(descriptor, at + 4, (checksum & 0xFFFF) << 16 | flags)
        if ring.features & int(Features.BITS_64):
            put_be32(descriptor, at + 8, number >> 32)

    def _revocations(self, numbers: list[int]) -> list[bytes]:
        ring = self._ring
        width = 8 if ring.features & int(Features.BITS_64) else 4
        per_block = (ring.block_size - REVOKE_RECORDS - (TAIL_SIZE if ring.checked else 0)) // width
        contents: list[bytes] = []
        for first in range(0, len(numbers), per_block):
            part = numbers[first : first + per_block]
            block = self._new_block(BlockType.REVOKE)
            put_be32(block, REVOKE_COUNT, REVOKE_RECORDS + width * len(part))
            for index in range(len(part)):
                at = REVOKE_RECORDS + width * index
                if width == 8:
                    put_be32(block, at, part[index] >> 32)
                    at += 4
                put_be32(block, at, part[index] & 0xFFFFFFFF)
            ring.put_checksum(block, ring.block_size - TAIL_SIZE)
            contents.append(bytes(block))
        return contents

    def _commit_block(self) -> bytes:
        block = self._new_block(BlockType.COMMIT)
        now = clock.realtime_ns()
        put_be32(block, COMMIT_SECONDS, now // clock.NS_PER_SECOND >> 32)
        put_be32(block, COMMIT_SECONDS + 4, now // clock.NS_PER_SECOND & 0xFFFFFFFF)
        put_be32(block, COMMIT_NANOSECONDS, now % clock.NS_PER_SECOND)
        self._ring.put_checksum(block, COMMIT_CHECKSUM)
        return bytes(block)

    def _new_block(self, kind: BlockType) -> bytearray:
        block = bytearray(self._ring.block_size)
        put_be32(block, 0, JOURNAL_MAGIC)
        put_be32(block, 4, int(kind))
        put_be32(block, 8, self._sequence)
        return block
