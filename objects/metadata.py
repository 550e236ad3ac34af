"""What a file system tells about its files: types, attributes, directory entries, totals. (inode(7), statfs(2))"""

from enum import IntEnum, IntFlag

from scarlet.lang import u64


class InodeType(IntEnum):
    """The kind of a file, as in the DT_ constants of readdir(3); shifted left by 12 it is S_IFMT of inode(7)."""

    UNKNOWN = 0
    FIFO = 1
    CHARACTER = 2
    DIRECTORY = 4
    BLOCK = 6
    REGULAR = 8
    SYMLINK = 10
    SOCKET = 12


class RenameFlags(IntFlag):
    """The flags of renameat2(2)."""

    NONE = 0
    NOREPLACE = 1
    EXCHANGE = 2
    WHITEOUT = 4


class Owner:
    """Who owns a file that is being made."""

    def __init__(self, uid: int, gid: int) -> None:
        self.uid = uid
        self.gid = gid


class Metadata:
    """The attributes of one file, as stat(2) and statx(2) report them. Times are nanoseconds since 1970; btime is -1 when unknown."""

    def __init__(
        self, type: InodeType, mode: int, inode_number: int, *, device: int = 0, nlink: int = 1, uid: int = 0, gid: int = 0, rdev: int = 0,
        size: int = 0, blocks: int = 0, block_size: int = 4096, atime_ns: int = 0, mtime_ns: int = 0, ctime_ns: int = 0, btime_ns: int = -1,
    ) -> None:  # fmt: skip
        self.type = type
        self.mode = mode
        self.inode_number = inode_number
        self.device = device
        self.nlink = nlink
        self.uid = uid
        self.gid = gid
        self.rdev = rdev
        self.size = size
        self.blocks = blocks
        self.block_size = block_size
        self.atime_ns = atime_ns
        self.mtime_ns = mtime_ns
        self.ctime_ns = ctime_ns
        self.btime_ns = btime_ns

    @property
    def type_and_mode(self) -> int:
        """st_mode: the file type in bits 12 to 15, permissions below."""
        return int(self.type) << 12 | self.mode


class DirectoryEntry:
    """One name in a directory; `cursor` given to Inode.list() goes on after it."""

    def __init__(self, name: bytes, inode_number: int, type: InodeType, cursor: int) -> None:
        self.name = name
        self.inode_number = inode_number
        self.type = type
        self.cursor = cursor


class FileSystemStatistics:
    """What statfs(2) tells; `type` is the magic number of that manual page."""

    def __init__(
        self, type: int, *, block_size: int = 4096, blocks: int = 0, blocks_free: int = 0, blocks_available: int = 0,
        files: int = 0, files_free: int = 0, identity: u64 = 0, name_length: int = 255,
    ) -> None:  # fmt: skip
        self.type = type
        self.block_size = block_size
        self.blocks = blocks
        self.blocks_free = blocks_free
        self.blocks_available = blocks_available
        self.files = files
        self.files_free = files_free
        self.identity = identity
        self.name_length = name_length


def device_number(major: int, minor: int) -> int:
    """A device number in Linux's 64-bit encoding (makedev(3))."""
    return (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & 0xFFF00) << 12 | (major & 0xFFFFF000) << 32


def device_major(device: int) -> int:
    """The major part of a device number."""
    return (device >> 8 & 0xFFF) | (device >> 32 & 0xFFFFF000)


def device_minor(device: int) -> int:
    """The minor part of a device number."""
    return (device & 0xFF) | (device >> 12 & 0xFFF00)
