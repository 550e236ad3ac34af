"""Where everything is in one file system: the superblock, checked before anything relies on it.

    group 0                                  group 1
    boot? | superblock | descriptors | ...   (superblock and descriptors again, in some groups) | ...
    ... block bitmap | inode bitmap | inode table | data: anywhere, where the group's descriptor says

Invariant: every number here is in bounds, so that arithmetic with group and inode numbers below `groups` and `inodes` never leaves the
device. EINVAL is raised for what is no such file system, or has features that nobody here understands.

Source: Linux, Documentation/filesystems/ext4, "Block Groups", "Meta Block Groups", "Super Block".
"""

from scarlet.lang import u64
from scarlet.lang.errno import EINVAL, Errno
from vfs.ext.checksums import START, crc32c
from vfs.ext.layout import (
    CRC32C,
    DESCRIPTOR_SIZE,
    FIRST_INODE_OF_OLD,
    HASH_IS_UNSIGNED,
    KNOWN_INCOMPAT,
    KNOWN_READ_ONLY_COMPAT,
    MAGIC,
    OLD_INODE_SIZE,
    SB_CHECKSUM,
    SUPERBLOCK_OFFSET,
    WIDE_DESCRIPTOR_SIZE,
    Compat,
    Incompat,
    ReadOnlyCompat,
    Superblock,
)  # fmt: skip

LARGEST_BLOCK_BITS = 12
"""A block is at most a page."""


