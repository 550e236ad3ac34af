"""A regular file as a block device: an image of a file system that lies in another one.

Whoever reads or writes here may hold what its file system needs to write pages back: a mutex, or the very pages. So meanwhile, when too
much is dirty or memory is short, it writes no other file back than this one, and may have some of the kernel's reserve. (`AtWork`;
writeback.throttle, reclaim.new_frame)
"""

from objects.block import SECTOR, BlockDevice, Operation, Transfer
from objects.inode import Inode, InodeType
from scarlet.kernel.memory.buffer import Buffer, KernelBytes, PhysicalBytes
from scarlet.kernel.thread import current_thread
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

    def begin(self, transfer: Transfer) -> None:
        """All at once, straight between the pages of the file and the memory of the transfer."""
        error = 0
        offset = transfer.offset
        try:
            with AtWork():
                for piece in transfer.pieces:
                    self._move(transfer.operation, PhysicalBytes(piece.pa, piece.count), offset)
                    offset += piece.count
        except Errno as failure:
            error = failure.code
        transfer.finish(error)

    def _move(self, operation: Operation, memory: Buffer, offset: int) -> None:
        if operation is Operation.READ:
            if self.inode.read_at(memory, offset) != memory.length:
                raise Errno(EIO, "the image was cut short")
        elif self.inode.write_at(memory, offset) != memory.length:
            raise Errno(EIO, "the image could not be written")

    def read_sectors(self, offset: int, count: int) -> bytes:
        data = bytearray(count)
        with AtWork():
            self._move(Operation.READ, KernelBytes(data), offset)
        return bytes(data)

    def write_sectors(self, offset: int, data: bytes) -> None:
        with AtWork():
            self._move(Operation.WRITE, KernelBytes(bytearray(data)), offset)

    def flush(self) -> None:
        with AtWork():
            self.inode.sync(data_only=True)


class AtWork:
    """The running thread does the work of a device in the body of a `with`."""

    def __init__(self) -> None:
        self._thread = current_thread()

    def __enter__(self) -> "AtWork":
        self._thread.disk_depth += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._thread.disk_depth -= 1
