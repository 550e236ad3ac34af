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
from vfs.ext import entries
from vfs.ext.blocks import Block
from vfs.ext.fields import get32, put32
from vfs.ext.file import ExtFile
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.hashtree import HashTree
from vfs.ext.inode import ExtInode, grow_links, put_device, shrink_links
from vfs.ext.layout import NAME_LENGTH, ROOT_INODE, Compat, Incompat, InodeFlags
from vfs.ext.listing import Listing
from vfs.ext.maps import begin_map, map_of
from vfs.ext.names import Names
from vfs.ext.record import TYPE_SHIFT, Record
from vfs.ext.symlink import ExtSymlink, store_text

REMEMBERED: Final = 512
"""Names that a directory remembers, and inodes that the root keeps."""
NOTHING: Final = 0
"""A remembered name that means nothing."""
WHITEOUT_MODE: Final = 0


class ExtDirectory(ExtInode):
    """A directory."""

    def __init__(self, filesystem: ExtFileSystem, record: Record) -> None:
        super().__init__(filesystem, record, InodeType.DIRECTORY)
        self._names = Names(filesystem.volume, record, map_of(filesystem.volume, record))
        self._tree = HashTree(self._names)
        self._listing = Listing(self._names, self._tree)
        self._remembered: dict[bytes, int] = {}
        self._change_count = filesystem.next_change()
        self._room_hint = 0
        """No block before this one has room, as far as is known."""
        self.recent: dict[int, ExtInode] = {}
        """Of the root: inodes that were used last."""

    # Finding names; the caller holds the mutex

    def _find(self, name: bytes) -> int:
        """The inode of a name, NOTHING when there is none."""
        remembered = self._remembered.get(name, -1)
        if remembered >= 0:
            return remembered
        number = NOTHING
        found = self._locate(name)
        if found is not None:
            number = get32(found[0].data, found[1])
        self._remember(name, number)
        return number

    def _remember(self, name: bytes, number: int) -> None:
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered[name] = number

    def _locate(self, name: bytes) -> tuple[Block, int] | None:
        """The block and the place of a name."""
        names = self._names
        if names.is_indexed() and name != b"." and name != b"..":
            return self._tree.find(name)
        for index in range(names.blocks()):
            block = names.block(index)
            if names.is_indexed() and entries.index_at(block.data, first=index == 0) == entries.NODE_COUNT:
                continue
            at = entries.find(block.data, names.end if index > 0 or not names.is_indexed() else 2 * entries.DOT_SIZE, name)
            if at != entries.ABSENT:
                return block, at
        return None

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

    def _is_empty(self) -> bool:
        names = self._names
        for index in range(names.blocks()):
            data = names.block(index).data
            if names.is_indexed() and entries.index_at(data, first=index == 0) != entries.ABSENT:
                continue
            at = 0
            while at < names.end:
                length = entries.length_at(data, at, names.end)
                if get32(data, at) != 0 and entries.name_at(data, at) not in (b".", b".."):
                    return False
                at += length
        return True

    # Changing names, within the caller's operation

    def _put(self, name: bytes, number: int, type: InodeType) -> None:
        """A new name."""
        self.begin_change()
        file_type = entries.type_for(type) if self.ext.volume.geometry.needs(Incompat.FILETYPE) else 0
        if self._names.is_indexed():
            self._tree.add(name, number, file_type)
        else:
            self._put_in_order(name, number, file_type)
        self._changed(name)

    def _put_in_order(self, name: bytes, number: int, file_type: int) -> None:
        names = self._names
        blocks = self.ext.volume.blocks
        self.record.flags &= 0xFFFFFFFF ^ int(InodeFlags.INDEX)
        needed = entries.space(len(name))
        for index in range(min(self._room_hint, names.blocks()), names.blocks()):
            block = names.block(index)
            at = entries.find_space(block.data, names.end, needed)
            if at != entries.ABSENT:
                entries.put(blocks.change(block), at, name, number, file_type)
                self._room_hint = index
                return
        if names.blocks() == 1 and self.ext.volume.geometry.has(Compat.DIR_INDEX):
            self._tree.begin(int(self.ext.volume.geometry.on_disk.s_def_hash_version))
            self.record.flags |= int(InodeFlags.INDEX)
            self._tree.add(name, number, file_type)
            return
        entries.put(names.append_block(names.blocks()).data, 0, name, number, file_type)

    def _point(self, name: bytes, number: int, type: InodeType) -> None:
        """Let a name that is there mean another file."""
        self.begin_change()
        block, at = self._place_of(name)
        data = self.ext.volume.blocks.change(block)
        put32(data, at, number)
        if self.ext.volume.geometry.needs(Incompat.FILETYPE):
            data[at + 7] = entries.type_for(type)
        self._changed(name)

    def _remove(self, name: bytes) -> None:
        """Take a name away."""
        self.begin_change()
        block, at = self._place_of(name)
        entries.remove(self.ext.volume.blocks.change(block), self._names.end, at)
        self._room_hint = 0
        self._changed(name)

    def _place_of(self, name: bytes) -> tuple[Block, int]:
        found = self._locate(name)
        if found is None:
            raise Errno(EIO, "a name that was remembered is gone")
        return found

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
            return inode_of(self.ext, self.parent_number())

    def parent_number(self) -> int:
        """The inode that ".." names. EIO when there is none. The caller holds the mutex."""
        data = self._names.block(0).data
        if entries.name_at(data, entries.DOT_SIZE) != b"..":
            raise Errno(EIO, "a directory without ..")
        return get32(data, entries.DOT_SIZE)

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
        if not child.nameless:
            return
        root = self.ext.root()
        if isinstance(root, ExtDirectory) and child.number in root.recent:
            root.recent.pop(child.number)

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
        self.parent_number()
        put32(self.ext.volume.blocks.change(self._names.block(0)), entries.DOT_SIZE, number)
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
    root = filesystem.top() if filesystem.top is not None else None
    if isinstance(root, ExtDirectory):
        if len(root.recent) >= REMEMBERED:
            for old in list(root.recent)[: REMEMBERED // 2]:
                root.recent.pop(old)
        root.recent[number] = inode
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
    if not child._is_empty():
        raise Errno(ENOTEMPTY)


def _require_replaceable(file: ExtInode, victim: ExtInode) -> None:
    """A directory replaces only an empty directory, anything else only what is no directory. (rename(2))"""
    if isinstance(victim, ExtDirectory):
        if file.type != InodeType.DIRECTORY:
            raise Errno(EISDIR)
        if not victim._is_empty():
            raise Errno(ENOTEMPTY)
    elif file.type == InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
