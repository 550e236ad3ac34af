"""ext file systems of every kind against a plain model; unmounted, they are sound for e2fsck, and debugfs reads what the model holds."""

from functools import lru_cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from objects.object import AllocateMode
from scarlet.kernel.memory import frames
from scarlet.machine import physmem
from tests.ext.support import KINDS, check, contents_by_debugfs, make
from tests.vfs.model import OFFSETS, PATHS, SIZES, FileSystemModel
from tests.vfs.support import Tree
from tests.vfs.xv6image import RamDisk
from vfs.ext.file import ExtFile
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.mount import mount_disk

PUNCH = AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE
ZERO = AllocateMode.ZERO_RANGE


@lru_cache
def empty(kind: str) -> bytes:
    """An image with the directory that the model has for its root, so that lost+found is not seen."""
    disk = RamDisk(make(kind))
    tree = Tree(mount_disk(disk))
    tree.mkdir(b"/top")
    filesystem = tree.view.root.inode.filesystem
    filesystem.sync()
    tree.close()
    return bytes(disk.data)


class ExtModel(FileSystemModel):
    """Beside what every file system does: mapped pages, holes and reserved space, syncing, losing power."""

    ORDERED = False

    @initialize(kind=st.sampled_from(list(KINDS)))
    def start(self, kind: str) -> None:
        self.disk = RamDisk(empty(kind))
        root = mount_disk(self.disk)
        self.root: object = root
        self.begin(Tree(root.lookup(b"top")))

    def filesystem(self) -> ExtFileSystem:
        found = self.tree.view.root.inode.filesystem
        assert isinstance(found, ExtFileSystem)
        return found

    @rule(path=PATHS, choice=st.integers(0, 99), index=st.integers(0, 4), data=st.binary(min_size=1, max_size=20))
    def write_mapped(self, path: list[bytes], choice: int, index: int, data: bytes) -> None:
        target = self.targets(path, choice)
        if target is None:
            return
        file, node = target
        frame = file.page(index, write=True)  # type: ignore[attr-defined]
        if frame == 0:
            return
        start = index * 4096
        data = data[: len(node.data) - start]
        physmem.write(frame, data)
        frames.unref(frame)
        node.data[start : start + len(data)] = data

    @rule(path=PATHS, choice=st.integers(0, 99), offset=OFFSETS, size=SIZES, mode=st.sampled_from([PUNCH, ZERO, AllocateMode.NONE]))
    def allocate(self, path: list[bytes], choice: int, offset: int, size: int, mode: AllocateMode) -> None:
        target = self.targets(path, choice)
        if target is None or not self.has_extents or size == 0:
            return
        file, node = target
        file.allocate(mode, offset, size)  # type: ignore[attr-defined]
        end = offset + size
        if mode != PUNCH:
            node.data.extend(bytes(max(end - len(node.data), 0)))
        if mode != AllocateMode.NONE:
            end = min(end, len(node.data))
            node.data[offset:end] = bytes(max(end - offset, 0))

    @property
    def has_extents(self) -> bool:
        return self.filesystem().volume.geometry.incompat & 0x40 != 0

    @rule(path=PATHS, choice=st.integers(0, 99), offset=OFFSETS)
    def seek(self, path: list[bytes], choice: int, offset: int) -> None:
        """What is said to be a hole is zeros."""
        target = self.targets(path, choice)
        if target is None or offset >= len(target[1].data):
            return
        file, node = target
        assert isinstance(file, ExtFile)
        hole = file.next_hole(offset)
        assert offset <= hole <= len(node.data)
        if hole == offset:
            try:
                data = file.next_data(offset)
            except OSError:
                data = len(node.data)
            except Exception:
                data = len(node.data)
            assert not any(node.data[offset:data])

    @rule(path=PATHS, choice=st.integers(0, 99))
    def fsync(self, path: list[bytes], choice: int) -> None:
        target = self.targets(path, choice)
        if target is not None:
            target[0].sync(data_only=False)  # type: ignore[attr-defined]

    @rule()
    def sync(self) -> None:
        self.filesystem().sync()

    @rule()
    def remount_elsewhere(self) -> None:
        """What a synced disk holds is what the model holds."""
        self.filesystem().sync()
        again = Tree(mount_disk(RamDisk(bytes(self.disk.data))).lookup(b"top"))
        del again

    def end(self) -> None:
        self.filesystem().sync()
        del self.root
        super().end()
        data = bytes(self.disk.data)
        problems = check(data)
        assert problems == "", problems
        assert contents_by_debugfs(data) == {b"/": None} | self.top.contents(b"/top")


ExtModel.TestCase.settings = settings(
    max_examples=30, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TestExtAgainstModel = ExtModel.TestCase
