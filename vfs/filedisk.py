"""A regular file as a block device: an image of a file system that lies in another one."""

from objects.block import SECTOR, BlockDevice
from objects.inode import Inode, InodeType
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import EIO, ENOTBLK, ETXTBSY, Errno


class FileDisk(BlockDevice):
    """Keeps the file and counts as one who has it open for writing, so that nobody executes it meanwhile. Its size stays what it was."""

    def __init__(self, inode: Inode) -> None:
        super().__init__(0, read_only=inode.filesystem.read_only)
        self.inode = inode
        self._writes = False
        if inode.type != InodeType.REGULAR:
            raise Errno(ENOTBLK, "not a regular file")
        if not self.read_only and inode.executing > 0:
            raise Errno(ETXTBSY, "the file is a running program")
        self.size = inode.size() - inode.size() % SECTOR
        self._writes = not self.read_only
        if self._writes:
            inode.writers += 1

    def __del__(self) -> None:
        if self._writes:
            self.inode.writers -= 1

    def read_sectors(self, offset: int, count: int) -> bytes:
        data = bytearray(count)
        if self.inode.read_at(KernelBytes(data), offset) != count:
            raise Errno(EIO, "the image was cut short")
        return bytes(data)

    def write_sectors(self, offset: int, data: bytes) -> None:
        if self.inode.write_at(KernelBytes(bytearray(data)), offset) != len(data):
            raise Errno(EIO, "the image could not be written")

    def flush(self) -> None:
        self.inode.sync(data_only=True)
