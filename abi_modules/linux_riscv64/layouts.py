"""The structures of file calls, with the names and layout of riscv64 Linux, and how ours become theirs.

Sources: asm-generic/stat.h, asm-generic/statfs.h, linux/stat.h, linux/fcntl.h, linux/poll.h, linux/openat2.h.
"""

from typing import Annotated, Final

from objects.metadata import FileSystemStatistics, Metadata, device_major, device_minor
from objects.view import MountFlags
from scarlet.lang import i16, i32, i64, struct, u16, u32, u64

NS: Final = 1_000_000_000


@struct
class Stat:
    """struct stat"""

    st_dev: u64
    st_ino: u64
    st_mode: u32
    st_nlink: u32
    st_uid: u32
    st_gid: u32
    st_rdev: u64
    pad1: u64
    st_size: i64
    st_blksize: i32
    pad2: i32
    st_blocks: i64
    st_atime: i64
    st_atime_nsec: u64
    st_mtime: i64
    st_mtime_nsec: u64
    st_ctime: i64
    st_ctime_nsec: u64
    unused4: u32
    unused5: u32


def make_stat(found: Metadata) -> Stat:
    """What stat(2) tells."""
    return Stat(
        st_dev=u64(found.device), st_ino=u64(found.inode_number), st_mode=u32(found.type_and_mode), st_nlink=u32(found.nlink),
        st_uid=u32(found.uid), st_gid=u32(found.gid), st_rdev=u64(found.rdev), st_size=i64(found.size), st_blksize=i32(found.block_size),
        st_blocks=i64(found.blocks), st_atime=i64(found.atime_ns // NS), st_atime_nsec=u64(found.atime_ns % NS),
        st_mtime=i64(found.mtime_ns // NS), st_mtime_nsec=u64(found.mtime_ns % NS),
        st_ctime=i64(found.ctime_ns // NS), st_ctime_nsec=u64(found.ctime_ns % NS),
    )  # fmt: skip


STATX_BASIC_STATS: Final = 0x7FF
STATX_BTIME: Final = 0x800
STATX_MNT_ID: Final = 0x1000
STATX_RESERVED: Final = 0x80000000
STATX_ATTR_MOUNT_ROOT: Final = 0x2000


@struct
class Statx:
    """struct statx"""

    stx_mask: u32
    stx_blksize: u32
    stx_attributes: u64
    stx_nlink: u32
    stx_uid: u32
    stx_gid: u32
    stx_mode: u16
    spare0: u16
    stx_ino: u64
    stx_size: u64
    stx_blocks: u64
    stx_attributes_mask: u64
    atime_sec: i64
    atime_nsec: u32
    atime_pad: i32
    btime_sec: i64
    btime_nsec: u32
    btime_pad: i32
    ctime_sec: i64
    ctime_nsec: u32
    ctime_pad: i32
    mtime_sec: i64
    mtime_nsec: u32
    mtime_pad: i32
    stx_rdev_major: u32
    stx_rdev_minor: u32
    stx_dev_major: u32
    stx_dev_minor: u32
    stx_mnt_id: u64
    stx_dio_mem_align: u32
    stx_dio_offset_align: u32
    spare3: Annotated[list[u64], 12]


def make_statx(found: Metadata) -> Statx:
    """What statx(2) tells of the file itself."""
    result = Statx(
        stx_mask=u32(STATX_BASIC_STATS), stx_blksize=u32(found.block_size), stx_nlink=u32(found.nlink), stx_uid=u32(found.uid),
        stx_gid=u32(found.gid), stx_mode=u16(found.type_and_mode), stx_ino=u64(found.inode_number), stx_size=u64(found.size),
        stx_blocks=u64(found.blocks), atime_sec=i64(found.atime_ns // NS), atime_nsec=u32(found.atime_ns % NS),
        ctime_sec=i64(found.ctime_ns // NS), ctime_nsec=u32(found.ctime_ns % NS),
        mtime_sec=i64(found.mtime_ns // NS), mtime_nsec=u32(found.mtime_ns % NS),
        stx_rdev_major=u32(device_major(found.rdev)), stx_rdev_minor=u32(device_minor(found.rdev)),
        stx_dev_major=u32(device_major(found.device)), stx_dev_minor=u32(device_minor(found.device)),
    )  # fmt: skip
    if found.btime_ns != -1:
        result.stx_mask = u32(STATX_BASIC_STATS | STATX_BTIME)
        result.btime_sec = i64(found.btime_ns // NS)
        result.btime_nsec = u32(found.btime_ns % NS)
    return result


@struct
class Statfs:
    """struct statfs"""

    f_type: u64
    f_bsize: u64
    f_blocks: u64
    f_bfree: u64
    f_bavail: u64
    f_files: u64
    f_ffree: u64
    f_fsid: u64
    f_namelen: u64
    f_frsize: u64
    f_flags: u64
    f_spare: Annotated[list[u64], 4]


ST_VALID: Final = 0x20
_MOUNT_FLAGS: Final[list[tuple[int, int]]] = [
    (MountFlags.READ_ONLY, 1),
    (MountFlags.NOSUID, 2),
    (MountFlags.NODEV, 4),
    (MountFlags.NOEXEC, 8),
    (MountFlags.NOATIME, 0x400),
    (MountFlags.NODIRATIME, 0x800),
    (MountFlags.RELATIME, 0x1000),
    (MountFlags.NOSYMFOLLOW, 0x2000),
]
"""A mount's flag and its ST_ flag of statvfs(3)."""


def make_statfs(found: FileSystemStatistics, flags: MountFlags) -> Statfs:
    """What statfs(2) tells."""
    shown = ST_VALID
    for flag, bit in _MOUNT_FLAGS:
        if flags & flag:
            shown |= bit
    return Statfs(
        f_type=u64(found.type), f_bsize=u64(found.block_size), f_blocks=u64(found.blocks), f_bfree=u64(found.blocks_free),
        f_bavail=u64(found.blocks_available), f_files=u64(found.files), f_ffree=u64(found.files_free), f_fsid=found.identity,
        f_namelen=u64(found.name_length), f_frsize=u64(found.block_size), f_flags=u64(shown),
    )  # fmt: skip


@struct
class Flock:
    """struct flock"""

    l_type: i16
    l_whence: i16
    l_start: i64
    l_len: i64
    l_pid: i32


@struct
class OpenHow:
    """struct open_how"""

    flags: u64
    mode: u64
    resolve: u64
