"""A directory. Its records are read when it is first looked into, and kept in mind as long as the object lives.

A place in the listing is the number of an entry, counted from one.
"""

import weakref
from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from scarlet.lang.errno import EIO, ENOENT, Errno
from vfs.iso9660.entry import Entry, root_of
from vfs.iso9660.file import IsoFile
from vfs.iso9660.filesystem import IsoFileSystem
from vfs.iso9660.inode import IsoInode, RefusedFile
from vfs.iso9660.listing import entries_of
from vfs.iso9660.names import folded

BATCH: Final = 128


class IsoDirectory(IsoInode):
    """A directory."""

    def __init__(self, filesystem: IsoFileSystem, entry: Entry, above: IsoInode | None) -> None:
        super().__init__(filesystem, entry, above)
        self._entries: list[Entry] = []
        self._by_name: dict[bytes, Entry] | None = None
        """By the folded name."""

    def _known(self) -> dict[bytes, Entry]:
        """Its names; of two equal ones the first counts. The caller holds the mutex. EIO."""
        known = self._by_name
        if known is None:
            self.require_readable()
            known = {}
            entries: list[Entry] = []
            for entry in entries_of(self.iso.volume, self.entry.start, self.entry.size):
                key = self._key(entry.name)
                if key not in known:
                    known[key] = entry
                    entries.append(entry)
            self._entries = entries
            self._by_name = known
        return known

    def _key(self, name: bytes) -> bytes:
        return folded(name, joliet=self.iso.volume.joliet, relaxed=self.iso.settings.relaxed)

    def lookup(self, name: bytes) -> Inode:
        inode = self.find(name)
        if inode is None:
            raise Errno(ENOENT)
        return inode

    def find(self, name: bytes) -> Inode | None:
        with self.iso.mutex:
            entry = self._known().get(self._key(name))
            return self._inode(entry) if entry is not None else None

    def _inode(self, entry: Entry) -> IsoInode:
        """The object of a file, made when it is not in use yet. EIO when the file is damaged."""
        inode = entry.inode() if entry.inode is not None else None
        if inode is None:
            entry.settle(self.iso.volume.skipped)
            inode = self._make(entry)
            self.iso.recent.add(inode, self.iso)
        return inode

    def _make(self, entry: Entry) -> IsoInode:
        if entry.attributes.type == InodeType.DIRECTORY:
            self._require_no_loop(entry)
            return IsoDirectory(self.iso, entry, self)
        if entry.attributes.type != InodeType.REGULAR:
            return IsoInode(self.iso, entry, self)
        if entry.attributes.refusal != "":
            return RefusedFile(self.iso, entry, self)
        return IsoFile(self.iso, entry, self)

    def _require_no_loop(self, entry: Entry) -> None:
        """A damaged disc may have a directory below itself, and a tree without end. EIO."""
        above: IsoInode | None = self
        while above is not None:
            if above.number == entry.number:
                raise Errno(EIO, "a directory below itself")
            above = above.above

    def changes(self) -> int:
        return 0

    def parent(self) -> Inode:
        return self.above if self.above is not None else self

    def name_of(self, child: Inode) -> bytes:
        if not isinstance(child, IsoInode) or child.above is not self:
            raise Errno(ENOENT)
        return child.entry.name

    def list(self, cursor: int) -> list[DirectoryEntry]:
        with self.iso.mutex:
            self._known()
            batch: list[DirectoryEntry] = []
            for index in range(cursor, min(cursor + BATCH, len(self._entries))):
                entry = self._entries[index]
                batch.append(DirectoryEntry(entry.name, entry.number, entry.attributes.type, index + 1))
            return batch


def begin_root(filesystem: IsoFileSystem) -> IsoDirectory:
    """The root of a file system that is being mounted; it lives as long as somebody holds it. EIO when it is no directory."""
    with filesystem.mutex:
        root = IsoDirectory(filesystem, root_of(filesystem.volume, filesystem.root_skipped), None)
    filesystem.top = weakref.ref(root)
    return root
