"""What lies on an ext2, ext3 or ext4 disk: the structures, under the names the specification gives their fields, and its constants.

Source: Linux, Documentation/filesystems/ext4.
"""

from enum import IntFlag
from typing import Annotated, Final

from scarlet.lang import i32, struct, u8, u16, u32, u64

SUPERBLOCK_OFFSET: Final = 1024
SUPERBLOCK_SIZE: Final = 1024
MAGIC: Final = 0xEF53
ROOT_INODE: Final = 2
FIRST_INODE_OF_OLD: Final = 11
"""Smaller numbers are reserved; newer file systems say so in s_first_ino."""
OLD_INODE_SIZE: Final = 128
MAX_LINKS: Final = 65000
NAME_LENGTH: Final = 255
CRC32C: Final = 1
"""s_checksum_type"""


class Compat(IntFlag):
    """Features that a system may ignore."""

    NONE = 0
    DIR_PREALLOC = 1
    HAS_JOURNAL = 4
    EXT_ATTR = 8
    RESIZE_INODE = 0x10
    DIR_INDEX = 0x20
    SPARSE_SUPER2 = 0x200
    FAST_COMMIT = 0x400
    ORPHAN_FILE = 0x1000


class Incompat(IntFlag):
    """Features without which nothing can be understood."""

    NONE = 0
    FILETYPE = 2
    RECOVER = 4
    """The journal holds transactions that must be replayed."""
    JOURNAL_DEV = 8
    META_BG = 0x10
    EXTENTS = 0x40
    BITS_64 = 0x80
    MMP = 0x100
    FLEX_BG = 0x200
    CSUM_SEED = 0x2000
    INLINE_DATA = 0x8000


class ReadOnlyCompat(IntFlag):
    """Features without which the file system may be read, but not changed."""

    NONE = 0
    SPARSE_SUPER = 1
    LARGE_FILE = 2
    HUGE_FILE = 8
    GDT_CSUM = 0x10
    DIR_NLINK = 0x20
    EXTRA_ISIZE = 0x40
    METADATA_CSUM = 0x400
    ORPHAN_PRESENT = 0x10000


KNOWN_INCOMPAT: Final = 2 | 4 | 0x10 | 0x40 | 0x80 | 0x200 | 0x2000
"""FILETYPE RECOVER META_BG EXTENTS BITS_64 FLEX_BG CSUM_SEED"""
KNOWN_READ_ONLY_COMPAT: Final = 1 | 2 | 8 | 0x10 | 0x20 | 0x40 | 0x400
"""SPARSE_SUPER LARGE_FILE HUGE_FILE GDT_CSUM DIR_NLINK EXTRA_ISIZE METADATA_CSUM"""

STATE_CLEAN: Final = 1
"""s_state: unmounted in good order."""
STATE_ERROR: Final = 2
HASH_IS_UNSIGNED: Final = 2
"""s_flags: names are hashed as unsigned characters."""


@struct(packed=True)
class Superblock:
    """At byte 1024 of the device, with copies in some groups. What is not named here is kept as it is."""

    s_inodes_count: u32
    s_blocks_count_lo: u32
    s_r_blocks_count_lo: u32
    s_free_blocks_count_lo: u32
    s_free_inodes_count: u32
    s_first_data_block: u32
    s_log_block_size: u32
    s_log_cluster_size: u32
    s_blocks_per_group: u32
    s_clusters_per_group: u32
    s_inodes_per_group: u32
    s_mtime: u32
    s_wtime: u32
    s_mnt_count: u16
    s_max_mnt_count: u16
    s_magic: u16
    s_state: u16
    s_errors: u16
    s_minor_rev_level: u16
    s_lastcheck: u32
    s_checkinterval: u32
    s_creator_os: u32
    s_rev_level: u32
    s_def_resuid: u16
    s_def_resgid: u16
    s_first_ino: u32
    s_inode_size: u16
    s_block_group_nr: u16
    s_feature_compat: u32
    s_feature_incompat: u32
    s_feature_ro_compat: u32
    s_uuid: Annotated[bytes, 16]
    s_volume_name: Annotated[bytes, 16]
    s_last_mounted: Annotated[bytes, 64]
    s_algorithm_usage_bitmap: u32
    s_prealloc_blocks: u8
    s_prealloc_dir_blocks: u8
    s_reserved_gdt_blocks: u16
    s_journal_uuid: Annotated[bytes, 16]
    s_journal_inum: u32
    s_journal_dev: u32
    s_last_orphan: u32
    s_hash_seed: Annotated[list[u32], 4]
    s_def_hash_version: u8
    s_jnl_backup_type: u8
    s_desc_size: u16
    s_default_mount_opts: u32
    s_first_meta_bg: u32
    s_mkfs_time: u32
    s_jnl_blocks: Annotated[list[u32], 17]
    s_blocks_count_hi: u32
    s_r_blocks_count_hi: u32
    s_free_blocks_count_hi: u32
    s_min_extra_isize: u16
    s_want_extra_isize: u16
    s_flags: u32
    s_raid_stride: u16
    s_mmp_interval: u16
    s_mmp_block: u64
    s_raid_stripe_width: u32
    s_log_groups_per_flex: u8
    s_checksum_type: u8
    s_reserved_pad: u16
    s_kbytes_written: u64
    s_rest_1: Annotated[bytes, 240]
    s_checksum_seed: u32
    s_rest_2: Annotated[bytes, 392]
    s_checksum: u32


