"""Discs made by hand: what the real tool cannot make, or would not. Written apart from vfs/iso9660."""

from dataclasses import dataclass, field

SECTOR = 2048
FIRST = 20
"""The first sector behind the volume descriptors."""
DIRECTORY, ASSOCIATED, HIDDEN, MULTI_EXTENT = 0x02, 0x04, 0x01, 0x80
DATE = bytes([126, 11, 21, 18, 30, 5, 0])
"""2026-11-21 18:30:05 UTC."""
DATE_S = 1795285805


def both(value: int, size: int = 4) -> bytes:
    """A number in either order of bytes."""
    return value.to_bytes(size, "little") + value.to_bytes(size, "big")


def susp(signature: str, data: bytes = b"") -> bytes:
    """A field of a system use area."""
    return signature.encode() + bytes([4 + len(data), 1]) + data


def px(mode: int, links: int = 1, uid: int = 0, gid: int = 0) -> bytes:
    return susp("PX", both(mode) + both(links) + both(uid) + both(gid))


def nm(name: bytes, flags: int = 0) -> bytes:
    return susp("NM", bytes([flags]) + name)


def component(text: bytes, flags: int = 0) -> bytes:
    return bytes([flags, len(text)]) + text


def sl(*components: bytes, continues: bool = False) -> bytes:
    return susp("SL", bytes([int(continues)]) + b"".join(components))


def ce(block: int, offset: int, count: int) -> bytes:
    return susp("CE", both(block) + both(offset) + both(count))


SP = susp("SP", b"\xbe\xef\0")
ER = susp("ER", bytes([10, 0, 0, 1]) + b"RRIP_1991A")


def record(
    name: bytes, extent: int, size: int, flags: int = 0, area: bytes = b"", *, xar: int = 0, unit: int = 0, gap: int = 0, length: int = -1,
) -> bytes:  # fmt: skip
    """A directory record."""
    body = bytes([xar]) + both(extent) + both(size) + DATE + bytes([flags, unit, gap]) + both(1, 2) + bytes([len(name)]) + name
    if len(name) % 2 == 0:
        body += b"\0"
    body += area
    body += bytes((len(body) + 1) % 2)
    return bytes([len(body) + 1 if length < 0 else length]) + body


@dataclass
class Disc:
    """Puts contents one after another; directories are made after what is in them."""

    block: int = 2048
    data: bytearray = field(default_factory=lambda: bytearray(FIRST * SECTOR))

    def put(self, content: bytes) -> int:
        """The block where a content begins."""
        start = len(self.data) // self.block
        self.data += content + bytes(-len(content) % self.block)
        return start

    def directory(self, *records: bytes, own: bytes = b"", above: int = 0, at: int = -1) -> tuple[int, int]:
        """Block and size of a directory with these records. `own` is in the system use area of its own record, `at` where room was left."""
        start = at if at >= 0 else len(self.data) // self.block
        sectors = [b""]
        parent = record(b"\1", above or start, SECTOR, DIRECTORY)
        count = 1
        while True:
            sectors = [record(b"\0", start, count * SECTOR, DIRECTORY, own)]
            for one in (parent, *records):
                if len(sectors[-1]) + len(one) > SECTOR:
                    sectors.append(b"")
                sectors[-1] += one
            if len(sectors) == count:
                break
            count = len(sectors)
        content = b"".join(sector.ljust(SECTOR, b"\0") for sector in sectors)
        if at >= 0:
            self.data[at * self.block : at * self.block + len(content)] = content
        else:
            self.put(content)
        return start, len(content)

    def finish(self, root: tuple[int, int], joliet: tuple[int, int] | None = None, first: int = 0) -> bytes:
        """The disc with these roots; its session begins at the sector `first`."""
        self.data += bytes(-len(self.data) % SECTOR)
        blocks = len(self.data) // self.block
        descriptors = [descriptor(1, root, blocks, self.block)]
        if joliet is not None:
            descriptors.append(descriptor(2, joliet, blocks, self.block, b"%/E"))
        descriptors.append(b"\xffCD001\1".ljust(SECTOR, b"\0"))
        for index, one in enumerate(descriptors):
            place = (first + 16 + index) * SECTOR
            self.data[place : place + SECTOR] = one
        return bytes(self.data)


def descriptor(kind: int, root: tuple[int, int], blocks: int, block: int, escapes: bytes = b"") -> bytes:
    """A volume descriptor."""
    out = bytes([kind]) + b"CD001\1\0" + b" " * 32 + b"BY HAND".ljust(32) + bytes(8) + both(blocks) + escapes.ljust(32, b"\0")
    out += both(1, 2) + both(1, 2) + both(block, 2) + both(10) + bytes(16) + record(b"\0", *root, DIRECTORY)
    return (out.ljust(881, b"\0") + b"\1").ljust(SECTOR, b"\0")


def one_file(
    name: bytes = b"FILE.TXT;1", content: bytes = b"content", area: bytes = b"", *, xar: int = 0, unit: int = 0, gap: int = 0
) -> bytes:
    """A disc with one file; with Rock Ridge if it has a system use area."""
    disc = Disc()
    entry = record(name, disc.put(content), len(content), area=area, xar=xar, unit=unit, gap=gap)
    return disc.finish(disc.directory(entry, own=SP + ER if area else b""))
