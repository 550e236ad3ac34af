"""A file as its directory describes it: by a record, or several for a file of more than four gigabytes."""

import weakref
from typing import TYPE_CHECKING, Final

from objects.metadata import InodeType
from scarlet.lang.errno import EIO, Errno
from vfs.iso9660.layout import OWN_NAME, FileFlags
from vfs.iso9660.records import Record, first_record
from vfs.iso9660.rockridge import Attributes, attributes_of
from vfs.iso9660.settings import NOT_SET
from vfs.iso9660.volume import Volume

if TYPE_CHECKING:
    from vfs.iso9660.inode import IsoInode

UNIT: Final = 32
"""Bytes on the disc for each inode number; a record has more."""


class Section:
    """A part of a file that lies in one piece."""

    def __init__(self, start: int, size: int) -> None:
        self.start = start
        self.size = size


class Entry:
    """A file that nobody need have used yet. Its number is the place of its record; of a directory, that of its own first record."""

    def __init__(self, volume: Volume, record: Record, attributes: Attributes, name: bytes) -> None:
        self.name = name
        self.attributes = attributes
        self.inode: weakref.ref[IsoInode] | None = None
        self._volume = volume
        self.sections: list[Section] = []
        self.is_elsewhere = attributes.child != NOT_SET
        """A directory whose own record has still to be read."""
        if self.is_elsewhere:
            self.sections.append(Section(attributes.child * volume.block_size, 0))
        else:
            self.add(record)
        if attributes.type == InodeType.DIRECTORY and record.has(FileFlags.MULTI_EXTENT):
            raise Errno(EIO, "a directory in several pieces")
        self.number = (self.start if attributes.type == InodeType.DIRECTORY else record.place) // UNIT

    def add(self, record: Record) -> None:
        """The file has one more section. EIO when the one before does not end with a block."""
        volume = self._volume
        if len(self.sections) > 0 and self.sections[-1].size % volume.block_size != 0:
            raise Errno(EIO, "a section of a file that ends within a block")
        self.sections.append(Section(volume.start_of(record.fields), int(record.fields.size) & volume.settings.size_mask))

    @property
    def start(self) -> int:
        return self.sections[0].start

    @property
    def size(self) -> int:
        """Bytes of content."""
        if self.attributes.size != NOT_SET:
            return self.attributes.size
        total = 0
        for section in self.sections:
            total += section.size
        return total

    def settle(self, skipped: int) -> None:
        """Of a directory that was moved: read its own record where it is, which is the one that counts. EIO."""
        if self.is_elsewhere:
            own = first_record(self._volume, self.start)
            if own.name != OWN_NAME or not own.has(FileFlags.DIRECTORY):
                raise Errno(EIO, "a link to a directory that leads to none")
            self.attributes = attributes_of(self._volume, own, skipped)
            self.sections[0].size = int(own.fields.size)
            self.is_elsewhere = False


def root_of(volume: Volume, skipped: int) -> Entry:
    """The root, from its own first record. EIO when that is no directory."""
    own = first_record(volume, volume.root_start)
    if own.name != OWN_NAME or not own.has(FileFlags.DIRECTORY):
        raise Errno(EIO, "the root is not a directory")
    return Entry(volume, own, attributes_of(volume, own, skipped), b"")
