"""Opening: every flag, on every kind of file, by everybody."""

import pytest

from objects.inode import InodeType
from objects.metadata import device_number
from objects.object import Rights, Status
from objects.view import MountFlags
from tests.vfs.support import Tree, outcome, user, write_at
from vfs import attributes
from vfs.attributes import NOW, OMIT
from vfs.devfs import announce_memory_devices
from vfs.naming import link_location
from vfs.opening import How, Place

READ, WRITE, BOTH = Rights.READ, Rights.WRITE, Rights.READ | Rights.WRITE
CREATE, EXCLUSIVE, TRUNCATE, DIRECTORY = How.CREATE, How.EXCLUSIVE, How.TRUNCATE, How.DIRECTORY
NO_FOLLOW, PLACE, UNNAMED = How.NO_FOLLOW, How.PLACE, How.UNNAMED


@pytest.fixture
def home(tree: Tree) -> Tree:
    """/d, /f "data", /link -> f, /dangling -> made, /dlink -> d, /null, /pipe, /socket, /secret (root's)"""
    tree.mkdir(b"/d")
    tree.write(b"/f", b"data")
    tree.symlink(b"f", b"/link")
    tree.symlink(b"made", b"/dangling")
    tree.symlink(b"d", b"/dlink")
    tree.mknod(b"/null", InodeType.CHARACTER, 0o666, device_number(1, 3))
    tree.mknod(b"/gone", InodeType.BLOCK, 0o666, device_number(99, 3))
    tree.mknod(b"/socket", InodeType.SOCKET, 0o666)
    tree.write(b"/secret", b"", 0o600)
    announce_memory_devices()
    return tree


@pytest.mark.parametrize(
    ("path", "access", "how", "error"),
    [
        (b"/f", READ, 0, "ok"), (b"/none", READ, 0, "ENOENT"), (b"/f/", READ, 0, "ENOTDIR"), (b"/d", READ, 0, "ok"),
        (b"/d", WRITE, 0, "EISDIR"), (b"/d", READ, TRUNCATE, "EISDIR"), (b"/f", READ, DIRECTORY, "ENOTDIR"), (b"/d", READ, DIRECTORY, "ok"),
        (b"/dlink", READ, DIRECTORY, "ok"), (b"/dlink", READ, DIRECTORY | NO_FOLLOW, "ENOTDIR"), (b"/link", READ, NO_FOLLOW, "ELOOP"),
        (b"/link", READ, PLACE | NO_FOLLOW, "ok"), (b"/f", READ, PLACE | DIRECTORY, "ENOTDIR"), (b"/dangling", READ, 0, "ENOENT"),
        (b"/new", WRITE, CREATE, "ok"), (b"/new/", WRITE, CREATE, "EISDIR"), (b"/f", WRITE, CREATE, "ok"),
        (b"/f", WRITE, CREATE | EXCLUSIVE, "EEXIST"), (b"/link", WRITE, CREATE | EXCLUSIVE, "EEXIST"),
        (b"/dangling", WRITE, CREATE | EXCLUSIVE, "EEXIST"), (b"/dangling", WRITE, CREATE | NO_FOLLOW, "ELOOP"),
        (b"/dangling", WRITE, CREATE, "ok"), (b"/d", READ, CREATE, "EISDIR"), (b"/d/.", READ, CREATE, "EISDIR"),
        (b"/", READ, CREATE, "EISDIR"),
        (b"/new", READ, CREATE | DIRECTORY, "EINVAL"), (b"/none/new", WRITE, CREATE, "ENOENT"), (b"/f/new", WRITE, CREATE, "ENOTDIR"),
        (b"", READ, CREATE, "ENOENT"), (b"/null", BOTH, 0, "ok"), (b"/null", BOTH, TRUNCATE, "ok"), (b"/gone", READ, 0, "ENXIO"),
        (b"/socket", READ, 0, "ENXIO"), (b"/d", WRITE, UNNAMED, "ok"), (b"/d", READ, UNNAMED, "EINVAL"), (b"/f", WRITE, UNNAMED, "ENOTDIR"),
    ],
)  # fmt: skip
def test_open(home: Tree, path: bytes, access: Rights, how: int, error: str) -> None:
    assert outcome(home.open, path, access, How(how)) == error


