"""sysfs: there to be mounted, and empty, because there is no device model to show. (sysfs(5))"""

import weakref
from typing import Final

from objects.inode import Inode
from vfs.pseudo import PseudoDirectory, PseudoFileSystem

SYSFS_MAGIC: Final = 0x62656572


def new_sysfs() -> PseudoDirectory:
    """The root of an empty sysfs."""
    filesystem = PseudoFileSystem(b"sysfs", SYSFS_MAGIC)
    filesystem.read_only = True
    root = PseudoDirectory(filesystem, filesystem.next_number(), None)
    filesystem.top = weakref.ref(root)
    return root


def mount_sysfs(source: bytes, options: bytes) -> Inode:
    """For mount(2)."""
    return new_sysfs()
