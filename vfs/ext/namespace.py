"""A directory as a space of names: what each means, found in blocks or a hash tree, and in a memory of those that were looked for last.

What makes and removes files is in directory.py, what moves their names in renaming.py.
"""

from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Owner
from scarlet.kernel import clock
from scarlet.lang.errno import EEXIST, ENAMETOOLONG, ENOENT, Errno
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.hashtree import HashTree
from vfs.ext.inode import ExtInode, shrink_links
from vfs.ext.layout import NAME_LENGTH, ROOT_INODE
from vfs.ext.listing import Listing
from vfs.ext.maps import map_of
from vfs.ext.names import Names
from vfs.ext.nametable import NOTHING, NameTable
from vfs.ext.record import TYPE_SHIFT, Record

REMEMBERED: Final = 4096
"""Names that a directory remembers."""


class NameSpace(ExtInode):
    """The names of one directory."""

    def __init__(self, filesystem: ExtFileSystem, record: Record) -> None:
        super().__init__(filesystem, record, InodeType.DIRECTORY)
        names = Names(filesystem.volume, record, map_of(filesystem.volume, record))
        tree = HashTree(names)
        self._table = NameTable(names, tree)
        self._listing = Listing(names, tree)
        self._remembered: dict[bytes, int] = {}
        self._change_count = filesystem.next_change()

    # Looking

    def lookup(self, name: bytes) -> Inode:
        inode = self.find(name)
        if inode is None:
            raise Errno(ENOENT)
        return inode

    def find(self, name: bytes) -> Inode | None:
        if len(name) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG)
        remembered = self._remembered.get(name, -1)
        if remembered == NOTHING:
            return None
        if remembered > 0:
            known = self.ext.known(remembered)
            if known is not None:
                return known
        with self.ext.volume.mutex:
            number = self.number_of(name)
            return self.ext.inode(number) if number != NOTHING else None

    def changes(self) -> int:
        return self._change_count

    def parent(self) -> Inode:
        if self.number == ROOT_INODE:
            return self
        with self.ext.volume.mutex:
            return self.ext.inode(self._table.parent())

    def name_of(self, child: Inode) -> bytes:
        if child.filesystem is self.ext:
            cursor = 0
            while True:
                batch = self.list(cursor)
                if len(batch) == 0:
                    break
                for entry in batch:
                    if entry.inode_number == child.number:
                        return entry.name
                cursor = batch[-1].cursor
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        with self.ext.volume.mutex:
            return self._listing.after(cursor)

    # What the names mean. From here on the caller holds the mutex, and is in an operation where something changes.

    def number_of(self, name: bytes) -> int:
        """The inode of a name, NOTHING when there is none."""
        remembered = self._remembered.get(name, -1)
        if remembered >= 0:
            return remembered
        number = self._table.find(name)
        self.remember(name, number)
        return number

    def remember(self, name: bytes, number: int) -> None:
        """What a name means, for who looks for it next; not in an operation that may still fail."""
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        try:
            self._remembered[name] = number
        except MemoryError:  # it was only a favour
            self._remembered.clear()

    def parent_number(self) -> int:
        """The inode of the directory above."""
        return self._table.parent()

    def child(self, name: bytes) -> ExtInode:
        """The file of a name. ENOENT."""
        number = self.number_of(name)
        if number == NOTHING:
            raise Errno(ENOENT)
        return self.ext.inode(number)

    def require_new(self, name: bytes) -> None:
        """ENAMETOOLONG, EEXIST; ENOENT for a directory that gets no names any more."""
        if len(name) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG)
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        if self.number_of(name) != NOTHING:
            raise Errno(EEXIST)

    def is_empty(self) -> bool:
        return self._table.is_empty()

    # Changing what they mean

    def put(self, name: bytes, number: int, type: InodeType) -> None:
        """A name that is not there yet. ENOSPC."""
        self.begin_change()
        self._table.put(name, number, type)
        self._changed(name)

    def point(self, name: bytes, number: int, type: InodeType) -> None:
        """Let a name that is there mean another file."""
        self.begin_change()
        self._table.point(name, number, type)
        self._changed(name)

    def remove(self, name: bytes) -> None:
        """Take a name away."""
        self.begin_change()
        self._table.remove(name)
        self._changed(name)

    def set_parent(self, number: int) -> None:
        """Let ".." name another directory."""
        self._table.set_parent(number)
        self._changed(b"..")

    def _changed(self, name: bytes) -> None:
        """What a name meant is over. Forgotten now, and looked for again when somebody asks: so a failure later needs no repair."""
        if name in self._remembered:
            self._remembered.pop(name)
        self._change_count = self.ext.next_change()
        self.touch()

    # Files that come and go

    def new_record(self, type: InodeType, mode: int, owner: Owner) -> Record:
        """The inode of a file that is to get a name here. ENOSPC."""
        record = self.ext.volume.table.take(self.number, directory=type == InodeType.DIRECTORY)
        record.type_and_mode = int(type) << TYPE_SHIFT | mode
        record.uid = owner.uid
        record.gid = owner.gid
        record.links = 1
        return record

    def lose_directory(self, child: ExtInode) -> None:
        """An empty directory has lost its name, and this one a directory."""
        shrink_links(self.record)
        child.begin_change()
        child.record.links = 0
        child.record.ctime_ns = clock.realtime_ns()
        self.ext.orphans.add(child.record)
