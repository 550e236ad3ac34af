"""The content of tmpfs files: holes, sizes, pages for mmap, space, times."""

from objects.inode import InodeType
from objects.object import AllocateMode
from scarlet.kernel import clock
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import EFAULT, Errno
from scarlet.machine import physmem
from tests.vfs.support import Tree, outcome, read_all, read_at, write_at
from vfs.tmpfs.file import TmpfsFile
from vfs.tmpfs.options import mount_tmpfs, new_tmpfs

PAGE = 4096
PUNCH = AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE


def file_of(tree: Tree, path: bytes = b"/f") -> TmpfsFile:
    tree.write(path, b"")
    inode = tree.inode(path)
    assert isinstance(inode, TmpfsFile)
    return inode


def test_a_gap_reads_as_zeros_and_takes_no_memory(tree: Tree) -> None:
    file = file_of(tree)
    write_at(file, b"end", 10 * PAGE)
    assert file.size() == 10 * PAGE + 3
    assert read_at(file, 10 * PAGE - 2, 10) == b"\0\0end"
    assert file.metadata().blocks == 8


def test_shrinking_and_growing_again_leaves_zeros(tree: Tree) -> None:
    file = file_of(tree)
    write_at(file, b"x" * (2 * PAGE), 0)
    file.truncate(10)
    assert file.metadata().blocks == 8
    file.truncate(3 * PAGE)
    assert read_all(file) == b"x" * 10 + bytes(3 * PAGE - 10)


def test_mapped_page_is_the_memory_of_the_file(tree: Tree) -> None:
    file = file_of(tree)
    write_at(file, b"first", 0)
    frame = file.page(0, write=True)
    physmem.write(frame, b"F")
    write_at(file, b"S", 4)
    assert read_all(file) == b"FirsS"
    assert physmem.read(frame, 6) == b"FirsS\0"
    assert file.page(1, write=True) == 0
    frames.unref(frame)


def test_mapped_page_outlives_truncation_and_deletion(tree: Tree) -> None:
    file = file_of(tree)
    write_at(file, b"data", 0)
    frame = file.page(0, write=False)
    file.truncate(0)
    tree.unlink(b"/f")
    del file
    assert physmem.read(frame, 4) == b"data"
    frames.unref(frame)


def test_reading_a_hole_through_a_mapping_makes_no_page(tree: Tree) -> None:
    file = file_of(tree)
    file.truncate(PAGE)
    frame = file.page(0, write=False)
    assert frame == frames.zero_frame()
    frames.unref(frame)
    assert file.metadata().blocks == 0
    assert file.resident(0) == 0


def test_punching_makes_holes_and_zeros_the_edges(tree: Tree) -> None:
    file = file_of(tree)
    write_at(file, b"x" * (4 * PAGE), 0)
    file.allocate(PUNCH, 100, 2 * PAGE)
    assert read_all(file) == b"x" * 100 + bytes(2 * PAGE) + b"x" * (2 * PAGE - 100)
    assert file.metadata().blocks == 3 * 8
    file.allocate(PUNCH, 0, 100 * PAGE)
    assert file.size() == 4 * PAGE
    assert file.metadata().blocks == 0


def test_punching_within_one_page(tree: Tree) -> None:
    file = file_of(tree)
    write_at(file, b"abcdef", 0)
    file.allocate(PUNCH, 1, 2)
    assert read_all(file) == b"a\0\0def"
    file.allocate(PUNCH, 3, 1000)
    assert read_all(file) == b"a\0\0\0\0\0"


def test_reserving_fills_holes_and_may_grow_the_file(tree: Tree) -> None:
    file = file_of(tree)
    file.allocate(AllocateMode.NONE, 0, 3 * PAGE)
    assert (file.size(), file.metadata().blocks) == (3 * PAGE, 24)
    file.allocate(AllocateMode.KEEP_SIZE, 3 * PAGE, PAGE)
    assert (file.size(), file.metadata().blocks) == (3 * PAGE, 32)
    assert outcome(file.allocate, AllocateMode.ZERO_RANGE, 0, 1) == "EOPNOTSUPP"


def test_data_and_holes_are_found(tree: Tree) -> None:
    file = file_of(tree)
    file.truncate(10 * PAGE)
    write_at(file, b"x", 2 * PAGE)
    write_at(file, b"x", 3 * PAGE)
    write_at(file, b"x", 7 * PAGE + 5)
    assert file.next_data(0) == 2 * PAGE
    assert file.next_data(2 * PAGE + 7) == 2 * PAGE + 7
    assert file.next_hole(2 * PAGE + 7) == 4 * PAGE
    assert file.next_data(4 * PAGE) == 7 * PAGE
    assert outcome(file.next_data, 8 * PAGE) == "ENXIO"
    assert file.next_hole(7 * PAGE) == 8 * PAGE
    write_at(file, b"x", 10 * PAGE - 1)
    assert file.next_hole(9 * PAGE) == 10 * PAGE
    assert outcome(file.next_hole, 10 * PAGE) == "ENXIO"


