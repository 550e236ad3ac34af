"""The entries of a directory's block: inode, length of the entry, length of the name, type, name.

Entries fill their block without gaps; a free one has inode 0, or is slack behind the name of the one before it. Where metadata has
checksums, the last twelve bytes of a block of names are an entry without a name that holds the checksum. The blocks of a hash tree
(hashtree.py) look like one large free entry to who does not know them.

Source: Linux, Documentation/filesystems/ext4, "Directory Entries".
"""

from typing import Final

from objects.metadata import InodeType
from scarlet.lang.errno import EIO, Errno
from vfs.ext.blocks import Block, Blocks, Guard
from vfs.ext.checksums import crc32c, crc32c_u32
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.layout import DIRECTORY_HEADER, DIRECTORY_TAIL, TAIL_TYPE

ABSENT: Final = -1
HEAD: Final = 4
LENGTH: Final = 0xFFFF
NAME_SHIFT: Final = 16
TYPE_SHIFT: Final = 24
"""An entry's fields behind its inode, as one number: the lengths of entry and name, the type."""
DOT_SIZE: Final = 12
""""." and ".." are the first two entries of the first block; this is where ".." is."""
ROOT_COUNT: Final = 32
NODE_COUNT: Final = 8
"""Where a hash tree's block says how many entries it has: in its root behind ".." and eight bytes more, elsewhere at once."""
INDEX_ENTRY: Final = 8

FILE_TYPES: Final = [
    InodeType.UNKNOWN, InodeType.REGULAR, InodeType.DIRECTORY, InodeType.CHARACTER, InodeType.BLOCK, InodeType.FIFO, InodeType.SOCKET,
    InodeType.SYMLINK,
]  # fmt: skip
"""What file_type means."""


class DirectoryGuard(Guard):
    """A block of a directory, with names or of the hash tree. `first`: the first block, which may be the root of the tree."""

    name = "directory block"
    late = True

    def __init__(self, seed: int, *, checked: bool, first: bool) -> None:
        self._seed = seed
        self._checked = checked
        self._first = first

    def is_good(self, number: int, data: bytearray) -> bool:
        if not self._checked:
            return True
        count_at = index_at(data, first=self._first)
        if count_at == ABSENT:
            tail = len(data) - DIRECTORY_TAIL
            return (
                get32(data, tail) == 0
                and get16(data, tail + 4) == DIRECTORY_TAIL
                and data[tail + 7] == TAIL_TYPE
                and get32(data, tail + 8) == crc32c(self._seed, data, 0, tail)
            )
        tail = count_at + get16(data, count_at) * INDEX_ENTRY
        if tail + 8 > len(data) or get16(data, count_at + 2) > get16(data, count_at):
            return False
        return get32(data, tail + 4) == self._index_checksum(data, count_at, tail)

    def seal(self, number: int, data: bytearray) -> None:
        if not self._checked:
            return
        count_at = index_at(data, first=self._first)
        if count_at == ABSENT:
            tail = len(data) - DIRECTORY_TAIL
            put32(data, tail + 8, crc32c(self._seed, data, 0, tail))
        else:
            tail = count_at + get16(data, count_at) * INDEX_ENTRY
            put32(data, tail + 4, self._index_checksum(data, count_at, tail))

    def _index_checksum(self, data: bytearray, count_at: int, tail: int) -> int:
        value = crc32c(self._seed, data, 0, count_at + get16(data, count_at + 2) * INDEX_ENTRY)
        return crc32c_u32(crc32c(value, data, tail, tail + 4), 0)


def index_at(data: bytearray, *, first: bool) -> int:
    """Where a block of a hash tree has its count; ABSENT for a block of names."""
    if get16(data, 4) == len(data) and get32(data, 0) == 0:
        return NODE_COUNT
    if first and get16(data, 4) == DOT_SIZE and get16(data, DOT_SIZE + 4) == len(data) - DOT_SIZE:
        if get32(data, 24) == 0 and data[29] == 8:
            return ROOT_COUNT
    return ABSENT


def space(name_length: int) -> int:
    """What an entry takes at least: names are padded to four bytes."""
    return (DIRECTORY_HEADER + name_length + 3) & 0xFFFC


