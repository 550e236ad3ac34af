"""From (dirfd, path) to a place: how the *at calls name files. (open(2), "Rationale for openat()"; path_resolution(7))"""

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import AT_FDCWD, AtFlags
from executor.declare import has_other_bits
from objects.credentials import Credentials
from objects.file import MAX_OFFSET
from objects.metadata import Metadata
from objects.object import KernelObject, Rights, Status, Whence
from objects.task import Task
from objects.view import Location
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import Errno
from scarlet.lang.errno import EBADF, EINVAL, ENOENT, ENOTDIR
from vfs.objectplaces import place_of_object
from vfs.walk import Walk, walk, walk_inode


def start_of(task: Task, dirfd: int, path: bytes) -> Location | None:
    """Where a path begins; None for the working directory, and for an absolute path, which needs no beginning. EBADF, ENOTDIR."""
    if dirfd == AT_FDCWD or path[:1] == b"/":
        return None
    if len(path) == 0:
        raise Errno(ENOENT, "an empty path")
    place = task.handles.object(dirfd).location()
    if place is None:
        raise Errno(ENOTDIR)
    return place


def find(task: Task, dirfd: int, path: UserPtr, flags: AtFlags) -> Location:
    """The place that (dirfd, path, flags) names; AT_EMPTY_PATH is obeyed. EBADF, ENOENT and the other errors of a walk."""
    return find_as(task, task.credentials, dirfd, path, flags)


def find_as(task: Task, who: Credentials, dirfd: int, path: UserPtr, flags: AtFlags) -> Location:
    """The same, searched with other credentials than the task's."""
    name = read_path(task, path)
    if len(name) == 0 and flags & AtFlags.AT_EMPTY_PATH:
        return find_by_handle(task, dirfd)
    follow = Walk.NONE if flags & AtFlags.AT_SYMLINK_NOFOLLOW else Walk.FOLLOW
    return walk(task.view, who, start_of(task, dirfd, name), name, follow)


def find_by_handle(task: Task, fd: int) -> Location:
    """The place of an open file, of a pipe or socket too, or the working directory for AT_FDCWD. EBADF."""
    if fd == AT_FDCWD:
        return task.view.cwd
    return place_of_object(task.handles.object(fd))


def find_metadata(task: Task, dirfd: int, path: UserPtr, flags: AtFlags) -> Metadata:
    """The attributes of what (dirfd, path, flags) names, without making a Location: stat(2) is called often."""
    name = read_path(task, path)
    if len(name) == 0 and flags & AtFlags.AT_EMPTY_PATH:
        if dirfd == AT_FDCWD:
            return task.view.cwd.inode.metadata()
        return task.handles.object(dirfd).metadata()
    follow = Walk.NONE if flags & AtFlags.AT_SYMLINK_NOFOLLOW else Walk.FOLLOW
    return walk_inode(task.view, task.credentials, start_of(task, dirfd, name), name, follow).metadata()


def require_flags(flags: int, allowed: int) -> None:
    """EINVAL when there are others than the allowed ones."""
    if has_other_bits(flags, allowed):
        raise Errno(EINVAL, "unknown flags")


def with_offsets(task: Task, fd: int, rights: Rights) -> KernelObject:
    """The object to read or write at an offset. EBADF; ESPIPE instead when it has no offsets either."""
    handle = task.handles.handle(fd)
    if handle.rights & rights != rights:
        content(task, fd).seek(0, Whence.CURRENT)
    return task.handles.stream(fd, rights)


def require_transfer(object: KernelObject, buffer: Buffer, offset: int) -> None:
    """EINVAL when the end of a transfer cannot be told as an offset; ESPIPE first when there are no offsets. (Linux: rw_verify_area)"""
    if buffer.length > MAX_OFFSET - offset:
        object.seek(0, Whence.CURRENT)
        raise Errno(EINVAL, "the transfer would end beyond the largest offset")


def content(task: Task, fd: int) -> KernelObject:
    """The object of a handle that is more than a mere place. EBADF for one opened with O_PATH, as for one that is closed."""
    object = task.handles.object(fd)
    if object.status & Status.PATH:
        raise Errno(EBADF, "opened with O_PATH")
    return object
