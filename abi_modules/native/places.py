"""From a directory handle and a path to a place, and from a handle to an object.

A directory handle is a root of its own: a path that begins there is walked in a view whose root it is, so that neither "..", "/" nor a
symbolic link leads out of it. That makes a handle enough to confine a program.
"""

from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT, PathFlags
from abi_modules.native.status import Status
from objects.object import KernelObject, Rights
from objects.task import Task
from objects.view import Location, View
from scarlet.kernel.memory.user import UserPtr, load_bytes
from scarlet.lang import i32, usize
from vfs.walk import PATH_MAX, Walk, walk


def read_text(task: Task, address: UserPtr, length: usize) -> bytes:
    """A path or another short text. BAD_ADDRESS; NAME_TOO_LONG; INVALID_ARGUMENT when a NUL is in it."""
    if length >= PATH_MAX:
        raise Failure(Status.NAME_TOO_LONG, "a text of more than 4,095 bytes")
    text = load_bytes(task.space, address, int(length))
    if text.find(b"\0") >= 0:
        raise Failure(Status.INVALID_ARGUMENT, "a NUL in a text")
    return text


def view_from(task: Task, directory: i32, rights: Rights) -> View:
    """The view in which a path from that directory is walked. BAD_HANDLE, RIGHT_MISSING; WRONG_TYPE for what is in no file system."""
    if directory == CURRENT:
        return task.view
    place = place_of(task.handles.object(int(directory), rights))
    view = task.view.fork()
    view.root = place
    view.cwd = place
    return view


def place_of(object: KernelObject) -> Location:
    """Where an object was opened. WRONG_TYPE for what is in no file system, a pipe for instance."""
    place = object.location()
    if place is None:
        raise Failure(Status.WRONG_TYPE, "not a file of a file system")
    return place


def find(task: Task, directory: i32, path: bytes, flags: int, rights: Rights) -> Location:
    """The place that a path names; with an empty path that of the handle itself, or the working directory."""
    check_flags(flags, PathFlags.NO_FOLLOW)
    if len(path) == 0:
        if directory == CURRENT:
            return task.view.cwd
        return place_of(task.handles.object(int(directory), rights))
    view = view_from(task, directory, rights)
    return walk(view, task.credentials, None, path, Walk.NONE if flags & PathFlags.NO_FOLLOW else Walk.FOLLOW)


def check_flags(flags: int, known: int) -> None:
    """INVALID_ARGUMENT when there are others than the known ones."""
    if int(flags) & ~int(known) != 0:
        raise Failure(Status.INVALID_ARGUMENT, "unknown flags")
