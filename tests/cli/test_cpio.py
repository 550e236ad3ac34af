"""The archive writer: what it writes others read, aligned, and the same each time."""

import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.cli import cpio
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import UserError

NAMES = st.text("abcxyz.-_ é\n", min_size=1, max_size=40).filter(lambda name: name not in (".", ".."))
FILES = st.builds(
    Entry,
    path=NAMES.map(lambda name: "/" + name),
    mode=st.integers(0, 0o7777).map(lambda mode: stat.S_IFREG | mode),
    data=st.one_of(st.binary(max_size=200), st.integers(1000, 20000).map(lambda size: b"x" * size)),
    uid=st.integers(0, 70000),
    mtime=st.integers(0, 2**32 - 1),
)
ENTRIES = st.lists(FILES, max_size=8, unique_by=lambda entry: entry.path)


@settings(derandomize=True, deadline=None)
@given(ENTRIES)
def test_what_is_written_is_read_back(entries: list[Entry]) -> None:
    assert list(cpio.read(cpio.write(entries))) == entries


@settings(derandomize=True, deadline=None)
@given(ENTRIES, ENTRIES)
def test_archives_can_follow_one_another(first: list[Entry], second: list[Entry]) -> None:
    assert list(cpio.read(cpio.write(first) + cpio.write(second))) == first + second


def test_large_files_start_on_a_page() -> None:
    entries = [Entry(f"/{'n' * (i % 9 + 1)}{i}", stat.S_IFREG | 0o644, bytes([i]) * (2000 + 37 * i)) for i in range(60)]
    archive = cpio.write(entries)
    aligned = [entry for entry in entries if archive.find(entry.data) % cpio.PAGE_SIZE == 0]
    assert len(aligned) >= len(entries) - 1


def test_no_name_field_is_longer_than_a_path_may_be() -> None:
    entries = [Entry("/" + "n" * (i % 250 + 1) + str(i), stat.S_IFREG | 0o644, b"x" * 1100) for i in range(300)]
    archive = cpio.write(entries)
    sizes = [int(archive[at + 94 : at + 102], 16) for at in range(0, len(archive), 4) if archive[at : at + 6] == cpio.MAGIC]
    assert len(sizes) >= 300
    assert max(sizes) <= cpio.MAX_NAME


def test_small_files_are_not_padded_to_pages() -> None:
    entries = [Entry(f"/f{i}", stat.S_IFREG | 0o644, b"small") for i in range(100)]
    assert len(cpio.write(entries)) < 5 * cpio.PAGE_SIZE


def test_equal_entries_give_equal_bytes_and_whole_pages() -> None:
    entries = [Entry("/d", stat.S_IFDIR | 0o755), Entry("/d/f", stat.S_IFREG | 0o600, b"data", mtime=12345)]
    assert cpio.write(entries) == cpio.write(list(entries))
    assert len(cpio.write(entries)) % cpio.PAGE_SIZE == 0


def test_another_reader_takes_the_archive(tmp_path: Path, busybox: Path) -> None:
    """busybox's cpio, under qemu-riscv64, unpacks directories, files, links and modes."""
    entries = [
        Entry("/d", stat.S_IFDIR | 0o750),
        Entry("/d/large", stat.S_IFREG | 0o640, b"0123456789" * 1000),
        Entry("/d/link", stat.S_IFLNK | 0o777, b"large"),
    ]
    target = tmp_path / "out"
    target.mkdir()
    subprocess.run(
        ["qemu-riscv64", str(busybox), "cpio", "-id"], cwd=target, input=cpio.write(entries), check=True, stderr=subprocess.DEVNULL
    )
    assert (target / "d/large").read_bytes() == b"0123456789" * 1000
    assert stat.S_IMODE((target / "d/large").stat().st_mode) == 0o640
    assert (target / "d/link").readlink() == Path("large")


def test_a_damaged_archive_is_refused() -> None:
    archive = cpio.write([Entry("/f", stat.S_IFREG | 0o644, b"x" * 100)])
    with pytest.raises(ValueError, match="ends before"):
        list(cpio.read(archive[:180]))
    with pytest.raises(ValueError, match="no cpio header"):
        list(cpio.read(b"rubbish!" * 30))


def test_a_file_too_large_for_the_format_is_an_error() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(UserError, match="too large"):
        cpio._header(1, Entry("/f", stat.S_IFREG | 0o644, Huge()), 3)
