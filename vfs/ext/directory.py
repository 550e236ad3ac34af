"""Directories: names in blocks, found one after the other or through a hash tree, and in a small memory of those that were looked for last.

Sources: rename(2), link(2), unlink(2), rmdir(2) for the errors; entries.py and hashtree.py for the format.
"""

import weakref
from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.kernel import clock
from scarlet.lang.errno import (
    EEXIST,
    EINVAL,
    EIO,
    EISDIR,
    ENAMETOOLONG,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    EPERM,
    EXDEV,
    Errno,
)  # fmt: skip
from vfs.ancestors import DEEPEST
from vfs.ext import entries
from vfs.ext.file import ExtFile
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.hashtree import HashTree
from vfs.ext.inode import ExtInode, grow_links, put_device, shrink_links
from vfs.ext.layout import NAME_LENGTH, ROOT_INODE, Incompat
from vfs.ext.listing import Listing
from vfs.ext.maps import begin_map, map_of
from vfs.ext.names import Names
from vfs.ext.nametable import NOTHING, NameTable
from vfs.ext.record import TYPE_SHIFT, Record
from vfs.ext.symlink import ExtSymlink, store_text

REMEMBERED: Final = 512
"""Names that a directory remembers."""
WHITEOUT_MODE: Final = 0


class ExtDirectory(ExtInode):
    """A directory."""

    def __init__(self, filesystem: ExtFileSystem, record: Record) -> None:
        super().__init__(filesystem, record, InodeType.DIRECTORY)
        names = Names(filesystem.volume, record, map_of(filesystem.volume, record))
        tree = HashTree(names)
        self._table = NameTable(names, tree)
        self._listing = Listing(names, tree)
        self._remembered: dict[bytes, int] = {}
        self._change_count = filesystem.next_change()

    # Names. The caller holds the mutex, and is in an operation where something changes.

    def _find(self, name: bytes) -> int:
        """The inode of a name, NOTHING when there is none."""
        remembered = self._remembered.get(name, -1)
        if remembered >= 0:
            return remembered
        number = self._table.find(name)
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered[name] = number
        return number

    def _require(self, name: bytes) -> int:
        number = self._find(name)
        if number == NOTHING:
            raise Errno(ENOENT)
        return number

    def _require_new(self, name: bytes) -> None:
        if len(name) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG)
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        if self._find(name) != NOTHING:
            raise Errno(EEXIST)

    def _put(self, name: bytes, number: int, type: InodeType) -> None:
        self.begin_change()
        self._table.put(name, number, type)
        self._changed(name)

    def _point(self, name: bytes, number: int, type: InodeType) -> None:
        self.begin_change()
        self._table.point(name, number, type)
        self._changed(name)

    def _remove(self, name: bytes) -> None:
        self.begin_change()
        self._table.remove(name)
        self._changed(name)

    def _changed(self, name: bytes) -> None:
        """What a name meant is over. Forgotten now, and looked for again when somebody asks: so a failure later needs no repair."""
        if name in self._remembered:
            self._remembered.pop(name)
        self._change_count = self.ext.next_change()
        self.touch()

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
            number = self._find(name)
            return inode_of(self.ext, number) if number != NOTHING else None

    def changes(self) -> int:
        return self._change_count

    def parent(self) -> Inode:
        if self.number == ROOT_INODE:
            return self
        with self.ext.volume.mutex:
            return inode_of(self.ext, self._table.parent())

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

    # Listing

    def list(self, cursor: int) -> list[DirectoryEntry]:
        with self.ext.volume.mutex:
            return self._listing.after(cursor)

    # Making

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> Inode:
        self.require_changeable()
        if type == InodeType.SYMLINK or type == InodeType.UNKNOWN:
            raise Errno(EINVAL, "not a type that can be made this way")
        fs = self.ext
        fs.volume.require_room(1)
        with fs.operation():
            self._require_new(name)
            record = self._new_record(type, mode, owner)
            if type == InodeType.DIRECTORY:
                self._begin_directory(record)
            elif type == InodeType.REGULAR:
                begin_map(fs.volume, record)
            elif type == InodeType.CHARACTER or type == InodeType.BLOCK:
                put_device(record, rdev)
            self._put(name, record.number, type)
        return self._made(record)

    def _new_record(self, type: InodeType, mode: int, owner: Owner) -> Record:
        record = self.ext.volume.table.take(self.number, directory=type == InodeType.DIRECTORY)
        record.type_and_mode = int(type) << TYPE_SHIFT | mode
        record.uid = owner.uid
        record.gid = owner.gid
        record.links = 1
        return record

    def _begin_directory(self, record: Record) -> None:
        """The first block, with "." and ".."."""
        fs = self.ext
        self.begin_change()
        grow_links(self.record, fs)
        record.links = 2
        names = Names(fs.volume, record, begin_map(fs.volume, record))
        data = names.append_block(0).data
        file_type = entries.type_for(InodeType.DIRECTORY) if fs.volume.geometry.needs(Incompat.FILETYPE) else 0
        entries.write(data, 0, entries.DOT_SIZE, b".", record.number, file_type)
        entries.write(data, entries.DOT_SIZE, names.end - entries.DOT_SIZE, b"..", self.number, file_type)

    def _made(self, record: Record) -> Inode:
        with self.ext.volume.mutex:
            return inode_of(self.ext, record.number)

    def create_unnamed(self, mode: int, owner: Owner, *, linkable: bool) -> Inode:
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        with self.ext.operation():
            record = self._new_record(InodeType.REGULAR, mode, owner)
            begin_map(self.ext.volume, record)
            record.links = 0
            self.ext.orphans.add(record)
            file = ExtFile(self.ext, record)
        file.linkable = linkable
        return file

    def symlink(self, name: bytes, target: bytes, owner: Owner) -> Inode:
        self.require_changeable()
        if len(target) >= self.ext.volume.geometry.block_size:
            raise Errno(ENAMETOOLONG, "a symbolic link's text is at most a block")
        self.ext.volume.require_room(1)
        with self.ext.operation():
            self._require_new(name)
            record = self._new_record(InodeType.SYMLINK, 0o777, owner)
            store_text(self.ext, record, target)
            self._put(name, record.number, InodeType.SYMLINK)
        return self._made(record)

    def link(self, name: bytes, inode: Inode) -> None:
        self.require_changeable()
        with self.ext.operation():
            self._require_new(name)
            if not isinstance(inode, ExtInode) or inode.ext is not self.ext:
                raise Errno(EXDEV)
            if inode.type == InodeType.DIRECTORY:
                raise Errno(EPERM, "directories have one name")
            if inode.nameless and not inode.linkable:
                raise Errno(ENOENT, "the file lost its last name")
            inode.add_name()
            self._put(name, inode.number, inode.type)

    # Removing

    def unlink(self, name: bytes) -> None:
        self.require_changeable()
        with self.ext.operation():
            child = self._child(name)
            if child.type == InodeType.DIRECTORY:
                raise Errno(EISDIR)
            child.require_changeable()
            self._remove(name)
            child.drop_name()
        self._let_go(child)

    def rmdir(self, name: bytes) -> None:
        self.require_changeable()
        with self.ext.operation():
            child = self._child(name)
            _require_empty(child)
            self._remove(name)
            self._lose_directory(child)
        self._let_go(child)

    def _lose_directory(self, child: ExtInode) -> None:
        """An empty directory has lost its name, and this one a directory."""
        shrink_links(self.record)
        child.begin_change()
        child.record.links = 0
        child.record.ctime_ns = clock.realtime_ns()
        self.ext.orphans.add(child.record)

    def _child(self, name: bytes) -> ExtInode:
        return inode_of(self.ext, self._require(name))

    def _let_go(self, child: ExtInode) -> None:
        """What lost its last name is not kept for the next path."""
        if child.nameless:
            self.ext.recent.discard(child.number)

    # Renaming

    def rename(self, name: bytes, target_directory: Inode, target_name: bytes, flags: RenameFlags) -> None:
        """As rename(2) demands of a file system; that no directory moves below itself is checked before."""
        self.require_changeable()
        if not isinstance(target_directory, ExtDirectory) or target_directory.ext is not self.ext:
            raise Errno(EXDEV)
        if len(target_name) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG)
        target_directory.require_changeable()
        self.ext.volume.require_room(2)
        victim: ExtInode | None = None
        with self.ext.operation():
            file = self._child(name)
            self._require_no_loop(file, target_directory)
            if target_directory.nameless:
                raise Errno(ENOENT, "the directory was removed")
            number = target_directory._find(target_name)
            if flags & RenameFlags.EXCHANGE:
                self._exchange(name, file, target_directory, target_name, number)
                return
            if number != NOTHING:
                if flags & RenameFlags.NOREPLACE:
                    raise Errno(EEXIST)
                victim = inode_of(self.ext, number)
                if victim is file:
                    return
                _require_replaceable(file, victim)
                target_directory._replace(target_name, file, victim)
            else:
                target_directory._put(target_name, file.number, file.type)
            self._hand_over(file, target_directory)
            if flags & RenameFlags.WHITEOUT:
                self._put_whiteout(name)
            else:
                self._remove(name)
        if victim is not None:
            self._let_go(victim)

    def _require_no_loop(self, file: ExtInode, target: "ExtDirectory") -> None:
        """EINVAL when a directory would move below itself. It was checked before, but not while nobody else could move anything."""
        if not isinstance(file, ExtDirectory) or target is self:
            return
        number = target.number
        for _level in range(DEEPEST):
            if number == file.number:
                raise Errno(EINVAL, "a directory cannot be moved below itself")
            above = inode_of(self.ext, number)
            if number == ROOT_INODE or not isinstance(above, ExtDirectory):
                return
            number = above._table.parent()
        raise Errno(EIO, "a directory that is above itself")

    def _replace(self, name: bytes, file: ExtInode, victim: ExtInode) -> None:
        """A name changes its file; the old one loses it."""
        self._point(name, file.number, file.type)
        if victim.type == InodeType.DIRECTORY:
            self._lose_directory(victim)
        else:
            victim.drop_name()

    def _put_whiteout(self, name: bytes) -> None:
        """Leave a device (0, 0) behind. (renameat2(2), RENAME_WHITEOUT)"""
        record = self._new_record(InodeType.CHARACTER, WHITEOUT_MODE, Owner(0, 0))
        self._point(name, record.number, InodeType.CHARACTER)

    def _exchange(self, name: bytes, file: ExtInode, target: "ExtDirectory", target_name: bytes, number: int) -> None:
        """Let two names change their files."""
        if number == NOTHING:
            raise Errno(ENOENT)
        other = inode_of(self.ext, number)
        if other is file:
            return
        target._require_no_loop(other, self)
        self._point(name, other.number, other.type)
        target._point(target_name, file.number, file.type)
        self._hand_over(file, target)
        target._hand_over(other, self)

    def _hand_over(self, file: ExtInode, new_parent: "ExtDirectory") -> None:
        """The file has another name; a directory perhaps another parent, which its ".." says and which counts it."""
        file.begin_change()
        file.record.ctime_ns = clock.realtime_ns()
        if isinstance(file, ExtDirectory) and new_parent is not self:
            file._set_parent(new_parent.number)
            self.begin_change()
            shrink_links(self.record)
            new_parent.begin_change()
            grow_links(new_parent.record, self.ext)

    def _set_parent(self, number: int) -> None:
        self._table.set_parent(number)
        self._changed(b"..")

    def sync(self, *, data_only: bool) -> None:
        if not self.ext.read_only:
            self.ext.volume.commit()


