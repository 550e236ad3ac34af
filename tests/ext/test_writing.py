"""What our file system writes: sound for e2fsck, the same for debugfs, and there after a remount."""

import random

import pytest

from objects.inode import InodeType
from objects.metadata import Owner, RenameFlags
from objects.object import AllocateMode, Rights
from scarlet.lang.errno import ENOSPC, Errno
from tests.ext.support import KINDS, Mounted, check, contents_by_debugfs, contents_of_tree, debugfs, make
from tests.vfs.support import outcome, read_all, read_at, write_at

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
