"""Extended attributes: behind the fixed fields of the inode, and, what does not fit there, in one block.

A name is stored as the index of a known prefix and the rest. Names of other prefixes than those known here are kept, but not shown.
A block may belong to several inodes with the same attributes; it is never changed then, but left to the others.

Invariant: in a block, attributes are sorted by index, length of the name, and name.

Source: Linux, Documentation/filesystems/ext4, "Extended Attributes"; xattr(7).
"""

from typing import Final

from scarlet.lang.errno import EIO, ENAMETOOLONG, ENOSPC, EOPNOTSUPP, Errno
from vfs.ext.blocks import Block, Guard
from vfs.ext.checksums import crc32c, crc32c_u32
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.layout import NAME_LENGTH
from vfs.ext.record import Record
from vfs.ext.volume import Volume

MAGIC: Final = 0xEA020000
IN_INODE_HEADER: Final = 4
BLOCK_HEADER: Final = 32
ENTRY_SIZE: Final = 16
REFERENCES: Final = 4
BLOCKS: Final = 8
HASH: Final = 12
CHECKSUM: Final = 16
MASK: Final = 0xFFFFFFFF
PREFIXES: Final = [b"", b"user.", b"system.posix_acl_access", b"system.posix_acl_default", b"trusted.", b"", b"security.", b"system."]
"""By index."""


class Attribute:
    """One attribute."""

    def __init__(self, index: int, suffix: bytes, value: bytes) -> None:
        self.index = index
        self.suffix = suffix
        self.value = value

    def size(self) -> int:
        """The room it takes."""
        return _padded(ENTRY_SIZE + len(self.suffix)) + _padded(len(self.value))

    def order(self) -> tuple[int, int, bytes]:
        """How blocks sort."""
        return self.index, len(self.suffix), self.suffix

    def hash(self) -> int:
        """The hash of name and value that entries of blocks have."""
        hash = 0
        for byte in self.suffix:
            hash = (hash << 5 & MASK | hash >> 27) ^ byte
        padded = bytearray(self.value) + bytearray(_padded(len(self.value)) - len(self.value))
        for at in range(0, len(padded), 4):
            hash = (hash << 16 & MASK | hash >> 16) ^ get32(padded, at)
        return hash


class AttributeGuard(Guard):
    """The checksum begins with the block's number."""

    name = "block of attributes"

    def __init__(self, seed: int, *, checked: bool) -> None:
        self._seed = seed
        self._checked = checked

    def is_good(self, number: int, data: bytearray) -> bool:
        if get32(data, 0) != MAGIC or get32(data, BLOCKS) != 1:
            return False
        return not self._checked or get32(data, CHECKSUM) == self._checksum(number, data)

    def seal(self, number: int, data: bytearray) -> None:
        if self._checked:
            put32(data, CHECKSUM, self._checksum(number, data))

    def _checksum(self, number: int, data: bytearray) -> int:
        value = crc32c_u32(crc32c_u32(self._seed, number & MASK), number >> 32)
        value = crc32c_u32(crc32c(value, data, 0, CHECKSUM), 0)
        return crc32c(value, data, CHECKSUM + 4, len(data))


