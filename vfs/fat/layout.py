"""What lies on a FAT disk: the structures, and a boot sector that was checked before anything relies on it.

    reserved sectors (boot sector first) | tables, usually two equal ones | root directory (FAT12, FAT16) | clusters, numbered from 2

Source: FAT32 File System Specification 1.03, "Boot Sector and BPB", "FAT Directory Structure".
"""

from typing import Annotated, Final

from scarlet.lang import struct, u8, u16, u32
from scarlet.lang.errno import EINVAL, Errno

FIRST_CLUSTER: Final = 2
SMALLEST_SECTOR: Final = 512
LARGEST_SECTOR: Final = 4096
LARGEST_CLUSTER: Final = 256 * 1024
FAT12_CLUSTERS: Final = 4084
"""More are FAT16."""
SLOT_SIZE: Final = 32
MAX_FILE_SIZE: Final = 0xFFFFFFFF
MAX_DIRECTORY_SIZE: Final = 65536 * SLOT_SIZE

EXTENDED_16: Final = 36
EXTENDED_32: Final = 64
"""Where the boot sector's extended part begins: drive, state, serial number, label."""
SIGNED: Final = 0x29
"""The mark that serial number and label are there."""
DIRTY: Final = 1
"""Bit of the state byte: the file system was not unmounted cleanly."""
ONE_TABLE: Final = 0x80
"""FAT32 flag: only the table of the low four bits is in use."""


@struct(packed=True)
class BootSector:
    """The BIOS parameter block."""

    jump: Annotated[bytes, 3]
    oem: Annotated[bytes, 8]
    sector_size: u16
    sectors_per_cluster: u8
    reserved_sectors: u16
    tables: u8
    root_slots: u16
    """0 on FAT32, whose root is a chain like other directories."""
    sectors_16: u16
    media: u8
    table_sectors_16: u16
    sectors_per_track: u16
    heads: u16
    hidden_sectors: u32
    sectors_32: u32
    table_sectors_32: u32
    """From here on FAT32 only."""
    flags: u16
    version: u16
    root_cluster: u32
    info_sector: u16
    backup_sector: u16
    reserved: Annotated[bytes, 12]


@struct(packed=True)
class Extended:
    """The end of the parameters, at EXTENDED_16 or EXTENDED_32."""

    drive: u8
    state: u8
    signature: u8
    serial: u32
    label: Annotated[bytes, 11]
    type: Annotated[bytes, 8]


INFO_LEAD: Final = 0x41615252
INFO_MARK: Final = 0x61417272
INFO_MARK_OFFSET: Final = 484
UNKNOWN_COUNT: Final = 0xFFFFFFFF


@struct
class Info:
    """The FSInfo sector's content, at INFO_MARK_OFFSET: hints only."""

    mark: u32
    free_clusters: u32
    next_free: u32


READ_ONLY: Final = 0x01
HIDDEN: Final = 0x02
SYSTEM: Final = 0x04
VOLUME: Final = 0x08
DIRECTORY: Final = 0x10
ARCHIVE: Final = 0x20
LONG_NAME: Final = 0x0F
"""Attributes of a slot; the last is all of the first four, and marks a piece of a long name."""


@struct(packed=True)
class Slot:
    """A file's entry in its directory."""

    name: Annotated[bytes, 11]
    attributes: u8
    case: u8
    """LOWER_BASE and LOWER_EXTENSION: the short name is meant in small letters."""
    created_fine: u8
    """Hundredths of a second, up to 199."""
    created_time: u16
    created_date: u16
    accessed_date: u16
    cluster_high: u16
    modified_time: u16
    modified_date: u16
    cluster_low: u16
    size: u32


@struct(packed=True)
class LongSlot:
    """Thirteen UTF-16 units of a long name; the pieces stand in reverse before the short entry."""

    order: u8
    """From 1; LAST_PIECE is set in the first that one meets."""
    units_a: Annotated[list[u16], 5]
    attributes: u8
    type: u8
    checksum: u8
    """Of the short name."""
    units_b: Annotated[list[u16], 6]
    cluster: u16
    units_c: Annotated[list[u16], 2]


