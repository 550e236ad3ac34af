"""The records of a directory: one after another, none over the border of two sectors; and the fields in their system use areas.

Sources: ECMA-119, 6.8, 9.1; IEEE P1281.
"""

from collections.abc import Iterator
from typing import Final

from scarlet.lang.errno import EIO, Errno
from vfs.iso9660.layout import FIELD_HEADER, SECTOR, Continuation, DirectoryRecord, FileFlags
from vfs.iso9660.volume import Volume

PIECE: Final = 16 * SECTOR
"""Bytes of a directory that are read at once."""
LARGEST_DIRECTORY: Final = 64 << 20
MOST_CONTINUATIONS: Final = 32
LARGEST_CONTINUATION: Final = 16 * SECTOR


class Record:
    """One record. EIO when it cannot be."""

    def __init__(self, data: bytes, at: int, end: int, place: int) -> None:
        if at + DirectoryRecord.SIZE >= end:
            raise Errno(EIO, "a directory record over the border of sectors")
        self.fields = DirectoryRecord.parse(data, at)
        self.place = place
        """Where it is on the disc, in bytes."""
        name_length = int(self.fields.name_length)
        name_end = at + DirectoryRecord.SIZE + name_length
        if name_length == 0 or name_end > at + int(self.fields.length) or at + int(self.fields.length) > end:
            raise Errno(EIO, "a damaged directory record")
        self.name = data[at + DirectoryRecord.SIZE : name_end]
        if name_length % 2 == 0:
            name_end += 1
        self.area = data[name_end : at + int(self.fields.length)]
        """The system use area."""

    def has(self, flag: FileFlags) -> bool:
        return int(self.fields.flags) & int(flag) != 0


def records_of(volume: Volume, start: int, size: int) -> Iterator[Record]:
    """All records of a directory. EIO."""
    if size > LARGEST_DIRECTORY:
        raise Errno(EIO, "a directory that is too large to be one")
    for done in range(0, size, PIECE):
        piece = volume.read_run(start + done, min(PIECE, size - done))
        for sector in range(0, len(piece), SECTOR):
            at = sector
            end = min(sector + SECTOR, len(piece))
            while at < end and piece[at] != 0:
                record = Record(piece, at, end, start + done + at)
                at += int(record.fields.length)
                yield record


def first_record(volume: Volume, start: int) -> Record:
    """The first record of a directory, which is its own. EIO."""
    data = volume.read(start, max(min(SECTOR, volume.disk.size - start), 1))
    return Record(data, 0, len(data), start)


class Field:
    """One field of a system use area: what follows its header."""

    def __init__(self, signature: bytes, data: bytes) -> None:
        self.signature = signature
        self.data = data

    def require(self, size: int) -> None:
        """EIO when it is too short for what it is."""
        if len(self.data) < size:
            raise Errno(EIO, "a field that is too short")


def fields_of(volume: Volume, area: bytes) -> list[Field]:
    """The fields of an area, and of those where it goes on. EIO."""
    found: list[Field] = []
    for _area in range(MOST_CONTINUATIONS + 1):
        further = _collect(found, area)
        if further is None:
            return found
        if int(further.count) > LARGEST_CONTINUATION:
            raise Errno(EIO, "a system use area that is too large")
        area = volume.read(int(further.block) * volume.block_size + int(further.offset), int(further.count))
    raise Errno(EIO, "a system use area that goes on and on")


def _collect(found: list[Field], area: bytes) -> Continuation | None:
    """Add the fields of one area; where it goes on."""
    further: Continuation | None = None
    at = 0
    while at + FIELD_HEADER <= len(area) and area[at] != 0:
        length = area[at + 2]
        if length < FIELD_HEADER or at + length > len(area):
            raise Errno(EIO, "a damaged system use area")
        field = Field(area[at : at + 2], area[at + FIELD_HEADER : at + length])
        match field.signature:
            case b"CE":
                field.require(Continuation.SIZE)
                further = Continuation.parse(field.data)
            case b"ST":
                return further
            case _:
                found.append(field)
        at += length
    return further
