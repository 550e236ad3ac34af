"""The table of the first sector: four primary partitions, one of which may be extended and hold logical ones.

An extended partition is a chain. Each link is a table in a sector of its own with at most two entries: a logical partition, placed
relative to this sector, and the next link, placed relative to the begin of the extended partition. Logical partitions have the numbers from
5 on.

Source: the layout every PC BIOS agreed on, as the UEFI specification describes it, 5.2 "LBA 0 Format".
"""

from typing import Annotated, Final

from objects.block import SECTOR, BlockDevice
from scarlet.kernel import log
from scarlet.lang import struct, u8, u32
from vfs.partitions.entry import Entry

SIZE: Final = SECTOR
SIGNATURE_AT: Final = 510
SIGNATURE: Final = b"\x55\xaa"
TABLE_AT: Final = 446
ENTRIES: Final = 4
EMPTY: Final = 0
EXTENDED: Final = (0x05, 0x0F, 0x85)
EXTENDED_SIZE: Final = 2 * SECTOR
"""What an extended partition is itself: room for a boot loader, as on Linux."""
PROTECTIVE: Final = 0xEE
INACTIVE: Final = 0
ACTIVE: Final = 0x80
FIRST_LOGICAL: Final = 5
MOST_LOGICAL: Final = 11
"""A disk has sixteen device numbers."""


@struct
class MbrEntry:
    """A partition record."""

    boot_indicator: u8
    starting_chs: Annotated[bytes, 3]
    os_type: u8
    ending_chs: Annotated[bytes, 3]
    starting_lba: u32
    size_in_lba: u32


def is_table(sector: bytes) -> bool:
    """Is this a table? The boot sector of a file system carries the same signature, but no sound boot indicators."""
    if sector[SIGNATURE_AT : SIGNATURE_AT + 2] != SIGNATURE:
        return False
    return all(entry.boot_indicator == INACTIVE or entry.boot_indicator == ACTIVE for entry in _entries(sector))


def is_protective(sector: bytes) -> bool:
    """Does it only say that there is a GPT?"""
    return any(entry.os_type == PROTECTIVE for entry in _entries(sector))


def read(device: BlockDevice, sector: bytes, name: str) -> list[Entry]:
    """The partitions that are used. EIO."""
    found: list[Entry] = []
    chains: list[Entry] = []
    number = 0
    for record in _entries(sector):
        number += 1
        if record.os_type == EMPTY or record.size_in_lba == 0:
            continue
        entry = Entry(number, int(record.starting_lba) * SECTOR, int(record.size_in_lba) * SECTOR)
        if int(record.os_type) in EXTENDED:
            chains.append(entry)
            found.append(Entry(number, entry.start, min(entry.count, EXTENDED_SIZE)))
        else:
            found.append(entry)
    for chain in chains:
        if 0 < chain.start < device.size:
            found.extend(_logical(device, chain, FIRST_LOGICAL + _logical_count(found), name))
    return found


def _logical_count(found: list[Entry]) -> int:
    return len([entry for entry in found if entry.number >= FIRST_LOGICAL])


def _logical(device: BlockDevice, chain: Entry, number: int, name: str) -> list[Entry]:
    """The partitions in an extended one. A chain that turns back, or leaves it, ends there."""
    found: list[Entry] = []
    at = chain.start
    limit = min(chain.end, device.size)
    while len(found) < MOST_LOGICAL:
        sector = device.read(at, SIZE)
        if sector[SIGNATURE_AT : SIGNATURE_AT + 2] != SIGNATURE:
            break
        following = 0
        for record in _entries(sector):
            start = int(record.starting_lba) * SECTOR
            count = int(record.size_in_lba) * SECTOR
            if record.os_type == EMPTY or count == 0:
                continue
            if int(record.os_type) in EXTENDED:
                following = chain.start + start
            elif at + start + count <= limit and start > 0:
                found.append(Entry(number, at + start, count))
                number += 1
            else:
                log.warn(f"{name}: a logical partition lies outside of the extended one")
        if not at < following <= limit - SIZE:
            break
        at = following
    return found


def _entries(sector: bytes) -> list[MbrEntry]:
    return [MbrEntry.parse(sector, TABLE_AT + index * MbrEntry.SIZE) for index in range(ENTRIES)]
