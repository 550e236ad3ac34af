"""What single records and fields mean, on discs made by hand; where xorriso understands them, it is asked as well."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objects.inode import InodeType
from objects.metadata import device_number
from scarlet.lang.errno import Errno
from tests.ext.support import contents_of_tree
from tests.iso9660 import disc as by_hand
from tests.iso9660.disc import DIRECTORY, ER, SP, Disc, both, ce, component, nm, one_file, px, record, sl, susp
from tests.iso9660.support import as_read_by_xorriso, mounted
from tests.vfs.support import outcome, read_at
from tests.vfs.xv6image import RamDisk
from vfs.iso9660 import dates
from vfs.iso9660.check import check

EPOCH = datetime.datetime(1970, 1, 1)
MOMENTS = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2155, 12, 31))


@given(MOMENTS, st.integers(-52, 52))
def test_dates_are_those_of_the_calendar(moment: datetime.datetime, zone: int) -> None:
    seconds = (moment.replace(microsecond=0) - EPOCH).total_seconds() - zone * 900
    fields = [moment.year - 1900, moment.month, moment.day, moment.hour, moment.minute, moment.second, zone % 256]
    assert dates.short_to_ns(b"x" + bytes(fields), 1) == int(seconds) * 10**9
    hundredths = moment.microsecond // 10_000
    text = moment.strftime("%m%d%H%M%S").encode()
    long = b"%04d%s%02d" % (moment.year, text, hundredths) + bytes([zone % 256])
    assert dates.long_to_ns(long, 0) == int(seconds) * 10**9 + hundredths * 10**7


@given(st.binary(min_size=17, max_size=17))
def test_damaged_dates_are_some_date(data: bytes) -> None:
    for time_ns in (dates.short_to_ns(data, 0), dates.long_to_ns(data, 0)):
        assert -(1 << 62) < time_ns < 1 << 62 or time_ns // 10**9 < 260_000_000_000


@pytest.mark.parametrize(("raw", "name"), [
    (b"FILE.TXT;1", b"file.txt"), (b"FILE.;1", b"file"), (b"FILE;1", b"file"), (b"FILE.TXT", b"file.txt"), (b"FILE.TXT;2", b"file.txt.2"),
    (b"A/B.C;1", b"a.b.c"), (b"CUT\0OFF", b"cut"), (b"\xc9T\xc9;1", b"\xc9t\xc9"),
])  # fmt: skip
def test_plain_names(raw: bytes, name: bytes) -> None:
    tree = mounted(one_file(raw))
    assert tree.names(b"/") == [name]
    assert tree.read(b"/" + name) == b"content"
    assert tree.stat(b"/" + name).mtime_ns == by_hand.DATE_S * 10**9


@pytest.mark.parametrize(("text", "name"), [
    ("größe.txt;1", "größe.txt"), ("🙂 emoji", "🙂 emoji"), ("dots...", "dots"), ("日" * 100, "日" * 85), ("a/b", "a.b"),
])  # fmt: skip
def test_joliet_names(text: str, name: str) -> None:
    disc = Disc()
    raw = text.encode("utf-16-be")
    start = disc.put(b"joliet")
    plain = disc.directory(record(b"X.;1", start, 6))
    data = disc.finish(plain, disc.directory(record(raw, start, 6)))
    tree = mounted(data)
    assert tree.names(b"/") == [name.encode()]
    assert tree.read(b"/" + name.encode().upper() if name.isascii() else b"/" + name.encode()) == b"joliet"
    assert mounted(data, b"nojoliet").names(b"/") == [b"x"]


def test_an_empty_tree_of_rock_ridge_gives_way_to_joliet() -> None:
    disc = Disc()
    start = disc.put(b"data")
    empty = disc.directory(own=SP + ER)
    joliet = disc.directory(record("file".encode("utf-16-be"), start, 4))
    assert mounted(disc.finish(empty, joliet)).names(b"/") == [b"file"]


def test_extensions_without_a_name_are_rock_ridge_if_there_is_no_joliet() -> None:
    disc = Disc()
    start = disc.put(b"data")
    root = disc.directory(record(b"X.;1", start, 4, area=nm(b"Name")), own=SP)
    joliet = disc.directory(record("file".encode("utf-16-be"), start, 4))
    assert mounted(disc.finish(root)).names(b"/") == [b"Name"]
    assert mounted(disc.finish(root, joliet)).names(b"/") == [b"file"]


def test_fields_without_a_mark_are_not_believed() -> None:
    disc = Disc()
    root = disc.directory(record(b"X.;1", disc.put(b"data"), 4, area=nm(b"Name")))
    assert mounted(disc.finish(root)).names(b"/") == [b"x"]


def test_what_stands_before_the_fields_is_skipped() -> None:
    """SP says how much; in the root's own record it may be that of CD-ROM XA."""
    disc = Disc()
    mark = susp("SP", b"\xbe\xef\x0e")
    root = disc.directory(record(b"X.;1", disc.put(b"data"), 4, area=b"x" * 14 + nm(b"Name")), own=b"y" * 14 + mark + ER + px(0o40711))
    tree = mounted(disc.finish(root))
    assert tree.names(b"/") == [b"Name"]
    assert tree.stat(b"/").mode == 0o711


