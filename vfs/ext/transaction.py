"""Operations and transactions: what happens as a whole.

An operation is the body of a `with volume.operation():`. It holds the volume's mutex; when it raises, everything it did is undone.
Operations gather in the running transaction, which a commit (commit.py) brings to the disk as a whole.

A record (an inode in memory) that was changed is packed into its block of the inode table when the transaction leaves.
"""

from scarlet.lang.errno import Errno
from vfs.ext.bitmaps import Bitmaps, clear_range, set_range
from vfs.ext.blocks import Blocks
from vfs.ext.geometry import Geometry
from vfs.ext.record import Record


class Freed:
    """Blocks that nothing uses any more, once the transaction is safe."""

    def __init__(self, group: int, first: int, count: int) -> None:
        self.group = group
        self.first = first
        self.count = count


class Transaction:
    """What was changed, beside blocks.changed."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.records: dict[int, Record] = {}
        self.freed: list[Freed] = []
        self.late: list[int] = []
        """Blocks that go last where there is no journal."""
        self.revoked: dict[int, bool] = {}
        """Blocks that are metadata no longer: what the journal holds of them must not come back."""


class SavedRecord:
    """What a record was before an operation."""

    def __init__(self, record: Record, *, running: bool) -> None:
        self.record = record
        self.before = record.copy()
        self.running = running
        """Had the transaction changed it before?"""


class Changes:
    """The operation and the transaction that run now."""

    def __init__(self, blocks: Blocks, geometry: Geometry, bitmaps: Bitmaps) -> None:
        self.blocks = blocks
        self.running = Transaction(1)
        self.free_blocks = 0
        """Blocks that the bitmaps have free."""
        self.free_inodes = 0
        self.pending_blocks = 0
        """How many of them were freed by what is not committed yet."""
        self._geometry = geometry
        self._bitmaps = bitmaps
        self._operation = 0
        self._records: list[SavedRecord] = []
        self._freed: list[Freed] = []
        self._free_blocks_before = 0
        self._free_inodes_before = 0

    # An operation

    def begin(self) -> None:
        """An operation begins."""
        self._operation += 1
        self._free_blocks_before = self.free_blocks
        self._free_inodes_before = self.free_inodes
        self.blocks.begin()

    def has_saved(self, record: Record) -> bool:
        """Does this operation know already what a record was before?"""
        return record.saved_by == self._operation

    def change_record(self, record: Record) -> None:
        """A record is about to change. Its block has joined the transaction before, so that nothing can fail when that leaves."""
        self._records.append(SavedRecord(record, running=record.number in self.running.records))
        record.saved_by = self._operation
        self.running.records[record.number] = record

    def freeing(self, block: int, count: int) -> None:
        """Blocks of one group become free with this transaction; until it is safe they are pending."""
        group = self._geometry.group_of(block)
        freed = Freed(group, block - self._geometry.group_start(group), count)
        self._freed.append(freed)
        try:
            self.claim(group, freed.first, count)
        except (Errno, MemoryError):
            self._freed.pop()
            raise
        self.pending_blocks += count

    def claim(self, group: int, first: int, count: int) -> None:
        """Nobody else gets these free blocks from now on."""
        bits = self._bitmaps.pending.get(group)
        if bits is None:
            bits = bytearray(self._geometry.block_size)
            self._bitmaps.pending[group] = bits
        set_range(bits, first, count)

    def release(self, group: int, first: int, count: int) -> None:
        """The reverse."""
        clear_range(self._bitmaps.pending[group], first, count)

    def end(self) -> None:
        """The operation was successful."""
        for number in self.blocks.end():
            self.running.revoked[number] = True
        self.running.freed.extend(self._freed)
        self._freed.clear()
        self._records.clear()
        self._operation += 1

    def undo(self) -> None:
        """The operation failed."""
        self.blocks.undo()
        self.free_blocks = self._free_blocks_before
        self.free_inodes = self._free_inodes_before
        self._release(self._freed)
        self._freed.clear()
        while len(self._records) > 0:
            saved = self._records.pop()
            saved.record.take_over(saved.before)
            saved.record.saved_by = 0
            if not saved.running:
                self.running.records.pop(saved.record.number, None)  # memory may have run out before it was there
        self._operation += 1

    # A transaction leaves

    def is_empty(self) -> bool:
        """Has nothing changed since the last commit?"""
        return len(self.blocks.changed) == 0 and len(self.running.records) == 0

    def safe(self, transaction: Transaction) -> None:
        """A transaction is on the disk: what it freed may be used."""
        self._release(transaction.freed)

    def _release(self, freed: list[Freed]) -> None:
        for one in freed:
            self.release(one.group, one.first, one.count)
            self.pending_blocks -= one.count
