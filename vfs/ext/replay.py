"""What a crash left in the journal: transactions that were committed, but may not be in their places.

Three walks over the ring: where the valid part ends, what was revoked, and then the blocks. A block that was revoked by a transaction is
not restored from it or an earlier one: it had become something else meanwhile.

A transaction counts if its commit block is there, and everything of it has the right number and, where there are checksums, the right one.
The first that does not is the end: nobody was told that it happened.

Source: Linux, Documentation/filesystems/ext4, "Journal (jbd2)".
"""

from typing import Final

from scarlet.kernel import log
from scarlet.lang.errno import EIO, Errno
from vfs.ext.fields import get_be32
from vfs.ext.journal import COMMIT_CHECKSUM, HEADER_SIZE, JOURNAL_MAGIC, TAIL_SIZE, UUID_SIZE, BlockType, Features, Ring, TagFlags

REVOKE_COUNT: Final = 12
REVOKE_RECORDS: Final = 16
LAST_SEQUENCE: Final = 0xFFFFFFFF
HIGHEST: Final = 0xFFFF
"""Bits 32 and up of the number of a block that can be."""


class Tag:
    """A block that a descriptor names: where it belongs, and its place in the ring."""

    def __init__(self, number: int, flags: int, checksum: int, index: int) -> None:
        self.number = number
        self.flags = flags
        self.checksum = checksum
        self.index = index


class Found:
    """A transaction: its number, the blocks it has and those it revokes, and where the next one begins."""

    def __init__(self, sequence: int, tags: list[Tag], revoked: list[int], end: int) -> None:
        self.sequence = sequence
        self.tags = tags
        self.revoked = revoked
        self.end = end


class Replay:
    """One walk after the other."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self.images: dict[int, bytearray] = {}
        """What the journal says that blocks are."""
        self.next_sequence = ring.sequence
        """The number of the transaction that comes next."""
        self._found: list[Found] = []
        self._revoked: dict[int, int] = {}
        """Block to the last transaction that revoked it."""

    def scan(self) -> None:
        """Find the transactions. EIO when the device fails."""
        if self._ring.start == 0:
            return
        index = self._ring.start
        sequence = self._ring.sequence
        while len(self._found) < self._ring.end:
            found = self._transaction(index, sequence)
            if found is None:
                break
            self._found.append(found)
            index = found.end
            sequence = sequence + 1 & LAST_SEQUENCE
        self.next_sequence = sequence

    def restore(self) -> int:
        """Collect `images`; how many transactions there were. EIO also when something that counts is damaged."""
        for found in self._found:
            for block in found.revoked:
                self._revoked[block] = found.sequence
        for found in self._found:
            self._restore(found)
        return len(self._found)

    def _transaction(self, index: int, sequence: int) -> Found | None:
        """The transaction that begins at a place; None when it is not all there."""
        ring = self._ring
        tags: list[Tag] = []
        revoked: list[int] = []
        for _step in range(ring.end):
            block = bytearray(ring.read(index))
            if get_be32(block, 0) != JOURNAL_MAGIC or get_be32(block, 8) != sequence:
                return None
            kind = get_be32(block, 4)
            if kind == BlockType.DESCRIPTOR:
                if not ring.is_good(block, ring.block_size - TAIL_SIZE):
                    return None
                named = self._tags(block, index)
                tags.extend(named)
                index = ring.after(index, 1 + len(named))
            elif kind == BlockType.REVOKE:
                if not ring.is_good(block, ring.block_size - TAIL_SIZE):
                    return None
                revoked.extend(self._records(block))
                index = ring.after(index)
            elif kind == BlockType.COMMIT:
                if not ring.is_good(block, COMMIT_CHECKSUM):
                    return None
                return Found(sequence, tags, revoked, ring.after(index))
            else:
                return None
            if len(tags) > ring.end - ring.first:
                return None
        return None

    def _tags(self, block: bytearray, index: int) -> list[Tag]:
        ring = self._ring
        tags: list[Tag] = []
        at = HEADER_SIZE
        end = ring.block_size - (TAIL_SIZE if ring.checked else 0)
        size = ring.tag_size()
        while at + size <= end:
            number = get_be32(block, at)
            wide = ring.features & int(Features.BITS_64) != 0
            if ring.features & int(Features.CSUM_V3):
                flags = get_be32(block, at + 4)
                checksum = get_be32(block, at + 12)
                high = get_be32(block, at + 8) if wide else 0
            else:
                checksum = block[at + 4] << 8 | block[at + 5]
                flags = block[at + 6] << 8 | block[at + 7]
                high = get_be32(block, at + 8) if wide else 0
            index = ring.after(index)
            tags.append(Tag(number | (high & HIGHEST) << 32, flags, checksum, index))
            at += size if flags & int(TagFlags.SAME_UUID) else size + UUID_SIZE
            if flags & int(TagFlags.LAST):
                break
        return tags

    def _records(self, block: bytearray) -> list[int]:
        """The blocks that a revoke block names."""
        width = 8 if self._ring.features & int(Features.BITS_64) else 4
        end = min(get_be32(block, REVOKE_COUNT), len(block) - (TAIL_SIZE if self._ring.checked else 0))
        found: list[int] = []
        for at in range(REVOKE_RECORDS, end - width + 1, width):
            number = get_be32(block, at)
            found.append((number & HIGHEST) << 32 | get_be32(block, at + 4) if width == 8 else number)
        return found

    def _restore(self, found: Found) -> None:
        """The blocks of a transaction, but for those that were revoked in it or later."""
        ring = self._ring
        for tag in found.tags:
            last = self._revoked.get(tag.number, -1)
            if last >= 0 and (last - found.sequence & LAST_SEQUENCE) < 0x80000000:
                continue
            data = bytearray(ring.read(tag.index))
            if not self._is_good(tag, found.sequence, data):
                log.error(f"ext4: block {tag.number} in the journal is damaged")
                raise Errno(EIO, "a block in the journal is damaged")
            if tag.flags & int(TagFlags.ESCAPED):
                data[0:4] = JOURNAL_MAGIC.to_bytes(4, "big")
            self.images[tag.number] = data

    def _is_good(self, tag: Tag, sequence: int, data: bytearray) -> bool:
        if not self._ring.checked:
            return True
        checksum = self._ring.data_checksum(sequence, data)
        if self._ring.features & int(Features.CSUM_V3):
            return checksum == tag.checksum
        return checksum & 0xFFFF == tag.checksum