def test_dangling_link_is_created_through(home: Tree) -> None:
    home.open(b"/dangling", WRITE, CREATE)
    assert home.stat(b"/made").type == InodeType.REGULAR


def test_truncation_empties_an_existing_file(home: Tree) -> None:
    home.open(b"/f", WRITE, TRUNCATE)
    assert home.read(b"/f") == b""


def test_a_new_file_is_opened_whatever_its_mode(home: Tree) -> None:
    home.chmod(b"/d", 0o777)
    home.who = user(1000)
    assert outcome(home.open, b"/d/f", BOTH, CREATE, Status.NONE, 0) == "ok"
    assert outcome(home.open, b"/d/f", READ, CREATE) == "EACCES"


@pytest.mark.parametrize(
    ("path", "access", "how", "error"),
    [
        (b"/f", READ, 0, "ok"), (b"/f", WRITE, 0, "EACCES"), (b"/f", READ, TRUNCATE, "EACCES"), (b"/secret", READ, 0, "EACCES"),
        (b"/new", WRITE, CREATE, "EACCES"), (b"/secret", READ, PLACE, "ok"), (b"/f", WRITE, CREATE, "EACCES"),
        (b"/d", WRITE, UNNAMED, "EACCES"),
    ],
)  # fmt: skip
def test_open_as_somebody(home: Tree, path: bytes, access: Rights, how: int, error: str) -> None:
    home.who = user(1000)
    assert outcome(home.open, path, access, How(how)) == error


def test_noatime_is_for_the_owner(home: Tree) -> None:
    assert outcome(home.open, b"/f", READ, How.NONE, Status.NOATIME) == "ok"
    home.who = user(1000)
    assert outcome(home.open, b"/f", READ, How.NONE, Status.NOATIME) == "EPERM"


def test_a_running_program_is_not_written_and_a_written_file_not_run(home: Tree) -> None:
    inode = home.inode(b"/f")
    inode.executing += 1
    assert outcome(home.open, b"/f", WRITE) == "ETXTBSY"
    assert outcome(home.open, b"/f", READ, TRUNCATE) == "ETXTBSY"
    assert outcome(attributes.truncate, home.who, home.walk(b"/f"), 0) == "ETXTBSY"
    inode.executing -= 1
    file = home.open(b"/f", WRITE)
    assert inode.writers == 1
    del file
    assert inode.writers == 0


def test_read_only_mount_refuses_everybody(home: Tree) -> None:
    mount = home.view.mounts.root
    mount.flags |= MountFlags.READ_ONLY
    place = home.walk(b"/f")
    for action, arguments in [
        (home.open, (b"/f", WRITE)), (home.open, (b"/new", WRITE, CREATE)), (home.open, (b"/d", WRITE, UNNAMED)),
        (home.open, (b"/f", READ, TRUNCATE)), (home.mkdir, (b"/x",)), (home.unlink, (b"/f",)), (home.rmdir, (b"/d",)),
        (home.rename, (b"/f", b"/x")), (home.link, (b"/f", b"/x")), (home.symlink, (b"t", b"/x")), (home.mknod, (b"/x", InodeType.FIFO)),
        (home.chmod, (b"/f", 0)), (home.chown, (b"/f", 1, 1)), (attributes.change_times, (home.who, place, NOW, NOW)),
        (attributes.truncate, (home.who, place, 0)), (attributes.require_access, (home.who, mount, place.inode, 2)),
    ]:  # fmt: skip
        assert outcome(action, *arguments) == "EROFS", action
    assert outcome(home.open, b"/f", READ) == "ok"
    assert outcome(home.open, b"/null", WRITE) == "ok"
    assert outcome(home.open, b"/f", WRITE, CREATE | EXCLUSIVE) == "EEXIST"
    assert outcome(home.mkdir, b"/d") == "EEXIST"


def test_nodev_mount_opens_no_devices(home: Tree) -> None:
    home.view.mounts.root.flags |= MountFlags.NODEV
    assert outcome(home.open, b"/null", READ) == "EACCES"


