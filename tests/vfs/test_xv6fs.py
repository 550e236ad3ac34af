"""xv6's file system on images that another hand wrote: reading, changing, limits, damage, power cuts."""

import gc
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects.inode import Inode, InodeType
from objects.metadata import RenameFlags
from objects.object import Rights
from scarlet.kernel import scheduler
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno
from scarlet.machine import physmem
from tests.vfs.support import Tree, list_names, outcome, read_all, read_at, write_at
from tests.vfs.xv6image import BLOCK, DINODE, SUPER, Builder, RamDisk, content, image
from vfs.filedisk import FileDisk
from vfs.opening import How
from vfs.xv6fs.check import check
from vfs.xv6fs.content import Content
from vfs.xv6fs.file import Xv6File
from vfs.xv6fs.filesystem import Xv6FileSystem
from vfs.xv6fs.log import Log
from vfs.xv6fs.mount import mount_disk, mount_image

MAX_SIZE = 268 * BLOCK


class Volume:
    """A mounted image."""

    def __init__(self, data: bytes, *, read_only: bool = False, options: bytes = b"") -> None:
        self.disk = RamDisk(data, read_only=read_only)
        self.tree = Tree(mount_disk(self.disk, options))

    @property
    def fs(self) -> Xv6FileSystem:
        found = self.tree.view.root.inode.filesystem
        assert isinstance(found, Xv6FileSystem)
        return found

    def unmount(self) -> bytes:
        """Everything on the disk; sound, or the test fails."""
        self.fs.sync()
        self.tree.close()
        data = bytes(self.disk.data)
        assert check(RamDisk(data)) == []
        return data


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    gc.collect()
    free = frames.free_frames()
    yield
    gc.collect()
    assert frames.free_frames() == free


