"""`python -m tests.ext.campaign [--operations N] [--seed N] [--kind KIND] [--every N]`: a long random workload on our file system and on
the host's own, side by side, with e2fsck as the judge. (tests/vfs/workload.py)
"""

import gc
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from objects.inode import InodeType
from tests.ext.support import KINDS, Mounted, make
from tests.vfs import workload
from tests.vfs.workload import Workload
from vfs.ext import content
from vfs.pagecache import writeback


class Campaign(Workload):
    """With everything that ext has beside files and directories."""

    def __init__(self, kind: str, seed: int, top: Path) -> None:
        super().__init__(seed, top)
        self.mount(make(kind, megabytes=32))

    def mount(self, data: bytes) -> None:
        self.volume = Mounted(data)
        self.tree = self.volume.tree
        self.tree.rmdir(b"/lost+found")

    def remount(self) -> None:
        self.tree.mkdir(b"/lost+found")
        data = self.volume.unmount()
        gc.collect()
        self.mount(data)

    def actions(self) -> list[Callable[[], None]]:
        return [*super().actions(), self.link, self.symlink, self.chmod]

    def sync(self) -> None:
        if self.chance.random() < 0.3:
            writeback.write_everything()
        self.volume.fs.volume.commit()

    def make_small(self, path: bytes) -> None:
        os.mkfifo(self.host(path), 0o644)
        self.tree.mknod(path, InodeType.FIFO)

    def compare_attributes(self, path: bytes, theirs: os.stat_result) -> None:
        ours = self.tree.stat(path)
        assert ours.type_and_mode == theirs.st_mode, path
        assert stat.S_ISDIR(theirs.st_mode) or ours.nlink == theirs.st_nlink, path

    def link(self) -> None:
        old, new = self.path(), self.path()
        self.both(lambda: self.tree.link(old, new), lambda: os.link(self.host(old), self.host(new), follow_symlinks=False))

    def symlink(self) -> None:
        target, path = self.chance.choice([b"nothing", b"nothing/" * 20]), self.path()
        self.both(lambda: self.tree.symlink(target, path), lambda: os.symlink(target, self.host(path)))

    def chmod(self) -> None:
        path, mode = self.path(), self.chance.choice([0o700, 0o755, 0o4711])
        self.both(lambda: self.tree.chmod(path, mode), lambda: os.chmod(self.host(path), mode))


@contextmanager
def quiet() -> Iterator[None]:
    """No threads: the workload says when something is written back, and works for root."""
    with patch.object(writeback, "_see_to_it"), patch.object(content, "caller", return_value=None):
        yield


if __name__ == "__main__":
    workload.main(Campaign, list(KINDS), "ext4-4k", quiet, __doc__)
