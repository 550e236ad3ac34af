"""What the disk says of a file that is in use: its entry and its chain; shared by the inode and by the backing of its pages."""

import weakref
from typing import TYPE_CHECKING, Final

from scarlet.lang import u32
from scarlet.lang.errno import EIO, Errno
from vfs.fat.layout import MAX_FILE_SIZE, SLOT_SIZE
from vfs.fat.slots import Entry, packed
from vfs.fat.table import Chain

if TYPE_CHECKING:
    from vfs.fat.filesystem import FatFileSystem
    from vfs.fat.inode import FatInode

CHUNK: Final = 4096


class Content:
    """Where the bytes of a directory are: a chain, or the fixed region of a FAT12 or FAT16 root."""

    def __init__(self, filesystem: "FatFileSystem", chain: Chain, *, fixed: bool = False) -> None:
        self.filesystem = filesystem
        self.chain = chain
        self.fixed = fixed

    @property
    def slots(self) -> int:
        """How many slots there are."""
        geometry = self.filesystem.geometry
        return (geometry.root_size if self.fixed else self.chain.count * geometry.cluster_size) // SLOT_SIZE

    def offset_of(self, index: int) -> int:
        """Where a slot is on the device."""
        geometry = self.filesystem.geometry
        if self.fixed:
            return geometry.root_start + index * SLOT_SIZE
        per_cluster = geometry.cluster_size // SLOT_SIZE
        return geometry.start_of(self.chain.at(index // per_cluster)) + index % per_cluster * SLOT_SIZE

    def read(self) -> bytes:
        """All of it."""
        geometry = self.filesystem.geometry
        metadata = self.filesystem.metadata
        if self.fixed:
            return _read_whole(self.filesystem, geometry.root_start, geometry.root_size)
        parts: list[bytes] = []
        for index in range(self.chain.count):
            start = geometry.start_of(self.chain.at(index))
            parts.append(_read_whole(self.filesystem, start, geometry.cluster_size))
            if metadata.read(start + geometry.cluster_size - SLOT_SIZE, 1) == b"\0":
                break  # the end of the directory: what follows was never used
        return b"".join(parts)

    def write(self, index: int, data: bytes) -> None:
        """Change whole slots from one on."""
        for done in range(0, len(data), SLOT_SIZE):
            self.filesystem.metadata.write(self.offset_of(index + done // SLOT_SIZE), data[done : done + SLOT_SIZE])

    def set_first_byte(self, index: int, value: int) -> None:
        """The first byte of a slot says whether it is free."""
        self.filesystem.metadata.write(self.offset_of(index), bytes([value]))


class Node:
    """One file or directory. `home` is the directory that its entry is in; None for the root, and for what has lost its name."""

    def __init__(self, entry: Entry, home: Content | None) -> None:
        self.entry = entry
        self.home = home
        self.chain = Chain()
        self.reserved = 0
        """Clusters promised beyond those of the chain."""
        self.inode: weakref.ref[FatInode] | None = None

    def store(self) -> None:
        """Put what is known of the file into its slot. The caller holds the mutex."""
        if self.home is not None:
            self.home.write(self.entry.short_index, self.entry.slot.pack())

    def store_all(self) -> None:
        """Put the whole entry, names included, into its slots."""
        if self.home is not None:
            self.home.write(self.entry.first, packed(self.entry))

    def set_size(self, size: int) -> None:
        """What the entry says, which is never more than there are clusters for."""
        if not 0 <= size <= MAX_FILE_SIZE:
            raise Errno(EIO, "a size that cannot be")
        self.entry.slot.size = u32(size)


def _read_whole(filesystem: "FatFileSystem", start: int, count: int) -> bytes:
    parts: list[bytes] = []
    for at in range(start, start + count, CHUNK):
        parts.append(filesystem.metadata.read(at, min(CHUNK, start + count - at)))
    return b"".join(parts)
