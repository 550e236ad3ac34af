"""Overlays against the plain model: random layers, random operations, mounted anew in between, short of space now and then."""

import gc

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from objects.inode import Inode, InodeType
from objects.object import AllocateMode
from scarlet.kernel.memory import frames
from scarlet.lang import errno
from scarlet.lang.errno import Errno
from tests.vfs.layers import LAYERS, ROOT, Entry, make_layer, merge
from tests.vfs.model import OFFSETS, PATHS, SIZES, Fail, FileSystemModel, Node, text
from tests.vfs.support import Tree, list_names, outcome
from vfs.overlay.options import new_overlay
from vfs.tmpfs.options import new_tmpfs


class Reader:
    """Somebody who lists a directory one name at a time while it changes; `steady` are the names that were there all the time."""

    def __init__(self, inode: Inode, node: Node) -> None:
        self.inode = inode
        self.node = node
        self.cursor = 0
        self.seen: list[bytes] = []
        self.steady = set(node.children or {})

    def step(self) -> bool:
        batch = self.inode.list(self.cursor)
        if batch:
            self.cursor = batch[0].cursor
            self.seen.append(batch[0].name)
        return bool(batch)


class OverlayModel(FileSystemModel):
    ORDERED = False

    @initialize(made=LAYERS, apart=st.booleans())
    def start(self, made: list[list[Entry]], apart: bool) -> None:
        """The last layer is the lowest; `apart` gives each a file system of its own."""
        gc.collect()
        self.free = frames.free_frames()
        self.store = new_tmpfs()
        self.upper = self.store.create(b"upper", InodeType.DIRECTORY, 0o755, ROOT)
        self.work = self.store.create(b"work", InodeType.DIRECTORY, 0o700, ROOT)
        self.lowers: list[Inode] = []
        tops = []
        for number, entries in enumerate(made):
            top: Inode = new_tmpfs() if apart else self.store.create(b"%d" % number, InodeType.DIRECTORY, 0o755, ROOT)
            tops.append(make_layer(top, entries))
            self.lowers.append(top)
        self.begin(Tree(self.overlay()))
        self.top = merge(tops)
        self.before = [self.snapshot(lower) for lower in self.lowers]
        self.numbers: dict[int, tuple[Node, int]] = {}
        self.reader: Reader | None = None
        self.space = -1

    def overlay(self) -> Inode:
        return new_overlay(self.lowers, self.upper, self.work)

    def snapshot(self, inode: Inode) -> object:
        facts = inode.metadata()
        below = {name: self.snapshot(inode.lookup(name)) for name in list_names(inode)} if inode.type == InodeType.DIRECTORY else None
        return (facts.type, facts.mode, facts.inode_number, facts.nlink, facts.size, facts.mtime_ns, below)

    def end(self) -> None:
        self.reader = None
        assert [self.snapshot(lower) for lower in self.lowers] == self.before, "a lower layer was changed"
        assert list_names(self.work.lookup(b"work")) == [], "work was left behind"
        self.tree.close()
        self.lowers.clear()
        del self.store, self.upper, self.work
        assert frames.free_frames() == self.free

    # What is to hold in addition

    def compare(self, node: Node, path: bytes) -> None:
        super().compare(node, path)
        facts = self.tree.stat(path)
        known = self.numbers.setdefault(id(node), (node, facts.inode_number))
        assert known[1] == facts.inode_number, f"the inode number of {path!r} changed"
        assert facts.device == self.tree.view.root.inode.filesystem.device
        owners = [other for other, number in self.numbers.values() if number == facts.inode_number and other.links > 0]
        assert owners == [node] or path == b"/", f"{path!r} shares its inode number"
        if node.children is not None:
            entries = {entry.name: entry.inode_number for entry in self.tree.inode(path).list(0)}
            assert all(self.tree.stat(path.rstrip(b"/") + b"/" + name).inode_number == number for name, number in entries.items())

    @rule()
    def look_around(self) -> None:
        """Numbers are known from here on, and whatever is in use is looked at again."""
        self.compare(self.top, b"/")
        self.compare_open()

    @rule()
    def mount_again(self) -> None:
        """Everything the overlay knows stands in its layers."""
        self.look_around()
        self.open.clear()
        self.reader = None
        self.tree.close()
        gc.collect()
        self.tree = Tree(self.overlay())
        for node, _number in list(self.numbers.values()):
            if node.links == 0 or (node.children is not None and not self.reaches(self.top, node)):
                del self.numbers[id(node)]

    def reaches(self, top: Node, wanted: Node) -> bool:
        return top is wanted or any(self.reaches(child, wanted) for child in (top.children or {}).values())

    @rule(path=PATHS)
    def read_directory(self, path: list[bytes]) -> None:
        try:
            node = self.find(path[:-1])
        except Fail:
            return
        if node.children is not None:
            self.reader = Reader(self.tree.inode(text(path[:-1])), node)

    @invariant()
    def reader_goes_on(self) -> None:
        reader = getattr(self, "reader", None)
        if reader is None:
            return
        reader.steady &= set(reader.node.children or {})
        if not reader.step():
            steady = [name for name in reader.seen if name in reader.steady]
            assert sorted(steady) == sorted(reader.steady)
            self.reader = None

    @rule(path=PATHS, choice=st.integers(0, 99), offset=OFFSETS, size=SIZES)
    def punch(self, path: list[bytes], choice: int, offset: int, size: int) -> None:
        target = self.targets(path, choice)
        if target is None:
            return
        file, node = target
        file.allocate(AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE, offset, size)  # type: ignore[attr-defined]
        end = min(offset + size, len(node.data))
        if offset < end:
            node.data[offset:end] = bytes(end - offset)

    @rule(path=PATHS, mode=st.sampled_from([0o600, 0o4755, 0o777]))
    def chmod(self, path: list[bytes], mode: int) -> None:
        def model() -> None:
            self.find(path)

        if self.both(lambda: self.tree.chmod(text(path), mode), model):
            assert self.tree.stat(text(path)).mode == mode

    # Too little space

    @rule(inodes=st.integers(0, 3), pages=st.integers(0, 3))
    def run_short(self, inodes: int, pages: int) -> None:
        """The next operation finds little room: it fails as a whole or not at all."""
        self.space = inodes * 4 + pages

    def both(self, real: object, model: object) -> bool:
        if self.space < 0:
            return super().both(real, model)
        store = self.store.tmpfs
        store.max_inodes, store.max_pages = store.used_inodes + self.space // 4, store.used_pages + self.space % 4
        self.space = -1
        found = outcome(real)
        store.max_inodes = store.max_pages = 0
        if found == "ENOSPC":
            self.look_around()
            return False
        return super().both(lambda: fail_with(found), model)


def fail_with(name: str) -> None:
    if name != "ok":
        raise Errno(getattr(errno, name))


OverlayModel.TestCase.settings = settings(
    max_examples=50, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TestOverlayAgainstModel = OverlayModel.TestCase
