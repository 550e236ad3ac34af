"""Making, removing and moving names: what each call refuses, and who may do it."""

import pytest

from objects.credentials import Credentials
from objects.inode import InodeType
from objects.metadata import RenameFlags, device_number
from objects.object import Rights
from tests.vfs.support import Tree, outcome, read_all, user
from vfs.opening import How
from vfs.permissions import EXECUTE, READ, WRITE, may

NOREPLACE, EXCHANGE, WHITEOUT = RenameFlags.NOREPLACE, RenameFlags.EXCHANGE, RenameFlags.WHITEOUT


@pytest.fixture
def home(tree: Tree) -> Tree:
    """/d/sub/f, /d/f, /e (empty), /f, /link -> f, /m (a mount point)"""
    for path in (b"/d", b"/d/sub", b"/e", b"/m"):
        tree.mkdir(path)
    for path in (b"/d/sub/f", b"/d/f", b"/f"):
        tree.write(path, path)
    tree.symlink(b"f", b"/link")
    tree.mount(b"/m")
    return tree


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (b"/new", "ok"), (b"/new/", "ok"), (b"/d/sub/new", "ok"), (b"/f", "EEXIST"), (b"/d", "EEXIST"), (b"/link", "EEXIST"),
        (b"/", "EEXIST"),
        (b".", "EEXIST"), (b"/d/..", "EEXIST"), (b"/none/new", "ENOENT"), (b"/f/new", "ENOTDIR"), (b"", "ENOENT"),
        (b"/" + b"n" * 256, "ENAMETOOLONG"),
    ],
)  # fmt: skip
def test_mkdir(home: Tree, path: bytes, error: str) -> None:
    assert outcome(home.mkdir, path) == error


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (b"/f", "ok"), (b"/link", "ok"), (b"/d", "EISDIR"), (b"/f/", "ENOTDIR"), (b"/d/", "EISDIR"), (b"/none", "ENOENT"), (b"/", "EISDIR"),
        (b"/d/.", "EISDIR"), (b"/m", "EISDIR"),
    ],
)  # fmt: skip
def test_unlink(home: Tree, path: bytes, error: str) -> None:
    assert outcome(home.unlink, path) == error


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (b"/e", "ok"), (b"/e/", "ok"), (b"/d", "ENOTEMPTY"), (b"/f", "ENOTDIR"), (b"/link", "ENOTDIR"), (b"/none", "ENOENT"),
        (b"/", "EBUSY"),
        (b"/e/.", "EINVAL"), (b"/d/sub/..", "ENOTEMPTY"), (b"/m", "EBUSY"),
    ],
)  # fmt: skip
def test_rmdir(home: Tree, path: bytes, error: str) -> None:
    assert outcome(home.rmdir, path) == error


@pytest.mark.parametrize(
    ("old", "new", "flags", "error"),
    [
        (b"/f", b"/g", 0, "ok"), (b"/f", b"/d/f", 0, "ok"), (b"/f", b"/d", 0, "EISDIR"), (b"/d", b"/f", 0, "ENOTDIR"),
        (b"/d", b"/e", 0, "ok"),
        (b"/e", b"/d", 0, "ENOTEMPTY"), (b"/d", b"/d/sub/x", 0, "EINVAL"), (b"/d/sub", b"/d", 0, "ENOTEMPTY"),
        (b"/none", b"/x", 0, "ENOENT"),
        (b"/f", b"/none/x", 0, "ENOENT"), (b"/f", b"/g/", 0, "ENOTDIR"), (b"/e", b"/g/", 0, "ok"), (b"/f", b"/f", 0, "ok"),
        (b"/f", b"/m/f", 0, "EXDEV"), (b"/m", b"/x", 0, "EBUSY"), (b"/f", b"/m", 0, "EISDIR"), (b"/e", b"/m", 0, "EBUSY"),
        (b"/", b"/x", 0, "EBUSY"),
        (b"/f", b"/", 0, "EBUSY"), (b"/e/.", b"/x", 0, "EBUSY"), (b"/f", b"/d/f", NOREPLACE, "EEXIST"), (b"/f", b"/x", NOREPLACE, "ok"),
        (b"/f", b"/d", EXCHANGE, "ok"), (b"/f", b"/x", EXCHANGE, "ENOENT"), (b"/d", b"/d/sub", EXCHANGE, "EINVAL"),
        (b"/d/sub", b"/d", EXCHANGE, "EINVAL"), (b"/link", b"/x", 0, "ok"),
    ],
)  # fmt: skip
def test_rename(home: Tree, old: bytes, new: bytes, flags: int, error: str) -> None:
    assert outcome(home.rename, old, new, RenameFlags(flags)) == error


