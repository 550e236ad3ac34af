"""A directory. Its slots are read when it is first looked into, and kept in mind as names while the object lives.

A name is found by its long form or its short one, whatever the case of its letters. A place in the listing is the index of the slot behind
an entry, which the entry keeps as long as it lives.

Sources: rename(2), unlink(2), rmdir(2) for the errors; names.py and slots.py for the format.
"""

import weakref
from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.kernel import clock
from scarlet.lang import u8
from scarlet.lang.errno import EEXIST, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EPERM, EXDEV, Errno
from vfs.fat import names
from vfs.fat.file import FatFile
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.inode import FatInode
from vfs.fat.layout import ARCHIVE, DIRECTORY, END_OF_SLOTS, FREE_SLOT, MAX_DIRECTORY_SIZE, READ_ONLY, SLOT_SIZE, Slot
from vfs.fat.names import folded
from vfs.fat.node import Content, Node
from vfs.fat.slots import Entry, packed, parse, pieces_for

BATCH: Final = 128
ROOT_NUMBER: Final = 1
OWN: Final = b".          "
PARENT: Final = b"..         "
PARENT_SLOT: Final = 1


class FatDirectory(FatInode):
    """A directory; the root has no `above`."""

    def __init__(self, filesystem: FatFileSystem, node: Node, number: int, content: Content, above: "FatDirectory | None") -> None:
        super().__init__(filesystem, node, number, InodeType.DIRECTORY, above)
        self.content = content
        self._names: dict[bytes, Node] | None = None
        """By the folded long name."""
        self._aliases: dict[bytes, Node] = {}
        """By the folded short name, where that is another one."""
        self._shorts: dict[bytes, Node] = {}
        self._used = bytearray()
        self._end = 0
        self._room = 0
        """No slot in front of this one is free."""
        self._order: list[Node] | None = None

    def size(self) -> int:
        return self.content.slots * SLOT_SIZE

    def links(self) -> int:
        """2: that it counts its directories would cost reading it."""
        return 0 if self.nameless else 2

    # Names in memory. The caller holds the mutex.

    def _known(self) -> dict[bytes, Node]:
        known = self._names
        if known is None:
            self.fat.store_entries()
            listing = parse(self.content.read())
            known = {}
            self._used = listing.used
            self._end = listing.end
            for entry in listing.entries:
                if entry.slot.name != OWN and entry.slot.name != PARENT:
                    self._enter(known, Node(entry, self.content))
            self._names = known
        return known

    def _enter(self, known: dict[bytes, Node], node: Node) -> None:
        entry = node.entry
        key = folded(entry.name)
        if key not in known:  # of two equal names on a damaged disk the first counts
            known[key] = node
        self._shorts[entry.slot.name] = node
        alias = folded(names.shown(entry.slot.name, 0))
        if alias != key:
            self._aliases[alias] = node
        self._order = None

    def _leave(self, node: Node) -> None:
        known = self._known()
        entry = node.entry
        key = folded(entry.name)
        if known.get(key) is node:
            known.pop(key)
        if self._shorts.get(entry.slot.name) is node:
            self._shorts.pop(entry.slot.name)
        alias = folded(names.shown(entry.slot.name, 0))
        if self._aliases.get(alias) is node:
            self._aliases.pop(alias)
        self._order = None

    def _find(self, name: bytes) -> Node | None:
        key = folded(name.rstrip(b"."))
        node = self._known().get(key)
        return node if node is not None else self._aliases.get(key)

    def _require(self, name: bytes) -> Node:
        node = self._find(name)
        if node is None:
            raise Errno(ENOENT)
        return node

    def _require_new(self, name: bytes) -> None:
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        if self._find(name) is not None:
            raise Errno(EEXIST)

    def _is_empty(self) -> bool:
        return len(self._known()) == 0

    def _inode(self, node: Node) -> FatInode:
        """The object of a file, made when it is not in use yet. EIO when the file is damaged."""
        inode = node.inode() if node.inode is not None else None
        if inode is not None:
            return inode
        number = self.fat.number_for(self._number(node))
        try:
            inode = self._make(node, number)
        except (Errno, MemoryError):
            self.fat.number_unused(number)
            raise
        self.fat.recent.add(inode, self.fat)
        return inode

    def _make(self, node: Node, number: int) -> FatInode:
        if not node.entry.is_directory:
            return FatFile(self.fat, node, number, self)
        node.chain = self.fat.table.chain(node.entry.cluster)
        return FatDirectory(self.fat, node, number, Content(self.fat, node.chain), self)

    def _number(self, node: Node) -> int:
        """The place of the short entry on the disk, counted in slots."""
        return self.content.offset_of(node.entry.short_index) // SLOT_SIZE

    # Slots

    def _room_for(self, count: int) -> int:
        """The first of so many free slots in a row; the directory grows if need be. ENOSPC."""
        self._known()
        used = self._used
        while self._room < len(used) and used[self._room]:
            self._room += 1
        run = 0
        for index in range(self._room, len(used)):
            run = 0 if used[index] else run + 1
            if run == count:
                return index + 1 - count
        first = len(used) - run
        while len(used) - first < count:
            if self.content.slots == len(used):
                self._grow()
            used.extend(bytes(self.content.slots - len(used)))
        return first

    def _grow(self) -> None:
        """One cluster more."""
        if self.content.fixed or self.size() + self.fat.geometry.cluster_size > MAX_DIRECTORY_SIZE:
            raise Errno(ENOSPC, "the directory is full")
        if not self.fat.table.has_free:
            self.fat.make_room()
        self.fat.metadata.clear_cluster(self.fat.table.extend(self.content.chain))

    def _add(self, name: bytes, slot: Slot) -> Node:
        """A new name for what a slot says. EEXIST, ENOSPC: nothing was changed."""
        short = names.short_for(name, self._shorts)
        slot.name = short.name
        slot.case = u8(short.case)
        entry = Entry(name, slot)
        entry.count = 1 if short.exact else 1 + pieces_for(name)
        entry.first = self._room_for(entry.count)
        node = Node(entry, self.content)
        after = entry.first + entry.count
        if after > self._end:
            self._end = after
            if after < self.content.slots:
                self.content.set_first_byte(after, END_OF_SLOTS)
        node.store_all()
        for index in range(entry.first, entry.first + entry.count):
            self._used[index] = 1
        self._enter(self._known(), node)
        self.touch()
        return node

    def _remove(self, node: Node) -> None:
        """The name goes; the file stays as it is."""
        entry = node.entry
        for index in range(entry.first, entry.first + entry.count):
            self.content.set_first_byte(index, FREE_SLOT)
            self._used[index] = 0
        self._room = min(self._room, entry.first)
        self._leave(node)
        self.touch()

    def _drop(self, node: Node) -> None:
        """A file has lost its name: when nobody uses it, its clusters go at once."""
        node.home = None
        self._hold_no_longer(node)
        inode = node.inode() if node.inode is not None else None
        if inode is not None:
            inode.nameless = True
            return
        node.chain = self.fat.table.chain(node.entry.cluster)
        self.fat.release(node)

    def _hold_no_longer(self, node: Node) -> None:
        inode = node.inode() if node.inode is not None else None
        if inode is not None:
            self.fat.recent.discard(inode.number)

    # Looking

    def lookup(self, name: bytes) -> Inode:
        with self.fat.mutex:
            return self._inode(self._require(name))

    def parent(self) -> Inode:
        return self.above if self.above is not None else self

    def name_of(self, child: Inode) -> bytes:
        if isinstance(child, FatDirectory) and child.above is self and not child.nameless:
            return child.node.entry.name
        raise Errno(ENOENT)

    def _in_order(self) -> list[Node]:
        order = self._order
        if order is None:
            order = sorted(self._known().values(), key=lambda node: node.entry.first)
            self._order = order
        return order

    def list(self, cursor: int) -> list[DirectoryEntry]:
        batch: list[DirectoryEntry] = []
        with self.fat.mutex:
            for node in self._in_order():
                entry = node.entry
                after = entry.first + entry.count
                if after > cursor:
                    inode = node.inode() if node.inode is not None else None
                    number = inode.number if inode is not None else self._number(node)
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
            self._require_new(name)
            slot = Slot(attributes=u8(DIRECTORY if type == InodeType.DIRECTORY else ARCHIVE if mode & 0o222 else ARCHIVE | READ_ONLY))
            stamps = Entry(name, slot)
            now = clock.realtime_ns()
            stamps.set_btime(now)
            stamps.set_mtime(now)
            stamps.set_atime(now)
            if type == InodeType.REGULAR:
                return self._inode(self._add(name, slot))
            self._make_directory(stamps)
            try:
                return self._inode(self._add(name, slot))
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
        above.set_cluster(self._cluster_as_parent())
        try:
            self.fat.metadata.clear_cluster(cluster, packed(own) + packed(above))
        except Errno:
            self.fat.table.shorten(self.fat.table.chain(cluster), 0)
            raise
        entry.set_cluster(cluster)

    def _cluster_as_parent(self) -> int:
        """What ".." of its directories says: 0 for the root."""
        return 0 if self.above is None and self.number == ROOT_NUMBER else self.content.chain.first

    # Removing

    def unlink(self, name: bytes) -> None:
        self.require_writable()
        with self.fat.operation():
            node = self._require(name)
            if node.entry.is_directory:
                raise Errno(EISDIR)
            self._remove(node)
            self._drop(node)

    def rmdir(self, name: bytes) -> None:
        self.require_writable()
        with self.fat.operation():
            node = self._require(name)
            _require_empty(self._inode(node))
            self._remove(node)
            self._drop(node)

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
            node = self._require(name)
            if target_directory.nameless:
                raise Errno(ENOENT, "the directory was removed")
            victim = target_directory._find(target_name)
            if flags & RenameFlags.EXCHANGE:
                if victim is None:
                    raise Errno(ENOENT)
                self._exchange(node, target_directory, victim)
                return
            if victim is not None and victim is not node:
                if flags & RenameFlags.NOREPLACE:
                    raise Errno(EEXIST)
                target_directory._require_replaceable(node, victim)
                self._replace(node, target_directory, victim)
            elif victim is None or node.entry.name != target_name:
                self._move(node, target_directory, target_name)

    def _move(self, node: Node, target_directory: "FatDirectory", target_name: bytes) -> None:
        """Another name, perhaps elsewhere. The disk gets the new one before it loses the old one."""
        if target_directory is self and folded(target_name) == folded(node.entry.name):
            self._leave(node)  # only the case changes: the old name must not be in the way of the new one
        try:
            added = target_directory._add(target_name, Slot())
        except (Errno, MemoryError):
            self._enter(self._known(), node)
            raise
        self._hand_over(node, added, target_directory)

    def _replace(self, node: Node, target_directory: "FatDirectory", victim: Node) -> None:
        """The victim's name, written as it is, leads to the file from now on: one slot changes, so there is no moment without one."""
        target_directory._leave(victim)
        entry = Entry(victim.entry.name, Slot(name=victim.entry.slot.name, case=victim.entry.slot.case))
        entry.first = victim.entry.first
        entry.count = victim.entry.count
        target_directory._drop(victim)
        added = Node(entry, target_directory.content)
        target_directory._enter(target_directory._known(), added)
        target_directory.touch()
        self._hand_over(node, added, target_directory)

    def _hand_over(self, node: Node, added: Node, target_directory: "FatDirectory") -> None:
        """Let the entry of `added` be that of `node`, whose own goes."""
        before = node.entry
        entry = added.entry
        entry.take_over(before)
        target_directory._leave(added)
        old = Node(before, self.content)
        self._leave(node)
        node.entry = entry
        node.home = target_directory.content
        target_directory._enter(target_directory._known(), node)
        node.store()
        self.fat.write_back()
        self._remove(old)
        self._settle_in(node, target_directory)

    def _exchange(self, node: Node, target_directory: "FatDirectory", other: Node) -> None:
        """Let two names change their files."""
        if node is other:
            return
        self._leave(node)
        target_directory._leave(other)
        mine = node.entry
        theirs = other.entry
        kept = Entry(b"", Slot())
        kept.take_over(mine)
        mine.take_over(theirs)
        theirs.take_over(kept)
        node.entry = theirs
        node.home = target_directory.content
        other.entry = mine
        other.home = self.content
        self._enter(self._known(), other)
        target_directory._enter(target_directory._known(), node)
        for moved in [node, other]:
            moved.store()
        self.touch()
        target_directory.touch()
        self._settle_in(node, target_directory)
        target_directory._settle_in(other, self)

    def _settle_in(self, node: Node, new_parent: "FatDirectory") -> None:
        """What moves knows its new directory; a directory says so in its "..", too."""
        inode = node.inode() if node.inode is not None else None
        if inode is not None:
            inode.above = new_parent
        if not node.entry.is_directory or new_parent is self:
            return
        content = inode.content if isinstance(inode, FatDirectory) else Content(self.fat, self.fat.table.chain(node.entry.cluster))
        slot = Slot.parse(self.fat.metadata.read(content.offset_of(PARENT_SLOT), SLOT_SIZE))
        if slot.name == PARENT:
            dots = Entry(b"", slot)
            dots.set_cluster(new_parent._cluster_as_parent())
            content.write(PARENT_SLOT, slot.pack())

    def _require_replaceable(self, node: Node, victim: Node) -> None:
        """A directory replaces only an empty directory, anything else only what is no directory. (rename(2))"""
        if victim.entry.is_directory:
            if not node.entry.is_directory:
                raise Errno(EISDIR)
            _require_empty(self._inode(victim))
        elif node.entry.is_directory:
            raise Errno(ENOTDIR)


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


def _require_empty(inode: Inode) -> None:
    if not isinstance(inode, FatDirectory):
        raise Errno(ENOTDIR)
    if not inode._is_empty():
        raise Errno(ENOTEMPTY)
