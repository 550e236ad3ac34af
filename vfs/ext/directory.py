"""Directories: making and removing files, and the objects of all inodes.

Sources: rename(2), link(2), unlink(2), rmdir(2) for the errors; namespace.py for the names.
"""

import weakref

from objects.inode import Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.lang.errno import EINVAL, EIO, EISDIR, ENAMETOOLONG, ENOENT, EPERM, EXDEV, Errno
from vfs.ext import entries, renaming
from vfs.ext.file import ExtFile
from vfs.ext.filesystem import ExtFileSystem, InodeMaker
from vfs.ext.inode import ExtInode, grow_links, put_device
from vfs.ext.layout import NAME_LENGTH, ROOT_INODE, Incompat
from vfs.ext.maps import begin_map
from vfs.ext.names import Names
from vfs.ext.namespace import NameSpace
from vfs.ext.record import Record
from vfs.ext.symlink import ExtSymlink, store_text
from vfs.replacing import require_empty


class ExtDirectory(NameSpace):
    """A directory."""

    # Making

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> Inode:
        self.require_changeable()
        if type == InodeType.SYMLINK or type == InodeType.UNKNOWN:
            raise Errno(EINVAL, "not a type that can be made this way")
        fs = self.ext
        fs.volume.require_room(1)
        with fs.operation():
            self.require_new(name)
            record = self.new_record(type, mode, owner)
            if type == InodeType.DIRECTORY:
                self._begin_directory(record)
            elif type == InodeType.REGULAR:
                begin_map(fs.volume, record)
            elif type == InodeType.CHARACTER or type == InodeType.BLOCK:
                put_device(record, rdev)
            self.put(name, record.number, type)
            made = fs.object_of(record)
        self.remember(name, record.number)
        return made

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

    def create_unnamed(self, mode: int, owner: Owner, *, linkable: bool) -> Inode:
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        with self.ext.operation():
            record = self.new_record(InodeType.REGULAR, mode, owner)
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
            self.require_new(name)
            record = self.new_record(InodeType.SYMLINK, 0o777, owner)
            store_text(self.ext, record, target)
            self.put(name, record.number, InodeType.SYMLINK)
            made = self.ext.object_of(record)
        self.remember(name, record.number)
        return made

    def link(self, name: bytes, inode: Inode) -> None:
        self.require_changeable()
        with self.ext.operation():
            self.require_new(name)
            if not isinstance(inode, ExtInode) or inode.ext is not self.ext:
                raise Errno(EXDEV)
            if inode.type == InodeType.DIRECTORY:
                raise Errno(EPERM, "directories have one name")
            if inode.nameless and not inode.linkable:
                raise Errno(ENOENT, "the file lost its last name")
            inode.add_name()
            self.put(name, inode.number, inode.type)

    # Removing

    def unlink(self, name: bytes) -> None:
        self.require_changeable()
        with self.ext.operation():
            child = self.child(name)
            if child.type == InodeType.DIRECTORY:
                raise Errno(EISDIR)
            child.require_changeable()
            self.remove(name)
            child.drop_name()
        child.let_go()

    def rmdir(self, name: bytes) -> None:
        self.require_changeable()
        with self.ext.operation():
            child = self.child(name)
            require_empty(child)
            self.remove(name)
            self.lose_directory(child)
        child.let_go()

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
        with self.ext.operation():
            victim = renaming.rename(self, name, target_directory, target_name, flags)
        if victim is not None:
            victim.let_go()

    def sync(self, *, data_only: bool) -> None:
        if not self.ext.read_only:
            self.ext.volume.commit()


class Maker(InodeMaker):
    """One class of objects for each type of inode."""

    def make(self, filesystem: ExtFileSystem, record: Record) -> ExtInode:
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
        root = filesystem.inode(ROOT_INODE)
    if not isinstance(root, ExtDirectory):
        raise Errno(EIO, "the root is not a directory")
    filesystem.top = weakref.ref(root)
    return root
