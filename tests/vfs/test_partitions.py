"""Partition tables: those that sfdisk writes, and those that lie."""

import random
import subprocess
import zlib
from pathlib import Path

import pytest

from objects.block import SECTOR, BlockDevice
from tests.hosttools import tool
from vfs.partitions import read_table
from vfs.partitions.checksum import crc32

MIB = 1 << 20


class Image(BlockDevice):
    """A disk of bytes."""

    def __init__(self, data: bytearray) -> None:
        super().__init__(len(data))
        self.data = data

    def read_sectors(self, offset: int, count: int) -> bytes:
        return bytes(self.data[offset : offset + count])


def made(path: Path, script: str, size: int = 64 * MIB) -> bytearray:
    """A disk with the table that sfdisk makes of a script."""
    image = path / "disk.img"
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run([tool("sfdisk"), "-q", image], input=script, text=True, check=True)
    return bytearray(image.read_bytes())


def table(data: bytearray) -> list[tuple[int, int, int]]:
    return [(entry.number, entry.start // SECTOR, entry.count // SECTOR) for entry in read_table(Image(data), "disk")]


MBR = """label: dos
start=2048,size=20000,type=83
start=24576,size=60000,type=5
start=90000,size=4096,type=82
start=26624,size=8192,type=83
start=40960,size=8191,type=83
"""
MBR_TABLE = [(1, 2048, 20000), (2, 24576, 2), (3, 90000, 4096), (5, 26624, 8192), (6, 40960, 8191)]
GPT = """label: gpt
start=2048,size=8192
start=20480,size=4097
"""
GPT_TABLE = [(1, 2048, 8192), (2, 20480, 4097)]


def test_primary_and_logical_partitions(tmp_path: Path) -> None:
    assert sorted(table(made(tmp_path, MBR))) == MBR_TABLE


def test_a_gpt_and_its_copy(tmp_path: Path) -> None:
    data = made(tmp_path, GPT)
    assert table(data) == GPT_TABLE
    for damage in (SECTOR + 20, SECTOR + 60, 2 * SECTOR + 40):  # header, header, table
        damaged = bytearray(data)
        damaged[damage] ^= 0xFF
        assert table(damaged) == GPT_TABLE
        damaged[-SECTOR + 16] ^= 0xFF
        assert table(damaged) == []


def test_an_empty_disk_and_a_boot_sector_have_no_partitions(tmp_path: Path) -> None:
    assert table(bytearray(MIB)) == []
    assert table(bytearray(512)) == []
    image = tmp_path / "fat.img"
    subprocess.run([tool("mkfs.fat"), "-C", image, "4096"], check=True, capture_output=True)
    assert table(bytearray(image.read_bytes())) == []


@pytest.mark.parametrize("entry", [0, 1, 2])
def test_partitions_outside_of_the_disk_or_over_others_are_left_out(tmp_path: Path, entry: int) -> None:
    data = made(tmp_path, MBR)
    at = 446 + 16 * entry + 8
    for start, count in ((200_000, 100), (1 << 31, 1 << 31), (100_000, 1 << 20), (0, 100)):
        lying = bytearray(data)
        lying[at : at + 8] = start.to_bytes(4, "little") + count.to_bytes(4, "little")
        assert entry + 1 not in [number for number, _start, _count in table(lying)] or entry == 1
        for number, first, length in table(lying):
            assert 0 < first and first + length <= len(data) // SECTOR, number
    lying = bytearray(data)
    lying[446 + 32 + 8 : 446 + 32 + 12] = (2100).to_bytes(4, "little")
    assert 3 not in [number for number, _start, _count in table(lying)]


def test_a_chain_of_logical_partitions_that_bites_its_tail_ends(tmp_path: Path) -> None:
    data = made(tmp_path, MBR)
    second = [index for index in range(24576, 84576) if data[index * SECTOR + 510 : index * SECTOR + 512] == b"\x55\xaa"][1]
    at = second * SECTOR + 446 + 16
    data[at + 4] = 5
    data[at + 8 : at + 16] = (0).to_bytes(4, "little") + (60000).to_bytes(4, "little")
    assert sorted(table(data)) == MBR_TABLE


@pytest.mark.parametrize("script", [MBR, GPT])
def test_damage_anywhere_gives_partitions_of_this_disk_or_none(tmp_path: Path, script: str) -> None:
    damaged = made(tmp_path, script)
    choice = random.Random(1)
    for _ in range(100):
        places = [choice.randrange(446, 3 * SECTOR) for _ in range(choice.randint(1, 4))]
        kept = [damaged[place] for place in places]
        for place in places:
            damaged[place] = choice.randrange(256)
        found = table(damaged)
        ends = 0
        for _number, start, count in sorted(found, key=lambda item: item[1]):
            assert start >= ends and count > 0
            ends = start + count
        assert ends <= len(damaged) // SECTOR
        for place, value in list(zip(places, kept))[::-1]:
            damaged[place] = value


def test_the_checksum_is_the_usual_one() -> None:
    for data in (b"", b"123456789", bytes(range(256))):
        assert crc32(data) == zlib.crc32(data)
