"""Copying a file of a lower layer to the upper one: content, owner, mode, times, attributes.

A copy is made in the work directory and is complete before it gets its name, so a failure leaves nothing behind. Holes stay holes.
"""

from typing import Final

from objects.inode import Inode, InodeType
from objects.metadata import Owner
from scarlet.kernel.memory.framebytes import frame_bytes
from scarlet.lang.errno import ENOSPC, ENXIO, Errno
from vfs.overlay.filesystem import Overlay
from vfs.overlay.layers import MARKS, ORIGIN

CHUNK: Final = 64 * 1024


def origin_of(real: Inode) -> bytes:
    """A lower file as marks and the index name it: the device of its file system and its number there."""
    return f"{real.filesystem.device}:{real.number}".encode()


def make_copy(overlay: Overlay, real: Inode, size: int) -> bytes:
    """Copy a file into the work directory, of a regular file at most `size` bytes (-1: all of them); its name there. ENOSPC, EROFS."""
    work = overlay.work()
    name = overlay.temporary_name()
    facts = real.metadata()
    owner = Owner(facts.uid, facts.gid)
    if facts.type == InodeType.SYMLINK:
        copy = work.symlink(name, real.readlink(), owner)
    else:
        copy = work.create(name, facts.type, facts.mode, owner, facts.rdev)
    try:
        if facts.type == InodeType.REGULAR:
            _copy_content(real, copy, facts.size if size < 0 else min(size, facts.size))
        for attribute in real.attribute_names():
            value = real.attribute(attribute)
            if value is not None and not attribute.startswith(MARKS):
                copy.set_attribute(attribute, value)
        if facts.type != InodeType.DIRECTORY:
            copy.set_attribute(ORIGIN, origin_of(real))
        copy.change_times(facts.atime_ns, facts.mtime_ns)
    except (Errno, MemoryError):
        overlay.discard(name)
        raise
    return name


def _copy_content(source: Inode, copy: Inode, size: int) -> None:
    buffer = frame_bytes(min(CHUNK, max(size, 1)))
    offset = _next_data(source, 0, size)
    while offset < size:
        end = min(source.next_hole(offset), size)
        while offset < end:
            count = source.read_at(buffer.part(0, min(end - offset, buffer.length)), offset)
            if copy.write_at(buffer.part(0, count), offset) < count:
                raise Errno(ENOSPC, "no space for a copy in the upper layer")
            offset += count
        offset = _next_data(source, offset, size)
    if copy.size() < size:
        copy.truncate(size)


def _next_data(source: Inode, offset: int, size: int) -> int:
    """The first offset from the given one on that holds data; `size` when none does before it."""
    if offset >= size:
        return size
    try:
        return source.next_data(offset)
    except Errno as error:
        if error.code != ENXIO:
            raise
        return size
