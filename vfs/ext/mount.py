"""Making a mountable file system of a device that holds ext2, ext3 or ext4. (mount(2))"""

from typing import Final

from objects.block import BlockDevice
from objects.inode import Inode
from scarlet.kernel import log
from scarlet.lang.errno import EINVAL, Errno
from vfs import filesystems
from vfs.blockdevices import disk_of
from vfs.ext.directory import Maker, begin_root
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.geometry import Geometry
from vfs.ext.layout import Compat, Incompat, ReadOnlyCompat
from vfs.ext.recovery import open_volume
from vfs.ext.volume import read_geometry
from vfs.filesystems import device_numbers

EXT2: Final = b"ext2"
EXT3: Final = b"ext3"
EXT4: Final = b"ext4"
OLD_INCOMPAT: Final = int(Incompat.FILETYPE | Incompat.META_BG)
OLD_READ_ONLY_COMPAT: Final = int(ReadOnlyCompat.SPARSE_SUPER | ReadOnlyCompat.LARGE_FILE)
"""Features that ext2 and ext3 may have."""


def announce() -> None:
    """The three kinds, the oldest that fits first: so whoever tries them in order finds the right name."""
    filesystems.announce_on_disk(EXT3, lambda image, options: mount_disk(disk_of(image), options, EXT3))
    filesystems.announce_on_disk(EXT2, lambda image, options: mount_disk(disk_of(image), options, EXT2))
    filesystems.announce_on_disk(EXT4, lambda image, options: mount_disk(disk_of(image), options, EXT4))


def mount_disk(disk: BlockDevice, options: bytes = b"", kind: bytes = EXT4) -> Inode:
    """The root directory. What a crash left is put right: the journal replayed, orphans freed. EINVAL, EIO.

    ext4 takes all three kinds, the others only what is of their kind.
    """
    for option in options.split(b","):
        if len(option) > 0:
            raise Errno(EINVAL, "an ext file system has no such option")
    geometry = read_geometry(disk)
    if kind != EXT4:
        _require_old(geometry, kind)
    reason = geometry.unwritable()
    if reason != "":
        log.warn(f"ext4: {reason}: the file system can only be read")
    filesystem = ExtFileSystem(open_volume(disk), kind, device_numbers.next(), Maker())
    if not filesystem.read_only:
        filesystem.recover_orphans()
    return begin_root(filesystem)


def _require_old(geometry: Geometry, kind: bytes) -> None:
    """EINVAL unless it is ext2, or ext3."""
    allowed = OLD_INCOMPAT | (int(Incompat.RECOVER) if kind == EXT3 else 0)
    if geometry.incompat & (0xFFFFFFFF ^ allowed) or geometry.read_only_compat & (0xFFFFFFFF ^ OLD_READ_ONLY_COMPAT):
        raise Errno(EINVAL, "features of ext4")
    if kind == EXT3 and not geometry.has(Compat.HAS_JOURNAL):
        raise Errno(EINVAL, "no journal")