def big(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def test_an_image_of_mkfs_is_sound_and_reads_as_written() -> None:
    files = {b"README": b"hello\n", b"large": big(100 * BLOCK + 7), b"fourteen_bytes": b"x", b"empty": b""}
    volume = Volume(image(files))
    assert volume.tree.names(b"/") == list(files)
    for name, data in files.items():
        assert volume.tree.read(b"/" + name) == data
    stat = volume.tree.stat(b"/large")
    assert (stat.size, stat.nlink, stat.mode, stat.uid, stat.inode_number) == (100 * BLOCK + 7, 1, 0o755, 0, 3)
    assert volume.unmount() == image(files)


def test_a_root_directory_whose_last_block_is_missing() -> None:
    """64 slots fill a block, and mkfs then counts one more that it never wrote."""
    volume = Volume(image({b"%d" % number: b"" for number in range(62)}))
    root = volume.tree.inode(b"/")
    assert root.size() == 2 * BLOCK
    assert len(list_names(root)) == 62
    volume.tree.write(b"/another", b"x")
    assert root.size() == 2 * BLOCK
    del root
    assert content(volume.unmount())[b"/another"] == b"x"


def test_what_is_written_is_there_for_another_reader_and_after_a_remount() -> None:
    volume = Volume(image({b"old": b"old"}))
    tree = volume.tree
    tree.mkdir(b"/d")
    tree.mkdir(b"/d/e")
    tree.write(b"/d/e/f", big(50_000))
    tree.write(b"/old", b"new")
    tree.link(b"/old", b"/d/same")
    data = volume.unmount()
    expected = {b"/": None, b"/old": b"new", b"/d": None, b"/d/e": None, b"/d/e/f": big(50_000), b"/d/same": b"new"}
    assert content(data) == expected
    again = Volume(data)
    assert again.tree.read(b"/d/e/f") == big(50_000)
    assert again.tree.stat(b"/old").nlink == 2
    assert again.tree.stat(b"/d").nlink == 2
    assert again.unmount() == data


def test_a_file_has_268_blocks_at_most() -> None:
    volume = Volume(image())
    volume.tree.write(b"/f", b"")
    file = volume.tree.inode(b"/f")
    assert write_at(file, bytes(MAX_SIZE + 5), 0) == MAX_SIZE
    assert outcome(write_at, file, b"x", MAX_SIZE) == "EFBIG"
    assert outcome(file.truncate, MAX_SIZE + 1) == "EFBIG"
    file.truncate(3)
    assert file.size() == 3
    del file
    volume.unmount()


def test_a_full_disk_takes_what_fits_and_gives_it_back() -> None:
    volume = Volume(image(size=150))
    statistics = volume.fs.statistics()
    volume.tree.write(b"/f", b"")
    file = volume.tree.inode(b"/f")
    written = write_at(file, big(200 * BLOCK), 0)
    assert written == (statistics.blocks_free - 1) * BLOCK, "all but the indirect block"
    assert read_all(file) == big(200 * BLOCK)[:written]
    assert outcome(write_at, file, b"x" * BLOCK, written) == "ENOSPC"
    assert volume.fs.statistics().blocks_free == 0
    del file
    volume.tree.unlink(b"/f")
    assert volume.fs.statistics().blocks_free == statistics.blocks_free
    volume.unmount()


def test_inodes_run_out() -> None:
    volume = Volume(image(inodes=5))
    for name in (b"/a", b"/b", b"/c"):
        volume.tree.write(name, b"")
    assert outcome(volume.tree.write, b"/d", b"") == "ENOSPC"
    volume.tree.unlink(b"/b")
    volume.tree.write(b"/d", b"")
    volume.unmount()


def test_a_write_behind_the_end_fills_the_gap_with_zeros() -> None:
    volume = Volume(image({b"f": b"abc"}))
    file = volume.tree.inode(b"/f")
    write_at(file, b"end", 30 * BLOCK)
    assert read_all(file) == b"abc" + bytes(30 * BLOCK - 3) + b"end"
    file.truncate(1)
    file.truncate(2 * BLOCK)
    assert read_all(file) == b"a" + bytes(2 * BLOCK - 1)
    del file
    volume.unmount()


def test_names_longer_than_14_bytes_are_refused() -> None:
    volume = Volume(image())
    assert outcome(volume.tree.write, b"/fifteen_bytes__", b"") == "ENAMETOOLONG"
    assert outcome(volume.tree.read, b"/fifteen_bytes__") == "ENAMETOOLONG"
    volume.unmount()


def test_what_xv6_has_no_place_for_is_refused() -> None:
    volume = Volume(image({b"f": b""}), options=b"uid=5,gid=6,umask=077")
    tree = volume.tree
    assert (tree.stat(b"/f").uid, tree.stat(b"/f").gid, tree.stat(b"/f").mode) == (5, 6, 0o700)
    assert outcome(tree.symlink, b"f", b"/l") == "EPERM"
    assert outcome(tree.mknod, b"/p", InodeType.FIFO) == "EPERM"
    assert outcome(tree.mknod, b"/n", InodeType.CHARACTER, 0o600, 0x0103) == "EPERM"
    assert outcome(tree.chmod, b"/f", 0o644) == "EPERM"
    assert outcome(tree.chown, b"/f", 7, 7) == "EPERM"
    tree.chmod(b"/f", 0o700)
    assert outcome(mount_disk, RamDisk(image()), b"size=3") == "EINVAL"
    volume.unmount()


def test_the_console_is_the_console() -> None:
    builder = Builder()
    builder.console()
    volume = Volume(builder.finish())
    assert volume.tree.stat(b"/console").type == InodeType.CHARACTER
    assert volume.tree.stat(b"/console").rdev == 0x0501
    volume.tree.mknod(b"/again", InodeType.CHARACTER, 0o600, 0x0501)
    data = volume.unmount()
    header = SUPER.parse(data[BLOCK:])
    inode = DINODE.parse(data[header.inodestart * BLOCK + 3 * 64 :])
    assert (inode.type, inode.major, inode.minor, inode.nlink) == (3, 1, 1, 1)


def test_a_file_without_a_name_lives_while_it_is_open_and_dies_on_the_disk() -> None:
    volume = Volume(image({b"f": big(20 * BLOCK)}))
    free = volume.fs.statistics().blocks_free
    opened = volume.tree.open(b"/f", Rights.READ)
    volume.tree.unlink(b"/f")
    assert volume.fs.statistics().blocks_free == free
    inode = opened.inode()
    assert inode is not None
    assert read_all(inode) == big(20 * BLOCK)
    cut = bytes(volume.disk.data)
    del opened, inode
    assert volume.fs.statistics().blocks_free == free + 21
    volume.unmount()
    after_crash = Volume(cut)
    assert after_crash.fs.statistics().blocks_free == free + 21, "the next mount frees it"
    after_crash.unmount()


def test_rename_over_files_and_directories() -> None:
    volume = Volume(image({b"a": b"A", b"b": b"B"}))
    tree = volume.tree
    tree.rename(b"/a", b"/b")
    assert tree.names(b"/") == [b"b"]
    assert tree.read(b"/b") == b"A"
    for path in (b"/d", b"/d/sub", b"/e"):
        tree.mkdir(path)
    assert outcome(tree.rename, b"/e", b"/d") == "ENOTEMPTY"
    assert outcome(tree.rename, b"/b", b"/e") == "EISDIR"
    assert outcome(tree.rename, b"/e", b"/b") == "ENOTDIR"
    assert outcome(tree.rename, b"/b", b"/e", RenameFlags.NOREPLACE) == "EEXIST"
    assert outcome(tree.rename, b"/b", b"/x", RenameFlags.WHITEOUT) == "EINVAL"
    tree.rename(b"/d/sub", b"/e")
    tree.rename(b"/e", b"/d/moved")
    tree.cd(b"/d/moved")
    assert tree.cwd() == b"/d/moved"
    tree.cd(b"/")
    tree.rename(b"/b", b"/d", RenameFlags.EXCHANGE)
    assert tree.read(b"/d") == b"A"
    assert tree.names(b"/b") == [b"moved"]
    volume.unmount()


def test_slots_are_used_again_and_a_reader_keeps_its_place() -> None:
    volume = Volume(image({b"%d" % number: b"" for number in range(100)}))
    root = volume.tree.inode(b"/")
    size = root.size()
    first = root.list(0)
    assert len(first) == 64
    for number in range(10, 20):
        volume.tree.unlink(b"/%d" % number)
    rest = [entry.name for entry in root.list(first[-1].cursor)]
    assert rest == [b"%d" % number for number in range(64, 100)]
    for number in range(10):
        volume.tree.write(b"/new%d" % number, b"")
    assert root.size() == size
    assert list_names(root)[10] == b"new0"
    del root
    volume.unmount()


# Pages


def test_pages_are_the_file() -> None:
    volume = Volume(image({b"f": big(5000)}))
    file = volume.tree.inode(b"/f")
    frame = file.page(0, write=True)
    assert physmem.read(frame, 4096) == big(5000)[:4096]
    physmem.write(frame, b"mapped")
    write_at(file, b"written", 100)
    assert physmem.read(frame + 100, 7) == b"written"
    assert read_at(file, 0, 6) == b"mapped"
    assert content(bytes(volume.disk.data))[b"/f"] != read_all(file)
    file.sync(data_only=True)
    assert content(bytes(volume.disk.data))[b"/f"] == read_all(file)
    last = file.page(1, write=False)
    assert physmem.read(last, 4096) == big(5000)[4096:] + bytes(4096 - 904)
    assert file.page(2, write=False) == 0
    file.truncate(10)
    file.truncate(4096)
    assert physmem.read(file.page(0, write=False), 110) == b"mapped" + big(5000)[6:10] + bytes(100)
    frames.unref(frame)
    frames.unref(frame)
    frames.unref(last)
    del file
    volume.unmount()


def test_pages_that_programs_wrote_reach_the_disk_after_the_last_user_is_gone() -> None:
    volume = Volume(image({b"f": b"....."}))
    file = volume.tree.inode(b"/f")
    frame = file.page(0, write=True)
    physmem.write(frame, b"later")
    frames.unref(frame)
    del file
    assert content(volume.unmount())[b"/f"] == b"later"


# Refusals


def damaged(change: Callable[[bytearray], None]) -> bytes:
    data = bytearray(image({b"f": big(20 * BLOCK)}))
    change(data)
    return bytes(data)


def set_super(field: str, value: int) -> bytes:
    def change(data: bytearray) -> None:
        header = SUPER.parse(data[BLOCK:])
        header[field] = value
        data[BLOCK : BLOCK + 32] = SUPER.build(header)

    return damaged(change)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("magic", 0), ("size", 1001), ("size", 20), ("ninodes", 1), ("ninodes", 1 << 20), ("nlog", 5), ("nlog", 200), ("logstart", 1),
        ("inodestart", 3), ("inodestart", 900), ("bmapstart", 33), ("bmapstart", 0xFFFFFFFF),
    ],
)  # fmt: skip
def test_a_lying_superblock_is_refused(field: str, value: int) -> None:
    assert outcome(mount_disk, RamDisk(set_super(field, value))) == "EINVAL"


