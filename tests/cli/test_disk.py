"""scarlet disk create and check, and what run --disk refuses: statuses and messages for sound, damaged, foreign and busy images."""

import os
from pathlib import Path

import pytest

from scarlet.cli import disk, diskimage, xv6disk
from scarlet.cli.errors import Status, UserError
from tests.iso9660.disc import Disc, one_file, record
from tests.vfs.xv6image import image


def test_a_sound_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fs.img"
    path.write_bytes(image({b"f": b"x"}))
    assert disk.check(path) == 0
    assert capsys.readouterr().out == f"{path}: xv6fs, sound\n"


def test_a_damaged_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fs.img"
    data = bytearray(image({b"f": b"x"}))
    data[45 * 1024 : 46 * 1024] = bytes(1024)  # the bitmap
    path.write_bytes(data)
    assert disk.check(path) == 1
    assert "is marked free" in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b"short", bytes(100_000)])
def test_what_is_no_image(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "fs.img"
    path.write_bytes(data)
    with pytest.raises(UserError, match="holds no file system that can be checked here|is too small for a disk") as error:
        disk.check(path)
    assert error.value.status == Status.USAGE


@pytest.mark.parametrize("data", [b"", b"short", bytes(100_000)])
def test_what_cannot_be_the_root_of_xv6(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "fs.img"
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"holds no xv6 file system|it is empty"):
        xv6disk.read(path)


@pytest.mark.parametrize("read_only", [True, False])
def test_what_is_neither_a_file_nor_a_disk_is_not_waited_for(tmp_path: Path, read_only: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(UserError, match="is neither a file nor a disk"):
            diskimage.open_image(path, read_only=read_only)


def test_a_missing_image(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        disk.check(tmp_path / "none")


@pytest.mark.parametrize("kind", ["ext4", "ext3", "ext2", "xv6"])
def test_what_is_made_is_sound_and_of_that_kind(tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "disk.img"
    assert disk.create(path, "12M", kind) == 0
    assert path.stat().st_size == 12 << 20
    assert path.stat().st_blocks * 512 < 8 << 20, "it takes little room"
    assert disk.check(path) == 0
    assert capfd.readouterr().out == f"{path}: {kind.replace('xv6', 'xv6fs')}, sound\n"
    image = diskimage.open_image(path)
    diskimage.require_usable(image)
    os.close(image.descriptor)


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_bytes(b"data")
    with pytest.raises(UserError, match="it is not overwritten"):
        disk.create(path, "1G", "ext4")
    assert path.read_bytes() == b"data"


@pytest.mark.parametrize(("size", "kind", "message"), [
    ("many", "ext4", "write a number"), ("99999999T", "ext4", "at most 16T"),
    ("1K", "ext4", "at least 64K"), ("100K", "xv6", "at least 128 KiB"), ("64K", "ext4", "mke2fs: "),
    ("1G", "ntfs", "there are ext4, ext3, ext2, xv6"),
])  # fmt: skip
def test_what_cannot_be_made(tmp_path: Path, size: str, kind: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        disk.create(tmp_path / "disk.img", size, kind)
    assert list(tmp_path.iterdir()) == []


def usable(path: Path) -> None:
    """As scarlet run --disk."""
    image = diskimage.open_image(path)
    try:
        diskimage.require_usable(image)
    finally:
        os.close(image.descriptor)


@pytest.mark.parametrize("content", [b"no file system " * 9000, b"x" * 100, bytes(200_000)], ids=["foreign", "tiny", "zeros"])
def test_what_cannot_keep_data(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UserError, match="scarlet disk create makes one") as error:
        usable(path)
    assert error.value.status == Status.USAGE
    assert path.read_bytes() == content


def test_a_disk_that_is_known_to_be_damaged_or_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "disk.img"
    disk.create(path, "12M", "ext4")
    data = bytearray(path.read_bytes())
    data[1024 + 58] |= 2
    path.write_bytes(data)
    with pytest.raises(UserError, match=f"is not sound; e2fsck -f {path} repairs it"):
        usable(path)
    data[1024 + 58] &= 0xFD
    path.write_bytes(data[: 6 << 20])
    with pytest.raises(UserError, match="is cut short"):
        usable(path)


def test_a_disk_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "disk.img"
    disk.create(path, "1M", "xv6")

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(UserError, match="may not be written by you; a machine writes to its disk"):
        diskimage.open_image(path)


def test_one_writer_or_several_readers(tmp_path: Path) -> None:
    path = tmp_path / "disk.img"
    disk.create(path, "1M", "xv6")
    readers = [diskimage.open_image(path, read_only=True) for _ in range(2)]
    with pytest.raises(UserError, match="is in use by a machine that runs"):
        diskimage.open_image(path)
    for reader in readers:
        os.close(reader.descriptor)
    writer = diskimage.open_image(path)
    for read_only in (True, False):
        with pytest.raises(UserError, match="is in use by a machine that runs"):
            diskimage.open_image(path, read_only=read_only)
    with pytest.raises(UserError, match="is in use"):
        disk.check(path)
    os.close(writer.descriptor)
    assert disk.check(path) == 0


def test_a_disc_is_checked_and_keeps_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "disc.iso"
    path.write_bytes(one_file())
    assert disk.check(path) == 0
    assert capfd.readouterr().out == f"{path}: iso9660, sound\n"
    with pytest.raises(UserError, match=f"is only read: --drive {path}:ro"):
        usable(path)
    with pytest.raises(UserError, match="there are ext4, ext3, ext2, xv6$"):
        disk.create(tmp_path / "new.iso", "1M", "iso9660")
    disc = Disc()
    path.write_bytes(disc.finish(disc.directory(record(b"F.;1", 20, 1 << 20))))
    assert disk.check(path) == 1
    assert capfd.readouterr().out == f"/f: lies behind the end of the image\n{path}: iso9660, 1 problem(s)\n"
    path.write_bytes(one_file()[:-2048])
    assert disk.check(path) == 1
    assert capfd.readouterr().out == f"a place behind the end of the device\n{path}: iso9660, 1 problem(s)\n"
