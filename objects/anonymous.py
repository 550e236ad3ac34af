"""Objects without a file: events, timers, channels. Programs that ask what they are get what Linux says of its anonymous inodes."""

from typing import Final

from objects.metadata import InodeType, Metadata
from objects.object import KernelObject

DEVICE: Final = 14
INODE: Final = 1
"""They share one inode, as Linux's do."""


class AnonymousObject(KernelObject):
    """The base of objects that no path leads to."""

    def metadata(self) -> Metadata:
        """For its owner alone, and of no type. (fstat(2))"""
        return Metadata(InodeType.UNKNOWN, 0o600, INODE, device=DEVICE)
