"""Disks as device nodes: partitions, reading and writing them, file systems on them, in both worlds."""

import subprocess
from pathlib import Path

import pytest

from tests.hosttools import tool
from tests.qemu.conftest import Run

MIB = 1 << 20
START = 2048 * 512
SIZE = 16 * MIB
TABLE = f"label: dos\nstart=2048,size={SIZE // 512},type=83\nstart=40960,size=8192,type=83\n"


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A disk with two partitions, a file system with one file on the first."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "hello").write_bytes(b"from the host\n" * 1000)
    image = tmp_path / "drive.img"
    with image.open("wb") as file:
        file.truncate(32 * MIB)
    subprocess.run([tool("sfdisk"), "-q", image], input=TABLE, text=True, check=True)
    make = [tool("mke2fs"), "-q", "-F", "-t", "ext4", "-d", files, "-E", f"offset={START}", image, f"{SIZE // 1024}k"]
    subprocess.run(make, check=True, capture_output=True)
    return image


SCRIPT = """
cat /proc/partitions
blockdev --getsize64 /dev/vda2
fdisk -l /dev/vda | grep -c '^/dev/vda'
printf 0123456789abcdef > /tmp/text
dd if=/tmp/text of=/dev/vda2 bs=16 seek=100 conv=notrunc,fsync 2>/dev/null
dd if=/dev/vda2 bs=16 skip=100 count=1 2>/dev/null; echo
dd if=/dev/vda bs=512 skip=40963 count=1 2>/dev/null | head -c 80 | tail -c 16; echo
dd if=/dev/zero of=/dev/vda2 bs=1M 2>&1 | grep -c 'No space left'
mkdir -p /mnt; mount -t ext4 /dev/vda1 /mnt && grep /mnt /proc/mounts | cut -d' ' -f1-3
md5sum < /mnt/hello
mkdir -p /tmp/again; mount -t ext4 /dev/vda /tmp/again; echo "status $?"
blockdev --rereadpt /dev/vda || echo busy
cat /mnt/hello /mnt/hello > /mnt/twice; umount /mnt && echo unmounted
blockdev --rereadpt /dev/vda && echo read
mount -t ext4 -o ro /dev/vda1 /mnt && wc -c < /mnt/twice && umount /mnt
awk '$3 == "vda" { print ($4 > 0), ($8 > 0) }' /proc/diskstats
"""


def test_disks_partitions_and_what_is_on_them(run_anywhere: Run, drive: Path, tmp_path: Path) -> None:
    done = run_anywhere("sh", "-c", SCRIPT, options=["--drive", str(drive)])
    assert done.stdout.decode().split("\n") == [
        "major minor  #blocks  name",
        "",
        " 254        0      32768 vda",
        " 254        1      16384 vda1",
        " 254        2       4096 vda2",
        "4194304",
        "2",
        "0123456789abcdef",
        "0123456789abcdef",
        "1",
        "/dev/vda1 /mnt ext4",
        "f199610e0fe2879c1df4e35ed044a3e4  -",
        "status 255",
        "busy",
        "unmounted",
        "read",
        "28000",
        "1 1",
        "",
    ], done.stderr
    part = tmp_path / "part.img"
    data = drive.read_bytes()
    assert data[40960 * 512 : 40960 * 512 + 4 * MIB] == bytes(4 * MIB)
    part.write_bytes(data[START : START + SIZE])
    subprocess.run([tool("e2fsck"), "-fn", part], check=True, capture_output=True)
    twice = subprocess.run([tool("debugfs"), "-R", "cat /twice", part], check=True, capture_output=True)
    assert twice.stdout == b"from the host\n" * 2000


def test_a_drive_that_may_not_be_written_is_not(run_anywhere: Run, drive: Path) -> None:
    before = drive.read_bytes()
    look = "mkdir /tmp/m; mount -t ext4 -o ro /dev/vda1 /tmp/m; head -c 13 /tmp/m/hello"
    script = f"blockdev --getro /dev/vda1; echo x > /dev/vda1 || echo refused; {look}"
    done = run_anywhere("sh", "-c", script, options=["--drive", f"{drive}:ro"])
    assert done.stdout == b"1\nrefused\nfrom the host"
    assert drive.read_bytes() == before
