"""Images of file systems on the host. The kernel's own modules look at them, under CPython."""

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from objects.block import BlockDevice
from scarlet.cli.errors import Status, UserError
from scarlet.lang.errno import EINVAL, Errno
from vfs.xv6fs.check import check as check_xv6fs
from vfs.xv6fs.layout import BLOCK_SIZE, Geometry


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is empty"
        raise UserError(f"{path} cannot be read: {reason}", Status.USAGE) from None


class ImageFile(BlockDevice):
    """An image, for reading."""

    def __init__(self, data: mmap.mmap) -> None:
        super().__init__(len(data), read_only=True)
        self.data = data

    def read_sectors(self, offset: int, count: int) -> bytes:
        return self.data[offset : offset + count]


def read_xv6(path: Path) -> bytes:
    """The bytes of an image. UserError when it cannot be read or is not that of an xv6 file system."""
    with _mapped(path) as data:
        try:
            Geometry(data[BLOCK_SIZE : 2 * BLOCK_SIZE], len(data))
        except (Errno, ValueError) as error:
            raise _not_xv6(path, error) from None
        return data[:]


def _not_xv6(path: Path, error: Exception) -> UserError:
    reason = error.reason if isinstance(error, Errno) else "it is too short"
    return UserError(f"{path} holds no xv6 file system: {reason}", Status.USAGE)


def check(path: Path) -> int:
    """Print what is wrong, a line each. 0: sound; 1: not; UserError when it cannot be read or holds no file system that is known."""
    with _mapped(path) as data:
        try:
            problems = check_xv6fs(ImageFile(data))
        except Errno as error:
            if error.code != EINVAL:
                raise UserError(f"{path}: {error.reason}") from None
            raise _not_xv6(path, error) from None
    for problem in problems:
        print(problem)
    print(f"{path}: xv6fs, {'sound' if not problems else f'{len(problems)} problem(s)'}")
    return 1 if problems else 0
