"""What a run's hardware becomes: QEMU's arguments, models for the hosted machine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scarlet.cli import diskimage
from scarlet.cli.diskimage import DiskImage
from scarlet.cli.errors import UserError
from scarlet.cli.hardware import Hardware


@pytest.fixture
def image(tmp_path: Path) -> Iterator[DiskImage]:
    path = tmp_path / "a,b=c.img"
    path.write_bytes(bytes(8192))
    opened = diskimage.open_image(path, read_only=True)
    yield opened
    os.close(opened.descriptor)


def values(arguments: list[str], option: str) -> list[str]:
    return [arguments[place + 1] for place, word in enumerate(arguments) if word == option]


def test_disks_come_first_and_each_device_has_a_slot_of_its_own(image: DiskImage) -> None:
    devices = values(Hardware((image, image)).arguments(), "-device")
    assert [device.partition(",")[0] for device in devices] == ["virtio-blk-device", "virtio-blk-device", "virtio-rng-device"]
    assert [device.rpartition(".")[2] for device in devices] == ["0", "1", "2"]


def test_a_name_with_commas_and_a_disk_that_is_only_read(image: DiskImage) -> None:
    (block,) = values(Hardware((image,)).arguments(), "-blockdev")
    assert f"file.filename={str(image.path).replace(',', ',,')}," in block
    assert block.endswith(",read-only=on")


def test_only_a_disk_that_was_asked_for_as_home_is_told_of(image: DiskImage) -> None:
    assert Hardware((image,)).command_line == []
    assert Hardware((image,), home=True).command_line == ["home=vda"]


def test_the_windows_size_comes_through_a_port_of_its_own() -> None:
    arguments = Hardware(window=7).arguments()
    assert "socket,id=window,fd=7" in values(arguments, "-chardev")
    assert "virtserialport,bus=lines.0,nr=1,chardev=window" in values(arguments, "-device")
    assert values(arguments, "-serial") == ["chardev:streams"]


def test_more_devices_than_slots(image: DiskImage) -> None:
    crowded = Hardware((image,) * 9)
    for make in (crowded.arguments, lambda: crowded.models(0)):
        with pytest.raises(UserError, match="10 devices are too many: the machine has 8 slots"):
            make()
