"""The tables and directories of a FAT disk in memory, and the order in which changes of them reach the disk.

FAT has no journal. What a power cut can leave is decided by the order of the writes, with a flush of the device between:

    1. zeros into the clusters that directories grew by (at once)
    2. the tables, which only know more clusters as taken than before
    3. the directories
    4. the tables again, with the clusters free that no directory names any more

So at every moment each name leads to clusters that are its own; what is lost at worst is free space, until a check finds it. A cluster
that became free is not taken again before step 4.

Memory is given in chunks, none of which lies in two clusters: the neighbour may be a file's. When there are too many, clean ones go.
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
        self._data_chunk = min(CHUNK, geometry.cluster_size)

    # Reading and changing

    def read(self, offset: int, count: int) -> bytes:
        """Bytes as they are now. EIO."""
        start = self._start_of(offset)
        data = self._chunk(start).data
        within = offset - start
        if within + count <= len(data):
            return bytes(data[within : within + count])
        first = len(data) - within
        return bytes(data[within:]) + self.read(offset + first, count - first)

    def write(self, offset: int, data: bytes) -> None:
        """Change bytes; they reach the disk with the next write_back. EIO."""
        start = self._start_of(offset)
        chunk = self._chunk(start)
        within = offset - start
        first = min(len(chunk.data) - within, len(data))
        chunk.data[within : within + first] = data[:first]
        if not chunk.dirty:
            chunk.dirty = True
            self._dirty_chunks += 1
        if first < len(data):
            self.write(offset + first, data[first:])

    def u16(self, offset: int) -> int:
        """A little-endian number."""
        start = self._start_of(offset)
        data = self._chunk(start).data
        within = offset - start
        if within + 1 == len(data):
            return int.from_bytes(self.read(offset, 2), "little")
        return data[within] | data[within + 1] << 8

    def u32(self, offset: int) -> int:
        """A little-endian number, aligned."""
        start = self._start_of(offset)
        data = self._chunk(start).data
        within = offset - start
        return data[within] | data[within + 1] << 8 | data[within + 2] << 16 | data[within + 3] << 24

    def clear_cluster(self, cluster: int, content: bytes = b"") -> None:
        """Give a cluster that a directory is about to get its content, zeros behind it, on the disk at once. EIO."""
        self.forget(cluster)
        self._disk.write(self._geometry.start_of(cluster), content + bytes(self._geometry.cluster_size - len(content)))
        self._zeroed = True

    def forget(self, cluster: int) -> None:
        """A cluster that belongs to no directory any more, or not yet: what is known of it is not to be written."""
        start = self._geometry.start_of(cluster)
        for at in range(start, start + self._geometry.cluster_size, self._data_chunk):
            chunk = self._chunks.get(at)
            if chunk is not None:
                if chunk.dirty:
                    self._dirty_chunks -= 1
                self._chunks.pop(at)

    def _start_of(self, offset: int) -> int:
        """Where the chunk begins that has this byte."""
        data_start = self._geometry.data_start
        if offset < data_start:
            return offset - offset % CHUNK
        return offset - (offset - data_start) % self._data_chunk

    def _chunk(self, start: int) -> Chunk:
        chunk = self._chunks.get(start)
        if chunk is None:
            geometry = self._geometry
            if not 0 <= start < geometry.size:
                raise Errno(EIO, "outside of the file system")
            if len(self._chunks) >= MOST_CHUNKS:
                self._drop_clean()
            size = min(CHUNK, geometry.data_start - start) if start < geometry.data_start else self._data_chunk
            chunk = Chunk(bytearray(self._disk.read(start, size)))
            self._chunks[start] = chunk
        return chunk

    def shed(self) -> bool:
        """Let all clean chunks go, for memory is short: were there some? Nobody holds the file system's mutex."""
        clean = [start for start, chunk in self._chunks.items() if not chunk.dirty]
        for start in clean:
            self._chunks.pop(start)
        return len(clean) > 0

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
        if self._write_range(self._geometry.root_start, self._geometry.size):
            self._disk.flush()

    def _write_range(self, start: int, end: int) -> bool:
        """Write the dirty chunks of a region, neighbours in one go; whether there were any. One that lies in two goes with the first."""
        found = sorted([at for at, chunk in self._chunks.items() if chunk.dirty and start <= at < end])
        index = 0
        while index < len(found):
            run = index + 1
            while run < len(found) and found[run] == found[run - 1] + len(self._chunks[found[run - 1]].data):
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
        for at in range(self._start_of(offset), offset + len(data), CHUNK):
            chunk = self._chunks.get(at)
            if chunk is not None:  # a mirror shares chunks with the table before it, and with the root directory behind it
                low = max(at, offset)
                high = min(at + len(chunk.data), offset + len(data))
                chunk.data[low - at : high - at] = data[low - offset : high - offset]
