"""What others wrote: images that mke2fs filled from a folder, read through our file system."""

import os
import random
from pathlib import Path

import pytest

from objects.inode import InodeType
from tests.ext.support import KINDS, Mounted, contents_of_folder, contents_of_tree, debugfs, make
from tests.vfs.support import outcome


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of many sizes, with holes, deep paths, long names, links, and a directory large enough for a hash tree."""
    top: Path = tmp_path_factory.mktemp("source")
    chance = random.Random(1)
    for size in (0, 1, 59, 60, 1000, 1024, 4096, 5000, 12 * 1024, 13 * 1024 + 7, 300_000):
        (top / f"file{size}").write_bytes(chance.randbytes(size))
    with (top / "sparse").open("wb") as sparse:
        for offset in (0, 30_000, 500_000, 900_001):
            sparse.seek(offset)
            sparse.write(chance.randbytes(3000))
    deep = top
    for name in "abcdef":
        deep /= name
        deep.mkdir()
        (deep / "x").write_bytes(name.encode() * 100)
    many = top / "many"
    many.mkdir()
    for number in range(400):
        (many / f"{number:03}-{'long' * (number % 50)}-\u00e9").write_bytes(str(number).encode())
    os.symlink("file1", top / "short")
    os.symlink("/" + "long/" * 40, top / "longer")
    os.link(top / "file5000", top / "again")
    (top / "file59").chmod(0o4711)
    os.utime(top / "file60", ns=(5_000_000_123_456_789_012, 123_456_789_000_000_321))
    os.mkfifo(top / "fifo")
    return top


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_a_folder_read_as_they_were(kind: str, source: Path) -> None:
    data = make(kind, source=source)
    volume = Mounted(data, read_only=True)
    tree = volume.tree
    assert contents_of_tree(tree) == contents_of_folder(source)
    assert tree.inode(b"/short").readlink() == b"file1"
    assert tree.inode(b"/longer").readlink() == b"/" + b"long/" * 40
    assert tree.stat(b"/again").inode_number == tree.stat(b"/file5000").inode_number
    assert tree.stat(b"/again").nlink == 2
    assert tree.stat(b"/file59").mode == 0o4711
    assert tree.stat(b"/fifo").type == InodeType.FIFO
    assert tree.stat(b"/a").nlink == 3
    assert outcome(tree.inode, b"/many/none") == "ENOENT"
    assert outcome(tree.write, b"/new", b"") == "EROFS"
    tree.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_room_for_files_and_the_identity_are_what_mke2fs_says(kind: str) -> None:
    data = make(kind)
    said = dict(line.split(":", 1) for line in debugfs(data, "show_super_stats -h").splitlines() if ":" in line)
    volume = Mounted(data)
    assert volume.fs.statistics().blocks == int(said["Block count"]) - int(said["Overhead clusters"])
    uuid = bytes.fromhex(said["Filesystem UUID"].strip().replace("-", ""))
    halves = int.from_bytes(uuid[:8], "little") ^ int.from_bytes(uuid[8:], "little")
    assert volume.fs.statistics().identity == halves, "f_fsid, as Linux makes it"
    volume.tree.close()
