"""A virtio disk over bytes: an array, or the host's file mapped into memory.

Source: VIRTIO 1.2, 5.2 "Block Device".
"""

import mmap
import struct

from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request

SECTOR = 512
READ, WRITE, FLUSH, DISCARD, WRITE_ZEROES = 0, 1, 4, 11, 13
OK, ERROR, UNSUPPORTED = 0, 1, 2
F_SIZE_MAX, F_SEG_MAX, F_READ_ONLY, F_BLK_SIZE, F_FLUSH, F_DISCARD, F_WRITE_ZEROES = (1 << bit for bit in (1, 2, 5, 6, 9, 13, 14))
HEADER = struct.Struct("<IIQ")
RANGE = struct.Struct("<QII")
CONFIG = struct.Struct("<QII4xI8x2xH12s12s4x")
"""capacity, size_max, seg_max, geometry, blk_size, topology, writeback, queues, discarding, writing of zeros"""


def mapped(descriptor: int, size: int, *, read_only: bool) -> mmap.mmap:
    """A host's file as the bytes of a disk: what is written to them is written to the file."""
    return mmap.mmap(descriptor, size // SECTOR * SECTOR, access=mmap.ACCESS_READ if read_only else mmap.ACCESS_WRITE)


class Disk(Model):
    """A virtio-blk device; what is flushed of a mapped file is safe with the host. It breaks off at whoever exceeds the limits it names."""

    device_type = 2
    queue_size = 128

    def __init__(
        self,
        data: bytearray | mmap.mmap,
        *,
        read_only: bool = False,
        seg_max: int = 126,
        size_max: int = 0,
        block_size: int = SECTOR,
        change_max: int = 1 << 16,
    ) -> None:
        self.data = data
        self.seg_max = seg_max
        self.size_max = size_max
        self.block_size = block_size
        self.change_max = change_max
        """Sectors that one request may discard, or make zeros; 0: it can do neither."""
        self.features = Model.features | F_FLUSH | F_SEG_MAX | F_BLK_SIZE
        self.features |= (F_READ_ONLY if read_only else 0) | (F_SIZE_MAX if size_max else 0)
        self.features |= F_DISCARD | F_WRITE_ZEROES if change_max else 0
        self.flushes = 0
        self.requests = 0
        self.discarded: list[tuple[int, int]] = []
        self.broken = range(0)
        """Sectors that cannot be read or written."""

    def config(self) -> bytes:
        limits = struct.pack("<II4x", self.change_max, 1)
        return CONFIG.pack(len(self.data) // SECTOR, self.size_max, self.seg_max, self.block_size, 1, limits, limits)

    def resize(self, size: int) -> None:
        """Become larger or smaller."""
        assert isinstance(self.data, bytearray)
        del self.data[size:]
        self.data += bytes(size - len(self.data))
        self.device.configuration_changed()

    def handle(self, request: Request) -> int | None:
        self.requests += 1
        kind, _reserved, sector = HEADER.unpack(request.pieces[0].read())
        given = request.read()[HEADER.size :]
        answer, status = self._carry_out(kind, sector * SECTOR, given, request.room - 1)
        self._check_limits(request)
        return request.write(answer.ljust(request.room - 1, b"\0") + bytes([status]))

    def _carry_out(self, kind: int, start: int, given: bytes, room: int) -> tuple[bytes, int]:
        """What the device writes before the status, and the status."""
        if kind not in (READ, WRITE, FLUSH) and (kind not in (DISCARD, WRITE_ZEROES) or not self.change_max):
            return b"", UNSUPPORTED
        if kind in (DISCARD, WRITE_ZEROES):
            sector, sectors, _flags = RANGE.unpack(given)
            start, count, given = sector * SECTOR, sectors * SECTOR, bytes(sectors * SECTOR)
            if sectors > self.change_max:
                return b"", ERROR
        else:
            count = len(given) or room
        if start + count > len(self.data) or set(range(start // SECTOR, (start + count) // SECTOR)) & set(self.broken):
            return b"", ERROR
        if (start | count) % self.block_size:
            return b"", ERROR
        match kind:
            case 0:
                return bytes(self.data[start : start + room]), OK
            case 1 | 11 | 13 if self.features & F_READ_ONLY:
                return b"", ERROR
            case 1 | 13:
                self.data[start : start + count] = given
            case 4:
                self.flushes += 1
                if isinstance(self.data, mmap.mmap) and not self.features & F_READ_ONLY:
                    self.data.flush()
            case 11:
                self.discarded.append((start, count))
        return b"", OK

    def _check_limits(self, request: Request) -> None:
        data = request.pieces[1:-1]
        assert len(data) <= self.seg_max, f"{len(data)} segments, {self.seg_max} allowed"
        assert len(request.pieces) <= self.queue_size, "a chain longer than the queue"
        assert not self.size_max or all(piece.length <= self.size_max for piece in data), "a segment is too long"