def set_inode(number: int, **fields: object) -> bytes:
    def change(data: bytearray) -> None:
        start = SUPER.parse(data[BLOCK:]).inodestart * BLOCK + number * 64
        inode = DINODE.parse(data[start:])
        for name, value in fields.items():
            inode[name] = value
        data[start : start + 64] = DINODE.build(inode)

    return damaged(change)


@pytest.mark.parametrize(
    "data",
    [
        set_inode(2, addrs=[5] * 13), set_inode(2, addrs=[0xFFFFFFF0] * 13), set_inode(2, type=9), set_inode(2, type=0),
        set_inode(2, nlink=2), set_inode(2, size=MAX_SIZE + 1), set_inode(1, size=17), set_inode(2, addrs=[60] * 13),
    ],
    ids=["metadata", "far", "type", "free", "links", "size", "slots", "twice"],
)  # fmt: skip
def test_the_checker_sees_damage_and_nothing_falls_over(data: bytes) -> None:
    assert check(RamDisk(data)) != []
    volume = Volume(data)
    for action in (volume.tree.read, volume.tree.unlink):
        outcome(action, b"/f")
    outcome(volume.tree.mkdir, b"/d")
    outcome(volume.tree.names, b"/")
    del volume


def test_the_checker_sees_the_bitmap_and_the_log() -> None:
    def free_a_block(data: bytearray) -> None:
        data[SUPER.parse(data[BLOCK:]).bmapstart * BLOCK + 6] = 0

    def leave_a_transaction(data: bytearray) -> None:
        data[2 * BLOCK] = 1

    assert any("marked free" in problem for problem in check(RamDisk(damaged(free_a_block))))
    assert check(RamDisk(damaged(leave_a_transaction))) == ["the log holds a transaction that was not installed"]


