"""Views composed over a small base: what each ABI sees, what is shared, who keeps which view."""

from collections.abc import Iterator

import pytest

from objects.view import MountTable, View
from scarlet.lang.errno import Errno
from tests.vfs.support import Tree, outcome
from vfs import attributes, filesystems, views
from vfs.mounts import dismantle
from vfs.paths import working_directory
from vfs.procfs.mounttables import mountinfo
from vfs.procfs.mounttables import mounts as mount_lines
from vfs.tmpfs.options import mount_tmpfs

RECORDS = b"""
view\tbase
new\t/dev\ttmpfs
bind\t/system\t/system\tro
view\tdefault
overlay\t/\t/system/{abi}\t/data/config/{abi}\t/data/work/{abi}
bind\t/home\t/home\t
bind\t/dev\t/dev\t
bind\t/scarlet\t/\tro,rec
view\tnative
overlay\t/\t/system/scarlet\t/data/config/scarlet\t/data/work/scarlet
bind\t/home\t/home\t
bind\t/scarlet\t/\tro,rec
"""


class Seen(Tree):
    """The operations of a tree, done in a view."""

    def __init__(self, tree: Tree, view: View) -> None:
        self.view = view
        self.who = tree.who
        self.death = tree.death


@pytest.fixture
def base(tree: Tree) -> Iterator[Tree]:
    """The base, with a Linux root that has a program, and a user's home."""
    filesystems.announce(b"tmpfs", mount_tmpfs)
    for path in (b"/system", b"/system/linux-riscv64", b"/system/linux-riscv64/bin", b"/home", b"/home/user", b"/dev", b"/scarlet"):
        tree.mkdir(path)
    tree.write(b"/system/linux-riscv64/bin/program", b"code", 0o755)
    top = tree.view.root.inode
    own = tree.view
    tree.view = views.start(top, views.parse(RECORDS))
    yield tree
    tree.view = own
    del top
    forget()


def forget() -> None:
    """Let go of the tables, which in a kernel stay for ever: they are rings of references."""
    state = views._views
    assert state.base is not None
    for table in (*state.tables.values(), state.base.mounts):
        dismantle(table)
    state.tables.clear()
    state.base = None


def linux(tree: Tree) -> Seen:
    return Seen(tree, views.for_abi("linux-riscv64", tree.view.fork()))


def test_an_abi_sees_its_own_root(base: Tree) -> None:
    seen = linux(base)
    assert sorted(seen.names(b"/")) == [b"bin", b"dev", b"home", b"scarlet"]
    assert seen.read(b"/bin/program") == b"code"
    assert seen.cwd() == b"/scarlet"
    assert seen.names(b"/scarlet/system/linux-riscv64") == [b"bin"]


def test_writes_go_to_the_data_of_the_abi(base: Tree) -> None:
    seen = linux(base)
    seen.write(b"/bin/program", b"mine", 0o755)
    seen.mkdir(b"/etc")
    assert base.read(b"/data/config/linux-riscv64/bin/program") == b"mine"
    assert base.read(b"/system/linux-riscv64/bin/program") == b"code"
    assert b"etc" in base.names(b"/data/config/linux-riscv64")


def test_home_is_the_same_for_all(base: Tree) -> None:
    seen, other = linux(base), Seen(base, views.for_abi("native", base.view.fork()))
    seen.write(b"/home/user/file", b"text", 0o640)
    seen.chown(b"/home/user/file", 7, 8)
    facts = other.stat(b"/home/user/file")
    assert (other.read(b"/home/user/file"), facts.mode, facts.uid, facts.gid) == (b"text", 0o640, 7, 8)
    other.rename(b"/home/user/file", b"/home/user/moved")
    assert seen.names(b"/home/user") == base.names(b"/home/user") == [b"moved"]


def test_the_window_to_the_base_is_read_only(base: Tree) -> None:
    seen = linux(base)
    for path in (b"/scarlet/home/new", b"/scarlet/system/new", b"/scarlet/dev/new", b"/scarlet/new"):
        assert outcome(seen.mkdir, path) == "EROFS", path
    assert outcome(seen.chmod, b"/scarlet/system/linux-riscv64/bin/program", 0) == "EROFS"
    assert outcome(seen.rename, b"/scarlet/home/user", b"/scarlet/home/other") == "EROFS"
    place = seen.walk(b"/scarlet/home")
    assert outcome(attributes.change_times, seen.who, place, attributes.NOW, attributes.NOW) == "EROFS"


