"""Images of xv6 file systems as xv6's own mkfs lays them out, and their content as a plain dict: written apart from vfs/xv6fs, so that
one does not repeat the other's mistakes.
"""

from construct import Array, Bytes, Int16sl, Int16ul, Int32ul, Struct

from objects.block import BlockDevice
from scarlet.lang.errno import EIO, Errno

BLOCK = 1024
SUPER = Struct(
    "magic" / Int32ul, "size" / Int32ul, "nblocks" / Int32ul, "ninodes" / Int32ul, "nlog" / Int32ul, "logstart" / Int32ul,
    "inodestart" / Int32ul, "bmapstart" / Int32ul,
)  # fmt: skip
DINODE = Struct("type" / Int16sl, "major" / Int16sl, "minor" / Int16sl, "nlink" / Int16sl, "size" / Int32ul, "addrs" / Array(13, Int32ul))
DIRENT = Struct("inum" / Int16ul, "name" / Bytes(14))


class Builder:
    """Writes an image: inodes and blocks one after another, files in the root only, as mkfs does."""

    def __init__(self, size: int = 1000, inodes: int = 200, log: int = 30) -> None:
        bitmap_blocks = size // (BLOCK * 8) + 1
        inode_blocks = inodes // (BLOCK // 64) + 1
        self.meta = 2 + log + inode_blocks + bitmap_blocks
        self.super = {
            "magic": 0x10203040, "size": size, "nblocks": size - self.meta, "ninodes": inodes, "nlog": log, "logstart": 2,
            "inodestart": 2 + log, "bmapstart": 2 + log + inode_blocks,
        }  # fmt: skip
        self.image = bytearray(size * BLOCK)
        self.image[BLOCK : BLOCK + 32] = SUPER.build(self.super)
        self.next_block = self.meta
        self.next_inode = 1
        self.root = self.inode(1, links=1)
        self.slots = [(self.root, b"."), (self.root, b"..")]

    def inode(self, kind: int, data: bytes = b"", links: int = 1, major: int = 0, minor: int = 0) -> int:
        number = self.next_inode
        self.next_inode += 1
        self.store(number, kind, data, links, major, minor)
        return number

    def store(self, number: int, kind: int, data: bytes, links: int, major: int = 0, minor: int = 0, size: int = -1) -> None:
        blocks = [self.block(data[start : start + BLOCK]) for start in range(0, len(data), BLOCK)]
        addresses = blocks[:12] + [0] * (12 - len(blocks[:12]))
        addresses.append(self.block(b"".join(block.to_bytes(4, "little") for block in blocks[12:])) if len(blocks) > 12 else 0)
        fields = {"type": kind, "major": major, "minor": minor, "nlink": links, "size": len(data) if size < 0 else size, "addrs": addresses}
        start = self.super["inodestart"] * BLOCK + number * 64
        self.image[start : start + 64] = DINODE.build(fields)

    def block(self, data: bytes) -> int:
        number = self.next_block
        self.next_block += 1
        self.image[number * BLOCK : number * BLOCK + len(data)] = data
        return number

    def file(self, name: bytes, data: bytes) -> int:
        number = self.inode(2, data)
        self.slots.append((number, name))
        return number

    def console(self) -> None:
        self.slots.append((self.inode(3, major=1, minor=1), b"console"))

    def finish(self) -> bytes:
        """Root directory and bitmap. The size of the directory goes to the next whole block, even if its last one is full."""
        data = b"".join(DIRENT.build({"inum": inum, "name": name.ljust(14, b"\0")}) for inum, name in self.slots)
        self.store(self.root, 1, data, 1, size=(len(data) // BLOCK + 1) * BLOCK)
        start = self.super["bmapstart"] * BLOCK
        for block in range(self.next_block):
            self.image[start + block // 8] |= 1 << block % 8
        return bytes(self.image)


def image(files: dict[bytes, bytes] | None = None, *, size: int = 1000, inodes: int = 200, log: int = 30) -> bytes:
    """A finished image with these files."""
    builder = Builder(size, inodes, log)
    for name, data in (files or {}).items():
        builder.file(name, data)
    return builder.finish()


def content(data: bytes) -> dict[bytes, bytes | None]:
    """Every path of an image with the bytes of the file, None for directories."""
    header = SUPER.parse(data[BLOCK:])
    found: dict[bytes, bytes | None] = {}

    def bytes_of(number: int) -> tuple[int, bytes]:
        inode = DINODE.parse(data[header.inodestart * BLOCK + number * 64 :])
        numbers = list(inode.addrs[:12])
        if inode.addrs[12]:
            numbers += Array(256, Int32ul).parse(data[inode.addrs[12] * BLOCK :])
        parts = [data[number * BLOCK : (number + 1) * BLOCK] if number else bytes(BLOCK) for number in numbers]
        return inode.type, b"".join(parts)[: inode.size]

    def visit(number: int, path: bytes) -> None:
        kind, text = bytes_of(number)
        found[path] = None if kind == 1 else text
        if kind == 1:
            for start in range(0, len(text), 16):
                entry = DIRENT.parse(text[start:])
                name = entry.name.rstrip(b"\0")
                if entry.inum and name not in (b".", b".."):
                    visit(entry.inum, path.rstrip(b"/") + b"/" + name)

    visit(1, b"/")
    return found


class RamDisk(BlockDevice):
    """A disk in memory that forgets, at a power cut, some of what was not flushed.

    `writes_left` counts down with every write; at 0 the power is gone: writes and flushes fail from then on.
    """

    def __init__(self, data: bytes, *, read_only: bool = False) -> None:
        super().__init__(len(data), read_only=read_only)
        self.data = bytearray(data)
        self.safe = bytearray(data)
        self.pending: list[tuple[int, bytes]] = []
        self.writes = 0
        self.writes_left = -1
        self.failing = False

    def read_sectors(self, offset: int, count: int) -> bytes:
        return bytes(self.data[offset : offset + count])

    def write_sectors(self, offset: int, data: bytes) -> None:
        if self.failing or self.writes_left == 0:
            self.writes_left = 0 if self.writes_left == 0 else self.writes_left
            raise Errno(EIO, "the test breaks the disk")
        self.writes += 1
        self.writes_left -= 1
        self.data[offset : offset + len(data)] = data
        self.pending.append((offset, data))

    def flush(self) -> None:
        if self.failing or self.writes_left == 0:
            raise Errno(EIO, "the test breaks the disk")
        self.safe[:] = self.data
        self.pending.clear()

    def after_cut(self, keep: list[bool]) -> bytes:
        """What is on the disk after the cut: all that was flushed, and of the rest, in any order, what `keep` says."""
        left = bytearray(self.safe)
        for (offset, data), kept in zip(self.pending, keep, strict=False):
            if kept:
                left[offset : offset + len(data)] = data
        return bytes(left)
