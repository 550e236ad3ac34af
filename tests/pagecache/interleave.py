"""Several threads at several files of one disk, in an order that a seed chooses.

Each file has one thread that changes it (write, append, cut, punch, store through a mapping, sync, power cut) and compares all it sees with
a model of plain bytes. Beside them threads read, write back, give pages back and read ahead. The disk finishes transfers in any order,
blocks that are given back are spoiled and soon belong to another file, and the file system lets other threads run wherever it may sleep.

`python -m tests.pagecache COUNT [FIRST]` runs many seeds.
"""

import random
import weakref
from collections.abc import Callable

import objects.mapped
from objects.file import InodePager
from objects.inode import FileSystem, Inode, InodeType
from scarlet.kernel import scheduler
from scarlet.kernel.memory import pagetable
from scarlet.kernel.memory.area import Access, Protection
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang.errno import ENOSPC, Errno
from scarlet.machine import physmem
from tests.pagecache.support import PAGE, Bench, BlockFile, on_disk, read, write
from vfs.pagecache import reclaim, writeback
from vfs.pagecache.cache import AT_END, PageCache

LARGEST = 24 * PAGE
MAPPED = LARGEST + PAGE


class CachedInode(Inode):
    """What a file system makes of a cache."""

    def __init__(self, cache: PageCache) -> None:
        super().__init__(FileSystem(b"test", 1), 1, InodeType.REGULAR)
        self.cache = cache
        cache.owner = weakref.ref(self)

    def size(self) -> int:
        return self.cache.size

    def page(self, index: int, *, write: bool) -> int:
        return self.cache.page(index, write=write)

    def resident(self, index: int) -> int:
        return self.cache.resident(index)

    def tracks_writes(self) -> bool:
        return True


class Owner:
    """A process, as far as objects/mapped.py looks at one."""

    def __init__(self, space: AddressSpace) -> None:
        self.space = space


class Owners:
    """The process table."""

    def __init__(self) -> None:
        self.owners: list[Owner] = []

    def all(self) -> list[Owner]:
        return self.owners


