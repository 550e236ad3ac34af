"""What our file system writes: sound for e2fsck, the same for debugfs, and there after a remount."""

import random
import weakref
from unittest.mock import patch

import pytest

from objects.inode import InodeType
from objects.metadata import Owner, RenameFlags
from objects.object import AllocateMode, Rights
from scarlet.lang.errno import EIO, Errno
from tests.ext.support import KINDS, Mounted, check, contents_by_debugfs, contents_of_tree, debugfs, make, repair
from tests.vfs.support import Tree, outcome, read_all, read_at, user, write_at
from vfs.ext import content
from vfs.overlay.options import new_overlay
from vfs.pagecache import spare

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def big(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def remounted(volume: Mounted) -> Mounted:
    return Mounted(volume.unmount())


@EVERY_KIND
def test_what_is_written_is_there_for_another_reader_and_after_a_remount(kind: str) -> None:
    volume = Mounted(make(kind))
    tree = volume.tree
    tree.mkdir(b"/d")
    tree.mkdir(b"/d/e")
    tree.write(b"/d/e/f", big(500_000))
    tree.write(b"/small", b"old")
    tree.write(b"/small", b"new")
    tree.link(b"/small", b"/d/same")
    tree.symlink(b"target", b"/short")
    tree.symlink(b"x" * 500, b"/long")
    tree.mknod(b"/fifo", InodeType.FIFO)
    tree.mknod(b"/device", InodeType.BLOCK, 0o600, 0x12345)
    for number in range(30):
        tree.write(b"/d/n%d" % number, b"%d" % number)
    for number in range(0, 30, 2):
        tree.unlink(b"/d/n%d" % number)
    expected = contents_of_tree(tree)
    volume = remounted(volume)
    tree = volume.tree
    assert contents_of_tree(tree) == expected
    assert tree.read(b"/d/e/f") == big(500_000)
    assert tree.inode(b"/short").readlink() == b"target"
    assert tree.inode(b"/long").readlink() == b"x" * 500
    assert tree.stat(b"/device").rdev == 0x12345
    assert tree.stat(b"/d/same").nlink == 2
    data = volume.unmount()
    assert {name: content for name, content in contents_by_debugfs(data).items() if name not in (b"/fifo", b"/device")} == expected


# Directories


@pytest.mark.parametrize("kind", ["ext4-1k", "ext3-2k", "ext4-plain"])
def test_a_directory_of_thousands_of_names_has_a_hash_tree_that_others_understand(kind: str) -> None:
    names = [b"%d-%s" % (number, b"name" * (number % 30)) for number in range(1500)]
    volume = Mounted(make(kind, options=["-N", "4096"]))
    volume.tree.mkdir(b"/many")
    many = volume.tree.inode(b"/many")
    file = many.create(names[0], InodeType.REGULAR, 0o644, Owner(0, 0))
    for name in names[1:]:
        many.link(name, file)
    assert sorted(volume.tree.names(b"/many")) == sorted(names)
    for name in names[::3]:
        many.unlink(name)
    kept = sorted(set(names) - set(names[::3]))
    assert sorted(volume.tree.names(b"/many")) == kept
    del many, file
    data = volume.unmount()
    assert "Indexed directory" in debugfs(data, "htree_dump /many") or "Root node dump" in debugfs(data, "htree_dump /many")
    again = Mounted(data)
    assert again.tree.stat(b"/many/" + kept[7]).nlink == len(kept)
    assert outcome(again.tree.inode, b"/many/" + names[0]) == "ENOENT"
    again.tree.close()


@pytest.mark.parametrize("kind", ["ext4-1k", "ext2-1k"])
def test_a_reader_of_a_directory_sees_every_name_once_while_others_come_and_go(kind: str) -> None:
    volume = Mounted(make(kind, options=["-O", "^dir_index"] if kind == "ext2-1k" else None))
    volume.tree.mkdir(b"/many")
    many = volume.tree.inode(b"/many")
    stay = {b"stays-%d" % number for number in range(300)}
    for name in stay:
        many.create(name, InodeType.REGULAR, 0o644, Owner(0, 0))
    seen: list[bytes] = []
    cursor = 0
    number = 0
    while batch := many.list(cursor):
        seen.extend(entry.name for entry in batch)
        cursor = batch[-1].cursor
        for _ in range(40 if number < 200 else 0):
            many.create(b"new-%d" % number, InodeType.FIFO, 0o644, Owner(0, 0))
            number += 1
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)
    del many
    volume.unmount()


