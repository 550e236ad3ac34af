"""Mount trees against a plain model: binds, recursive or not, read-only or not, and what may be done through them.

In the model a mount is a directory shown at a place, with its own mounts by the directory they cover. Nothing of inodes or locations.
"""

import gc

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from objects.object import Rights
from objects.view import MountFlags
from scarlet.kernel.memory import frames
from tests.vfs.model import Fail, Node, text
from tests.vfs.support import Tree, outcome
from vfs import attributes, mounts, naming, opening

NAMES = st.sampled_from([b"a", b"b"])
PATHS = st.lists(NAMES, min_size=1, max_size=3)
FLAGS = st.sampled_from([MountFlags.NONE, MountFlags.READ_ONLY])


class Shown:
    """A mount: the directory at its top, who is above it, and what is mounted on its directories."""

    def __init__(self, top: Node, read_only: bool, above: "Shown | None", covered: Node | None) -> None:
        self.top = top
        self.read_only = read_only
        self.above = above
        self.covered = covered
        self.on: dict[int, Shown] = {}

    def below(self) -> "list[Shown]":
        return [self, *(deeper for mount in self.on.values() for deeper in mount.below())]


class Place:
    """A file as reached through a mount."""

    def __init__(self, mount: Shown, node: Node) -> None:
        while id(node) in mount.on:
            mount = mount.on[id(node)]
            node = mount.top
        self.mount = mount
        self.node = node

    def step(self, name: bytes) -> "Place":
        if self.node.children is None:
            raise Fail("ENOTDIR")
        if name not in self.node.children:
            raise Fail("ENOENT")
        return Place(self.mount, self.node.children[name])

    def is_covered(self, name: bytes) -> bool:
        assert self.node.children is not None
        return id(self.node.children[name]) in self.mount.on


