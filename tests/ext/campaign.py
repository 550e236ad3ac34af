"""`python -m tests.ext.campaign [--operations N] [--seed N] [--kind KIND] [--every N]`: a long random workload on our file system and on
the host's own, side by side.

Each operation must end in the same way on both. Every so often the image is unmounted, looked at by e2fsck, mounted again, and compared
with the host's tree, file by file.
"""

import argparse
import errno
import gc
import os
import random
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from objects.inode import InodeType
from objects.object import Rights
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from tests.ext.support import KINDS, Mounted, make
from tests.vfs.support import list_names, read_at, write_at
from vfs.ext import content
from vfs.opening import How
from vfs.pagecache import writeback

MEMORY = 64 << 20
NAMES = [b"a", b"bb", b"a rather long name, for a change", b"d", b"e", b"f", b"g" * 200, b"h"]
LARGEST = 200_000


class Campaign:
    """One workload. `top` is the host's folder."""

    def __init__(self, kind: str, seed: int, top: Path) -> None:
        self.chance = random.Random(seed)
        self.top = top
        self.volume = Mounted(make(kind, megabytes=32))
        self.volume.tree.rmdir(b"/lost+found")
        self.done = 0

    def run(self, operations: int, every: int) -> None:
        """AssertionError at the first difference."""
        actions = [
            self.mkdir, self.write, self.write, self.write, self.truncate, self.read, self.unlink, self.rmdir, self.rename, self.rename,
            self.link, self.symlink, self.chmod, self.many, self.fsync,
        ]  # fmt: skip
        for _ in range(operations):
            self.chance.choice(actions)()
            self.done += 1
            if self.done % every == 0:
                self.look()
        self.look()
        self.volume.tree.close()

    # Operations

    def path(self) -> bytes:
        return b"/" + b"/".join(self.chance.choices(NAMES, k=self.chance.randint(1, 3)))

    def host(self, path: bytes) -> bytes:
        return os.fsencode(self.top) + path

    def both(self, ours: Callable[[], object], theirs: Callable[[], object]) -> bool:
        expected = _outcome(theirs)
        found = _outcome(ours)
        assert found == expected, f"operation {self.done}: {found}, but {expected} on the host"
        return found == 0

    def mkdir(self) -> None:
        path = self.path()
        self.both(lambda: self.volume.tree.mkdir(path, 0o755), lambda: os.mkdir(self.host(path), 0o755))

    def write(self) -> None:
        path, offset = self.path(), self.chance.randrange(LARGEST) * self.chance.randint(0, 1)
        data = self.chance.randbytes(self.chance.choice([1, 100, 4096, 5000, 60_000]))

        def ours() -> None:
            self.volume.tree.open(path, Rights.WRITE, How.CREATE, mode=0o644)
            write_at(self.volume.tree.walk(path).inode, data, offset)

        def theirs() -> None:
            handle = os.open(self.host(path), os.O_CREAT | os.O_WRONLY, 0o644)
            os.pwrite(handle, data, offset)
            os.close(handle)

        self.both(ours, theirs)

    def truncate(self) -> None:
        path, size = self.path(), self.chance.randrange(LARGEST)

        def ours() -> None:
            inode = self.volume.tree.open(path, Rights.WRITE).inode()
            assert inode is not None
            inode.truncate(size)

        self.both(ours, lambda: os.truncate(self.host(path), size))

    def read(self) -> None:
        path, offset, count = self.path(), self.chance.randrange(LARGEST), self.chance.choice([10, 5000, 100_000])
        place = self.host(path)
        if not os.path.isfile(place):
            return
        with open(place, "rb") as file:
            expected = os.pread(file.fileno(), count, offset)
        assert read_at(self.volume.tree.walk(path).inode, offset, count) == expected, f"operation {self.done}: {path!r} at {offset}"

    def unlink(self) -> None:
        path = self.path()
        self.both(lambda: self.volume.tree.unlink(path), lambda: os.unlink(self.host(path)))

    def rmdir(self) -> None:
        path = self.path()
        self.both(lambda: self.volume.tree.rmdir(path), lambda: os.rmdir(self.host(path)))

    def rename(self) -> None:
        old, new = self.path(), self.path()
        self.both(lambda: self.volume.tree.rename(old, new), lambda: os.rename(self.host(old), self.host(new)))

    def link(self) -> None:
        old, new = self.path(), self.path()
        self.both(lambda: self.volume.tree.link(old, new), lambda: os.link(self.host(old), self.host(new), follow_symlinks=False))

    def symlink(self) -> None:
        target, path = self.chance.choice([b"nothing", b"nothing/" * 20]), self.path()
        self.both(lambda: self.volume.tree.symlink(target, path), lambda: os.symlink(target, self.host(path)))

    def chmod(self) -> None:
        path, mode = self.path(), self.chance.choice([0o700, 0o755, 0o4711])
        self.both(lambda: self.volume.tree.chmod(path, mode), lambda: os.chmod(self.host(path), mode))

    def many(self) -> None:
        """A directory with many names comes and goes."""
        path = b"/many%d" % self.chance.randint(0, 2)
        if os.path.isdir(self.host(path)):
            for name in os.listdir(self.host(path)):
                os.unlink(self.host(path + b"/" + name))
                self.volume.tree.unlink(path + b"/" + name)
            os.rmdir(self.host(path))
            self.volume.tree.rmdir(path)
            return
        os.mkdir(self.host(path), 0o755)
        self.volume.tree.mkdir(path)
        for _ in range(self.chance.choice([5, 60, 300])):
            name = path + b"/%d" % self.chance.getrandbits(60)
            os.mkfifo(self.host(name), 0o644)
            self.volume.tree.mknod(name, InodeType.FIFO)

    def fsync(self) -> None:
        if self.chance.random() < 0.3:
            writeback.write_everything()
        self.volume.fs.volume.commit()

    # Looking

    def look(self) -> None:
        """Compare everything, after a remount."""
        self.volume.tree.mkdir(b"/lost+found")
        data = self.volume.unmount()
        gc.collect()
        self.volume = Mounted(data)
        self.volume.tree.rmdir(b"/lost+found")
        self.compare(b"/")

    def compare(self, path: bytes) -> None:
        names = sorted(os.listdir(self.host(path)))
        assert sorted(list_names(self.volume.tree.inode(path))) == names, path
        for name in names:
            below = path.rstrip(b"/") + b"/" + name
            theirs = os.lstat(self.host(below))
            ours = self.volume.tree.stat(below)
            assert ours.type_and_mode == theirs.st_mode, below
            assert stat.S_ISDIR(theirs.st_mode) or ours.nlink == theirs.st_nlink, below
            inode = self.volume.tree.inode(below)
            if stat.S_ISDIR(theirs.st_mode):
                self.compare(below)
            elif stat.S_ISLNK(theirs.st_mode):
                assert inode.readlink() == os.readlink(self.host(below))
            elif stat.S_ISREG(theirs.st_mode):
                assert read_at(inode, 0, ours.size) == Path(os.fsdecode(self.host(below))).read_bytes(), below


def _outcome(action: Callable[[], object]) -> int:
    """0, or an errno."""
    try:
        action()
    except Errno as error:
        return error.code
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def run(kind: str, seed: int, operations: int, every: int) -> None:
    """A campaign in a folder of its own."""
    top = Path(tempfile.mkdtemp())
    before_umask = os.umask(0o022)
    try:
        Campaign(kind, seed, top).run(operations, every)
    finally:
        os.umask(before_umask)
        shutil.rmtree(top, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=list(KINDS), default="ext4-4k")
    parser.add_argument("--every", type=int, default=1000)
    options = parser.parse_args()
    world.install(world.World(MEMORY))
    frames.init([MemoryRange(world.RAM_BASE, MEMORY)], [])
    with patch.object(writeback, "_see_to_it"), patch.object(content, "caller", return_value=None):
        run(options.kind, options.seed, options.operations, options.every)
    print(f"{options.operations} operations on {options.kind} as on the host")


if __name__ == "__main__":
    main()
