"""Mounting: what hangs where in a view's tree, and how that changes.

A mount covers one file of another mount: `children` of the lower one finds it, `parent` of the upper one leads back, and the covered
inode counts it in `mount_points`. That is a ring of references; it is opened when the mount is detached. Every mount is private:
changes do not spread to other tables. A mount is busy as long as a Location in it exists, or something hangs on it.

Sources: mount(2), umount2(2), mount_namespaces(7), pivot_root(2).
"""

from typing import Final

from objects.inode import Inode, InodeType
from objects.view import Location, Mount, MountFlags, MountTable, View
from scarlet.lang.errno import EAGAIN, EBUSY, EINVAL, ELOOP, ENOTDIR, Errno
from vfs.ancestors import ancestors

KEPT: Final = (
    MountFlags.READ_ONLY | MountFlags.NOSUID | MountFlags.NODEV | MountFlags.NOEXEC | MountFlags.NOSYMFOLLOW
    | MountFlags.NOATIME | MountFlags.NODIRATIME | MountFlags.RELATIME | MountFlags.STRICTATIME
)  # fmt: skip
"""The flags a mount has; the others of mount(2) say what to do."""


def first_mount(root: Inode, source: bytes, flags: MountFlags = MountFlags.RELATIME, abi: str = "") -> View:
    """A view of one file system, its root the root of everything."""
    mount = Mount(root.filesystem, root, None, flags, source)
    mount.identity = 1
    table = MountTable(mount, abi)
    table.next_identity = 2
    return View(Location(mount, root), Location(mount, root), table)


def attach(table: MountTable, root: Inode, place: Location, flags: MountFlags, source: bytes) -> Mount:
    """Mount a tree over a place, above whatever covers it already. ENOTDIR unless both are directories or neither is."""
    place = _uppermost(place)
    if (root.type == InodeType.DIRECTORY) != (place.inode.type == InodeType.DIRECTORY):
        raise Errno(ENOTDIR, "a directory covers a directory, a file covers a file")
    mount = Mount(root.filesystem, root, None, flags & KEPT, source)
    mount.identity = table.next_identity
    table.next_identity += 1
    _hang(mount, place)
    table.mounts.append(mount)
    return mount


def _uppermost(place: Location) -> Location:
    covering = place.mount.children.get(place.inode)
    while covering is not None:
        place = Location(covering, covering.root)
        covering = covering.children.get(covering.root)
    return place


def _hang(mount: Mount, place: Location) -> None:
    mount.parent = place
    place.mount.children[place.inode] = mount
    place.inode.mount_points += 1


def _unhang(mount: Mount) -> None:
    place = mount.parent
    if place is not None:
        place.mount.children.pop(place.inode)
        place.inode.mount_points -= 1
        mount.parent = None


def bind(table: MountTable, source: Location, place: Location, *, recursive: bool) -> Mount:
    """Make the tree at `source` visible at `place` as well; recursive: with what is mounted in it. ENOTDIR. (MS_BIND)"""
    return bind_from(table, source, table, place, MountFlags.NONE, recursive=recursive)


def bind_from(
    source_table: MountTable, source: Location, table: MountTable, place: Location, added: MountFlags, *, recursive: bool
) -> Mount:
    """The same from one table to another; `added` is what the new mounts forbid in addition."""
    top = attach(table, source.inode, place, source.mount.flags | added, source.mount.source)
    if recursive:
        copies: dict[Mount, Mount] = {source.mount: top}
        for mount in below(source_table, source.mount):
            covered = mount.parent
            if covered is None or mount is top or covered.mount not in copies:
                continue
            if covered.mount is source.mount and not is_within(covered, source.inode):
                continue
            place_in_copy = Location(copies[covered.mount], covered.inode, covered.directory, covered.name)
            copies[mount] = attach(table, mount.root, place_in_copy, mount.flags | added, mount.source)
    return top


def is_within(place: Location, top: Inode) -> bool:
    """Is a place `top` or below it, in one file system?"""
    inode: Inode = place.inode
    if inode is top:
        return True
    if inode.type != InodeType.DIRECTORY:
        if place.directory is None:
            return False
        inode = place.directory
    for above in ancestors(inode):
        if above is top:
            return True
    return False


def below(table: MountTable, top: Mount) -> list[Mount]:
    """The mounts that hang on `top`, directly or not, each after the one it hangs on."""
    found: list[Mount] = []
    known: set[Mount] = {top}
    for mount in table.mounts:
        place = mount.parent
        if place is not None and place.mount in known:
            known.add(mount)
            found.append(mount)
    return found


