"""A file of an overlay, as programs see it: a file of a lower layer until it is changed, then its copy in the upper one.

The overlay file stays the same over the copy-up: its inode number, its locks, its open handles, who runs it or writes to it. Whoever
reads it through a handle opened earlier sees the copy from then on. Pages are those of the real file, so programs run from the boot
image in place; shared mappings go over to the copy, private ones keep the pages they have (mmap(2) leaves that open).

A lower file with several names is copied into the index of the work directory, where each of its names finds it.
"""

import weakref
from typing import TYPE_CHECKING, Final

from objects.inode import Inode, InodeType, Metadata
from objects.mapped import LAST_PAGE, PAGE_SHIFT, forget_cut_pages, forget_punched_pages
from objects.object import Advice, AllocateMode, KernelObject, Rights, Status
from objects.view import Location
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EOPNOTSUPP, ESTALE, Errno
from vfs.devices import open_device
from vfs.overlay.copyup import make_copy, origin_of
from vfs.overlay.filesystem import Overlay
from vfs.overlay.layers import LINKS, MARKS, ORIGIN

if TYPE_CHECKING:
    from vfs.overlay.merged import MergedDirectory

PAGE_MASK: Final = (1 << PAGE_SHIFT) - 1
OWN_COUNT: Final = -1
"""In `links`: the real file counts."""


