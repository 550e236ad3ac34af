"""31x: names. Making, removing, moving and linking files."""

from typing import Annotated

from abi_modules.native.declare import DataOut, Device, DirectoryHandle, TextIn
from abi_modules.native.failures import Failure
from abi_modules.native.interface import FileKind, RemoveFlags
from abi_modules.native.places import check_flags, find, read_text, view_from
from abi_modules.native.status import Status
from executor.declare import Mode, syscall
from objects.metadata import InodeType, RenameFlags
from objects.object import Rights
from objects.task import Task
from objects.view import Location, View
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import u32, usize
from vfs.naming import link_location, make_directory, make_node, make_symlink, remove_directory, remove_file, rename
from vfs.walk import Walk, walk


@syscall(310)
def file_make(
    task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, kind: Annotated[u32, FileKind], mode: Mode, device: Device
) -> None:
    """Make a directory, an empty file, a FIFO, a socket's name or a device. ALREADY_EXISTS. Needs WRITE of the handle."""
    name = read_text(task, path, path_size)
    view = view_from(task, directory, Rights.WRITE)
    if mode > 0o7777:
        raise Failure(Status.INVALID_ARGUMENT, "a mode has twelve bits")
    if kind == FileKind.DIRECTORY:
        make_directory(view, task.credentials, None, name, int(mode))
    else:
        make_node(view, task.credentials, None, name, _type(int(kind)), int(mode), int(u32(device)))


def _type(kind: int) -> InodeType:
    match kind:
        case 1:
            return InodeType.FIFO
        case 2:
            return InodeType.CHARACTER
        case 6:
            return InodeType.BLOCK
        case 8:
            return InodeType.REGULAR
        case 12:
            return InodeType.SOCKET
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "files of this kind are not made so")


@syscall(311)
def file_remove(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, flags: RemoveFlags) -> None:
    """Remove a name, or with DIRECTORY an empty directory. The file goes with its last name and handle. Needs WRITE of the handle."""
    check_flags(flags, RemoveFlags.DIRECTORY)
    name = read_text(task, path, path_size)
    view = view_from(task, directory, Rights.WRITE)
    if flags & RemoveFlags.DIRECTORY:
        remove_directory(view, task.credentials, None, name)
    else:
        remove_file(view, task.credentials, None, name)


@syscall(312)
def file_rename(
    task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, target: DirectoryHandle, name: TextIn, name_size: usize
) -> None:
    """Give a file another name, in place of what had it. OUTSIDE when that is in another file system. Needs WRITE of both handles."""
    old = read_text(task, path, path_size)
    new = read_text(task, name, name_size)
    before = view_from(task, directory, Rights.WRITE)
    after = view_from(task, target, Rights.WRITE)
    if before is after:
        rename(before, task.credentials, None, old, None, new, RenameFlags.NONE)
    else:
        source = _parent(task, before, old)
        rename(task.view, task.credentials, source, _last(old), _parent(task, after, new), _last(new), RenameFlags.NONE)


def _parent(task: Task, view: View, path: bytes) -> Location:
    """The directory that holds a path's last name."""
    start = len(path.rstrip(b"/")) - len(_last(path))
    return walk(view, task.credentials, None, path[:start] if start > 0 else b".", Walk.FOLLOW)


def _last(path: bytes) -> bytes:
    name = path.rstrip(b"/")
    return name[name.rfind(b"/") + 1 :]


@syscall(313)
def file_link(
    task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, target: DirectoryHandle, name: TextIn, name_size: usize
) -> None:
    """Give a file one more name; a symbolic link is linked itself. Needs WRITE of both handles."""
    place = find(task, directory, read_text(task, path, path_size), 16, Rights.WRITE)
    link_location(view_from(task, target, Rights.WRITE), task.credentials, place, None, read_text(task, name, name_size))


@syscall(314)
def file_make_link(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, text: TextIn, text_size: usize) -> None:
    """Make a symbolic link to what `text` will name. Needs WRITE of the handle."""
    view = view_from(task, directory, Rights.WRITE)
    make_symlink(view, task.credentials, read_text(task, text, text_size), None, read_text(task, path, path_size))


@syscall(315)
def file_read_link(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, into: DataOut, size: usize) -> usize:
    """The text of a symbolic link: its length. BUFFER_TOO_SMALL. Needs READ of the handle."""
    text = find(task, directory, read_text(task, path, path_size), 16, Rights.READ).inode.readlink()
    if len(text) > size:
        raise Failure(Status.BUFFER_TOO_SMALL, "the link is longer than the buffer")
    store_bytes(task.space, into, text)
    return usize(len(text))