def test_names_that_differ_in_case_and_in_unicode_are_different() -> None:
    volume = Mounted(make())
    for name in ("a", "A", "\u00e9", "e\u0301", "x" * 255):
        volume.tree.write(b"/" + name.encode(), name.encode())
    assert outcome(volume.tree.write, b"/" + b"x" * 256, b"") == "ENAMETOOLONG"
    volume = remounted(volume)
    assert volume.tree.read("/\u00e9".encode()) == "\u00e9".encode()
    volume.unmount()


@pytest.mark.parametrize("kind", ["ext4-4k", "ext2-1k"])
def test_rename_has_all_its_flags(kind: str) -> None:
    volume = Mounted(make(kind))
    tree = volume.tree
    tree.write(b"/a", b"A")
    tree.write(b"/b", b"B")
    tree.mkdir(b"/d")
    tree.mkdir(b"/d/sub")
    opened = tree.open(b"/b", Rights.READ)
    assert outcome(tree.rename, b"/a", b"/b", RenameFlags.NOREPLACE) == "EEXIST"
    tree.rename(b"/a", b"/b")
    inode = opened.inode()
    assert inode is not None
    assert read_all(inode) == b"B"
    tree.rename(b"/b", b"/d/sub", RenameFlags.EXCHANGE)
    assert tree.read(b"/d/sub") == b"A"
    assert (tree.stat(b"/").nlink, tree.stat(b"/d").nlink) == (5, 2)
    tree.cd(b"/b")
    tree.rename(b"/b", b"/d/moved")
    assert tree.cwd() == b"/d/moved"
    tree.cd(b"/")
    tree.rename(b"/d/sub", b"/d/away", RenameFlags.WHITEOUT)
    assert (tree.stat(b"/d/sub").type, tree.stat(b"/d/sub").rdev) == (InodeType.CHARACTER, 0)
    del opened, inode
    volume.unmount()


# Space


def test_a_full_disk_says_so_keeps_what_was_written_and_gives_it_back() -> None:
    volume = Mounted(make("ext4-1k", megabytes=4))
    tree = volume.tree
    before = volume.fs.statistics()
    tree.write(b"/f", b"")
    file = tree.inode(b"/f")
    written = write_at(file, big(5 << 20), 0)
    assert (before.blocks_free - 200) << 10 < written <= before.blocks_free << 10
    assert outcome(write_at, file, b"x" * 4096, written) == "ENOSPC"
    file.sync(data_only=False)
    assert read_all(file) == big(5 << 20)[:written]
    for number in range(100):
        if outcome(tree.mkdir, b"/d%d" % number) == "ENOSPC":
            break
    else:
        raise AssertionError("there was no end")
    del file
    tree.unlink(b"/f")
    tree.write(b"/g", big(1 << 20))
    assert tree.read(b"/g") == big(1 << 20)
    volume.unmount()


def test_space_for_root_is_kept() -> None:
    volume = Mounted(make("ext4-1k", megabytes=4))
    volume.tree.write(b"/f", b"")
    file = volume.tree.inode(b"/f")
    with patch.object(content, "caller", return_value=user(1000)):
        written = write_at(file, bytes(5 << 20), 0)
    statistics = volume.fs.statistics()
    assert statistics.blocks_available < 100
    assert statistics.blocks_free >= volume.fs.volume.geometry.reserved_blocks > 0
    assert write_at(file, b"root", written) == 4
    del file
    volume.unmount()


