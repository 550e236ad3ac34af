"""Symbolic links: a short text is in the inode, a longer one in a block."""

from objects.inode import InodeType
from scarlet.lang.errno import EIO, Errno
from vfs.ext.blockmap import NOWHERE
from vfs.ext.blocks import Guard
from vfs.ext.filesystem import ExtFileSystem, is_fast_symlink
from vfs.ext.inode import ExtInode
from vfs.ext.maps import begin_map, map_of
from vfs.ext.record import Record


class TextGuard(Guard):
    """The text of a link has no checksum."""

    name = "text of a link"


class ExtSymlink(ExtInode):
    """A symbolic link."""

    def __init__(self, filesystem: ExtFileSystem, record: Record) -> None:
        super().__init__(filesystem, record, InodeType.SYMLINK)

    def readlink(self) -> bytes:
        record = self.record
        if is_fast_symlink(record):
            return bytes(record.block[: record.size])
        volume = self.ext.volume
        with volume.mutex:
            place = map_of(volume, record).find(0)
            if place.start == NOWHERE or place.unwritten or record.size >= volume.geometry.block_size:
                raise Errno(EIO, "a symbolic link without its text")
            return bytes(volume.blocks.read(place.start, TextGuard()).data[: record.size])


def store_text(filesystem: ExtFileSystem, record: Record, target: bytes) -> None:
    """Let a new link lead somewhere, within the caller's operation. ENOSPC."""
    record.size = len(target)
    if len(target) < len(record.block):
        record.block[: len(target)] = target
        return
    volume = filesystem.volume
    number = volume.take_metadata(record)
    begin_map(volume, record).insert(0, number, 1)
    volume.blocks.fresh(number, TextGuard()).data[: len(target)] = target
