"""Images of disks on the host: opened for a machine, recognised by their superblocks, made new.

While a machine has an image it holds a lock on one byte of it (fcntl(2), F_OFD_SETLK: the lock goes with the descriptor, whoever dies), so
that a second machine is refused instead of destroying it.
"""

import fcntl
import os
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from scarlet.cli import units
from scarlet.cli.errors import Status, UserError

SECTOR = 512
LOCKED_BYTE = 1 << 40
"""Behind everything: QEMU locks bytes of its own."""
USUAL_SIZE = 1 << 30
SMALLEST, LARGEST = 64 << 10, 16 << 40
SUPERBLOCK = 1024
"""Where it begins, of ext and of xv6 alike."""
EXT_MAGIC = 0xEF53
EXT_ERRORS = 2
XV6_MAGIC = 0x10203040
ISO_DESCRIPTOR = 32768
ISO_MARK = b"\x01CD001"
SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where tools may be that are not on a user's PATH."""


class Kind(Enum):
    """What is in an image. The values are the names that the user writes and reads."""

    EXT4 = "ext4"
    EXT3 = "ext3"
    EXT2 = "ext2"
    XV6 = "xv6"
    ISO9660 = "iso9660"
    UNKNOWN = "unknown"

    @property
    def is_ext(self) -> bool:
        return self in (Kind.EXT2, Kind.EXT3, Kind.EXT4)

    @property
    def can_be_made(self) -> bool:
        """Does scarlet disk create make it?"""
        return self.is_ext or self is Kind.XV6


USUAL_KIND = Kind.EXT4


@dataclass(frozen=True)
class DiskImage:
    """An image that is open for a machine, and locked; the descriptor is closed with the process."""

    path: Path
    descriptor: int
    size: int
    read_only: bool = False


def open_image(path: Path, *, read_only: bool = False) -> DiskImage:
    """Open and lock an image. UserError, in one line, when that cannot be."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            raise UserError(f"{path} is neither a file nor a disk", Status.USAGE)
        descriptor = os.open(path, (os.O_RDONLY if read_only else os.O_RDWR) | os.O_CLOEXEC)
    except PermissionError:
        remedy = "" if read_only or not os.access(path, os.R_OK) else "; a machine writes to its disk (chmod u+w)"
        raise UserError(f"{path} may not be {'read' if read_only else 'written'} by you{remedy}", Status.USAGE) from None
    except OSError as error:
        raise UserError(f"{path} cannot be opened: {(error.strerror or 'no reason given').lower()}", Status.USAGE) from None
    lock(descriptor, path, shared=read_only)
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size < SECTOR:
        raise UserError(f"{path} is too small for a disk ({size} bytes); scarlet disk create makes one", Status.USAGE)
    return DiskImage(path, descriptor, size, read_only)


def lock(descriptor: int, path: Path, *, shared: bool) -> None:
    """UserError when a machine has the image, or for one that is to write, when anybody has."""
    kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack("=hhiqqii", kind, os.SEEK_SET, 0, LOCKED_BYTE, 1, 0, 0))
    except (BlockingIOError, PermissionError):
        raise UserError(f"{path} is in use by a machine that runs; two machines cannot share a disk", Status.USAGE) from None


def recognise(descriptor: int) -> Kind:
    """What an image holds, by its superblock."""
    block = os.pread(descriptor, 1024, SUPERBLOCK)
    if len(block) < 1024:
        return Kind.UNKNOWN
    if int.from_bytes(block[56:58], "little") == EXT_MAGIC:
        compatible, incompatible = struct.unpack_from("<II", block, 92)
        if incompatible & 0x2C0:  # extents, 64 bits, flexible groups
            return Kind.EXT4
        return Kind.EXT3 if compatible & 4 else Kind.EXT2
    if int.from_bytes(block[:4], "little") == XV6_MAGIC:
        return Kind.XV6
    return Kind.ISO9660 if os.pread(descriptor, len(ISO_MARK), ISO_DESCRIPTOR) == ISO_MARK else Kind.UNKNOWN


def require_usable(image: DiskImage) -> None:
    """UserError when the image cannot keep a machine's data: no file system that is known, one that is cut short or known to be damaged."""
    kind = recognise(image.descriptor)
    if kind is Kind.UNKNOWN:
        raise UserError(f"{image.path} holds no file system that is known here; scarlet disk create makes one", Status.USAGE)
    if kind is Kind.ISO9660:
        raise UserError(f"{image.path} holds an ISO 9660 file system, which is only read: --drive {image.path}:ro", Status.USAGE)
    block = os.pread(image.descriptor, 1024, SUPERBLOCK)
    if kind is Kind.XV6:
        size = int.from_bytes(block[4:8], "little") * 1024
    else:
        size = (int.from_bytes(block[4:8], "little") | int.from_bytes(block[336:340], "little") << 32) << block[24] + 10
        if int.from_bytes(block[58:60], "little") & EXT_ERRORS:
            raise UserError(f"{image.path} is not sound; e2fsck -f {image.path} repairs it", Status.USAGE)
    if image.size < size:
        raise UserError(f"{image.path} is cut short: its file system has {size} bytes, the file {image.size}", Status.USAGE)


def create(path: Path, size: int = USUAL_SIZE, kind: Kind = USUAL_KIND) -> None:
    """Make an image with an empty file system; it takes as much of the host's disk as is written to it. UserError."""
    if path.exists() and path.stat().st_size:
        raise UserError(f"{path} exists; it is not overwritten", Status.USAGE)
    mke2fs = tool("mke2fs") if kind.is_ext else ""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with scratch.open("xb") as file:
            file.truncate(size // SECTOR * SECTOR)
        if kind is Kind.XV6:
            from scarlet.cli import xv6disk

            xv6disk.format(scratch)
        else:
            _make_ext(mke2fs, scratch, kind)
        scratch.rename(path)
    except OSError as error:
        raise UserError(f"{path} cannot be made: {(error.strerror or 'no reason given').lower()}") from None
    finally:
        scratch.unlink(missing_ok=True)


def _make_ext(mke2fs: str, path: Path, kind: Kind) -> None:
    owner = "root_owner=0:0"
    done = subprocess.run([mke2fs, "-q", "-F", "-t", kind.value, "-L", "scarlet", "-E", owner, str(path)], capture_output=True, text=True)
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        raise UserError(f"mke2fs: {words[-1].removeprefix('mke2fs: ')}")


def tool(name: str) -> str:
    """A program of the package e2fsprogs."""
    path = find_tool(name)
    if path is None:
        raise UserError(f"{name} is missing; it comes with Debian's package e2fsprogs (scripts/setup installs it)")
    return path


def find_tool(name: str) -> str | None:
    """A program's path, also where only root's search path leads."""
    return shutil.which(name) or shutil.which(name, path=":".join(SYSTEM_FOLDERS))


def parse_size(text: str) -> int:
    """Bytes of `64M`, `1G`, `4096K`."""
    size = units.parse_bytes(text)
    if size is None or not SMALLEST <= size <= LARGEST:
        raise UserError(f"--size {text}: write a number with K, M, G or T, such as 1G; at least 64K, at most 16T", Status.USAGE)
    return size
