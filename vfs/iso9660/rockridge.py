"""Rock Ridge: what POSIX knows of a file, in the system use area of its record.

Compressed (ZF), sparse (SF) and interleaved files are there, but cannot be opened: what the disc has is not their content. That a directory
was moved because the plain tree may be only eight levels deep is not seen: it is where its link (CL) is, and the place it was moved to
(RE) does not show it. Its link back (PL) is not needed, because an object knows the directory it was found in.

Sources: IEEE P1282; of writers that get times and device numbers wrong, what Linux does about them.
"""

from typing import Final

from objects.metadata import InodeType, device_number
from scarlet.lang.errno import EIO, Errno
from vfs.iso9660 import dates
from vfs.iso9660.layout import (
    ChildLink,
    ComponentFlags,
    Compression,
    FileFlags,
    NameFlags,
    PosixAttributes,
    PosixDevice,
    TimeFlags,
)  # fmt: skip
from vfs.iso9660.records import Field, Record, fields_of, first_record
from vfs.iso9660.settings import NOT_SET
from vfs.iso9660.volume import Volume

MARK: Final = b"\xbe\xef"
XA_SIZE: Final = 14
"""Bytes of CD-ROM XA, which may stand before the fields of the root's record."""
ROCK_RIDGE: Final[list[bytes]] = [b"RRIP_1991A", b"IEEE_P1282", b"IEEE_1282"]
LONGEST_NAME: Final = 255
TYPE_SHIFT: Final = 12
PERMISSIONS: Final = 0o7777


class Attributes:
    """What is said of one file: by the plain record and the mount options first."""

    def __init__(self, volume: Volume, record: Record) -> None:
        settings = volume.settings
        directory = record.has(FileFlags.DIRECTORY)
        self.name = b""
        """Empty where Rock Ridge has none."""
        self.type = InodeType.DIRECTORY if directory else InodeType.REGULAR
        self.mode = settings.directory_mode if directory else settings.file_mode
        self.links = 1
        self.uid = max(settings.uid, 0)
        self.gid = max(settings.gid, 0)
        self.mtime_ns = dates.short_to_ns(record.fields.date, 0)
        self.atime_ns = self.mtime_ns
        self.ctime_ns = self.mtime_ns
        self.btime_ns = NOT_SET
        self.rdev = 0
        self.target = b""
        self.child = NOT_SET
        """The block where this directory really is."""
        self.relocated = False
        """A directory that is shown elsewhere."""
        self.size = NOT_SET
        """Where it is not what the record says."""
        self.refusal = ""
        """Why the content cannot be read."""
        if record.fields.unit != 0 or record.fields.gap != 0:
            self.refusal = "interleaved files are not read"


def attributes_of(volume: Volume, record: Record, skipped: int) -> Attributes:
    """The attributes of a file, from its record. EIO."""
    found = Attributes(volume, record)
    if volume.rock_ridge:
        Reader(volume, found).read(fields_of(volume, record.area[skipped:]))
    mode = volume.settings.overriding_mode(directory=found.type == InodeType.DIRECTORY)
    if mode != NOT_SET:
        found.mode = mode
    return found


