"""Making a mountable FAT file system of a disk, or of a file that is an image of one. (mount(2))"""

from typing import Final

from objects.block import BlockDevice
from objects.inode import Inode
from vfs.blockdevices import disk_of
from vfs.fat.directory import root_of
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.settings import FatSettings
from vfs.filesystems import device_numbers

NAME: Final = b"vfat"


def mount_disk(disk: BlockDevice, options: bytes = b"") -> Inode:
    """The root directory. EINVAL when it is no FAT file system or an option is unknown, EIO."""
    filesystem = FatFileSystem(disk, device_numbers.next(), FatSettings(options))
    with filesystem.mutex:
        return root_of(filesystem)


def mount_image(image: Inode, options: bytes) -> Inode:
    """The same of a block device, or of a regular file that is an image. ENOTBLK, EBUSY, ETXTBSY."""
    return mount_disk(disk_of(image), options)
