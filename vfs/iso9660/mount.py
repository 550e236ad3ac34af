"""Making a mountable ISO 9660 file system of a disk, or of a file that is an image of one. (mount(2))"""

from objects.block import BlockDevice
from objects.inode import Inode
from scarlet.kernel import log
from vfs.blockdevices import disk_of
from vfs.filesystems import device_numbers
from vfs.iso9660.directory import IsoDirectory, begin_root
from vfs.iso9660.filesystem import NAME, IsoFileSystem
from vfs.iso9660.settings import IsoSettings

__all__ = ["NAME", "mount_disk", "mount_image"]


def mount_disk(disk: BlockDevice, options: bytes = b"") -> IsoDirectory:
    """The root directory. EINVAL when it is no ISO 9660 file system or an option is unknown, EIO."""
    return begin_root(IsoFileSystem(disk, device_numbers.next(), IsoSettings(options)))


def mount_image(image: Inode, options: bytes) -> Inode:
    """The same of a block device, or of a regular file that is an image. ENOTBLK, EBUSY, ETXTBSY."""
    root = mount_disk(disk_of(image), options)
    missing = root.iso.volume.what_is_missing()
    if missing != "":
        log.warn(f"iso9660: {missing}")
    return root