def test_a_name_and_a_link_in_pieces() -> None:
    area = (
        nm(b"one,", 1)
        + nm(b"two")
        + nm(b"and no more")
        + px(0o120777)
        + sl(component(b"", 8), component(b"usr"), component(b"lo", 1), continues=True)
    )
    area += sl(component(b"cal"), component(b"", 4), component(b"", 2))
    tree = mounted(one_file(area=area))
    assert tree.names(b"/") == [b"one,two"]
    assert tree.inode(b"/one,two").readlink() == b"/usr/local/../."


def test_a_link_that_cannot_be_followed_is_there() -> None:
    tree = mounted(one_file(area=px(0o120777) + sl(component(b"", 0x20), component(b"x"))))
    assert tree.stat(b"/file.txt").type == InodeType.SYMLINK
    assert outcome(tree.inode(b"/file.txt").readlink) == "EOPNOTSUPP"


@pytest.mark.parametrize(
    ("high", "low", "expected"), [(8, 17, (8, 17)), (0, 8 << 8 | 17, (8, 17)), (0, 17, (0, 17)), (511, 1 << 19, (511, 1 << 19))]
)
def test_devices(high: int, low: int, expected: tuple[int, int]) -> None:
    tree = mounted(one_file(area=px(0o60640, 1, 3, 4) + susp("PN", both(high) + both(low))))
    found = tree.stat(b"/file.txt")
    assert (found.type, found.mode, found.uid, found.gid, found.size) == (InodeType.BLOCK, 0o640, 3, 4, 0)
    assert found.rdev == device_number(*expected)


def test_times_short_and_long_and_misplaced() -> None:
    short = bytes([100, 1, 1, 0, 0, 0, 0])
    found = mounted(one_file(area=susp("TF", b"\x0f" + b"".join(bytes([100 + n]) + short[1:] for n in range(4))))).stat(b"/file.txt")
    years = [int((datetime.datetime(2000 + n, 1, 1) - EPOCH).total_seconds()) * 10**9 for n in range(4)]
    assert [found.btime_ns, found.mtime_ns, found.atime_ns, found.ctime_ns] == years
    long = b"2001010100000050\0"
    found = mounted(one_file(area=susp("TF", b"\x82" + long))).stat(b"/file.txt")
    assert (found.mtime_ns, found.atime_ns, found.btime_ns) == (years[1] + 5 * 10**8, by_hand.DATE_S * 10**9, -1)
    found = mounted(one_file(area=susp("TF", b"\x01" + short))).stat(b"/file.txt")
    assert (found.ctime_ns, found.btime_ns) == (years[0], -1)


