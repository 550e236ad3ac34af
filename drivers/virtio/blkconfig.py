"""What lies between driver and disk: features, the configuration space, the parts of a request.

Source: VIRTIO 1.2, 5.2.3 "Feature bits", 5.2.4 "Device configuration layout", 5.2.6 "Device Operation".
"""

from enum import IntFlag
from typing import Final

from drivers.virtio.device import VirtioDevice
from objects.block import SECTOR
from scarlet.lang import struct, u32, u64


class Feature(IntFlag):
    """VIRTIO_BLK_F_..."""

    SIZE_MAX = 1 << 1
    """A segment has a largest size."""
    SEG_MAX = 1 << 2
    """A request has a largest number of segments."""
    READ_ONLY = 1 << 5
    BLK_SIZE = 1 << 6
    """Requests are whole blocks of a size that the device names."""
    FLUSH = 1 << 9
    """There is a cache, which can be flushed; without it, what was written is safe."""
    DISCARD = 1 << 13
    WRITE_ZEROES = 1 << 14


CAPACITY: Final = 0
SIZE_MAX: Final = 8
SEG_MAX: Final = 12
BLK_SIZE: Final = 20
MAX_DISCARD_SECTORS: Final = 36
MAX_WRITE_ZEROES_SECTORS: Final = 48
WRITE_ZEROES_MAY_UNMAP: Final = 56
"""Offsets in the configuration."""
UNLIMITED: Final = 1 << 30
PAGE_SIZE: Final = 4096
MOST_SECTORS: Final = 1 << 54
"""Sizes in bytes fit into 63 bits."""


def wanted_features() -> u64:
    """All that the driver has a use for."""
    wanted = Feature.SIZE_MAX | Feature.SEG_MAX | Feature.READ_ONLY | Feature.BLK_SIZE
    return u64(int(wanted | Feature.FLUSH | Feature.DISCARD | Feature.WRITE_ZEROES))


@struct
class RequestHeader:
    """struct virtio_blk_req, the part the device reads first."""

    type: u32
    reserved: u32
    sector: u64


@struct
class RequestRange:
    """struct virtio_blk_discard_write_zeroes: the data of such a request."""

    sector: u64
    sectors: u32
    flags: u32


class DiskConfiguration:
    """The device's limits, as far as the features say that they are there. A nonsensical limit is read as none, or as the narrowest."""

    def __init__(self, device: VirtioDevice) -> None:
        self.size = 0
        """In bytes."""
        self.read_size(device)
        self.block_size = SECTOR
        self.largest_segment = UNLIMITED
        self.most_segments = 1 << 15
        self.most_discarded = UNLIMITED
        self.most_zeroed = UNLIMITED
        self.zeroes_unmap = False
        transport = device.transport
        if device.features & Feature.SIZE_MAX:
            limit = transport.read_config(SIZE_MAX, 4)
            self.largest_segment = max(min(limit, UNLIMITED) // PAGE_SIZE * PAGE_SIZE, SECTOR)
        if device.features & Feature.SEG_MAX:
            self.most_segments = max(transport.read_config(SEG_MAX, 4), 1)
        if device.features & Feature.BLK_SIZE:
            size = transport.read_config(BLK_SIZE, 4)
            if SECTOR <= size <= PAGE_SIZE and size & (size - 1) == 0:
                self.block_size = size
        if device.features & Feature.DISCARD:
            self.most_discarded = self._bytes(transport.read_config(MAX_DISCARD_SECTORS, 4))
        if device.features & Feature.WRITE_ZEROES:
            self.most_zeroed = self._bytes(transport.read_config(MAX_WRITE_ZEROES_SECTORS, 4))
            self.zeroes_unmap = transport.read_config(WRITE_ZEROES_MAY_UNMAP, 1) != 0

    def read_size(self, device: VirtioDevice) -> None:
        """The size is what may change while the device runs."""
        self.size = min(device.read_config64(CAPACITY), MOST_SECTORS) * SECTOR

    def _bytes(self, sectors: int) -> int:
        """A limit in whole blocks."""
        limit = min(sectors * SECTOR, UNLIMITED) // PAGE_SIZE * PAGE_SIZE
        return limit if limit > 0 else SECTOR
