"""Path resolution: links, slashes, dots, mounts, roots, permissions, the RESOLVE_ restrictions."""

import pytest

from objects.inode import InodeType
from objects.view import Location
from tests.vfs.support import Tree, outcome, user
from vfs import paths
from vfs.walk import Walk, walk


@pytest.fixture
def home(tree: Tree) -> Tree:
    """/a/b/file, /a/up -> .., /abs -> /a/b, /loop -> loop, /dangling -> nowhere, /file"""
    tree.mkdir(b"/a")
    tree.mkdir(b"/a/b")
    tree.write(b"/a/b/file", b"deep")
    tree.write(b"/file", b"top")
    tree.symlink(b"..", b"/a/up")
    tree.symlink(b"/a/b", b"/abs")
    tree.symlink(b"loop", b"/loop")
    tree.symlink(b"nowhere", b"/dangling")
    tree.symlink(b"a/b/", b"/slashed")
    return tree


@pytest.mark.parametrize(
    ("path", "end"),
    [
        (b"/", b"/"), (b"//", b"/"), (b"/.", b"/"), (b"/..", b"/"), (b"/../../a", b"/a"), (b"a", b"/a"), (b"a/./b//file", b"/a/b/file"),
        (b"a/b/..", b"/a"), (b"a/up/a/up/file", b"/file"), (b"/abs", b"/a/b"), (b"/abs/", b"/a/b"), (b"/abs/file", b"/a/b/file"),
        (b"/abs/..", b"/a"), (b"/slashed/file", b"/a/b/file"), (b"/a/", b"/a"), (b".", b"/"), (b"a/.", b"/a"), (b"slashed", b"/a/b"),
    ],
)  # fmt: skip
def test_path_leads_to(home: Tree, path: bytes, end: bytes) -> None:
    assert paths.path_of(home.walk(path), home.view.root) == end


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (b"", "ENOENT"), (b"/none", "ENOENT"), (b"/none/x", "ENOENT"), (b"/file/x", "ENOTDIR"), (b"/file/", "ENOTDIR"),
        (b"/file/.", "ENOTDIR"), (b"/loop", "ELOOP"), (b"/loop/x", "ELOOP"), (b"/dangling", "ENOENT"), (b"/" + b"n" * 256, "ENAMETOOLONG"),
        (b"/" + b"n" * 255, "ENOENT"),
    ],
)  # fmt: skip
def test_path_fails_with(home: Tree, path: bytes, error: str) -> None:
    assert outcome(home.walk, path) == error


def test_link_at_the_end_is_followed_only_when_asked_or_before_a_slash(home: Tree) -> None:
    assert home.walk(b"/abs", Walk.NONE).inode.type == InodeType.SYMLINK
    assert home.walk(b"/abs/", Walk.NONE).inode.type == InodeType.DIRECTORY
    assert outcome(home.walk, b"/dangling", Walk.NONE) == "ok"


def test_forty_links_pass_and_forty_one_do_not(tree: Tree) -> None:
    tree.write(b"/l0", b"")
    for number in range(1, 42):
        tree.symlink(b"l%d" % (number - 1), b"/l%d" % number)
    assert outcome(tree.walk, b"/l40") == "ok"
    assert outcome(tree.walk, b"/l41") == "ELOOP"


def test_search_permission_is_needed_on_every_directory(home: Tree) -> None:
    home.chmod(b"/a", 0o700)
    home.who = user(1000)
    assert outcome(home.walk, b"/a") == "ok"
    assert outcome(home.walk, b"/a/b") == "EACCES"
    assert outcome(home.walk, b"/a/.") == "EACCES"
    assert outcome(home.walk, b"/abs/file") == "EACCES"


def test_group_class_alone_decides_for_its_members(home: Tree) -> None:
    home.chmod(b"/a", 0o707)
    home.chown(b"/a", 0, 50)
    home.who = user(1000, 50)
    assert outcome(home.walk, b"/a/b") == "EACCES"
    home.who = user(1000)
    assert outcome(home.walk, b"/a/b") == "ok"


