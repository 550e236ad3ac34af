"""Layers of an overlay made at random, and what they show together: the same for the real file system and for the plain model."""

from hypothesis import strategies as st

from objects.inode import Inode, InodeType
from objects.metadata import Owner
from tests.vfs.model import NAMES, Node
from tests.vfs.support import write_at
from vfs.overlay.layers import OPAQUE, YES

ROOT = Owner(0, 0)
CONTENT = bytes(range(1, 251)) * 40


class Entry:
    """One step in making a layer: a file of `size` bytes (a pair: with two names), a directory, one more name of a file ..."""

    def __init__(self, path: list[bytes], kind: str, size: int, other: int) -> None:
        self.path = path
        self.kind = kind
        self.size = size
        self.other = other

    def __repr__(self) -> str:
        return f"Entry({self.path}, {self.kind!r}, {self.size}, {self.other})"


KINDS = ["file", "pair", "directory", "directory", "link", "whiteout", "opaque"]
ENTRIES = st.builds(
    Entry, st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(KINDS), st.integers(0, 9000), st.integers(0, 9)
)  # fmt: skip
LAYERS = st.lists(st.lists(ENTRIES, max_size=8), min_size=1, max_size=3)


class LayerNode(Node):
    """A file of one layer in the model; a whiteout is a file that hides."""

    def __init__(self, directory: bool, *, opaque: bool = False, whiteout: bool = False) -> None:
        super().__init__(directory)
        self.opaque = opaque
        self.whiteout = whiteout


def make_layer(root: Inode, entries: list[Entry]) -> LayerNode:
    """Make what the entries say below a real directory, passing over what makes no sense; the same as a model."""
    top = LayerNode(True)
    files: list[tuple[Inode, LayerNode]] = []
    for entry in entries:
        directory, siblings = _parent(root, top, entry.path[:-1])
        name = entry.path[-1]
        if directory is None or siblings is None or name in siblings:
            continue
        if entry.kind == "link" and files:
            inode, node = files[entry.other % len(files)]
            directory.link(name, inode)
            node.links += 1
        elif entry.kind == "whiteout":
            directory.create(name, InodeType.CHARACTER, 0, ROOT, 0)
            node = LayerNode(False, whiteout=True)
        elif entry.kind in ("directory", "opaque"):
            made = directory.create(name, InodeType.DIRECTORY, 0o755, ROOT)
            node = LayerNode(True, opaque=entry.kind == "opaque")
            if node.opaque:
                made.set_attribute(OPAQUE, YES)
        else:
            made = directory.create(name, InodeType.REGULAR, 0o644, ROOT)
            node = LayerNode(False)
            node.data = bytearray(CONTENT[: entry.size])
            write_at(made, bytes(node.data), 0)
            files.append((made, node))
            second = [b"a", b"b", b"c"][entry.other % 3]
            if entry.kind == "pair" and second not in siblings and second != name:
                directory.link(second, made)
                node.links += 1
                siblings[second] = node
        siblings[name] = node
    return top


def _parent(root: Inode, top: LayerNode, path: list[bytes]) -> tuple[Inode | None, dict[bytes, Node] | None]:
    inode: Inode | None = root
    node: Node = top
    for name in path:
        if node.children is None or name not in node.children:
            return None, None
        assert inode is not None
        inode, node = inode.find(name), node.children[name]
    return inode, node.children


def merge(layers: list[LayerNode]) -> Node:
    """The directory that the tops of these layers make together, the highest first."""
    merged = Node(True)
    assert merged.children is not None
    names = dict.fromkeys(name for layer in layers for name in layer.children or {})
    for name in names:
        child = _merged_child(layers, name)
        if child is not None:
            merged.children[name] = child
            merged.links += child.children is not None
    return merged


def _merged_child(layers: list[LayerNode], name: bytes) -> Node | None:
    directories: list[LayerNode] = []
    for layer in layers:
        child = (layer.children or {}).get(name)
        if child is None:
            continue
        assert isinstance(child, LayerNode)
        if child.whiteout:
            break
        if child.children is None:
            if not directories:
                return child
            break
        directories.append(child)
        if child.opaque:
            break
    return merge(directories) if directories else None
