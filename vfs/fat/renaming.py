"""Moving names. The disk gets the new name before it loses the old one; a name that is replaced only changes its file.

Source: rename(2), renameat2(2).
"""

from typing import Final

from objects.metadata import RenameFlags
from scarlet.lang.errno import EEXIST, ENOENT, Errno
from vfs.fat.layout import SLOT_SIZE, Slot
from vfs.fat.names import folded
from vfs.fat.namespace import PARENT, NameSpace
from vfs.fat.node import Content, Node
from vfs.fat.slots import Entry
from vfs.replacing import require_replaceable

PARENT_SLOT: Final = 1


def rename(source: NameSpace, name: bytes, target: NameSpace, target_name: bytes, flags: RenameFlags) -> None:
    """Within the caller's operation. ENOENT, EEXIST, EISDIR, ENOTDIR, ENOTEMPTY, ENOSPC, EIO."""
    node = source.require(name)
    if target.nameless:
        raise Errno(ENOENT, "the directory was removed")
    victim = target.named(target_name)
    if flags & RenameFlags.EXCHANGE:
        if victim is None:
            raise Errno(ENOENT)
        _exchange(source, node, target, victim)
        return
    if victim is not None and victim is not node:
        if flags & RenameFlags.NOREPLACE:
            raise Errno(EEXIST)
        if node.entry.is_directory or victim.entry.is_directory:
            require_replaceable(source.inode_of(node), target.inode_of(victim))
        _replace(source, node, target, victim)
    elif victim is None or node.entry.name != target_name:
        _move(source, node, target, target_name)


def _move(source: NameSpace, node: Node, target: NameSpace, target_name: bytes) -> None:
    """Another name, perhaps elsewhere."""
    if target is source and folded(target_name) == folded(node.entry.name):
        source.leave(node)  # only the case changes: the old name must not be in the way of the new one
    try:
        added = target.add(target_name, Slot())
    except (Errno, MemoryError):
        source.enter(node)
        raise
    _hand_over(source, node, added, target)


def _replace(source: NameSpace, node: Node, target: NameSpace, victim: Node) -> None:
    """The victim's name, written as it is, leads to the file from now on: one slot changes, so there is no moment without one."""
    target.leave(victim)
    entry = Entry(victim.entry.name, Slot(name=victim.entry.slot.name, case=victim.entry.slot.case))
    entry.first = victim.entry.first
    entry.count = victim.entry.count
    target.drop(victim)
    added = Node(entry, target.content)
    target.enter(added)
    target.touch()
    _hand_over(source, node, added, target)


def _hand_over(source: NameSpace, node: Node, added: Node, target: NameSpace) -> None:
    """Let the entry of `added` be that of `node`, whose own goes."""
    before = node.entry
    entry = added.entry
    entry.take_over(before)
    target.leave(added)
    old = Node(before, source.content)
    source.leave(node)
    node.entry = entry
    node.home = target.content
    target.enter(node)
    node.store()
    source.fat.write_back()
    source.remove(old)
    _settle_in(source, node, target)


def _exchange(source: NameSpace, node: Node, target: NameSpace, other: Node) -> None:
    """Let two names change their files."""
    if node is other:
        return
    source.leave(node)
    target.leave(other)
    mine = node.entry
    theirs = other.entry
    kept = Entry(b"", Slot())
    kept.take_over(mine)
    mine.take_over(theirs)
    theirs.take_over(kept)
    node.entry = theirs
    node.home = target.content
    other.entry = mine
    other.home = source.content
    source.enter(other)
    target.enter(node)
    for moved in [node, other]:
        moved.store()
    source.touch()
    target.touch()
    _settle_in(source, node, target)
    _settle_in(target, other, source)


def _settle_in(source: NameSpace, node: Node, target: NameSpace) -> None:
    """What moves knows its new directory; a directory says so in its "..", too."""
    inode = node.inode() if node.inode is not None else None
    if inode is not None:
        inode.above = target
    if not node.entry.is_directory or target is source:
        return
    fat = source.fat
    content = inode.content if isinstance(inode, NameSpace) else Content(fat, fat.table.chain(node.entry.cluster))
    slot = Slot.parse(fat.metadata.read(content.offset_of(PARENT_SLOT), SLOT_SIZE))
    if slot.name == PARENT:
        dots = Entry(b"", slot)
        dots.set_cluster(target.cluster_as_parent())
        content.write(PARENT_SLOT, slot.pack())
