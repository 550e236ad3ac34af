"""5xx: mounts. What hangs where in the tree of files. All but the list need CAP_SYS_ADMIN."""

from typing import Final

from abi_modules.native.declare import DataOut, StringsIn, TextIn
from abi_modules.native.failures import Failure
from abi_modules.native.interface import MountFlags, UnmountFlags
from abi_modules.native.places import check_flags, read_text
from abi_modules.native.status import Status
from abi_modules.native.strings import read_strings
from abi_modules.native.views import store_text
from executor.declare import syscall
from objects.credentials import CAP_SYS_ADMIN
from objects.inode import Inode
from objects.task import Task
from objects.view import MountFlags as KernelFlags
from scarlet.lang import usize
from vfs import mounts
from vfs.filesystems import known, make, make_on
from vfs.procfs.mounttables import mounts as mount_lines
from vfs.walk import Walk, walk, walker_at_end

FORBIDDING: Final = MountFlags.READ_ONLY | MountFlags.NO_SET_ID | MountFlags.NO_DEVICES | MountFlags.NO_EXECUTE | MountFlags.NO_ACCESS_TIMES


@syscall(500)
def mount_attach(task: Task, request: StringsIn, request_size: usize, flags: MountFlags) -> None:
    """Mount a file system: the four strings are its kind, its source, the directory to cover and its options.

    The source of a kind that lies on disks is the path of a disk, or of a regular file that holds the image of one. ACCESS_DENIED without
    READ_ONLY when it can only be read.
    """
    check_flags(flags, FORBIDDING)
    task.credentials.require(CAP_SYS_ADMIN, "mounting needs CAP_SYS_ADMIN")
    strings = read_strings(task, request, request_size)
    if len(strings) != 4:
        raise Failure(Status.INVALID_ARGUMENT, "kind, source, directory and options are needed")
    place = walk(task.view, task.credentials, None, strings[2])
    source = strings[1] if len(strings[1]) > 0 else b"none"
    root = _new_root(task, strings[0], strings[1], strings[3], to_write=flags & MountFlags.READ_ONLY == 0)
    mounts.attach(task.view.mounts, root, place, _kernel_flags(flags), source)


def _new_root(task: Task, kind: bytes, source: bytes, options: bytes, *, to_write: bool) -> Inode:
    if not known(kind).needs_device:
        return make(kind, source, options)
    return make_on(kind, walk(task.view, task.credentials, None, source).inode, options, to_write=to_write)


@syscall(501)
def mount_bind(task: Task, source: TextIn, source_size: usize, target: TextIn, target_size: usize, flags: MountFlags) -> None:
    """Let a part of the tree be seen at another place as well; with RECURSIVE also what is mounted in it."""
    check_flags(flags, MountFlags.RECURSIVE)
    task.credentials.require(CAP_SYS_ADMIN, "mounting needs CAP_SYS_ADMIN")
    origin = walk(task.view, task.credentials, None, read_text(task, source, source_size))
    place = walk(task.view, task.credentials, None, read_text(task, target, target_size))
    mounts.bind(task.view.mounts, origin, place, recursive=flags & MountFlags.RECURSIVE != 0)


@syscall(502)
def mount_change(task: Task, target: TextIn, target_size: usize, flags: MountFlags) -> None:
    """Change what a mount forbids."""
    check_flags(flags, FORBIDDING)
    task.credentials.require(CAP_SYS_ADMIN, "mounting needs CAP_SYS_ADMIN")
    place = walk(task.view, task.credentials, None, read_text(task, target, target_size))
    if not mounts.is_mount_point(place):
        raise Failure(Status.INVALID_ARGUMENT, "not a mount point")
    mounts.remount(place.mount, _kernel_flags(flags))


@syscall(503)
def mount_detach(task: Task, target: TextIn, target_size: usize, flags: UnmountFlags) -> None:
    """Take a mount away. BUSY while something in it is in use, unless LATER."""
    check_flags(flags, UnmountFlags.LATER)
    task.credentials.require(CAP_SYS_ADMIN, "unmounting needs CAP_SYS_ADMIN")
    walker = walker_at_end(task.view, task.credentials, None, read_text(task, target, target_size), Walk.FOLLOW)
    if walker.inode is not walker.mount.root:
        raise Failure(Status.INVALID_ARGUMENT, "not a mount point")
    if flags & UnmountFlags.LATER:
        mounts.detach(task.view.mounts, walker.mount)
    else:
        mounts.unmount(task.view.mounts, walker.mount)


@syscall(504)
def mount_list(task: Task, into: DataOut, size: usize) -> usize:
    """The mounts that the caller's root reaches, a line each: source, directory, kind, options. BUFFER_TOO_SMALL."""
    return store_text(task, into, size, mount_lines(task.view))


def _kernel_flags(flags: MountFlags) -> KernelFlags:
    """The values are the same; access times are relative unless there are to be none."""
    kept = KernelFlags(int(flags))
    return kept if kept & KernelFlags.NOATIME else kept | KernelFlags.RELATIME
