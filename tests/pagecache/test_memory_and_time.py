"""Short memory, old pages, errors told once, readers that wait for one another."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import objects.mapped
from objects.file import File, InodePager
from objects.inode import FileSystem
from objects.object import Rights, Status
from objects.view import Location, Mount, MountFlags
from scarlet.kernel import clock, scheduler
from scarlet.kernel.memory import frames, pagetable
from scarlet.kernel.memory.area import Access, Locking, Protection
from scarlet.kernel.memory.buffer import Buffer, KernelBytes
from scarlet.kernel.memory.locking import set_locking
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.mutex import Mutex
from scarlet.lang import u64
from scarlet.lang.errno import EINVAL, EIO, Errno
from scarlet.machine import physmem
from tests.pagecache.interleave import CachedInode, Owner, Owners
from tests.pagecache.support import PAGE, BlockFile, Store, bench, on_disk, read, write
from vfs.blockfile import DiskInode
from vfs.blockpart import Part
from vfs.filedisk import FileDisk
from vfs.pagecache import filling, flushing, planning, reclaim, spare, writeback
from vfs.pagecache.backing import Extent
from vfs.pagecache.cache import PageCache
from vfs.pagecache.index import PageIndex
from vfs.pagecache.page import Page, totals
from vfs.pagecache.spare import Spare

SMALL = 1 << 20
LARGE = 2 << 20


def pattern(count: int) -> bytes:
    return b"".join([index.to_bytes(4, "little") * (PAGE // 4) for index in range(count // PAGE)])


def test_a_file_larger_than_memory_is_read_and_what_is_used_often_stays() -> None:
    with bench(memory=SMALL, disk=2 * LARGE) as b:
        content = pattern(LARGE)
        file = b.file(content)

        def body() -> None:
            for offset in range(0, LARGE, 8 * PAGE):
                assert read(file, offset, 8 * PAGE) == content[offset : offset + 8 * PAGE]
                assert read(file, 0, PAGE) == content[:PAGE]
            assert 0 in file.pages and 100 not in file.pages
            assert frames.free_frames() >= frames.reserve_frames()

        b.go(body)
        assert len([True for offset, _count in b.disk.reads() if offset == file.backing.blocks[0] * PAGE]) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("patient", [False, True])
def test_a_file_larger_than_memory_is_written(patient: bool) -> None:
    with bench(memory=SMALL, disk=2 * LARGE, patient=patient) as b:
        file = b.file()
        content = pattern(LARGE)

        def body() -> None:
            most = 0
            for offset in range(0, LARGE, 16 * PAGE):
                assert write(file, offset, content[offset : offset + 16 * PAGE]) == 16 * PAGE
                most = max(most, totals.dirty)
            assert most < 100, "a fifth of the memory, or 64 pages"
            file.sync()
            assert on_disk(file) == content

        b.go(body)


@contextmanager
def a_mapping(file: PageCache) -> Iterator[tuple[AddressSpace, int]]:
    """All of a large file, mapped shared by the only process."""
    owners = Owners()
    before = objects.mapped.processes
    objects.mapped.processes = owners  # type: ignore[assignment]
    pagetable.init()
    inode = CachedInode(file)
    space = AddressSpace()
    owners.owners.append(Owner(space))
    try:
        yield space, space.map_area(0, LARGE, Protection.READ | Protection.WRITE, shared=True, pager=InodePager(inode))
        space.remove_range(0, 1 << 38)
    finally:
        objects.mapped.processes = before


def test_a_mapping_larger_than_memory_is_read_and_written() -> None:
    with bench(memory=SMALL, disk=2 * LARGE) as b, a_mapping(file := b.file(pattern(LARGE))) as (space, base):

        def body() -> None:
            for index in range(LARGE // PAGE):
                pa = space.locate(base + index * PAGE, Access.READ)
                assert physmem.load32(pa) == index
            for index in range(LARGE // PAGE):
                physmem.store32(space.locate(base + index * PAGE + 8, Access.WRITE), index * 3)
            file.sync()
            data = on_disk(file)
            for index in range(LARGE // PAGE):
                expected = b"".join([value.to_bytes(4, "little") for value in (index, index, index * 3)])
                assert data[index * PAGE : index * PAGE + 12] == expected

        b.go(body)


def test_locked_pages_are_not_taken_when_memory_is_short() -> None:
    with bench(memory=SMALL, disk=2 * LARGE) as b, a_mapping(b.file(pattern(LARGE))) as (space, base):

        def body() -> None:
            locked = 80
            set_locking(space, u64(base), u64(locked * PAGE), Locking.LOCKED)
            for index in range(LARGE // PAGE):
                space.locate(base + index * PAGE, Access.READ)
            present = space.residency(u64(base), u64(LARGE))
            assert present[:locked] == b"\1" * locked
            assert sum(present[locked:]) < LARGE // PAGE // 2

        b.go(body)


def test_two_readers_of_a_missing_page_make_one_transfer() -> None:
    with bench(patient=True) as b:
        content = pattern(4 * PAGE)
        file = b.file(content)

        def body() -> None:
            assert read(file, 2 * PAGE, PAGE) == content[2 * PAGE : 3 * PAGE]

        b.go(body, body, body)
        assert len(b.disk.reads()) == 1


def test_what_is_dirty_is_written_after_five_seconds() -> None:
    with bench() as b:
        file = b.file(pattern(2 * PAGE))

        def body() -> None:
            write(file, 10, b"late")
            scheduler.sleep(clock.monotonic_ns() + 4_000_000_000, interruptible=False)
            assert b.disk.writes() == []
            scheduler.sleep(clock.monotonic_ns() + 2_000_000_000, interruptible=False)
            assert len(b.disk.writes()) == 1 and totals.dirty == 0
            write(file, 10, b"soon")
            file.start_write_back()
            scheduler.yield_now()
            scheduler.yield_now()
            assert len(b.disk.writes()) == 2
            assert writeback._dirty == []

        b.go(body)


def opened(inode: CachedInode, status: Status = Status.NONE) -> File:
    mount = Mount(FileSystem(b"test", 1), inode, None, MountFlags.NONE, b"test")
    return File(inode, Location(mount, inode, None, b"f"), Rights.READ | Rights.WRITE, status)


def test_each_open_file_learns_once_of_a_write_that_failed() -> None:
    with bench() as b:
        file = b.file(pattern(4 * PAGE))
        inode = CachedInode(file)
        inode.errors = file.errors
        inode.sync = lambda *, data_only: file.sync()  # type: ignore[method-assign]
        b.disk.bad.add(file.backing.blocks[1] * 8)  # type: ignore[attr-defined]

        def fails(what: File) -> bool:
            try:
                what.sync(data_only=False)
            except Errno as error:
                assert error.code == EIO
                return True
            return False

        def body() -> None:
            first, second = opened(inode), opened(inode)
            write(file, PAGE, b"x" * PAGE)
            writeback.write_everything()
            unheard = opened(inode)
            assert fails(first) and not fails(first)
            assert fails(second) and not fails(second)
            assert fails(unheard) and not fails(unheard), "nobody had been told when it was opened"
            assert not fails(opened(inode))

        b.go(body)


def test_a_disk_node_is_synchronised_with_a_flush_and_a_partition_is_a_part() -> None:
    with bench() as b:
        part = Part(b.disk, 8192, 65536, read_only=False)
        node = DiskInode(FileSystem(b"bdev", 0), 1, part)

        def body() -> None:
            assert node.write_at(KernelBytes(bytearray(b"q" * 700)), 1000) == 700
            assert b.disk.data == bytes(1 << 20)
            node.sync(data_only=True)
            assert b.disk.stable[8192 + 1000 : 8192 + 1700] == b"q" * 700 and b.disk.stable.count(b"q") == 700
            assert b.disk.statistics.sectors == [8, 8] and part.statistics.requests == [1, 1]
            with pytest.raises(Errno) as error:
                part.read(65536, 512)
            assert error.value.code == EINVAL

        b.go(body)


def test_direct_transfers_are_whole_sectors_and_pass_the_cache() -> None:
    with bench() as b:
        content = pattern(8 * PAGE)
        file = b.file(content + b"end")

        def body() -> None:
            for count, offset in ((511, 0), (512, 100), (0, 1)):
                with pytest.raises(Errno) as error:
                    file.read_direct(KernelBytes(bytearray(count)), offset)
                assert error.value.code == EINVAL
            data = bytearray(2 * PAGE)
            assert file.read_direct(KernelBytes(data), 512) == 2 * PAGE and data == content[512 : 512 + 2 * PAGE]
            assert file.read_direct(KernelBytes(data), 8 * PAGE) == 3 and data[:3] == b"end"
            assert len(file.pages) == 0
            assert file.write_direct(KernelBytes(bytearray(b"d" * PAGE)), PAGE) == PAGE
            assert on_disk(file)[PAGE : 2 * PAGE] == b"d" * PAGE and len(file.pages) == 0
            assert read(file, PAGE, PAGE) == b"d" * PAGE

        b.go(body)


class Image(CachedInode):
    """A file that a disk can be in."""

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read(buffer, offset)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.write(buffer, offset)

    def sync(self, *, data_only: bool) -> None:
        self.cache.sync()


class Inner(BlockFile):
    """A file on a disk in a file; blocks are chosen under a mutex, which needs the disk, as a bitmap does."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.mutex = Mutex()

    def allocate(self, offset: int, count: int) -> list[Extent]:
        with self.mutex:
            self.store.device.read(offset % (LARGE // 2), PAGE)
            return super().allocate(offset, count)


def test_a_file_on_a_disk_in_a_file_is_larger_than_memory() -> None:
    with bench(memory=SMALL, disk=2 * LARGE) as b:
        image = Image(b.file(bytes(LARGE)))
        device = FileDisk(image)
        file = PageCache(Inner(Store(device, PAGE, random.Random(1))), 0)
        content = pattern(SMALL)

        def body() -> None:
            for offset in range(0, SMALL, 16 * PAGE):
                assert write(file, offset, content[offset : offset + 16 * PAGE]) == 16 * PAGE
            file.sync()
            device.flush()
            read(image.cache, 0, LARGE)
            file.give_back(0, SMALL)
            assert read(file, 0, SMALL) == content

        b.go(body)


def test_who_does_the_work_of_a_disk_does_not_wait_for_what_it_is_writing() -> None:
    """Pages on their way to a disk in a file become pages of that file, which are dirty too, and may be too many: but who makes them may
    not help with write-back, which waits for the first."""
    with bench(memory=4 * SMALL, disk=2 * LARGE) as b:
        image = Image(b.file(bytes(LARGE)))
        file = PageCache(BlockFile(Store(FileDisk(image), PAGE, random.Random(1))), 0)

        def body() -> None:
            for index in range(150):
                write(file, 2 * index * PAGE, bytes([index]) * PAGE)
            assert len(file.dirty) == 150
            taken = [frames.allocate() for _ in range(frames.free_frames() - frames.reserve_frames() - 50)]
            file.sync()
            for frame in taken:
                frames.unref(frame)
            file.give_back(0, LARGE)
            for index in range(150):
                assert read(file, 2 * index * PAGE, PAGE) == bytes([index]) * PAGE

        b.go(body)


class Fails:
    """Calls something, but the n-th call fails for lack of memory."""

    def __init__(self, what: Callable[..., object], turn: int) -> None:
        self.what = what
        self.left = turn

    def __call__(self, *arguments: object, **named: object) -> object:
        self.left -= 1
        if self.left == 0:
            raise MemoryError
        return self.what(*arguments, **named)


@pytest.mark.parametrize("turn", [1, 2, 20])
@pytest.mark.parametrize("where", ["place", "transfer", "run", "clock"])
def test_no_page_stays_on_its_way_when_memory_ends_while_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, where: str, turn: int) -> None:
    with bench(patient=True) as b:
        content = pattern(64 * PAGE)
        file = b.file(content)
        b.disk.most_pieces = 1
        match where:
            case "place":
                put = Fails(file.pages.put, turn)
                monkeypatch.setattr(file.pages, "put", put)
            case "clock":
                monkeypatch.setattr(reclaim.clock, "enter", Fails(reclaim.clock.enter, turn))
            case "transfer":
                monkeypatch.setattr(filling, "FillTransfer", Fails(filling.FillTransfer, turn))
            case _:
                monkeypatch.setattr(planning, "Run", Fails(planning.Run, turn))

        def body() -> None:
            for _ in range(3):  # it may fail, but it ends
                try:
                    assert content.startswith(read(file, 0, 40 * PAGE))
                except (Errno, MemoryError):
                    pass
            assert read(file, 0, 64 * PAGE) == content
            assert sorted(page.index for page in file.pages.values()) == list(range(64))
            assert totals.cached == len(file.pages) == reclaim.clock.count == 64

        b.go(body)


@pytest.mark.parametrize("turn", [1, 2, 5])
@pytest.mark.parametrize("where", ["Transfer", "WriteRun", "_protect", "plan_pages", "_runs", "_unwritten"])
def test_no_page_stays_on_its_way_when_memory_ends_while_it_is_written(monkeypatch: pytest.MonkeyPatch, where: str, turn: int) -> None:
    with bench(patient=True) as b:
        file = b.file(pattern(64 * PAGE))
        b.disk.most_pieces = 1

        def body() -> None:
            for index in range(0, 64, 7):
                write(file, index * PAGE, b"new" * 100)
            monkeypatch.setattr(flushing, where, Fails(getattr(flushing, where), turn))
            for _ in range(turn + 1):
                try:
                    file.sync()
                except Errno as error:
                    assert error.code == EIO
            assert totals.writing == file.writing == totals.dirty == 0 and writeback._dirty == []
            for index in range(0, 64, 7):
                write(file, index * PAGE, b"old" * 100)
            file.sync()
            for index in range(0, 64, 7):
                assert on_disk(file)[index * PAGE : index * PAGE + 300] == b"old" * 100

        b.go(body)


def test_who_writes_is_not_held_up_for_ever_when_nothing_can_be_written_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the thread for it nor a program tries again and again without a pause, in which alone a device could interrupt."""
    with bench(memory=SMALL, disk=2 * LARGE) as b:
        file = b.file(bytes(LARGE // 2))
        tries: list[int] = []

        def body() -> None:
            with monkeypatch.context() as patch:
                patch.setattr(flushing, "_runs", lambda *_: tries.append(1) or Fails(len, 1)())
                for index in range(100):
                    write(file, index * PAGE, b"x" * PAGE)
                scheduler.sleep(clock.monotonic_ns() + 1_000_000_000, interruptible=False)
                assert totals.dirty == 100 and 40 < len(tries) < 60
            scheduler.sleep(clock.monotonic_ns() + 6_000_000_000, interruptible=False)
            assert totals.dirty == 0

        b.go(body)


class Hoard(Spare):
    """Frames that nobody needs."""

    def __init__(self, count: int) -> None:
        self.frames = [frames.allocate() for _ in range(count)]

    def shed(self) -> bool:
        found = len(self.frames) > 0
        for frame in self.frames:
            frames.unref(frame)
        self.frames = []
        return found


def test_what_is_kept_for_later_goes_before_anything_is_written_or_taken_from_programs() -> None:
    with bench(memory=SMALL, disk=2 * LARGE) as b:
        file = b.file(bytes(LARGE))

        def body() -> None:
            hoard = Hoard(100)
            spare.offer(hoard)
            write(file, 0, b"d" * 20 * PAGE)
            taken: list[int] = []
            while len(hoard.frames) > 0:
                taken.append(reclaim.new_frame(file))
            assert b.disk.writes() == [] and len(taken) < 160
            for frame in taken:
                frames.unref(frame)

        b.go(body)


def test_bytes_reach_a_disk_when_only_the_reserve_is_left() -> None:
    with bench(memory=SMALL) as b:

        def body() -> None:
            taken = [frames.allocate() for _ in range(frames.free_frames() - frames.reserve_frames())]
            data = pattern(64 * PAGE)
            b.disk.write(0, data)
            assert b.disk.read(0, len(data)) == data
            for frame in taken:
                frames.unref(frame)
            b.disk.log.clear()
            assert b.disk.read(0, len(data)) == data
            assert len(b.disk.log) == 2, "with memory in large pieces there are few transfers"

        b.go(body)


def test_the_index_of_pages_against_a_dict() -> None:
    choice = random.Random(7)
    with bench() as b:
        file = b.file()
        index = PageIndex()
        model: dict[int, Page] = {}
        for _ in range(4000):
            number = choice.choice([choice.randrange(200), choice.randrange(1 << 20), (1 << 51) - choice.randrange(1, 70)])
            if number in model:
                model.pop(number)
                index.pop(number)
            else:
                model[number] = Page(file.link, number)
                index.put(model[number])
            seen = choice.choice([number, number + 1, number ^ 63, choice.randrange(300)])
            assert index.get(seen) is model.get(seen) and (seen in index) == (seen in model)
            assert len(index) == len(model)
        assert sorted(page.index for page in index.values()) == sorted(model)
        index.clear()
        assert len(index) == 0 and list(index.values()) == []


def test_the_clock_has_a_place_for_every_page() -> None:
    choice = random.Random(8)
    with bench() as b:
        file = b.file()
        hands = reclaim.Clock()
        pages: list[Page] = []
        for step in range(6000):
            if pages and choice.random() < (0.2 if step < 3000 else 0.8):
                hands.leave(pages.pop(choice.randrange(len(pages))))
            else:
                pages.append(Page(file.link, step))
                hands.enter(pages[-1])
            assert hands.count == len(pages)
        assert all(hands.rows[page.place // reclaim.ROW][page.place % reclaim.ROW] is page for page in pages)
        assert sum(len(row) for row in hands.rows) == len(pages) and all(hands.rows)
