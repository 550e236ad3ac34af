"""The boot image: data in place, broken archives, several archives, links."""

import pytest

from objects.inode import InodeType
from objects.metadata import device_number
from scarlet.kernel.memory import frames
from scarlet.machine import physmem
from tests.vfs.support import Archive, Tree, read_all, write_at
from vfs.cpio import CpioError, CpioReader
from vfs.initramfs import populate
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.file import TmpfsFile

PAGE = 4096
DIRECTORY = 0o40755


def load(tree: Tree, archive: Archive) -> None:
    root = tree.view.root.inode
    assert isinstance(root, TmpfsDirectory)
    pa, size = archive.load()
    populate(root, pa, size)


@pytest.fixture
def tree() -> Tree:
    """Without the leak check of the common fixture: frames of an image that no file took stay with it for ever."""
    return Tree()


def test_every_type_with_its_attributes(tree: Tree) -> None:
    archive = Archive().add(b".", mode=0o40711, mtime=77).add(b"d", mode=DIRECTORY, uid=3, gid=4, mtime=99)
    archive.add(b"d/f", b"content", mode=0o104755, uid=1, gid=2, mtime=1234).add(b"d/l", b"../x", mode=0o120777)
    archive.add(b"null", mode=0o20666, rdev=(1, 3)).add(b"disk", mode=0o60600, rdev=(254, 0)).add(b"pipe", mode=0o10600).end()
    load(tree, archive)
    f = tree.stat(b"/d/f")
    assert (f.type, f.mode, f.uid, f.gid, f.size, f.mtime_ns, f.nlink) == (InodeType.REGULAR, 0o4755, 1, 2, 7, 1234 * 10**9, 1)
    assert tree.read(b"/d/f") == b"content"
    assert tree.inode(b"/d/l").readlink() == b"../x"
    d = tree.stat(b"/d")
    assert (d.mode, d.uid, d.gid, d.mtime_ns, d.nlink) == (0o755, 3, 4, 99 * 10**9, 2)
    assert (tree.stat(b"/").mode, tree.stat(b"/").mtime_ns) == (0o711, 77 * 10**9)
    assert (tree.stat(b"/null").type, tree.stat(b"/null").rdev) == (InodeType.CHARACTER, device_number(1, 3))
    assert tree.stat(b"/disk").rdev == device_number(254, 0)
    assert tree.stat(b"/pipe").type == InodeType.FIFO


def test_aligned_file_is_mapped_in_place_and_its_last_page_ends_in_zeros(tree: Tree) -> None:
    data = b"a" * PAGE + b"b" * PAGE + b"c" * 10
    archive = Archive().add(b"f", data, align=PAGE).add(b"g", b"next").end()
    load(tree, archive)
    file = tree.inode(b"/f")
    assert isinstance(file, TmpfsFile)
    before = frames.free_frames()
    page = file.page(0, write=False)
    assert page == file.image_pa
    assert file.page(1, write=True) == file.image_pa + PAGE
    assert frames.free_frames() == before
    last = file.page(2, write=False)
    assert physmem.read(last, PAGE) == b"c" * 10 + bytes(PAGE - 10)
    assert frames.free_frames() == before - 1
    assert file.metadata().blocks == 3 * 8
    assert read_all(file) == data


def test_reading_copies_nothing_and_unaligned_pages_are_copied_when_mapped(tree: Tree) -> None:
    data = bytes(range(256)) * 40
    load(tree, Archive().add(b"f", data).end())
    file = tree.inode(b"/f")
    before = frames.free_frames()
    assert read_all(file) == data
    assert frames.free_frames() == before
    frame = file.page(1, write=False)
    assert physmem.read(frame, PAGE) == data[PAGE : 2 * PAGE]
    assert file.resident(0) == 0


def test_writing_keeps_the_rest(tree: Tree) -> None:
    for align in (0, PAGE):
        tree = Tree()
        load(tree, Archive().add(b"f", b"x" * (2 * PAGE + 100), align=align).end())
        file = tree.inode(b"/f")
        write_at(file, b"NEW", PAGE - 1)
        write_at(file, b"END", 2 * PAGE + 99)
        expected = bytearray(b"x" * (2 * PAGE + 102))
        expected[PAGE - 1 : PAGE + 2] = b"NEW"
        expected[2 * PAGE + 99 :] = b"END"
        assert read_all(file) == bytes(expected)
        file.truncate(PAGE + 50)
        file.truncate(2 * PAGE)
        assert read_all(file) == bytes(expected[: PAGE + 50]) + bytes(PAGE - 50)


def test_deleting_a_file_of_the_image_frees_its_frames(tree: Tree) -> None:
    load(tree, Archive().add(b"f", b"x" * (5 * PAGE), align=PAGE).end())
    before = frames.free_frames()
    tree.unlink(b"/f")
    assert frames.free_frames() == before + 5


