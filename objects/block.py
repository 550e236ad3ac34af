"""Block devices: what keeps the blocks of a file system.

A transfer is whole sectors, read and written as bytes; it may put the caller to sleep. What was written is safe only after flush().
"""

from typing import Final

from scarlet.lang.errno import EINVAL, EIO, EROFS, Errno

SECTOR: Final = 512


class BlockDevice:
    """`size` bytes, a multiple of the sector."""

    def __init__(self, size: int, *, read_only: bool = False) -> None:
        self.size = size - size % SECTOR
        self.read_only = read_only

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes. EINVAL for a range that is not whole sectors of the device, EIO when the device fails."""
        self._check(offset, count)
        return self.read_sectors(offset, count)

    def write(self, offset: int, data: bytes) -> None:
        """Write all of `data`. EINVAL, EIO as for read; EROFS."""
        if self.read_only:
            raise Errno(EROFS, "the device is read-only")
        self._check(offset, len(data))
        self.write_sectors(offset, data)

    def read_sectors(self, offset: int, count: int) -> bytes:
        """The device's own part of read()."""
        raise Errno(EIO, "this device cannot be read")

    def write_sectors(self, offset: int, data: bytes) -> None:
        """The device's own part of write()."""
        raise Errno(EIO, "this device cannot be written")

    def flush(self) -> None:
        """Come back when everything written before is on stable storage; nothing to do where there is none. EIO."""

    def _check(self, offset: int, count: int) -> None:
        if offset % SECTOR != 0 or count % SECTOR != 0 or offset < 0 or count < 0 or count > self.size - offset:
            raise Errno(EINVAL, "not whole sectors of the device")