def length_at(data: bytearray, at: int, end: int) -> int:
    """The length of the entry at a place; EIO for one that cannot be."""
    head = get32(data, at + HEAD)
    length = head & LENGTH
    if not _is_possible(head, end - at):
        raise Errno(EIO, "a directory is damaged")
    return length


def _is_possible(head: int, room: int) -> bool:
    """Can this be an entry where so many bytes are left?"""
    length = head & LENGTH
    return DIRECTORY_HEADER <= length <= room and length & 3 == 0 and space(head >> NAME_SHIFT & 0xFF) <= length


def name_at(data: bytearray, at: int) -> bytes:
    """The name of an entry."""
    return bytes(data[at + DIRECTORY_HEADER : at + DIRECTORY_HEADER + data[at + 6]])


class Place:
    """An entry, and the one before it in its block: ABSENT when it is the first."""

    def __init__(self, at: int, before: int) -> None:
        self.at = at
        self.before = before


def find(data: bytearray, end: int, name: bytes) -> Place | None:
    """A name in a block of names, None when it is not there."""
    size = len(name)
    last = name[size - 1]
    at = 0
    before = ABSENT
    while at < end:
        head = get32(data, at + HEAD)
        if not _is_possible(head, end - at):
            raise Errno(EIO, "a directory is damaged")
        first = at + DIRECTORY_HEADER
        # Names differ at their ends more often than elsewhere.
        if head >> NAME_SHIFT & 0xFF == size and data[first + size - 1] == last and get32(data, at) != 0:
            if data[first : first + size] == name:
                return Place(at, before)
        before = at
        at += head & LENGTH
    return None


def find_space(data: bytearray, end: int, needed: int) -> int:
    """The entry that has so much room behind its name, or is free and large enough; ABSENT."""
    at = 0
    while at < end:
        head = get32(data, at + HEAD)
        if not _is_possible(head, end - at):
            raise Errno(EIO, "a directory is damaged")
        length = head & LENGTH
        if length >= needed and (length - space(head >> NAME_SHIFT & 0xFF) >= needed or get32(data, at) == 0):
            return at
        at += length
    return ABSENT


def put(blocks: Blocks, block: Block, at: int, name: bytes, number: int, file_type: int) -> None:
    """Make an entry in the room that find_space found, within the caller's operation."""
    used = space(block.data[at + 6]) if get32(block.data, at) != 0 else 0
    data = blocks.change_part(block, at, used + space(len(name)))
    length = get16(data, at + HEAD)
    if used > 0:
        put16(data, at + HEAD, used)
    write(data, at + used, length - used, name, number, file_type)


def write(data: bytearray, at: int, length: int, name: bytes, number: int, file_type: int) -> None:
    """An entry of so many bytes."""
    put32(data, at, number)
    put32(data, at + HEAD, length | len(name) << NAME_SHIFT | file_type << TYPE_SHIFT)
    data[at + DIRECTORY_HEADER : at + DIRECTORY_HEADER + len(name)] = name


def remove(blocks: Blocks, block: Block, place: Place) -> None:
    """Free an entry, within the caller's operation: the one before it takes its room, so that no other moves."""
    if place.before == ABSENT:
        put32(blocks.change_part(block, place.at, 4), place.at, 0)
        return
    data = blocks.change_part(block, place.before, DIRECTORY_HEADER)
    put16(data, place.before + HEAD, get16(data, place.before + HEAD) + get16(data, place.at + HEAD))


def make_empty(data: bytearray, end: int) -> None:
    """A block of names without any; `end` is where the checksum begins, or the end of the block."""
    put16(data, 4, end)
    if end < len(data):
        put16(data, end + 4, DIRECTORY_TAIL)
        data[end + 7] = TAIL_TYPE


def type_of(file_type: int) -> InodeType:
    """What the entry says its file is."""
    return FILE_TYPES[file_type & 7]


def type_for(type: InodeType) -> int:
    """The reverse."""
    for index in range(len(FILE_TYPES)):
        if FILE_TYPES[index] is type:
            return index
    return 0
