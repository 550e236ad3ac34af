"""FAT against a plain model, on images of the real mkfs.fat; the real fsck.fat judges what is left on the disk."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from scarlet.lang.errno import ENOSPC, Errno
from tests.fat.support import KINDS, complaints, disk
from tests.vfs.model import PATHS, Fail, FileSystemModel, Node, text
from tests.vfs.support import Tree, write_at
from tests.vfs.xv6image import RamDisk
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.mount import mount_disk


class FatModel(FileSystemModel):
    """Without hard links, which FAT has not."""

    ORDERED = False

    @initialize(kind=st.sampled_from(list(KINDS)))
    def start(self, kind: str) -> None:
        self.disk = disk(kind)
        self.begin(Tree(mount_disk(self.disk)))

    def links_of(self, node: Node) -> int:
        return 1 if node.children is None else 2

    def filesystem(self) -> FatFileSystem:
        found = self.tree.view.root.inode.filesystem
        assert isinstance(found, FatFileSystem)
        return found

    @rule(old=PATHS, new=PATHS)
    def link(self, old: list[bytes], new: list[bytes]) -> None:
        def model() -> None:
            node = self.find(old)
            if new[-1] in self.parent(new):
                raise Fail("EEXIST")
            assert node is not self.top
            raise Fail("EPERM")

        self.both(lambda: self.tree.link(text(old), text(new)), model)

    @rule()
    def sync(self) -> None:
        """The disk is sound, but for the clusters of files that have lost their names and are in use."""
        self.filesystem().sync()
        if all(node.links for _, node in self.open):
            assert complaints(bytes(self.disk.data)) == ""

    @rule()
    def mount_again(self) -> None:
        """Another mount of the disk as it is now finds what the model holds."""
        self.filesystem().sync()
        other = Tree(mount_disk(RamDisk(bytes(self.disk.data))))
        mine = self.tree
        self.tree = other
        self.compare(self.top, b"/")
        self.tree = mine
        other.close()

    def end(self) -> None:
        self.filesystem().sync()
        assert complaints(bytes(self.disk.data)) == ""
        super().end()


FatModel.TestCase.settings = settings(
    max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
TestFatAgainstModel = FatModel.TestCase


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_is_enospc_and_stays_sound(kind: str) -> None:
    device = disk(kind)
    tree = Tree(mount_disk(device))
    filesystem = tree.view.root.inode.filesystem
    written = 0
    tree.write(b"/first", b"")
    file = tree.inode(b"/first")
    with pytest.raises(Errno) as caught:
        while True:
            written += write_at(file, bytes(range(256)) * 64, written)
    assert caught.value.code == ENOSPC
    del caught
    filesystem.sync()
    statistics = filesystem.statistics()
    assert statistics.blocks_free * statistics.block_size < 4096
    assert complaints(bytes(device.data)) == ""
    tree.unlink(b"/first")
    del file
    filesystem.sync()
    tree.write(b"/second", b"x" * 5000)
    assert tree.read(b"/second") == b"x" * 5000
    filesystem.sync()
    assert complaints(bytes(device.data)) == ""
    del filesystem
    tree.close()