def test_shrinking_in_the_image_needs_no_copy(tree: Tree) -> None:
    load(tree, Archive().add(b"f", b"x" * (2 * PAGE)).end())
    file = tree.inode(b"/f")
    before = frames.free_frames()
    file.truncate(10)
    file.truncate(20)
    assert read_all(file) == b"x" * 10 + bytes(10)
    assert frames.free_frames() >= before


def test_hard_links_with_the_data_last_or_first(tree: Tree) -> None:
    archive = Archive().add(b"a", links=3, number=9).add(b"b", links=3, number=9).add(b"c", b"data", links=3, number=9)
    archive.add(b"x", b"first", links=2, number=8).add(b"y", links=2, number=8).end()
    load(tree, archive)
    assert tree.read(b"/a") == b"data"
    assert tree.inode(b"/a") is tree.inode(b"/c")
    assert tree.stat(b"/b").nlink == 3
    assert tree.read(b"/y") == b"first"


def test_archives_add_up_and_later_names_win(tree: Tree) -> None:
    archive = Archive().add(b"etc", mode=DIRECTORY).add(b"etc/a", b"one").add(b"etc/b", b"two").add(b"bin", b"usr/bin", mode=0o120777).end()
    archive.add(b"usr", mode=DIRECTORY).add(b"usr/bin", mode=DIRECTORY).end()
    archive.data += bytes(1000 - len(archive.data) % 4)
    archive.add(b"etc/a", b"new").add(b"etc", mode=0o40700).add(b"bin/tool", b"t")
    archive.add(b"deep/er/f", b"d").add(b"./etc//c/", mode=DIRECTORY).end()
    archive.data += bytes(513)
    load(tree, archive)
    assert tree.read(b"/etc/a") == b"new"
    assert tree.names(b"/etc") == [b"b", b"a", b"c"]
    assert tree.stat(b"/etc").mode == 0o700
    assert tree.read(b"/usr/bin/tool") == b"t"
    assert tree.read(b"/deep/er/f") == b"d"


def entries(archive: Archive) -> int:
    pa, size = archive.load()
    reader = CpioReader(pa, size)
    count = 0
    while reader.next() is not None:
        count += 1
    return count


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        (Archive().add(b"f", b"x", size=0xFFFFFFFF).end(), "goes beyond the end"),
        (Archive().add(b"f", b"x", size=5000).end(), "goes beyond the end"),
        (Archive().add(b"f", b"x", name_size=0).end(), "a name field of 0 bytes"),
        (Archive().add(b"f", b"x", name_size=1).end(), "a name field of 1 bytes"),
        (Archive().add(b"f", b"x", name_size=0xFFFFFFFF).end(), "a name field of"),
        (Archive().add(b"f" * 5000, b"x").end(), "longer than 4095"),
        (Archive().add(b"", b"", name_size=8).end(), "empty"),
        (Archive().add(b"f", magic=b"070707"), "old portable format"),
        (Archive().add(b"f", magic=b"\x1f\x8b0000"), "gzip"),
        (Archive().add(b"f", magic=b"\x28\xb5\x2f\xfd00"), "zstd"),
        (Archive().add(b"f", magic=b"what??"), "no newc header"),
        (Archive().add(b"f"), "ends within a header"),
    ],
)
def test_lying_headers_are_named(archive: Archive, problem: str) -> None:
    with pytest.raises(CpioError, match=problem):
        entries(archive)


def test_bad_field_and_garbage_behind() -> None:
    archive = Archive().add(b"f")
    archive.data[20] = ord("g")
    with pytest.raises(CpioError, match="hexadecimal"):
        entries(archive)
    archive = Archive().add(b"f").end()
    archive.data += b"garbage"
    with pytest.raises(CpioError, match="no archive follows"):
        entries(archive)


@pytest.mark.parametrize("cut", [1, 3, 109, 112, 114, 130])
def test_truncated_archives(cut: int) -> None:
    archive = Archive().add(b"file", b"0123456789")
    archive.data = archive.data[: len(archive.data) - cut]
    with pytest.raises(CpioError):
        entries(archive)


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        (Archive().add(b"../f", b"x").end(), '"\\.\\."'),
        (Archive().add(b"a/../f", b"x").end(), '"\\.\\."'),
        (Archive().add(b"f", mode=0o644).end(), "no file type"),
        (Archive().add(b"f", b"x").add(b"f/g", b"y").end(), "used as a directory"),
        (Archive().add(b"d", mode=DIRECTORY).add(b"d", b"x").end(), "has a directory already"),
        (Archive().add(b"l", b"", mode=0o120777).end(), "symbolic link of 0 bytes"),
        (Archive().add(b".", b"x").end(), "root is not a directory"),
    ],
)
def test_senseless_entries_are_named(tree: Tree, archive: Archive, problem: str) -> None:
    with pytest.raises(CpioError, match=problem):
        load(tree, archive)


def test_ten_thousand_entries(tree: Tree) -> None:
    archive = Archive()
    for number in range(10_000):
        archive.add(b"d%d/file%d" % (number % 100, number), b"x")
    load(tree, archive.end())
    assert len(tree.names(b"/")) == 100
    assert tree.read(b"/d99/file9999") == b"x"
