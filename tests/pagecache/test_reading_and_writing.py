"""One thread, one file: what is read, what is written, what the disk gets to see."""

import pytest

from scarlet.lang.errno import EIO, ENOSPC, Errno
from tests.pagecache.support import PAGE, bench, on_disk, read, write
from vfs.pagecache.backing import HOLE
from vfs.pagecache.cache import AT_END

PATTERN = bytes(range(251)) * 400


@pytest.mark.parametrize("block", [512, 1024, 4096])
def test_what_the_disk_has_is_read_once(block: int) -> None:
    with bench(block=block) as b:
        file = b.file(PATTERN)

        def body() -> None:
            assert read(file, 0, 10) == PATTERN[:10]
            assert read(file, 5000, 60000) == PATTERN[5000:65000]
            assert read(file, len(PATTERN) - 7, 100) == PATTERN[-7:]
            before = len(b.disk.log)
            assert read(file, 0, len(PATTERN) + 5) == PATTERN
            assert read(file, len(PATTERN), 10) == b""
            assert read(file, len(PATTERN) + PAGE, 10) == b""
            before = len(b.disk.log)
            assert read(file, 0, len(PATTERN)) == PATTERN
            assert len(b.disk.log) == before

        b.go(body)
        read_bytes = sum(count for _offset, count in b.disk.reads())
        assert read_bytes <= len(PATTERN) + PAGE


def test_reading_from_one_end_to_the_other_takes_large_transfers() -> None:
    with bench(disk=2 << 20) as b:
        content = bytes(1 << 20)
        file = b.file(content)
        b.disk.most_pieces = 128
        for index in range(256):
            file.backing.blocks[index] = index + 1  # type: ignore[attr-defined]

        def body() -> None:
            for offset in range(0, len(content), PAGE):
                assert len(read(file, offset, PAGE)) == PAGE

        b.go(body)
        assert len(b.disk.reads()) < 12
        assert sum(count for _offset, count in b.disk.reads()) == len(content)


def test_random_reads_bring_in_what_was_asked_for() -> None:
    with bench() as b:
        file = b.file(PATTERN)

        def body() -> None:
            for index in (20, 3, 9, 15, 12):
                read(file, index * PAGE, 100)

        b.go(body)
        assert [count for _offset, count in b.disk.reads()] == [PAGE] * 5


@pytest.mark.parametrize("block", [512, 1024, 4096])
def test_writes_reach_the_disk_with_sync_and_not_before(block: int) -> None:
    with bench(block=block) as b:
        file = b.file(PATTERN)

        def body() -> None:
            assert write(file, 1000, b"abc" * 3000) == 9000
            assert write(file, len(PATTERN), b"tail") == 4
            assert write(file, AT_END, b"more") == 4
            assert b.disk.writes() == []
            file.sync()
            expected = bytearray(PATTERN + b"tailmore")
            expected[1000:10000] = b"abc" * 3000
            assert on_disk(file) == bytes(expected)
            assert read(file, 0, 1 << 20) == bytes(expected)
            before = len(b.disk.log)
            file.sync()
            assert len(b.disk.log) == before

        b.go(body)
        assert file.backing.holds == 0  # type: ignore[attr-defined]


def test_a_gap_and_the_rest_of_the_last_block_are_zeros() -> None:
    with bench() as b:
        file = b.file(b"x" * 5000)  # the disk has garbage behind it

        def body() -> None:
            assert write(file, 20000, b"end") == 3
            assert read(file, 4990, 15013) == b"x" * 10 + bytes(15000) + b"end"
            file.sync()
            assert on_disk(file) == b"x" * 5000 + bytes(15000) + b"end"
            backing = file.backing
            assert 2 not in backing.blocks and 4 in backing.blocks  # type: ignore[attr-defined]
            with file.mutex, file.resizing(30000):
                pass
            assert read(file, 20000, 20000) == b"end" + bytes(9997)

        b.go(body)


