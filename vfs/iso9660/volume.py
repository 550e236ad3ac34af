"""A disc: its volume descriptors, and reading what is not the content of a file.

The sectors that were read last are kept: records are followed by the places where they go on. Whoever reads holds the file system's mutex.

Source: ECMA-119, 6.7, 8.
"""

from typing import Final

from objects.block import SECTOR as DEVICE_SECTOR
from objects.block import BlockDevice
from scarlet.lang.errno import EINVAL, EIO, Errno
from vfs.iso9660.layout import (
    END,
    FIRST_DESCRIPTOR,
    JOLIET_ESCAPES,
    MOST_DESCRIPTORS,
    PRIMARY,
    SECTOR,
    STANDARD,
    SUPPLEMENTARY,
    Descriptor,
    DirectoryRecord,
)  # fmt: skip
from vfs.iso9660.settings import IsoSettings

BLOCK_SIZES: Final = (512, 1024, 2048)
KEPT: Final = 16
"""Sectors."""


class Descriptors:
    """The volume descriptors that matter. EINVAL when the device has no primary one, EIO."""

    def __init__(self, disk: BlockDevice, first_sector: int) -> None:
        self.joliet: Descriptor | None = None
        primary: Descriptor | None = None
        for index in range(MOST_DESCRIPTORS):
            start = (first_sector + FIRST_DESCRIPTOR + index) * SECTOR
            if start + SECTOR > disk.size:
                break
            found = Descriptor.parse(disk.read(start, SECTOR))
            if found.standard != STANDARD or found.type == END:
                break
            if found.type == PRIMARY and primary is None:
                primary = found
            elif found.type == SUPPLEMENTARY and self.joliet is None and found.escapes[:3] in JOLIET_ESCAPES:
                self.joliet = found
        if primary is None:
            raise Errno(EINVAL, "not an ISO 9660 file system")
        self.primary = primary


class Volume:
    """One tree of a disc. EINVAL when its descriptor makes no sense."""

    def __init__(self, disk: BlockDevice, descriptor: Descriptor, settings: IsoSettings, *, joliet: bool) -> None:
        self.disk = disk
        self.settings = settings
        self.joliet = joliet
        self.rock_ridge = False
        self.skipped = 0
        """Bytes of each system use area that stand before the fields."""
        self.block_size = int(descriptor.block_size)
        if self.block_size not in BLOCK_SIZES or self.block_size < settings.smallest_block:
            raise Errno(EINVAL, "logical blocks of an impossible size")
        self.blocks = int(descriptor.space_size)
        root = DirectoryRecord.parse(descriptor.root)
        self.root_start = self.start_of(root)
        self._kept: dict[int, bytes] = {}
        """By position, the oldest first."""

    def what_is_missing(self) -> str:
        """Why not all of it can be read; empty when it is there."""
        size = self.blocks * self.block_size
        return f"the volume has {size} bytes, the device {self.disk.size}" if size > self.disk.size else ""

    def start_of(self, record: DirectoryRecord) -> int:
        """Where the content of a file begins, behind an extended attribute record."""
        return (int(record.extent) + int(record.attribute_blocks)) * self.block_size

    def read(self, start: int, count: int) -> bytes:
        """Some bytes. EIO when the device does not have them."""
        if start < 0 or count < 0 or count > self.disk.size - start:
            raise Errno(EIO, "a place behind the end of the device")
        parts: list[bytes] = []
        end = start + count
        while start < end:
            within = start % SECTOR
            run = min(SECTOR - within, end - start)
            parts.append(self._sector(start - within)[within : within + run])
            start += run
        return b"".join(parts)

    def _sector(self, start: int) -> bytes:
        kept = self._kept.get(start)
        if kept is None:
            kept = self.disk.read(start, min(SECTOR, self.disk.size - start))
            if len(self._kept) >= KEPT:
                for old in list(self._kept)[: KEPT // 2]:
                    self._kept.pop(old)
            self._kept[start] = kept
        return kept

    def read_run(self, start: int, count: int) -> bytes:
        """The same for more of them, from the beginning of a block on; nothing is kept."""
        whole = (count + DEVICE_SECTOR - 1) // DEVICE_SECTOR * DEVICE_SECTOR
        if whole > self.disk.size - start:
            raise Errno(EIO, "a place behind the end of the device")
        return self.disk.read(start, whole)[:count]
