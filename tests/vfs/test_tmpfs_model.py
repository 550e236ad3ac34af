"""tmpfs against a plain model, from an empty root and from one that is backed by a boot image."""

import gc

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from objects.object import AllocateMode
from scarlet.kernel.memory import frames
from tests.vfs.model import OFFSETS, PATHS, SIZES, FileSystemModel, Node
from tests.vfs.support import Archive, Tree
from vfs.initramfs import populate
from vfs.tmpfs.directory import TmpfsDirectory


class TmpfsModel(FileSystemModel):
    """Reading, writing, holes and pages as everywhere, and tmpfs's accounts."""

    @initialize(image=st.lists(st.tuples(SIZES, st.booleans()), max_size=3))
    def start(self, image: list[tuple[int, bool]]) -> None:
        """An empty root, or one with files of a boot image, aligned to pages or not."""
        gc.collect()
        self.free = frames.free_frames()
        self.begin(Tree())
        assert self.top.children is not None
        archive = Archive()
        for name, (size, aligned) in zip((b"a", b"b", b"c"), image, strict=False):
            node = self.top.children[name] = Node(False)
            node.data = bytearray(bytes(range(1, 251)) * 40)[:size]
            archive.add(name, bytes(node.data), align=4096 if aligned else 0)
            self.free += size // 4096 if aligned else 0
        root = self.tree.view.root.inode
        assert isinstance(root, TmpfsDirectory)
        populate(root, *archive.end().load())

    def end(self) -> None:
        super().end()
        assert frames.free_frames() == self.free

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

    @invariant()
    def pages_are_accounted(self) -> None:
        if hasattr(self, "tree"):
            statistics = self.tree.view.root.inode.filesystem.statistics()
            files = {id(node): file for file, node in self.open}
            self.collect(self.top, b"/", files)
            assert statistics.blocks - statistics.blocks_free == sum(file.pages_used() for file in files.values())  # type: ignore[attr-defined]

    def collect(self, node: Node, path: bytes, files: dict[int, object]) -> None:
        for name, child in (node.children or {}).items():
            below = path.rstrip(b"/") + b"/" + name
            if child.children is None:
                files[id(child)] = self.tree.inode(below)
            else:
                self.collect(child, below, files)


TmpfsModel.TestCase.settings = settings(
    max_examples=60, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TestTmpfsAgainstModel = TmpfsModel.TestCase
