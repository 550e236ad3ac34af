"""The file allocation table: for each cluster the next one of its file, or that it is free.

A chain is read once, as runs of neighbouring clusters, and kept by whoever uses the file. `reserve` promises clusters without choosing
them; `release` gives them back only when the directories on the disk no longer name them (metadata.py, step 4).
"""

from typing import Final

from scarlet.lang.errno import EIO, ENOSPC, Errno
from vfs.fat.layout import FIRST_CLUSTER, Geometry
from vfs.fat.metadata import Metadata

FREE: Final = 0
END: Final = -1
BAD: Final = -2
UNKNOWN: Final = -1


class Run:
    """`count` clusters from `cluster` on are those of the file from its `index` on."""

    def __init__(self, index: int, cluster: int, count: int) -> None:
        self.index = index
        self.cluster = cluster
        self.count = count


class Chain:
    """The clusters of one file, in order."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.count = 0

    @property
    def first(self) -> int:
        """The first cluster, 0 when there is none."""
        return self.runs[0].cluster if len(self.runs) > 0 else 0

    @property
    def last(self) -> int:
        """The last cluster, 0 when there is none."""
        if len(self.runs) == 0:
            return 0
        run = self.runs[-1]
        return run.cluster + run.count - 1

    def run_of(self, index: int) -> Run:
        """The run in which cluster `index` of the file is; there is such a one."""
        low = 0
        high = len(self.runs) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.runs[middle].index <= index:
                low = middle
            else:
                high = middle - 1
        return self.runs[low]

    def at(self, index: int) -> int:
        """Cluster `index` of the file, which there is."""
        run = self.run_of(index)
        return run.cluster + index - run.index

    def add(self, cluster: int) -> None:
        """One more at the end."""
        if len(self.runs) > 0 and self.last + 1 == cluster:
            self.runs[-1].count += 1
        else:
            self.runs.append(Run(self.count, cluster, 1))
        self.count += 1

    def cut(self, count: int) -> list[int]:
        """Only the first `count` stay; the others."""
        gone: list[int] = []
        while self.count > count:
            run = self.runs[-1]
            keep = max(count - run.index, 0)
            gone += range(run.cluster + keep, run.cluster + run.count)
            self.count -= run.count - keep
            run.count = keep
            if keep == 0:
                self.runs.pop()
        return gone


class Table:
    """The table of one file system. Who calls holds the file system's mutex."""

    def __init__(self, metadata: Metadata, geometry: Geometry) -> None:
        self._metadata = metadata
        self._geometry = geometry
        self._start = geometry.table_start + geometry.main_table * geometry.table_size
        self._free = UNKNOWN
        self._reserved = 0
        self._next = FIRST_CLUSTER
        self._leaving: list[int] = []

    # Entries

    def get(self, cluster: int) -> int:
        """What follows a cluster: another one, END, FREE or BAD. EIO for what cannot be."""
        if not self._geometry.is_cluster(cluster):
            raise Errno(EIO, "there is no such cluster")
        bits = self._geometry.bits
        if bits == 32:
            value = self._metadata.u32(self._start + 4 * cluster) & 0x0FFFFFFF
        elif bits == 16:
            value = self._metadata.u16(self._start + 2 * cluster)
        else:
            value = self._metadata.u16(self._start + cluster + cluster // 2) >> 4 * (cluster & 1) & 0xFFF
        highest = 0x0FFFFFFF if bits == 32 else (1 << bits) - 1
        if value >= highest - 7:
            return END
        if value == highest - 8:
            return BAD
        if value != FREE and not self._geometry.is_cluster(value):
            raise Errno(EIO, "a chain leads to a cluster that there is not")
        return value

    def _set(self, cluster: int, value: int) -> None:
        bits = self._geometry.bits
        if bits == 32:
            offset = self._start + 4 * cluster
            number = self._metadata.u32(offset) & 0xF0000000 | value & 0x0FFFFFFF
            self._metadata.write(offset, number.to_bytes(4, "little"))
        elif bits == 16:
            self._metadata.write(self._start + 2 * cluster, (value & 0xFFFF).to_bytes(2, "little"))
        else:
            offset = self._start + cluster + cluster // 2
            number = self._metadata.u16(offset)
            number = number & 0x000F | (value & 0xFFF) << 4 if cluster & 1 else number & 0xF000 | value & 0xFFF
            self._metadata.write(offset, number.to_bytes(2, "little"))

    def chain(self, first: int) -> Chain:
        """The chain that begins at a cluster (0: an empty one). EIO when it is damaged."""
        chain = Chain()
        cluster = first
        while cluster != 0:
            if chain.count >= self._geometry.clusters:
                raise Errno(EIO, "a chain without end")
            following = self.get(cluster)
            if following == FREE or following == BAD:
                raise Errno(EIO, "a chain leads to a cluster that is not in use")
            chain.add(cluster)
            cluster = 0 if following == END else following
        return chain

    # Free clusters

    def free_count(self) -> int:
        """How many are free, those that are leaving included, reserved ones not."""
        if self._free == UNKNOWN:
            count = 0
            for cluster in range(FIRST_CLUSTER, FIRST_CLUSTER + self._geometry.clusters):
                if self._is_free(cluster):
                    count += 1
            self._free = count + len(self._leaving)
        return self._free - self._reserved

    @property
    def has_free(self) -> bool:
        """Is one free that is not leaving?"""
        return self.free_count() > 0 and self._free > len(self._leaving)

    def unpromised(self) -> int:
        """How many the table itself has as free."""
        return self.free_count() + self._reserved - len(self._leaving)

    def _is_free(self, cluster: int) -> bool:
        try:
            return self.get(cluster) == FREE
        except Errno as error:
            if error.code == EIO and self._geometry.is_cluster(cluster):
                return False  # damaged, but in use
            raise

    def reserve(self, count: int) -> None:
        """Promise clusters that extend() will take. ENOSPC."""
        if count > self.free_count():
            raise Errno(ENOSPC, "no free cluster")
        self._reserved += count

    def unreserve(self, count: int) -> None:
        """Take a promise back."""
        self._reserved -= count

    @property
    def next_free(self) -> int:
        """Where the search for a free cluster goes on."""
        return self._next

    def extend(self, chain: Chain) -> int:
        """Add a cluster to a chain, the next on the disk if possible; the cluster. ENOSPC when all that is free is reserved or leaving.

        The caller stores the first cluster of a chain that was empty.
        """
        if not self.has_free:
            raise Errno(ENOSPC, "no free cluster")
        cluster = self._find(chain.last + 1 if chain.count > 0 else self._next)
        self._set(cluster, END)
        if chain.count > 0:
            self._set(chain.last, cluster)
        chain.add(cluster)
        self._free -= 1
        self._next = cluster + 1
        return cluster

    def _find(self, start: int) -> int:
        end = FIRST_CLUSTER + self._geometry.clusters
        cluster = start if self._geometry.is_cluster(start) else FIRST_CLUSTER
        for _ in range(self._geometry.clusters):
            if self._is_free(cluster):
                return cluster
            cluster = cluster + 1 if cluster + 1 < end else FIRST_CLUSTER
        raise Errno(EIO, "the table has fewer free clusters than were counted")

    def shorten(self, chain: Chain, count: int) -> None:
        """Only the first `count` clusters of a chain stay; the others leave."""
        if chain.count <= count:
            return
        gone = chain.cut(count)
        if chain.count > 0:
            self._set(chain.last, END)
        if self._free != UNKNOWN:
            self._free += len(gone)
        self._leaving += gone

    # Step 4

    @property
    def has_leaving(self) -> bool:
        """Are there clusters that wait to become free?"""
        return len(self._leaving) > 0

    def free_leaving(self) -> None:
        """The directories on the disk name them no more: now they are free in the table, too."""
        for cluster in self._leaving:
            self._set(cluster, FREE)
            self._metadata.forget(cluster)
        self._leaving.clear()
