"""`python -m tests.fat.campaign [--operations N] [--seed N] [--kind KIND] [--every N]`: a long random workload on our file system and on
the host's own, side by side, with fsck.fat as the judge. (tests/vfs/workload.py)
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from objects.inode import InodeType
from tests.fat.support import complaints, make
from tests.vfs import workload
from tests.vfs.support import Tree
from tests.vfs.workload import Workload
from tests.vfs.xv6image import RamDisk
from vfs.fat.mount import mount_disk
from vfs.pagecache import writeback

KINDS = {"fat16": ["-F", "16", "-s", "4"], "fat32": ["-F", "32", "-s", "1"], "fat32-4k": ["-F", "32", "-s", "8"]}
"""With room for what a workload leaves, unlike those of the other tests."""
KIB = 96 << 10


class SteadyDisk(RamDisk):
    """A disk that never loses its power."""

    def flush(self) -> None:
        self.pending.clear()


class Campaign(Workload):
    """On an image of mkfs.fat."""

    def __init__(self, kind: str, seed: int, top: Path) -> None:
        super().__init__(seed, top)
        self.mount(make(KINDS[kind], KIB))

    def mount(self, data: bytes) -> None:
        self.disk = SteadyDisk(data)
        self.tree = Tree(mount_disk(self.disk))

    def remount(self) -> None:
        self.tree.view.root.inode.filesystem.sync()
        self.tree.close()
        data = bytes(self.disk.data)
        assert complaints(data) == ""
        self.mount(data)

    def sync(self) -> None:
        if self.chance.random() < 0.3:
            writeback.write_everything()
        else:
            self.tree.view.root.inode.filesystem.sync()

    def make_small(self, path: bytes) -> None:
        os.mknod(self.host(path))
        self.tree.mknod(path, InodeType.REGULAR)

    def compare_attributes(self, path: bytes, theirs: os.stat_result) -> None:
        assert stat.S_IFMT(self.tree.stat(path).type_and_mode) == stat.S_IFMT(theirs.st_mode), path


@contextmanager
def quiet() -> Iterator[None]:
    """No threads: the workload says when something is written back."""
    with patch.object(writeback, "_see_to_it"):
        yield


if __name__ == "__main__":
    workload.main(Campaign, list(KINDS), "fat32", quiet, __doc__)
