"""The tables and directories of a FAT disk in memory, and the order in which changes of them reach the disk.

FAT has no journal. What a power cut can leave is decided by the order of the writes, with a flush of the device between:

    1. zeros into the clusters that directories grew by (at once)
    2. the tables, which only know more clusters as taken than before
    3. the directories
    4. the tables again, with the clusters free that no directory names any more

So at every moment each name leads to clusters that are its own; what is lost at worst is free space, until a check finds it. A cluster
that became free is not taken again before step 4.

Memory is given in chunks; clean ones are dropped when there are too many.
"""

from typing import Final

from objects.block import BlockDevice
from scarlet.lang.errno import EIO, Errno
from vfs.fat.layout import Geometry

CHUNK: Final = 4096
MOST_CHUNKS: Final = 512
MOST_DIRTY: Final = 128


class Chunk:
    """A piece of the disk in memory."""

    def __init__(self, data: bytearray) -> None:
        self.data = data
        self.dirty = False


class Metadata:
    """Bytes of the device, by their offset. Who calls holds the file system's mutex."""

    def __init__(self, disk: BlockDevice, geometry: Geometry) -> None:
        self._disk = disk
        self._geometry = geometry
        self._chunks: dict[int, Chunk] = {}
        self._dirty_chunks = 0
        self._zeroed = False
        """Were new directory clusters written since the last flush of the device?"""
        self._size = geometry.size

    # Reading and changing

    def read(self, offset: int, count: int) -> bytes:
        """Bytes as they are now. EIO."""
        within = offset % CHUNK
        if within + count <= CHUNK:
            return bytes(self._chunk(offset - within).data[within : within + count])
        first = CHUNK - within
        return self.read(offset, first) + self.read(offset + first, count - first)

    def write(self, offset: int, data: bytes) -> None:
        """Change bytes; they reach the disk with the next write_back. EIO."""
        within = offset % CHUNK
        first = min(CHUNK - within, len(data))
        chunk = self._chunk(offset - within)
        chunk.data[within : within + first] = data[:first]
        if not chunk.dirty:
            chunk.dirty = True
            self._dirty_chunks += 1
        if first < len(data):
            self.write(offset + first, data[first:])

    def u16(self, offset: int) -> int:
        """A little-endian number."""
        within = offset % CHUNK
        if within == CHUNK - 1:
            return int.from_bytes(self.read(offset, 2), "little")
        data = self._chunk(offset - within).data
        return data[within] | data[within + 1] << 8

    def u32(self, offset: int) -> int:
        """A little-endian number, aligned."""
        within = offset % CHUNK
        data = self._chunk(offset - within).data
        return data[within] | data[within + 1] << 8 | data[within + 2] << 16 | data[within + 3] << 24

    def clear_cluster(self, cluster: int, content: bytes = b"") -> None:
        """Give a cluster that a directory is about to get its content, zeros behind it, on the disk at once. EIO."""
        start = self._geometry.start_of(cluster)
        self.forget(cluster)
        self._disk.write(start, content + bytes(self._geometry.cluster_size - len(content)))
        self._reload(start)
        self._zeroed = True

    def _reload(self, start: int) -> None:
        """What was written past the cache, where chunks with neighbours of it are in memory."""
        end = start + self._geometry.cluster_size
        for at in range(start - start % CHUNK, end, CHUNK):
            chunk = self._chunks.get(at)
            if chunk is not None:
                low = max(start, at)
                high = min(end, at + len(chunk.data))
                chunk.data[low - at : high - at] = self._disk.read(low, high - low)

    def forget(self, cluster: int) -> None:
        """A cluster that belongs to no directory any more, or not yet: what is known of it is not to be written."""
        start = self._geometry.start_of(cluster)
        end = start + self._geometry.cluster_size
        for at in range(start - start % CHUNK, end, CHUNK):
            chunk = self._chunks.get(at)
            if chunk is None:
                continue
            if chunk.dirty and not (start <= at and at + CHUNK <= end):  # neighbours lie in it
                chunk.data[max(start - at, 0) : min(end - at, CHUNK)] = bytes(min(end - at, CHUNK) - max(start - at, 0))
            else:
                if chunk.dirty:
                    self._dirty_chunks -= 1
                self._chunks.pop(at)

    def _chunk(self, start: int) -> Chunk:
        chunk = self._chunks.get(start)
        if chunk is None:
            if not 0 <= start < self._size:
                raise Errno(EIO, "outside of the file system")
            if len(self._chunks) >= MOST_CHUNKS:
                self._drop_clean()
            chunk = Chunk(bytearray(self._disk.read(start, min(CHUNK, self._size - start))))
            self._chunks[start] = chunk
        return chunk

    def _drop_clean(self) -> None:
        """The older half of the clean ones goes."""
        clean = [start for start, chunk in self._chunks.items() if not chunk.dirty]
        for start in clean[: (len(clean) + 1) // 2]:
            self._chunks.pop(start)

    # Writing back

    @property
    def too_dirty(self) -> bool:
        """Is it time to write back?"""
        return self._dirty_chunks > MOST_DIRTY

    @property
    def dirty(self) -> bool:
        return self._dirty_chunks > 0 or self._zeroed

    def write_back(self) -> None:
        """Steps 1 to 3, flushes of the device included. EIO: what was not written stays dirty."""
        if self._zeroed:
            self._disk.flush()
            self._zeroed = False
        if self._write_range(0, self._geometry.root_start):
            self._disk.flush()
        if self._write_range(self._geometry.root_start, self._size):
            self._disk.flush()

    def _write_range(self, start: int, end: int) -> bool:
        """Write the dirty chunks of a region, neighbours in one go; whether there were any. One that lies in two goes with the first."""
        found = sorted([at for at, chunk in self._chunks.items() if chunk.dirty and start <= at < end])
        index = 0
        while index < len(found):
            run = index + 1
            while run < len(found) and found[run] == found[run - 1] + CHUNK:
                run += 1
            self._write_chunks(found[index:run])
            index = run
        return len(found) > 0

    def _write_chunks(self, starts: list[int]) -> None:
        data = b"".join([bytes(self._chunks[at].data) for at in starts])
        self._write_at(starts[0], data)
        for at in starts:
            self._chunks[at].dirty = False
            self._dirty_chunks -= 1

    def _write_at(self, offset: int, data: bytes) -> None:
        """Write, and what is part of the main table to its mirrors too."""
        self._disk.write(offset, data)
        geometry = self._geometry
        if not geometry.mirrored:
            return
        start = max(offset, geometry.table_start)
        end = min(offset + len(data), geometry.table_start + geometry.table_size)
        if start < end:
            part = data[start - offset : end - offset]
            for copy in range(1, geometry.tables):
                self._write_copy(start + copy * geometry.table_size, part)

    def _write_copy(self, offset: int, data: bytes) -> None:
        self._disk.write(offset, data)
        for at in range(offset - offset % CHUNK, offset + len(data), CHUNK):
            chunk = self._chunks.get(at)
            if chunk is not None:  # the end of a mirror and the beginning of a directory may share one
                low = max(at, offset)
                high = min(at + CHUNK, offset + len(data))
                chunk.data[low - at : high - at] = data[low - offset : high - offset]
