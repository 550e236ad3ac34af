"""The GUID partition table: a header in the second sector with the table behind it, and copies of both at the end of the disk.

Both are protected by checksums. If the first header, or the table it names, is damaged, the copy is used.

Source: UEFI specification 2.10, 5.3 "GUID Partition Table (GPT) Disk Layout".
"""

from typing import Annotated, Final

from objects.block import SECTOR, BlockDevice
from scarlet.kernel import log
from scarlet.lang import struct, u32, u64
from scarlet.lang.errno import EINVAL, Errno
from vfs.partitions.checksum import crc32
from vfs.partitions.entry import Entry

PRIMARY_LBA: Final = 1
SIGNATURE: Final = b"EFI PART"
REVISION: Final = 0x10000
MOST_ENTRIES: Final = 1024
LARGEST_ENTRY: Final = 4096
MOST_PARTITIONS: Final = 15
"""A disk has sixteen device numbers."""
UNUSED: Final = bytes(16)
CHECKSUM_AT: Final = 16


@struct
class GptHeader:
    """GPT header."""

    signature: Annotated[bytes, 8]
    revision: u32
    header_size: u32
    header_crc32: u32
    reserved: u32
    my_lba: u64
    alternate_lba: u64
    first_usable_lba: u64
    last_usable_lba: u64
    disk_guid: Annotated[bytes, 16]
    partition_entry_lba: u64
    number_of_partition_entries: u32
    size_of_partition_entry: u32
    partition_entry_array_crc32: u32
    padding: u32


@struct
class GptEntry:
    """GPT partition entry, without its name."""

    partition_type_guid: Annotated[bytes, 16]
    unique_partition_guid: Annotated[bytes, 16]
    starting_lba: u64
    ending_lba: u64
    attributes: u64


def read(device: BlockDevice, name: str) -> list[Entry]:
    """The partitions that are used. EINVAL when neither table is sound, EIO."""
    last = device.size // SECTOR - 1
    try:
        return _read_at(device, PRIMARY_LBA, last)
    except Errno as error:
        if error.code != EINVAL:
            raise
        log.warn(f"{name}: the first GPT is damaged, the one at the end is used: {error}")
    return _read_at(device, last, last)


def _read_at(device: BlockDevice, lba: int, last: int) -> list[Entry]:
    """The partitions of one of the two tables. EINVAL, EIO."""
    if lba > last:
        raise Errno(EINVAL, "the disk is too small")
    sector = device.read(lba * SECTOR, SECTOR)
    header = GptHeader.parse(sector)
    _check_header(header, sector, lba, last)
    size = int(header.size_of_partition_entry)
    count = int(header.number_of_partition_entries)
    length = size * count
    table = device.read(int(header.partition_entry_lba) * SECTOR, (length + SECTOR - 1) // SECTOR * SECTOR)[:length]
    if crc32(table) != int(header.partition_entry_array_crc32):
        raise Errno(EINVAL, "the checksum of the table is wrong")
    found: list[Entry] = []
    for index in range(min(count, MOST_PARTITIONS)):
        entry = GptEntry.parse(table, index * size)
        if entry.partition_type_guid == UNUSED:
            continue
        if not header.first_usable_lba <= entry.starting_lba <= entry.ending_lba <= header.last_usable_lba:
            log.warn(f"GPT: partition {index + 1} is not in the usable range")
            continue
        start = int(entry.starting_lba)
        found.append(Entry(index + 1, start * SECTOR, (int(entry.ending_lba) - start + 1) * SECTOR))
    return found


def _check_header(header: GptHeader, sector: bytes, lba: int, last: int) -> None:
    """EINVAL unless the header is what it says."""
    if header.signature != SIGNATURE or int(header.revision) != REVISION:
        raise Errno(EINVAL, "no header")
    size = int(header.header_size)
    if size < GptHeader.SIZE - 4 or size > SECTOR:
        raise Errno(EINVAL, "the header has no sound size")
    if crc32(sector[:CHECKSUM_AT] + bytes(4) + sector[CHECKSUM_AT + 4 : size]) != int(header.header_crc32):
        raise Errno(EINVAL, "the checksum of the header is wrong")
    if header.my_lba != u64(lba):
        raise Errno(EINVAL, "the header belongs elsewhere")
    if header.first_usable_lba > header.last_usable_lba or header.last_usable_lba > u64(last):
        raise Errno(EINVAL, "the usable range is not on the disk")
    entry_size = int(header.size_of_partition_entry)
    if entry_size < GptEntry.SIZE or entry_size > LARGEST_ENTRY or int(header.number_of_partition_entries) > MOST_ENTRIES:
        raise Errno(EINVAL, "entries of no sound size or number")
    sectors = (entry_size * int(header.number_of_partition_entries) + SECTOR - 1) // SECTOR
    if header.partition_entry_lba > u64(last) or int(header.partition_entry_lba) + sectors > last + 1:
        raise Errno(EINVAL, "the table is not on the disk")
