"""The mount tree: binding, moving, unmounting, who keeps a mount busy."""

import pytest

from objects.object import Rights
from objects.view import Location, Mount
from tests.vfs.support import Tree, outcome
from vfs import filesystems, mounts
from vfs.paths import path_of, working_directory
from vfs.procfs.mounttables import mountinfo
from vfs.procfs.mounttables import mounts as mount_lines
from vfs.sysfs import new_sysfs
from vfs.tmpfs.options import new_tmpfs


@pytest.fixture
def home(tree: Tree) -> Tree:
    """/a (a mount) with /a/b (a mount) and /a/c; /p, /q"""
    for path in (b"/a", b"/p", b"/q"):
        tree.mkdir(path)
    tree.mount(b"/a")
    tree.mkdir(b"/a/b")
    tree.mkdir(b"/a/c")
    tree.mount(b"/a/b")
    tree.write(b"/a/b/deep", b"deep")
    tree.write(b"/a/c/file", b"file")
    return tree


def top(tree: Tree, path: bytes) -> Mount:
    return tree.walk(path).mount


def unmount(tree: Tree, path: bytes) -> str:
    return outcome(mounts.unmount, tree.view.mounts, top(tree, path))


def test_bind_shows_one_tree_twice(home: Tree) -> None:
    mounts.bind(home.view.mounts, home.walk(b"/a"), home.walk(b"/p"), recursive=False)
    assert home.read(b"/p/c/file") == b"file"
    assert home.names(b"/p/b") == []
    home.write(b"/p/c/new", b"new")
    assert home.read(b"/a/c/new") == b"new"
    assert path_of(home.walk(b"/p/c/file"), home.view.root) == b"/p/c/file"


def test_recursive_bind_takes_mounts_along(home: Tree) -> None:
    mounts.bind(home.view.mounts, home.walk(b"/"), home.walk(b"/p"), recursive=True)
    assert home.read(b"/p/a/b/deep") == b"deep"
    assert home.names(b"/p/p") == []
    home.cd(b"/p/a/b")
    assert working_directory(home.view.cwd, home.view.root) == b"/p/a/b"


def test_recursive_bind_of_a_part_takes_only_what_is_below(home: Tree) -> None:
    mounts.bind(home.view.mounts, home.walk(b"/a/c"), home.walk(b"/p"), recursive=True)
    assert home.names(b"/p") == [b"file"]
    assert len(home.view.mounts.mounts) == 4


def test_file_is_bound_over_a_file_only(home: Tree) -> None:
    home.write(b"/target", b"below")
    mounts.bind(home.view.mounts, home.walk(b"/a/c/file"), home.walk(b"/target"), recursive=False)
    assert home.read(b"/target") == b"file"
    assert outcome(home.unlink, b"/target") == "EBUSY"
    assert path_of(home.walk(b"/target"), home.view.root) == b"/target"
    assert outcome(mounts.attach, home.view.mounts, new_tmpfs(), home.walk(b"/target"), mounts.MountFlags.NONE, b"") == "ENOTDIR"
    assert unmount(home, b"/target") == "ok"
    assert home.read(b"/target") == b"below"


def test_unmounting_what_is_in_use(home: Tree) -> None:
    assert unmount(home, b"/a") == "EBUSY"
    file = home.open(b"/a/b/deep")
    assert unmount(home, b"/a/b") == "EBUSY"
    del file
    home.cd(b"/a/b")
    assert unmount(home, b"/a/b") == "EBUSY"
    home.cd(b"/")
    assert unmount(home, b"/a/b") == "ok"
    assert unmount(home, b"/a") == "ok"
    assert unmount(home, b"/") == "EINVAL"


def test_an_unused_mount_expires_at_the_second_call(home: Tree) -> None:
    def expire() -> str:
        return outcome(mounts.expire, home.view.mounts, top(home, b"/a/b"))

    assert expire() == "EAGAIN"
    assert home.names(b"/a/b") == [b"deep"]
    assert expire() == "EAGAIN"
    home.cd(b"/a/b")
    assert expire() == "EBUSY"
    home.cd(b"/")
    assert expire() == "EAGAIN"
    assert expire() == "ok"
    assert home.names(b"/a/b") == []