def test_fields_go_on_elsewhere() -> None:
    """Twice, and within a block."""
    disc = Disc()
    last = disc.put(bytes(100) + nm(b" and more"))
    middle = disc.put(nm(b"more", 1) + ce(last, 100, 14))
    area = nm(b"name, ", 1) + ce(middle, 0, 37) + susp("ST") + nm(b"never seen")
    root = disc.directory(record(b"X.;1", disc.put(b"data"), 4, area=area), own=SP + ER)
    data = disc.finish(root)
    assert mounted(data).names(b"/") == [b"name, more and more"]
    assert as_read_by_xorriso(data)[b"/name, more and more"] == b"data"


def test_a_file_in_several_sections() -> None:
    disc = Disc()
    parts = [b"A" * 4096, b"B" * 6144, b"C" * 1000]
    places = []
    for part in parts:
        disc.put(b"between")
        places.append(disc.put(part))
    records = [record(b"BIG.;1", at, len(part), 0x80 if part is not parts[-1] else 0) for at, part in zip(places, parts, strict=True)]
    after = record(b"NEXT.;1", disc.put(b"next"), 4)
    data = disc.finish(disc.directory(*records, after))
    tree = mounted(data)
    assert tree.names(b"/") == [b"big", b"next"]
    assert tree.read(b"/big") == b"".join(parts)
    assert read_at(tree.inode(b"/big"), 4090, 12) == b"A" * 6 + b"B" * 6
    assert check(RamDisk(data)) == []
    assert as_read_by_xorriso(data)[b"/BIG"] == b"".join(parts)


def test_a_file_of_more_than_four_gigabytes_has_its_size_and_ends_in_an_error_where_the_disc_does() -> None:
    disc = Disc()
    start = disc.put(b"begin" + bytes(4091))
    most = 0xFFFFF800
    data = disc.finish(
        disc.directory(record(b"BIG.;1", start, most, 0x80), record(b"BIG.;1", start, most, 0x80), record(b"BIG.;1", start, 5))
    )
    file = mounted(data).inode(b"/big")
    assert file.size() == 2 * most + 5
    assert read_at(file, 0, 4096)[:5] == b"begin"
    assert read_at(file, 2 * most, 100) == b"begin"
    assert outcome(read_at, file, 1 << 32, 10) == "ok"
    assert outcome(read_at, file, 1 << 31, 10) == "EIO"
    assert check(RamDisk(data)) == ["/big: lies behind the end of the image"] * 2


@pytest.mark.parametrize("records", [
    [record(b"A.;1", 30, 4096, 0x80)],
    [record(b"A.;1", 30, 4096, 0x80), record(b"B.;1", 30, 1)],
    [record(b"A.;1", 30, 100, 0x80), record(b"A.;1", 30, 1)],
    [record(b"A", 30, 4096, 0x82), record(b"A", 30, 2048, 2)],
    [record(b"A.;1", 30, 10, length=33)],
    [record(b"A LONG NAME.;1", 30, 10, length=40)],
    [*[record(b"%d" % at, 30, 10, area=bytes(200)) for at in range(8)], record(b"A.;1", 30, 10, length=250)],
    [record(b".", 30, 10)],
    [record(b";1", 30, 10)],
], ids=["no end", "another file", "within a block", "directory", "too short", "a long name", "border", "dot", "no name"])  # fmt: skip
def test_damaged_records_are_an_error(records: list[bytes]) -> None:
    disc = Disc()
    tree = mounted(disc.finish(disc.directory(*records)))
    assert outcome(tree.names, b"/") == "EIO"


def test_interleaved_and_sparse_files_are_refused() -> None:
    for data in (one_file(unit=1, gap=1), one_file(area=px(0o100444) + susp("SF", both(0) + both(9) + b"\1"))):
        tree = mounted(data)
        assert tree.stat(b"/file.txt").size == 7
        assert outcome(tree.read, b"/file.txt") == "EOPNOTSUPP"


