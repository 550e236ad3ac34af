"""Which of a disc's trees is shown: Rock Ridge's if there is one, else Joliet's, else the plain one. (mount(8), norock and nojoliet)"""

from objects.block import BlockDevice
from vfs.iso9660.listing import entries_of
from vfs.iso9660.records import first_record
from vfs.iso9660.rockridge import Announcement
from vfs.iso9660.settings import IsoSettings
from vfs.iso9660.volume import Descriptors, Volume


class Tree:
    """The tree that was chosen. EINVAL when the device holds no ISO 9660 file system, EIO."""

    def __init__(self, disk: BlockDevice, settings: IsoSettings) -> None:
        descriptors = Descriptors(disk, settings.first_sector)
        self.volume = Volume(disk, descriptors.primary, settings, joliet=False)
        self.root_skipped = 0
        """Bytes of the root's own system use area before its fields."""
        joliet = descriptors.joliet if settings.joliet else None
        if settings.rock_ridge:
            self._look_for_rock_ridge(needs_name=joliet is not None)
        if joliet is not None and not self._shows_something():
            self.volume = Volume(disk, joliet, settings, joliet=True)
            self.root_skipped = 0
        settings.decide_case(joliet=self.volume.joliet)

    def _look_for_rock_ridge(self, *, needs_name: bool) -> None:
        """Extensions that are not named are Rock Ridge's if there is nothing better."""
        found = Announcement(self.volume)
        if found.is_there and (found.is_named or not needs_name):
            self.volume.rock_ridge = True
            self.volume.skipped = found.skipped
            self.root_skipped = found.root_skipped

    def _shows_something(self) -> bool:
        """Is there a tree with Rock Ridge, and not an empty one? Some discs have their files in Joliet's tree only. EIO."""
        volume = self.volume
        if not volume.rock_ridge:
            return False
        root = first_record(volume, volume.root_start)
        return len(entries_of(volume, volume.root_start, int(root.fields.size))) > 0
