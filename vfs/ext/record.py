"""What the disk says of one file: its inode, taken apart. Inode objects of the kernel come and go over it.

Times have nanoseconds and reach to the year 2446 where inodes are larger than 128 bytes; otherwise whole seconds up to 2038.

Source: Linux, Documentation/filesystems/ext4, "Index Nodes", "Inode Timestamps".
"""

from typing import Final

from scarlet.kernel.clock import NS_PER_SECOND
from scarlet.lang import i32, u16, u32
from scarlet.lang.errno import EIO, Errno
from vfs.ext.checksums import crc32c, crc32c_u32
from vfs.ext.fields import get16, get32, put16
from vfs.ext.geometry import Geometry
from vfs.ext.layout import (
    END_OF_EXTRA,
    I_BLOCK_SIZE,
    I_CHECKSUM_HI,
    I_CHECKSUM_LO,
    I_EXTRA_ISIZE,
    I_GENERATION,
    NAMED_INODE_SIZE,
    OLD_INODE_SIZE,
    DiskInode,
    InodeFlags,
    ReadOnlyCompat,
)  # fmt: skip

TYPE_SHIFT: Final = 12
MODE_MASK: Final = 0o7777
SECTOR_BITS: Final = 9
HIGHEST_OLD_SECOND: Final = (1 << 31) - 1
LOWEST_SECOND: Final = -(1 << 31)
HIGHEST_SECOND: Final = 9_223_372_035
"""In 2262: what nanoseconds can say."""
LARGEST_SIZE_HIGH: Final = 0x7FFFFFFF
NANOSECOND_SHIFT: Final = 2
HAS_CHECKSUM_HI: Final = 4
HAS_CTIME_EXTRA: Final = 8
HAS_MTIME_EXTRA: Final = 12
HAS_ATIME_EXTRA: Final = 16
HAS_CRTIME: Final = 24
"""i_extra_isize from which on a field is there."""


