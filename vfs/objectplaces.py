"""Where an open object is in the file systems, even when no path leads there: what /proc/<pid>/fd/N and fchmod(2) work on.

A pipe or socket has a file of its own (objects/nameless.py). For what has not even that - a line to the host, an event - one is made up.
"""

from typing import Final

from objects.host import HostStream
from objects.inode import FileSystem, Inode, Metadata
from objects.nameless import NamelessFiles
from objects.object import KernelObject, Rights, Status
from objects.view import Location, Mount, MountFlags
from scarlet.lang.errno import ENXIO, Errno

ANONYMOUS_INODES_MAGIC: Final = 0x09041934
ANONYMOUS_DEVICE: Final = 14

_anonymous: Final = NamelessFiles(b"anon_inodefs", ANONYMOUS_INODES_MAGIC, ANONYMOUS_DEVICE)


class ObjectInode(Inode):
    """A file that stands for an open object that has none."""

    def __init__(self, filesystem: FileSystem, object: KernelObject) -> None:
        found = object.metadata()
        super().__init__(filesystem, found.inode_number, found.type, found.mode, found.uid, found.gid)
        self.object = object

    def metadata(self) -> Metadata:
        return self.object.metadata()

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        """A line to the host is opened again. ENXIO for everything else."""
        if isinstance(self.object, HostStream):
            return self.object
        raise Errno(ENXIO, "only what has a path is opened by it")


def place_of_object(object: KernelObject) -> Location:
    """Its place, or one in a file system that is mounted nowhere."""
    place = object.location()
    if place is not None:
        return place
    inode = object.inode()
    if inode is None:
        inode = ObjectInode(_anonymous, object)
    return Location(Mount(inode.filesystem, inode, None, MountFlags.NONE, b"none"), inode, None, object.link_text())
