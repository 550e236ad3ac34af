"""From a directory up to the top of its file system.

On a damaged disk a directory may be above itself; whoever climbs must come to an end all the same.
"""

from collections.abc import Iterator
from typing import Final

from objects.inode import Inode
from scarlet.lang.errno import ELOOP, Errno

DEEPEST: Final = 1 << 17
"""No path leads deeper."""


def ancestors(directory: Inode) -> Iterator[Inode]:
    """The directory, the one above it, and so on to the top. ELOOP when there is none."""
    for _level in range(DEEPEST):
        yield directory
        above = directory.parent()
        if above is directory:
            return
        directory = above
    raise Errno(ELOOP, "a directory that is above itself")