LAST_PIECE: Final = 0x40
UNITS_PER_PIECE: Final = 13
FREE_SLOT: Final = 0xE5
END_OF_SLOTS: Final = 0x00
ESCAPED_E5: Final = 0x05
"""Stands for a first byte 0xE5, which would mean a free slot."""
LOWER_BASE: Final = 0x08
LOWER_EXTENSION: Final = 0x10


class Geometry:
    """The regions of one file system, in bytes unless named otherwise. EINVAL when the boot sector makes no sense."""

    def __init__(self, sector: bytes, device_size: int) -> None:
        boot = BootSector.parse(sector)
        self.sector_size = int(boot.sector_size)
        self.cluster_size = self.sector_size * int(boot.sectors_per_cluster)
        self.tables = int(boot.tables)
        _check_sizes(boot, self.sector_size, self.cluster_size)
        table_sectors = int(boot.table_sectors_16)
        self.is_fat32 = table_sectors == 0
        if self.is_fat32:
            table_sectors = int(boot.table_sectors_32)
        self.table_size = table_sectors * self.sector_size
        self.table_start = int(boot.reserved_sectors) * self.sector_size
        self.root_start = self.table_start + self.tables * self.table_size
        root_size = int(boot.root_slots) * SLOT_SIZE
        self.root_size = (root_size + self.sector_size - 1) // self.sector_size * self.sector_size
        self.data_start = self.root_start + self.root_size
        sectors = int(boot.sectors_16) if boot.sectors_16 != 0 else int(boot.sectors_32)
        self.size = sectors * self.sector_size
        if self.size > device_size:
            raise Errno(EINVAL, "the file system is larger than its device")
        if table_sectors == 0 or self.data_start + self.cluster_size > self.size:
            raise Errno(EINVAL, "the file system has no room for data")
        clusters = (self.size - self.data_start) // self.cluster_size
        self.bits = 32 if self.is_fat32 else 12 if clusters <= FAT12_CLUSTERS else 16
        self.clusters = min(clusters, self.table_size * 8 // self.bits - FIRST_CLUSTER)
        self.root_cluster = int(boot.root_cluster) if self.is_fat32 else 0
        self.info_start = int(boot.info_sector) * self.sector_size if self.is_fat32 else 0
        self.extended = EXTENDED_32 if self.is_fat32 else EXTENDED_16
        self.main_table = 0
        """The one that is read; all are written, unless mirroring is off."""
        self.mirrored = True
        if self.is_fat32 and boot.flags & ONE_TABLE:
            self.main_table = int(boot.flags) & 0x0F
            self.mirrored = False
        self._check(boot)

    def _check(self, boot: BootSector) -> None:
        if self.clusters < 1 or self.main_table >= self.tables:
            raise Errno(EINVAL, "the tables cannot be as the boot sector says")
        if self.is_fat32:
            if boot.version != 0:
                raise Errno(EINVAL, "an unknown version of FAT32")
            if not self.is_cluster(self.root_cluster) or boot.root_slots != 0:
                raise Errno(EINVAL, "FAT32 without a root directory")
            if self.info_start >= self.table_start:
                self.info_start = 0
        elif self.root_size == 0:
            raise Errno(EINVAL, "FAT without a root directory")

    def is_cluster(self, cluster: int) -> bool:
        """Is there such a cluster?"""
        return FIRST_CLUSTER <= cluster < FIRST_CLUSTER + self.clusters

    def start_of(self, cluster: int) -> int:
        """Where a cluster begins on the device."""
        return self.data_start + (cluster - FIRST_CLUSTER) * self.cluster_size


def _check_sizes(boot: BootSector, sector_size: int, cluster_size: int) -> None:
    if not SMALLEST_SECTOR <= sector_size <= LARGEST_SECTOR or sector_size & (sector_size - 1) != 0:
        raise Errno(EINVAL, "not a FAT file system")
    if not 0 < cluster_size <= LARGEST_CLUSTER or cluster_size & (cluster_size - 1) != 0:
        raise Errno(EINVAL, "not a FAT file system")
    if boot.reserved_sectors == 0 or boot.tables == 0 or (boot.media < 0xF8 and boot.media != 0xF0):
        raise Errno(EINVAL, "not a FAT file system")
