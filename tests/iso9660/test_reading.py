"""Discs of the real tool: every tree on them, against the folder they were made of and against the tool's own reader."""

import os
import subprocess
from pathlib import Path

import pytest

from objects.inode import InodeType
from objects.metadata import Owner
from objects.object import Rights
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import EINVAL, EOPNOTSUPP, Errno
from scarlet.machine import physmem
from tests.ext.support import contents_of_folder, contents_of_tree
from tests.hosttools import tool
from tests.iso9660.support import WITH_ROCK_RIDGE, as_read_by_xorriso, folder, image, make, mounted
from tests.vfs.support import Tree, outcome, read_at, write_at
from tests.vfs.xv6image import RamDisk
from vfs.ext.mount import mount_disk as mount_ext
from vfs.fat.mount import mount_disk as mount_fat
from vfs.iso9660.check import check
from vfs.iso9660.mount import mount_disk, mount_image
from vfs.overlay.options import new_overlay
from vfs.partitions import read_table
from vfs.tmpfs.options import new_tmpfs
from vfs.xv6fs.mount import mount_disk as mount_xv6fs


@pytest.mark.parametrize("kind", [*WITH_ROCK_RIDGE, "joliet"])
def test_names_and_contents_are_those_of_the_folder(kind: str) -> None:
    assert contents_of_tree(mounted(image(kind))) == contents_of_folder(folder())
    assert check(RamDisk(image(kind), read_only=True)) == []


@pytest.mark.parametrize("kind", ["plain", "plain-long"])
def test_plain_names_are_in_small_letters_without_versions(kind: str) -> None:
    theirs = as_read_by_xorriso(image(kind))
    expected = {path.lower().removesuffix(b";1").removesuffix(b"."): content for path, content in theirs.items()}
    ours = contents_of_tree(mounted(image(kind)))
    assert ours == expected
    assert ours[b"/hello.txt"] == b"hello\n"
    assert len(ours) == len(contents_of_folder(folder()))


@pytest.mark.parametrize("kind", WITH_ROCK_RIDGE)
def test_attributes_are_those_of_the_folder(kind: str) -> None:
    tree = mounted(image(kind))
    for path in folder().rglob("*"):
        there = path.lstat()
        here = tree.stat(b"/" + os.fsencode(path.relative_to(folder())))
        assert (here.type_and_mode, here.uid, here.gid) == (there.st_mode, there.st_uid, there.st_gid), path
        assert here.mtime_ns == there.st_mtime_ns, path
        if path.is_symlink():
            assert tree.inode(b"/" + os.fsencode(path.relative_to(folder()))).readlink() == os.fsencode(os.readlink(path))
            assert here.size == len(os.readlink(path))
        if path.is_file() and not path.is_symlink():
            assert (here.nlink, here.size) == (there.st_nlink, there.st_size), path


def test_the_relocated_disc_has_relocated_directories() -> None:
    """Else the tests above say nothing about them."""
    assert b"CL\x0c\x01" in image("relocated")
    assert b"CL\x0c\x01" not in image("rock-ridge")
    plain = mounted(image("relocated"), b"norock")
    assert b"rr_moved" in plain.names(b"/")
    assert b"rr_moved" not in mounted(image("relocated")).names(b"/")


@pytest.mark.parametrize("options", [b"", b"norock", b"norock,nojoliet"])
def test_options_choose_the_tree(options: bytes) -> None:
    tree = mounted(image("rock-ridge-and-joliet"), options)
    long = "A long name with Spaces and größe.text".encode()
    assert (long in tree.names(b"/")) == (b"nojoliet" not in options)
    assert (tree.stat(b"/hello.txt").mode == 0o4751) == (options == b"")
    assert outcome(tree.stat, b"/HELLO.TXT") == ("ok" if options == b"norock" else "ENOENT")
    shown = {b"": b",nojoliet,check=s", b"norock": b",norock,check=r", b"norock,nojoliet": b",norock,check=s"}[options]
    assert tree.inode(b"/").filesystem.options() == shown + b",map=n,blocksize=2048,iocharset=utf8"


