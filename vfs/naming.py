"""Making, removing and moving names: mkdir, mknod, symlink, link, unlink, rmdir, rename.

All work in the directory that a walk reaches with one component left. A file system checks what only it knows (is the directory
empty?); here is what holds for all: kinds, read-only mounts, permissions, mount points.

Sources: mkdir(2), mknod(2), symlink(2), link(2), unlink(2), rmdir(2), rename(2).
"""

from objects.credentials import CAP_MKNOD, Credentials
from objects.inode import Inode, InodeType
from objects.metadata import RenameFlags
from objects.view import Location, Mount, View
from scarlet.lang.errno import EBUSY, EEXIST, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EXDEV, Errno
from vfs.ancestors import ancestors
from vfs.permissions import WRITE, new_mode, new_owner, require, require_add, require_link, require_remove, require_writable_mount
from vfs.walk import PATH_MAX, Walk, Walker, walk_parent, walker_at_end


def _place_for_new(view: View, who: Credentials, start: Location | None, path: bytes, *, directory: bool) -> Walker:
    """A walker in the directory in which the last name may be made. EEXIST, ENOENT, EROFS, EACCES."""
    walker = _free_place(view, who, start, path, directory=directory)
    require_add(who, walker.inode)
    return walker


def _free_place(view: View, who: Credentials, start: Location | None, path: bytes, *, directory: bool) -> Walker:
    """The same, whether or not the caller may add names there."""
    walker = walk_parent(view, who, start, path)
    if len(walker.last_name) == 0 or walker.last_is_special():
        raise Errno(EEXIST)
    _require_absent(walker.inode, walker.last_name)
    if walker.trailing_slash and not directory:
        raise Errno(ENOENT, "only a directory's name ends in a slash")
    require_writable_mount(walker.mount)
    return walker


def _require_absent(directory: Inode, name: bytes) -> None:
    try:
        directory.lookup(name)
    except Errno as error:
        if error.code != ENOENT:
            raise
        return
    raise Errno(EEXIST)


def make_directory(view: View, who: Credentials, start: Location | None, path: bytes, mode: int) -> None:
    """mkdir(2): the sticky bit and permissions of `mode` count, less the view's umask."""
    walker = _place_for_new(view, who, start, path, directory=True)
    directory = walker.inode
    final = new_mode(who, directory, InodeType.DIRECTORY, mode & 0o1777, view.umask)
    directory.create(walker.last_name, InodeType.DIRECTORY, final, new_owner(who, directory))


def make_node(view: View, who: Credentials, start: Location | None, path: bytes, type: InodeType, mode: int, device: int) -> Location:
    """mknod(2): a regular file, FIFO, socket or device; where it is. EPERM for a directory, and for a device without CAP_MKNOD."""
    if type == InodeType.DIRECTORY:
        raise Errno(EPERM, "a directory is made with mkdir")
    if type == InodeType.SYMLINK or type == InodeType.UNKNOWN:
        raise Errno(EINVAL, "not a type mknod can make")
    walker = _place_for_new(view, who, start, path, directory=False)
    is_device = type == InodeType.CHARACTER or type == InodeType.BLOCK
    if is_device and not (type == InodeType.CHARACTER and device == 0):
        who.require(CAP_MKNOD, "making a device needs CAP_MKNOD")
    directory = walker.inode
    final = new_mode(who, directory, type, mode, view.umask)
    walker.arrive(directory.create(walker.last_name, type, final, new_owner(who, directory), device if is_device else 0))
    return walker.location()


def make_symlink(view: View, who: Credentials, target: bytes, start: Location | None, path: bytes) -> None:
    """symlink(2): `target` is any text, but not an empty one (ENOENT)."""
    if len(target) == 0:
        raise Errno(ENOENT, "an empty target")
    if len(target) >= PATH_MAX:
        raise Errno(ENAMETOOLONG)
    walker = _place_for_new(view, who, start, path, directory=False)
    walker.inode.symlink(walker.last_name, target, new_owner(who, walker.inode))


def link_path(
    view: View, who: Credentials, old_start: Location | None, old_path: bytes, start: Location | None, path: bytes, *, follow: bool
) -> None:
    """link(2): one more name for a file; a symbolic link itself gets it unless `follow`."""
    source = walker_at_end(view, who, old_start, old_path, Walk.FOLLOW if follow else Walk.NONE)
    _link(view, who, source.mount, source.inode, start, path)


def link_location(view: View, who: Credentials, source: Location, start: Location | None, path: bytes) -> None:
    """A name for a file at a known place, an open one for instance. (linkat(2), AT_EMPTY_PATH)"""
    _link(view, who, source.mount, source.inode, start, path)


def _link(view: View, who: Credentials, mount: Mount, inode: Inode, start: Location | None, path: bytes) -> None:
    walker = _free_place(view, who, start, path, directory=False)
    if walker.mount is not mount:
        raise Errno(EXDEV)
    require_link(who, inode)
    require_add(who, walker.inode)
    if inode.type == InodeType.DIRECTORY:
        raise Errno(EPERM, "a directory has one name")
    walker.inode.link(walker.last_name, inode)


