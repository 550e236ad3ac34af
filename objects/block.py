"""Block devices: what keeps the blocks of a file system.

A `Transfer` moves whole sectors between a device and pieces of physical memory, without a copy where the device can do that. It is
submitted, goes its way while the submitter does something else, and is finished once; who wants to know sleeps in `wait`. `read` and
`write` do the same with bytes and wait at once. What was written is safe only after `flush`.

Whoever submits a transfer keeps its memory alive until it is finished; the device keeps the Transfer itself.

A device is of one of two kinds. The simple kind (an image in a file, a disk of a test) overrides read_sectors and write_sectors and does
everything at once. The other (`FrameDevice`: real disks) overrides begin, and calls Transfer.finish when the device is done.
"""

from enum import IntEnum
from typing import Final

from scarlet.kernel import clock
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import PhysicalBytes
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EINVAL, EIO, EOPNOTSUPP, EROFS, Errno

SECTOR: Final = 512
MOST_PIECES: Final = 128
"""Pieces of one transfer, unless the device says otherwise."""
BOUNCE_ORDER: Final = 5
"""The largest block of frames that bytes go through: 128 KiB."""
PAGE_SIZE: Final = 4096


class Operation(IntEnum):
    """Which way the data goes."""

    READ = 0
    """From the device to memory."""
    WRITE = 1


class Piece:
    """A run of physical memory: `count` bytes, a multiple of the sector, from `pa` on."""

    def __init__(self, pa: int, count: int) -> None:
        self.pa = pa
        self.count = count


class Transfer:
    """One request to a device: `pieces`, in this order, are the bytes from `offset` on.

    `done` tells that the device is finished with it, `error` then has the errno, 0 when all went well. Derive from it and override
    `finished` to be told. The device may change `offset` on the way (a partition adds where it begins).
    """

    def __init__(self, operation: Operation, offset: int, pieces: list[Piece]) -> None:
        self.operation = operation
        self.offset = offset
        self.pieces = pieces
        self.count = 0
        """Bytes in all."""
        for piece in pieces:
            self.count += piece.count
        self.done = False
        self.error = 0
        self.waiting = WaitQueue()
        self.device: BlockDevice | None = None
        """The device it was submitted to; while it is on its way."""
        self.began_ns = 0

    def finish(self, error: int = 0) -> None:
        """For the device, once: all was moved, or an errno says why not. Does not sleep; interrupts call it."""
        device = self.device
        if device is not None:
            self.device = None
            device.completed(self)
        self.error = error
        self.done = True
        self.finished()
        self.waiting.wake_all()

    def finished(self) -> None:
        """The device is done with it (also when submit raised nothing but did all at once). Must not sleep, nor raise."""

    def wait(self) -> None:
        """Sleep until the device is done. EIO and what else the device fails with."""
        while not self.done:
            self.waiting.wait(interruptible=False)
        if self.error != 0:
            raise Errno(self.error, "the device could not do a transfer")


class Statistics:
    """What a device did since boot, for each Operation: requests, sectors, time. (proc_diskstats(5))"""

    def __init__(self) -> None:
        self.requests = [0, 0]
        self.sectors = [0, 0]
        self.time_ns = [0, 0]
        self.in_flight = 0
        self.busy_ns = 0
        """The time in which at least one transfer was on its way."""
        self.busy_since_ns = 0


