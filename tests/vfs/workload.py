"""A long random workload on a file system of ours and on the host's own, side by side.

Each operation must end in the same way on both. Every so often the disk is unmounted, looked at by the checker of its kind, mounted again,
and compared with the host's tree, file by file. Derive from Workload for a kind of file system; `main` is its command.
"""

import argparse
import errno
import os
import random
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from objects.inode import Inode
from objects.object import Rights
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from tests.vfs.support import Tree, list_names, read_at, write_at
from vfs.opening import How

MEMORY = 64 << 20
NAMES = [b"a", b"bb", b"a rather long name, for a change", b"d", b"e", b"f", b"g" * 200, b"h"]
LARGEST = 200_000


class Workload:
    """What any disk can do. `top` is the host's folder, `tree` is ours."""

    tree: Tree

    def __init__(self, seed: int, top: Path) -> None:
        self.chance = random.Random(seed)
        self.top = top
        self.done = 0

    def actions(self) -> list[Callable[[], None]]:
        """What may happen, the frequent more than once."""
        return [
            self.mkdir, self.write, self.write, self.write, self.truncate, self.read, self.unlink, self.rmdir, self.rename, self.rename,
            self.many, self.sync,
        ]  # fmt: skip

    def run(self, operations: int, every: int) -> None:
        """AssertionError at the first difference."""
        actions = self.actions()
        for _ in range(operations):
            self.chance.choice(actions)()
            self.done += 1
            if self.done % every == 0:
                self.look()
        self.look()
        self.tree.close()

    # For the kind of file system

    def remount(self) -> None:
        """Unmount the disk, which must be sound, and mount it again."""
        raise NotImplementedError

    def sync(self) -> None:
        """Bring something, or everything, to the disk."""
        raise NotImplementedError

    def make_small(self, path: bytes) -> None:
        """Make one of many files, on both sides."""
        raise NotImplementedError

    def compare_attributes(self, path: bytes, theirs: os.stat_result) -> None:
        """AssertionError when a file has other attributes than the host's."""
        raise NotImplementedError

    # Operations

    def path(self) -> bytes:
        return b"/" + b"/".join(self.chance.choices(NAMES, k=self.chance.randint(1, 3)))

    def host(self, path: bytes) -> bytes:
        return os.fsencode(self.top) + path

    def both(self, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
        expected = _outcome(theirs)
        found = _outcome(ours)
        assert found == expected, f"operation {self.done}: {found}, but {expected} on the host"

    def mkdir(self) -> None:
        path = self.path()
        self.both(lambda: self.tree.mkdir(path, 0o755), lambda: os.mkdir(self.host(path), 0o755))

    def write(self) -> None:
        path, offset = self.path(), self.chance.randrange(LARGEST) * self.chance.randint(0, 1)
        data = self.chance.randbytes(self.chance.choice([1, 100, 4096, 5000, 60_000]))

        def ours() -> None:
            self.tree.open(path, Rights.WRITE, How.CREATE, mode=0o644)
            write_at(self.tree.walk(path).inode, data, offset)

        def theirs() -> None:
            handle = os.open(self.host(path), os.O_CREAT | os.O_WRONLY, 0o644)
            os.pwrite(handle, data, offset)
            os.close(handle)

        self.both(ours, theirs)

    def truncate(self) -> None:
        path, size = self.path(), self.chance.randrange(LARGEST)

        def ours() -> None:
            inode = self.tree.open(path, Rights.WRITE).inode()
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
        assert read_at(self.tree.walk(path).inode, offset, count) == expected, f"operation {self.done}: {path!r} at {offset}"

    def unlink(self) -> None:
        path = self.path()
        self.both(lambda: self.tree.unlink(path), lambda: os.unlink(self.host(path)))

    def rmdir(self) -> None:
        path = self.path()
        self.both(lambda: self.tree.rmdir(path), lambda: os.rmdir(self.host(path)))

    def rename(self) -> None:
        old, new = self.path(), self.path()
        self.both(lambda: self.tree.rename(old, new), lambda: os.rename(self.host(old), self.host(new)))

    def many(self) -> None:
        """A directory with many names comes and goes."""
        path = b"/many%d" % self.chance.randint(0, 2)
        if os.path.isdir(self.host(path)):
            for name in os.listdir(self.host(path)):
                os.unlink(self.host(path + b"/" + name))
                self.tree.unlink(path + b"/" + name)
            os.rmdir(self.host(path))
            self.tree.rmdir(path)
            return
        os.mkdir(self.host(path), 0o755)
        self.tree.mkdir(path)
        for _ in range(self.chance.choice([5, 60, 300])):
            self.make_small(path + b"/%d" % self.chance.getrandbits(60))

    # Looking

    def look(self) -> None:
        """Compare everything, after a remount."""
        self.remount()
        self.compare(b"/")

    def compare(self, path: bytes) -> None:
        names = sorted(os.listdir(self.host(path)))
        directory = self.tree.inode(path)
        assert sorted(list_names(directory)) == names, path
        for name in names:
            below = path.rstrip(b"/") + b"/" + name
            theirs = os.lstat(self.host(below))
            self.compare_attributes(below, theirs)
            inode = directory.lookup(name)
            if stat.S_ISDIR(theirs.st_mode):
                self.compare(below)
            else:
                self.compare_content(inode, self.host(below), theirs)

    def compare_content(self, ours: Inode, place: bytes, theirs: os.stat_result) -> None:
        if stat.S_ISLNK(theirs.st_mode):
            assert ours.readlink() == os.readlink(place)
        elif stat.S_ISREG(theirs.st_mode):
            assert read_at(ours, 0, theirs.st_size + 1) == Path(os.fsdecode(place)).read_bytes(), place


def _outcome(action: Callable[[], object]) -> int:
    """0, or an errno."""
    try:
        action()
    except Errno as error:
        return error.code
    except OSError as error:
        return error.errno or errno.EIO
    return 0


class Maker(Protocol):
    """Makes the workload of a kind of disk."""

    def __call__(self, kind: str, seed: int, top: Path) -> Workload: ...


def run(make: Maker, kind: str, seed: int, operations: int, every: int) -> None:
    """A workload whose host's side is in a folder of its own."""
    top = Path(tempfile.mkdtemp())
    before_umask = os.umask(0o022)
    try:
        make(kind, seed, top).run(operations, every)
    finally:
        os.umask(before_umask)
        shutil.rmtree(top, ignore_errors=True)


def main(make: Maker, kinds: list[str], usual: str, quiet: Callable[[], AbstractContextManager[object]], description: str | None) -> None:
    """The command. `quiet` is entered while it runs: no threads of the kernel."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--operations", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=kinds, default=usual)
    parser.add_argument("--every", type=int, default=1000)
    options = parser.parse_args()
    world.install(world.World(MEMORY))
    frames.init([MemoryRange(world.RAM_BASE, MEMORY)], [])
    with quiet():
        run(make, options.kind, options.seed, options.operations, options.every)
    print(f"{options.operations} operations on {options.kind} as on the host")
