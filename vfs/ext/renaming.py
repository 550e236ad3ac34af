"""Moving names, in one operation: the new name is there before the old one goes.

Source: rename(2), renameat2(2).
"""

from typing import Final

from objects.inode import InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.kernel import clock
from scarlet.lang.errno import EEXIST, EINVAL, EIO, ENOENT, Errno
from vfs.ancestors import DEEPEST
from vfs.ext.inode import ExtInode, grow_links, shrink_links
from vfs.ext.layout import ROOT_INODE
from vfs.ext.namespace import NameSpace
from vfs.ext.nametable import NOTHING
from vfs.replacing import require_replaceable

WHITEOUT_MODE: Final = 0


def rename(source: NameSpace, name: bytes, target: NameSpace, target_name: bytes, flags: RenameFlags) -> ExtInode | None:
    """Within the caller's operation. What was replaced, if anything was. ENOENT, EEXIST, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY, ENOSPC."""
    file = source.child(name)
    _require_no_loop(source, file, target)
    if target.nameless:
        raise Errno(ENOENT, "the directory was removed")
    number = target.number_of(target_name)
    if flags & RenameFlags.EXCHANGE:
        _exchange(source, name, file, target, target_name, number)
        return None
    victim: ExtInode | None = None
    if number != NOTHING:
        if flags & RenameFlags.NOREPLACE:
            raise Errno(EEXIST)
        victim = source.ext.inode(number)
        if victim is file:
            return None
        require_replaceable(file, victim)
        _replace(target, target_name, file, victim)
    else:
        target.put(target_name, file.number, file.type)
    _hand_over(file, source, target)
    if flags & RenameFlags.WHITEOUT:
        _put_whiteout(source, name)
    else:
        source.remove(name)
    return victim


def _require_no_loop(source: NameSpace, file: ExtInode, target: NameSpace) -> None:
    """EINVAL when a directory would move below itself. It was checked before, but not while nobody else could move anything."""
    if file.type != InodeType.DIRECTORY or target is source:
        return
    number = target.number
    for _level in range(DEEPEST):
        if number == file.number:
            raise Errno(EINVAL, "a directory cannot be moved below itself")
        above = source.ext.inode(number)
        if number == ROOT_INODE or not isinstance(above, NameSpace):
            return
        number = above.parent_number()
    raise Errno(EIO, "a directory that is above itself")


def _replace(target: NameSpace, name: bytes, file: ExtInode, victim: ExtInode) -> None:
    """A name changes its file; the old one loses it."""
    target.point(name, file.number, file.type)
    if victim.type == InodeType.DIRECTORY:
        target.lose_directory(victim)
    else:
        victim.drop_name()


def _put_whiteout(source: NameSpace, name: bytes) -> None:
    """Leave a device (0, 0) behind. (renameat2(2), RENAME_WHITEOUT)"""
    record = source.new_record(InodeType.CHARACTER, WHITEOUT_MODE, Owner(0, 0))
    source.point(name, record.number, InodeType.CHARACTER)


def _exchange(source: NameSpace, name: bytes, file: ExtInode, target: NameSpace, target_name: bytes, number: int) -> None:
    """Let two names change their files."""
    if number == NOTHING:
        raise Errno(ENOENT)
    other = source.ext.inode(number)
    if other is file:
        return
    _require_no_loop(target, other, source)
    source.point(name, other.number, other.type)
    target.point(target_name, file.number, file.type)
    _hand_over(file, source, target)
    _hand_over(other, target, source)


def _hand_over(file: ExtInode, source: NameSpace, target: NameSpace) -> None:
    """The file has another name; a directory perhaps another parent, which its ".." says and which counts it."""
    file.begin_change()
    file.record.ctime_ns = clock.realtime_ns()
    if isinstance(file, NameSpace) and target is not source:
        file.set_parent(target.number)
        source.begin_change()
        shrink_links(source.record)
        target.begin_change()
        grow_links(target.record, source.ext)