class MountModel(RuleBasedStateMachine):
    @initialize(flags=FLAGS)
    def start(self, flags: MountFlags) -> None:
        """Two directories with a file and a directory in each; one shows the other."""
        gc.collect()
        self.free = frames.free_frames()
        self.tree = Tree()
        self.root = Shown(Node(True), False, None, None)
        self.kept: list[Node] = []
        for path in ([b"a"], [b"a", b"b"], [b"b"], [b"b", b"a"]):
            self.mkdir(path)
        for path in ([b"a", b"a"], [b"b", b"b"]):
            self.write(path)
        self.bind([b"b"], [b"a", b"b"], False, flags)

    def teardown(self) -> None:
        if hasattr(self, "tree"):
            self.compare([], Place(self.root, self.root.top), 6)
            assert len(self.tree.view.mounts.mounts) == len(self.root.below())
            self.tree.close()
            assert frames.free_frames() == self.free

    def compare(self, path: list[bytes], place: Place, depth: int) -> None:
        """Binds make the tree endless; so far is far enough."""
        if place.node.children is None:
            assert self.tree.read(text(path)) == place.node.data
            return
        assert sorted(self.tree.names(text(path))) == sorted(place.node.children)
        for name in place.node.children if depth else ():
            self.compare([*path, name], place.step(name), depth - 1)

    def both(self, real: object, model: object) -> None:
        assert callable(model)
        expected = "ok"
        try:
            model()
        except Fail as error:
            expected = str(error)
        assert outcome(real) == expected

    def find(self, path: list[bytes]) -> Place:
        place = Place(self.root, self.root.top)
        for name in path:
            place = place.step(name)
        return place

    def directory(self, path: list[bytes]) -> Place:
        place = self.find(path[:-1])
        if place.node.children is None:
            raise Fail("ENOTDIR")
        return place

    def new_name(self, path: list[bytes], node: Node) -> None:
        above = self.directory(path)
        assert above.node.children is not None
        if path[-1] in above.node.children:
            raise Fail("EEXIST")
        if above.mount.read_only:
            raise Fail("EROFS")
        above.node.children[path[-1]] = node
        self.kept.append(node)  # id() is a name only as long as the node lives

    # Files

    @rule(path=PATHS)
    def mkdir(self, path: list[bytes]) -> None:
        self.both(lambda: self.tree.mkdir(text(path)), lambda: self.new_name(path, Node(True)))

    @rule(path=PATHS)
    def write(self, path: list[bytes]) -> None:
        def model() -> None:
            above = self.directory(path)
            assert above.node.children is not None
            if path[-1] not in above.node.children:
                self.new_name(path, Node(False))
            place = self.find(path)
            if place.node.children is not None:
                raise Fail("EISDIR")
            if place.mount.read_only:
                raise Fail("EROFS")
            place.node.data = bytearray(b"written")

        self.both(lambda: self.tree.write(text(path), b"written"), model)

    @rule(path=PATHS, how=st.sampled_from(["chmod", "chown", "truncate", "utimens", "open"]))
    def change(self, path: list[bytes], how: str) -> None:
        """Whatever changes a file in place, as root, by path and by a handle opened for reading."""

        def model() -> None:
            place = self.find(path)
            if how in ("truncate", "open") and place.node.children is not None:
                raise Fail("EISDIR")
            if place.mount.read_only:
                raise Fail("EROFS")

        def real() -> None:
            place = self.tree.walk(text(path))
            who = self.tree.who
            if how == "chmod":
                attributes.change_mode(who, place, 0o777)
            elif how == "chown":
                attributes.change_owner(who, place, 0, 0)
            elif how == "utimens":
                attributes.change_times(who, place, attributes.NOW, attributes.NOW)
            elif how == "open":
                opening.open_location(who, place, Rights.WRITE, opening.Status.NONE)
            else:
                opening.require_openable(who, place, Rights.READ, opening.Status.NONE, truncate=True)

        self.both(real, model)

    @rule(path=PATHS)
    def unlink(self, path: list[bytes]) -> None:
        def model() -> None:
            above = self.directory(path)
            assert above.node.children is not None
            if above.mount.read_only:
                raise Fail("EROFS")
            if path[-1] not in above.node.children:
                raise Fail("ENOENT")
            if above.node.children[path[-1]].children is not None:
                raise Fail("EISDIR")
            if above.is_covered(path[-1]):
                raise Fail("EBUSY")
            del above.node.children[path[-1]]

        self.both(lambda: self.tree.unlink(text(path)), model)

    def peek(self, path: list[bytes]) -> Node | None:
        """What the directory has under that name, not what is mounted there."""
        try:
            return (self.directory(path).node.children or {}).get(path[-1])
        except Fail:
            return None

    @rule(path=PATHS)
    def rmdir(self, path: list[bytes]) -> None:
        node = self.peek(path)
        if any(mount.top is node for mount in self.root.below()):
            return  # a removed directory that a mount shows is another test's matter

        def model() -> None:
            above = self.directory(path)
            assert above.node.children is not None
            if above.mount.read_only:
                raise Fail("EROFS")
            if path[-1] not in above.node.children:
                raise Fail("ENOENT")
            node = above.node.children[path[-1]]
            if node.children is None:
                raise Fail("ENOTDIR")
            if above.is_covered(path[-1]):
                raise Fail("EBUSY")
            if node.children:
                raise Fail("ENOTEMPTY")
            del above.node.children[path[-1]]

        self.both(lambda: self.tree.rmdir(text(path)), model)

    @rule(old=PATHS, new=PATHS)
    def rename(self, old: list[bytes], new: list[bytes]) -> None:
        """Only files: directories are the other models' matter."""
        nodes = [node for node in (self.peek(old), self.peek(new)) if node is not None]
        if any(node.children is not None for node in nodes):
            return

        def model() -> None:
            source, target = self.directory(old), self.directory(new)
            assert source.node.children is not None
            assert target.node.children is not None
            if source.mount is not target.mount:
                raise Fail("EXDEV")
            if source.mount.read_only:
                raise Fail("EROFS")
            if old[-1] not in source.node.children:
                raise Fail("ENOENT")
            if source.node.children[old[-1]] is target.node.children.get(new[-1]):
                return
            if source.is_covered(old[-1]) or (new[-1] in target.node.children and target.is_covered(new[-1])):
                raise Fail("EBUSY")
            target.node.children[new[-1]] = source.node.children.pop(old[-1])

        self.both(lambda: self.tree.rename(text(old), text(new)), model)

    @rule(old=PATHS, new=PATHS)
    def link(self, old: list[bytes], new: list[bytes]) -> None:
        def model() -> None:
            source = self.find(old)
            above = self.directory(new)
            assert above.node.children is not None
            if new[-1] in above.node.children:
                raise Fail("EEXIST")
            if above.mount.read_only:
                raise Fail("EROFS")
            if above.mount is not source.mount:
                raise Fail("EXDEV")
            if source.node.children is not None:
                raise Fail("EPERM")
            above.node.children[new[-1]] = source.node

        self.both(lambda: self.tree.link(text(old), text(new)), model)

    # Mounts

    @rule(source=PATHS, path=PATHS, recursive=st.booleans(), flags=FLAGS)
    def bind(self, source: list[bytes], path: list[bytes], recursive: bool, flags: MountFlags) -> None:
        if len(self.root.below()) > 6:
            return

        def real() -> None:
            table = self.tree.view.mounts
            origin, place = self.tree.walk(text(source)), self.tree.walk(text(path))
            mounts.bind_from(table, origin, table, place, flags, recursive=recursive)

        def model() -> None:
            origin, place = self.find(source), self.find(path)
            if (origin.node.children is None) != (place.node.children is None):
                raise Fail("ENOTDIR")
            known = self.root.below()
            made = Shown(origin.node, origin.mount.read_only or bool(flags), place.mount, place.node)
            place.mount.on[id(place.node)] = made
            if recursive:
                self.copy(origin, made, origin.mount, bool(flags), known)

        self.both(real, model)

    def copy(self, origin: Place, copy: Shown, mount: Shown, read_only: bool, known: list[Shown]) -> None:
        for upper in list(mount.on.values()):
            inside = mount is not origin.mount or self.is_within(upper.covered, origin.node)
            if upper in known and inside and upper.covered is not None:
                made = Shown(upper.top, upper.read_only or read_only, copy, upper.covered)
                copy.on[id(upper.covered)] = made
                self.copy(origin, made, upper, read_only, known)

    def is_within(self, node: Node | None, top: Node) -> bool:
        return node is top or any(self.is_within(node, child) for child in (top.children or {}).values())

    @rule(path=PATHS, flags=FLAGS)
    def remount(self, path: list[bytes], flags: MountFlags) -> None:
        def model() -> None:
            place = self.find(path)
            if place.node is place.mount.top:
                place.mount.read_only = bool(flags)

        def real() -> None:
            place = self.tree.walk(text(path))
            if mounts.is_mount_point(place):
                mounts.remount(place.mount, flags)

        self.both(real, model)

    @rule(path=PATHS, lazily=st.booleans())
    def unmount(self, path: list[bytes], lazily: bool) -> None:
        def model() -> None:
            place = self.find(path)
            if place.node is not place.mount.top:
                raise Fail("EINVAL")
            mount = place.mount
            if mount.above is None:
                raise Fail("EINVAL")
            if mount.on and not lazily:
                raise Fail("EBUSY")
            del mount.above.on[id(mount.covered)]

        def real() -> None:
            mount = self.mount_at(path)
            (mounts.detach if lazily else mounts.unmount)(self.tree.view.mounts, mount)

        self.both(real, model)

    def mount_at(self, path: list[bytes]) -> mounts.Mount:
        place = self.tree.walk(text(path))
        if not mounts.is_mount_point(place):
            raise mounts.Errno(mounts.EINVAL)
        return place.mount


def quick(examples: int) -> settings:
    return settings(
        max_examples=examples, stateful_step_count=50, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        print_blob=False, report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip


MountModel.TestCase.settings = settings(max_examples=50, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck))
TestMountsAgainstModel = MountModel.TestCase


@pytest.mark.parametrize("module", [attributes, naming, opening])
def test_a_forgotten_check_for_read_only_mounts_is_found(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "require_writable_mount", lambda mount: None)
    with pytest.raises(BaseException):  # noqa: B017 (an assertion, an Errno, or several of them in a group)
        run_state_machine_as_test(MountModel, settings=quick(1000))


def test_a_bind_that_forgets_its_flags_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = mounts.attach
    monkeypatch.setattr(mounts, "attach", lambda table, root, place, flags, source: plain(table, root, place, MountFlags.NONE, source))
    with pytest.raises(BaseException):  # noqa: B017
        run_state_machine_as_test(MountModel, settings=quick(1000))