def test_inodes_run_out() -> None:
    volume = Mounted(make("ext4-1k", options=["-N", "16"]))
    count = volume.fs.statistics().files_free
    for number in range(count):
        volume.tree.write(b"/%d" % number, b"")
    assert outcome(volume.tree.write, b"/more", b"") == "ENOSPC"
    volume.tree.unlink(b"/0")
    volume.tree.write(b"/more", b"")
    volume.unmount()


def test_a_large_file_lies_together() -> None:
    volume = Mounted(make("ext4-4k"))
    for number in range(4):
        volume.tree.write(b"/%d" % number, big(1 << 20))
    data = volume.unmount()
    for number in range(4):
        extents = [line for line in debugfs(data, f"ex /{number}").splitlines() if "/ " in line and "-" in line]
        assert len(extents) <= 2, extents


@pytest.mark.parametrize("kind", ["ext4-1k", "ext4-indirect"])
def test_a_scattered_file_grows_a_deep_map_and_shrinks_again(kind: str) -> None:
    volume = Mounted(make(kind))
    tree = volume.tree
    free = volume.fs.statistics().blocks_free
    tree.write(b"/f", b"")
    file = tree.inode(b"/f")
    for number in range(600):
        write_at(file, b"x", number * 7919 % 600 * 20_000)
        if number % 50 == 0:
            file.sync(data_only=True)
    file.sync(data_only=False)
    assert file.size() == 599 * 20_000 + 1
    assert all(read_at(file, number * 20_000, 2).rstrip(b"\0") == b"x" for number in range(600))
    file.truncate(300 * 20_000)
    file.truncate(0)
    del file
    tree.unlink(b"/f")
    volume.fs.sync()
    assert volume.fs.statistics().blocks_free == free
    volume.unmount()


def test_what_lies_behind_a_cut_is_zeros_when_the_file_grows_again() -> None:
    volume = Mounted(make("ext4-1k"))
    volume.tree.write(b"/f", b"f" * 10_000)
    file = volume.tree.inode(b"/f")
    file.sync(data_only=True)
    del file
    volume = remounted(volume)
    file = volume.tree.inode(b"/f")
    file.truncate(2500)
    file.truncate(9000)
    assert read_all(file) == b"f" * 2500 + bytes(6500)
    del file
    volume = remounted(volume)
    assert volume.tree.read(b"/f") == b"f" * 2500 + bytes(6500)
    volume.unmount()


def test_reserved_space_is_zeros_until_written_and_behind_the_end_if_asked() -> None:
    volume = Mounted(make("ext4-4k"))
    volume.tree.write(b"/f", b"begin")
    file = volume.tree.inode(b"/f")
    file.allocate(AllocateMode.NONE, 0, 100_000)
    assert file.size() == 100_000
    assert file.next_data(5000) if outcome(file.next_data, 5000) == "ok" else True
    write_at(file, b"middle", 50_000)
    file.sync(data_only=False)
    assert (file.next_data(10_000), file.next_hole(50_000)) == (49_152, 53_248)
    file.allocate(AllocateMode.KEEP_SIZE, 100_000, 50_000)
    assert file.size() == 100_000
    blocks = file.metadata().blocks
    assert blocks >= 150_000 // 512
    file.allocate(AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE, 4096, 40_000)
    assert file.metadata().blocks < blocks
    assert outcome(file.allocate, AllocateMode.PUNCH_HOLE, 0, 4096) == "EOPNOTSUPP"
    expected = b"begin" + bytes(49_995) + b"middle" + bytes(100_000 - 50_006)
    assert read_all(file) == expected
    del file
    volume = remounted(volume)
    assert volume.tree.read(b"/f") == expected
    volume.unmount()


def test_without_extents_no_space_can_be_reserved() -> None:
    volume = Mounted(make("ext2-1k"))
    volume.tree.write(b"/f", b"x")
    assert outcome(volume.tree.inode(b"/f").allocate, AllocateMode.NONE, 0, 4096) == "EOPNOTSUPP"
    volume.unmount()