@given(st.binary(min_size=1, max_size=64), st.integers(0, 1 << 30), st.integers(0, 1 << 30))
def test_random_damage_never_gets_out_as_anything_but_an_errno(noise: bytes, first: int, second: int) -> None:
    data = bytearray(image({b"f": big(15 * BLOCK), b"g": b"x"}, size=100, inodes=20))
    used = 60 * BLOCK
    for place in (BLOCK + first % (used - BLOCK), BLOCK + second % (used - BLOCK)):
        data[place : place + len(noise)] = noise
    data = data[: 100 * BLOCK]
    try:
        check(RamDisk(bytes(data)))
        volume = Volume(bytes(data))
    except Errno:
        return
    tree = volume.tree
    steps: list[Callable[[], object]] = [
        lambda: tree.names(b"/"), lambda: tree.read(b"/f"), lambda: tree.write(b"/f", b"short"), lambda: tree.mkdir(b"/d"),
        lambda: tree.rename(b"/g", b"/d/g"), lambda: tree.unlink(b"/f"), volume.fs.statistics,
    ]  # fmt: skip
    for step in steps:
        outcome(step)


def test_a_read_only_disk_replays_in_memory_and_refuses_changes() -> None:
    interrupted = Volume(image({b"f": b"before"}))
    interrupted.disk.writes_left = 4  # the log: two blocks and the header; then one block of two
    assert outcome(interrupted.tree.write, b"/f", b"after!") in ("EIO", "ok")
    data = bytes(interrupted.disk.data)
    assert data[2 * BLOCK] != 0
    volume = Volume(data, read_only=True)
    assert volume.tree.read(b"/f") in (b"", b"after!")
    for action in (volume.tree.mkdir, volume.tree.unlink):
        assert outcome(action, b"/f") in ("EROFS", "EEXIST")
    assert bytes(volume.disk.data) == data


def test_after_an_error_in_the_log_nothing_is_changed_any_more() -> None:
    volume = Volume(image({b"f": b"x"}))
    volume.disk.failing = True
    assert outcome(volume.tree.mkdir, b"/d") == "EIO"
    volume.disk.failing = False
    volume.tree.mkdir(b"/d")  # nothing had happened yet
    volume.disk.writes_left = 8
    assert outcome(volume.tree.mkdir, b"/e") == "EIO"
    volume.disk.writes_left = -1
    assert outcome(volume.tree.mkdir, b"/g") == "EROFS"
    assert volume.tree.read(b"/f") == b"x"


# Power cuts


def script(tree: Tree) -> Iterator[Callable[[], object]]:
    """Operations of every kind."""
    yield lambda: tree.mkdir(b"/d")
    yield lambda: tree.write(b"/d/f", b"")
    yield lambda: write_at(tree.inode(b"/d/f"), big(3000), 0)
    yield lambda: tree.link(b"/d/f", b"/g")
    yield lambda: tree.rename(b"/g", b"/a")
    yield lambda: tree.mkdir(b"/e")
    yield lambda: tree.rename(b"/e", b"/d/e")
    yield lambda: tree.open(b"/a", Rights.WRITE, How.TRUNCATE)
    yield lambda: tree.unlink(b"/d/f")
    yield lambda: tree.unlink(b"/a")
    yield lambda: tree.rmdir(b"/d/e")
    yield lambda: tree.rmdir(b"/d")


START = image({b"a": big(20 * BLOCK), b"b": b"B"}, size=200, inodes=30)


