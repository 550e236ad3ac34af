"""The names of a directory. Its slots are read when it is first looked into, and kept in mind as names while the object lives.

A name is found by its long form or its short one, whatever the case of its letters. What makes and removes files is in directory.py, what
moves their names in renaming.py.

Source: names.py and slots.py for the format.
"""

from typing import Final

from objects.inode import InodeType
from scarlet.lang import u8
from scarlet.lang.errno import EEXIST, ENOENT, ENOSPC, Errno
from vfs.fat import names
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.inode import FatInode
from vfs.fat.layout import END_OF_SLOTS, FREE_SLOT, MAX_DIRECTORY_SIZE, SLOT_SIZE, Slot
from vfs.fat.names import folded
from vfs.fat.node import Content, Node
from vfs.fat.slots import Entry, parse, pieces_for

ROOT_NUMBER: Final = 1
OWN: Final = b".          "
PARENT: Final = b"..         "


class NameSpace(FatInode):
    """The names of one directory, and the slots that say them; the root has no `above`."""

    def __init__(self, filesystem: FatFileSystem, node: Node, number: int, content: Content, above: "NameSpace | None") -> None:
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

    def known(self) -> dict[bytes, Node]:
        """Every file, by its folded long name. EIO."""
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

    def enter(self, node: Node) -> None:
        """Remember a name."""
        self._enter(self.known(), node)

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

    def leave(self, node: Node) -> None:
        """Forget it."""
        known = self.known()
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

    def in_order(self) -> list[Node]:
        """Every file, as they stand on the disk."""
        order = self._order
        if order is None:
            order = sorted(self.known().values(), key=lambda node: node.entry.first)
            self._order = order
        return order

    def named(self, name: bytes) -> Node | None:
        """The file of a name, if there is one."""
        key = folded(name.rstrip(b"."))
        node = self.known().get(key)
        return node if node is not None else self._aliases.get(key)

    def require(self, name: bytes) -> Node:
        """The file of a name. ENOENT."""
        node = self.named(name)
        if node is None:
            raise Errno(ENOENT)
        return node

    def require_new(self, name: bytes) -> None:
        """EEXIST; ENOENT for a directory that gets no names any more."""
        if self.nameless:
            raise Errno(ENOENT, "the directory was removed")
        if self.named(name) is not None:
            raise Errno(EEXIST)

    def is_empty(self) -> bool:
        return len(self.known()) == 0

    def inode_of(self, node: Node) -> FatInode:
        """The object of a file, made when it is not in use yet. EIO when the file is damaged."""
        inode = node.inode() if node.inode is not None else None
        if inode is not None:
            return inode
        number = self.fat.number_for(self.place_of(node))
        try:
            inode = self.make_inode(node, number)
        except (Errno, MemoryError):
            self.fat.number_unused(number)
            raise
        self.fat.recent.add(inode, self.fat)
        return inode

    def place_of(self, node: Node) -> int:
        """The place of the short entry on the disk, counted in slots."""
        return self.content.offset_of(node.entry.short_index) // SLOT_SIZE

    def make_inode(self, node: Node, number: int) -> FatInode:
        """The object of a file. EIO when the file is damaged."""
        raise NotImplementedError("NameSpace.make_inode")

    def cluster_as_parent(self) -> int:
        """What ".." of its directories says: 0 for the root."""
        return 0 if self.above is None and self.number == ROOT_NUMBER else self.content.chain.first

    # Slots

    def _room_for(self, count: int) -> int:
        """The first of so many free slots in a row; the directory grows if need be. ENOSPC."""
        self.known()
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

    def add(self, name: bytes, slot: Slot) -> Node:
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
        self.enter(node)
        self.touch()
        return node

    def remove(self, node: Node) -> None:
        """The name goes; the file stays as it is."""
        entry = node.entry
        for index in range(entry.first, entry.first + entry.count):
            self.content.set_first_byte(index, FREE_SLOT)
            self._used[index] = 0
        self._room = min(self._room, entry.first)
        self.leave(node)
        self.touch()

    def drop(self, node: Node) -> None:
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