# Names that go


@pytest.mark.parametrize("kind", ["ext4-1k", "ext2-1k"])
def test_a_file_without_a_name_lives_while_it_is_open_and_not_longer(kind: str) -> None:
    volume = Mounted(make(kind))
    volume.tree.write(b"/keep", b"")
    volume.fs.sync()
    free = volume.fs.statistics().blocks_free
    volume.tree.write(b"/f", big(50_000))
    volume.fs.sync()
    opened = volume.tree.open(b"/f", Rights.READ)
    volume.tree.unlink(b"/f")
    volume.fs.sync()
    inode = opened.inode()
    assert inode is not None
    assert read_all(inode) == big(50_000)
    crashed = bytes(volume.disk.data)
    del opened, inode
    volume.fs.sync()
    assert volume.fs.statistics().blocks_free == free
    volume.unmount()
    after = Mounted(crashed)
    assert after.fs.statistics().blocks_free == free, "the next mount frees it"
    after.unmount()


def test_a_file_made_without_a_name_can_get_one_or_goes() -> None:
    volume = Mounted(make())
    root = volume.tree.inode(b"/")
    kept = root.create_unnamed(0o600, Owner(0, 0), linkable=True)
    lost = root.create_unnamed(0o600, Owner(0, 0), linkable=False)
    write_at(kept, b"kept", 0)
    write_at(lost, b"lost", 0)
    root.link(b"name", kept)
    assert outcome(root.link, b"other", lost) == "ENOENT"
    del root, kept, lost
    volume = remounted(volume)
    assert volume.tree.read(b"/name") == b"kept"
    volume.unmount()


# Attributes


@pytest.mark.parametrize("kind", ["ext4-1k", "ext2-4k-old-inodes"])
def test_extended_attributes_lie_in_the_inode_and_in_a_block(kind: str) -> None:
    volume = Mounted(make(kind))
    volume.tree.write(b"/f", b"x")
    file = volume.tree.inode(b"/f")
    values = {b"user.one": b"1", b"trusted.overlay.opaque": b"y", b"user.long": b"l" * 700, b"security.empty": b""}
    for name, value in values.items():
        file.set_attribute(name, value)
    file.set_attribute(b"user.one", b"another value")
    values[b"user.one"] = b"another value"
    assert outcome(file.set_attribute, b"other.name", b"") == "EOPNOTSUPP"
    assert outcome(file.set_attribute, b"user.huge", bytes(5000)) == "ENOSPC"
    del file
    volume = remounted(volume)
    file = volume.tree.inode(b"/f")
    assert {name: file.attribute(name) for name in file.attribute_names()} == values
    assert file.attribute(b"user.none") is None
    for name in (b"user.long", b"security.empty"):
        file.remove_attribute(name)
        del values[name]
    assert {name: file.attribute(name) for name in file.attribute_names()} == values
    del file
    data = volume.unmount()
    assert "another value" in debugfs(data, "ea_get /f user.one")
    volume = Mounted(data)
    volume.tree.unlink(b"/f")
    volume.unmount()


def test_times_owner_and_mode_are_kept() -> None:
    volume = Mounted(make())
    volume.tree.write(b"/f", b"x")
    file = volume.tree.inode(b"/f")
    file.change_times(10**18 + 123_456_789, -5_000_000_001)
    file.change_owner(100_000, 70_000)
    file.change_mode(0o6751)
    file.change_times(9_000_000_000 * 10**9 + 5, -1)
    del file
    volume = remounted(volume)
    stat = volume.tree.stat(b"/f")
    assert (stat.atime_ns, stat.mtime_ns) == (9_000_000_000 * 10**9 + 5, -5_000_000_001)
    assert (stat.uid, stat.gid, stat.mode) == (100_000, 70_000, 0o6751)
    volume.unmount()


