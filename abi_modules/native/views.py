"""4xx: the name space. Where paths begin, and how other systems see the files."""

from abi_modules.native.declare import DataOut, DirectoryHandle, NewHandle, TextIn
from abi_modules.native.failures import Failure
from abi_modules.native.interface import HandleFlags
from abi_modules.native.places import check_flags, find, read_text
from abi_modules.native.status import Status
from executor.declare import Mode, syscall
from executor.protocol import modules
from objects.credentials import CAP_SYS_CHROOT
from objects.object import Rights
from objects.task import Task
from objects.view import View
from scarlet.kernel.memory.user import UserPtr, store_bytes
from scarlet.lang import i32, u32, usize
from vfs.opening import PLACE_RIGHTS, Place
from vfs.paths import path_of, working_directory
from vfs.walk import search_directory


@syscall(400)
def view_directory(task: Task, into: DataOut, size: usize) -> usize:
    """The path of the working directory: its length. NOT_FOUND when it was removed, BUFFER_TOO_SMALL."""
    return store_text(task, into, size, working_directory(task.view.cwd, task.view.root))


@syscall(401)
def view_change(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize) -> None:
    """Make a directory the working directory. Needs EXECUTE of the handle."""
    place = find(task, directory, read_text(task, path, path_size), 0, Rights.EXECUTE)
    search_directory(task.credentials, place)
    task.view.cwd = place


@syscall(402)
def view_resolve(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, into: DataOut, size: usize) -> usize:
    """The path without links, "." and "..", from the caller's root: its length. The file must be there."""
    place = find(task, directory, read_text(task, path, path_size), 0, Rights.METADATA)
    return store_text(task, into, size, path_of(place, task.view.root))


@syscall(403)
def view_set_mask(task: Task, mask: Mode) -> u32:
    """Set which permission bits new files do not get: the previous mask."""
    if mask > 0o777:
        raise Failure(Status.INVALID_ARGUMENT, "a mask has nine bits")
    previous = task.view.umask
    task.view.umask = int(mask)
    return u32(previous)


@syscall(404)
def view_open(task: Task, abi: TextIn, abi_size: usize, flags: HandleFlags) -> NewHandle:
    """A handle on the root directory as programs of another ABI see it; paths that begin there mean what they mean to them."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    root = Place(view_of(task.view, read_text(task, abi, abi_size)).root)
    close = flags & HandleFlags.CLOSE_ON_REPLACE != 0
    return i32(task.handles.allocate(root, PLACE_RIGHTS | Rights.READ | Rights.WRITE, close_on_exec=close))


def view_of(view: View, abi: bytes) -> View:
    """How programs of an ABI see the files. NOT_FOUND when there is no such ABI."""
    for module in modules:
        if module.name.encode() == abi:
            return module.view(view.fork())  # a fork is not pinned: process 1 may look at other views too
    raise Failure(Status.NOT_FOUND, "no ABI of that name")


@syscall(405)
def view_set_root(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize) -> None:
    """Let absolute paths begin elsewhere, for the caller and the children it will have. NOT_PERMITTED unless privileged."""
    place = find(task, directory, read_text(task, path, path_size), 0, Rights.EXECUTE)
    search_directory(task.credentials, place)
    task.credentials.require(CAP_SYS_CHROOT, "changing the root needs CAP_SYS_CHROOT")
    task.view.root = place


def store_text(task: Task, into: UserPtr, size: usize, text: bytes) -> usize:
    """A text into the program's buffer: its length. BUFFER_TOO_SMALL."""
    if len(text) > size:
        raise Failure(Status.BUFFER_TOO_SMALL, "the text is longer than the buffer")
    store_bytes(task.space, into, text)
    return usize(len(text))