class Reader:
    """Follows the fields of one record."""

    def __init__(self, volume: Volume, found: Attributes) -> None:
        self._volume = volume
        self._found = found
        self._directory = found.type == InodeType.DIRECTORY
        self._type = found.type
        self._name_ended = False
        self._slash = False
        """A component of the link's target was finished: a slash comes before the next."""

    def read(self, fields: list[Field]) -> None:
        """Take what the fields say. EIO."""
        for field in fields:
            self._take(field)
        found = self._found
        if self._directory or found.child != NOT_SET:
            found.type = InodeType.DIRECTORY
        elif self._type == InodeType.DIRECTORY:
            raise Errno(EIO, "a file that is said to be a directory")
        else:
            found.type = self._type
        if found.type != InodeType.CHARACTER and found.type != InodeType.BLOCK:
            found.rdev = 0

    def _take(self, field: Field) -> None:
        found = self._found
        match field.signature:
            case b"NM":
                self._take_name(field)
            case b"PX":
                self._take_posix(field)
            case b"TF":
                self._take_times(field)
            case b"SL":
                self._take_target(field)
            case b"PN":
                self._take_device(field)
            case b"CL":
                field.require(ChildLink.SIZE)
                found.child = int(ChildLink.parse(field.data).block)
            case b"RE":
                found.relocated = True
            case b"ZF":
                self._take_compression(field)
            case b"SF":
                found.refusal = "sparse files are not read"
            case _:
                pass  # fields of other extensions

    def _take_name(self, field: Field) -> None:
        """A name may be in several pieces; one for "." or ".." is none."""
        field.require(1)
        flags = field.data[0]
        if flags & int(NameFlags.CURRENT | NameFlags.PARENT) or self._name_ended:
            return
        if len(self._found.name) + len(field.data) - 1 <= LONGEST_NAME:
            self._found.name += field.data[1:]
        self._name_ended = flags & int(NameFlags.CONTINUE) == 0

    def _take_posix(self, field: Field) -> None:
        field.require(PosixAttributes.SIZE)
        said = PosixAttributes.parse(field.data)
        found = self._found
        found.mode = int(said.mode) & PERMISSIONS
        found.links = int(said.links)
        self._type = type_of(int(said.mode) >> TYPE_SHIFT & 0xF)
        if self._volume.settings.uid == NOT_SET:
            found.uid = int(said.uid)
        if self._volume.settings.gid == NOT_SET:
            found.gid = int(said.gid)

    def _take_times(self, field: Field) -> None:
        """A time of creation without one of attributes is that, put into the wrong place."""
        field.require(1)
        flags = field.data[0]
        size = dates.LONG if flags & int(TimeFlags.LONG_FORM) else dates.SHORT
        times: list[int] = []
        at = 1
        for flag in (TimeFlags.CREATION, TimeFlags.MODIFY, TimeFlags.ACCESS, TimeFlags.ATTRIBUTES):
            time = NOT_SET
            if flags & int(flag):
                field.require(at + size)
                time = dates.long_to_ns(field.data, at) if size == dates.LONG else dates.short_to_ns(field.data, at)
                at += size
            times.append(time)
        found = self._found
        found.mtime_ns = times[1] if times[1] != NOT_SET else found.mtime_ns
        found.atime_ns = times[2] if times[2] != NOT_SET else found.atime_ns
        if times[3] != NOT_SET:
            found.ctime_ns = times[3]
            found.btime_ns = times[0] if times[0] != NOT_SET else found.btime_ns
        elif times[0] != NOT_SET:
            found.ctime_ns = times[0]

    def _take_target(self, field: Field) -> None:
        """The components of a symbolic link; one that is continued goes on in the next, even of the next field."""
        field.require(1)
        at = 1
        while at + 2 <= len(field.data):
            flags = field.data[at]
            end = at + 2 + field.data[at + 1]
            field.require(end)
            self._add_component(flags, field.data[at + 2 : end])
            at = end

    def _add_component(self, flags: int, text: bytes) -> None:
        found = self._found
        if self._slash:
            found.target += b"/"
        self._slash = flags & int(ComponentFlags.CONTINUE) == 0
        match flags & ~int(ComponentFlags.CONTINUE):
            case 0:
                found.target += text
            case 2:  # ComponentFlags.CURRENT
                found.target += b"."
            case 4:  # ComponentFlags.PARENT
                found.target += b".."
            case 8:  # ComponentFlags.ROOT
                found.target += b"/"
                self._slash = False
            case _:
                found.refusal = "a link by way of another volume, or the name of this machine"

    def _take_device(self, field: Field) -> None:
        """Major and minor number; or all in the low word, as the standard would have it where a device number has 32 bits."""
        field.require(PosixDevice.SIZE)
        said = PosixDevice.parse(field.data)
        high = int(said.high)
        low = int(said.low)
        self._found.rdev = device_number(low >> 8, low & 0xFF) if high == 0 else device_number(high, low)

    def _take_compression(self, field: Field) -> None:
        if self._volume.settings.uncompresses:
            field.require(Compression.SIZE)
            self._found.size = int(Compression.parse(field.data).size)
            self._found.refusal = "compressed files are not read, but as they are on the disc (nocompress)"


def type_of(bits: int) -> InodeType:
    """The type in a mode; a regular file where there is none."""
    match bits:
        case 1:
            return InodeType.FIFO
        case 2:
            return InodeType.CHARACTER
        case 4:
            return InodeType.DIRECTORY
        case 6:
            return InodeType.BLOCK
        case 10:
            return InodeType.SYMLINK
        case 12:
            return InodeType.SOCKET
        case _:
            return InodeType.REGULAR


class Announcement:
    """What the root's own record says about extensions: it begins with the mark SP where there are any. EIO."""

    def __init__(self, volume: Volume) -> None:
        self.is_there = False
        self.is_named = False
        """Rock Ridge is said to be among them. (ER)"""
        self.root_skipped = 0
        """Bytes before the mark."""
        self.skipped = 0
        """Bytes before the fields of all other records."""
        area = first_record(volume, volume.root_start).area
        for start in (0, XA_SIZE):
            if not self.is_there and area[start : start + 2] == b"SP" and area[start + 4 : start + 6] == MARK and len(area) >= start + 7:
                self.is_there = True
                self.root_skipped = start
                self.skipped = area[start + 6]
        if self.is_there:
            for field in fields_of(volume, area[self.root_skipped :]):
                if field.signature == b"ER" and len(field.data) > 4 and field.data[4 : 4 + field.data[0]] in ROCK_RIDGE:
                    self.is_named = True
