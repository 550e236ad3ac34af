"""How a transaction leaves memory: frozen under the mutex, then written by a Log without it.

`InPlace` is the log of file systems without a journal: everything goes to its place at once. A crash in the middle is e2fsck's to repair;
to make its work safe, data is on the disk before what refers to it, and inodes, maps and new blocks of directories before the names in old
ones. So what was synced before stays where e2fsck finds it.
"""

from typing import TYPE_CHECKING, Final

from objects.block import BlockDevice
from vfs.ext.bitmaps import BitmapGuard
from vfs.ext.superblock import Superblock
from vfs.ext.transaction import Transaction

if TYPE_CHECKING:
    from vfs.ext.volume import Volume

LONGEST_WRITE: Final = 1 << 17
"""Bytes. More is more memory in one piece, and goes to the device in such parts anyway."""
MOST_BLOCKS: Final = 1024
"""Blocks in a transaction without a journal before it is written."""


def freeze(volume: "Volume") -> dict[int, bytearray]:
    """End the running transaction: its blocks, with their checksums, never to be changed again. The caller holds the mutex."""
    changes = volume.changes
    for record in changes.running.records.values():
        volume.table.pack(record)
    changes.begin()
    volume.superblock.put_totals(changes.free_blocks, changes.free_inodes)
    changes.end()
    images: dict[int, bytearray] = {}
    late = changes.running.late
    blocks = volume.blocks
    for block in blocks.changed.values():
        if isinstance(block.guard, BitmapGuard):
            images[block.number] = blocks.seal(block)
    for block in blocks.changed.values():
        if block.number not in images:
            if block.guard.late and not block.is_new:
                late.append(block.number)
            images[block.number] = blocks.seal(block)
    blocks.on_the_way = images
    blocks.changed = {}
    changes.running = Transaction(changes.running.number + 1)
    return images


class Log:
    """Where transactions go."""

    def is_full(self, blocks: int) -> bool:
        """Is a transaction of so many blocks as large as it should get?"""
        raise NotImplementedError("Log.is_full")

    def write(self, transaction: Transaction, images: dict[int, bytearray]) -> None:
        """Make it safe. One at a time. EIO: it may be safe or not, nothing may be written after it."""
        raise NotImplementedError("Log.write")

    def checkpoint(self, *, clean: bool) -> None:
        """Bring what is safe to its place, and say so on the disk; `clean`: also that nothing is open. EIO."""
        raise NotImplementedError("Log.checkpoint")


class InPlace(Log):
    """Without a journal."""

    def __init__(self, device: BlockDevice, block_size: int, superblock: Superblock) -> None:
        self._device = device
        self._block_size = block_size
        self._superblock = superblock

    def is_full(self, blocks: int) -> bool:
        return blocks >= MOST_BLOCKS

    def write(self, transaction: Transaction, images: dict[int, bytearray]) -> None:
        if self._superblock.clean:
            self._superblock.mark_disk(in_use=True)
        late: dict[int, bytearray] = {}
        early = dict(images)
        for number in transaction.late:
            if number in early:
                late[number] = early.pop(number)
        self._device.flush()
        write_blocks(self._device, self._block_size, early)
        self._device.flush()
        write_blocks(self._device, self._block_size, late)
        self._device.flush()

    def checkpoint(self, *, clean: bool) -> None:
        if clean and not self._superblock.clean:
            self._superblock.mark_disk(in_use=False)


def write_blocks(device: BlockDevice, block_size: int, images: dict[int, bytearray]) -> None:
    """Write blocks to their places, neighbours together. EIO."""
    numbers = sorted(images)
    first = 0
    while first < len(numbers):
        end = first + 1
        while end < len(numbers) and numbers[end] == numbers[end - 1] + 1 and (end - first + 1) * block_size <= LONGEST_WRITE:
            end += 1
        try:
            data = b"".join([bytes(images[number]) for number in numbers[first:end]])
        except MemoryError:
            end = first + 1
            data = bytes(images[numbers[first]])
        device.write(numbers[first] * block_size, data)
        first = end
