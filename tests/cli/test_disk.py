"""scarlet disk check: statuses and messages for sound, damaged and foreign images."""

from pathlib import Path

import pytest

from scarlet.cli import disk, xv6disk
from scarlet.cli.errors import Status, UserError
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
    with pytest.raises(UserError) as error:
        disk.check(path)
    assert error.value.status == Status.USAGE


@pytest.mark.parametrize("data", [b"", b"short", bytes(100_000)])
def test_what_cannot_be_the_root_of_xv6(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "fs.img"
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"holds no xv6 file system|it is empty"):
        xv6disk.read(path)


def test_a_missing_image(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        disk.check(tmp_path / "none")
