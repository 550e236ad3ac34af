"""Write and read newc cpio archives (cpio(5), Linux Documentation/driver-api/early-userspace/buffer-format.rst).

The kernel uses file data where it lies in the archive, page by page, so the data of every file that is worth it starts on a
page boundary: the name field is padded with NULs until it does. Any reader takes the name up to its first NUL, so the
archive stays an ordinary one. An archive's length is a multiple of the page size too: another can follow it.
"""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scarlet.cli.errors import UserError

MAGIC = b"070701"
HEADER_SIZE = 110
FIELDS = 13
TRAILER = "TRAILER!!!"
PAGE_SIZE = 4096
ALIGN_FROM = 1024
"""Smaller files are not aligned: the padding would cost more than the copy."""
MAX_NAME = 4096
"""Readers take no longer name field (PATH_MAX): the rare file that would need one stays unaligned."""
MAX_FIELD = 0xFFFF_FFFF


@dataclass(frozen=True)
class Entry:
    """One file of the image. `path` is absolute; `mode` holds the type bits, as st_mode does; `data` is a link's target."""

    path: str
    mode: int
    data: bytes = b""
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    rdev: tuple[int, int] = (0, 0)

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)


def _header(inode: int, entry: Entry, name_size: int) -> bytes:
    fields = (
        inode,
        entry.mode,
        entry.uid,
        entry.gid,
        2 if entry.is_directory else 1,
        entry.mtime & MAX_FIELD,
        len(entry.data),
        0,
        0,
        *entry.rdev,
        name_size,
        0,
    )
    if max(fields) > MAX_FIELD:
        raise UserError(f"{entry.path}: too large for the boot image (4 GiB a file)")
    return MAGIC + b"".join(b"%08x" % field for field in fields)


def _record(inode: int, entry: Entry, name: str, offset: int) -> bytes:
    """One header, name and data, for a place `offset` in the archive."""
    text = name.encode(errors="surrogateescape") + b"\0"
    data_offset = -(-(offset + HEADER_SIZE + len(text)) // 4) * 4
    aligned = -(-data_offset // PAGE_SIZE) * PAGE_SIZE
    if entry.is_file and len(entry.data) >= ALIGN_FROM and aligned - offset - HEADER_SIZE <= MAX_NAME:
        data_offset = aligned
    text = text.ljust(data_offset - offset - HEADER_SIZE, b"\0")
    return _header(inode, entry, len(text)) + text + entry.data + bytes(-len(entry.data) % 4)


def write(entries: Iterable[Entry]) -> bytes:
    """An archive of the entries in their order (a directory comes before what it holds). Equal entries give equal bytes."""
    out = bytearray()
    inode = 0
    for inode, entry in enumerate(entries, start=1):
        out += _record(inode, entry, entry.path.lstrip("/") or ".", len(out))
    out += _record(inode + 1, Entry("", 0), TRAILER, len(out))
    out += bytes(-len(out) % PAGE_SIZE)
    return bytes(out)


def read(archive: bytes) -> Iterator[Entry]:
    """The entries of one or several archives, one after the other; ValueError when it is not one."""
    offset = 0
    while offset < len(archive):
        if archive[offset] == 0:  # between archives
            offset += 4
            continue
        header = archive[offset : offset + HEADER_SIZE]
        if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
            raise ValueError(f"no cpio header at {offset}")
        field = [int(header[6 + 8 * i : 14 + 8 * i], 16) for i in range(FIELDS)]
        mode, uid, gid, mtime, size, name_size = field[1], field[2], field[3], field[5], field[6], field[11]
        name = archive[offset + HEADER_SIZE : offset + HEADER_SIZE + name_size].split(b"\0", 1)[0].decode(errors="surrogateescape")
        start = -(-(offset + HEADER_SIZE + name_size) // 4) * 4
        offset = -(-(start + size) // 4) * 4
        if offset > -(-len(archive) // 4) * 4:
            raise ValueError(f"{name}: the archive ends before its data")
        if name != TRAILER:
            yield Entry("/" + name if name != "." else "/", mode, archive[start : start + size], uid, gid, mtime, (field[9], field[10]))
