"""Making a mountable xv6 file system of a device, or of a file that is an image of one. (mount(2))"""

from typing import Final

from objects.block import BlockDevice
from objects.inode import Inode
from scarlet.lang.errno import EINVAL, Errno
from vfs.blockdevices import disk_of
from vfs.filesystems import device_numbers
from vfs.xv6fs.directory import Xv6Directory, inode_of
from vfs.xv6fs.filesystem import Xv6FileSystem
from vfs.xv6fs.layout import ROOT_INODE
from vfs.xv6fs.settings import Settings

NAME: Final = b"xv6fs"


def mount_disk(disk: BlockDevice, options: bytes = b"") -> Inode:
    """The root directory. A transaction that a crash left in the log is replayed, inodes without a name are freed. EINVAL, EIO."""
    filesystem = Xv6FileSystem(disk, device_numbers.next(), Settings(options))
    with filesystem.mutex:
        root = inode_of(filesystem, ROOT_INODE)
    if not isinstance(root, Xv6Directory):
        raise Errno(EINVAL, "its root is not a directory")
    if not disk.read_only:
        filesystem.find_unused()
    return root


def mount_image(image: Inode, options: bytes) -> Inode:
    """The same of a block device, or of a regular file that is an image. ENOTBLK, EBUSY, ETXTBSY."""
    return mount_disk(disk_of(image), options)
