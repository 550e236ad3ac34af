"""FAT images made by the real mkfs.fat, and judged by the real fsck.fat."""

import functools
import subprocess
import tempfile
from pathlib import Path

from tests.hosttools import tool
from tests.vfs.xv6image import RamDisk
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.mount import mount_disk

KINDS = {
    "fat12": (["-F", "12"], 1024),
    "fat12-2k": (["-F", "12", "-s", "4"], 2048),
    "fat16": (["-F", "16", "-s", "1"], 4096),
    "fat16-4k": (["-F", "16", "-s", "8"], 20480),
    "fat32": (["-F", "32", "-s", "1"], 4096),
    "fat32-one-table": (["-F", "32", "-s", "2", "-f", "1"], 8192),
    "fat32-4k-sectors": (["-F", "32", "-S", "4096", "-s", "1"], 8192),
}
"""Name -> options of mkfs.fat, size in KiB."""


@functools.cache
def image(kind: str) -> bytes:
    """An empty file system."""
    return make(*KINDS[kind])


def make(options: list[str], kib: int) -> bytes:
    """What mkfs.fat makes of so many KiB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "disk.img"
        path.write_bytes(bytes(kib * 1024))
        subprocess.run([tool("mkfs.fat"), *options, "-n", "SCARLET", str(path)], check=True, capture_output=True)
        return path.read_bytes()


def disk(kind: str) -> RamDisk:
    return RamDisk(image(kind))


def mounted(device: RamDisk, options: bytes = b"") -> FatFileSystem:
    """The file system of a new mount; its root is to be kept by the caller."""
    filesystem = mount_disk(device, options).filesystem
    assert isinstance(filesystem, FatFileSystem)
    return filesystem


def complaints(data: bytes) -> str:
    """What fsck.fat says of a disk that it would have to repair; empty for a sound one."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run([tool("fsck.fat"), "-n", file.name], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def repaired(data: bytes) -> bytes:
    """The disk after fsck.fat has repaired it by itself."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        subprocess.run([tool("fsck.fat"), "-a", file.name], capture_output=True)
        assert complaints(Path(file.name).read_bytes()) == ""
        return Path(file.name).read_bytes()