class BlockDevice:
    """`size` bytes, a multiple of the sector. The simple kind of device, and what all have in common."""

    def __init__(self, size: int, *, read_only: bool = False) -> None:
        self.size = size - size % SECTOR
        self.read_only = read_only
        self.most_pieces = MOST_PIECES
        """How many pieces one transfer may have."""
        self.statistics = Statistics()

    # Transfers

    def submit(self, transfer: Transfer) -> Transfer:
        """Give the device a transfer, which it may finish at once or later; the same transfer, to wait for.

        EINVAL for a range that is not whole sectors of the device or has too many pieces, EROFS, EIO when the device is gone: then the
        transfer is not on its way and never will be finished. May sleep until the device has room.
        """
        if transfer.operation is Operation.WRITE and self.read_only:
            raise Errno(EROFS, "the device is read-only")
        self._check(transfer.offset, transfer.count)
        if len(transfer.pieces) > self.most_pieces:
            raise Errno(EINVAL, "too many pieces for one transfer")
        now = clock.monotonic_ns()
        transfer.device = self
        transfer.began_ns = now
        self.started(now)
        try:
            self.begin(transfer)
        except (Errno, MemoryError):
            transfer.device = None
            self.completed(transfer)
            raise
        return transfer

    def begin(self, transfer: Transfer) -> None:
        """The device's own part of submit(). Here: all at once, through bytes."""
        error = 0
        offset = transfer.offset
        try:
            for piece in transfer.pieces:
                memory = PhysicalBytes(piece.pa, piece.count)
                if transfer.operation is Operation.READ:
                    memory.write(0, self.read_sectors(offset, piece.count))
                else:
                    self.write_sectors(offset, memory.read(0, piece.count))
                offset += piece.count
        except Errno as failure:
            error = failure.code
        transfer.finish(error)

    # Bytes

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes. EINVAL for a range that is not whole sectors of the device, EIO when the device fails."""
        self._check(offset, count)
        return self.read_sectors(offset, count)

    def write(self, offset: int, data: bytes) -> None:
        """Write all of `data`. EINVAL, EIO as for read; EROFS."""
        if self.read_only:
            raise Errno(EROFS, "the device is read-only")
        self._check(offset, len(data))
        self.write_sectors(offset, data)

    def read_sectors(self, offset: int, count: int) -> bytes:
        """The device's own part of read()."""
        raise Errno(EIO, "this device cannot be read")

    def write_sectors(self, offset: int, data: bytes) -> None:
        """The device's own part of write()."""
        raise Errno(EIO, "this device cannot be written")

    # The rest

    def flush(self) -> None:
        """Come back when everything written before is on stable storage; nothing to do where there is none. EIO."""

    def discard(self, offset: int, count: int) -> None:
        """Nobody needs these bytes any more; what they read as afterwards is anything. EOPNOTSUPP; EINVAL, EROFS, EIO as for write."""
        raise Errno(EOPNOTSUPP, "this device cannot discard")

    def _check(self, offset: int, count: int) -> None:
        if offset % SECTOR != 0 or count % SECTOR != 0 or offset < 0 or count < 0 or count > self.size - offset:
            raise Errno(EINVAL, "not whole sectors of the device")

    # Counting

    def started(self, now_ns: int) -> None:
        """A transfer begins."""
        statistics = self.statistics
        if statistics.in_flight == 0:
            statistics.busy_since_ns = now_ns
        statistics.in_flight += 1

    def completed(self, transfer: Transfer) -> None:
        """A transfer has ended."""
        statistics = self.statistics
        now = clock.monotonic_ns()
        kind = int(transfer.operation)
        statistics.requests[kind] += 1
        statistics.sectors[kind] += transfer.count // SECTOR
        statistics.time_ns[kind] += now - transfer.began_ns
        statistics.in_flight -= 1
        if statistics.in_flight == 0:
            statistics.busy_ns += now - statistics.busy_since_ns


class FrameDevice(BlockDevice):
    """A device that moves frames: its driver overrides begin(), and bytes go through frames of our own."""

    def begin(self, transfer: Transfer) -> None:
        """Start it; Transfer.finish() is called when the device is done. EIO, MemoryError: it was not started."""
        raise Errno(EIO, "this device moves nothing")

    def read_sectors(self, offset: int, count: int) -> bytes:
        parts: list[bytes] = []
        bounce = Bounce(count)
        done = 0
        while done < count:
            run = min(count - done, bounce.size)
            self.submit(Transfer(Operation.READ, offset + done, [Piece(bounce.pa, run)])).wait()
            parts.append(PhysicalBytes(bounce.pa, run).read(0, run))
            done += run
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def write_sectors(self, offset: int, data: bytes) -> None:
        bounce = Bounce(len(data))
        done = 0
        while done < len(data):
            run = min(len(data) - done, bounce.size)
            PhysicalBytes(bounce.pa, run).write(0, data if run == len(data) else data[done : done + run])
            self.submit(Transfer(Operation.WRITE, offset + done, [Piece(bounce.pa, run)])).wait()
            done += run


class Bounce:
    """Contiguous memory for `count` bytes on their way, as far as there is any: `size` bytes; freed with the object. MemoryError.

    A page may be of the kernel's reserve: this is metadata of a file system, without which it could not write what fills the memory.
    """

    def __init__(self, count: int) -> None:
        order = 0
        while PAGE_SIZE << order < count and order < BOUNCE_ORDER:
            order += 1
        self.pa = 0
        while order > 0 and self.pa == 0:
            try:
                self.pa = frames.allocate(order)
            except MemoryError:
                order -= 1
        if self.pa == 0:
            self.pa = _one_frame()
        self.size = PAGE_SIZE << order

    def __del__(self) -> None:
        frames.unref(self.pa)


def _one_frame() -> int:
    try:
        return frames.allocate()
    except MemoryError:
        return frames.allocate_critical()