class Geometry:
    """The regions and features of one file system."""

    def __init__(self, raw: bytearray, device_size: int) -> None:
        on_disk = Superblock.parse(bytes(raw))
        self.on_disk = on_disk
        if on_disk.s_magic != MAGIC:
            raise Errno(EINVAL, "not an ext2, ext3 or ext4 file system")
        old = on_disk.s_rev_level == 0
        self.compat = int(on_disk.s_feature_compat) if not old else 0
        self.incompat = int(on_disk.s_feature_incompat) if not old else 0
        self.read_only_compat = int(on_disk.s_feature_ro_compat) if not old else 0
        self._check_features()
        self.metadata_csum = self.read_only_compat & int(ReadOnlyCompat.METADATA_CSUM) != 0
        self.group_csum = self.metadata_csum or self.read_only_compat & int(ReadOnlyCompat.GDT_CSUM) != 0
        """Do descriptors have checksums, and groups that were never initialised?"""
        if self.metadata_csum and crc32c(START, raw, 0, SB_CHECKSUM) != int(on_disk.s_checksum):
            raise Errno(EINVAL, "the checksum of the superblock is wrong")
        if on_disk.s_log_block_size > LARGEST_BLOCK_BITS - 10:
            raise Errno(EINVAL, "blocks larger than a page")
        self.block_bits = 10 + int(on_disk.s_log_block_size)
        self.block_size = 1 << self.block_bits
        self.superblock = SUPERBLOCK_OFFSET >> self.block_bits
        self.superblock_offset = SUPERBLOCK_OFFSET & self.block_size - 1
        if (int(on_disk.s_blocks_count_hi) | int(on_disk.s_r_blocks_count_hi)) >> 16 != 0:
            raise Errno(EINVAL, "more blocks than can be numbered")
        wide = self.incompat & int(Incompat.BITS_64) != 0
        self.wide = wide
        self.descriptor_size = int(on_disk.s_desc_size) if wide else DESCRIPTOR_SIZE
        self.blocks = int(on_disk.s_blocks_count_lo) | (int(on_disk.s_blocks_count_hi) << 32 if wide else 0)
        self.reserved_blocks = int(on_disk.s_r_blocks_count_lo) | (int(on_disk.s_r_blocks_count_hi) << 32 if wide else 0)
        self.first_block = int(on_disk.s_first_data_block)
        self.group_size = int(on_disk.s_blocks_per_group)
        self.group_inodes = int(on_disk.s_inodes_per_group)
        self.inodes = int(on_disk.s_inodes_count)
        self.inode_size = OLD_INODE_SIZE if old else int(on_disk.s_inode_size)
        self.first_inode = FIRST_INODE_OF_OLD if old else int(on_disk.s_first_ino)
        self._check_sizes(device_size)
        self.groups = (self.blocks - self.first_block + self.group_size - 1) // self.group_size
        self.descriptors_per_block = self.block_size // self.descriptor_size
        self.descriptor_blocks = (self.groups + self.descriptors_per_block - 1) // self.descriptors_per_block
        self.table_blocks = (self.group_inodes * self.inode_size + self.block_size - 1) // self.block_size
        self.inodes_per_block = self.block_size // self.inode_size
        self._check_groups()
        self.seed = int(on_disk.s_checksum_seed)
        """What every checksum begins with: it belongs to this file system alone."""
        if self.incompat & int(Incompat.CSUM_SEED) == 0:
            self.seed = crc32c(START, bytearray(on_disk.s_uuid), 0, 16)
        self.hash_seed = [int(word) for word in on_disk.s_hash_seed]
        self.unsigned_hash = int(on_disk.s_flags) & HASH_IS_UNSIGNED != 0

    # Features

    def has(self, feature: Compat) -> bool:
        """Has it this feature?"""
        return self.compat & int(feature) != 0

    def needs(self, feature: Incompat) -> bool:
        """The same for features that everybody must know."""
        return self.incompat & int(feature) != 0

    def keeps(self, feature: ReadOnlyCompat) -> bool:
        """The same for features that every writer must know."""
        return self.read_only_compat & int(feature) != 0

    def identity(self) -> u64:
        """The UUID, folded into what fits into the f_fsid of statfs(2), as Linux does."""
        uuid = self.on_disk.s_uuid
        folded = u64(0)
        for index in range(8):
            folded |= u64(int(uuid[index] ^ uuid[index + 8]) << 8 * index)
        return folded

    def unwritable(self) -> str:
        """Why it may only be read; empty when it may be changed."""
        unknown = self.read_only_compat & (0xFFFFFFFF ^ KNOWN_READ_ONLY_COMPAT)
        if unknown & int(ReadOnlyCompat.ORPHAN_PRESENT):
            return "its orphan file is in use"
        return f"features 0x{unknown:x} are unknown" if unknown != 0 else ""

    def _check_features(self) -> None:
        unknown = self.incompat & (0xFFFFFFFF ^ KNOWN_INCOMPAT)
        if unknown & int(Incompat.JOURNAL_DEV):
            raise Errno(EINVAL, "this is the journal of another file system")
        if unknown != 0:
            raise Errno(EINVAL, f"unknown incompatible features 0x{unknown:x}")
        if self.read_only_compat & int(ReadOnlyCompat.METADATA_CSUM) and self.on_disk.s_checksum_type != CRC32C:
            raise Errno(EINVAL, "an unknown kind of checksum")

    # Checks

    def _check_sizes(self, device_size: int) -> None:
        bits = self.block_size * 8
        if self.first_block != (1 if self.block_bits == 10 else 0):
            raise Errno(EINVAL, "the first block is not where it must be")
        if self.blocks <= self.first_block + 1 or self.blocks > device_size >> self.block_bits:
            raise Errno(EINVAL, "the file system is larger than its device, or empty")
        if self.group_size < 64 or self.group_size > bits or self.group_size % 8 != 0:
            raise Errno(EINVAL, "an impossible size of groups")
        if self.inode_size < OLD_INODE_SIZE or self.inode_size > self.block_size or self.inode_size & self.inode_size - 1 != 0:
            raise Errno(EINVAL, "an impossible size of inodes")
        if self.group_inodes == 0 or self.group_inodes > bits or self.group_inodes % 8 != 0:
            raise Errno(EINVAL, "an impossible number of inodes in a group")
        size = self.descriptor_size
        least = WIDE_DESCRIPTOR_SIZE if self.wide else DESCRIPTOR_SIZE
        if size < least or size > self.block_size or size & size - 1 != 0:
            raise Errno(EINVAL, "an impossible size of group descriptors")
        if self.reserved_blocks > self.blocks:
            raise Errno(EINVAL, "more blocks are reserved than there are")
        if int(self.on_disk.s_log_groups_per_flex) > 31:
            raise Errno(EINVAL, "an impossible size of flexible groups")

    def _check_groups(self) -> None:
        if self.inodes != self.groups * self.group_inodes:
            raise Errno(EINVAL, "the groups do not hold as many inodes as there are")
        if self.first_inode < FIRST_INODE_OF_OLD or self.first_inode > self.inodes:
            raise Errno(EINVAL, "an impossible first inode")
        if self.first_block + 1 + self.descriptor_blocks > self.blocks:
            raise Errno(EINVAL, "no room for the group descriptors")
        if self.table_blocks >= self.group_size:
            raise Errno(EINVAL, "an inode table larger than its group")

    # Places

    def group_start(self, group: int) -> int:
        """The first block of a group."""
        return self.first_block + group * self.group_size

    def blocks_in(self, group: int) -> int:
        """Blocks of a group: the last one may be shorter."""
        return min(self.group_size, self.blocks - self.group_start(group))

    def group_of(self, block: int) -> int:
        """The group a block lies in."""
        return (block - self.first_block) // self.group_size

    def is_data(self, block: int, count: int = 1) -> bool:
        """May a file consist of these blocks? (That nothing else does is the bitmap's affair.)"""
        return block > self.superblock + self._own_descriptors() and count <= self.blocks - block

    def _own_descriptors(self) -> int:
        """Blocks of descriptors behind the first superblock."""
        if self.needs(Incompat.META_BG):
            return min(self.descriptor_blocks, int(self.on_disk.s_first_meta_bg))
        return self.descriptor_blocks

    def descriptor_block(self, group: int) -> int:
        """The block that holds the descriptor of a group."""
        index = group // self.descriptors_per_block
        if self.needs(Incompat.META_BG) and index >= int(self.on_disk.s_first_meta_bg):
            first = index * self.descriptors_per_block
            return self.group_start(first) + (1 if self.has_superblock(first) else 0)
        return self.superblock + 1 + index

    def has_superblock(self, group: int) -> bool:
        """Does the group begin with a copy of the superblock (or with the superblock)?"""
        if group == 0:
            return True
        if self.has(Compat.SPARSE_SUPER2):
            backups = self.on_disk.s_rest_1
            at = 0x24C - 0x180
            for place in (at, at + 4):
                if int.from_bytes(backups[place : place + 4], "little") == group:
                    return True
            return False
        if group == 1 or not self.keeps(ReadOnlyCompat.SPARSE_SUPER):
            return True
        return _is_power(group, 3) or _is_power(group, 5) or _is_power(group, 7)

    def own_blocks(self, group: int) -> int:
        """How many blocks at the start of a group hold copies of superblock and descriptors."""
        has_superblock = self.has_superblock(group)
        count = 1 if has_superblock else 0
        meta = self.needs(Incompat.META_BG)
        first_meta_group = int(self.on_disk.s_first_meta_bg) * self.descriptors_per_block
        if not meta or group < first_meta_group:
            if has_superblock:
                count += self._own_descriptors() + int(self.on_disk.s_reserved_gdt_blocks)
        else:
            place = group % self.descriptors_per_block
            if place <= 1 or place == self.descriptors_per_block - 1:
                count += 1
        return count


def _is_power(number: int, base: int) -> bool:
    while number > 1 and number % base == 0:
        number //= base
    return number == 1
