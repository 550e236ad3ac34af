"""Disks as device nodes: partitions, reading and writing them, file systems on them, in both worlds."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from scarlet.cli import image
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
    path = tmp_path / "drive.img"
    with path.open("wb") as file:
        file.truncate(32 * MIB)
    subprocess.run([tool("sfdisk"), "-q", path], input=TABLE, text=True, check=True)
    make = [tool("mke2fs"), "-q", "-F", "-t", "ext4", "-d", files, "-E", f"offset={START}", path, f"{SIZE // 1024}k"]
    subprocess.run(make, check=True, capture_output=True)
    return path


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


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    """A disc with a program on it."""
    files = tmp_path / "on disc"
    files.mkdir()
    program = files / "a program"
    program.write_bytes(image.seen_by_linux().entries["/bin/busybox"].data)
    program.chmod(0o555)
    (files / "link").symlink_to("a program")
    path = tmp_path / "disc.iso"
    subprocess.run([tool("xorriso"), "-as", "mkisofs", "-quiet", "-R", "-o", path, files], check=True, capture_output=True)
    return path


ON_DISC = """
mkdir /tmp/d; mount -t iso9660 -o sync /dev/vdb /tmp/d
mount -t iso9660 /dev/vdb /tmp/d && grep -c ' /tmp/d iso9660 ro,' /proc/mounts; grep iso /proc/filesystems; stat -f -c '%t %S' /tmp/d
exec -a busybox /tmp/d/link md5sum /tmp/d/link </dev/null | cut -c-32
cp "/tmp/d/a program" /tmp/copy && cmp /tmp/copy /bin/busybox && echo same; touch /tmp/d/new
mount -o remount,rw /tmp/d || mount -o remount,ro /tmp/d && umount /tmp/d && echo unmounted
native mount -t iso9660 /dev/vdb /tmp/d; native mount -r -t iso9660 /dev/vdb /tmp/d && echo and again
"""


def test_a_drive_that_may_not_be_written_is_not(run_anywhere: Run, drive: Path, disc: Path) -> None:
    before = drive.read_bytes()
    look = "mkdir /tmp/m; mount -t ext4 -o ro /dev/vda1 /tmp/m; head -n 1 /tmp/m/hello"
    script = f"blockdev --getro /dev/vda1; echo x > /dev/vda1 || echo refused; {look}"
    before_on_disc = disc.read_bytes()
    done = run_anywhere("sh", "-c", script + ON_DISC, options=["--drive", f"{drive}:ro", "--drive", f"{disc}:ro"])
    checksum = hashlib.md5(image.seen_by_linux().entries["/bin/busybox"].data).hexdigest()
    seen = ["1", "refused", "from the host", "1", "\tiso9660", "9660 2048", checksum, "same", "unmounted", "and again", ""]
    assert done.stdout.decode().split("\n") == seen, done.stderr
    said = done.stderr.decode()
    assert "mounting /dev/vdb on /tmp/d failed: Invalid argument" in said, "no disk is written synchronously"
    assert said.count("Read-only file system") == 2, "of touch, and of mounting it again"
    assert "mount: access denied" in said, "the native one does not try twice"
    assert drive.read_bytes() == before
    assert disc.read_bytes() == before_on_disc
