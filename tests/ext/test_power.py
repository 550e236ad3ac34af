"""Power cuts: at every write of a script, with all, none or some of what was not flushed on the disk.

The next mount must put things right: e2fsck finds nothing, what was synced is there, and no file shows what belongs to another one. e2fsck
itself must be able to do the same. The writes are recorded once; every cut is made up from the record.
"""

import random
from collections.abc import Callable
from unittest.mock import patch

import pytest

from objects.metadata import RenameFlags
from objects.object import AllocateMode
from scarlet.lang.errno import Errno
from tests.ext.support import Contents, check, contents_of_tree, make
from tests.vfs.support import Tree, write_at
from tests.vfs.xv6image import RamDisk
from vfs.ext import commit, content
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.mount import mount_disk
from vfs.ext.transaction import Changes
from vfs.ext.writing import Journal
from vfs.pagecache import writeback

UNIT = 1024
"""A write may be torn into pieces of this size."""
Promises = dict[bytes, list[bytes | None]]
"""By path: what a file may hold; None: it may be missing."""


class Recorder(RamDisk):
    """A disk that writes down what was written, and after which writes it was flushed."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.base = data
        self.writes_made: list[tuple[int, bytes]] = []
        self.flushed_after: list[int] = []

    def write_sectors(self, offset: int, data: bytes) -> None:
        super().write_sectors(offset, data)
        for start in range(0, len(data), UNIT):
            self.writes_made.append((offset + start, data[start : start + UNIT]))

    def flush(self) -> None:
        self.flushed_after.append(len(self.writes_made))

    def cut(self, place: int, keep: Callable[[], bool]) -> bytes:
        """The disk when the power goes after `place` writes."""
        safe = max([after for after in self.flushed_after if after <= place], default=0)
        left = bytearray(self.base)
        for index, (offset, data) in enumerate(self.writes_made[:place]):
            if index < safe or keep():
                left[offset : offset + len(data)] = data
        return bytes(left)


class Script:
    """Operations on a tree, and what each promises. A file holds one letter only, its own."""

    def __init__(self, data: bytes) -> None:
        self.disk = Recorder(data)
        self.tree = Tree(mount_disk(self.disk))
        self.promised: Promises = {}
        self.promises: list[tuple[int, Promises]] = []
        """From how many writes on what is promised."""

    @property
    def fs(self) -> ExtFileSystem:
        found = self.tree.view.root.inode.filesystem
        assert isinstance(found, ExtFileSystem)
        return found

    def break_promise(self, *paths: bytes) -> None:
        """From now on these may be anything."""
        for path in paths:
            self.promised.pop(path, None)
        self.promise({})

    def promise(self, more: Promises) -> None:
        self.promised = self.promised | more
        self.promises.append((len(self.disk.writes_made), self.promised))

    def promised_at(self, place: int) -> Promises:
        return [promised for start, promised in self.promises if start <= place][-1] if place >= self.promises[0][0] else {}

    def fsync(self, path: bytes) -> None:
        self.tree.inode(path).sync(data_only=False)

    def run(self) -> None:
        """The script. What is promised is broken before, and made after, whatever changes it."""
        tree = self.tree
        self.promise({})
        tree.mkdir(b"/d")
        tree.write(b"/d/a", b"a" * 3000)
        tree.write(b"/loose", b"l" * 9000)
        self.fs.sync()
        self.promise({b"/d/a": [b"a" * 3000], b"/loose": [b"l" * 9000]})
        tree.write(b"/d/b", b"b" * 20_000)
        self.fsync(b"/d/b")
        self.promise({b"/d/b": [b"b" * 20_000]})
        self._replace()
        tree.unlink(b"/loose")
        self.break_promise(b"/loose")
        for number in range(45):
            tree.write(b"/d/a long name of a file %d" % number, b"n" * 700)
        writeback.write_everything()
        self.fs.volume.commit()
        self.promise({b"/d/a long name of a file 7": [b"n" * 700]})
        self._shrink()
        for number in range(0, 45, 2):
            tree.unlink(b"/d/a long name of a file %d" % number)
        tree.mkdir(b"/d/sub")
        tree.rename(b"/d/sub", b"/moved")
        tree.write(b"/moved/r", b"r" * 15_000)
        self.fsync(b"/moved/r")
        self.promise({b"/moved/r": [b"r" * 15_000]})
        tree.symlink(b"s" * 200, b"/link")
        tree.inode(b"/moved/r").set_attribute(b"user.test", b"v" * 500)
        tree.rename(b"/moved/r", b"/d/b", RenameFlags.EXCHANGE)
        self.promised.pop(b"/moved/r")
        self.promised.pop(b"/d/b")
        self.break_promise()

    def _replace(self) -> None:
        """How careful programs replace a file: it is the old one or the new one at any time."""
        self.tree.write(b"/t", b"t" * 5000)
        self.fsync(b"/t")
        self.promise({b"/d/a": [b"a" * 3000, b"t" * 5000]})
        self.tree.rename(b"/t", b"/d/a")
        self.fsync(b"/d")
        self.promise({b"/d/a": [b"t" * 5000]})

    def _shrink(self) -> None:
        self.break_promise(b"/d/b")
        file = self.tree.inode(b"/d/b")
        file.truncate(5500)
        file.sync(data_only=False)
        self.promise({b"/d/b": [b"b" * 5500]})
        self.break_promise(b"/d/b")
        write_at(file, b"b" * 3000, 9000)
        if self.fs.volume.geometry.incompat & 0x40:
            file.allocate(AllocateMode.NONE, 40_000, 4000)
            file.allocate(AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE, 0, 4096)
        file.sync(data_only=True)
        self.promise({b"/d/b": [self.tree.read(b"/d/b")]})


def script(kind: str) -> Script:
    done = Script(make(kind))
    done.run()
    done.tree.close()
    return done


def faults(data: bytes, promised: Promises) -> str:
    """What is wrong with a disk after the next mount has done its work; empty for nothing."""
    disk = RamDisk(data)
    try:
        tree = Tree(mount_disk(disk))
        found = contents_of_tree(tree)
        filesystem = tree.view.root.inode.filesystem
        filesystem.sync()
        tree.close()
    except Errno as error:
        return f"cannot be read: {error}"
    return broken(found, promised) or check(bytes(disk.data))


def broken(found: Contents, promised: Promises) -> str:
    for path, allowed in promised.items():
        if found.get(path) not in allowed:
            return f"{path!r} is not as it was promised"
    for path, content_found in found.items():
        letters = set(content_found or b"") - {0}
        if len(letters) > 1:
            return f"{path!r} shows what is not its own"
    return ""


def cut_everywhere(done: Script, keep: Callable[[], bool], step: int = 1) -> list[str]:
    """The first faults that were found."""
    found: list[str] = []
    seen: set[bytes] = set()
    for place in range(0, len(done.disk.writes_made) + 1, step):
        data = done.disk.cut(place, keep)
        promised = done.promised_at(place)
        if data in seen:
            continue
        seen.add(data)
        fault = faults(data, promised)
        if fault:
            found.append(f"after {place} writes: {fault}")
            if len(found) == 3:
                break
    return found


JOURNALED = ["ext4-1k", "ext3-1k"]


@pytest.fixture(scope="module", params=JOURNALED)
def journaled(request: pytest.FixtureRequest) -> Script:
    return script(request.param)


@pytest.mark.parametrize("kept", ["nothing", "everything", "something"])
def test_a_power_cut_at_any_write_loses_nothing_that_was_synced(journaled: Script, kept: str) -> None:
    noise = random.Random(5)
    choices = {"nothing": lambda: False, "everything": lambda: True, "something": lambda: noise.random() < 0.5}
    assert cut_everywhere(journaled, choices[kept], 3) == []