def test_chroot_is_not_left_upwards_or_by_absolute_links(home: Tree) -> None:
    home.symlink(b"/file", b"/a/escape")
    home.view.root = home.walk(b"/a")
    home.cd(b"/b")
    assert paths.path_of(home.walk(b"../../.."), home.view.root) == b"/"
    assert outcome(home.walk, b"/escape") == "ENOENT"
    assert outcome(home.walk, b"/b/file") == "ok"


def test_mount_is_entered_and_left(home: Tree) -> None:
    root = home.mount(b"/a/b")
    assert home.walk(b"/a/b").inode is root
    assert outcome(home.walk, b"/a/b/file") == "ENOENT"
    assert paths.path_of(home.walk(b"/a/b/../.."), home.view.root) == b"/"
    home.mkdir(b"/abs/inside")
    home.cd(b"/abs/inside")
    assert home.cwd() == b"/a/b/inside"
    home.cd(b"../..")
    assert home.cwd() == b"/a"


def test_mount_on_a_mount_hides_it(home: Tree) -> None:
    home.mount(b"/a")
    second = home.mount(b"/a")
    assert home.walk(b"/a").inode is second
    assert paths.path_of(home.walk(b"/a"), home.view.root) == b"/a"
    assert home.walk(b"/a/..").inode is home.view.root.inode


def place(tree: Tree, path: bytes) -> Location:
    return tree.walk(path)


@pytest.mark.parametrize(
    ("flags", "path", "error"),
    [
        (Walk.BENEATH, b"b/file", "ok"), (Walk.BENEATH, b"b/../b", "ok"), (Walk.BENEATH, b"..", "EXDEV"), (Walk.BENEATH, b"/a", "EXDEV"),
        (Walk.BENEATH, b"up", "EXDEV"), (Walk.BENEATH, b"away", "EXDEV"),
        (Walk.IN_ROOT, b"../../b", "ok"), (Walk.IN_ROOT, b"/b/file", "ok"),
        (Walk.IN_ROOT, b"away", "ok"), (Walk.NO_LINKS, b"b/file", "ok"), (Walk.NO_LINKS, b"away/file", "ELOOP"),
        (Walk.NO_MOUNT_CROSSING, b"m", "EXDEV"), (Walk.NO_MOUNT_CROSSING, b"b", "ok"), (Walk.NO_MAGIC_LINKS, b"away", "ENOENT"),
    ],
)  # fmt: skip
def test_openat2_restrictions(home: Tree, flags: Walk, path: bytes, error: str) -> None:
    home.symlink(b"/b", b"/a/away")
    home.mkdir(b"/a/m")
    home.mount(b"/a/m")
    start = place(home, b"/a")
    assert outcome(walk, home.view, home.who, start, path, flags | Walk.FOLLOW) == error


def test_removed_working_directory(home: Tree) -> None:
    home.mkdir(b"/a/gone")
    home.cd(b"/a/gone")
    home.rmdir(b"/a/gone")
    assert outcome(home.cwd) == "ENOENT"
    assert paths.path_of(home.view.cwd, home.view.root) == b"/a/gone (deleted)"
    assert home.walk(b"..").inode is home.inode(b"/a")
    assert outcome(home.mkdir, b"sub") == "ENOENT"
    assert outcome(home.walk, b"x") == "ENOENT"
    assert outcome(home.walk, b".") == "ok"


def test_path_of_open_file_follows_renames_and_tells_deletion(home: Tree) -> None:
    file = home.walk(b"/a/b/file")
    home.rename(b"/a/b/file", b"/a/b/new")
    assert paths.path_of(file, home.view.root) == b"/a/b/new"
    home.rename(b"/a/b", b"/c")
    assert paths.path_of(file, home.view.root) == b"/c/new"
    home.unlink(b"/c/new")
    assert paths.path_of(file, home.view.root) == b"/c/file (deleted)"


def test_path_outside_the_root_is_unreachable(home: Tree) -> None:
    outside = home.walk(b"/file")
    home.view.root = home.walk(b"/a/b")
    assert paths.path_of(outside, home.view.root) == b"(unreachable)/file"
