"""A directory: looking, making and removing files.

A place in the listing is the index of the slot behind an entry, which the entry keeps as long as it lives.

Sources: unlink(2), rmdir(2), rename(2) for the errors; namespace.py for the names.
"""

import weakref
from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.kernel import clock
from scarlet.lang import u8
from scarlet.lang.errno import EINVAL, EISDIR, ENOENT, EPERM, EXDEV, Errno
from vfs.fat import names, renaming
from vfs.fat.file import FatFile
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.inode import FatInode
from vfs.fat.layout import ARCHIVE, DIRECTORY, READ_ONLY, Slot
from vfs.fat.namespace import OWN, PARENT, ROOT_NUMBER, NameSpace
from vfs.fat.node import Content, Node
from vfs.fat.slots import Entry, packed
from vfs.replacing import require_empty

BATCH: Final = 128


class FatDirectory(NameSpace):
    """A directory."""

    def make_inode(self, node: Node, number: int) -> FatInode:
        if not node.entry.is_directory:
            return FatFile(self.fat, node, number, self)
        node.chain = self.fat.table.chain(node.entry.cluster)
        return FatDirectory(self.fat, node, number, Content(self.fat, node.chain), self)

    # Looking

    def lookup(self, name: bytes) -> Inode:
        with self.fat.mutex:
            return self.inode_of(self.require(name))

    def parent(self) -> Inode:
        return self.above if self.above is not None else self

    def name_of(self, child: Inode) -> bytes:
        if isinstance(child, FatDirectory) and child.above is self and not child.nameless:
            return child.node.entry.name
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        batch: list[DirectoryEntry] = []
        with self.fat.mutex:
            for node in self.in_order():
                entry = node.entry
                after = entry.first + entry.count
                if after > cursor:
                    inode = node.inode() if node.inode is not None else None
                    number = inode.number if inode is not None else self.place_of(node)
                    type = InodeType.DIRECTORY if entry.is_directory else InodeType.REGULAR
                    batch.append(DirectoryEntry(entry.name, number, type, after))
                    if len(batch) == BATCH:
                        break
        return batch

    # Making

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> Inode:
        """Owner and mode become those of the mount, but for the right to write. EPERM for what FAT has not."""
        self.require_writable()
        if type != InodeType.REGULAR and type != InodeType.DIRECTORY:
            raise Errno(EPERM, "FAT has files and directories")
        name = names.accepted(name)
        with self.fat.operation():
            self.require_new(name)
            slot = Slot(attributes=u8(DIRECTORY if type == InodeType.DIRECTORY else ARCHIVE if mode & 0o222 else ARCHIVE | READ_ONLY))
            stamps = Entry(name, slot)
            now = clock.realtime_ns()
            stamps.set_btime(now)
            stamps.set_mtime(now)
            stamps.set_atime(now)
            if type == InodeType.REGULAR:
                return self.inode_of(self.add(name, slot))
            self._make_directory(stamps)
            try:
                return self.inode_of(self.add(name, slot))
            except (Errno, MemoryError):
                self.fat.table.shorten(self.fat.table.chain(stamps.cluster), 0)
                raise

    def _make_directory(self, entry: Entry) -> None:
        """Give a directory its first cluster, with what leads to itself and to its parent."""
        if not self.fat.table.has_free:
            self.fat.make_room()
        cluster = self.fat.table.extend(Node(entry, None).chain)
        own = Entry(b"", Slot(name=OWN))
        above = Entry(b"", Slot(name=PARENT))
        for dot in [own, above]:
            dot.take_over(entry)
        own.set_cluster(cluster)
        above.set_cluster(self.cluster_as_parent())
        try:
            self.fat.metadata.clear_cluster(cluster, packed(own) + packed(above))
        except Errno:
            self.fat.table.shorten(self.fat.table.chain(cluster), 0)
            raise
        entry.set_cluster(cluster)

    # Removing

    def unlink(self, name: bytes) -> None:
        self.require_writable()
        with self.fat.operation():
            node = self.require(name)
            if node.entry.is_directory:
                raise Errno(EISDIR)
            self.remove(node)
            self.drop(node)

    def rmdir(self, name: bytes) -> None:
        self.require_writable()
        with self.fat.operation():
            node = self.require(name)
            require_empty(self.inode_of(node))
            self.remove(node)
            self.drop(node)

    # Renaming

    def rename(self, name: bytes, target_directory: Inode, target_name: bytes, flags: RenameFlags) -> None:
        """As rename(2) demands of a file system; that no directory moves below itself is checked before. EINVAL for a whiteout."""
        self.require_writable()
        if not isinstance(target_directory, FatDirectory) or target_directory.fat is not self.fat:
            raise Errno(EXDEV)
        if flags & RenameFlags.WHITEOUT:
            raise Errno(EINVAL, "FAT has no whiteouts")
        target_name = names.accepted(target_name)
        with self.fat.operation():
            renaming.rename(self, name, target_directory, target_name, flags)


def root_of(filesystem: FatFileSystem) -> FatDirectory:
    """The top directory of a file system that is being mounted. The caller holds the mutex."""
    geometry = filesystem.geometry
    node = Node(Entry(b"", Slot(attributes=u8(DIRECTORY))), None)
    if geometry.root_cluster != 0:
        node.chain = filesystem.table.chain(geometry.root_cluster)
    content = Content(filesystem, node.chain, fixed=geometry.root_cluster == 0)
    root = FatDirectory(filesystem, node, filesystem.number_for(ROOT_NUMBER), content, None)
    filesystem.top = weakref.ref(root)
    return root