def test_rename_over_open_file_keeps_old_contents_readable(home: Tree) -> None:
    old = home.inode(b"/d/f")
    home.rename(b"/f", b"/d/f")
    assert read_all(old) == b"/d/f"
    assert home.read(b"/d/f") == b"/f"
    assert old.metadata().nlink == 0


def test_whiteout_is_left_behind(home: Tree) -> None:
    home.rename(b"/f", b"/g", WHITEOUT)
    left = home.stat(b"/f")
    assert (left.type, left.rdev) == (InodeType.CHARACTER, 0)


def test_everybody_may_leave_a_whiteout(home: Tree) -> None:
    home.mkdir(b"/own")
    home.write(b"/own/f", b"")
    home.chown(b"/own", 1000, 1000)
    home.who = user(1000)
    home.rename(b"/own/f", b"/own/g", WHITEOUT)
    assert home.stat(b"/own/f").type == InodeType.CHARACTER


def test_renaming_a_file_to_another_of_its_names_needs_no_permission(home: Tree) -> None:
    home.link(b"/f", b"/f2")
    home.who = user(1000)
    home.rename(b"/f", b"/f2")
    assert home.names(b"/").count(b"f") == 1
    assert outcome(home.rename, b"/f", b"/d/f") == "EACCES"


def test_links_to_one_file(home: Tree) -> None:
    home.link(b"/f", b"/d/g")
    home.link(b"/link", b"/d/l")
    assert home.stat(b"/f").nlink == 2
    assert home.inode(b"/d/l").readlink() == b"f"
    assert outcome(home.link, b"/d", b"/x") == "EPERM"
    assert outcome(home.link, b"/f", b"/d/f") == "EEXIST"
    assert outcome(home.link, b"/f", b"/m/f") == "EXDEV"
    assert outcome(home.link, b"/none", b"/x") == "ENOENT"
    assert outcome(home.link, b"/f", b"/x/") == "ENOENT"


def test_symlink_targets(home: Tree) -> None:
    assert outcome(home.symlink, b"", b"/x") == "ENOENT"
    assert outcome(home.symlink, b"t" * 4096, b"/x") == "ENAMETOOLONG"
    assert outcome(home.symlink, b"t" * 4095, b"/x") == "ok"
    assert outcome(home.symlink, b"t", b"/f") == "EEXIST"


def test_sticky_directory_protects_the_files_of_others(home: Tree) -> None:
    home.chmod(b"/d", 0o1777)
    home.who = user(1000)
    home.write(b"/d/mine", b"")
    home.who = user(1001)
    assert outcome(home.unlink, b"/d/mine") == "EPERM"
    assert outcome(home.rename, b"/d/mine", b"/d/x") == "EPERM"
    home.write(b"/d/theirs", b"")
    assert outcome(home.rename, b"/d/theirs", b"/d/mine") == "EPERM"
    home.who = user(1000)
    assert outcome(home.unlink, b"/d/mine") == "ok"


def test_names_need_write_permission_on_the_directory(home: Tree) -> None:
    home.chmod(b"/f", 0o666)
    home.who = user(1000)
    for action, arguments in [
        (home.mkdir, (b"/d/x",)), (home.unlink, (b"/d/f",)), (home.rmdir, (b"/d/sub",)), (home.symlink, (b"t", b"/d/x")),
        (home.rename, (b"/d/f", b"/d/x")), (home.link, (b"/f", b"/d/x")), (home.mknod, (b"/d/x", InodeType.FIFO)),
    ]:  # fmt: skip
        assert outcome(action, *arguments) == "EACCES"


