"""What was opened by its name: it knows the file system's file below it, and the place where it was found. (open(2))"""

from typing import TYPE_CHECKING

from objects.metadata import Metadata
from objects.object import KernelObject, Status

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location


class Opened(KernelObject):
    """An opened file of any kind."""

    def __init__(self, inode: "Inode", location: "Location", status: Status) -> None:
        super().__init__(status)
        self._inode = inode
        self._location = location

    def metadata(self) -> Metadata:
        return self._inode.metadata()

    def inode(self) -> "Inode | None":
        return self._inode

    def location(self) -> "Location | None":
        return self._location
