"""mount(2), umount2(2), pivot_root(2).

Every mount is private to its table, so MS_PRIVATE and MS_SLAVE change nothing and succeed, and MS_SHARED is refused. MS_SYNCHRONOUS and
MS_DIRSYNC always hold for what is in memory, and are refused for a disk.
"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.places import require_flags
from executor.declare import UserPath, UserString, syscall
from objects.credentials import CAP_SYS_ADMIN
from objects.inode import Inode
from objects.processes import processes
from objects.task import Task
from objects.view import Location, Mount, MountFlags
from scarlet.kernel.memory.user import UserPtr, read_cstring
from scarlet.lang import Errno
from scarlet.lang.errno import EINVAL, EROFS
from vfs import mounts
from vfs.filesystems import known, lies_on_disk, make, make_on
from vfs.walk import Walk, search_directory, walk, walker_at_end


class MsFlags(IntFlag):
    """mount(2)"""

    MS_RDONLY = 1
    MS_NOSUID = 2
    MS_NODEV = 4
    MS_NOEXEC = 8
    MS_SYNCHRONOUS = 16
    MS_REMOUNT = 32
    MS_MANDLOCK = 64
    MS_DIRSYNC = 128
    MS_NOSYMFOLLOW = 256
    MS_NOATIME = 1024
    MS_NODIRATIME = 2048
    MS_BIND = 4096
    MS_MOVE = 8192
    MS_REC = 16384
    MS_SILENT = 32768
    MS_UNBINDABLE = 1 << 17
    MS_PRIVATE = 1 << 18
    MS_SLAVE = 1 << 19
    MS_SHARED = 1 << 20
    MS_RELATIME = 1 << 21
    MS_STRICTATIME = 1 << 24
    MS_LAZYTIME = 1 << 25


MAGIC: Final = 0xC0ED0000
"""What old programs put into the upper half of the flags."""
ATTRIBUTES: Final = (
    MsFlags.MS_RDONLY | MsFlags.MS_NOSUID | MsFlags.MS_NODEV | MsFlags.MS_NOEXEC | MsFlags.MS_NOSYMFOLLOW
    | MsFlags.MS_NOATIME | MsFlags.MS_NODIRATIME | MsFlags.MS_RELATIME | MsFlags.MS_STRICTATIME
)  # fmt: skip
"""The flags a mount keeps; they have the same values in MountFlags."""
SYNCHRONOUS: Final = MsFlags.MS_SYNCHRONOUS | MsFlags.MS_DIRSYNC
IGNORED: Final = SYNCHRONOUS | MsFlags.MS_SILENT
PROPAGATION: Final = MsFlags.MS_UNBINDABLE | MsFlags.MS_PRIVATE | MsFlags.MS_SLAVE | MsFlags.MS_SHARED
MAX_OPTIONS: Final = 4096
MAX_TYPE: Final = 4096


@syscall(40)
def mount(task: Task, source: UserString, target: UserPath, filesystemtype: UserString, mountflags: MsFlags, data: UserString) -> None:
    """mount(2): new mounts, MS_BIND with MS_REC, MS_MOVE, MS_REMOUNT with and without MS_BIND, MS_PRIVATE and MS_SLAVE."""
    flags = int(mountflags)
    if flags & 0xFFFF0000 == MAGIC:
        flags &= 0xFFFF
    task.credentials.require(CAP_SYS_ADMIN, "mounting needs CAP_SYS_ADMIN")
    options = _text(task, data, MAX_OPTIONS)
    place = walk(task.view, task.credentials, None, read_path(task, target))
    if flags & MsFlags.MS_REMOUNT:
        require_flags(flags, MsFlags.MS_REMOUNT | MsFlags.MS_BIND | ATTRIBUTES | IGNORED)
        _remount(place, flags, options)
    elif flags & MsFlags.MS_BIND:
        require_flags(flags, MsFlags.MS_BIND | MsFlags.MS_REC | IGNORED | ATTRIBUTES)
        origin = walk(task.view, task.credentials, None, read_path(task, source))
        mounts.bind(task.view.mounts, origin, place, recursive=flags & MsFlags.MS_REC != 0)
    elif flags & PROPAGATION:
        _set_propagation(place, flags)
    elif flags & MsFlags.MS_MOVE:
        require_flags(flags, MsFlags.MS_MOVE | IGNORED)
        origin = walk(task.view, task.credentials, None, read_path(task, source))
        if not mounts.is_mount_point(origin):
            raise Errno(EINVAL, "not a mount point")
        mounts.move(task.view.mounts, origin.mount, place)
    else:
        require_flags(flags, ATTRIBUTES | IGNORED)
        kind = _text(task, filesystemtype, MAX_TYPE)
        name = _text(task, source, MAX_TYPE)
        root = _new_root(task, kind, source, name, flags, options)
        mounts.attach(task.view.mounts, root, place, _attributes(flags), name if len(name) > 0 else b"none")


def _new_root(task: Task, kind: bytes, source: UserPtr, name: bytes, flags: int, options: bytes) -> Inode:
    """A file system that lies on a disk is found by the path of the disk, or of a regular file that holds its image."""
    if not known(kind).needs_device:
        return make(kind, name, options)
    _require_delayed(flags)
    disk = walk(task.view, task.credentials, None, read_path(task, source)).inode
    return make_on(kind, disk, options, to_write=flags & MsFlags.MS_RDONLY == 0)


def _require_delayed(flags: int) -> None:
    """EINVAL for a disk that is to be written at once: sync(2), fsync(2) and O_SYNC do that."""
    if flags & SYNCHRONOUS:
        raise Errno(EINVAL, "no mount of a disk is synchronous")


def _text(task: Task, address: UserPtr, limit: int) -> bytes:
    """A string that may be missing. EFAULT."""
    return read_cstring(task.space, address, limit) if address != 0 else b""


def _attributes(flags: int) -> MountFlags:
    """The flags of a mount; access times are relative unless something else was asked for."""
    kept = flags & ATTRIBUTES
    if not kept & (MsFlags.MS_NOATIME | MsFlags.MS_STRICTATIME):
        kept |= MsFlags.MS_RELATIME
    return MountFlags(kept)


def _remount(place: Location, flags: int, options: bytes) -> None:
    if not mounts.is_mount_point(place):
        raise Errno(EINVAL, "not a mount point")
    filesystem = place.mount.filesystem
    if not flags & MsFlags.MS_BIND:
        _require_unchanged(filesystem.options(), options)
    if not flags & MsFlags.MS_BIND and lies_on_disk(filesystem.name):
        _require_delayed(flags)
        if filesystem.read_only and not flags & MsFlags.MS_RDONLY:
            raise Errno(EROFS, "the file system can only be read")
    mounts.remount(place.mount, _attributes(flags))


def _require_unchanged(there: bytes, wanted: bytes) -> None:
    """EINVAL for an option that the file system has not got already: mount(8) reads them in /proc/mounts and passes them on."""
    for option in wanted.split(b","):
        if len(option) > 0 and option not in there.split(b","):
            raise Errno(EINVAL, "the options of a file system do not change")


def _set_propagation(place: Location, flags: int) -> None:
    require_flags(flags, PROPAGATION | MsFlags.MS_REC | MsFlags.MS_SILENT)
    if not mounts.is_mount_point(place):
        raise Errno(EINVAL, "not a mount point")
    kind = flags & PROPAGATION
    if kind != MsFlags.MS_PRIVATE and kind != MsFlags.MS_SLAVE:
        raise Errno(EINVAL, "every mount is private")


class UmountFlags(IntFlag):
    """umount2(2)"""

    MNT_FORCE = 1
    MNT_DETACH = 2
    MNT_EXPIRE = 4
    UMOUNT_NOFOLLOW = 8


@syscall(39)
def umount2(task: Task, target: UserPath, flags: UmountFlags) -> None:
    """umount2(2) with MNT_DETACH, MNT_EXPIRE and UMOUNT_NOFOLLOW; MNT_FORCE does no more than none, as without a server."""
    require_flags(int(flags), 15)
    task.credentials.require(CAP_SYS_ADMIN, "unmounting needs CAP_SYS_ADMIN")
    if flags & UmountFlags.MNT_EXPIRE:
        if flags & (UmountFlags.MNT_FORCE | UmountFlags.MNT_DETACH):
            raise Errno(EINVAL, "MNT_EXPIRE goes alone")
    chosen = _mount_at(task, read_path(task, target), follow=not flags & UmountFlags.UMOUNT_NOFOLLOW)
    if flags & UmountFlags.MNT_EXPIRE:
        mounts.expire(task.view.mounts, chosen)
    elif flags & UmountFlags.MNT_DETACH:
        mounts.detach(task.view.mounts, chosen)
    else:
        mounts.unmount(task.view.mounts, chosen)


def _mount_at(task: Task, path: bytes, *, follow: bool) -> Mount:
    """The mount whose top a path names. No Location in it is made, which would keep it busy."""
    walker = walker_at_end(task.view, task.credentials, None, path, Walk.FOLLOW if follow else Walk.NONE)
    if walker.inode is not walker.mount.root:
        raise Errno(EINVAL, "not a mount point")
    return walker.mount


@syscall(41)
def pivot_root(task: Task, new_root: UserPath, put_old: UserPath) -> None:
    """pivot_root(2): processes whose root or working directory was the old root get the new one."""
    task.credentials.require(CAP_SYS_ADMIN, "pivot_root needs CAP_SYS_ADMIN")
    new = walk(task.view, task.credentials, None, read_path(task, new_root))
    old_place = walk(task.view, task.credentials, None, read_path(task, put_old))
    search_directory(task.credentials, new)
    old = task.view.root
    mounts.pivot(task.view, new, old_place)
    for process in processes.all():
        if process.zombie or process.view.mounts is not task.view.mounts:
            continue
        if _same(process.view.root, old):
            process.view.root = new
        if _same(process.view.cwd, old):
            process.view.cwd = new


def _same(left: Location, right: Location) -> bool:
    return left.mount is right.mount and left.inode is right.inode