def test_nosymfollow_mount(home: Tree) -> None:
    home.view.mounts.root.flags |= MountFlags.NOSYMFOLLOW
    assert outcome(home.open, b"/link", READ) == "ELOOP"
    assert outcome(home.inode, b"/link") == "ok"


def test_place_gives_no_access(home: Tree) -> None:
    place = home.open(b"/f", READ, PLACE)
    assert isinstance(place, Place)
    assert place.metadata().size == 4
    assert place.status == Status.PATH


def test_unnamed_file_gets_a_name_if_it_may(home: Tree) -> None:
    file = home.open(b"/d", BOTH, UNNAMED)
    location = file.location()
    assert location is not None
    assert file.metadata().nlink == 0
    write_at(location.inode, b"late", 0)
    link_location(home.view, home.who, location, None, b"/late")
    assert home.read(b"/late") == b"late"
    exclusive = home.open(b"/d", BOTH, UNNAMED | EXCLUSIVE).location()
    assert exclusive is not None
    assert outcome(link_location, home.view, home.who, exclusive, None, b"/x") == "ENOENT"


def test_unlinked_open_file_lives_until_it_is_closed(home: Tree) -> None:
    file = home.open(b"/f", BOTH)
    home.unlink(b"/f")
    inode = file.inode()
    assert inode is not None
    assert inode.size() == 4
    assert outcome(home.link, b"/f", b"/x") == "ENOENT"


def test_chmod_and_chown_rules(home: Tree) -> None:
    home.chown(b"/f", 1000, 1000)
    home.chmod(b"/f", 0o6775)
    home.who = user(1000, 50)
    assert outcome(home.chown, b"/f", 1001, -1) == "EPERM"
    assert outcome(home.chown, b"/f", -1, 60) == "EPERM"
    assert outcome(home.chown, b"/f", 1000, 50) == "ok"
    assert home.stat(b"/f").mode == 0o775
    home.chmod(b"/f", 0o2755)
    home.who = user(0)
    home.chown(b"/f", 1000, 77)
    home.who = user(1000)
    home.chmod(b"/f", 0o2755)
    assert home.stat(b"/f").mode == 0o755
    home.who = user(1001)
    assert outcome(home.chmod, b"/f", 0o777) == "EPERM"


def test_directories_keep_their_set_group_id(home: Tree) -> None:
    home.chmod(b"/d", 0o2755)
    home.chown(b"/d", 5, 5)
    assert home.stat(b"/d").mode == 0o2755


@pytest.mark.parametrize(
    ("uid", "mode", "atime", "mtime", "error"),
    [
        (1000, 0o600, 5, 6, "ok"), (1001, 0o666, 5, 6, "EPERM"), (1001, 0o666, NOW, NOW, "ok"), (1001, 0o644, NOW, NOW, "EACCES"),
        (1001, 0o666, NOW, OMIT, "EPERM"), (1001, 0o600, OMIT, OMIT, "ok"), (0, 0o000, 5, 6, "ok"),
    ],
)  # fmt: skip
def test_who_sets_times(home: Tree, uid: int, mode: int, atime: int, mtime: int, error: str) -> None:
    home.chown(b"/f", 1000, 1000)
    home.chmod(b"/f", mode)
    assert outcome(attributes.change_times, user(uid), home.walk(b"/f"), atime, mtime) == error
    if error == "ok" and atime == 5:
        assert (home.stat(b"/f").atime_ns, home.stat(b"/f").mtime_ns) == (5, 6)


def test_access_is_judged_by_the_real_user(home: Tree) -> None:
    who = user(0)
    who.uid = 1000
    mount = home.view.mounts.root
    secret = home.inode(b"/secret")
    assert outcome(attributes.require_access, who, mount, secret, 4) == "ok"
    assert outcome(attributes.require_access, attributes.real_credentials(who), mount, secret, 4) == "EACCES"
    mount.flags |= MountFlags.NOEXEC
    home.chmod(b"/f", 0o777)
    assert outcome(attributes.require_access, who, mount, home.inode(b"/f"), 1) == "EACCES"
    assert outcome(attributes.require_access, who, mount, home.inode(b"/d"), 1) == "ok"
