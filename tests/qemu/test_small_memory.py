"""A machine of 32 MiB with disks of 256: more is read, written and remembered than fits, by several programs at once. Everything ends,
nothing is lost, and the memory comes back. And a disk that is slow beside a clock that jumps."""

import os
import subprocess
from pathlib import Path

import pytest

from scarlet.cli import diskimage
from scarlet.cli.diskimage import Kind
from tests.hosttools import tool
from tests.qemu.conftest import Run, added

SIZE = 256 << 20
WORK = """
work() {
  mount -t $1 $2 /tmp/m || exit 9
  cd /tmp/m
  for i in 1 2 3 4; do
    ( dd if=/dev/zero of=f$i bs=64k count=100 conv=fsync 2>/dev/null || echo fail $i
      dd if=f$i of=/dev/null bs=64k 2>/dev/null || echo fail $i
      mkdir t$i; cp -r /scarlet/system/xv6-riscv64 t$i
      for j in a b c d e f g h i j k l; do echo $i$j > t$i/$j; done; sync ) &
  done
  ( dd if=/dev/zero of=d bs=1M count=4 oflag=direct 2>/dev/null || echo fail d ) &
  wait
  cat t1/a t2/b t3/c t4/l | tr '\\n' ' '; find . -type f | wc -l
  rm -rf f1 f2 f3 f4 t1 t2 t3 t4 d
  cd /; umount /tmp/m || echo fail umount
}
state() { sync; awk '/^frames_free|^objects/ { print $2 }' /proc/scarlet/memory; }
mkdir /tmp/m
work ext4 /dev/vda; work vfat /dev/vdb
state > /tmp/before
work ext4 /dev/vda; work vfat /dev/vdb
state > /tmp/after
cat /tmp/before /tmp/after
"""


@pytest.mark.qemu
def test_trees_and_files_larger_than_memory_by_several_programs_at_once(run: Run, tmp_path: Path) -> None:
    ext4, fat = tmp_path / "ext4.img", tmp_path / "fat.img"
    diskimage.create(ext4, SIZE, Kind.EXT4)
    fat.touch()
    os.truncate(fat, SIZE)
    subprocess.run([tool("mkfs.fat"), str(fat)], check=True, capture_output=True)
    done = run("sh", "-c", WORK, options=["--memory", "32M", "--drive", str(ext4), "--drive", str(fat)])
    assert (done.stderr, done.returncode) == (b"", 0)
    lines = done.stdout.decode().splitlines()
    assert len(set(lines[:4])) == 1 and lines[0].startswith("1a 2b 3c 4l "), lines
    frames_before, objects_before, frames_after, objects_after = map(int, lines[4:])
    assert frames_after > frames_before - 100
    assert objects_after < objects_before + 100
    assert subprocess.run([tool("e2fsck"), "-fn", str(ext4)], capture_output=True).returncode == 0
    assert subprocess.run([tool("fsck.fat"), "-n", str(fat)], capture_output=True).returncode == 0


@pytest.mark.qemu
def test_time_does_not_jump_to_its_end_while_a_disk_is_slow(run: Run, tmp_path: Path) -> None:
    """QEMU's -icount with sleep=off lets time jump to the next deadline whenever the hart idles: there always has to be one, and near."""
    image = tmp_path / "slow.img"
    image.write_bytes(bytes(1 << 20))
    slow = f"-drive file={image},if=none,format=raw,id=slow,throttling.iops-total=40 -device virtio-blk-device,drive=slow"
    options = ["--net", "none", "--qemu", f"-icount shift=0,sleep=off {slow}"]
    script = "dd if=/dev/vda bs=4k count=20 iflag=direct 2>/dev/null | wc -c; cut -d. -f1 /proc/uptime"
    done = run("sh", "-c", script, options=options)
    assert (done.stderr, done.returncode) == (b"", 0)
    size, uptime = map(int, done.stdout.split())
    assert size == 20 << 12
    assert 10 < uptime < 1_000_000, "it jumps, but only as far as it was asked to"


@pytest.mark.qemu
def test_what_cannot_be_refused_goes_on_without_memory(run: Run) -> None:
    """Timers, handlers, stops, faults and ends, while no process gets as much as a pipe."""
    done = run("sh", "-c", "exhaust && echo alive", options=["--memory", "24M", "--net", "none", *added("exhaust")])
    assert (done.stderr, done.returncode) == (b"", 0)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 2 and lines[-1] == "alive", lines
    assert int(lines[0].removesuffix(" objects taken")) > 500