def remount(mount: Mount, flags: MountFlags) -> None:
    """Change what a mount forbids. EBUSY when it would become read-only under files that are open for writing. (MS_REMOUNT)"""
    if flags & MountFlags.READ_ONLY and not mount.flags & MountFlags.READ_ONLY and mount.writers > 0:
        raise Errno(EBUSY, "files are open for writing")
    mount.flags = flags & KEPT


def move(table: MountTable, mount: Mount, place: Location) -> None:
    """Hang a mount, with everything on it, elsewhere. EINVAL for the root; ELOOP below itself; ENOTDIR. (MS_MOVE)"""
    if mount.parent is None:
        raise Errno(EINVAL, "the root cannot be moved")
    if (mount.root.type == InodeType.DIRECTORY) != (place.inode.type == InodeType.DIRECTORY):
        raise Errno(ENOTDIR)
    upper = place.mount
    while True:
        if upper is mount:
            raise Errno(ELOOP, "a mount cannot hang on itself")
        if upper.parent is None:
            break
        upper = upper.parent.mount
    _unhang(mount)
    _hang(mount, place)
    _sort(table)


def _sort(table: MountTable) -> None:
    """Put every mount after the one it hangs on again."""
    left = table.mounts
    ordered: list[Mount] = []
    placed: set[Mount] = set()
    while len(left) > 0:
        waiting: list[Mount] = []
        for mount in left:
            place = mount.parent
            if place is None or place.mount in placed:
                ordered.append(mount)
                placed.add(mount)
            else:
                waiting.append(mount)
        left = waiting
    table.mounts = ordered


def unmount(table: MountTable, mount: Mount) -> None:
    """Take a mount off. EBUSY when anything in it is in use, or hangs on it; EINVAL for the root. The caller holds no Location in it."""
    if mount.parent is None:
        raise Errno(EINVAL, "the root cannot be unmounted")
    if mount.users > 0 or len(mount.children) > 0:
        raise Errno(EBUSY, "something in the mount is in use")
    mount.filesystem.sync()
    _unhang(mount)
    table.mounts.remove(mount)


def expire(table: MountTable, mount: Mount) -> None:
    """Take a mount off if nobody walked into it since the last call but the caller: EAGAIN the first time. EBUSY, EINVAL. (MNT_EXPIRE)"""
    if mount.parent is None:
        raise Errno(EINVAL, "the root cannot be unmounted")
    if mount.users > 0 or len(mount.children) > 0:
        raise Errno(EBUSY, "something in the mount is in use")
    untouched = mount.visits == mount.expiring_at + 1
    mount.expiring_at = mount.visits
    if not untouched:
        raise Errno(EAGAIN, "marked as unused; the next such call takes it off")
    unmount(table, mount)


def detach(table: MountTable, mount: Mount) -> None:
    """Take a mount off with everything that hangs on it; it lives on for whoever still uses it. EINVAL for the root. (MNT_DETACH)"""
    if mount.parent is None:
        raise Errno(EINVAL, "the root cannot be unmounted")
    for upper in below(table, mount)[::-1]:
        _unhang(upper)
        table.mounts.remove(upper)
    mount.filesystem.sync()
    _unhang(mount)
    table.mounts.remove(mount)


def dismantle(table: MountTable) -> None:
    """Take everything off but the root, so that a table nobody uses any more can die."""
    while len(table.mounts) > 1:
        detach(table, table.mounts[-1])


def pivot(view: View, new_root: Location, put_old: Location) -> None:
    """Make the mount at `new_root` the root of the tree and hang the old root at `put_old`. EINVAL, EBUSY. (pivot_root(2))

    Views whose root or working directory is the old root are moved by the caller.
    """
    table = view.mounts
    old = view.root.mount
    new = new_root.mount
    if new is old or put_old.mount is old:
        raise Errno(EBUSY, "the new root is the present one")
    if new_root.inode is not new.root or view.root.inode is not old.root or new.parent is None:
        raise Errno(EINVAL, "not a mount point")
    if not _hangs_below(put_old, new_root):
        raise Errno(EINVAL, "the place for the old root is not below the new one")
    if put_old.inode.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    above = old.parent
    _unhang(new)
    if above is not None:
        _unhang(old)
        _hang(new, above)
    _hang(old, put_old)
    if table.root is old:
        table.root = new
    _sort(table)


def _hangs_below(place: Location, top: Location) -> bool:
    """Is a place at or below another one, over the borders of mounts?"""
    while place.mount is not top.mount:
        covered = place.mount.parent
        if covered is None:
            return False
        place = covered
    return is_within(place, top.inode)


def is_mount_point(location: Location) -> bool:
    """Is the place the top of a mount?"""
    return location.inode is location.mount.root