def test_a_full_file_system_writes_what_fits() -> None:
    tree = Tree(new_tmpfs(max_pages=3))
    file = file_of(tree)
    assert write_at(file, b"x" * (5 * PAGE), 0) == 3 * PAGE
    assert outcome(write_at, file, b"x", 3 * PAGE) == "ENOSPC"
    assert outcome(file.allocate, AllocateMode.NONE, 0, 4 * PAGE) == "ENOSPC"
    file.truncate(PAGE)
    assert write_at(file, b"y" * PAGE, PAGE) == PAGE
    assert file.filesystem.statistics().blocks_free == 1


def test_inodes_are_limited_and_come_back() -> None:
    tree = Tree(new_tmpfs(max_inodes=3))
    tree.write(b"/a", b"")
    tree.mkdir(b"/b")
    assert outcome(tree.write, b"/c", b"") == "ENOSPC"
    tree.unlink(b"/a")
    assert outcome(tree.write, b"/c", b"") == "ok"


class Broken(KernelBytes):
    """User memory of which the first `there` bytes are there."""

    def __init__(self, data: bytearray, there: int) -> None:
        super().__init__(data)
        self.there = there

    def reach(self, offset: int, count: int, access: Access) -> int:
        return min(max(self.there - offset, 0), count)

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        good = self.reach(offset, count, Access.READ)
        super().to_physical(offset, pa, good)
        if good < count:
            raise Errno(EFAULT)

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        good = self.reach(offset, count, Access.WRITE)
        super().from_physical(offset, pa, good)
        if good < count:
            raise Errno(EFAULT)


def test_bad_memory_ends_a_transfer_after_the_bytes_before(tree: Tree) -> None:
    file = file_of(tree)
    assert file.write_at(Broken(bytearray(b"x" * (4 * PAGE)), 2 * PAGE + 5), 0) == 2 * PAGE + 5
    assert (file.size(), file.metadata().blocks) == (2 * PAGE + 5, 24)
    assert read_at(file, 2 * PAGE, PAGE) == b"x" * 5
    buffer = Broken(bytearray(2 * PAGE), PAGE + 7)
    assert file.read_at(buffer, 0) == PAGE + 7
    assert buffer.data == b"x" * (PAGE + 7) + bytes(PAGE - 7)


def test_bad_memory_alone_is_an_error_and_changes_nothing(tree: Tree) -> None:
    file = file_of(tree)
    assert outcome(file.write_at, Broken(bytearray(b"y" * PAGE), 0), 4 * PAGE) == "EFAULT"
    assert (file.size(), file.metadata().blocks) == (0, 0)
    write_at(file, b"x", 0)
    assert outcome(file.read_at, Broken(bytearray(PAGE), 0), 0) == "EFAULT"


def test_offsets_beyond_all_sizes(tree: Tree) -> None:
    file = file_of(tree)
    top = (1 << 63) - 1
    assert outcome(write_at, file, b"xx", top - 1) == "EFBIG"
    assert write_at(file, b"x", top - 1) == 1
    assert file.size() == top
    assert read_at(file, top - 2, 10) == b"\0x"
    assert outcome(file.next_data, 0) == "ok"
    file.truncate(0)


def test_access_time_is_relative_unless_strict(tree: Tree) -> None:
    file = file_of(tree)
    file.change_times(5, 10)
    file.accessed(strict=False)
    now = clock.realtime_ns()
    first = file.metadata().atime_ns
    assert 10 < first <= now
    file.change_times(clock.realtime_ns(), 10)
    file.ctime_ns = 20
    before = file.metadata().atime_ns
    file.accessed(strict=False)
    assert file.metadata().atime_ns == before
    file.change_times(30, 10)
    file.ctime_ns = 20
    file.accessed(strict=True)
    assert file.metadata().atime_ns > 30


def test_mount_options() -> None:
    root = mount_tmpfs(b"tmpfs", b"size=1m,nr_inodes=10,mode=750,uid=5,gid=6")
    assert (root.mode, root.uid, root.gid) == (0o750, 5, 6)
    statistics = root.filesystem.statistics()
    assert (statistics.blocks, statistics.files) == (256, 10)
    assert mount_tmpfs(b"", b"").filesystem.statistics().blocks == frames.total_frames() // 2
    assert mount_tmpfs(b"", b"size=25%").filesystem.statistics().blocks == frames.total_frames() // 4
    for bad in (b"size", b"size=", b"size=x", b"color=red", b"mode=9", b"nr_inodes=-1", b"size=99999999999999999999"):
        assert outcome(mount_tmpfs, b"", bad) == "EINVAL"


def test_sparse_giant_is_cheap(tree: Tree) -> None:
    file = file_of(tree)
    file.truncate(1 << 60)
    write_at(file, b"x", 1 << 59)
    assert file.next_data(0) == 1 << 59
    file.truncate(5)
    assert file.metadata().type == InodeType.REGULAR
    assert file.metadata().blocks == 0
