"""What files are, who may use them, and changing that."""

from typing import Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import (
    AT_FDCWD,
    AccessFlags,
    AccessMode,
    AtFlags,
    DirFd,
    InTimespecPair,
    OutStat,
    OutStatfs,
    OutStatx,
    UserId,
)
from abi_modules.linux_riscv64.layouts import STATX_ATTR_MOUNT_ROOT, STATX_MNT_ID, STATX_RESERVED, make_stat, make_statfs, make_statx
from abi_modules.linux_riscv64.places import content, find, find_as, find_metadata, require_flags
from abi_modules.linux_riscv64.structures import NS_PER_SECOND, Timespec
from executor.declare import Fd, Mode, UserPath, syscall
from objects.task import Task
from objects.view import Location, MountFlags
from scarlet.kernel.memory.user import UserPtr, load_bytes, store_bytes
from scarlet.lang import Errno, i64, isize, u32, u64
from scarlet.lang.errno import EFAULT, EINVAL
from vfs.attributes import NOW, OMIT, change_mode, change_owner, change_times, real_credentials, require_access
from vfs.mounts import is_mount_point
from vfs.objectplaces import place_of_object
from vfs.walk import walk

STAT_FLAGS: Final = 0x100 | 0x800 | 0x1000 | 0x6000
"""AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH, and the AT_STATX_ hints about file servers."""
OWNER_FLAGS: Final = AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH
UTIME_NOW: Final = 0x3FFFFFFF
UTIME_OMIT: Final = 0x3FFFFFFE
UNCHANGED: Final = 0xFFFFFFFF
FARTHEST_SECONDS: Final = 9_223_372_035


# --- asking -----------------------------------------------------------------------------------------------------------------


@syscall(80)
def fstat(task: Task, fd: Fd, statbuf: OutStat) -> None:
    """fstat(2)"""
    store_bytes(task.space, statbuf, make_stat(task.handles.object(fd).metadata()).pack())


@syscall(79)
def newfstatat(task: Task, dirfd: DirFd, pathname: UserPath, statbuf: OutStat, flags: AtFlags) -> None:
    """stat(2), lstat(2), fstatat(2)"""
    require_flags(int(flags), STAT_FLAGS)
    store_bytes(task.space, statbuf, make_stat(find_metadata(task, dirfd, pathname, flags)).pack())


@syscall(291)
def statx(task: Task, dirfd: DirFd, pathname: UserPath, flags: AtFlags, mask: u32, statxbuf: OutStatx) -> None:
    """statx(2): always everything that is known, whatever the mask asks for."""
    require_flags(int(flags), STAT_FLAGS)
    if mask & u32(STATX_RESERVED) or int(flags) & 0x6000 == 0x6000:
        raise Errno(EINVAL, "a reserved bit of the mask, or contradicting flags")
    name = read_path(task, pathname)
    place: Location | None = None
    if len(name) == 0 and flags & AtFlags.AT_EMPTY_PATH and dirfd != AT_FDCWD:
        object = task.handles.object(dirfd)
        result = make_statx(object.metadata())
        place = object.location()
    else:
        place = find(task, dirfd, pathname, flags)
        result = make_statx(place.inode.metadata())
    result.stx_attributes_mask = u64(STATX_ATTR_MOUNT_ROOT)
    if place is not None:
        result.stx_mask = u32(result.stx_mask | u32(STATX_MNT_ID))
        result.stx_mnt_id = u64(place.mount.identity)
        if place.mount.identity != 0 and is_mount_point(place):
            result.stx_attributes = u64(STATX_ATTR_MOUNT_ROOT)
    store_bytes(task.space, statxbuf, result.pack())


@syscall(43)
def statfs(task: Task, path: UserPath, buf: OutStatfs) -> None:
    """statfs(2)"""
    place = walk(task.view, task.credentials, None, read_path(task, path))
    _store_statistics(task, place, buf)


@syscall(44)
def fstatfs(task: Task, fd: Fd, buf: OutStatfs) -> None:
    """fstatfs(2)"""
    _store_statistics(task, place_of_object(task.handles.object(fd)), buf)


def _store_statistics(task: Task, place: Location, buf: UserPtr) -> None:
    flags = place.mount.flags
    if place.mount.filesystem.read_only:
        flags |= MountFlags.READ_ONLY
    store_bytes(task.space, buf, make_statfs(place.mount.filesystem.statistics(), flags).pack())


@syscall(48)
def faccessat(task: Task, dirfd: DirFd, pathname: UserPath, mode: AccessMode) -> None:
    """access(2), by the real identities"""
    _access(task, int(dirfd), pathname, int(mode), AccessFlags(0))


