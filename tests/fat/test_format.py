"""Names, times and geometries, against what the specification and the real tools say."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scarlet.lang.errno import Errno
from tests.fat.support import KINDS, disk, image, mounted
from vfs.fat import names, timestamps
from vfs.fat.layout import LOWER_BASE, LOWER_EXTENSION, Geometry, Slot
from vfs.fat.slots import Entry, packed, parse, pieces_for

EPOCH = datetime.datetime(1970, 1, 1)


@given(st.datetimes(datetime.datetime(1980, 1, 1), datetime.datetime(2107, 12, 31, 23, 59, 59)))
def test_a_time_comes_back_to_two_seconds(moment: datetime.datetime) -> None:
    time_ns = int((moment - EPOCH).total_seconds()) * 10**9 + moment.microsecond * 1000
    stamp = timestamps.from_ns(time_ns)
    date = datetime.date(1980 + (stamp.date >> 9), stamp.date >> 5 & 15, stamp.date & 31)
    assert date == moment.date()
    assert timestamps.to_ns(stamp.date, stamp.time) == time_ns // (2 * 10**9) * 2 * 10**9
    assert abs(timestamps.to_ns(stamp.date, stamp.time, stamp.fine) - time_ns) < 10**7


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 255))
def test_damaged_times_are_read_as_some_time(date: int, time: int, fine: int) -> None:
    assert timestamps.FIRST * 10**9 <= timestamps.to_ns(date, time, fine) <= timestamps.END * 10**9 + 10**9


@pytest.mark.parametrize("moment", [0, 315532799, 4354819200, 1 << 40])
def test_times_that_dos_cannot_say_become_the_nearest(moment: int) -> None:
    stamp = timestamps.from_ns(moment * 10**9)
    found = timestamps.to_ns(stamp.date, stamp.time) // 10**9
    assert found == (timestamps.FIRST if moment < timestamps.FIRST else timestamps.END - 2)


@pytest.mark.parametrize(
    ("name", "short", "case", "exact"),
    [
        (b"README.TXT", b"README  TXT", 0, True),
        (b"readme.txt", b"README  TXT", LOWER_BASE | LOWER_EXTENSION, True),
        (b"Makefile", b"MAKEFILE   ", 0, False),
        (b"main.PY", b"MAIN    PY ", LOWER_BASE, True),
        (b"a long name.text", b"ALONGN~1TEX", 0, False),
        (b".profile", b"PROFIL~1   ", 0, False),
        (b"x.tar.gz", b"XTAR~1  GZ ", 0, False),
        ("größe".encode(), b"GR__E~1    ", 0, False),
        (b"1+1=2", b"1_1_2~1    ", 0, False),
    ],
)
def test_short_names_are_those_of_the_specification(name: bytes, short: bytes, case: int, exact: bool) -> None:
    found = names.short_for(name, set())
    assert (found.name, found.case, found.exact) == (short, case, exact)


def test_an_alias_is_not_taken_twice() -> None:
    taken: set[bytes] = set()
    for _ in range(120):
        found = names.short_for(b"a long name.text", taken)
        assert found.name not in taken
        taken.add(found.name)
    assert b"ALONG~99TEX" in taken
    assert b"ALON~100TEX" in taken


@pytest.mark.parametrize("name", [b"a/b", b"a:b", b'"', b"a*", b"...", b"space ", b"\x01", b"\xff\xfe", b"a\\b", b"a?"])
def test_names_that_fat_cannot_hold_are_refused(name: bytes) -> None:
    with pytest.raises(Errno):
        names.accepted(name)


@given(st.text(st.characters(exclude_characters='"*/:<>?\\|\0', min_codepoint=32), min_size=1, max_size=100))
def test_a_long_name_comes_back_from_its_slots(text: str) -> None:
    try:
        name = names.accepted(text.encode(errors="surrogatepass"))
    except Errno:
        return
    short = names.short_for(name, set())
    entry = Entry(name, Slot(name=short.name, case=short.case))
    entry.count = 1 if short.exact else 1 + pieces_for(name)
    found = parse(packed(entry) + bytes(64))
    assert [other.name for other in found.entries] == [name]
    assert found.end == entry.count


@given(st.binary(max_size=1024))
def test_any_bytes_are_some_listing(data: bytes) -> None:
    for entry in parse(data).entries:
        assert b"/" not in entry.name
        assert entry.first >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_images_of_mkfs_are_understood(kind: str) -> None:
    filesystem = mounted(disk(kind))
    assert filesystem.geometry.bits == int(kind[3:5])
    statistics = filesystem.statistics()
    assert statistics.blocks_free == statistics.blocks - (1 if kind.startswith("fat32") else 0)


@given(st.integers(0, 511), st.integers(0, 255))
def test_a_damaged_boot_sector_is_refused_or_makes_sense(offset: int, value: int) -> None:
    data = bytearray(image("fat16")[:4096])
    data[offset] = value
    size = len(image("fat16"))
    try:
        geometry = Geometry(bytes(data), size)
    except Errno:
        return
    assert geometry.data_start + geometry.clusters * geometry.cluster_size <= size