class Attributes:
    """The extended attributes of one file. The caller holds the mutex, and is in an operation where something changes."""

    def __init__(self, volume: Volume, record: Record) -> None:
        self._volume = volume
        self._record = record
        self._guard = AttributeGuard(volume.geometry.seed, checked=volume.geometry.metadata_csum)

    # Looking

    def all(self) -> list[Attribute]:
        """EIO for attributes that make no sense."""
        found: list[Attribute] = []
        inside = self._record.attributes
        if len(inside) > IN_INODE_HEADER and get32(inside, 0) == MAGIC:
            _parse(inside, IN_INODE_HEADER, IN_INODE_HEADER, found)
        if self._record.attribute_block != 0:
            _parse(self._block().data, BLOCK_HEADER, 0, found)
        return found

    def get(self, name: bytes) -> bytes | None:
        """The value of one, None when it is not set."""
        if self._record.attribute_block == 0 and not _has_any(self._record.attributes):
            return None
        index, suffix = _split(name)
        for attribute in self.all():
            if attribute.index == index and attribute.suffix == suffix:
                return attribute.value
        return None

    def names(self) -> list[bytes]:
        """Those that are set."""
        return [_prefix(attribute.index) + attribute.suffix for attribute in self.all() if len(_prefix(attribute.index)) > 0]

    def _block(self) -> Block:
        number = self._record.attribute_block
        self._volume.allocator.require_data(number, 1)
        return self._volume.blocks.read(number, self._guard)

    # Changing

    def set(self, name: bytes, value: bytes) -> None:
        """Set one. EOPNOTSUPP for a name that cannot be stored, ENAMETOOLONG, ENOSPC."""
        index, suffix = _split(name)
        if index == 0:
            raise Errno(EOPNOTSUPP, "no place for attributes of this name space")
        if len(suffix) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG)
        kept = [one for one in self.all() if one.index != index or one.suffix != suffix]
        kept.append(Attribute(index, suffix, value))
        self._store(kept)

    def remove(self, name: bytes) -> None:
        """Take one away."""
        index, suffix = _split(name)
        self._store([one for one in self.all() if one.index != index or one.suffix != suffix])

    def drop_block(self) -> None:
        """The file is being freed: its block is needed no more, or by others only."""
        number = self._record.attribute_block
        if number == 0:
            return
        block = self._block()
        references = get32(block.data, REFERENCES)
        self._volume.table.change(self._record)
        self._record.attribute_block = 0
        if references > 1:
            put32(self._volume.blocks.change(block), REFERENCES, references - 1)
            self._record.sectors = max(self._record.sectors - (self._volume.geometry.block_size >> 9), 0)
        else:
            self._volume.give_metadata(self._record, number)

    def _store(self, attributes: list[Attribute]) -> None:
        record = self._record
        self._volume.table.change(record)
        room = len(record.attributes) - IN_INODE_HEADER - 4
        inside: list[Attribute] = []
        outside: list[Attribute] = []
        for attribute in attributes:
            if attribute.size() <= room:
                room -= attribute.size()
                inside.append(attribute)
            else:
                outside.append(attribute)
        if len(record.attributes) >= IN_INODE_HEADER + 4:
            area = bytearray(len(record.attributes))
            if len(inside) > 0:
                put32(area, 0, MAGIC)
                _pack(area, IN_INODE_HEADER, IN_INODE_HEADER, inside)
            record.attributes = area
        if len(outside) == 0:
            self.drop_block()
        else:
            self._store_block(outside)

    def _store_block(self, attributes: list[Attribute]) -> None:
        volume = self._volume
        record = self._record
        attributes.sort(key=lambda one: one.order())
        if sum([one.size() for one in attributes]) > volume.geometry.block_size - BLOCK_HEADER - 4:
            raise Errno(ENOSPC, "more attributes than fit into a block")
        if record.attribute_block != 0 and get32(self._block().data, REFERENCES) != 1:
            self.drop_block()
        if record.attribute_block == 0:
            number = volume.take_metadata(record)
            volume.blocks.fresh(number, self._guard)
            record.attribute_block = number
        data = volume.blocks.change(self._block())
        data[:] = bytes(len(data))
        put32(data, 0, MAGIC)
        put32(data, REFERENCES, 1)
        put32(data, BLOCKS, 1)
        _pack(data, BLOCK_HEADER, 0, attributes)
        hash = 0
        for attribute in attributes:
            hash = (hash << 16 & MASK | hash >> 16) ^ attribute.hash()
        put32(data, HASH, hash)


def _padded(size: int) -> int:
    return size + 3 & 0xFFFFFFFC


def _has_any(area: bytearray) -> bool:
    return len(area) > IN_INODE_HEADER and get32(area, 0) == MAGIC


def _prefix(index: int) -> bytes:
    return PREFIXES[index] if index < len(PREFIXES) else b""


def _split(name: bytes) -> tuple[int, bytes]:
    """Index and rest of a name; index 0 when there is no place for it."""
    best = 0
    for index in range(len(PREFIXES)):
        prefix = PREFIXES[index]
        if len(prefix) > 0 and name.startswith(prefix) and len(prefix) > len(PREFIXES[best]):
            if prefix.endswith(b".") == (len(name) > len(prefix)):
                best = index
    return best, name[len(PREFIXES[best]) :]


def _parse(data: bytearray, start: int, base: int, found: list[Attribute]) -> None:
    """The entries from a place on; values are where they say, counted from `base`."""
    at = start
    end = len(data)
    while at + 4 <= end and get32(data, at) != 0:
        if at + ENTRY_SIZE > end or at + ENTRY_SIZE + data[at] > end:
            raise Errno(EIO, "damaged attributes")
        length = data[at]
        size = get32(data, at + 8)
        place = base + get16(data, at + 2)
        if get32(data, at + 4) != 0 or size > end or size > 0 and (place < start or place + size > end):
            raise Errno(EIO, "damaged attributes")
        suffix = bytes(data[at + ENTRY_SIZE : at + ENTRY_SIZE + length])
        found.append(Attribute(data[at + 1], suffix, bytes(data[place : place + size]) if size > 0 else b""))
        at += _padded(ENTRY_SIZE + length)


def _pack(data: bytearray, start: int, base: int, attributes: list[Attribute]) -> None:
    """Entries from a place up, values from the end down."""
    at = start
    end = len(data) // 4 * 4
    for attribute in attributes:
        end -= _padded(len(attribute.value))
        data[end : end + len(attribute.value)] = attribute.value
        data[at] = len(attribute.suffix)
        data[at + 1] = attribute.index
        put16(data, at + 2, end - base if len(attribute.value) > 0 else 0)
        put32(data, at + 8, len(attribute.value))
        put32(data, at + 12, attribute.hash())
        data[at + ENTRY_SIZE : at + ENTRY_SIZE + len(attribute.suffix)] = attribute.suffix
        at += _padded(ENTRY_SIZE + len(attribute.suffix))
