"""What is particular about FAT: names in any case, attributes instead of modes, sizes, damage."""

import random
import weakref
from collections.abc import Iterator

import pytest

from objects.inode import InodeType
from objects.metadata import RenameFlags
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno, errno_name
from scarlet.machine import physmem
from tests.fat.support import complaints, disk, image
from tests.vfs.support import Tree, outcome, write_at
from tests.vfs.xv6image import RamDisk
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.layout import SLOT_SIZE
from vfs.fat.mount import mount_disk


class Volume:
    """A mounted disk that is checked in the end."""

    def __init__(self, device: RamDisk, options: bytes = b"") -> None:
        self.disk = device
        self.tree = Tree(mount_disk(device, options))

    def sync(self) -> None:
        self.tree.view.root.inode.filesystem.sync()

    def close(self) -> None:
        self.sync()
        assert complaints(bytes(self.disk.data)) == ""
        self.tree.close()


def filesystem_of(volume: Volume) -> FatFileSystem:
    filesystem = volume.tree.view.root.inode.filesystem
    assert isinstance(filesystem, FatFileSystem)
    return filesystem


@pytest.fixture
def volume() -> Iterator[Volume]:
    volume = Volume(disk("fat32"))
    yield volume
    volume.close()


def test_names_are_found_in_any_case_and_kept_as_given(volume: Volume) -> None:
    tree = volume.tree
    tree.write(b"/Read Me First.txt", b"hello")
    assert tree.read(b"/READ ME FIRST.TXT") == b"hello"
    assert tree.read(b"/readme~1.txt") == b"hello"
    assert outcome(tree.mkdir, b"/read me first.TXT") == "EEXIST"
    assert tree.names(b"/") == [b"Read Me First.txt"]
    tree.rename(b"/READ ME FIRST.TXT", b"/read me first.txt")
    assert tree.names(b"/") == [b"read me first.txt"]
    tree.unlink(b"/Read me First.txt")
    assert tree.names(b"/") == []


def test_a_trailing_dot_is_no_part_of_a_name(volume: Volume) -> None:
    volume.tree.write(b"/name.", b"1")
    assert volume.tree.names(b"/") == [b"name"]
    assert volume.tree.read(b"/name") == b"1"
    assert outcome(volume.tree.mkdir, b"/a:b") == "EINVAL"


def test_names_beyond_ascii_and_of_255_characters(volume: Volume) -> None:
    names = sorted(["größe", "日本語の名前", "🙂" * 60, "x" * 255])
    for name in names:
        volume.tree.write(b"/" + name.encode(), name.encode())
    volume.sync()
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    assert sorted(again.names(b"/")) == sorted(name.encode() for name in names)
    for name in names:
        assert again.read(b"/" + name.encode()) == name.encode()
    again.close()


def test_thousands_of_files_in_one_directory(volume: Volume) -> None:
    volume.tree.mkdir(b"/many")
    for number in range(600):
        volume.tree.write(b"/many/a file with number %d" % number, b"")
    for number in range(0, 600, 2):
        volume.tree.unlink(b"/many/a file with number %d" % number)
    for number in range(600, 700):
        volume.tree.write(b"/many/%d" % number, b"")
    volume.sync()
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    assert len(again.names(b"/many")) == 400
    again.close()


def test_a_directory_that_is_read_again_knows_what_is_not_on_the_disk_yet(volume: Volume) -> None:
    filesystem = filesystem_of(volume)
    volume.tree.mkdir(b"/directory")
    volume.tree.write(b"/directory/file", b"written, but its entry is not")
    volume.tree.inode(b"/directory/file").sync_range(0, 100)
    filesystem.recent.clear()
    assert volume.tree.read(b"/directory/file") == b"written, but its entry is not"


def test_clusters_that_were_promised_and_not_used_are_free_again(volume: Volume) -> None:
    filesystem = filesystem_of(volume)
    free = filesystem.statistics().blocks_free
    volume.tree.write(b"/file", b"less than the page that it is in")
    volume.sync()
    filesystem.recent.clear()
    assert filesystem.statistics().blocks_free == free - 1


def test_a_directory_in_use_lately_is_not_read_again(volume: Volume) -> None:
    volume.tree.mkdir(b"/directory")
    volume.tree.write(b"/directory/file", b"")
    directory = volume.tree.inode(b"/directory")
    lately = weakref.ref(directory)
    del directory
    assert volume.tree.inode(b"/directory") is lately()


def test_the_right_to_write_is_all_that_chmod_can_change(volume: Volume) -> None:
    tree = volume.tree
    tree.write(b"/file", b"1", mode=0o644)
    assert tree.stat(b"/file").mode == 0o755
    tree.chmod(b"/file", 0o555)
    volume.sync()
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    assert again.stat(b"/file").mode == 0o555
    again.close()
    assert outcome(tree.chmod, b"/file", 0o700) == "EPERM"
    assert outcome(tree.chown, b"/file", 5, 5) == "EPERM"
    tree.chmod(b"/file", 0o755)
    assert outcome(tree.mknod, b"/fifo", InodeType.FIFO) == "EPERM"
    assert outcome(tree.symlink, b"file", b"/link") == "EPERM"


def test_options_say_whose_the_files_are() -> None:
    volume = Volume(disk("fat16"), b"uid=7,gid=8,fmask=0137,dmask=027,utf8")
    volume.tree.write(b"/file", b"")
    volume.tree.mkdir(b"/dir")
    about, directory = volume.tree.stat(b"/file"), volume.tree.stat(b"/dir")
    assert (about.uid, about.gid, about.mode, directory.mode) == (7, 8, 0o640, 0o750)
    assert volume.tree.view.root.inode.filesystem.options() == b",uid=7,gid=8,fmask=0137,dmask=027,utf8"
    volume.close()
    with pytest.raises(Errno):
        mount_disk(disk("fat16"), b"codepage=437")


