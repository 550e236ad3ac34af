"""The power goes at each write to the disk, and of what was not flushed nothing, all or some is there: after fsck.fat -a every file that
was synced has its content, under one of the names that it had since.
"""

import random
from collections.abc import Callable

import pytest

from scarlet.lang.errno import Errno
from tests.fat.support import image, repaired
from tests.vfs.support import Tree
from tests.vfs.xv6image import RamDisk
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.metadata import Metadata
from vfs.fat.mount import mount_disk

Promises = dict[str, tuple[list[bytes], bytes]]
"""What was synced: the names under one of which it must be found, and its content."""


def fill(letter: bytes, size: int) -> bytes:
    return (letter + b"0123456789abcde") * (size // 16)


def script(tree: Tree, promises: Promises) -> None:
    """Operations, with what holds after each. A promise changes before the operation that may make it untrue."""

    def synced(key: str, path: bytes, data: bytes) -> None:
        tree.inode(path).sync(data_only=False)
        promises[key] = ([path], data)

    def rename(key: str, old: bytes, new: bytes) -> None:
        if key in promises:
            promises[key] = ([old, new], promises[key][1])
        tree.rename(old, new)

    tree.write(b"/first", fill(b"1", 3008))
    synced("1", b"/first", fill(b"1", 3008))
    tree.mkdir(b"/directory")
    tree.write(b"/directory/a second file", fill(b"2", 9008))
    synced("2", b"/directory/a second file", fill(b"2", 9008))
    tree.write(b"/unsynced", fill(b"x", 4000))
    rename("1", b"/first", b"/directory/moved")
    tree.write(b"/third", fill(b"3", 2000))
    synced("3", b"/third", fill(b"3", 2000))
    tree.unlink(b"/unsynced")
    tree.write(b"/fourth", fill(b"4", 6000))
    synced("4", b"/fourth", fill(b"4", 6000))
    del promises["3"]
    rename("4", b"/fourth", b"/third")
    for number in range(20):
        tree.write(b"/directory/number %d" % number, fill(b"n", 320))
    synced("n", b"/directory/number 7", fill(b"n", 320))
    del promises["2"]
    tree.unlink(b"/directory/a second file")
    tree.write(b"/fifth", fill(b"5", 12000))
    synced("5", b"/fifth", fill(b"5", 12000))
    tree.view.root.inode.filesystem.sync()


def broken_promises(data: bytes, promises: Promises) -> list[str]:
    tree = Tree(mount_disk(RamDisk(data)))
    broken = [key for key, (paths, content) in promises.items() if not any(holds(tree, path, content) for path in paths)]
    tree.close()
    return broken


def holds(tree: Tree, path: bytes, content: bytes) -> bool:
    try:
        return tree.read(path) == content
    except Errno:
        return False


def cut_everywhere(kind: str, keep: Callable[[], bool], step: int = 1) -> list[tuple[int, list[str]]]:
    """The writes after which a promise was broken, and which."""
    failures = []
    place = 0
    while True:
        device = RamDisk(image(kind))
        device.writes_left = place
        tree = Tree(mount_disk(device))
        promises: Promises = {}
        try:
            script(tree, promises)
            return failures
        except Errno:
            pass
        try:
            broken = broken_promises(repaired(device.after_cut([keep() for _ in device.pending])), promises)
        except AssertionError:
            broken = ["not repaired"]
        if broken:
            failures.append((place, broken))
        place += step


@pytest.mark.parametrize(("kind", "kept"), [("fat32", "none"), ("fat12", "all"), ("fat32", "some")])
def test_nothing_that_was_synced_is_lost(kind: str, kept: str) -> None:
    noise = random.Random(1)
    keep = {"none": lambda: False, "all": lambda: True, "some": lambda: noise.random() < 0.5}[kept]
    assert cut_everywhere(kind, keep) == []


def test_the_cuts_catch_clusters_that_are_given_away_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    release = FatFileSystem.release

    def at_once(self: FatFileSystem, node: object) -> None:
        release(self, node)  # type: ignore[arg-type]
        self.table.free_leaving()

    monkeypatch.setattr(FatFileSystem, "release", at_once)
    write_range = Metadata._write_range
    monkeypatch.setattr(Metadata, "_write_range", lambda self, start, end: write_range(self, start, end) and False)

    def luck(seed: int) -> Callable[[], bool]:
        noise = random.Random(seed)
        return lambda: noise.random() < 0.5

    assert any(cut_everywhere("fat32", luck(seed)) for seed in range(8))


def test_the_cuts_catch_a_rename_that_removes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FatFileSystem, "write_back", lambda self: None)
    assert cut_everywhere("fat32", lambda: True) != []
