"""Short memory, old pages, errors told once, readers that wait for one another."""

import pytest

import objects.mapped
from objects.file import File, InodePager
from objects.inode import FileSystem
from objects.object import Rights, Status
from objects.view import Location, Mount, MountFlags
from scarlet.kernel import clock, scheduler
from scarlet.kernel.memory import frames, pagetable
from scarlet.kernel.memory.area import Access, Protection
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang.errno import EINVAL, EIO, Errno
from scarlet.machine import physmem
from tests.pagecache.interleave import CachedInode, Owner, Owners
from tests.pagecache.support import PAGE, bench, on_disk, read, write
from vfs.blockfile import DiskInode
from vfs.blockpart import Part
from vfs.pagecache import writeback
from vfs.pagecache.page import totals

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


def test_a_mapping_larger_than_memory_is_read_and_written() -> None:
    with bench(memory=SMALL, disk=2 * LARGE) as b:
        file = b.file(pattern(LARGE))
        owners = Owners()
        before = objects.mapped.processes
        objects.mapped.processes = owners  # type: ignore[assignment]
        pagetable.init()
        inode = CachedInode(file)
        space = AddressSpace()
        owners.owners.append(Owner(space))
        base = space.map_area(0, LARGE, Protection.READ | Protection.WRITE, shared=True, pager=InodePager(inode))

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

        try:
            b.go(body)
            space.remove_range(0, 1 << 38)
        finally:
            objects.mapped.processes = before


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
