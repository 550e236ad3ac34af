"""A directory of an xv6 file system: a file of 16-byte slots, each a name or free. "." and ".." are its first two.

A place in the listing is the index of a slot, which a name keeps as long as it lives.

Sources: rename(2), link(2), unlink(2), rmdir(2) for the errors; the format is that of layout.Slot.
"""

from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.lang import i16, u16
from scarlet.lang.errno import (
    EEXIST,
    EFBIG,
    EINVAL,
    EIO,
    EISDIR,
    EMLINK,
    ENAMETOOLONG,
    ENOENT,
    ENOSPC,
    EPERM,
    EXDEV,
    Errno,
)  # fmt: skip
from vfs.replacing import require_empty, require_replaceable
from vfs.xv6fs.file import Xv6File
from vfs.xv6fs.filesystem import Xv6FileSystem
from vfs.xv6fs.inode import CONSOLE, TYPES, XV6_CONSOLE, Xv6Inode
from vfs.xv6fs.layout import BLOCK_SIZE, DEVICE, DIRECTORY, FILE, MAX_LINKS, NAME_LENGTH, ROOT_INODE, SLOT_SIZE, DiskInode, Slot

OWN_SLOTS: Final = 2
""""." and ".."."""
PARENT_SLOT: Final = 1
NOWHERE: Final = -1


class Xv6Directory(Xv6Inode):
    """A directory."""

    def __init__(self, filesystem: Xv6FileSystem, number: int) -> None:
        super().__init__(filesystem, number, InodeType.DIRECTORY)

    # Slots. The caller holds the mutex, and is in an operation where it changes something.

    def _slots(self) -> int:
        return int(self.load().size) // SLOT_SIZE

    def _slot(self, index: int) -> Slot:
        data = self.xv6fs.content.read(self.load(), index * SLOT_SIZE, SLOT_SIZE)
        if len(data) < SLOT_SIZE:
            raise Errno(EIO, "a directory that ends within a slot")
        return Slot.parse(data)

    def _find(self, name: bytes) -> int:
        """The slot of a name, NOWHERE when there is none."""
        on_disk = self.load()
        size = int(on_disk.size)
        for start in range(0, size, BLOCK_SIZE):
            block = self.xv6fs.content.read(on_disk, start, BLOCK_SIZE)
            for offset in range(0, len(block) - SLOT_SIZE + 1, SLOT_SIZE):
                if block[offset] | block[offset + 1] and name_in(block, offset) == name:
                    return (start + offset) // SLOT_SIZE
        return NOWHERE

    def _require(self, name: bytes) -> int:
        index = self._find(name)
        if index == NOWHERE:
            raise Errno(ENOENT)
        return index

    def _require_new(self, name: bytes) -> None:
        if len(name) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG, "xv6 has names of 14 bytes at most")
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        if self._find(name) != NOWHERE:
            raise Errno(EEXIST)

    def _put(self, index: int, slot: Slot) -> None:
        on_disk = self.load()
        try:
            self.xv6fs.content.write(on_disk, index * SLOT_SIZE, slot.pack())
        except Errno as error:
            if error.code == EFBIG:
                raise Errno(ENOSPC, "the directory is as large as a file can be") from error
            raise
        self.store(on_disk)
        self.touch()

    def _add(self, name: bytes, number: int) -> None:
        """A name in the first free slot."""
        index = OWN_SLOTS
        count = self._slots()
        while index < count and self._slot(index).inode != 0:
            index += 1
        self._put(index, Slot(inode=u16(number), name=name))

    def _child(self, index: int) -> Xv6Inode:
        return inode_of(self.xv6fs, int(self._slot(index).inode))

    def is_empty(self) -> bool:
        for index in range(OWN_SLOTS, self._slots()):
            if self._slot(index).inode != 0:
                return False
        return True

    def _count_subdirectory(self, change: int) -> None:
        """A directory's ".." is a name of this one."""
        on_disk = self.load()
        on_disk.links = i16(on_disk.links + change)
        self.store(on_disk)

    # Looking

    def lookup(self, name: bytes) -> Inode:
        with self.xv6fs.mutex:
            if len(name) > NAME_LENGTH:
                raise Errno(ENAMETOOLONG, "xv6 has names of 14 bytes at most")
            return self._child(self._require(name))

    def parent(self) -> Inode:
        if self.number == ROOT_INODE:
            return self
        with self.xv6fs.mutex:
            return self._child(PARENT_SLOT)

    def name_of(self, child: Inode) -> bytes:
        with self.xv6fs.mutex:
            for index in range(OWN_SLOTS, self._slots()):
                slot = self._slot(index)
                if slot.inode == child.number and child.filesystem is self.xv6fs:
                    return slot.name.rstrip(b"\0")
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        batch: list[DirectoryEntry] = []
        with self.xv6fs.mutex:
            index = max(cursor, OWN_SLOTS)
            end = self._slots()
            while index < end and len(batch) < BLOCK_SIZE // SLOT_SIZE:
                slot = self._slot(index)
                index += 1
                if slot.inode != 0:
                    type = TYPES.get(int(self.xv6fs.allocator.load(int(slot.inode)).type), InodeType.UNKNOWN)
                    batch.append(DirectoryEntry(slot.name.rstrip(b"\0"), int(slot.inode), type, index))
        return batch

    # Making

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> Inode:
        """Owner and mode become those of the mount. EPERM for what xv6 has no type for."""
        self.require_writable()
        on_disk = _new_inode(type, rdev)
        fs = self.xv6fs
        with fs.operation():
            self._require_new(name)
            if type == InodeType.DIRECTORY and self.load().links >= MAX_LINKS:
                raise Errno(EMLINK)
            number = fs.allocator.take_inode(on_disk)
            if type == InodeType.DIRECTORY:
                slots = Slot(inode=u16(number), name=b".").pack() + Slot(inode=u16(self.number), name=b"..").pack()
                fs.content.write(on_disk, 0, slots)
                fs.allocator.store(number, on_disk)
                self._count_subdirectory(1)
            self._add(name, number)
        with fs.mutex:
            return inode_of(fs, number)

    def link(self, name: bytes, inode: Inode) -> None:
        self.require_writable()
        with self.xv6fs.operation():
            self._require_new(name)
            if not isinstance(inode, Xv6Inode) or inode.xv6fs is not self.xv6fs:
                raise Errno(EXDEV)
            if inode.type == InodeType.DIRECTORY:
                raise Errno(EPERM, "directories have one name")
            if inode.nameless:
                raise Errno(ENOENT, "the file lost its last name")
            if inode.load().links >= MAX_LINKS:
                raise Errno(EMLINK)
            inode.add_name()
            self._add(name, inode.number)

    # Removing

    def unlink(self, name: bytes) -> None:
        self.require_writable()
        with self.xv6fs.operation():
            index = self._require(name)
            child = self._child(index)
            if child.type == InodeType.DIRECTORY:
                raise Errno(EISDIR)
            self._put(index, Slot())
            left = child.drop_name()
        child.nameless = left == 0

    def rmdir(self, name: bytes) -> None:
        self.require_writable()
        with self.xv6fs.operation():
            index = self._require(name)
            child = self._child(index)
            require_empty(child)
            self._put(index, Slot())
            self._count_subdirectory(-1)
            child.drop_name()
        child.nameless = True

    # Renaming

    def rename(self, name: bytes, target_directory: Inode, target_name: bytes, flags: RenameFlags) -> None:
        """As rename(2) demands of a file system; that no directory moves below itself is checked before. EINVAL for a whiteout."""
        self.require_writable()
        if not isinstance(target_directory, Xv6Directory) or target_directory.xv6fs is not self.xv6fs:
            raise Errno(EXDEV)
        if flags & RenameFlags.WHITEOUT:
            raise Errno(EINVAL, "xv6 has no whiteouts")
        if len(target_name) > NAME_LENGTH:
            raise Errno(ENAMETOOLONG, "xv6 has names of 14 bytes at most")
        victim: Xv6Inode | None = None
        left = 1
        with self.xv6fs.operation():
            source = self._require(name)
            file = self._child(source)
            if target_directory.nameless:
                raise Errno(ENOENT, "the directory was removed")
            target = target_directory._find(target_name)
            if flags & RenameFlags.EXCHANGE:
                self._exchange(source, file, target_directory, target)
                return
            if target == NOWHERE:
                target_directory._add(target_name, file.number)
            else:
                if flags & RenameFlags.NOREPLACE:
                    raise Errno(EEXIST)
                victim = target_directory._child(target)
                if victim is file:
                    return
                require_replaceable(file, victim)
                target_directory._put(target, Slot(inode=u16(file.number), name=target_name))
                left = victim.drop_name()
                if victim.type == InodeType.DIRECTORY:
                    target_directory._count_subdirectory(-1)
            self._put(source, Slot())
            self._hand_over(file, target_directory)
        if victim is not None:
            victim.nameless = left == 0

    def _exchange(self, source: int, file: Xv6Inode, target_directory: "Xv6Directory", target: int) -> None:
        """Let two names change their files."""
        if target == NOWHERE:
            raise Errno(ENOENT)
        other = target_directory._child(target)
        first = self._slot(source)
        second = target_directory._slot(target)
        first.inode = u16(other.number)
        second.inode = u16(file.number)
        self._put(source, first)
        target_directory._put(target, second)
        self._hand_over(file, target_directory)
        target_directory._hand_over(other, self)

    def _hand_over(self, file: Xv6Inode, new_parent: "Xv6Directory") -> None:
        """A directory that moves says so in its "..", which is a name of its parent."""
        if isinstance(file, Xv6Directory) and new_parent is not self:
            file._put(PARENT_SLOT, Slot(inode=u16(new_parent.number), name=b".."))
            self._count_subdirectory(-1)
            new_parent._count_subdirectory(1)