def test_no_mount_becomes_read_only_under_a_writer(home: Tree) -> None:
    writer = home.open(b"/a/b/deep", Rights.WRITE)
    assert outcome(mounts.remount, top(home, b"/a/b"), mounts.MountFlags.READ_ONLY) == "EBUSY"
    assert outcome(mounts.remount, top(home, b"/a"), mounts.MountFlags.READ_ONLY) == "ok"
    del writer
    assert outcome(mounts.remount, top(home, b"/a/b"), mounts.MountFlags.READ_ONLY) == "ok"
    assert outcome(home.open, b"/a/b/deep", Rights.WRITE) == "EROFS"


def test_detached_mounts_live_on_for_their_users(home: Tree) -> None:
    home.cd(b"/a/b")
    mounts.detach(home.view.mounts, top(home, b"/a"))
    assert home.names(b"/a") == []
    assert home.read(b"deep") == b"deep"
    assert working_directory(home.view.cwd, home.view.root) == b"(unreachable)/"
    assert outcome(home.walk, b"..") == "ok"
    assert len(home.view.mounts.mounts) == 1


def test_moving(home: Tree) -> None:
    table = home.view.mounts
    mounts.move(table, top(home, b"/a"), home.walk(b"/p"))
    assert home.names(b"/a") == []
    assert home.read(b"/p/b/deep") == b"deep"
    assert outcome(mounts.move, table, top(home, b"/p"), home.walk(b"/p/c")) == "ELOOP"
    assert outcome(mounts.move, table, top(home, b"/"), home.walk(b"/q")) == "EINVAL"
    mounts.move(table, top(home, b"/p/b"), home.walk(b"/q"))
    assert [path_of(Location(mount, mount.root), home.view.root) for mount in table.mounts] == [b"/", b"/p", b"/q"]


def test_pivot_root(home: Tree) -> None:
    home.mkdir(b"/a/old")
    mounts.pivot(home.view, home.walk(b"/a"), home.walk(b"/a/old"))
    home.view.root = Location(home.view.mounts.root, home.view.mounts.root.root)
    home.view.cwd = home.view.root
    assert home.read(b"/b/deep") == b"deep"
    assert home.names(b"/old") == [b"a", b"p", b"q"]
    assert outcome(mounts.pivot, home.view, home.walk(b"/c"), home.walk(b"/b")) == "EBUSY"
    assert outcome(mounts.pivot, home.view, home.walk(b"/b"), home.walk(b"/c")) == "EBUSY"


def test_tables_show_what_the_root_reaches(home: Tree) -> None:
    mounts.remount(top(home, b"/a"), mounts.MountFlags.READ_ONLY | mounts.MountFlags.NOSUID | mounts.MountFlags.NOATIME)
    home.mkdir(b"/q/a b\\")
    mounts.bind(home.view.mounts, home.walk(b"/a/c"), home.walk(b"/q/a b\\"), recursive=False)
    assert mount_lines(home.view).splitlines() == [
        b"rootfs / tmpfs rw,relatime 0 0",
        b"tmpfs /a tmpfs ro,nosuid,noatime 0 0",
        b"tmpfs /a/b tmpfs rw 0 0",
        b"tmpfs /q/a\\040b\\134 tmpfs ro,nosuid,noatime 0 0",
    ]
    assert b" /c /q/a\\040b\\134 ro,nosuid,noatime - tmpfs tmpfs rw" in mountinfo(home.view)
    home.view.root = home.walk(b"/a")
    assert mount_lines(home.view).splitlines() == [b"tmpfs / tmpfs ro,nosuid,noatime 0 0", b"tmpfs /b tmpfs rw 0 0"]


def test_sysfs_is_read_only(home: Tree) -> None:
    mounts.attach(home.view.mounts, new_sysfs(), home.walk(b"/p"), mounts.MountFlags.NONE, b"sysfs")
    assert outcome(home.mkdir, b"/p/x") == "EROFS"
    assert home.names(b"/p") == []
    assert outcome(filesystems.make, b"none", b"", b"") == "ENODEV"