def states() -> tuple[list[dict[bytes, bytes | None]], int]:
    """The content after each operation, and the number of writes that all of them take."""
    volume = Volume(START)
    found = [content(START)]
    for step in script(volume.tree):
        step()
        found.append(content(bytes(volume.disk.data)))
    return found, volume.disk.writes


def survives(cut: bytes, allowed: list[dict[bytes, bytes | None]]) -> bool:
    """Is the disk sound after a mount, and holds it one of these contents?"""
    volume = Volume(cut)
    return content(volume.unmount()) in allowed


def cut_everywhere(keep: Callable[[int], list[bool]]) -> list[int]:
    """Run the script once for each write, cut the power there; the places after which the disk was not as it must be."""
    expected, writes = states()
    lost: list[int] = []
    for place in range(1, writes):
        volume = Volume(START)
        volume.disk.writes_left = place
        done = 0
        for step in script(volume.tree):
            if outcome(step) != "ok":
                break
            done += 1
        cut = volume.disk.after_cut(keep(place))
        try:
            sound = survives(cut, expected[max(done - 1, 0) : done + 2])
        except (AssertionError, Errno):
            sound = False
        if not sound:
            lost.append(place)
    return lost


@pytest.mark.parametrize("kept", ["nothing", "everything", "something"])
def test_a_power_cut_at_any_write_leaves_the_old_or_the_new_state(kept: str) -> None:
    noise = random.Random(5)
    choices = {"nothing": lambda: False, "everything": lambda: True, "something": lambda: noise.random() < 0.5}
    assert cut_everywhere(lambda _place: [choices[kept]() for _ in range(64)]) == []


def test_the_cuts_catch_a_log_that_installs_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def install_first(self: Log) -> None:
        blocks = list(self._changed)
        for block in blocks:
            self._write(block, self._changed[block])
        self.device.flush()
        self._keep()

    monkeypatch.setattr(Log, "commit", install_first)
    assert cut_everywhere(lambda _place: [True] * 64) != []


def test_the_cuts_catch_a_missing_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    original = RamDisk.flush
    calls = 0

    def every_third_is_lost(self: RamDisk) -> None:
        nonlocal calls
        calls += 1
        if calls % 3:
            original(self)

    monkeypatch.setattr(RamDisk, "flush", every_third_is_lost)
    noise = random.Random(6)
    assert cut_everywhere(lambda _place: [noise.random() < 0.5 for _ in range(64)]) != []


# Images that are files


def test_an_image_in_a_file_of_another_file_system(tree: Tree) -> None:
    scheduler._harts.clear()
    scheduler.prepare()  # a thread does the work of the disk
    tree.write(b"/fs.img", image({b"f": b"inside"}))
    tree.mkdir(b"/mnt")
    root = mount_image(tree.inode(b"/fs.img"), b"")
    tree_mount(tree, root)
    assert tree.read(b"/mnt/f") == b"inside"
    tree.write(b"/mnt/g", b"more")
    assert tree.inode(b"/fs.img").writers == 1
    assert content(tree.read(b"/fs.img"))[b"/g"] == b"more"
    tree_unmount(tree)
    del root
    assert tree.inode(b"/fs.img").writers == 0
    assert outcome(FileDisk, tree.inode(b"/mnt")) == "ENOTBLK"


def tree_mount(tree: Tree, root: Inode) -> None:
    from vfs import mounts

    mounts.attach(tree.view.mounts, root, tree.walk(b"/mnt"), mounts.MountFlags.NONE, b"fs.img")


def tree_unmount(tree: Tree) -> None:
    from vfs import mounts

    mounts.detach(tree.view.mounts, tree.view.mounts.mounts[-1])


def test_the_test_itself_sees_a_file_that_keeps_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant of the file system: shrink() forgets the indirect block."""
    original = Content._remove

    def forgetful(self: Content, inode: object, index: int) -> None:
        if index == 12:
            inode.addresses[12] = 0  # type: ignore[attr-defined]
            return
        original(self, inode, index)  # type: ignore[arg-type]

    monkeypatch.setattr(Content, "_remove", forgetful)
    volume = Volume(image({b"f": big(20 * BLOCK)}))
    volume.tree.inode(b"/f").truncate(0)
    with pytest.raises(AssertionError):
        volume.unmount()


def test_files_are_the_same_object_while_in_use() -> None:
    volume = Volume(image({b"f": b""}))
    first = volume.tree.inode(b"/f")
    assert isinstance(first, Xv6File)
    assert volume.tree.inode(b"/f") is first
    del first
    volume.unmount()
