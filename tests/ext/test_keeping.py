"""How long a file's object, its pages and what is not written yet are kept: while they are of use, and no longer."""

import gc
from unittest.mock import patch

from objects.metadata import Owner, RenameFlags
from tests.ext.support import Mounted, make
from tests.vfs.support import read_at, write_at
from vfs.ext.file import ExtFile
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.inode import ExtInode
from vfs.pagecache import flushing, reclaim, spare, writeback
from vfs.pagecache.flushing import WriteRun
from vfs.pagecache.page import totals

DATA = bytes(range(256)) * 400


def mounted() -> Mounted:
    return Mounted(make())


def free_blocks(volume: Mounted) -> int:
    return volume.fs.statistics().blocks_free


def file_of(volume: Mounted, path: bytes) -> ExtFile:
    file = volume.tree.inode(path)
    assert isinstance(file, ExtFile)
    return file


def new_file(volume: Mounted, path: bytes) -> ExtFile:
    volume.tree.write(path, DATA)
    return file_of(volume, path)


def test_what_was_read_once_is_not_read_from_the_disk_again_though_nobody_has_it_open() -> None:
    volume = mounted()
    volume.tree.write(b"/file", DATA)
    data = volume.unmount()
    volume = Mounted(data)
    assert volume.tree.read(b"/file") == DATA
    gc.collect()
    volume.disk.reads_left = 0
    assert volume.tree.read(b"/file") == DATA
    volume.disk.reads_left = -1
    volume.tree.close()


def test_its_memory_is_there_to_be_had() -> None:
    volume = mounted()
    volume.tree.write(b"/file", DATA)
    volume.fs.sync()
    assert volume.tree.read(b"/file") == DATA
    cached = totals.cached
    assert cached >= len(DATA) // 4096
    while reclaim.relieve():
        pass
    assert totals.cached < cached - len(DATA) // 4096 + 1
    assert volume.tree.read(b"/file") == DATA
    volume.unmount()


def test_inodes_that_nobody_uses_are_let_go_when_memory_is_short() -> None:
    volume = mounted()
    for number in range(20):
        volume.tree.write(b"/%d" % number, b"x")
    volume.fs.sync()
    numbers = [volume.tree.inode(b"/%d" % number).number for number in range(20)]
    assert all(volume.fs.known(number) is not None for number in numbers)
    assert spare.shed_all()
    gc.collect()
    assert all(volume.fs.known(number) is None for number in numbers)
    assert volume.tree.read(b"/7") == b"x"
    volume.unmount()


def test_the_blocks_of_a_file_that_lost_its_name_are_free_at_once() -> None:
    volume = mounted()
    before = free_blocks(volume)
    volume.tree.write(b"/file", DATA)
    volume.fs.sync()
    assert volume.tree.read(b"/file") == DATA
    assert free_blocks(volume) < before
    volume.tree.unlink(b"/file")
    assert free_blocks(volume) == before
    volume.unmount()


def test_what_nobody_can_read_any_more_is_not_written() -> None:
    volume = mounted()
    before = free_blocks(volume)
    volume.tree.write(b"/file", DATA)
    volume.tree.write(b"/other", DATA)
    assert totals.dirty > 0
    volume.tree.unlink(b"/file")
    volume.tree.write(b"/third", b"")
    volume.tree.rename(b"/third", b"/other", RenameFlags.NONE)
    gc.collect()
    assert (totals.dirty, volume.fs.volume.reserved) == (0, 0)
    assert free_blocks(volume) == before
    assert DATA not in volume.unmount()


def test_a_file_that_is_open_keeps_what_was_written_without_a_name() -> None:
    volume = mounted()
    before = free_blocks(volume)
    file = new_file(volume, b"/file")
    volume.tree.unlink(b"/file")
    assert read_at(file, 0, len(DATA)) == DATA
    writeback.write_everything()
    write_at(file, b"more", 5)
    assert read_at(file, 0, 12) == DATA[:5] + b"more" + DATA[9:12]
    assert totals.dirty > 0
    del file
    gc.collect()
    assert totals.dirty == 0
    assert free_blocks(volume) == before
    volume.unmount()


def test_a_file_that_gets_its_first_name_keeps_what_was_not_written() -> None:
    volume = mounted()
    root = volume.tree.inode(b"/")
    file = root.create_unnamed(0o644, Owner(0, 0), linkable=True)
    write_at(file, DATA, 0)
    root.link(b"named", file)
    del root, file
    spare.shed_all()
    gc.collect()
    again = Mounted(volume.unmount())
    assert again.tree.read(b"/named") == DATA
    again.tree.close()


def test_the_blocks_that_the_disk_is_writing_to_are_not_free() -> None:
    volume = mounted()
    before = free_blocks(volume)
    file = new_file(volume, b"/file")
    running: list[WriteRun] = []
    flushing.begin(file.cache, 0, 25, running)
    number = file.number
    volume.tree.unlink(b"/file")
    del file
    gc.collect()
    assert volume.fs.known(number) is not None
    assert running.pop().complete() == 0
    gc.collect()
    assert volume.fs.known(number) is None
    assert free_blocks(volume) == before
    volume.unmount()


def test_a_file_has_the_blocks_that_it_was_promised() -> None:
    volume = mounted()
    volume.tree.write(b"/file", DATA)
    size = volume.tree.stat(b"/file").blocks * 512
    assert len(DATA) <= size < len(DATA) + 4096
    volume.fs.sync()
    assert volume.tree.stat(b"/file").blocks * 512 in range(len(DATA), len(DATA) + 8192)
    file = file_of(volume, b"/file")
    file.truncate(0)
    assert (volume.tree.stat(b"/file").blocks, volume.fs.volume.reserved) == (0, 0)
    del file
    volume.unmount()


def test_without_memory_for_another_inode_those_that_nobody_uses_make_room() -> None:
    volume = mounted()
    for number in range(4):
        volume.tree.write(b"/%d" % number, b"%d" % number)
    volume.fs.sync()
    spare.shed_all()
    gc.collect()
    assert volume.tree.read(b"/1") == b"1"
    failures = [MemoryError()]

    def once(filesystem: ExtFileSystem, number: int, inode: ExtInode) -> None:
        if failures:
            raise failures.pop()
        remember(filesystem, number, inode)

    remember = ExtFileSystem.remember
    with patch.object(ExtFileSystem, "remember", once):
        assert volume.tree.read(b"/2") == b"2"
    gc.collect()
    assert not failures
    assert volume.tree.read(b"/3") == b"3"
    volume.unmount()
