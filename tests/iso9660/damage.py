"""Discs with damage that follows from a seed, and using one: nothing but an Errno may come of it."""

import random

from objects.inode import Inode, InodeType
from scarlet.lang.errno import EINVAL, EIO, EOPNOTSUPP, Errno
from tests.iso9660.disc import DIRECTORY, ER, SECTOR, SP, Disc, both, record, susp
from tests.iso9660.support import folder, reproducible
from tests.vfs.support import Tree, list_names, read_at
from tests.vfs.xv6image import RamDisk
from vfs.iso9660.check import check
from vfs.iso9660.mount import mount_disk

EXPECTED = (EIO, EINVAL, EOPNOTSUPP)
MOST_FILES = 2000
"""A damaged disc may show a directory under many names."""
DAMAGED = [("relocated", b""), ("rock-ridge-and-joliet", b"norock"), ("plain", b""), ("rock-ridge", b"")]
SIGNATURES = ["NM", "PX", "SL", "TF", "CL", "RE", "PN", "CE", "ZF", "SF", "ST", "ER", "SP", "XX"]


def use(data: bytes, options: bytes = b"") -> str:
    """Mount and read everything. What the mount came to; anything but an expected Errno is raised."""
    try:
        tree = Tree(mount_disk(RamDisk(data, read_only=True), options))
    except Errno as error:
        assert error.code in EXPECTED
        return "refused"
    pending: list[Inode] = [tree.inode(b"/")]
    for _ in range(MOST_FILES):
        if not pending:
            break
        inode = pending.pop()
        inode.metadata()
        try:
            if inode.type == InodeType.DIRECTORY:
                names = list_names(inode)
                assert len(set(names)) == len(names)
                for name in names:
                    assert b"/" not in name and name not in (b"", b".", b"..")
                    pending.append(inode.lookup(name))
            elif inode.type == InodeType.SYMLINK:
                inode.readlink()
            elif inode.type == InodeType.REGULAR:
                read_at(inode, max(inode.size() - 5000, 0), 5000)
        except Errno as error:
            assert error.code in EXPECTED
    check(RamDisk(data, read_only=True), options)
    return "mounted"


def with_random_bytes(seed: int) -> tuple[bytes, bytes]:
    """A disc of the real tool with damage to everything but the contents of files, and mount options that show its tree."""
    chance = random.Random(seed)
    kind, options = DAMAGED[seed % len(DAMAGED)]
    data = bytearray(reproducible(kind))
    end = data.index((folder() / "blocks").read_bytes()[:512])
    for _ in range(chance.choice([1, 5, 50])):
        first, last = chance.choice([(16 * SECTOR, end), (16 * SECTOR, 16 * SECTOR + 200), (19 * SECTOR, 24 * SECTOR)])
        place = chance.randrange(first, last)
        length = chance.choice([1, 1, 2, 4, 100])
        data[place : place + length] = chance.randbytes(length)
    return bytes(data), options


def with_random_fields(seed: int) -> bytes:
    """A disc with system use areas of the right form, and anything in them."""
    chance = random.Random(seed)
    disc = Disc()
    start = disc.put(b"data" * 100)
    records = []
    for number in range(20):
        area = b""
        while len(area) < 150:
            numbers = both(chance.choice([0, 1, start, start + 1, 0xFFFFFFFF])) * chance.choice([0, 1, 2, 3, 4])
            area += susp(chance.choice(SIGNATURES), chance.choice([numbers, chance.randbytes(chance.randrange(40))]))
        records.append(record(b"F%d.;1" % number, start, 400, chance.choice([0, 0, 0, DIRECTORY]), area))
    return disc.finish(disc.directory(*records, own=SP + ER))