@syscall(439)
def faccessat2(task: Task, dirfd: DirFd, pathname: UserPath, mode: AccessMode, flags: AccessFlags) -> None:
    """access(2) with AT_EACCESS, AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH"""
    require_flags(int(flags), AccessFlags.AT_EACCESS | AccessFlags.AT_SYMLINK_NOFOLLOW | AccessFlags.AT_EMPTY_PATH)
    _access(task, int(dirfd), pathname, int(mode), flags)


def _access(task: Task, dirfd: int, pathname: UserPtr, mode: int, flags: AccessFlags) -> None:
    if mode & ~7:
        raise Errno(EINVAL, "unknown access mode")
    who = task.credentials
    if not flags & AccessFlags.AT_EACCESS:
        who = real_credentials(who)
    place = find_as(task, who, dirfd, pathname, AtFlags(int(flags) & OWNER_FLAGS))
    require_access(who, place.mount, place.inode, mode)


# --- changing ---------------------------------------------------------------------------------------------------------------


@syscall(166)
def umask(task: Task, mask: Mode) -> isize:
    """umask(2): the previous mask."""
    previous = task.view.umask
    task.view.umask = int(mask) & 0o777
    return isize(previous)


@syscall(52)
def fchmod(task: Task, fd: Fd, mode: Mode) -> None:
    """fchmod(2)"""
    change_mode(task.credentials, place_of_object(content(task, fd)), int(mode))


@syscall(53)
def fchmodat(task: Task, dirfd: DirFd, pathname: UserPath, mode: Mode) -> None:
    """chmod(2)"""
    change_mode(task.credentials, find(task, dirfd, pathname, AtFlags(0)), int(mode))


@syscall(452)
def fchmodat2(task: Task, dirfd: DirFd, pathname: UserPath, mode: Mode, flags: AtFlags) -> None:
    """chmod(2) with AT_SYMLINK_NOFOLLOW (EOPNOTSUPP for a symbolic link) and AT_EMPTY_PATH"""
    require_flags(int(flags), OWNER_FLAGS)
    change_mode(task.credentials, find(task, dirfd, pathname, flags), int(mode))


@syscall(55)
def fchown(task: Task, fd: Fd, owner: UserId, group: UserId) -> None:
    """fchown(2)"""
    change_owner(task.credentials, place_of_object(content(task, fd)), _identity(owner), _identity(group))


@syscall(54)
def fchownat(task: Task, dirfd: DirFd, pathname: UserPath, owner: UserId, group: UserId, flags: AtFlags) -> None:
    """chown(2), lchown(2)"""
    require_flags(int(flags), OWNER_FLAGS)
    change_owner(task.credentials, find(task, dirfd, pathname, flags), _identity(owner), _identity(group))


def _identity(number: u32) -> int:
    return -1 if number == UNCHANGED else int(number)


@syscall(88)
def utimensat(task: Task, dirfd: DirFd, pathname: UserPath, times: InTimespecPair, flags: AtFlags) -> None:
    """utimensat(2); without a path it is futimens(3) on dirfd."""
    atime = Timespec(tv_nsec=i64(UTIME_NOW))
    mtime = Timespec(tv_nsec=i64(UTIME_NOW))
    if times != 0:
        data = load_bytes(task.space, times, 2 * Timespec.SIZE)
        atime = Timespec.parse(data)
        mtime = Timespec.parse(data, Timespec.SIZE)
        if atime.tv_nsec == UTIME_OMIT and mtime.tv_nsec == UTIME_OMIT:
            return
    require_flags(int(flags), OWNER_FLAGS)
    target = _time_target(task, int(dirfd), pathname, flags)
    change_times(task.credentials, target, _time_ns(atime), _time_ns(mtime))


def _time_target(task: Task, dirfd: int, pathname: UserPtr, flags: AtFlags) -> Location:
    if pathname != 0:
        return find(task, dirfd, pathname, flags)
    if dirfd == AT_FDCWD:
        raise Errno(EFAULT, "neither a path nor a descriptor")
    if flags & AtFlags.AT_SYMLINK_NOFOLLOW:
        raise Errno(EINVAL, "a descriptor is no symbolic link")
    return place_of_object(content(task, dirfd))


def _time_ns(time: Timespec) -> int:
    """Nanoseconds, NOW or OMIT. The two nanoseconds before 1970 that mean something else here are moved by one or two."""
    if time.tv_nsec == UTIME_NOW:
        return NOW
    if time.tv_nsec == UTIME_OMIT:
        return OMIT
    if not 0 <= time.tv_nsec < NS_PER_SECOND:
        raise Errno(EINVAL, "tv_nsec is no fraction of a second")
    seconds = max(min(int(time.tv_sec), FARTHEST_SECONDS), -FARTHEST_SECONDS)
    ns = seconds * NS_PER_SECOND + int(time.tv_nsec)
    return ns - 2 if ns == OMIT or ns == NOW else ns
