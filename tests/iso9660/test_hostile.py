"""Discs that lie: random bytes, and single fields with impossible values. Nothing but an Errno may come of it, and not for ever."""

import pytest

from objects.inode import InodeType
from tests.ext.support import FailingDisk
from tests.iso9660.damage import use, with_random_bytes, with_random_fields
from tests.iso9660.disc import DIRECTORY, ER, SECTOR, SP, Disc, both, ce, nm, px, record, sl, susp
from tests.iso9660.support import image, mounted
from tests.vfs.support import Tree, outcome
from tests.vfs.xv6image import RamDisk
from vfs.iso9660.check import check
from vfs.iso9660.mount import mount_disk
from vfs.iso9660.records import MOST_CONTINUATIONS


@pytest.mark.parametrize("seed", range(60))
def test_random_bytes_are_no_more_than_errors(seed: int) -> None:
    use(*with_random_bytes(seed))


@pytest.mark.parametrize("seed", range(40))
def test_random_fields_are_no_more_than_errors(seed: int) -> None:
    use(with_random_fields(seed))


@pytest.mark.parametrize("size", [0, 2048, 16 * 2048, 17 * 2048, 19 * 2048, 21 * 2048, 40 * 2048, 100 * 2048 + 512])
def test_a_disc_that_was_cut_short(size: int) -> None:
    verdict = use(image("rock-ridge")[:size])
    assert verdict == "refused" if size < 19 * 2048 else verdict


LIES = {
    "block_size": [(128, size.to_bytes(2, "little")) for size in (0, 1, 511, 4096, 65535)],
    "root": [(158, extent.to_bytes(4, "little")) for extent in (0, 1, 16, 0x7FFFFFFF, 0xFFFFFFFF)],
    "root attribute blocks": [(157, b"\xff")],
    "volume size": [(80, size.to_bytes(4, "little")) for size in (0, 0xFFFFFFFF)],
}


@pytest.mark.parametrize(("place", "value"), [lie for lies in LIES.values() for lie in lies])
def test_a_lying_descriptor_is_no_more_than_an_error(place: int, value: bytes) -> None:
    data = bytearray(image("rock-ridge"))
    data[16 * SECTOR + place : 16 * SECTOR + place + len(value)] = value
    verdict = use(bytes(data))
    assert verdict == ("mounted" if place == 80 else "refused")


def test_directories_without_end() -> None:
    """A directory in itself, one in the other, and moved ones that lead to their own parents."""
    disc = Disc()
    first, second = disc.put(bytes(SECTOR)), disc.put(bytes(SECTOR))
    link = record(b"L.;1", 0, 0, area=px(0o40755) + susp("CL", both(first)))
    disc.directory(record(b"SELF", first, SECTOR, DIRECTORY), record(b"B", second, SECTOR, DIRECTORY), link, at=first)
    disc.directory(record(b"A", first, SECTOR, DIRECTORY), record(b"B", second, SECTOR, DIRECTORY), link, at=second)
    data = disc.finish(disc.directory(record(b"A", first, SECTOR, DIRECTORY), own=SP + ER))
    tree = mounted(data)
    for path in (b"/a/self", b"/a/b/a", b"/a/b/b", b"/a/l", b"/a/b/l"):
        assert outcome(tree.inode, path) == "EIO", path
    assert tree.stat(b"/a/b").type == InodeType.DIRECTORY
    assert len(check(RamDisk(data))) == 5


def test_a_link_to_a_directory_must_lead_to_one() -> None:
    disc = Disc()
    wrong = [0, 16, 0xFFFFFFFF, disc.put(record(b"F", 20, 1)), disc.put(record(b"\0", 20, 1)), disc.put(b"")]
    records = [record(b"L%d.;1" % at, 0, 0, area=susp("CL", both(block))) for at, block in enumerate(wrong)]
    tree = mounted(disc.finish(disc.directory(*records, own=SP + ER)))
    for at in range(len(wrong)):
        assert outcome(tree.inode, b"/l%d" % at) == "EIO"


def test_a_file_that_is_said_to_be_a_directory() -> None:
    disc = Disc()
    root = disc.directory(record(b"F.;1", 20, 10, area=px(0o40755)), own=SP + ER)
    assert outcome(mounted(disc.finish(root)).names, b"/") == "EIO"


@pytest.mark.parametrize("length", [1, MOST_CONTINUATIONS, MOST_CONTINUATIONS + 1])
def test_areas_that_go_on_and_on(length: int) -> None:
    disc = Disc()
    start = disc.put(bytes(SECTOR))
    chain = bytearray(SECTOR)
    for step in range(length):
        more = ce(start, (step + 1) * 40, 28) if step < length - 1 else nm(b"found")
        chain[step * 40 : step * 40 + len(more)] = more
    disc.data[start * SECTOR : start * SECTOR + SECTOR] = chain
    root = disc.directory(record(b"F.;1", start, 10, area=ce(start, 0, 28)), own=SP + ER)
    tree = mounted(disc.finish(root))
    if length <= MOST_CONTINUATIONS:
        assert tree.names(b"/") == [b"found"]
    else:
        assert outcome(tree.names, b"/") == "EIO"


def test_an_area_that_goes_on_in_itself() -> None:
    disc = Disc()
    start = disc.put(bytes(SECTOR))
    disc.data[start * SECTOR : start * SECTOR + 28] = ce(start, 0, 28)
    root = disc.directory(record(b"F.;1", start, 10, area=ce(start, 0, 28)), own=SP + ER)
    assert outcome(mounted(disc.finish(root)).names, b"/") == "EIO"


@pytest.mark.parametrize("area", [
    ce(0xFFFFFFFF, 0, 100), ce(20, 0, 0xFFFFFFFF), ce(20, 0xFFFFFFFF, 10), susp("PX", b"short"), susp("NM"), susp("SL"),
    susp("TF", b"\x8f1"), b"NM\x03\x01", b"NM\x64\x01name", sl(b"\0\xffshort"), susp("CL", b"123"), susp("PN", b""), susp("ZF", b"pz"),
])  # fmt: skip
def test_damaged_fields_are_an_error(area: bytes) -> None:
    disc = Disc()
    root = disc.directory(record(b"F.;1", 20, 10, area=area), own=SP + ER)
    assert outcome(mounted(disc.finish(root)).names, b"/") == "EIO"


def test_what_could_not_be_read_is_tried_again() -> None:
    disk = FailingDisk(image("rock-ridge"), read_only=True)
    tree = Tree(mount_disk(disk))
    disk.reads_left = 0
    for action in (lambda: tree.names(b"/many"), lambda: tree.read(b"/blocks"), lambda: tree.stat(b"/a/b/c")):
        assert outcome(action) == "EIO"
    disk.reads_left = -1
    assert len(tree.names(b"/many")) == 300
    assert tree.read(b"/blocks")[:2] == b"\0\1"


class Large(RamDisk):
    """A disk with nothing but zeros behind what is there."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, read_only=True)
        self.size = 1 << 40

    def read_sectors(self, offset: int, count: int) -> bytes:
        return super().read_sectors(offset, count).ljust(count, b"\0")


def test_a_directory_of_absurd_size_is_not_read() -> None:
    disc = Disc()
    root = disc.directory(record(b"D", 19, 0xFFFFFFFF, DIRECTORY), record(b"E", 19, 1 << 20, DIRECTORY))
    data = disc.finish(root)
    small, large = Tree(mount_disk(RamDisk(data))), Tree(mount_disk(Large(data)))
    assert [outcome(tree.names, path) for tree in (small, large) for path in (b"/d", b"/e")] == ["EIO", "EIO", "EIO", "ok"]
