"""Metadata in memory: every block that is not the content of a file, and what changes it.

A change happens in an operation (one call of the file system), which is part of a transaction (what reaches the disk together):

- `Blocks.change` and `change_part` make a block part of both. The operation keeps what the block, or that part of it, held before, so
  that a failure half-way (ENOSPC, EIO, MemoryError) leaves no trace: `undo`. What changes only when the transaction leaves is `join`ed.
- A transaction that is on its way to the disk shares its data with this cache; the next change makes a copy of the whole block first.
- `committed` holds data that is safe in the journal but not in its place yet (or, where the device is read-only, what its journal holds).

Invariants: `data` of a block is changed only between these and the end of the operation, and only where they said so; only the holder of
the file system's mutex calls this. A Guard knows the checksum of a kind of block: verified when the block is read, renewed when a
transaction leaves.
"""

from typing import Final

from objects.block import BlockDevice
from scarlet.kernel import log
from scarlet.kernel.memory import frames
from scarlet.lang.errno import EIO, Errno

CACHE_LIMIT: Final = 4 << 20
CACHE_SHARE: Final = 16
"""Bytes of blocks that are kept although nothing needs them, or this share of the memory if that is less."""


class Guard:
    """A kind of block. This one has no checksum."""

    name = "block"
    late = False
    """Is it written after everything else, where there is no journal?"""

    def is_good(self, number: int, data: bytearray) -> bool:
        """Is the checksum right, and the block of the kind it is taken for?"""
        return True

    def seal(self, number: int, data: bytearray) -> None:
        """Put the checksum in."""


class Block:
    """One block. `shared`: a transaction on its way has the same bytes. `saved_by`: the last operation that kept all it held before."""

    def __init__(self, number: int, data: bytearray, guard: Guard) -> None:
        self.number = number
        self.data = data
        self.guard: Guard = guard
        self.shared = False
        self.saved_by = 0
        self.is_new = False
        """Was it no metadata when the running transaction began?"""


class Saved:
    """What a block was before a change: the bytes from `at` on. `data` is None for a block that was not metadata before."""

    def __init__(self, block: Block, data: bytearray | None, at: int, *, shared: bool, running: bool) -> None:
        self.block = block
        self.data = data
        self.at = at
        self.shared = shared
        self.running = running
        """Had the transaction changed it before?"""


