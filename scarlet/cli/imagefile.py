"""An image on the host as a block device, for the kernel's own modules under CPython."""

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from objects.block import BlockDevice
from scarlet.cli.errors import Status, UserError


class ImageFile(BlockDevice):
    """An image, for reading."""

    def __init__(self, data: mmap.mmap) -> None:
        super().__init__(len(data), read_only=True)
        self.data = data

    def read_sectors(self, offset: int, count: int) -> bytes:
        return self.data[offset : offset + count]


@contextlib.contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of an image. UserError when it cannot be read."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is empty"
        raise UserError(f"{path} cannot be read: {reason}", Status.USAGE) from None