def test_a_path_leads_back_to_the_root() -> None:
    tree = mounted(image("relocated"))
    tree.cd(b"/a/b/c/d/e/f/g/h/i/j")
    assert tree.cwd() == b"/a/b/c/d/e/f/g/h/i/j"
    assert tree.inode(b"../../../../../../../../../..") is tree.inode(b"/")


def test_a_listing_goes_on_where_it_stopped() -> None:
    directory = mounted(image("rock-ridge")).inode(b"/many")
    first = directory.list(0)
    middle = directory.list(first[49].cursor)
    assert [entry.name for entry in middle][: len(first) - 50] == [entry.name for entry in first[50:]]
    numbers = [entry.inode_number for batch in (first, directory.list(first[-1].cursor)) for entry in batch]
    assert len(set(numbers)) == len(numbers)
    assert directory.lookup(first[7].name).number == first[7].inode_number


def test_pages_are_shared_and_nothing_leaks() -> None:
    before = frames.free_frames()
    tree = mounted(image("rock-ridge"))
    file = tree.inode(b"/blocks")
    frame = file.page(1, write=False)
    assert physmem.read(frame, 4096) == (bytes(range(256)) * 400)[4096:8192]
    assert file.resident(1) == frame
    frames.unref(frame)
    frames.unref(frame)
    last = file.page(24, write=False)
    assert physmem.read(last, 4096) == (bytes(range(256)) * 16), "the last page is whole"
    assert file.page(25, write=False) == 0
    frames.unref(last)
    buffer = KernelBytes(bytearray(102400))
    assert file.read_direct(buffer, 0) == 102400
    assert bytes(buffer.data) == bytes(range(256)) * 400
    del file
    tree.close()
    assert frames.free_frames() == before


def test_nothing_can_be_changed() -> None:
    tree = mounted(image("rock-ridge"))
    for action in (
        lambda: tree.write(b"/new", b"x"), lambda: tree.write(b"/hello.txt", b"x"), lambda: tree.mkdir(b"/d"),
        lambda: tree.unlink(b"/empty"), lambda: tree.rename(b"/empty", b"/full"),
        lambda: tree.chmod(b"/empty", 0o600), lambda: tree.chown(b"/empty", 1, 1),
        lambda: tree.link(b"/empty", b"/full"), lambda: tree.symlink(b"x", b"/y"), lambda: tree.rmdir(b"/many"),
        lambda: write_at(tree.inode(b"/empty"), b"x", 0), lambda: tree.inode(b"/empty").truncate(5),
        lambda: tree.inode(b"/empty").page(0, write=True),
    ):  # fmt: skip
        assert outcome(action) == "EROFS"
    assert outcome(tree.inode(b"/").create, b"new", InodeType.REGULAR, 0o644, Owner(0, 0)) == "EPERM"


def test_totals() -> None:
    found = mounted(image("plain")).inode(b"/").filesystem.statistics()
    assert (found.type, found.block_size, found.blocks_free, found.files) == (0x9660, 2048, 0, 0)
    assert 0 < found.blocks <= len(image("plain")) // 2048


OPTIONS = {
    b"uid=7,gid=8": (0o555, 0o555, 7, 8),
    b"mode=0640,dmode=0750": (0o640, 0o750, 0, 0),
    b"mode=420,dmode=0x1ff": (0o644, 0o777, 0, 0),
    b"block=1024,utf8,iocharset=utf8,hide,cruft": (0o555, 0o555, 0, 0),
}


@pytest.mark.parametrize("options", OPTIONS)
def test_options_are_followed_where_the_disc_says_nothing(options: bytes) -> None:
    tree = mounted(image("plain"), options)
    file, directory = tree.stat(b"/hello.txt"), tree.stat(b"/many")
    assert (file.mode, directory.mode, file.uid, file.gid) == OPTIONS[options]


def test_options_over_rock_ridge() -> None:
    tree = mounted(image("rock-ridge"), b"uid=7,mode=0640,dmode=0750")
    assert (tree.stat(b"/hello.txt").mode, tree.stat(b"/many").mode, tree.stat(b"/hello.txt").uid) == (0o4751, 0o700, 7)
    tree = mounted(image("rock-ridge"), b"overriderockperm,mode=0640,dmode=0750")
    assert (tree.stat(b"/hello.txt").mode, tree.stat(b"/many").mode) == (0o640, 0o750)
    assert tree.inode(b"/").filesystem.options().startswith(b",nojoliet,check=s,map=n,overriderockperm,dmode=750,fmode=640")


