"""Which of the two forms of maps a file has. (blockmap.py)"""

from vfs.ext.blockmap import BlockMap
from vfs.ext.extents import ExtentMap
from vfs.ext.indirect import IndirectMap
from vfs.ext.layout import Incompat, InodeFlags
from vfs.ext.record import Record
from vfs.ext.volume import Volume


def map_of(volume: Volume, record: Record) -> BlockMap:
    """The map of a file's blocks."""
    if record.has(InodeFlags.EXTENTS):
        return ExtentMap(volume, record)
    return IndirectMap(volume, record)


def begin_map(volume: Volume, record: Record) -> BlockMap:
    """The map of a new file, still empty, within the caller's operation."""
    if not volume.geometry.needs(Incompat.EXTENTS):
        return IndirectMap(volume, record)
    record.flags |= int(InodeFlags.EXTENTS)
    map = ExtentMap(volume, record)
    map.begin()
    return map
