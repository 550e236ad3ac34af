"""One mounted ISO 9660 file system. Nothing on it ever changes.

Inodes hold the file system and the directory they were found in; entries know their inodes weakly, and the file system holds those that
were made last.
"""

from typing import Final

from objects.block import BlockDevice
from objects.inode import FileSystem, FileSystemStatistics
from scarlet.kernel.mutex import Mutex
from vfs.iso9660.settings import IsoSettings
from vfs.iso9660.trees import Tree
from vfs.recent import RecentInodes

NAME: Final = b"iso9660"
MAGIC: Final = 0x9660


class IsoFileSystem(FileSystem):
    """EINVAL when the device holds no ISO 9660 file system, EIO."""

    def __init__(self, disk: BlockDevice, device: int, settings: IsoSettings) -> None:
        super().__init__(NAME, device, read_only=True, counts_changes=True)
        self.disk = disk
        self.settings = settings
        tree = Tree(disk, settings)
        self.volume = tree.volume
        self.root_skipped = tree.root_skipped
        self.folds_case = settings.relaxed
        self.mutex = Mutex()
        """Held by who reads directories."""
        self.recent = RecentInodes()

    def options(self) -> bytes:
        tree = b",norock" if self.volume.joliet or not self.settings.rock_ridge else b",nojoliet"
        return tree + self.settings.text() + f",blocksize={self.volume.block_size},iocharset=utf8".encode()

    def statistics(self) -> FileSystemStatistics:
        return FileSystemStatistics(MAGIC, block_size=self.volume.block_size, blocks=self.volume.blocks, identity=self.device)

    def unmounted(self) -> None:
        self.recent.clear()