class OverlayInode(Inode):
    """`real` is the file that counts now, and the same as `upper` once there is one. `above` and `name` are where a copy is to go.

    `links` counts the names where no real file can: of a file that has several below, and of one that lost its name before it was copied.
    """

    def __init__(self, overlay: Overlay, real: Inode, upper: Inode | None, number: int) -> None:
        super().__init__(overlay, number, real.type, real.mode, real.uid, real.gid)
        self.overlay = overlay
        self.real = real
        self.upper = upper
        self.lower: Inode | None = real if upper is None else None
        self.above: weakref.ref[MergedDirectory] | None = None
        self.name = b""
        self.removed = False
        self.links = OWN_COUNT
        overlay.known[real] = weakref.ref(self)

    def __del__(self) -> None:
        known = self.overlay.known
        known.pop(self.real, None)
        if self.lower is not None:
            known.pop(self.lower, None)

    # Attributes

    def metadata(self) -> Metadata:
        facts = self.real.metadata()
        facts.inode_number = self.number
        facts.device = self.overlay.device
        if self.links != OWN_COUNT:
            facts.nlink = self.links
        return facts

    def size(self) -> int:
        return self.real.size()

    def change_mode(self, mode: int) -> None:
        self.copy_up().change_mode(mode)
        self.refresh()

    def change_owner(self, uid: int, gid: int) -> None:
        self.copy_up().change_owner(uid, gid)
        self.refresh()

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        self.copy_up().change_times(atime_ns, mtime_ns)

    def accessed(self, *, strict: bool) -> None:
        """Reading does not copy a file up, so one below keeps its access time."""
        if self.upper is not None:
            self.upper.accessed(strict=strict)

    def drop_privileges(self) -> None:
        self.copy_up().drop_privileges()
        self.refresh()

    def refresh(self) -> None:
        """Take over what the real file says about owner and mode."""
        real = self.real
        self.mode = real.mode
        self.uid = real.uid
        self.gid = real.gid

    def attribute(self, name: bytes) -> bytes | None:
        return None if name.startswith(MARKS) else self.real.attribute(name)

    def attribute_names(self) -> list[bytes]:
        return [name for name in self.real.attribute_names() if not name.startswith(MARKS)]

    def keeps_attributes(self) -> bool:
        return self.real.keeps_attributes()

    def set_attribute(self, name: bytes, value: bytes) -> None:
        """EOPNOTSUPP for the marks of the overlay itself."""
        if name.startswith(MARKS):
            raise Errno(EOPNOTSUPP, "the overlay's own")
        self.copy_up().set_attribute(name, value)

    def remove_attribute(self, name: bytes) -> None:
        self.copy_up().remove_attribute(name)

    # Content

    def readlink(self) -> bytes:
        return self.real.readlink()

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.real.read_at(buffer, offset)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        return self.copy_up().write_at(buffer, offset)

    def truncate(self, size: int) -> None:
        self.copy_up(size).truncate(size)
        if self.mappings > 0:
            forget_cut_pages(self, (size + PAGE_MASK) >> PAGE_SHIFT)

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        self.copy_up().allocate(mode, offset, length)
        if self.mappings > 0:
            forget_punched_pages(self, offset >> PAGE_SHIFT, (offset + length + PAGE_MASK) >> PAGE_SHIFT)

    def next_data(self, offset: int) -> int:
        return self.real.next_data(offset)

    def next_hole(self, offset: int) -> int:
        return self.real.next_hole(offset)

    def page(self, index: int, *, write: bool) -> int:
        real = self.copy_up() if write else self.real
        return real.page(index, write=write)

    def resident(self, index: int) -> int:
        return self.real.resident(index)

    def tracks_writes(self) -> bool:
        return self.real.tracks_writes()

    def page_owner(self) -> Inode:
        return self.real.page_owner()

    def append(self, buffer: Buffer) -> int:
        return self.copy_up().append(buffer)

    def supports_direct(self) -> bool:
        return self.real.supports_direct()

    def read_direct(self, buffer: Buffer, offset: int) -> int:
        return self.real.read_direct(buffer, offset)

    def write_direct(self, buffer: Buffer, offset: int) -> int:
        return self.copy_up().write_direct(buffer, offset)

    def sync(self, *, data_only: bool) -> None:
        self.real.sync(data_only=data_only)

    def sync_range(self, offset: int, count: int) -> None:
        self.real.sync_range(offset, count)

    def start_write_back(self, offset: int, count: int) -> None:
        self.real.start_write_back(offset, count)

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        self.real.advise(advice, offset, count)

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        """A regular file that is opened for writing is copied up first."""
        if self.type == InodeType.REGULAR and access & Rights.WRITE:
            self.copy_up()
        elif self.type == InodeType.CHARACTER or self.type == InodeType.BLOCK:
            return open_device(self, self.real.metadata().rdev, location, access, status)
        return super().open(location, access, status)

    # Copying up

    def copy_up(self, size: int = -1) -> Inode:
        """The file in the upper layer, copied there if need be, with no more than `size` bytes when that is not -1. ENOSPC, EROFS."""
        if self.upper is not None:
            return self.upper
        overlay = self.overlay
        real = self.real
        several = real.metadata().nlink > 1 and not self.removed
        above = self.above() if self.above is not None else None
        if above is None and not several and not self.removed:
            raise Errno(ESTALE, "the file was removed from its layer")
        directory = above.copy_up() if above is not None and not several and not self.removed else overlay.index()
        name = make_copy(overlay, real, -1 if several else size)
        copy = overlay.work().lookup(name)
        if self.removed:
            overlay.discard(name)
        elif several:
            self.set_links(copy, real.metadata().nlink)
            put_quietly(overlay, name, directory, origin_of(real))
        elif above is not None:
            put_quietly(overlay, name, directory, self.name)
            above.accept()
        self.become(copy)
        return copy

    def become(self, copy: Inode) -> None:
        """Show the copy from now on."""
        self.upper = copy
        self.real = copy
        self.overlay.known[copy] = weakref.ref(self)
        self.refresh()
        if self.mappings > 0:
            forget_punched_pages(self, 0, LAST_PAGE)

    # Names

    def settle(self, above: "MergedDirectory", name: bytes) -> None:
        """This is a name of the file now, and where it is."""
        self.above = weakref.ref(above)
        self.name = name

    def set_links(self, copy: Inode, links: int) -> None:
        """Count the names of a file that is in the index."""
        copy.set_attribute(LINKS, str(links).encode())
        self.links = links

    def prepare_loss(self) -> None:
        """Before a name goes: a file with several names below is copied up, because only a copy can count them. ENOSPC."""
        if self.upper is None and self.type != InodeType.DIRECTORY and self.real.metadata().nlink > 1:
            self.copy_up()

    def lost_name(self) -> None:
        """A name has gone."""
        if self.upper is None:
            self.removed = True
            self.links = 0
        elif self.links > 0:
            self.set_links(self.upper, self.links - 1)
            origin = self.upper.attribute(ORIGIN)
            if self.links == 0 and origin is not None:
                self.overlay.index().unlink(origin)

    def gained_name(self) -> None:
        """There is one more name."""
        if self.links > 0 and self.upper is not None:
            self.set_links(self.upper, self.links + 1)


def put_quietly(overlay: Overlay, name: bytes, directory: Inode, target: bytes) -> None:
    """Put a copy in its place without moving the times of the directory, which programs see as unchanged."""
    facts = directory.metadata()
    overlay.put(name, directory, target)
    directory.change_times(facts.atime_ns, facts.mtime_ns)