def test_an_overlay_can_have_its_upper_layer_here() -> None:
    volume = Mounted(make("ext4-4k"))
    volume.tree.mkdir(b"/upper")
    volume.tree.mkdir(b"/lower")
    volume.tree.write(b"/lower/f", b"lower")
    upper = volume.tree.inode(b"/upper")
    volume.tree.mkdir(b"/work")
    top = Tree(new_overlay([volume.tree.inode(b"/lower")], upper, volume.tree.inode(b"/work")))
    assert top.read(b"/f") == b"lower"
    top.write(b"/f", b"changed")
    top.write(b"/g", b"new")
    top.unlink(b"/f")
    assert top.names(b"/") == [b"g"]
    del upper
    top.close()
    volume.unmount()


def test_an_operation_that_fails_leaves_no_trace() -> None:
    """A disk that cannot be read fails operations in the middle, at every place."""
    data = make("ext4-1k")
    failures = 0
    for place in range(60):
        volume = Mounted(data)
        before = contents_of_tree(volume.tree)
        volume.disk.reads_left = place
        found = outcome(volume.tree.mkdir, b"/new")
        volume.disk.reads_left = -1
        if found == "ok":
            break
        failures += 1
        assert found == "EIO"
        assert contents_of_tree(volume.tree) == before
        volume.unmount()
    assert 2 < failures < 60


def test_memory_that_is_kept_for_later_is_given_up_when_it_is_short() -> None:
    mounted = Mounted(make("ext4-1k"))
    for index in range(30):
        mounted.tree.write(b"/f%d" % index, b"x" * index)
    mounted.fs.sync()
    mounted.fs.mounts += 1  # as mount(2) does: from now on inodes are held
    mounted.tree.write(b"/changed", b"new")
    for index in range(30):
        assert mounted.tree.read(b"/f%d" % index) == b"x" * index
    held = [weakref.ref(inode) for inode in mounted.fs.recent._inodes.values()]
    blocks = mounted.fs.volume.blocks
    assert len(held) > 25 and len(blocks._cache) > len(blocks.changed) > 0
    with mounted.fs.volume.mutex:
        assert spare.shed_all()
        assert len(blocks._cache) > len(blocks.changed), "somebody is in the middle of something"
    assert sum(inode() is not None for inode in held) == 1, "what is dirty stays"
    assert spare.shed_all() and set(blocks._cache) == set(blocks.changed)
    assert not spare.shed_all()
    assert mounted.tree.read(b"/f7") == b"x" * 7 and mounted.tree.read(b"/changed") == b"new"
    mounted.fs.mounts -= 1
    mounted.fs.unmounted()
    del blocks
    mounted.unmount()


@pytest.mark.parametrize("where", ["write", "end", "undo"])
def test_where_memory_ends_in_the_middle_nothing_half_done_reaches_the_disk(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted = Mounted(make("ext4-1k"))
    mounted.tree.write(b"/f", b"before")
    mounted.fs.sync()
    volume = mounted.fs.volume

    def fail(*_: object) -> None:
        raise MemoryError

    if where == "write":
        monkeypatch.setattr(volume.log, "write", fail)
        mounted.tree.write(b"/g", b"lost")
        assert outcome(mounted.fs.sync) == "EIO"
    else:
        monkeypatch.setattr(volume.changes, where, fail)
        with pytest.raises(MemoryError), mounted.fs.operation():
            if where == "undo":
                raise Errno(EIO)
    assert not volume.mutex.is_held and volume.damaged
    assert outcome(mounted.tree.mkdir, b"/d") == "EROFS"
    assert mounted.tree.read(b"/f") == b"before"
    mounted.tree.close()
    assert check(bytes(mounted.disk.data)) == "" or repair(bytes(mounted.disk.data)) is not None


def test_blocks_may_reach_the_disk_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vfs.ext.journal.LONGEST_WRITE", 1)
    monkeypatch.setattr("vfs.ext.commit.LONGEST_WRITE", 1)
    mounted = Mounted(make("ext4-1k"))
    for index in range(60):
        mounted.tree.mkdir(b"/d%d" % index)
    assert len(mounted.unmount()) > 0