def test_the_roots_of_the_abis_are_immutable_even_for_process_1(base: Tree) -> None:
    assert outcome(base.write, b"/system/linux-riscv64/bin/program", b"") == "EROFS"
    assert outcome(base.mkdir, b"/system/new") == "EROFS"
    assert outcome(base.mkdir, b"/home/new") == "ok"


def test_a_table_is_composed_once(base: Tree) -> None:
    first, second = linux(base), linux(base)
    assert first.view.mounts is second.view.mounts
    assert views.for_abi("linux-riscv64", first.view) is first.view
    back = views.for_abi("linux-riscv64", views.for_abi("native", first.view))
    assert back.mounts is first.view.mounts
    assert back.umask == first.view.umask


def test_the_working_directory_is_kept_when_both_show_it(base: Tree) -> None:
    seen = linux(base)
    seen.view.umask = 0o077
    seen.cd(b"/home/user")
    crossed = views.for_abi("native", seen.view)
    assert working_directory(crossed.cwd, crossed.root) == b"/home/user"
    assert crossed.umask == 0o077
    seen.cd(b"/bin")
    crossed = views.for_abi("native", seen.view, b"/home")
    assert working_directory(crossed.cwd, crossed.root) == b"/home"
    crossed = views.for_abi("native", seen.view, b"/nowhere")
    assert working_directory(crossed.cwd, crossed.root) == b"/"


def test_a_place_of_the_base_is_seen_through_the_window(base: Tree) -> None:
    base.cd(b"/system/linux-riscv64/bin")
    seen = linux(base)
    assert seen.cwd() == b"/scarlet/system/linux-riscv64/bin"


def test_who_is_confined_stays(base: Tree) -> None:
    seen = linux(base)
    jailed = seen.view.fork()
    jailed.root = seen.walk(b"/home")
    assert views.for_abi("native", jailed) is jailed
    private = View(seen.view.root, seen.view.cwd, MountTable(seen.view.mounts.root))
    assert views.for_abi("native", private) is private


def test_process_1_keeps_the_base_and_its_children_do_not(base: Tree) -> None:
    assert views.for_abi("native", base.view) is base.view
    assert views.for_abi("native", base.view.fork()).mounts.abi == "native"


def test_an_abi_nobody_has_heard_of_gets_the_default(base: Tree) -> None:
    seen = Seen(base, views.for_abi("wasm", base.view.fork()))
    seen.write(b"/file", b"text")
    assert base.read(b"/data/config/wasm/file") == b"text"
    assert seen.names(b"/home") == [b"user"]


def test_without_memory_nothing_stays_of_a_view(base: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, recursive: bool) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(views, "bind_from", fail)
        with pytest.raises(MemoryError):
            linux(base)
    assert linux(base).names(b"/home") == [b"user"]


def test_the_tables_of_proc_are_true(base: Tree) -> None:
    seen = linux(base)
    layers = b"lowerdir=/system/linux-riscv64,upperdir=/data/config/linux-riscv64,workdir=/data/work/linux-riscv64"
    assert mount_lines(seen.view).splitlines() == [
        b"overlay / overlay rw,relatime," + layers + b" 0 0",
        b"root /home tmpfs rw,relatime 0 0",
        b"tmpfs /dev tmpfs rw,relatime 0 0",
        b"root /scarlet tmpfs ro,relatime 0 0",
        b"tmpfs /scarlet/dev tmpfs ro,relatime 0 0",
        b"root /scarlet/system tmpfs ro,relatime 0 0",
    ]
    assert b" /home /home rw,relatime - tmpfs root rw" in mountinfo(seen.view)


def test_a_name_that_leaves_a_view_comes_back(base: Tree) -> None:
    seen = linux(base)
    seen.cd(b"/scarlet/home/user")
    assert seen.cwd() == b"/scarlet/home/user"
    seen.cd(b"../../..")
    assert seen.cwd() == b"/"


@pytest.mark.parametrize("line", [b"view", b"bind\t/x\t/y", b"mount\t/", b"overlay\t/\tA\tB", b"new\t/\ttmpfs\tmore"])
def test_a_damaged_record_is_refused(line: bytes) -> None:
    with pytest.raises(Errno):
        views.parse(b"view\tbase\n" + line + b"\n")


def test_a_file_with_several_kinds_of_records() -> None:
    recipes = views.parse(RECORDS)
    assert list(recipes) == ["base", "default", "native"]
    assert [step.at for step in recipes["default"]] == [b"/", b"/home", b"/dev", b"/scarlet"]
    assert recipes["default"][0].for_abi("x").arguments == [b"/system/x", b"/data/config/x", b"/data/work/x"]
