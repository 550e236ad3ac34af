"""A directory of a tmpfs.

Names are found in a dict. For listing, the same entries stand in `order`, in the order they were made (vfs/listed.py). A removed entry is
only marked there; when half of them are, they are swept out.

Who holds whom: an entry holds its file. A directory knows its parent weakly; when it is removed while still in use it holds the former
parent, so that ".." goes on working.

Sources: rename(2), rmdir(2), link(2), inode(7) on st_nlink of directories.
"""

import weakref
from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.lang.errno import EEXIST, EINVAL, EISDIR, EMLINK, ENOENT, ENOTDIR, EPERM, EXDEV, Errno
from vfs.listed import Listed, position_after
from vfs.replacing import require_empty, require_replaceable
from vfs.tmpfs.file import TmpfsFile
from vfs.tmpfs.filesystem import Tmpfs
from vfs.tmpfs.inode import TmpfsInode, TmpfsSymlink

ENTRY_SIZE: Final = 20
"""What one name adds to st_size, as Linux's tmpfs counts."""
BATCH: Final = 128
MAX_LINKS: Final = 0x7FFFFFFF
SWEEP_FROM: Final = 32


class Entry(Listed):
    """One name. `file` is None once it was removed."""

    def __init__(self, name: bytes, file: TmpfsInode, cursor: int) -> None:
        super().__init__(name, cursor)
        self.file: TmpfsInode | None = file


