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
from tests.ext.support import Contents, check, contents_of_tree, make, repair
from tests.vfs.support import Tree, write_at
from tests.vfs.xv6image import RamDisk
from vfs.ext import content
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.mount import mount_disk
from vfs.ext.transaction import Changes
from vfs.ext.writing import Journal
from vfs.pagecache import writeback

UNIT = 1024
"""A write may be torn into pieces of this size."""
Judge = Callable[[bytes, "Promises"], str]
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
        self._use_blocks_of_directories()
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
        between: list[bytes | None] = [b"a" * 3000, b"t" * 5000]
        if not self.fs.volume.geometry.compat & 4:
            between.append(None)  # without a journal, e2fsck may find the file without a name: it goes to lost+found
        self.promise({b"/d/a": between})
        self.tree.rename(b"/t", b"/d/a")
        self.fsync(b"/d")
        self.promise({b"/d/a": [b"t" * 5000]})

    def _use_blocks_of_directories(self) -> None:
        """What was metadata a moment ago, and stands as that in the journal, becomes the content of files."""
        for number in range(4):
            self.tree.mkdir(b"/moved/%d" % number)
        self.fs.volume.commit()
        for number in range(4):
            self.tree.rmdir(b"/moved/%d" % number)
        self.fs.free_unused()
        self.fs.volume.commit()
        for number in range(6):
            self.tree.write(b"/moved/u%d" % number, b"u" * 1000)
            self.fsync(b"/moved/u%d" % number)
            self.promise({b"/moved/u%d" % number: [b"u" * 1000]})

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


def faults_after_e2fsck(data: bytes, promised: Promises) -> str:
    """The same when e2fsck repairs the disk before."""
    repaired = repair(data)
    return "e2fsck gave up" if repaired is None else faults(repaired, promised)


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


def cut_everywhere(done: Script, keep: Callable[[], bool], step: int = 1, judge: Judge = faults, *, first: int = 0) -> list[str]:
    """The first fault that was found, in cuts from the write `first` on."""
    seen: set[bytes] = set()
    for place in range(first, len(done.disk.writes_made) + 1, step):
        data = done.disk.cut(place, keep)
        promised = done.promised_at(place)
        if data in seen:
            continue
        seen.add(data)
        fault = judge(data, promised)
        if fault:
            return [f"after {place} writes: {fault}"]
    return []


JOURNALED = ["ext4-1k", "ext3-1k"]


@pytest.fixture(scope="module", params=JOURNALED)
def journaled(request: pytest.FixtureRequest) -> Script:
    return script(request.param)


@pytest.mark.parametrize("kept", ["nothing", "everything", "something"])
def test_a_power_cut_at_any_write_loses_nothing_that_was_synced(journaled: Script, kept: str) -> None:
    noise = random.Random(5)
    choices = {"nothing": lambda: False, "everything": lambda: True, "something": lambda: noise.random() < 0.5}
    assert cut_everywhere(journaled, choices[kept], 7) == []


def test_e2fsck_can_put_right_what_a_power_cut_left(journaled: Script) -> None:
    noise = random.Random(7)
    assert cut_everywhere(journaled, lambda: noise.random() < 0.5, 30, faults_after_e2fsck) == []


@pytest.mark.parametrize("kind", ["ext2-1k", "ext4-no-journal"])
def test_without_a_journal_e2fsck_saves_what_was_synced(kind: str) -> None:
    noise = random.Random(8)
    assert cut_everywhere(script(kind), lambda: noise.random() < 0.5, 9, faults_after_e2fsck) == []


# Mistakes that these cuts must catch


def test_the_cuts_catch_a_commit_block_that_is_written_too_early() -> None:
    early = Recorder.flush

    def flush(self: Recorder) -> None:
        """Only every second flush of a commit."""
        self.flushes = getattr(self, "flushes", 0) + 1
        if self.flushes % 2:
            early(self)

    with patch.object(Recorder, "flush", flush):
        done = script("ext3-1k")
    noise = random.Random(6)
    assert cut_everywhere(done, lambda: noise.random() < 0.5, 3) != []


def test_the_cuts_catch_blocks_that_are_used_again_too_early() -> None:
    with patch.object(Changes, "freeing"):
        done = script("ext4-1k")
    assert cut_everywhere(done, lambda: True, 2) != []


def test_the_cuts_catch_missing_revocations() -> None:
    with patch.object(Journal, "_revocations", return_value=[]):
        done = script("ext4-1k")
    assert cut_everywhere(done, lambda: True, 3, first=200) != []


def test_the_cuts_catch_data_that_comes_after_what_refers_to_it() -> None:
    def freeze_first(self: content.Content, offset: int, count: int) -> list[content.Extent]:
        extents = allocate(self, offset, count)
        self.written(offset, count)
        self.volume.commit()
        return extents

    allocate = content.Content.allocate
    with patch.object(content.Content, "allocate", freeze_first):
        done = script("ext4-1k")
    assert cut_everywhere(done, lambda: True, 6) != []