class Record:
    """One inode. `size` is what the disk has, which may lag behind what was written."""

    def __init__(self, number: int, geometry: Geometry, rest: DiskInode) -> None:
        self.number = number
        self._geometry = geometry
        self.type_and_mode = 0
        self.uid = 0
        self.gid = 0
        self.size = 0
        self.links = 0
        self.sectors = 0
        """512-byte units that its blocks come to."""
        self.flags = 0
        self.generation = 0
        self.block = bytearray(I_BLOCK_SIZE)
        """i_block: the root of the extents, the numbers of blocks, the text of a short symbolic link, or a device number."""
        self.attribute_block = 0
        self.dtime = 0
        """When it was deleted; in the list of orphans, the next one of it."""
        self.atime_ns = 0
        self.mtime_ns = 0
        self.ctime_ns = 0
        self.btime_ns = -1
        self.extra_size = 0
        self.attributes = bytearray()
        """The bytes behind the fixed fields: extended attributes. Replaced as a whole, never changed in place."""
        self.seed = 0
        """What the checksums of its blocks begin with."""
        self.next_goal = 0
        """Where the search for its next block begins: behind the last one. Not on the disk."""
        self.saved_by = 0
        """The last operation that kept what it was before."""
        self._rest = rest
        """What the disk has beside all this."""

    @property
    def type(self) -> int:
        """The kind of file, as DT_ of readdir(3)."""
        return self.type_and_mode >> TYPE_SHIFT

    @property
    def mode(self) -> int:
        """Permission bits."""
        return self.type_and_mode & MODE_MASK

    def has(self, flag: InodeFlags) -> bool:
        """Is a flag set?"""
        return self.flags & int(flag) != 0

    def renew_seed(self) -> None:
        """The generation has changed."""
        self.seed = crc32c_u32(crc32c_u32(self._geometry.seed, self.number), self.generation) if self._geometry.metadata_csum else 0

    # As it was before

    def copy(self) -> "Record":
        """Another one with the same fields, which stays as it is while this one changes."""
        copy = Record(self.number, self._geometry, self._rest)
        copy.take_over(self)
        return copy

    def take_over(self, other: "Record") -> None:
        """Let the fields be those of another one."""
        self.type_and_mode = other.type_and_mode
        self.uid = other.uid
        self.gid = other.gid
        self.size = other.size
        self.links = other.links
        self.sectors = other.sectors
        self.flags = other.flags
        self.generation = other.generation
        self.block[:] = other.block
        self.attribute_block = other.attribute_block
        self.dtime = other.dtime
        self.atime_ns = other.atime_ns
        self.mtime_ns = other.mtime_ns
        self.ctime_ns = other.ctime_ns
        self.btime_ns = other.btime_ns
        self.extra_size = other.extra_size
        self.attributes = other.attributes
        self.seed = other.seed
        self._rest = other._rest

    # From and to the disk

    def unpack(self, raw: bytearray) -> None:
        """Take the fields from an inode on disk."""
        padded = bytes(raw[:NAMED_INODE_SIZE]).ljust(NAMED_INODE_SIZE, b"\0")
        disk = DiskInode.parse(padded)
        self._rest = disk
        self.type_and_mode = int(disk.i_mode)
        self.uid = int(disk.i_uid) | int(disk.i_uid_high) << 16
        self.gid = int(disk.i_gid) | int(disk.i_gid_high) << 16
        if disk.i_size_high > LARGEST_SIZE_HIGH:
            raise Errno(EIO, "an impossible size of a file")
        self.size = int(disk.i_size_lo) | int(disk.i_size_high) << 32
        self.links = int(disk.i_links_count)
        self.flags = int(disk.i_flags)
        self.sectors = int(disk.i_blocks_lo)
        if self._geometry.keeps(ReadOnlyCompat.HUGE_FILE):
            self.sectors |= int(disk.i_blocks_high) << 32
            if self.has(InodeFlags.HUGE_FILE):
                self.sectors <<= self._geometry.block_bits - SECTOR_BITS
        self.generation = int(disk.i_generation)
        self.block = bytearray(disk.i_block)
        self.attribute_block = int(disk.i_file_acl_lo) | (int(disk.i_file_acl_high) << 32 if self._geometry.wide else 0)
        self.dtime = int(disk.i_dtime)
        large = len(raw) > OLD_INODE_SIZE
        self.extra_size = int(disk.i_extra_isize) if large else 0
        if self.extra_size > len(raw) - OLD_INODE_SIZE or self.extra_size % 4 != 0:
            raise Errno(EIO, "an inode with more fields than it has room for")
        self.attributes = raw[OLD_INODE_SIZE + self.extra_size :] if large else bytearray()
        self.atime_ns = _time(int(disk.i_atime), int(disk.i_atime_extra) if self.extra_size >= HAS_ATIME_EXTRA else 0)
        self.mtime_ns = _time(int(disk.i_mtime), int(disk.i_mtime_extra) if self.extra_size >= HAS_MTIME_EXTRA else 0)
        self.ctime_ns = _time(int(disk.i_ctime), int(disk.i_ctime_extra) if self.extra_size >= HAS_CTIME_EXTRA else 0)
        self.btime_ns = _time(int(disk.i_crtime), int(disk.i_crtime_extra)) if self.extra_size >= HAS_CRTIME else -1
        self.renew_seed()

    def pack(self) -> bytearray:
        """The inode as it stands on the disk; the checksum is what it was when it was read."""
        disk = self._rest
        disk.i_mode = u16(self.type_and_mode)
        disk.i_uid = u16(self.uid & 0xFFFF)
        disk.i_uid_high = u16(self.uid >> 16)
        disk.i_gid = u16(self.gid & 0xFFFF)
        disk.i_gid_high = u16(self.gid >> 16)
        disk.i_size_lo = u32(self.size & 0xFFFFFFFF)
        disk.i_size_high = u32(self.size >> 32)
        disk.i_links_count = u16(self.links)
        self._pack_sectors(disk)
        disk.i_flags = u32(self.flags)
        disk.i_generation = u32(self.generation)
        disk.i_block = bytes(self.block)
        disk.i_file_acl_lo = u32(self.attribute_block & 0xFFFFFFFF)
        disk.i_file_acl_high = u16(self.attribute_block >> 32)
        disk.i_dtime = u32(self.dtime)
        extra = self.extra_size
        disk.i_extra_isize = u16(extra)
        disk.i_atime = _seconds(self.atime_ns, large=extra >= HAS_ATIME_EXTRA)
        disk.i_mtime = _seconds(self.mtime_ns, large=extra >= HAS_MTIME_EXTRA)
        disk.i_ctime = _seconds(self.ctime_ns, large=extra >= HAS_CTIME_EXTRA)
        disk.i_atime_extra = _extra(self.atime_ns)
        disk.i_mtime_extra = _extra(self.mtime_ns)
        disk.i_ctime_extra = _extra(self.ctime_ns)
        if self.btime_ns >= 0:
            disk.i_crtime = _seconds(self.btime_ns, large=True)
            disk.i_crtime_extra = _extra(self.btime_ns)
        raw = bytearray(self._geometry.inode_size)
        named = OLD_INODE_SIZE + min(extra, END_OF_EXTRA)
        raw[:named] = disk.pack()[:named]
        if len(raw) > OLD_INODE_SIZE:
            raw[OLD_INODE_SIZE + extra :] = self.attributes
            put16(raw, I_EXTRA_ISIZE, extra)
        return raw

    def _pack_sectors(self, disk: DiskInode) -> None:
        sectors = self.sectors
        self.flags &= 0xFFFFFFFF ^ int(InodeFlags.HUGE_FILE)
        if sectors >> 48 != 0:
            self.flags |= int(InodeFlags.HUGE_FILE)
            sectors >>= self._geometry.block_bits - SECTOR_BITS
        disk.i_blocks_lo = u32(sectors & 0xFFFFFFFF)
        disk.i_blocks_high = u16(sectors >> 32)


