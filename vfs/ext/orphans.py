"""The list of orphans: inodes that have lost their last name while somebody uses them, or are being cut.

It begins in the superblock and goes on in the i_dtime of each. After a crash the next mount finds them there: those without names are
freed, the others cut to their size. The list is read from the disk's blocks each time, so an operation that fails leaves no trace in it.

Source: Linux, Documentation/filesystems/ext4, "Orphan file" and s_last_orphan.
"""

from scarlet.lang.errno import EIO, Errno
from vfs.ext.layout import SB_LAST_ORPHAN
from vfs.ext.record import Record
from vfs.ext.volume import Volume


class Orphans:
    """The list of one volume. The caller holds the mutex, and is in an operation where something changes."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume

    def all(self) -> list[int]:
        """Their numbers, the last one first. EIO for a list that makes no sense."""
        volume = self._volume
        found: list[int] = []
        number = volume.superblock.get(SB_LAST_ORPHAN)
        while number != 0:
            if number > volume.geometry.inodes or len(found) > volume.geometry.inodes:
                raise Errno(EIO, "the list of orphans is damaged")
            found.append(number)
            number = volume.table.next_orphan(number)
        return found

    def add(self, record: Record) -> None:
        """Put an inode into the list, if it is not there."""
        if self._has(record.number):
            return
        volume = self._volume
        volume.table.change(record)
        record.dtime = volume.superblock.get(SB_LAST_ORPHAN)
        volume.superblock.put(SB_LAST_ORPHAN, record.number)

    def remove(self, record: Record) -> None:
        """Take it out, if it is there."""
        volume = self._volume
        before = 0
        number = volume.superblock.get(SB_LAST_ORPHAN)
        while number != record.number:
            if number == 0 or number > volume.geometry.inodes:
                return
            before = number
            number = volume.table.next_orphan(number)
        volume.table.change(record)
        if before == 0:
            volume.superblock.put(SB_LAST_ORPHAN, record.dtime)
        else:
            volume.table.set_next_orphan(before, record.dtime)
        record.dtime = 0

    def _has(self, wanted: int) -> bool:
        volume = self._volume
        number = volume.superblock.get(SB_LAST_ORPHAN)
        while number != 0 and number != wanted and number <= volume.geometry.inodes:
            number = volume.table.next_orphan(number)
        return number == wanted
