"""Overlays by example: what is copied up, what the layers keep, what survives a copy-up, what other layers may change."""

import pytest

from objects.file import File
from objects.inode import Inode, InodeType
from objects.metadata import Owner, RenameFlags
from objects.object import Rights
from objects.view import MountFlags
from scarlet.kernel.memory import frames
from scarlet.machine import physmem
from tests.vfs.support import Archive, Tree, list_names, outcome, read_all, read_at, user, write_at
from vfs import mounts
from vfs.initramfs import populate
from vfs.opening import How
from vfs.overlay.layers import is_whiteout
from vfs.overlay.options import new_overlay
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.options import new_tmpfs

ROOT = Owner(0, 0)
DAY_NS = 86_400_000_000_000


class Layers:
    """A tree of /lower, /upper and /work, and an overlay of the first two mounted at /both."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        for path in (b"/lower", b"/upper", b"/work", b"/both"):
            tree.mkdir(path)

    def mount(self) -> Tree:
        tree = self.tree
        root = new_overlay([tree.inode(b"/lower")], tree.inode(b"/upper"), tree.inode(b"/work"))
        mounts.attach(tree.view.mounts, root, tree.walk(b"/both"), MountFlags.NONE, b"overlay")
        return tree

    def mount_again(self) -> None:
        mounts.detach(self.tree.view.mounts, self.tree.walk(b"/both").mount)
        self.mount()


@pytest.fixture
def layers(tree: Tree) -> Layers:
    return Layers(tree)


def test_attributes_are_copied_up_and_the_marks_of_the_overlay_are_its_own(layers: Layers) -> None:
    tree = layers.tree
    tree.write(b"/lower/f", b"content")
    lower = tree.inode(b"/lower/f")
    lower.set_attribute(b"user.one", b"1")
    lower.set_attribute(b"user.two", b"2")
    file = layers.mount().inode(b"/both/f")
    assert file.keeps_attributes()
    file.remove_attribute(b"user.one")
    file.set_attribute(b"user.three", b"3")
    assert outcome(file.set_attribute, b"trusted.overlay.opaque", b"y") == "EOPNOTSUPP"
    assert {name: file.attribute(name) for name in file.attribute_names()} == {b"user.two": b"2", b"user.three": b"3"}
    assert sorted(lower.attribute_names()) == [b"user.one", b"user.two"]
    assert tree.inode(b"/upper/f").attribute(b"user.three") == b"3"


def test_writing_copies_up_with_owner_mode_and_times(layers: Layers) -> None:
    tree = layers.tree
    tree.mkdir(b"/lower/d", 0o750)
    tree.chown(b"/lower/d", 7, 8)
    tree.write(b"/lower/d/f", b"content", 0o4640)
    tree.inode(b"/lower/d/f").change_owner(5, 6)
    tree.inode(b"/lower/d/f").change_mode(0o4640)
    tree.inode(b"/lower/d/f").change_times(DAY_NS, 2 * DAY_NS)
    tree.inode(b"/lower/d").change_times(3 * DAY_NS, 4 * DAY_NS)
    layers.mount().chmod(b"/both/d/f", 0o600)
    copy = tree.stat(b"/upper/d/f")
    assert (copy.mode, copy.uid, copy.gid, copy.mtime_ns, copy.atime_ns) == (0o600, 5, 6, 2 * DAY_NS, DAY_NS)
    above = tree.stat(b"/upper/d")
    assert (above.mode, above.uid, above.gid, above.mtime_ns) == (0o750, 7, 8, 4 * DAY_NS)
    assert tree.stat(b"/lower/d/f").mode == 0o4640
    assert tree.read(b"/upper/d/f") == b"content"


def test_only_writing_copies_up(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", b"content")
    tree = layers.mount()
    tree.open(b"/both/f", Rights.READ)
    assert tree.read(b"/both/f") == b"content"
    assert tree.names(b"/upper") == []
    tree.open(b"/both/f", Rights.READ | Rights.WRITE)
    assert tree.names(b"/upper") == [b"f"]


def test_truncating_while_opening_copies_no_content(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", bytes(100_000))
    tree = layers.mount()
    statistics = tree.inode(b"/upper").filesystem.statistics()
    tree.open(b"/both/f", Rights.WRITE, How.TRUNCATE)
    assert tree.stat(b"/both/f").size == 0
    assert tree.inode(b"/upper").filesystem.statistics().blocks_free == statistics.blocks_free
    assert tree.stat(b"/lower/f").size == 100_000


def test_holes_stay_holes(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", b"start")
    write_at(layers.tree.inode(b"/lower/f"), b"end", 1 << 20)
    tree = layers.mount()
    tree.chmod(b"/both/f", 0o600)
    assert tree.stat(b"/upper/f").blocks == 16
    assert read_at(tree.inode(b"/upper/f"), 1 << 20, 10) == b"end"


def test_an_open_file_goes_over_to_the_copy(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", b"old")
    tree = layers.mount()
    reader = tree.open(b"/both/f", Rights.READ)
    assert isinstance(reader, File)
    number = reader.metadata().inode_number
    write_at(tree.inode(b"/both/f"), b"new", 0)
    assert read_all(reader.inode()) == b"new"  # type: ignore[arg-type]
    assert reader.metadata().inode_number == number == tree.stat(b"/both/f").inode_number
    assert tree.read(b"/lower/f") == b"old"


def test_an_open_file_without_a_name_can_still_be_changed(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", b"old")
    tree = layers.mount()
    reader = tree.open(b"/both/f", Rights.READ)
    tree.unlink(b"/both/f")
    inode = reader.inode()
    assert inode is not None
    assert inode.metadata().nlink == 0
    inode.change_mode(0o600)
    write_at(inode, b"new", 0)
    assert (read_all(inode), inode.metadata().mode, inode.metadata().nlink) == (b"new", 0o600, 0)
    assert tree.names(b"/work/work") == []


def test_pages_of_a_program_are_those_of_the_boot_image(layers: Layers) -> None:
    tree = layers.tree
    top = tree.inode(b"/lower")
    assert isinstance(top, TmpfsDirectory)
    populate(top, *Archive().add(b"program", b"x" * 8192, align=4096).end().load())
    layers.mount()
    below, above = tree.inode(b"/lower/program"), tree.inode(b"/both/program")
    image = [below.page(index, write=False) for index in (0, 1)]  # held for ever: these frames were never free
    frame = above.page(1, write=False)
    assert frame == image[1]
    tree.open(b"/both/program", Rights.WRITE)
    other = above.page(1, write=False)
    assert other != frame
    assert physmem.read(other, 4096) == physmem.read(frame, 4096)
    frames.unref(frame)
    frames.unref(other)


def test_who_runs_a_file_keeps_it_from_being_written(layers: Layers) -> None:
    layers.tree.write(b"/lower/program", b"code", 0o755)
    tree = layers.mount()
    tree.inode(b"/both/program").executing += 1
    assert outcome(tree.open, b"/both/program", Rights.WRITE) == "ETXTBSY"
    assert tree.names(b"/upper") == []
    tree.inode(b"/both/program").executing -= 1
    writer = tree.open(b"/both/program", Rights.WRITE)
    assert tree.inode(b"/both/program").writers == 1
    del writer


def test_whiteouts_are_those_of_linux_and_do_not_show(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", b"")
    layers.tree.mkdir(b"/lower/d")
    tree = layers.mount()
    tree.unlink(b"/both/f")
    tree.rmdir(b"/both/d")
    assert all(is_whiteout(tree.inode(b"/upper/" + name)) for name in (b"f", b"d"))
    assert tree.names(b"/both") == []
    assert outcome(tree.mknod, b"/both/w", InodeType.CHARACTER, 0o600, 0) == "EPERM"
    assert outcome(tree.rename, b"/both/f", b"/both/g", RenameFlags.WHITEOUT) == "ENOENT"


def test_a_directory_made_anew_is_empty(layers: Layers) -> None:
    layers.tree.mkdir(b"/lower/d")
    layers.tree.write(b"/lower/d/old", b"")
    tree = layers.mount()
    tree.unlink(b"/both/d/old")
    tree.rmdir(b"/both/d")
    tree.mkdir(b"/both/d")
    assert tree.names(b"/both/d") == []
    layers.mount_again()
    assert tree.names(b"/both/d") == []


def test_a_renamed_directory_keeps_what_it_had_below(layers: Layers) -> None:
    layers.tree.mkdir(b"/lower/a")
    layers.tree.mkdir(b"/lower/a/deep")
    layers.tree.write(b"/lower/a/deep/f", b"content")
    layers.tree.mkdir(b"/lower/b")
    tree = layers.mount()
    tree.rename(b"/both/a/deep", b"/both/b/moved")
    tree.rename(b"/both/b", b"/both/c")
    assert tree.read(b"/both/c/moved/f") == b"content"
    assert tree.names(b"/both/a") == []
    tree.mkdir(b"/both/b")
    assert tree.names(b"/both/b") == []
    assert list_names(tree.inode(b"/upper/c/moved")) == []


def test_a_renamed_directory_stays_what_it_was_when_mounted_again(layers: Layers) -> None:
    layers.tree.mkdir(b"/lower/a")
    layers.tree.write(b"/lower/a/f", b"content")
    tree = layers.mount()
    tree.rename(b"/both/a", b"/both/b")
    layers.mount_again()
    assert tree.names(b"/both") == [b"b"]
    assert tree.names(b"/both/b") == [b"f"]


def test_a_name_that_is_left_is_counted(layers: Layers) -> None:
    layers.tree.write(b"/lower/a", b"content")
    layers.tree.link(b"/lower/a", b"/lower/b")
    tree = layers.mount()
    tree.unlink(b"/both/a")
    assert tree.stat(b"/both/b").nlink == 1
    layers.mount_again()
    assert (tree.stat(b"/both/b").nlink, tree.read(b"/both/b")) == (1, b"content")


def test_names_of_one_file_stay_together(layers: Layers) -> None:
    layers.tree.write(b"/lower/a", b"old")
    layers.tree.link(b"/lower/a", b"/lower/b")
    tree = layers.mount()
    write_at(tree.inode(b"/both/a"), b"new", 0)
    assert tree.read(b"/both/b") == b"new"
    assert tree.stat(b"/both/a").inode_number == tree.stat(b"/both/b").inode_number
    tree.unlink(b"/both/a")
    assert tree.stat(b"/both/b").nlink == 1
    tree.link(b"/both/b", b"/both/c")
    assert tree.stat(b"/both/c").nlink == 2
    tree.unlink(b"/both/b")
    tree.unlink(b"/both/c")
    assert tree.names(b"/work/index") == []
    assert tree.read(b"/lower/b") == b"old"


def test_changes_in_the_layers_are_seen(layers: Layers) -> None:
    layers.tree.write(b"/lower/a", b"below")
    tree = layers.mount()
    assert tree.names(b"/both") == [b"a"]
    tree.write(b"/upper/new", b"above")
    tree.write(b"/upper/a", b"above")
    assert sorted(tree.names(b"/both")) == [b"a", b"new"]
    assert tree.read(b"/both/a") == b"above"
    tree.chmod(b"/upper/a", 0o600)
    assert tree.inode(b"/both/a").mode == 0o600
    tree.unlink(b"/upper/a")
    assert tree.read(b"/both/a") == b"below"


def test_special_files_are_copied_up_as_what_they_are(layers: Layers) -> None:
    layers.tree.mknod(b"/lower/pipe", InodeType.FIFO)
    layers.tree.mknod(b"/lower/device", InodeType.BLOCK, 0o600, 0x103)
    layers.tree.symlink(b"target", b"/lower/link")
    tree = layers.mount()
    assert tree.inode(b"/both/link").readlink() == b"target"
    for name in (b"pipe", b"device", b"link"):
        tree.inode(b"/both/" + name).change_owner(3, 3)
        above, below = tree.stat(b"/upper/" + name), tree.stat(b"/lower/" + name)
        assert (above.type, above.mode, above.rdev, above.uid) == (below.type, below.mode, below.rdev, 3)
    assert tree.inode(b"/upper/link").readlink() == b"target"


def test_without_space_nothing_is_left_half_made(layers: Layers) -> None:
    layers.tree.mkdir(b"/lower/d")
    layers.tree.write(b"/lower/d/f", b"x" * 10_000)
    tree = layers.tree
    upper = new_tmpfs(max_pages=2)
    for name in (b"upper", b"work"):
        upper.create(name, InodeType.DIRECTORY, 0o755, ROOT)
    root = new_overlay([tree.inode(b"/lower")], upper.lookup(b"upper"), upper.lookup(b"work"))
    mounts.attach(tree.view.mounts, root, tree.walk(b"/both"), MountFlags.NONE, b"overlay")
    assert outcome(tree.open, b"/both/d/f", Rights.WRITE) == "ENOSPC"
    assert list_names(upper.lookup(b"work").lookup(b"work")) == []
    assert upper.filesystem.statistics().blocks_free == 2
    assert tree.read(b"/both/d/f") == b"x" * 10_000


def test_several_lower_layers_without_an_upper_one_are_read_only(layers: Layers) -> None:
    tree = layers.tree
    tree.write(b"/lower/f", b"second")
    tree.write(b"/upper/f", b"first")
    root = new_overlay([tree.inode(b"/upper"), tree.inode(b"/lower")], None, None)
    mounts.attach(tree.view.mounts, root, tree.walk(b"/both"), MountFlags.NONE, b"overlay")
    assert tree.read(b"/both/f") == b"first"
    for name, arguments in (("write", (b"/both/f", b"")), ("mkdir", (b"/both/d",)), ("unlink", (b"/both/f",)), ("chmod", (b"/both/f", 0))):
        assert outcome(getattr(tree, name), *arguments) == "EROFS"
    assert outcome(tree.inode(b"/both/f").change_mode, 0) == "EROFS"


def test_an_overlay_is_a_layer_of_another(layers: Layers) -> None:
    layers.tree.write(b"/lower/f", b"content")
    tree = layers.mount()
    for path in (b"/upper2", b"/work2", b"/top"):
        tree.mkdir(path)
    root = new_overlay([tree.inode(b"/both")], tree.inode(b"/upper2"), tree.inode(b"/work2"))
    mounts.attach(tree.view.mounts, root, tree.walk(b"/top"), MountFlags.NONE, b"overlay")
    tree.unlink(b"/both/f")
    assert tree.names(b"/top") == []
    tree.write(b"/both/f", b"again")
    write_at(tree.inode(b"/top/f"), b"A", 0)
    assert (tree.read(b"/top/f"), tree.read(b"/both/f")) == (b"Again", b"again")


def test_what_cannot_be_layers(layers: Layers) -> None:
    tree = layers.mount()

    def make(lower: bytes, upper: bytes, work: bytes) -> str:
        inodes: list[Inode] = [tree.inode(path) for path in (lower, upper, work)]
        return outcome(new_overlay, inodes[:1], inodes[1], inodes[2])

    for path in (b"/l", b"/u", b"/w", b"/u/in"):
        tree.mkdir(path)
    tree.write(b"/file", b"")
    assert make(b"/l", b"/upper", b"/w") == "EBUSY"
    assert make(b"/l", b"/u", b"/work") == "EBUSY"
    assert make(b"/l", b"/u", b"/u/in") == "EINVAL"
    assert make(b"/u/in", b"/u", b"/w") == "ELOOP"
    assert make(b"/l", b"/both", b"/w") == "EINVAL"
    assert make(b"/file", b"/u", b"/w") == "ENOTDIR"
    assert make(b"/l", b"/u", b"/w") == "ok"


def test_ordinary_users_need_the_permissions_of_the_files(layers: Layers) -> None:
    layers.tree.write(b"/lower/mine", b"", 0o600)
    layers.tree.chown(b"/lower/mine", 1000, 1000)
    layers.tree.write(b"/lower/theirs", b"", 0o644)
    tree = layers.mount()
    tree.who = user(1000)
    assert outcome(tree.open, b"/both/mine", Rights.WRITE) == "ok"
    assert outcome(tree.open, b"/both/theirs", Rights.WRITE) == "EACCES"
    assert outcome(tree.unlink, b"/both/mine") == "EACCES"
    assert outcome(tree.chmod, b"/both/theirs", 0) == "EPERM"
    tree.who = user(0)