def test_of_two_equal_names_the_first_counts() -> None:
    disc = Disc()
    records = [record(name, disc.put(name), len(name)) for name in (b"TWICE.;1", b"Twice.;1", b"ONCE.;1")]
    tree = mounted(disc.finish(disc.directory(*records)))
    assert tree.names(b"/") == [b"twice", b"once"]
    assert tree.read(b"/twice") == b"TWICE.;1"


def test_an_extended_attribute_record_is_not_content() -> None:
    assert mounted(one_file(content=b"record".ljust(2048) + b"content", xar=1)).read(b"/file.txt")[:7] == b"content"


def test_hidden_and_associated_files() -> None:
    disc = Disc()
    start = disc.put(b"data")
    flags = {b"FORK.;1": by_hand.ASSOCIATED, b"HIDDEN.;1": by_hand.HIDDEN, b"PLAIN.;1": 0}
    data = disc.finish(disc.directory(*[record(name, start, 4, flag) for name, flag in flags.items()]))
    assert mounted(data).names(b"/") == [b"hidden", b"plain"]
    assert mounted(data, b"hide").names(b"/") == [b"plain"]
    assert mounted(data, b"unhide").names(b"/") == [b"fork", b"hidden", b"plain"]


@pytest.mark.parametrize("block", [512, 1024])
def test_small_blocks(block: int) -> None:
    disc = Disc(block)
    disc.put(b"moves what follows off the sectors")
    below = disc.directory(record(b"IN.;1", disc.put(b"inner" * 300), 1500), above=1)
    data = disc.finish(disc.directory(record(b"SUB", *below, DIRECTORY), record(b"F.;1", disc.put(b"f" * 700), 700)))
    tree = mounted(data)
    assert contents_of_tree(tree) == {b"/": None, b"/sub": None, b"/sub/in": b"inner" * 300, b"/f": b"f" * 700}
    assert tree.stat(b"/f").block_size == block
    with pytest.raises(Errno):
        mounted(data, b"block=2048")


def test_a_session_that_begins_later() -> None:
    disc = Disc(data=bytearray(100 * by_hand.SECTOR))
    data = disc.finish(disc.directory(record(b"F.;1", disc.put(b"later"), 5)), first=64)
    assert mounted(data, b"sbsector=64").read(b"/f") == b"later"
    with pytest.raises(Errno):
        mounted(data)


def test_the_highest_byte_of_a_size_may_be_something_else() -> None:
    disc = Disc()
    data = disc.finish(disc.directory(record(b"F.;1", disc.put(b"seven.."), 0x51000007)))
    assert mounted(data, b"cruft").read(b"/f") == b"seven.."


def test_a_directory_that_was_moved_is_where_its_link_is() -> None:
    disc = Disc()
    moved = disc.directory(record(b"F.;1", disc.put(b"moved"), 5, area=px(0o100644)), own=px(0o40750, 2, 5, 6))
    collected = disc.directory(record(b"D", *moved, DIRECTORY, px(0o40750) + susp("RE")))
    link = record(b"D.;1", disc.put(b""), 0, area=px(0o40700) + nm(b"Deep") + susp("CL", both(moved[0])))
    root = disc.directory(link, record(b"RR_MOVED", *collected, DIRECTORY, nm(b"rr_moved")), own=SP + ER)
    data = disc.finish(root)
    tree = mounted(data)
    assert tree.names(b"/rr_moved") == []
    assert tree.read(b"/Deep/f") == b"moved"
    found = tree.stat(b"/Deep")
    assert (found.type, found.mode, found.nlink, found.uid, found.gid, found.size) == (InodeType.DIRECTORY, 0o750, 2, 5, 6, 2048)
    assert mounted(data, b"norock").read(b"/rr_moved/d/f") == b"moved"
    assert as_read_by_xorriso(data)[b"/Deep/F"] == b"moved"