def test_cutting_zeroes_what_is_behind_even_when_it_grows_again() -> None:
    with bench() as b:
        file = b.file(PATTERN)

        def body() -> None:
            for size in (9000, 5000):
                with file.mutex, file.resizing(size):
                    file.backing.free_from(-(-size // PAGE), 1 << 40)  # type: ignore[attr-defined]
                assert read(file, 0, 1 << 20) == PATTERN[:size]
            with file.mutex, file.resizing(12000):
                pass
            assert read(file, 0, 1 << 20) == PATTERN[:5000] + bytes(7000)
            file.sync()
            assert on_disk(file) == PATTERN[:5000] + bytes(7000)

        b.go(body)


def test_a_punched_range_reads_as_zeros() -> None:
    with bench() as b:
        file = b.file(PATTERN)

        def body() -> None:
            with file.mutex, file.closed(3000, 30000) as hole:
                assert (hole.first, hole.end) == (1, 7)
                file.backing.free_from(hole.first, hole.end)  # type: ignore[attr-defined]
            expected = PATTERN[:3000] + bytes(27000) + PATTERN[30000:]
            assert read(file, 0, 1 << 20) == expected
            with file.mutex, file.closed(40000, 40010):
                pass
            expected = expected[:40000] + bytes(10) + expected[40010:]
            file.sync()
            assert on_disk(file) == expected

        b.go(body)


def test_a_full_disk_is_told_to_the_writer_and_not_later() -> None:
    with bench(disk=64 * PAGE) as b:
        file = b.file()

        def body() -> None:
            assert write(file, 0, bytes(100 * PAGE)) == 63 * PAGE
            with pytest.raises(Errno) as error:
                write(file, 63 * PAGE, b"x")
            assert error.value.code == ENOSPC
            file.sync()
            assert write(file, 0, b"y" * 10 * PAGE) == 10 * PAGE
            with pytest.raises(Errno):
                file.page(80, write=True) if file.size > 80 * PAGE else write(file, 90 * PAGE, b"z")

        b.go(body)


def test_a_bad_sector_spoils_its_page_only() -> None:
    with bench() as b:
        file = b.file(PATTERN)
        place = file.backing.blocks[2]  # type: ignore[attr-defined]
        b.disk.bad.add(place * 8 + 3)

        def body() -> None:
            assert read(file, 0, len(PATTERN)) == PATTERN[: 2 * PAGE]
            with pytest.raises(Errno) as error:
                read(file, 2 * PAGE, 1)
            assert error.value.code == EIO
            assert read(file, 3 * PAGE, 1 << 20) == PATTERN[3 * PAGE :]
            assert write(file, 2 * PAGE, b"n" * PAGE) == PAGE  # a whole page needs no reading
            b.disk.bad.clear()
            assert read(file, 2 * PAGE, PAGE) == b"n" * PAGE

        b.go(body)


def test_a_failed_write_is_reported_and_remembered() -> None:
    with bench() as b:
        file = b.file(PATTERN)
        place = file.backing.blocks[2]  # type: ignore[attr-defined]
        b.disk.bad.add(place * 8)
        before = file.errors.position()

        def body() -> None:
            write(file, 2 * PAGE, b"n" * PAGE)
            with pytest.raises(Errno) as error:
                file.sync()
            assert error.value.code == EIO
            file.sync()

        b.go(body)
        assert file.errors.news(before) == EIO
        assert file.errors.news(file.errors.count) == 0
        assert file.errors.position() == file.errors.count


def test_pages_of_holes_need_no_disk() -> None:
    with bench() as b:
        file = b.file()

        def body() -> None:
            with file.mutex, file.resizing(100 * PAGE):
                pass
            assert read(file, 0, 100 * PAGE) == bytes(100 * PAGE)

        b.go(body)
        assert b.disk.log == []
        assert all(extent.position == HOLE for extent in file.backing.map(0, 100 * PAGE))
