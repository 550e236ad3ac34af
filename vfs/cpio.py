"""cpio archives in the "newc" format, read where they lie in memory.

An archive is a sequence of (header, name, data), each padded to four bytes, ended by the name TRAILER!!!; several archives may follow each
other with zero bytes between them. The name field may be padded with null bytes: so our image builder aligns the data of files to
pages. Nothing is copied but headers and names, and nothing a header says is believed before it was checked against the size of the archive.

Source: cpio(5), "New ASCII Format"; initramfs buffer format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).
"""

from typing import Final

from scarlet.kernel.memory.buffer import PhysicalBytes
from vfs.text import hexadecimal

HEADER_SIZE: Final = 110
MAGIC: Final = b"070701"
MAGIC_WITH_SUM: Final = b"070702"
MAX_NAME_FIELD: Final = 16384
PATH_MAX: Final = 4096
TRAILER: Final = b"TRAILER!!!"
ZEROS: Final = bytes(64)
COMPRESSIONS: Final[list[tuple[bytes, str]]] = [
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\x02\x21\x4c\x18", "lz4"),
]


class CpioError(Exception):
    """The archive is not what it should be; the text says what and where."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset

    def __str__(self) -> str:
        return f"cpio archive, offset {self.offset}: {self.problem}"


class CpioEntry:
    """One file of an archive. Its data are `size` bytes at `data_pa`. Fields that few files need are read when they are asked for."""

    def __init__(self, header: bytes, offset: int) -> None:
        self.header = header
        self.offset = offset
        self.mode = self._field(1)
        self.uid = self._field(2)
        self.gid = self._field(3)
        self.links = self._field(4)
        self.mtime = self._field(5)
        self.size = self._field(6)
        self.name_size = self._field(11)
        self.name = b""
        self.data_pa = 0

    def link_key(self) -> tuple[int, int, int]:
        """Entries with the same device and inode number, and more than one link, are one file."""
        return (self._field(7), self._field(8), self._field(0))

    def device(self) -> tuple[int, int]:
        """Major and minor number of a device node."""
        return (self._field(9), self._field(10))

    def _field(self, index: int) -> int:
        value = hexadecimal(self.header, 6 + index * 8, 8)
        if value < 0:
            raise CpioError("a header field that is no hexadecimal number", self.offset)
        return value


class CpioReader:
    """Gives the entries of `size` bytes of memory, over all archives in it."""

    def __init__(self, pa: int, size: int) -> None:
        self.pa = pa
        self.size = size
        self.bytes = PhysicalBytes(pa, size)
        self.offset = 0
        self.archives = 0
        self.between = True
        """Between two archives, where zero bytes may be."""

    def next(self) -> CpioEntry | None:
        """The next entry, None after the last archive. CpioError."""
        while True:
            if self.between and not self._skip_zeros():
                return None
            entry = self._read_entry()
            if entry.name != TRAILER:
                return entry
            self.archives += 1
            self.between = True

    def _skip_zeros(self) -> bool:
        """Go to the next archive; False when there is none."""
        while self.offset < self.size:
            chunk = self.bytes.read(self.offset, min(len(ZEROS), self.size - self.offset))
            if chunk == ZEROS:
                self.offset += len(ZEROS)
                continue
            rest = chunk.lstrip(b"\0")
            self.offset += len(chunk) - len(rest)
            if len(rest) > 0:
                self.between = False
                return True
        return False

    def _read_entry(self) -> CpioEntry:
        start = self.offset
        if self.size - start < HEADER_SIZE:
            raise CpioError("it ends within a header" if self.archives == 0 else "something that is no archive follows", start)
        header = self.bytes.read(start, HEADER_SIZE)
        if header[:6] != MAGIC and header[:6] != MAGIC_WITH_SUM:
            raise CpioError(_describe(header), start)
        entry = CpioEntry(header, start)
        if not 2 <= entry.name_size <= MAX_NAME_FIELD:
            raise CpioError(f"a name field of {entry.name_size} bytes", start)
        name_end = start + HEADER_SIZE + entry.name_size
        data = name_end + (-name_end & 3)
        if data > self.size or entry.size > self.size - data:
            raise CpioError(f"an entry of {entry.size} bytes goes beyond the end", start)
        entry.name = self._name(start + HEADER_SIZE, entry.name_size)
        entry.data_pa = self.pa + data
        end = data + entry.size
        self.offset = min(end + (-end & 3), self.size)
        return entry

    def _name(self, offset: int, field_size: int) -> bytes:
        field = self.bytes.read(offset, field_size)
        end = field.find(b"\0")
        if end <= 0:
            raise CpioError("a name that is empty or has no end", offset)
        if end >= PATH_MAX:
            raise CpioError("a name longer than 4095 bytes", offset)
        return field[:end]


def _describe(start: bytes) -> str:
    """What is there instead of a header."""
    for magic, name in COMPRESSIONS:
        if start.startswith(magic):
            return f"compressed with {name}; only plain archives are read"
    if start.startswith(b"070707"):
        return "the old portable format; make it with cpio -H newc"
    return "no newc header (magic 070701)"
