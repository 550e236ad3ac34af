"""Disks that lie: random bytes, and single fields with impossible values. Nothing but an Errno may come of it."""

import random
from pathlib import Path
from unittest.mock import patch

import pytest

from scarlet.lang.errno import Errno
from tests.ext.support import Mounted, contents_of_tree, make
from tests.vfs.support import Tree, list_names, outcome
from tests.vfs.xv6image import RamDisk
from vfs.ext.layout import Superblock
from vfs.ext.mount import mount_disk

PLAIN = ["-O", "^metadata_csum,^64bit"]
"""Without checksums lies are not found out at once."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top: Path = tmp_path_factory.mktemp("hostile")
    chance = random.Random(2)
    for number in range(150):
        (top / f"name{number}").write_bytes(chance.randbytes(number * 30))
    with (top / "sparse").open("wb") as sparse:
        for offset in range(0, 200_000, 20_000):
            sparse.seek(offset)
            sparse.write(b"sparse")
    (top / "d").mkdir()
    (top / "link").symlink_to("x" * 100)
    return top


def use(data: bytes) -> str:
    """Mount, read everything, change something. What the mount came to; anything but an Errno fails the test."""
    try:
        tree = Tree(mount_disk(RamDisk(data)))
    except Errno:
        return "refused"
    try:
        contents_of_tree(tree, 1 << 20)
    except Errno:
        pass
    root = tree.inode(b"/")
    for name in list_names_if_possible(tree)[:20]:
        outcome(root.lookup, name)
    for number in range(30):
        outcome(tree.write, b"/new file %d" % number, b"data" * 100)
    outcome(tree.mkdir, b"/new")
    outcome(tree.unlink, b"/name5")
    outcome(tree.unlink, b"/sparse")
    outcome(tree.rename, b"/name6", b"/d")
    outcome(tree.inode(b"/").filesystem.sync)
    return "mounted"


def list_names_if_possible(tree: Tree) -> list[bytes]:
    try:
        return list_names(tree.inode(b"/"))
    except Errno:
        return []


@pytest.mark.parametrize("seed", range(40))
def test_random_bytes_in_the_metadata_are_no_more_than_errors(seed: int, source: Path) -> None:
    chance = random.Random(seed)
    kind = ["ext2-1k", "ext3-1k", "ext4-1k"][seed % 3]
    image = bytearray(make(kind, source=source, options=PLAIN if kind == "ext4-1k" else None))
    used = 1500 * 1024
    for _ in range(chance.choice([1, 5, 50])):
        place = chance.randrange(1024, used)
        length = chance.choice([1, 2, 4, 100])
        image[place : place + length] = chance.randbytes(length)
    use(bytes(image))


LIES = {
    "s_log_block_size": [1, 5, 0xFFFFFFFF],
    "s_blocks_per_group": [0, 7, 8200, 0xFFFFFFF8],
    "s_inodes_per_group": [0, 3, 0xFFFFFFF8],
    "s_inodes_count": [0, 1, 0xFFFFFFFF],
    "s_blocks_count_lo": [0, 1, 0xFFFFFFFF],
    "s_blocks_count_hi": [1],
    "s_first_data_block": [0, 2, 0xFFFFFFFF],
    "s_inode_size": [0, 64, 129, 4096],
    "s_desc_size": [0, 32, 65, 4096],
    "s_first_ino": [0, 0xFFFFFFFF],
    "s_magic": [0],
    "s_feature_incompat": [0xFFFFFFFF, 0x10, 0x8000],
    "s_journal_inum": [0, 1, 11, 0xFFFFFFFF],
    "s_last_orphan": [1, 11, 12, 0xFFFFFFFF],
    "s_log_groups_per_flex": [32, 255],
    "s_reserved_gdt_blocks": [0xFFFF],
    "s_first_meta_bg": [1, 0xFFFFFFFF],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in LIES.items() for value in values])
def test_a_lying_superblock_is_no_more_than_an_error(field: str, value: int) -> None:
    image = bytearray(make("ext4-1k", options=["-O", "^metadata_csum,64bit"]))
    block = Superblock.parse(bytes(image[1024:2048]))
    setattr(block, field, value)
    image[1024:2048] = block.pack()
    use(bytes(image))


def test_a_wrong_checksum_is_found_wherever_it_is(source: Path) -> None:
    """One bit flipped in a block of metadata: what needs the block fails, what does not is as it was."""
    image = make("ext4-1k", source=source)
    good = contents_of_tree(Tree(mount_disk(RamDisk(image, read_only=True))))
    found = 0
    for number in range(1, 700, 13):
        damaged = bytearray(image)
        damaged[number * 1024 + 100] ^= 1
        try:
            tree = Tree(mount_disk(RamDisk(bytes(damaged), read_only=True)))
            now = contents_of_tree(tree)
        except Errno as error:
            assert error.code in (5, 22)
            found += 1
            continue
        assert {path for path in now if now[path] is None} == {path for path in good if good[path] is None}
    assert found > 1


def test_directories_that_are_above_each_other_end_in_an_error() -> None:
    """b is in a, and says that it is above a."""
    volume = Mounted(make("ext2-1k"))
    for path in (b"/a", b"/a/b", b"/a/b/c", b"/d"):
        volume.tree.mkdir(path)
    numbers = [volume.tree.stat(path).inode_number for path in (b"/a", b"/a/b")]
    image = bytearray(volume.unmount())
    for number, above in zip(numbers, reversed(numbers), strict=True):
        place = image.index(number.to_bytes(4, "little") + b"\x0c\0\x01\x02.\0\0\0")
        image[place + 12 : place + 16] = above.to_bytes(4, "little")
    tree = Tree(mount_disk(RamDisk(bytes(image))))
    with patch("vfs.ancestors.DEEPEST", 100), patch("vfs.paths.DEEPEST", 100):
        assert outcome(tree.rename, b"/a/b/c", b"/d/c") == "ok"
        tree.cd(b"/a/b")
        assert outcome(tree.cwd) == "ELOOP"
        assert outcome(tree.rename, b"/d", b"/a/b/d") in ("ELOOP", "EIO")
