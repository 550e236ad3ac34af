"""A virtio disk over bytes: an array, or the host's file mapped into memory.

Source: VIRTIO 1.2, 5.2 "Block Device".
"""

import mmap
import struct

from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request

SECTOR = 512


def mapped(descriptor: int, size: int, *, read_only: bool) -> mmap.mmap:
    """A host's file as the bytes of a disk: what is written to them is written to the file."""
    return mmap.mmap(descriptor, size // SECTOR * SECTOR, access=mmap.ACCESS_READ if read_only else mmap.ACCESS_WRITE)


class Disk(Model):
    """A virtio-blk device; what is flushed of a mapped file is safe with the host."""

    device_type = 2
    READ, WRITE, FLUSH = 0, 1, 4
    OK, ERROR, UNSUPPORTED = b"\0", b"\1", b"\2"
    F_READ_ONLY, F_FLUSH = 1 << 5, 1 << 9

    def __init__(self, data: bytearray | mmap.mmap, *, read_only: bool = False) -> None:
        self.data = data
        self.features = Model.features | self.F_FLUSH | (self.F_READ_ONLY if read_only else 0)
        self.flushes = 0
        self.broken = range(0)
        """Sectors that cannot be read or written."""

    def config(self) -> bytes:
        return struct.pack("<Q", len(self.data) // SECTOR)

    def handle(self, request: Request) -> int | None:
        given = request.read()
        kind, _reserved, sector = struct.unpack("<IIQ", given[:16])
        start = sector * SECTOR
        count = max(request.room - 1, len(given) - 16)
        if start + count > len(self.data) or set(range(sector, sector + -(-count // SECTOR))) & set(self.broken):
            return request.write(bytes(request.room - 1) + self.ERROR)
        if kind == self.READ:
            return request.write(bytes(self.data[start : start + request.room - 1]) + self.OK)
        if kind == self.WRITE:
            self.data[start : start + count] = given[16:]
        elif kind == self.FLUSH:
            self.flushes += 1
            if isinstance(self.data, mmap.mmap):
                self.data.flush()
        else:
            return request.write(self.UNSUPPORTED)
        return request.write(self.OK)
