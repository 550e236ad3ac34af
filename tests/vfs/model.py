"""A plain model of a file system, and the operations that both do: the same random ones, the same results, errors and final trees.

The model is a dict of dicts and bytearrays that knows the rules of POSIX and nothing of pages, entries or cursors.
"""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from objects.metadata import RenameFlags
from objects.object import Rights
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno, errno_name
from scarlet.machine import physmem
from tests.vfs.support import Tree, list_names, read_all, write_at
from vfs.opening import How

NAMES = st.sampled_from([b"a", b"b", b"c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3)
OFFSETS = st.integers(0, 20_000)
SIZES = st.integers(0, 9_000)
NONE, NOREPLACE, EXCHANGE = RenameFlags.NONE, RenameFlags.NOREPLACE, RenameFlags.EXCHANGE


class Node:
    """A file of the model: a directory has children, any other file data."""

    def __init__(self, directory: bool) -> None:
        self.children: dict[bytes, Node] | None = {} if directory else None
        self.data = bytearray()
        self.links = 2 if directory else 1

    def contents(self, path: bytes) -> dict[bytes, bytes | None]:
        """Path to content, of this file and all below it; None for a directory."""
        found: dict[bytes, bytes | None] = {path: bytes(self.data) if self.children is None else None}
        for name, child in (self.children or {}).items():
            found |= child.contents(path.rstrip(b"/") + b"/" + name)
        return found


class Fail(Exception):
    pass


def text(path: list[bytes]) -> bytes:
    return b"/" + b"/".join(path)


class FileSystemModel(RuleBasedStateMachine):
    """Every rule does one operation on both sides. A file system derives from it: `begin` in its @initialize rule, and what is its own."""

    EMPTY_DIRECTORY_LINKS = 2
    ORDERED = True
    """Does it list names in the order they were made?"""

    def begin(self, tree: Tree) -> None:
        """An empty tree, and a model that is as empty."""
        self.tree = tree
        self.top = Node(True)
        self.open: list[tuple[object, Node]] = []

    def teardown(self) -> None:
        if hasattr(self, "tree"):
            self.compare(self.top, b"/")
            self.compare_open()
            self.open.clear()
            self.end()

    def end(self) -> None:
        """After the last comparison."""
        self.tree.close()

    def compare_open(self) -> None:
        for file, node in self.open:
            assert read_all(file) == node.data  # type: ignore[arg-type]

    def compare(self, node: Node, path: bytes) -> None:
        inode = self.tree.inode(path)
        assert inode.metadata().nlink == self.links_of(node), path
        if node.children is None:
            assert read_all(inode) == node.data
            return
        names = list_names(inode)
        assert (names if self.ORDERED else sorted(names)) == (list(node.children) if self.ORDERED else sorted(node.children))
        for name, child in node.children.items():
            self.compare(child, path.rstrip(b"/") + b"/" + name)

    def links_of(self, node: Node) -> int:
        """The st_nlink that the file system is to show."""
        return node.links if node.children is None else node.links - 2 + self.EMPTY_DIRECTORY_LINKS

    # The model's half

    def find(self, path: list[bytes]) -> Node:
        node = self.top
        for name in path:
            if node.children is None:
                raise Fail("ENOTDIR")
            if name not in node.children:
                raise Fail("ENOENT")
            node = node.children[name]
        return node

    def parent(self, path: list[bytes]) -> dict[bytes, Node]:
        children = self.find(path[:-1]).children
        if children is None:
            raise Fail("ENOTDIR")
        return children

    def both(self, real: object, model: object) -> bool:
        """Do an operation on both sides; they must agree on the error. True if it succeeded."""
        assert callable(real)
        assert callable(model)
        expected = "ok"
        try:
            model()
        except Fail as error:
            expected = str(error)
        found = "ok"
        try:
            real()
        except Errno as error:
            found = errno_name(error.code)
        assert found == expected
        return found == "ok"

    # Operations

    @rule(path=PATHS)
    def mkdir(self, path: list[bytes]) -> None:
        def model() -> None:
            siblings = self.parent(path)
            if path[-1] in siblings:
                raise Fail("EEXIST")
            siblings[path[-1]] = Node(True)
            self.find(path[:-1]).links += 1

        self.both(lambda: self.tree.mkdir(text(path)), model)

    @rule(path=PATHS, keep=st.booleans())
    def create(self, path: list[bytes], keep: bool) -> None:
        def model() -> None:
            siblings = self.parent(path)
            node = siblings.setdefault(path[-1], Node(False))
            if node.children is not None:
                raise Fail("EISDIR")

        if self.both(lambda: self.tree.open(text(path), Rights.READ | Rights.WRITE, How.CREATE), model) and keep:
            self.open.append((self.tree.inode(text(path)), self.find(path)))

    def targets(self, path: list[bytes], choice: int) -> tuple[object, Node] | None:
        """An open file, or the one under the path."""
        if self.open and choice % 2:
            return self.open[choice % len(self.open)]
        try:
            node = self.find(path)
        except Fail:
            return None
        return (self.tree.inode(text(path)), node) if node.children is None else None

    @rule(path=PATHS, choice=st.integers(0, 99), offset=OFFSETS, data=st.binary(max_size=20), times=st.integers(1, 400))
    def write(self, path: list[bytes], choice: int, offset: int, data: bytes, times: int) -> None:
        target = self.targets(path, choice)
        if target is None:
            return
        file, node = target
        data *= times
        assert write_at(file, data, offset) == len(data)  # type: ignore[arg-type]
        if data:
            node.data.extend(bytes(max(offset + len(data) - len(node.data), 0)))
            node.data[offset : offset + len(data)] = data

    @rule(path=PATHS, choice=st.integers(0, 99), size=OFFSETS)
    def truncate(self, path: list[bytes], choice: int, size: int) -> None:
        target = self.targets(path, choice)
        if target is None:
            return
        file, node = target
        file.truncate(size)  # type: ignore[attr-defined]
        node.data = node.data[:size].ljust(size, b"\0")

    @rule(path=PATHS, choice=st.integers(0, 99), index=st.integers(0, 5))
    def map(self, path: list[bytes], choice: int, index: int) -> None:
        """A page as a mapping sees it equals the content."""
        target = self.targets(path, choice)
        if target is None:
            return
        file, node = target
        frame = file.page(index, write=choice % 3 == 0)  # type: ignore[attr-defined]
        assert (frame != 0) == (index * 4096 < len(node.data))
        if frame != 0:
            assert physmem.read(frame, 4096) == bytes(node.data[index * 4096 : index * 4096 + 4096]).ljust(4096, b"\0")
            frames.unref(frame)

    @rule(old=PATHS, new=PATHS)
    def link(self, old: list[bytes], new: list[bytes]) -> None:
        def model() -> None:
            node = self.find(old)
            siblings = self.parent(new)
            if new[-1] in siblings:
                raise Fail("EEXIST")
            if node.children is not None:
                raise Fail("EPERM")
            siblings[new[-1]] = node
            node.links += 1

        self.both(lambda: self.tree.link(text(old), text(new)), model)

    @rule(path=PATHS)
    def unlink(self, path: list[bytes]) -> None:
        def model() -> None:
            siblings = self.parent(path)
            node = self.find(path)
            if node.children is not None:
                raise Fail("EISDIR")
            del siblings[path[-1]]
            node.links -= 1

        self.both(lambda: self.tree.unlink(text(path)), model)

    @rule(path=PATHS)
    def rmdir(self, path: list[bytes]) -> None:
        def model() -> None:
            siblings = self.parent(path)
            node = self.find(path)
            if node.children is None:
                raise Fail("ENOTDIR")
            if node.children:
                raise Fail("ENOTEMPTY")
            del siblings[path[-1]]
            self.find(path[:-1]).links -= 1

        self.both(lambda: self.tree.rmdir(text(path)), model)

    @rule(old=PATHS, new=PATHS, flags=st.sampled_from([NONE, NONE, NONE, NOREPLACE, EXCHANGE]))
    def rename(self, old: list[bytes], new: list[bytes], flags: RenameFlags) -> None:
        self.both(lambda: self.tree.rename(text(old), text(new), flags), lambda: self.model_rename(old, new, flags))

    def model_rename(self, old: list[bytes], new: list[bytes], flags: RenameFlags) -> None:
        source, target = self.parent(old), self.parent(new)
        moved = self.find(old)
        victim = target.get(new[-1])
        if flags == EXCHANGE and victim is None:
            raise Fail("ENOENT")
        if flags == NOREPLACE and victim is not None:
            raise Fail("EEXIST")
        if source is not target and moved.children is not None and new[: len(old)] == old:
            raise Fail("EINVAL")
        if source is not target and victim is not None and victim.children is not None and old[: len(new)] == new:
            raise Fail("EINVAL" if flags == EXCHANGE else "ENOTEMPTY")
        if flags != EXCHANGE and victim is not None and victim is not moved:
            if moved.children is not None and victim.children is None:
                raise Fail("ENOTDIR")
            if moved.children is None and victim.children is not None:
                raise Fail("EISDIR")
            if victim.children:
                raise Fail("ENOTEMPTY")
        if moved is victim:
            return
        above, below = self.find(old[:-1]), self.find(new[:-1])
        if flags == EXCHANGE:
            assert victim is not None
            source[old[-1]], target[new[-1]] = victim, moved
            change = (victim.children is not None) - (moved.children is not None)
            above.links += change
            below.links -= change
            return
        if victim is not None:
            victim.links -= 1
            if victim.children is not None:
                below.links -= 1
        del source[old[-1]]
        target[new[-1]] = moved  # a name that was there keeps its place
        if moved.children is not None:
            above.links -= 1
            below.links += 1

    @rule(choice=st.integers(0, 99))
    def close(self, choice: int) -> None:
        if self.open:
            self.open.pop(choice % len(self.open))