def inode_of(filesystem: ExtFileSystem, number: int) -> ExtInode:
    """The object of an inode, made when it is not in use yet. EIO for a number that names no file. The caller holds the mutex."""
    known = filesystem.known(number)
    if known is not None:
        return known
    if number < filesystem.volume.geometry.first_inode and number != ROOT_INODE:
        raise Errno(EIO, "a name for a reserved inode")
    record = filesystem.volume.table.load(number)
    if record.links == 0:
        raise Errno(EIO, "a name for an inode that is free")
    inode = _make(filesystem, record)
    filesystem.recent.add(inode, filesystem)
    return inode


def _make(filesystem: ExtFileSystem, record: Record) -> ExtInode:
    match record.type:
        case 4:
            return ExtDirectory(filesystem, record)
        case 8:
            return ExtFile(filesystem, record)
        case 10:
            return ExtSymlink(filesystem, record)
        case 1:
            return ExtInode(filesystem, record, InodeType.FIFO)
        case 2:
            return ExtInode(filesystem, record, InodeType.CHARACTER)
        case 6:
            return ExtInode(filesystem, record, InodeType.BLOCK)
        case 12:
            return ExtInode(filesystem, record, InodeType.SOCKET)
        case _:
            raise Errno(EIO, "an inode of an unknown type")


def begin_root(filesystem: ExtFileSystem) -> ExtDirectory:
    """The root of a file system that is being mounted; it lives as long as somebody holds it. EIO when it is no directory."""
    with filesystem.volume.mutex:
        root = inode_of(filesystem, ROOT_INODE)
    if not isinstance(root, ExtDirectory):
        raise Errno(EIO, "the root is not a directory")
    filesystem.top = weakref.ref(root)
    return root


def _require_empty(child: ExtInode) -> None:
    if not isinstance(child, ExtDirectory):
        raise Errno(ENOTDIR)
    if not child._table.is_empty():
        raise Errno(ENOTEMPTY)


def _require_replaceable(file: ExtInode, victim: ExtInode) -> None:
    """A directory replaces only an empty directory, anything else only what is no directory. (rename(2))"""
    if isinstance(victim, ExtDirectory):
        if file.type != InodeType.DIRECTORY:
            raise Errno(EISDIR)
        if not victim._table.is_empty():
            raise Errno(ENOTEMPTY)
    elif file.type == InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
