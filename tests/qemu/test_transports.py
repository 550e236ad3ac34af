"""Legacy and version 1, memory-mapped and PCI: a machine whose devices are reached either way boots to a shell and uses its disk and card.

The file systems are made by the real tools, which judge them afterwards.
"""

import subprocess
from pathlib import Path

import pytest

from tests.hosttools import tool
from tests.qemu.conftest import Run

pytestmark = pytest.mark.qemu

TRANSPORTS = {
    "legacy": ("-global virtio-mmio.force-legacy=true", "virtio-blk-device"),
    "mmio": ("", "virtio-blk-device"),
    "pci": ("", "virtio-blk-pci"),
    "pci-transitional": ("", "virtio-blk-pci-transitional"),
}
SCRIPT = """
set -e
mkdir -p /mnt
mount -t KIND /dev/vda /mnt
cd /mnt
i=0; while [ $i -lt 30 ]; do echo "file $i" >"a file called $i"; i=$((i+1)); done
mkdir sub; mv "a file called 7" sub/seven
dd if=/dev/zero of=big bs=64k count=40 2>/dev/null
rm "a file called 8"
cat sub/seven; ls | wc -l
cd /; umount /mnt
mount -o ro -t KIND /dev/vda /mnt; cmp /mnt/big /dev/zero 2>&1 | sed 's/.*EOF/EOF/'; umount /mnt
"""


def make(kind: str, path: Path) -> list[str]:
    """A file system of 16 MiB; the command that judges it."""
    path.write_bytes(bytes(16 << 20))
    if kind == "vfat":
        subprocess.run([tool("mkfs.fat"), str(path)], check=True, capture_output=True)
        return [tool("fsck.fat"), "-n", str(path)]
    subprocess.run([tool("mke2fs"), "-q", "-F", "-t", kind, str(path)], check=True, capture_output=True)
    return [tool("e2fsck"), "-fn", str(path)]


@pytest.mark.parametrize(("transport", "kind"), [("legacy", "ext4"), ("mmio", "vfat"), ("pci", "ext4"), ("pci-transitional", "vfat")])
def test_a_disk_is_used_whatever_it_is_reached_by(run: Run, tmp_path: Path, transport: str, kind: str) -> None:
    disk = tmp_path / "disk.img"
    judge = make(kind, disk)
    options, device = TRANSPORTS[transport]
    hardware = f"{options} -drive file={disk},if=none,format=raw,id=extra -device {device},drive=extra"
    done = run("sh", "-c", SCRIPT.replace("KIND", kind), options=["--qemu", hardware])
    lost_and_found = 1 if kind == "ext4" else 0
    assert (done.stdout.decode(), done.stderr.decode()) == (f"file 7\n{30 + lost_and_found}\nEOF on /mnt/big\n", "")
    assert done.returncode == 0
    verdict = subprocess.run(judge, capture_output=True, text=True)
    assert verdict.returncode == 0, verdict.stdout


def test_a_card_on_pci_gets_an_address(run: Run) -> None:
    hardware = "-netdev user,id=n2 -device virtio-net-pci,netdev=n2 -device virtio-rng-pci"
    wait = "i=0; while ! ip addr show eth1 | grep -q 'inet 10.0.2'; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done; "
    wait += "ping -c 1 -I eth1 10.0.2.2"
    done = run("sh", "-c", wait, options=["--qemu", hardware])
    assert b"1 packets received" in done.stdout, done.stdout.decode() + done.stderr.decode()
