"""xv6's file system against a plain model; unmounted, it must be sound and hold what the model holds for another reader, too."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from scarlet.kernel.memory import frames
from scarlet.machine import physmem
from tests.vfs.model import PATHS, FileSystemModel
from tests.vfs.support import Tree, write_at
from tests.vfs.xv6image import RamDisk, content, image
from vfs.xv6fs.check import check
from vfs.xv6fs.filesystem import Xv6FileSystem
from vfs.xv6fs.mount import mount_disk


class Xv6Model(FileSystemModel):
    """Files stay far below 268 blocks, the disk is large enough."""

    EMPTY_DIRECTORY_LINKS = 1
    ORDERED = False

    @initialize()
    def start(self) -> None:
        self.disk = RamDisk(image(size=3000))
        self.begin(Tree(mount_disk(self.disk)))

    def filesystem(self) -> Xv6FileSystem:
        found = self.tree.view.root.inode.filesystem
        assert isinstance(found, Xv6FileSystem)
        return found

    @rule(
        path=PATHS,
        choice=st.integers(0, 99),
        index=st.integers(0, 2),
        data=st.binary(min_size=1, max_size=20),
        later=st.binary(max_size=30),
    )
    def write_mapped(self, path: list[bytes], choice: int, index: int, data: bytes, later: bytes) -> None:
        """A program writes to a page it has mapped; then write(2) to the same place."""
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
        write_at(file, later, start)  # type: ignore[arg-type]
        node.data[start : start + len(later)] = later

    @rule()
    def sync(self) -> None:
        self.filesystem().sync()

    @rule()
    def lose_power(self) -> None:
        """Nothing is written late: the disk as it is now holds the model, but for files that have lost their names and are in use."""
        self.filesystem().sync()
        data = bytes(self.disk.data)
        again = mount_disk(RamDisk(data))
        del again
        assert content(data) == self.top.contents(b"/")

    def end(self) -> None:
        self.filesystem().sync()
        super().end()
        data = bytes(self.disk.data)
        assert check(RamDisk(data)) == []
        assert content(data) == self.top.contents(b"/")


Xv6Model.TestCase.settings = settings(
    max_examples=40, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TestXv6AgainstModel = Xv6Model.TestCase