def inode_of(filesystem: Xv6FileSystem, number: int) -> Xv6Inode:
    """The object of an inode, made when it is not in use yet. EIO for a number that names no file. The caller holds the mutex."""
    known = filesystem.known(number)
    if known is not None:
        return known
    if not ROOT_INODE <= number < filesystem.geometry.inodes:
        raise Errno(EIO, "a name for an inode that cannot be")
    type = int(filesystem.allocator.load(number).type)
    if type == DIRECTORY:
        return Xv6Directory(filesystem, number)
    if type == FILE:
        return Xv6File(filesystem, number)
    if type == DEVICE:
        return Xv6Inode(filesystem, number, InodeType.CHARACTER)
    raise Errno(EIO, "a name for an inode that is free or of an unknown type")


def name_in(block: bytes, offset: int) -> bytes:
    """The name of the slot that begins at an offset."""
    return block[offset + 2 : offset + SLOT_SIZE].rstrip(b"\0")


def _new_inode(type: InodeType, rdev: int) -> DiskInode:
    if type == InodeType.DIRECTORY:
        return DiskInode(type=i16(DIRECTORY), links=i16(1))
    if type == InodeType.REGULAR:
        return DiskInode(type=i16(FILE), links=i16(1))
    if type == InodeType.CHARACTER and rdev == CONSOLE:
        return DiskInode(type=i16(DEVICE), major=i16(XV6_CONSOLE), minor=i16(1), links=i16(1))
    raise Errno(EPERM, "xv6 has files, directories and the console")
