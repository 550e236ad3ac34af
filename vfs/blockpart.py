"""A part of a disk as a disk of its own: a partition."""

from objects.block import BlockDevice, FrameDevice, Transfer
from scarlet.lang.errno import EROFS, Errno


class Part(FrameDevice):
    """`count` bytes of another device, from `start` on."""

    def __init__(self, below: BlockDevice, start: int, count: int, *, read_only: bool) -> None:
        super().__init__(count, read_only=read_only)
        self.below = below
        self.start = start
        self.most_pieces = below.most_pieces

    def begin(self, transfer: Transfer) -> None:
        transfer.offset += self.start
        self.below.started(transfer.began_ns)
        self.below.begin(transfer)

    def completed(self, transfer: Transfer) -> None:
        super().completed(transfer)
        self.below.completed(transfer)

    def read_sectors(self, offset: int, count: int) -> bytes:
        return self.below.read(self.start + offset, count)

    def write_sectors(self, offset: int, data: bytes) -> None:
        self.below.write(self.start + offset, data)

    def flush(self) -> None:
        self.below.flush()

    def discard(self, offset: int, count: int) -> None:
        if self.read_only:
            raise Errno(EROFS, "the device is read-only")
        self._check(offset, count)
        self.below.discard(self.start + offset, count)