class Blocks:
    """The cache of one file system."""

    def __init__(self, device: BlockDevice, block_size: int) -> None:
        self.device = device
        self.block_size = block_size
        self.committed: dict[int, bytearray] = {}
        self.changed: dict[int, Block] = {}
        """What the running transaction has changed."""
        self.on_the_way: dict[int, bytearray] = {}
        """What a transaction that is being committed holds."""
        self._cache: dict[int, Block] = {}
        self._limit = max(min(CACHE_LIMIT, frames.total_bytes() // CACHE_SHARE) // block_size, 64)
        self._operation = 0
        self._saved: list[Saved] = []
        self._forgotten: list[int] = []

    # Reading

    def read(self, number: int, guard: Guard) -> Block:
        """A block as it is now. EIO when the device fails, or the checksum is wrong, or the block is in use as something else."""
        block = self._cache.get(number)
        if block is None:
            return self._fetch(number, guard)
        if block.guard.name != guard.name:
            log.error(f"ext4: block {number} is used as {block.guard.name} and as {guard.name}")
            raise Errno(EIO, "a block with two meanings")
        return block

    def _fetch(self, number: int, guard: Guard) -> Block:
        data = self.on_the_way.get(number)
        if data is None:
            data = self.committed.get(number)
        block: Block
        if data is not None:
            block = Block(number, data, guard)
            block.shared = True
        else:
            block = Block(number, bytearray(self.device.read(number * self.block_size, self.block_size)), guard)
        if not guard.is_good(number, block.data):
            log.error(f"ext4: {guard.name} {number} is damaged")
            raise Errno(EIO, f"a damaged {guard.name}")
        known = self._cache.get(number)
        if known is not None:  # somebody else was faster while the device was busy
            return known
        self._cache[number] = block
        return block

    def trim(self) -> None:
        """Let half of what is not being changed go, the oldest first, if it is too much. Between operations: nobody holds a Block then."""
        if len(self._cache) >= self._limit:
            self._drop(len(self._cache) - self._limit // 2)

    def shed(self) -> bool:
        """Let all of it go, for memory is short: was there something? Between operations, too."""
        return self._drop(len(self._cache))

    def _drop(self, count: int) -> bool:
        dropped: list[int] = []
        for number in self._cache:
            if len(dropped) == count:
                break
            if number not in self.changed:
                dropped.append(number)
        for number in dropped:
            self._cache.pop(number)
        return len(dropped) > 0

    # Changing, in an operation

    def begin(self) -> None:
        """An operation begins."""
        self._operation += 1

    def change(self, block: Block) -> bytearray:
        """The data of a block, to be changed anywhere."""
        if block.saved_by != self._operation:
            if block.shared:
                self._saved.append(Saved(block, block.data, 0, shared=True, running=self._enter(block)))
                block.data = bytearray(block.data)
                block.shared = False
            else:
                self._saved.append(Saved(block, bytearray(block.data), 0, shared=False, running=self._enter(block)))
            block.saved_by = self._operation
        return block.data

    def change_part(self, block: Block, at: int, count: int) -> bytearray:
        """The same, to be changed in `count` bytes from `at` on."""
        if block.shared:
            return self.change(block)
        if block.saved_by != self._operation:
            self._saved.append(Saved(block, block.data[at : at + count], at, shared=False, running=self._enter(block)))
        return block.data

    def join(self, block: Block) -> None:
        """The block is part of the transaction, which changes it when it leaves."""
        if block.shared:
            self.change(block)
        elif block.number not in self.changed:
            self._saved.append(Saved(block, bytearray(), 0, shared=False, running=self._enter(block)))

    def _enter(self, block: Block) -> bool:
        """Make a block part of the transaction. Was it before?"""
        if self.changed.get(block.number) is block:
            return True
        self._cache[block.number] = block
        self.changed[block.number] = block
        return False

    def fresh(self, number: int, guard: Guard) -> Block:
        """A block that becomes metadata now, all zeros."""
        block = Block(number, bytearray(self.block_size), guard)
        self._saved.append(Saved(block, None, 0, shared=False, running=False))
        block.saved_by = self._operation
        block.is_new = True
        self.changed[number] = block
        self._cache[number] = block
        return block

    def forget(self, number: int) -> None:
        """A block is metadata no longer."""
        self._forgotten.append(number)

    def end(self) -> list[int]:
        """The operation was successful. The blocks that are metadata no longer."""
        for number in self._forgotten:
            if number in self._cache:
                self._cache.pop(number)
            if number in self.changed:
                self.changed.pop(number)
        forgotten = self._forgotten
        self._forgotten = []
        self._saved.clear()
        return forgotten

    def undo(self) -> None:
        """The operation failed: everything is as it was before."""
        while len(self._saved) > 0:
            saved = self._saved.pop()
            block = saved.block
            block.saved_by = 0
            data = saved.data
            if data is None:
                self._cache.pop(block.number)
                self.changed.pop(block.number)
                continue
            if saved.shared:
                block.data = data
                block.shared = True
            else:
                block.data[saved.at : saved.at + len(data)] = data
            if not saved.running:
                self.changed.pop(block.number)
        self._forgotten.clear()

    # Leaving for the disk

    def seal(self, block: Block) -> bytearray:
        """The data of a changed block with its checksum, never to be changed again: it leaves with the transaction."""
        block.guard.seal(block.number, block.data)
        block.shared = True
        block.saved_by = 0
        block.is_new = False
        return block.data