class Actor:
    """The one thread that changes a file."""

    def __init__(self, bench: Bench, owners: Owners, choice: random.Random, operations: int) -> None:
        self.bench = bench
        self.choice = choice
        self.operations = operations
        self.model = bytearray(choice.randbytes(choice.randrange(0, LARGEST)))
        self.cache = bench.file(bytes(self.model))
        self.inode = CachedInode(self.cache)
        self.space = AddressSpace()
        owners.owners.append(Owner(self.space))
        self.shared = self._map(shared=True)
        self.private = self._map(shared=False)
        backing = self.cache.backing
        assert isinstance(backing, BlockFile)
        self.backing = backing
        backing.pause = self._pause
        self.done: list[str] = []

    def _map(self, *, shared: bool) -> int:
        protection = Protection.READ | Protection.WRITE if shared else Protection.READ
        return self.space.map_area(0, MAPPED, protection, shared=shared, pager=InodePager(self.inode))

    def _pause(self) -> None:
        if self.choice.random() < 0.5:
            scheduler.yield_now()

    def run(self) -> None:
        actions = [
            self._write, self._write, self._append, self._cut, self._punch, self._store, self._store, self._look, self._look_mapped,
            self._sync, self._write_direct, self._read_direct,
        ]  # fmt: skip
        for _ in range(self.operations):
            action = self.choice.choice(actions)
            try:
                action()
            except Errno as error:
                assert error.code == ENOSPC, f"{self.done[-8:]}: {error}"
                self._forget_what_failed()
            if self.choice.random() < 0.3:
                self._look()
            scheduler.yield_now()
        self._look()
        self._sync()

    def _forget_what_failed(self) -> None:
        """A write that met a full disk has written some of it: take over how much."""
        data = read(self.cache, 0, LARGEST * 2)
        assert len(data) == self.cache.size
        self.model[:] = data

    def _range(self) -> tuple[int, int]:
        offset = self.choice.randrange(LARGEST)
        if self.choice.random() < 0.4:
            offset = offset // PAGE * PAGE
        return offset, min(self.choice.choice([1, 100, 700, PAGE, 3 * PAGE, 5000]), LARGEST - offset)

    def _put(self, offset: int, data: bytes) -> None:
        if len(self.model) < offset:
            self.model.extend(bytes(offset - len(self.model)))
        self.model[offset : offset + len(data)] = data

    def _write(self) -> None:
        offset, count = self._range()
        self.done.append(f"write {offset} {count}")
        data = self.choice.randbytes(count)
        written = write(self.cache, offset, data)
        self._put(offset, data[:written])
        assert written == count or self.bench.store.reserved >= 0

    def _append(self) -> None:
        count = min(self.choice.randrange(1, 3000), LARGEST - len(self.model))
        if count > 0:
            self.done.append(f"append {count}")
            data = self.choice.randbytes(count)
            self._put(len(self.model), data[: write(self.cache, AT_END, data)])

    def _cut(self) -> None:
        size = self.choice.randrange(LARGEST)
        self.done.append(f"cut {size}")
        with self.cache.mutex, self.cache.resizing(size):
            self._pause()
            if size < len(self.model):
                self.backing.free_from(-(-size // self.bench.store.block), 1 << 40)
            self._pause()
        self.model[:] = self.model[:size] + bytes(max(size - len(self.model), 0))

    def _punch(self) -> None:
        offset, count = self._range()
        self.done.append(f"punch {offset} {count}")
        with self.cache.mutex, self.cache.closed(offset, offset + count) as hole:
            self._pause()
            blocks = PAGE // self.bench.store.block
            self.backing.free_from(hole.first * blocks, hole.end * blocks)
            self._pause()
        end = min(offset + count, len(self.model))
        if offset < end:
            self.model[offset:end] = bytes(end - offset)

    def _store(self) -> None:
        """A program stores into the shared mapping."""
        if len(self.model) == 0:
            return
        offset = self.choice.randrange(len(self.model))
        count = min(self.choice.choice([1, 8, 300, PAGE]), len(self.model) - offset)
        self.done.append(f"store {offset} {count}")
        while count > 0:
            part = min(count, PAGE - offset % PAGE)
            data = self.choice.randbytes(part)
            try:
                pa = self.space.locate(self.shared + offset, Access.WRITE)
            except Errno:
                free = (len(self.bench.store.free) - self.bench.store.reserved) * self.bench.store.block
                assert free < PAGE, "a page cannot be stored into though there is room on the disk"
                return
            physmem.write(pa, data)
            self._put(offset, data)
            offset += part
            count -= part

    def _look(self) -> None:
        offset, count = self._range()
        if self.choice.random() < 0.5:
            offset, count = 0, LARGEST * 2
        expected = bytes(self.model[offset : offset + count])
        assert read(self.cache, offset, count) == expected, f"read {offset} {count} after {self.done[-8:]}"

    def _look_mapped(self) -> None:
        """A program reads a whole page through a mapping: behind the end there are zeros."""
        if len(self.model) == 0:
            return
        index = self.choice.randrange(len(self.model)) // PAGE
        base = self.choice.choice([self.shared, self.private])
        pa = self.space.locate(base + index * PAGE, Access.READ)
        expected = bytes(self.model[index * PAGE : (index + 1) * PAGE]).ljust(PAGE, b"\0")
        assert physmem.read(pa, PAGE) == expected, f"page {index} after {self.done[-8:]}"

    def _sync(self) -> None:
        """After it, the file survives a power cut."""
        self.done.append("sync")
        self.cache.sync()
        self.bench.disk.flush()
        assert on_disk(self.cache) == bytes(self.model), f"the disk after {self.done[-8:]}"

    def _write_direct(self) -> None:
        offset = self.choice.randrange(LARGEST) // 512 * 512
        count = min(self.choice.choice([512, 1024, PAGE, 2 * PAGE, 6 * PAGE]), LARGEST - offset)
        if self.choice.random() < 0.5:
            offset, count = offset // PAGE * PAGE, max(count // PAGE, 1) * PAGE
        self.done.append(f"write_direct {offset} {count}")
        data = self.choice.randbytes(count)
        written = self.cache.write_direct(KernelBytes(bytearray(data)), offset)
        self._put(offset, data[:written])

    def _read_direct(self) -> None:
        offset = self.choice.randrange(LARGEST) // 512 * 512
        data = bytearray(self.choice.choice([512, PAGE, 5 * PAGE]))
        self.done.append(f"read_direct {offset} {len(data)}")
        count = self.cache.read_direct(KernelBytes(data), offset)
        assert bytes(data[:count]) == bytes(self.model[offset : offset + len(data)]), f"after {self.done[-8:]}"


def _noise(actors: list[Actor], left: list[int], choice: random.Random) -> Callable[[], None]:
    """A thread of its own that bothers the files without changing what is in them."""

    def body() -> None:
        while left[0] > 0:
            cache = choice.choice(actors).cache
            match choice.randrange(8):
                case 0:
                    cache.sync()
                case 1:
                    reclaim.clock.turn(choice.randrange(1, 20), unmap=False)
                case 2:
                    reclaim.clock.turn(choice.randrange(1, 20), unmap=True)
                case 3:
                    cache.read_ahead(choice.randrange(LARGEST), choice.randrange(LARGEST))
                case 4:
                    cache.give_back(0, cache.size)
                case 5:
                    writeback.write_everything()
                case _:
                    read(cache, choice.randrange(LARGEST), choice.randrange(1, 4 * PAGE))
            scheduler.yield_now()

    return body


def run(seed: int, *, operations: int = 40) -> None:
    """One run. AssertionError when a file is not what it should be."""
    choice = random.Random(seed)
    bench = Bench(
        memory=choice.choice([1 << 20, 4 << 20]),
        disk=choice.choice([64, 256]) * PAGE,
        patient=True,
        block=choice.choice([512, 1024, 4096]),
        seed=seed,
    )
    before = objects.mapped.processes
    owners = Owners()
    objects.mapped.processes = owners  # type: ignore[assignment]
    try:
        pagetable.init()
        actors = [Actor(bench, owners, random.Random(seed * 10 + index), operations) for index in range(2)]
        left = [len(actors)]

        def acting(actor: Actor) -> Callable[[], None]:
            def body() -> None:
                try:
                    actor.run()
                finally:
                    left[0] -= 1

            return body

        bench.go(*[acting(actor) for actor in actors], *[_noise(actors, left, random.Random(seed * 100 + index)) for index in range(2)])
    finally:
        for owner in owners.owners:
            owner.space.remove_range(0, 1 << 38)
        objects.mapped.processes = before
        bench.close()
