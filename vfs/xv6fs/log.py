"""The log: a change to several blocks happens on disk as a whole or not at all.

A transaction collects changed blocks in memory. To commit it, they are written to the log; then the log's header, which names their real
places, is written: from that moment the change has happened. Then the blocks go to their places, and the header is cleared. After a crash,
replay() finds either a header, and puts its blocks in place once more, or none, and the change never was.

Reads see the transaction's blocks first, then a small cache, then the device. Only the holder of the file system's mutex calls this.
"""

from typing import Final

from objects.block import BlockDevice
from scarlet.kernel import log as messages
from scarlet.lang import u32
from scarlet.lang.errno import EIO, EROFS, Errno
from vfs.xv6fs.layout import BLOCK_SIZE, Geometry

CACHED_BLOCKS: Final = 512


class Log:
    """The blocks of one file system, read freely and changed in transactions."""

    def __init__(self, device: BlockDevice, geometry: Geometry) -> None:
        self.device = device
        self.geometry = geometry
        self.damaged = False
        """A commit failed half-way: what is on disk is known again only after a replay. Nothing is changed until then."""
        self._changed: dict[int, bytearray] = {}
        self._replayed: dict[int, bytearray] = {}
        """Blocks of the log that a read-only device cannot take back."""
        self._clean: dict[int, bytearray] = {}

    def read(self, block: int) -> bytearray:
        """A block as it is now; not to be changed. EIO."""
        changed = self._changed.get(block)
        if changed is not None:
            return changed
        clean = self._clean.get(block)
        if clean is not None:
            return clean
        if block in self._replayed:
            return self._replayed[block]
        data = bytearray(self.device.read(block * BLOCK_SIZE, BLOCK_SIZE))
        if len(self._clean) >= CACHED_BLOCKS:
            self._clean.clear()
        self._clean[block] = data
        return data

    # Transactions

    def change(self, block: int) -> bytearray:
        """A block to be changed in place, as a part of the transaction. EIO."""
        changed = self._changed.get(block)
        if changed is None:
            changed = bytearray(self.read(block))
            self._enter(block, changed)
        return changed

    def replace(self, block: int, data: bytearray) -> None:
        """Give a block new content, whatever it had."""
        assert len(data) == BLOCK_SIZE, "a block is replaced whole"
        if block in self._changed:
            self._changed[block] = data
        else:
            self._enter(block, data)

    def room(self) -> int:
        """Blocks that this transaction may still change."""
        return self.geometry.log_capacity - len(self._changed)

    def _enter(self, block: int, data: bytearray) -> None:
        assert self.room() > 0, "the operation is larger than the log"
        self._changed[block] = data

    def abort(self) -> None:
        """Forget the transaction: nothing has changed."""
        self._changed.clear()

    def commit(self) -> None:
        """Let the transaction happen. EIO, EROFS: it did not happen."""
        if len(self._changed) == 0:
            return
        if self.damaged or self.device.read_only:
            self.abort()
            raise Errno(EROFS, "the file system cannot be changed")
        blocks = list(self._changed)
        try:
            for index in range(len(blocks)):
                self._write(self.geometry.log_start + 1 + index, self._changed[blocks[index]])
            self.device.flush()
        except Errno:
            self.abort()
            raise
        try:
            self._write(self.geometry.log_start, _header(blocks))
            self.device.flush()
            self._install(blocks)
        except Errno as error:
            self.damaged = True
            messages.error(f"xv6fs: {error}: the file system can only be read from now on")
            raise Errno(EIO, "the log could not be written") from error
        finally:
            self._keep()

    def _install(self, blocks: list[int]) -> None:
        for block in blocks:
            self._write(block, self._changed[block])
        self.device.flush()
        self._write(self.geometry.log_start, bytearray(BLOCK_SIZE))
        self.device.flush()

    def _keep(self) -> None:
        """The blocks as the transaction made them are those of the cache now."""
        for block, data in self._changed.items():
            self._clean[block] = data
        self._changed.clear()

    def _write(self, block: int, data: bytearray) -> None:
        self.device.write(block * BLOCK_SIZE, bytes(data))

    # After a crash

    def replay(self) -> int:
        """Put the blocks of a transaction that was committed but not installed in place; their number. EIO for a header that lies."""
        header = self.device.read(self.geometry.log_start * BLOCK_SIZE, BLOCK_SIZE)
        count = _number(header, 0)
        if count == 0:
            return 0
        if count > self.geometry.log_capacity:
            raise Errno(EIO, "the log's header is damaged")
        blocks = [_number(header, 1 + index) for index in range(count)]
        for block in blocks:
            if not self.geometry.inode_start <= block < self.geometry.size:
                raise Errno(EIO, "the log's header is damaged")
        for index in range(count):
            data = self.device.read((self.geometry.log_start + 1 + index) * BLOCK_SIZE, BLOCK_SIZE)
            if self.device.read_only:
                self._replayed[blocks[index]] = bytearray(data)
            else:
                self.device.write(blocks[index] * BLOCK_SIZE, data)
        if not self.device.read_only:
            self.device.flush()
            self._write(self.geometry.log_start, bytearray(BLOCK_SIZE))
            self.device.flush()
        return count


def _header(blocks: list[int]) -> bytearray:
    """Their number, then where each belongs."""
    header = bytearray(BLOCK_SIZE)
    header[0:4] = len(blocks).to_bytes(4, "little")
    for index in range(len(blocks)):
        header[4 + 4 * index : 8 + 4 * index] = blocks[index].to_bytes(4, "little")
    return header


def _number(data: bytes, index: int) -> int:
    return int(u32(int.from_bytes(data[4 * index : 4 * index + 4], "little")))