def put_checksum(geometry: Geometry, number: int, raw: bytearray) -> None:
    """Give an inode on disk its checksum."""
    if not geometry.metadata_csum:
        return
    wide = _has_wide_checksum(raw)
    put16(raw, I_CHECKSUM_LO, 0)
    if wide:
        put16(raw, I_CHECKSUM_HI, 0)
    value = _checksum(geometry, number, raw)
    put16(raw, I_CHECKSUM_LO, value & 0xFFFF)
    if wide:
        put16(raw, I_CHECKSUM_HI, value >> 16)


def is_good(geometry: Geometry, number: int, raw: bytearray) -> bool:
    """Has an inode on disk the right checksum?"""
    if not geometry.metadata_csum:
        return True
    copy = bytearray(raw)
    put_checksum(geometry, number, copy)
    return copy == raw


def _has_wide_checksum(raw: bytearray) -> bool:
    return len(raw) > OLD_INODE_SIZE and get16(raw, I_EXTRA_ISIZE) >= HAS_CHECKSUM_HI


def _checksum(geometry: Geometry, number: int, raw: bytearray) -> int:
    seed = crc32c_u32(crc32c_u32(geometry.seed, number), get32(raw, I_GENERATION))
    return crc32c(seed, raw, 0, len(raw))


def _time(seconds: int, extra: int) -> int:
    """Nanoseconds since 1970; the two lowest bits of the extra field go on with the seconds."""
    seconds = min(seconds + ((extra & 3) << 32), HIGHEST_SECOND)
    return seconds * NS_PER_SECOND + min(extra >> NANOSECOND_SHIFT, NS_PER_SECOND - 1)


def _seconds(time_ns: int, *, large: bool) -> i32:
    seconds = time_ns // NS_PER_SECOND
    if not large:
        seconds = min(seconds, HIGHEST_OLD_SECOND)
    return i32(max(seconds, LOWEST_SECOND))


def _extra(time_ns: int) -> u32:
    seconds = max(time_ns // NS_PER_SECOND, LOWEST_SECOND)
    epoch = seconds - int(i32(seconds)) >> 32
    return u32((epoch & 3) | time_ns % NS_PER_SECOND << NANOSECOND_SHIFT)