def test_a_second_name_needs_power_over_the_file_before_it_needs_power_over_the_directory(home: Tree) -> None:
    home.who = user(1000)
    assert outcome(home.link, b"/f", b"/d/x") == "EPERM"


def test_moving_a_directory_needs_permission_on_itself(home: Tree) -> None:
    home.chmod(b"/", 0o777)
    home.chmod(b"/d", 0o777)
    home.who = user(1000)
    assert outcome(home.rename, b"/d/sub", b"/d/other") == "ok"
    assert outcome(home.rename, b"/d/other", b"/other") == "EACCES"


def test_nodes(home: Tree) -> None:
    home.mknod(b"/null", InodeType.CHARACTER, 0o666, device_number(1, 3))
    home.mknod(b"/pipe", InodeType.FIFO, 0o600, 77)
    assert home.stat(b"/null").rdev == device_number(1, 3)
    assert (home.stat(b"/pipe").type, home.stat(b"/pipe").rdev) == (InodeType.FIFO, 0)
    assert outcome(home.mknod, b"/x", InodeType.DIRECTORY) == "EPERM"
    home.chmod(b"/", 0o777)
    home.who = user(1000)
    assert outcome(home.mknod, b"/x", InodeType.CHARACTER, 0o666, device_number(1, 3)) == "EPERM"
    assert outcome(home.mknod, b"/x", InodeType.REGULAR) == "ok"


def test_new_files_take_umask_and_owner(home: Tree) -> None:
    home.view.umask = 0o027
    home.chmod(b"/", 0o777)
    home.who = user(1000)
    home.open(b"/mine", Rights.WRITE, How.CREATE, mode=0o7666)
    home.mkdir(b"/dir", 0o7777)
    mine, directory = home.stat(b"/mine"), home.stat(b"/dir")
    assert (mine.mode, mine.uid, mine.gid) == (0o7640, 1000, 1000)
    assert directory.mode == 0o1750


def test_set_group_id_directory_hands_its_group_down(home: Tree) -> None:
    home.chown(b"/d", 0, 50)
    home.chmod(b"/d", 0o2777)
    home.who = user(1000)
    home.mkdir(b"/d/new")
    home.open(b"/d/program", Rights.WRITE, How.CREATE, mode=0o2775)
    assert (home.stat(b"/d/new").gid, home.stat(b"/d/new").mode) == (50, 0o2755)
    assert (home.stat(b"/d/program").gid, home.stat(b"/d/program").mode) == (50, 0o755)


def test_listing_goes_on_while_names_come_and_go(tree: Tree) -> None:
    tree.mkdir(b"/d")
    for number in range(1000):
        tree.write(b"/d/%d" % number, b"")
    directory = tree.inode(b"/d")
    seen: list[bytes] = []
    cursor = 0
    while batch := directory.list(cursor):
        entry = batch[0]
        seen.append(entry.name)
        cursor = entry.cursor
        if len(seen) % 3 == 0:
            tree.unlink(b"/d/" + entry.name)
        if len(seen) % 5 == 0 and len(seen) < 500:
            tree.write(b"/d/new%d" % len(seen), b"")
    assert seen == [b"%d" % number for number in range(1000)] + [b"new%d" % number for number in range(5, 500, 5)]
    assert len(tree.names(b"/d")) == len(seen) - len(seen) // 3


def test_deep_trees_are_released_without_recursion(tree: Tree) -> None:
    tree.mkdir(b"/m")
    tree.mount(b"/m")
    tree.cd(b"/m")
    for _ in range(5000):
        tree.mkdir(b"d")
        tree.cd(b"d")
    tree.cd(b"/")


def test_root_searches_and_writes_everywhere_but_executes_only_programs(home: Tree) -> None:
    home.chmod(b"/f", 0)
    home.chmod(b"/e", 0)
    root = Credentials()
    assert may(root, home.inode(b"/f"), READ | WRITE)
    assert not may(root, home.inode(b"/f"), EXECUTE)
    assert may(root, home.inode(b"/e"), READ | WRITE | EXECUTE)
    home.chmod(b"/f", 0o001)
    assert may(root, home.inode(b"/f"), EXECUTE)