def test_names_as_they_are_on_the_disc() -> None:
    assert b"HELLO.TXT;1" in mounted(image("plain"), b"map=off").names(b"/")
    tree = mounted(image("plain"), b"check=relaxed")
    assert tree.inode(b"/HELLO.txt") is tree.inode(b"/hello.TXT")
    assert outcome(mounted(image("joliet"), b"check=s").stat, b"/HELLO.TXT") == "ENOENT"


@pytest.mark.parametrize("options", [
    b"umask=022", b"map=acorn", b"map", b"check=x", b"session=1", b"iocharset=koi8-r", b"uid=", b"uid=x", b"mode=8x", b"norock=1",
    b"block=4096", b"nonsense", b"sbsector=-1",
])  # fmt: skip
def test_other_options_are_refused(options: bytes) -> None:
    with pytest.raises(Errno) as error:
        mounted(image("plain"), options)
    assert error.value.code == EINVAL


def test_other_kinds_do_not_take_a_disc_and_iso9660_does_not_take_theirs() -> None:
    for mount in (mount_ext, mount_fat, mount_xv6fs):
        with pytest.raises(Errno) as error:
            mount(RamDisk(image("plain"), read_only=True))
        assert error.value.code == EINVAL
    for other in (bytes(1 << 20), b"x" * 40000, bytes(512)):
        with pytest.raises(Errno) as error:
            mount_disk(RamDisk(other))
        assert error.value.code == EINVAL


def test_compressed_files_are_refused_or_shown_as_they_are(tmp_path: Path) -> None:
    disc = tmp_path / "disc.iso"
    (tmp_path / "text").write_bytes(b"much the same " * 10_000)
    command = [tool("xorriso"), "-outdev", disc, "-map", tmp_path / "text", "/text", "-set_filter_r", "--zisofs", "/", "--"]
    subprocess.run(command, check=True, capture_output=True)
    data = disc.read_bytes()
    tree = mounted(data)
    assert tree.stat(b"/text").size == 140_000
    for action in (lambda: tree.open(b"/text", Rights.READ), lambda: tree.inode(b"/text").page(0, write=False)):
        with pytest.raises(Errno) as error:
            action()
        assert error.value.code == EOPNOTSUPP
    raw = mounted(data, b"nocompress").inode(b"/text")
    assert raw.size() < 140_000
    assert read_at(raw, 0, 8) == bytes.fromhex("37e45396c9dbd607"), "the magic number of zisofs"


def test_a_file_that_is_an_image_is_mounted_and_let_go() -> None:
    below = Tree()
    below.write(b"/disc.iso", image("plain"))
    file = below.inode(b"/disc.iso")
    tree = Tree(mount_image(file, b""))
    assert tree.read(b"/hello.txt") == b"hello\n"
    tree.close()
    assert file.writers == 0
    assert outcome(mount_image, below.inode(b"/"), b"") == "ENOTBLK"


def test_a_disc_that_is_a_disk_as_well() -> None:
    """Images for memory sticks have a partition table in front, and a partition that is a disc itself."""
    data = make(folder(), "-R", "-partition_offset", "16")
    table = read_table(RamDisk(data, read_only=True), "stick")
    assert [entry.start for entry in table] == [16 * 2048]
    expected = contents_of_folder(folder())
    assert contents_of_tree(mounted(data)) == expected
    assert contents_of_tree(mounted(data[16 * 2048 :])) == expected


def test_an_overlay_makes_a_disc_writable() -> None:
    """As live systems do."""
    disc, above = mounted(image("rock-ridge")), new_tmpfs(mode=0o755)
    upper, work = (above.create(name, InodeType.DIRECTORY, 0o755, Owner(0, 0)) for name in (b"upper", b"work"))
    tree = Tree(new_overlay([disc.inode(b"/")], upper, work))
    tree.write(b"/hello.txt", b"changed")
    tree.unlink(b"/empty")
    assert tree.read(b"/hello.txt") == b"changed"
    assert tree.read(b"/blocks")[:256] == bytes(range(256))
    assert b"empty" not in tree.names(b"/")
    assert disc.read(b"/hello.txt") == b"hello\n"