class TmpfsDirectory(TmpfsInode):
    """A directory; `name` is what its parent calls it."""

    def __init__(self, tmpfs: Tmpfs, number: int, mode: int, owner: Owner, above: "TmpfsDirectory | None", name: bytes) -> None:
        super().__init__(tmpfs, number, InodeType.DIRECTORY, mode, owner)
        self.links = 2
        self.entries: dict[bytes, Entry] = {}
        self.order: list[Entry] = []
        self.last_cursor = 0
        self.change_count = 0
        self.name = name
        self._above: weakref.ref[TmpfsDirectory] | None = weakref.ref(above) if above is not None else None
        self._former_parent: TmpfsDirectory | None = None
        self.removed = False

    def __del__(self) -> None:
        _release_tree(self)
        super().__del__()

    def size(self) -> int:
        return (2 + len(self.entries)) * ENTRY_SIZE

    # Looking

    def lookup(self, name: bytes) -> Inode:
        return self._file(name)

    def find(self, name: bytes) -> TmpfsInode | None:
        """The file under a name, None when there is none."""
        entry = self.entries.get(name)
        return entry.file if entry is not None else None

    def changes(self) -> int:
        return self.change_count

    def parent(self) -> Inode:
        if self._former_parent is not None:
            return self._former_parent
        if self._above is not None:
            above = self._above()
            if above is not None:
                return above
        return self

    def name_of(self, child: Inode) -> bytes:
        if isinstance(child, TmpfsDirectory):
            entry = self.entries.get(child.name)
            if entry is not None and entry.file is child:
                return child.name
        else:
            for candidate in self.order:
                if candidate.file is child:
                    return candidate.name
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        batch: list[DirectoryEntry] = []
        for index in range(position_after(self.order, cursor), len(self.order)):
            entry = self.order[index]
            file = entry.file
            if file is not None:
                batch.append(DirectoryEntry(entry.name, file.number, file.type, entry.cursor))
                if len(batch) == BATCH:
                    break
        return batch

    # Making

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> Inode:
        self._require_free(name)
        if type == InodeType.DIRECTORY:
            if self.links >= MAX_LINKS:
                raise Errno(EMLINK)
            directory = TmpfsDirectory(self.tmpfs, self.tmpfs.take_inode(), mode, owner, self, name)
            self._insert(name, directory)
            self.links += 1
            return directory
        if type == InodeType.REGULAR:
            return self._insert(name, TmpfsFile(self.tmpfs, self.tmpfs.take_inode(), mode, owner))
        if type == InodeType.SYMLINK or type == InodeType.UNKNOWN:
            raise Errno(EINVAL, "not a type that can be made this way")
        return self._insert(name, TmpfsInode(self.tmpfs, self.tmpfs.take_inode(), type, mode, owner, rdev))

    def create_unnamed(self, mode: int, owner: Owner, *, linkable: bool) -> Inode:
        if self.removed:
            raise Errno(ENOENT, "the directory was removed")
        file = TmpfsFile(self.tmpfs, self.tmpfs.take_inode(), mode, owner)
        file.links = 0
        file.linkable = linkable
        return file

    def symlink(self, name: bytes, target: bytes, owner: Owner) -> Inode:
        self._require_free(name)
        return self._insert(name, TmpfsSymlink(self.tmpfs, self.tmpfs.take_inode(), target, owner))

    def link(self, name: bytes, inode: Inode) -> None:
        self._require_free(name)
        if not isinstance(inode, TmpfsInode) or inode.tmpfs is not self.tmpfs:
            raise Errno(EXDEV)
        if inode.type == InodeType.DIRECTORY:
            raise Errno(EPERM, "directories have one name")
        if inode.links == 0 and not inode.linkable:
            raise Errno(ENOENT, "the file lost its last name")
        if inode.links >= MAX_LINKS:
            raise Errno(EMLINK)
        self._insert(name, inode)
        inode.add_link()

    def _require_free(self, name: bytes) -> None:
        if name in self.entries:
            raise Errno(EEXIST)
        if self.removed:
            raise Errno(ENOENT, "the directory was removed")

    def _insert(self, name: bytes, file: TmpfsInode) -> Inode:
        """Give a file a name that is free. MemoryError, and nothing has changed."""
        self.last_cursor += 1
        entry = Entry(name, file, self.last_cursor)
        self.order.append(entry)
        try:
            self.entries[name] = entry
        except MemoryError:
            self.order.pop()
            raise
        self.change_count += 1
        self.touch_content()
        return file

    # Removing

    def unlink(self, name: bytes) -> None:
        file = self._file(name)
        if file.type == InodeType.DIRECTORY:
            raise Errno(EISDIR)
        self._remove(name)
        file.drop_link()

    def rmdir(self, name: bytes) -> None:
        file = self._file(name)
        if not isinstance(file, TmpfsDirectory):
            raise Errno(ENOTDIR)
        require_empty(file)
        self._remove(name)
        file.become_removed(self)

    def is_empty(self) -> bool:
        return len(self.entries) == 0

    def become_removed(self, former_parent: "TmpfsDirectory") -> None:
        """This empty directory lost its name; open handles and working directories may still hold it."""
        former_parent.links -= 1
        self.links = 0
        self.removed = True
        self._former_parent = former_parent
        self.touch_attributes()

    def _file(self, name: bytes) -> TmpfsInode:
        entry = self.entries.get(name)
        if entry is None or entry.file is None:
            raise Errno(ENOENT)
        return entry.file

    def _remove(self, name: bytes) -> None:
        self.entries.pop(name).file = None
        if len(self.order) >= SWEEP_FROM and len(self.entries) <= len(self.order) // 2:
            self._sweep()
        self.change_count += 1
        self.touch_content()

    def _sweep(self) -> None:
        """Forget the places of names that are gone."""
        try:
            self.order = [entry for entry in self.order if entry.file is not None]
        except MemoryError:
            pass  # it was only a favour

    # Renaming

    def rename(self, name: bytes, target_directory: Inode, target_name: bytes, flags: RenameFlags) -> None:
        """As rename(2) demands of a file system; that no directory moves below itself is checked before."""
        if not isinstance(target_directory, TmpfsDirectory) or target_directory.tmpfs is not self.tmpfs:
            raise Errno(EXDEV)
        file = self._file(name)
        if target_directory.removed:
            raise Errno(ENOENT, "the directory was removed")
        if flags & RenameFlags.EXCHANGE:
            self._exchange(name, file, target_directory, target_name)
            return
        entry = target_directory.entries.get(target_name)
        if entry is not None and entry.file is not None:
            if flags & RenameFlags.NOREPLACE:
                raise Errno(EEXIST)
            if entry.file is file:
                return
            require_replaceable(file, entry.file)
        whiteout: TmpfsInode | None = None
        if flags & RenameFlags.WHITEOUT:
            whiteout = TmpfsInode(self.tmpfs, self.tmpfs.take_inode(), InodeType.CHARACTER, 0, Owner(0, 0))
        above = weakref.ref(target_directory)  # what follows takes no memory but for the name, which comes first
        if entry is None:
            target_directory._insert(target_name, file)
        else:
            target_directory._replace(entry, file)
        if whiteout is not None:
            self.entries[name].file = whiteout
            self.change_count += 1
            self.touch_content()
        else:
            self._remove(name)
        self._hand_over(file, target_directory, above, target_name)

    def _replace(self, entry: Entry, file: TmpfsInode) -> None:
        """Let a name mean another file; the one that had it loses it."""
        former = entry.file
        entry.file = file
        if isinstance(former, TmpfsDirectory):
            former.become_removed(self)
        elif former is not None:
            former.drop_link()
        self.change_count += 1
        self.touch_content()

    def _exchange(self, name: bytes, file: TmpfsInode, target_directory: "TmpfsDirectory", target_name: bytes) -> None:
        """Let two names change their files."""
        other = target_directory._file(target_name)
        if other is file:
            return
        here = weakref.ref(self)
        there = weakref.ref(target_directory)
        self._hand_over(file, target_directory, there, target_name)
        target_directory._hand_over(other, self, here, name)
        self.entries[name].file = other
        target_directory.entries[target_name].file = file
        self.change_count += 1
        target_directory.change_count += 1
        self.touch_content()
        target_directory.touch_content()

    def _hand_over(self, file: TmpfsInode, new_parent: "TmpfsDirectory", above: "weakref.ref[TmpfsDirectory]", name: bytes) -> None:
        """The file gets another name; a directory another parent, which its ".." counts as a link of. Takes no memory."""
        file.touch_attributes()
        if isinstance(file, TmpfsDirectory):
            file.name = name
            file._above = above
            self.links -= 1
            new_parent.links += 1


def _release_tree(top: TmpfsDirectory) -> None:
    """A directory that dies with names in it takes its tree along: emptied in a loop, because a kernel stack cannot hold the recursion."""
    pending: list[TmpfsDirectory] = []
    _give_up(top, pending)
    while len(pending) > 0:
        _give_up(pending.pop(), pending)


def _give_up(directory: TmpfsDirectory, pending: list[TmpfsDirectory]) -> None:
    for entry in directory.order:
        file = entry.file
        if isinstance(file, TmpfsDirectory):
            pending.append(file)
    directory.entries.clear()
    directory.order.clear()