def remove_file(view: View, who: Credentials, start: Location | None, path: bytes) -> None:
    """unlink(2). EISDIR for a directory."""
    walker = walk_parent(view, who, start, path)
    if len(walker.last_name) == 0 or walker.last_is_special():
        raise Errno(EISDIR)
    require_writable_mount(walker.mount)
    directory = walker.inode
    child = directory.lookup(walker.last_name)
    if walker.trailing_slash:
        raise Errno(EISDIR if child.type == InodeType.DIRECTORY else ENOTDIR)
    require_remove(who, directory, child)
    if child.type == InodeType.DIRECTORY:
        raise Errno(EISDIR)
    _require_uncovered(walker.mount, child)
    directory.unlink(walker.last_name)


def remove_directory(view: View, who: Credentials, start: Location | None, path: bytes) -> None:
    """rmdir(2). ENOTEMPTY, ENOTDIR; EINVAL for ".", EBUSY for a mount point or the root."""
    walker = walk_parent(view, who, start, path)
    if len(walker.last_name) == 0:
        raise Errno(EBUSY, "the root stays")
    if walker.last_is_special():
        raise Errno(EINVAL if len(walker.last_name) == 1 else ENOTEMPTY)
    require_writable_mount(walker.mount)
    directory = walker.inode
    child = directory.lookup(walker.last_name)
    require_remove(who, directory, child)
    if child.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    _require_uncovered(walker.mount, child)
    directory.rmdir(walker.last_name)


def _require_uncovered(mount: Mount, inode: Inode) -> None:
    """EBUSY when something is mounted there."""
    if inode.mount_points > 0 and inode in mount.children:
        raise Errno(EBUSY, "a mount point")


def rename(
    view: View, who: Credentials, start: Location | None, path: bytes, new_start: Location | None, new_path: bytes, flags: RenameFlags
) -> None:
    """renameat2(2): move a name, replacing what the new one meant unless NOREPLACE; EXCHANGE swaps the two."""
    source = walk_parent(view, who, start, path)
    target = walk_parent(view, who, new_start, new_path)
    if source.mount is not target.mount:
        raise Errno(EXDEV)
    if len(source.last_name) == 0 or source.last_is_special():
        raise Errno(EBUSY)
    if len(target.last_name) == 0 or target.last_is_special():
        raise Errno(EEXIST if flags & RenameFlags.NOREPLACE else EBUSY)
    require_writable_mount(source.mount)
    moved = source.inode.lookup(source.last_name)
    victim = _target(target, flags)
    _require_no_loop(source.inode, moved, target.inode, victim, flags)
    if moved.type != InodeType.DIRECTORY and (source.trailing_slash or (target.trailing_slash and not flags & RenameFlags.EXCHANGE)):
        raise Errno(ENOTDIR)
    if victim is not None and flags & RenameFlags.EXCHANGE and target.trailing_slash and victim.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    if moved is victim and not moved.filesystem.folds_case:
        return  # two names of one file: nothing to do, so nothing to be allowed
    require_remove(who, source.inode, moved)
    if victim is None:
        require_add(who, target.inode)
    else:
        require_remove(who, target.inode, victim)
        _require_same_kind(moved, victim, flags)
    if source.inode is not target.inode:
        _require_reparenting(who, moved)
        if victim is not None and flags & RenameFlags.EXCHANGE:
            _require_reparenting(who, victim)
    _require_uncovered(source.mount, moved)
    if victim is not None:
        _require_uncovered(target.mount, victim)
    source.inode.rename(source.last_name, target.inode, target.last_name, flags)


def _target(target: Walker, flags: RenameFlags) -> Inode | None:
    """What the new name means now, None if nothing."""
    victim: Inode | None = None
    try:
        victim = target.inode.lookup(target.last_name)
    except Errno as error:
        if error.code != ENOENT or flags & RenameFlags.EXCHANGE:
            raise
    if victim is not None and flags & RenameFlags.NOREPLACE:
        raise Errno(EEXIST)
    return victim


def _require_same_kind(moved: Inode, victim: Inode, flags: RenameFlags) -> None:
    if flags & RenameFlags.EXCHANGE:
        return
    if moved.type == InodeType.DIRECTORY and victim.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    if moved.type != InodeType.DIRECTORY and victim.type == InodeType.DIRECTORY:
        raise Errno(EISDIR)


def _require_reparenting(who: Credentials, moved: Inode) -> None:
    """Moving a directory elsewhere changes its "..": that needs write permission on it."""
    if moved.type == InodeType.DIRECTORY:
        require(who, moved, WRITE)


def _require_no_loop(source: Inode, moved: Inode, target: Inode, victim: Inode | None, flags: RenameFlags) -> None:
    """EINVAL when a directory would move below itself; ENOTEMPTY when it would replace one it is in."""
    if source is target:
        return
    if moved.type == InodeType.DIRECTORY and is_below(target, moved):
        raise Errno(EINVAL, "a directory cannot be moved below itself")
    if victim is not None and victim.type == InodeType.DIRECTORY and is_below(source, victim):
        raise Errno(EINVAL if flags & RenameFlags.EXCHANGE else ENOTEMPTY)


def is_below(directory: Inode, top: Inode) -> bool:
    """Is a directory `top` or somewhere below it, in one file system?"""
    for above in ancestors(directory):
        if above is top:
            return True
    return False
