"""Disks and files for tests of the page cache: a disk whose transfers end when and in which order the test says, and a file of blocks."""

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from objects.block import SECTOR, BlockDevice, FrameDevice, Operation, Transfer
from scarlet.kernel import scheduler
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import KernelBytes, PhysicalBytes
from scarlet.kernel.threadqueue import SleepQueue
from scarlet.lang.errno import EIO, ENOSPC, Errno
from scarlet.machine import power
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted.layout import RAM_BASE
from tests.kernel.threads import Run
from vfs.pagecache import reclaim, writeback
from vfs.pagecache.backing import HOLE, Backing, Extent
from vfs.pagecache.cache import PageCache
from vfs.pagecache.page import Page, totals

PAGE = 4096
MANY_TURNS = 20_000


class SlowDisk(FrameDevice):
    """A disk of bytes. A transfer ends when `finish_some` picks it, or at once if `patient` is False. `bad`: sectors that fail.

    `stable` is what a power cut leaves: what was there at the last flush, with any sectors of the transfers since (`unflushed`)."""

    def __init__(self, size: int, *, patient: bool = False, pieces: int = 16) -> None:
        super().__init__(size)
        self.data = bytearray(size)
        self.stable = bytearray(size)
        self.patient = patient
        self.most_pieces = pieces
        self.bad: set[int] = set()
        self.waiting: list[Transfer] = []
        self.log: list[tuple[Operation, int, int]] = []
        self.unflushed: list[tuple[int, bytes]] = []
        self.flushes = 0

    def begin(self, transfer: Transfer) -> None:
        self.log.append((transfer.operation, transfer.offset, transfer.count))
        if self.patient:
            self.waiting.append(transfer)
        else:
            self._carry_out(transfer)

    def finish_some(self, choice: random.Random) -> None:
        """Finish one that waits, or a few."""
        for _ in range(choice.randint(1, 3)):
            if self.waiting:
                self._carry_out(self.waiting.pop(choice.randrange(len(self.waiting))))

    def _carry_out(self, transfer: Transfer) -> None:
        offset = transfer.offset
        for piece in transfer.pieces:
            assert piece.count % SECTOR == 0 and piece.pa % SECTOR == 0
            if any(sector in self.bad for sector in range(offset // SECTOR, (offset + piece.count) // SECTOR)):
                transfer.finish(EIO)
                return
            memory = PhysicalBytes(piece.pa, piece.count)
            if transfer.operation is Operation.READ:
                memory.write(0, bytes(self.data[offset : offset + piece.count]))
            else:
                data = memory.read(0, piece.count)
                self.data[offset : offset + piece.count] = data
                self.unflushed.append((offset, data))
            offset += piece.count
        transfer.finish()

    def flush(self) -> None:
        self.flushes += 1
        self.stable[:] = self.data
        self.unflushed.clear()

    def reads(self) -> list[tuple[int, int]]:
        return [(offset, count) for operation, offset, count in self.log if operation is Operation.READ]

    def writes(self) -> list[tuple[int, int]]:
        return [(offset, count) for operation, offset, count in self.log if operation is Operation.WRITE]


class Store:
    """The blocks of a disk: which are free."""

    def __init__(self, device: BlockDevice, block: int, choice: random.Random) -> None:
        self.device = device
        self.block = block
        self.free = list(range(1, device.size // block))
        choice.shuffle(self.free)
        self.reserved = 0


class BlockFile(Backing):
    """A file of blocks, with delayed allocation: allocate() chooses blocks, written() makes them the file's."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.device)
        self.store = store
        self.blocks_are_pages = store.block >= PAGE
        self.blocks: dict[int, int] = {}
        self.chosen: dict[int, int] = {}
        self.reserved: set[int] = set()
        self.holds = 0
        """dirtied() less cleaned()."""
        self.pause: Callable[[], None] = lambda: None

    def map(self, offset: int, count: int) -> list[Extent]:
        self.pause()
        block = self.store.block
        first = offset // block
        extents = []
        for index in range(first, -(-(offset + count) // block)):
            where = self.blocks.get(index)
            extents.append(Extent(index * block, block, HOLE if where is None else where * block))
        return extents

    def reserve(self, offset: int, count: int) -> None:
        self.pause()
        block = self.store.block
        needed = [
            index
            for index in range(offset // block, -(-(offset + count) // block))
            if index not in self.blocks and index not in self.chosen and index not in self.reserved
        ]
        if len(needed) > len(self.store.free) - self.store.reserved:
            raise Errno(ENOSPC)
        self.store.reserved += len(needed)
        self.reserved.update(needed)

    def allocate(self, offset: int, count: int) -> list[Extent]:
        self.pause()
        block = self.store.block
        extents = []
        for index in range(offset // block, -(-(offset + count) // block)):
            where = self.blocks.get(index, self.chosen.get(index))
            if where is None:
                assert index in self.reserved, "a page became dirty without a reservation"
                self.reserved.discard(index)
                self.store.reserved -= 1
                where = self.store.free.pop()
                self.chosen[index] = where
            extents.append(Extent(index * block, block, where * block, unwritten=index not in self.blocks))
        return extents

    def written(self, offset: int, count: int) -> None:
        self.pause()
        for index in range(offset // self.store.block, -(-(offset + count) // self.store.block)):
            if index in self.chosen:
                self.blocks[index] = self.chosen.pop(index)

    def free_from(self, first: int, end: int) -> None:
        """Give blocks back, and spoil them, as a new owner would."""
        for index in [index for index in self.blocks if first <= index < end]:
            block = self.blocks.pop(index)
            start = block * self.store.block
            if isinstance(self.device, SlowDisk):
                self.device.data[start : start + self.store.block] = b"\xee" * self.store.block
            self.store.free.append(block)
        for index in [index for index in self.chosen if first <= index < end]:
            self.store.free.append(self.chosen.pop(index))
        for index in [index for index in self.reserved if first <= index < end]:
            self.reserved.discard(index)
            self.store.reserved -= 1

    def dirtied(self) -> None:
        self.holds += 1
        assert self.holds == 1

    def cleaned(self) -> None:
        self.holds -= 1
        assert self.holds == 0


class Bench:
    """A machine of `memory` bytes and a disk; bodies run in its threads."""

    def __init__(self, *, memory: int = 4 << 20, disk: int = 1 << 20, patient: bool = False, block: int = PAGE, seed: int = 0) -> None:
        reset()
        self.run = Run()
        frames.init([MemoryRange(RAM_BASE, memory)], [])
        self.choice = random.Random(seed)
        self.disk = SlowDisk(disk, patient=patient)
        self.store = Store(self.disk, block, self.choice)

    def file(self, content: bytes = b"") -> PageCache:
        """A file that has this on the disk, and garbage behind its end."""
        backing = BlockFile(self.store)
        block = self.store.block
        for start in range(0, len(content), block):
            where = self.store.free.pop()
            backing.blocks[start // block] = where
            part = content[start : start + block]
            self.disk.data[where * block : (where + 1) * block] = part + b"\xdd" * (block - len(part))
        return PageCache(backing, len(content))

    def go(self, *bodies: Callable[[], None]) -> None:
        """Run the bodies to their end; a patient disk finishes something whenever nobody else can run."""
        left = [len(bodies)]
        failures: list[Exception] = []

        def wrapped(body: Callable[[], None]) -> Callable[[], None]:
            def inner() -> None:
                try:
                    body()
                except Exception as error:  # the others may wait for this thread for ever: end the machine
                    failures.append(error)
                    power.exit(1)
                left[0] -= 1

            return inner

        for body in bodies:
            self.run.thread(wrapped(body))
        if self.disk.patient:
            self.run.thread(wrapped(lambda: self._serve(left)))
        self.run.go()
        if failures:
            raise failures[0]

    def _serve(self, left: list[int]) -> None:
        turns = 0
        while left[0] > 0 or self.disk.waiting:
            self.disk.finish_some(self.choice)
            scheduler.yield_now()
            turns += 1
            assert turns < MANY_TURNS, "somebody sleeps for ever"

    def close(self) -> None:
        """Let nothing of this machine die in the next one: it would free frames there."""
        reset()
        gc.collect()
        for item in gc.get_objects():
            if isinstance(item, Page):
                item.frame = 0
            elif isinstance(item, PageCache):
                item.pages.clear()
        self.run.close()


def reset() -> None:
    """Forget the caches of the machine before."""
    writeback._threads.clear()
    writeback._wanted.sleepers = SleepQueue()
    writeback._periodic.clear()
    writeback._dirty.clear()
    gc.collect()
    reclaim.clock.rows.clear()
    reclaim.clock.count = 0
    reclaim.clock._hand = 0
    reclaim.clock._barren = False
    totals.cached = totals.dirty = totals.writing = 0


@contextmanager
def bench(**options: int) -> Iterator[Bench]:
    made = Bench(**options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()


def read(cache: PageCache, offset: int, count: int) -> bytes:
    data = bytearray(count)
    return bytes(data[: cache.read(buffer_of(data), offset)])


def buffer_of(data: bytearray) -> KernelBytes:
    return KernelBytes(data)


def write(cache: PageCache, offset: int, data: bytes) -> int:
    return cache.write(KernelBytes(bytearray(data)), offset)


def on_disk(cache: PageCache) -> bytes:
    """What the disk has of the file."""
    backing = cache.backing
    assert isinstance(backing, BlockFile) and isinstance(backing.device, SlowDisk)
    block = backing.store.block
    data = bytearray(-(-cache.size // block) * block)
    for index, where in backing.blocks.items():
        if index * block < len(data):
            data[index * block : (index + 1) * block] = backing.device.data[where * block : (where + 1) * block]
    return bytes(data[: cache.size])