SB_FREE_BLOCKS_LO: Final = 0x0C
SB_FREE_INODES: Final = 0x10
SB_MTIME: Final = 0x2C
SB_WTIME: Final = 0x30
SB_MNT_COUNT: Final = 0x34
SB_STATE: Final = 0x3A
SB_FEATURE_INCOMPAT: Final = 0x60
SB_FEATURE_RO_COMPAT: Final = 0x64
SB_LAST_ORPHAN: Final = 0xE8
SB_FREE_BLOCKS_HI: Final = 0x158
SB_CHECKSUM: Final = 0x3FC
"""The fields that change while it is mounted, by their places."""

# A group descriptor: 32 bytes, or s_desc_size where the file system has 64-bit block numbers.
BG_BLOCK_BITMAP_LO: Final = 0x00
BG_INODE_BITMAP_LO: Final = 0x04
BG_INODE_TABLE_LO: Final = 0x08
BG_FREE_BLOCKS_LO: Final = 0x0C
BG_FREE_INODES_LO: Final = 0x0E
BG_USED_DIRS_LO: Final = 0x10
BG_FLAGS: Final = 0x12
BG_BLOCK_BITMAP_CSUM_LO: Final = 0x18
BG_INODE_BITMAP_CSUM_LO: Final = 0x1A
BG_ITABLE_UNUSED_LO: Final = 0x1C
BG_CHECKSUM: Final = 0x1E
BG_BLOCK_BITMAP_HI: Final = 0x20
BG_INODE_BITMAP_HI: Final = 0x24
BG_INODE_TABLE_HI: Final = 0x28
BG_FREE_BLOCKS_HI: Final = 0x2C
BG_FREE_INODES_HI: Final = 0x2E
BG_USED_DIRS_HI: Final = 0x30
BG_ITABLE_UNUSED_HI: Final = 0x32
BG_BLOCK_BITMAP_CSUM_HI: Final = 0x38
BG_INODE_BITMAP_CSUM_HI: Final = 0x3A
DESCRIPTOR_SIZE: Final = 32
WIDE_DESCRIPTOR_SIZE: Final = 64

INODE_UNINIT: Final = 1
"""bg_flags: the bitmap of inodes was never written, all are free."""
BLOCK_UNINIT: Final = 2
"""The same for blocks: only what the group itself consists of is in use."""
INODE_ZEROED: Final = 4


class InodeFlags(IntFlag):
    """i_flags, those that matter here."""

    NONE = 0
    IMMUTABLE = 0x10
    APPEND = 0x20
    INDEX = 0x1000
    """A directory with a hash tree."""
    HUGE_FILE = 0x40000
    """i_blocks counts blocks, not sectors."""
    EXTENTS = 0x80000
    EA_INODE = 0x200000
    INLINE_DATA = 0x10000000


@struct(packed=True)
class DiskInode:
    """One file. Inodes of 128 bytes end before i_extra_isize; what follows the named fields are extended attributes."""

    i_mode: u16
    i_uid: u16
    i_size_lo: u32
    i_atime: i32
    i_ctime: i32
    i_mtime: i32
    i_dtime: u32
    i_gid: u16
    i_links_count: u16
    i_blocks_lo: u32
    i_flags: u32
    i_version: u32
    i_block: Annotated[bytes, 60]
    i_generation: u32
    i_file_acl_lo: u32
    i_size_high: u32
    i_obso_faddr: u32
    i_blocks_high: u16
    i_file_acl_high: u16
    i_uid_high: u16
    i_gid_high: u16
    i_checksum_lo: u16
    i_reserved: u16
    i_extra_isize: u16
    i_checksum_hi: u16
    i_ctime_extra: u32
    i_mtime_extra: u32
    i_atime_extra: u32
    i_crtime: i32
    i_crtime_extra: u32
    i_version_hi: u32
    i_projid: u32


NAMED_INODE_SIZE: Final = 160
I_BLOCK_SIZE: Final = 60
I_GENERATION: Final = 100
I_CHECKSUM_LO: Final = 124
I_EXTRA_ISIZE: Final = 128
I_CHECKSUM_HI: Final = 130
I_DTIME: Final = 20
I_MODE: Final = 0
I_LINKS: Final = 26
END_OF_EXTRA: Final = 32
"""i_extra_isize when every named field is there."""

# Extents
EXTENT_MAGIC: Final = 0xF30A
EXTENT_SIZE: Final = 12
"""Of the header of a node, of an index entry, of an extent."""
EXTENT_DEPTH: Final = 5
"""The deepest tree."""
MAX_EXTENT: Final = 32768
"""Blocks in one extent; longer ones are unwritten ones of 32768 less."""

# Directories
DIRECTORY_HEADER: Final = 8
"""inode, rec_len, name_len, file_type"""
DIRECTORY_TAIL: Final = 12
"""An entry without a name at the end of a block that has a checksum."""
TAIL_TYPE: Final = 0xDE