def test_times_survive_to_two_seconds(volume: Volume) -> None:
    volume.tree.write(b"/file", b"")
    volume.tree.inode(b"/file").change_times(1_000_000_000 * 10**9, 1_234_567_891 * 10**9)
    volume.sync()
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    about = again.stat(b"/file")
    assert about.mtime_ns == 1_234_567_890 * 10**9
    assert about.atime_ns == 1_000_000_000 // 86400 * 86400 * 10**9
    again.close()


def test_what_lies_between_the_end_and_a_later_write_is_zeros(volume: Volume) -> None:
    tree = volume.tree
    tree.write(b"/old", b"\xff" * 200_000)
    volume.sync()
    tree.unlink(b"/old")
    volume.sync()
    tree.write(b"/new", b"1")
    write_at(tree.inode(b"/new"), b"2", 150_000)
    volume.sync()
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    assert again.read(b"/new") == b"1" + bytes(149_999) + b"2"
    again.close()


def test_a_file_ends_below_four_gigabytes(volume: Volume) -> None:
    volume.tree.write(b"/file", b"")
    file = volume.tree.inode(b"/file")
    assert outcome(write_at, file, b"x", (1 << 32) - 1) == "EFBIG"
    assert outcome(file.truncate, 1 << 32) == "EFBIG"
    assert outcome(file.truncate, 1 << 31) == "ENOSPC"
    assert file.size() == 0


def test_what_a_program_stores_through_a_mapping_reaches_the_disk(volume: Volume) -> None:
    volume.tree.write(b"/file", b"a" * 5000)
    file = volume.tree.inode(b"/file")
    frame = file.page(1, write=True)
    physmem.write(frame, b"mapped")
    frames.unref(frame)
    file.sync(data_only=False)
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    assert again.read(b"/file")[4096:4102] == b"mapped"
    again.close()


def test_a_moved_directory_knows_its_new_parent(volume: Volume) -> None:
    tree = volume.tree
    for path in (b"/a", b"/b", b"/a/moved", b"/b/other"):
        tree.mkdir(path)
    tree.rename(b"/a/moved", b"/b/moved")
    tree.rename(b"/b/other", b"/a", RenameFlags.EXCHANGE)
    volume.sync()
    again = Tree(mount_disk(RamDisk(bytes(volume.disk.data))))
    again.cd(b"/b/moved")
    assert again.cwd() == b"/b/moved"
    assert sorted(again.names(b"/b")) == [b"moved", b"other"]
    again.close()


def test_a_file_without_a_name_keeps_its_clusters_until_it_is_closed(volume: Volume) -> None:
    tree = volume.tree
    filesystem = tree.view.root.inode.filesystem
    before = filesystem.statistics().blocks_free
    tree.write(b"/file", b"x" * 4096)
    file = tree.inode(b"/file")
    tree.unlink(b"/file")
    tree.write(b"/other", b"y" * 4096)
    assert file.metadata().nlink == 0
    assert filesystem.statistics().blocks_free < before - 8
    del file
    tree.unlink(b"/other")
    filesystem.sync()
    assert filesystem.statistics().blocks_free == before


def test_a_read_only_disk_is_read_and_not_written() -> None:
    data = bytearray(image("fat32"))
    volume = Volume(RamDisk(bytes(data), read_only=True))
    assert outcome(volume.tree.mkdir, b"/dir") == "EROFS"
    volume.sync()
    assert volume.disk.writes == 0
    volume.tree.close()


def test_the_disk_says_whether_it_is_in_use(volume: Volume) -> None:
    assert complaints(bytes(volume.disk.data)) == ""
    volume.tree.mkdir(b"/dir")
    assert "Dirty bit is set" in complaints(bytes(volume.disk.data))
    volume.sync()
    assert complaints(bytes(volume.disk.data)) == ""


@pytest.mark.parametrize("seed", range(25))
def test_damage_is_an_error_and_never_a_crash(seed: int) -> None:
    noise = random.Random(seed)
    volume = Volume(disk(noise.choice(["fat12", "fat16", "fat32"])))
    volume.tree.mkdir(b"/dir")
    for number in range(20):
        volume.tree.write(b"/dir/file with number %d" % number, b"x" * 3000)
    volume.sync()
    data = bytearray(volume.disk.data)
    volume.tree.close()
    used = [at for at in range(512, len(data) - SLOT_SIZE) if data[at]]
    for _ in range(40):
        data[noise.choice(used)] = noise.randrange(256)
    try:
        damaged = Tree(mount_disk(RamDisk(bytes(data))))
    except Errno as error:
        assert errno_name(error.code) in ("EINVAL", "EIO")
        return
    allowed = {"ok", "EIO", "ENOENT", "ENOTDIR", "EEXIST", "EISDIR", "ENOSPC", "EINVAL", "ENOTEMPTY"}
    for number in range(20):
        path = b"/dir/file with number %d" % number
        assert outcome(damaged.read, path) in allowed
        assert outcome(damaged.write, path, b"y" * 4000) in allowed
        assert outcome(damaged.unlink, path) in allowed
    assert outcome(damaged.mkdir, b"/dir/more") in allowed
    assert outcome(damaged.view.root.inode.filesystem.sync) in allowed
