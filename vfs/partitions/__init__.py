"""Partition tables: which ranges of a disk are disks of their own.

`read_table` asks the formats one after the other (gpt.py, mbr.py). Nothing a table says is believed before it was compared with the disk:
a partition that lies outside of it, or over another one, is left out with a line in the log.
"""

from objects.block import BlockDevice
from scarlet.kernel import log
from scarlet.lang.errno import EINVAL, Errno
from vfs.partitions import gpt, mbr
from vfs.partitions.entry import Entry

__all__ = ["Entry", "read_table"]


def read_table(device: BlockDevice, name: str) -> list[Entry]:
    """The partitions of a disk, by number; none when it has no table. EIO when it cannot be read."""
    if device.size < 1024:
        return []
    sector = device.read(0, mbr.SIZE)
    if not mbr.is_table(sector):
        return []
    try:
        entries = gpt.read(device, name) if mbr.is_protective(sector) else mbr.read(device, sector, name)
    except Errno as error:
        if error.code != EINVAL:
            raise
        log.warn(f"{name}: the partition table is not to be trusted: {error}")
        return []
    good: list[Entry] = []
    for entry in entries:
        if entry.start <= 0 or entry.count <= 0 or entry.count > device.size - entry.start:
            log.warn(f"{name}: partition {entry.number} lies outside of the disk")
        elif any(other.start < entry.end and entry.start < other.end for other in good):
            log.warn(f"{name}: partition {entry.number} lies over another one")
        else:
            good.append(entry)
    return good
