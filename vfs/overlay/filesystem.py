"""One overlay: its layers, its work directory, and which of its files are in use.

Every real file is shown by at most one overlay file at a time, however many names it has (`known`), because locks, mappings, mounts and
the counters of ETXTBSY belong to the file that programs see. The files hold the overlay, the overlay holds none of them.

The work directory lies in the file system of the upper layer. In "work", whatever takes several steps is prepared, to be put in its place
with one rename; "index" holds the copies of lower files that have several names, each under its origin, so that a change made through
one name is seen through all.

Invariants: layers never change through the overlay, the upper one excepted; without one the overlay is read-only. What others change in the
layers meanwhile is noticed at the next lookup (Inode.changes).

Source: Linux, Documentation/filesystems/overlayfs.rst.
"""

import weakref
from typing import TYPE_CHECKING, Final

from objects.inode import FileSystem, FileSystemStatistics, Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.lang.errno import EROFS, Errno

if TYPE_CHECKING:
    from vfs.overlay.inode import OverlayInode

OVERLAYFS_MAGIC: Final = 0x794C7630
ROOT: Final = Owner(0, 0)
WORK_MODE: Final = 0o700


class Overlay(FileSystem):
    """`layers` are the tops of the layers, the uppermost first; `writable` says whether that one takes the changes."""

    def __init__(self, device: int, layers: list[Inode], work: Inode | None, described: bytes) -> None:
        """`work` is the work directory, None for an overlay that is only read; `described` the options that say how it was made."""
        super().__init__(b"overlay", device, read_only=work is None, counts_changes=True)
        self.layers = layers
        self.writable = work is not None
        self.described = described
        self.filesystems: list[FileSystem] = []
        for layer in layers:
            if layer.filesystem not in self.filesystems:
                self.filesystems.append(layer.filesystem)
        self.known: dict[Inode, weakref.ref[OverlayInode]] = {}
        self.last_temporary = 0
        self._work: Inode | None = None
        self._index: Inode | None = None
        if work is not None:
            self._work = _subdirectory(work, b"work")
            self._index = _subdirectory(work, b"index")
            _empty(self._work)

    def options(self) -> bytes:
        return self.described

    def statistics(self) -> FileSystemStatistics:
        """Those of the file system that takes the changes."""
        totals = self.layers[0].filesystem.statistics()
        totals.type = OVERLAYFS_MAGIC
        totals.identity = self.device
        return totals

    def sync(self) -> None:
        self.layers[0].filesystem.sync()

    # Files

    def number(self, real: Inode) -> int:
        """The inode number of a file that comes from a layer: its own, made distinct where layers lie in several file systems."""
        return self.number_in(real.filesystem, real.number)

    def number_in(self, filesystem: FileSystem, number: int) -> int:
        """The same for a file that is known by its number only."""
        return number * len(self.filesystems) + self.filesystems.index(filesystem)

    def number_of_origin(self, origin: bytes) -> int:
        """The number of the file that a copy was made from; -1 when it does not come from these layers."""
        colon = origin.find(b":")
        for filesystem in self.filesystems:
            if origin[:colon] == str(filesystem.device).encode():
                return self.number_in(filesystem, int(origin[colon + 1 :]))
        return -1

    def showing(self, real: Inode) -> "OverlayInode | None":
        """The overlay file that shows a real one, if one is in use."""
        reference = self.known.get(real)
        return reference() if reference is not None else None

    # Work

    def uses_for_work(self, directory: Inode) -> bool:
        """Is this the work directory?"""
        return self._work is not None and self._work.parent() is directory

    def work(self) -> Inode:
        """The directory in which things are prepared. EROFS."""
        if self._work is None:
            raise Errno(EROFS, "an overlay without an upper layer")
        return self._work

    def index(self) -> Inode:
        """The copies of files with several names, by origin. EROFS."""
        if self._index is None:
            raise Errno(EROFS, "an overlay without an upper layer")
        return self._index

    def temporary_name(self) -> bytes:
        """A name in work() that nothing has."""
        self.last_temporary += 1
        return f"#{self.last_temporary}".encode()

    def make_whiteout(self) -> bytes:
        """Make a whiteout in work(); its name there. ENOSPC."""
        name = self.temporary_name()
        self.work().create(name, InodeType.CHARACTER, 0, ROOT, 0)
        return name

    def discard(self, name: bytes) -> None:
        """Remove from work() what became of something: a file, or a directory with nothing but whiteouts in it."""
        work = self.work()
        child = work.lookup(name)
        if child.type == InodeType.DIRECTORY:
            _empty(child)
            work.rmdir(name)
        else:
            work.unlink(name)

    def put(self, name: bytes, directory: Inode, target: bytes) -> None:
        """Move a file from work() to a name of an upper directory, in place of a file there. When that fails it is discarded."""
        self._rename(name, directory, target, RenameFlags.NONE)

    def swap(self, name: bytes, directory: Inode, target: bytes) -> None:
        """Exchange a file in work() with one of an upper directory; what was there is discarded, or the new one when that fails."""
        self._rename(name, directory, target, RenameFlags.EXCHANGE)
        self.discard(name)

    def _rename(self, name: bytes, directory: Inode, target: bytes, flags: RenameFlags) -> None:
        try:
            self.work().rename(name, directory, target, flags)
        except (Errno, MemoryError):
            self.discard(name)
            raise


def _subdirectory(directory: Inode, name: bytes) -> Inode:
    there = directory.find(name)
    return there if there is not None else directory.create(name, InodeType.DIRECTORY, WORK_MODE, ROOT)


def names_in(directory: Inode) -> list[bytes]:
    """Every name in a real directory."""
    names: list[bytes] = []
    batch = directory.list(0)
    while len(batch) > 0:
        for entry in batch:
            names.append(entry.name)
        batch = directory.list(batch[-1].cursor)
    return names


def _empty(directory: Inode) -> None:
    """Remove everything from a directory of the upper layer."""
    for name in names_in(directory):
        child = directory.lookup(name)
        if child.type == InodeType.DIRECTORY:
            _empty(child)
            directory.rmdir(name)
        else:
            directory.unlink(name)
