"""Names: chdir, mkdir, mknod, link, unlink, and what a path means here.

Names are compared by their first 14 bytes, as they are in xv6's directories. File systems here have longer names: a name of 14 bytes
or more means the file of exactly that name, else the one that is cut off there, else the first whose first 14 bytes are the same. So
what `ls` prints of a long name leads to its file, and a file that is made gets a name of at most 14 bytes.
"""

from typing import Final

from abi_modules.xv6_riscv64.arguments import read_path
from abi_modules.xv6_riscv64.limits import NAME_BYTES
from executor.declare import UserPath, syscall
from objects.inode import Inode, InodeType
from objects.metadata import device_number
from objects.task import Task
from scarlet.lang import Errno, i32
from scarlet.lang.errno import EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR
from vfs.naming import link_path, make_directory, make_node, remove_directory, remove_file
from vfs.walk import search_directory, walk, walk_inode

SLASH: Final = 0x2F
DIRECTORY_MODE: Final = 0o777
NODE_MODE: Final = 0o666
CONSOLE: Final = 1
"""The one device that xv6 programs know, by its major number; the minor one does not count."""
CONSOLE_MAJOR: Final = 5
CONSOLE_MINOR: Final = 1
UNUSED_MAJOR: Final = 240
"""Where the numbers for local and experimental use begin: no device of this system can be reached by an xv6 number."""
SHORT: Final = 0xFFFF


# --- paths ------------------------------------------------------------------------------------------------------------------


def lookup_path(task: Task, path: bytes) -> bytes:
    """A path to something that is there, for the walk: an empty one is the working directory, slashes at the end do not count."""
    path = _without_slashes(path)
    if len(path) == 0:
        return b"."
    return _with_real_names(task, path) if _has_long_name(path) else path


def new_path(task: Task, path: bytes) -> bytes:
    """A path to something that may have to be made. ENOENT when it is empty."""
    path = _without_slashes(path)
    if len(path) == 0:
        raise Errno(ENOENT, "an empty path")
    return _with_real_names(task, path) if _has_long_name(path) else path


def _without_slashes(path: bytes) -> bytes:
    """Without the slashes at its end; the root stays."""
    end = len(path)
    while end > 1 and path[end - 1] == SLASH:
        end -= 1
    return path[:end]


def _has_long_name(path: bytes) -> bool:
    """Is there a name of 14 bytes or more?"""
    if len(path) < NAME_BYTES:
        return False
    length = 0
    for byte in path:
        length = 0 if byte == SLASH else length + 1
        if length == NAME_BYTES:
            return True
    return False


def _with_real_names(task: Task, path: bytes) -> bytes:
    """Every long name replaced by that of the file it means."""
    done = b"/" if path[0] == SLASH else b""
    for name in path.split(b"/"):
        if len(name) >= NAME_BYTES:
            name = _real_name(_directory(task, done), name)
        if len(name) > 0:
            done += name + b"/"
    return done[:-1]


def _directory(task: Task, path: bytes) -> Inode:
    return walk_inode(task.view, task.credentials, None, path if len(path) > 0 else b".")


def _real_name(directory: Inode, name: bytes) -> bytes:
    """The name of the file in this directory that is meant; the first 14 bytes when there is none."""
    if directory.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    short = name[:NAME_BYTES]
    if _has(directory, name):
        return name
    if _has(directory, short):
        return short
    cursor = 0
    while True:
        batch = directory.list(cursor)
        if len(batch) == 0:
            return short
        for entry in batch:
            if entry.name[:NAME_BYTES] == short:
                return entry.name
        cursor = batch[-1].cursor


def _has(directory: Inode, name: bytes) -> bool:
    try:
        directory.lookup(name)
    except Errno as error:
        if error.code != ENOENT and error.code != ENAMETOOLONG:
            raise
        return False
    return True


# --- calls ------------------------------------------------------------------------------------------------------------------


@syscall(9)
def chdir(task: Task, path: UserPath) -> None:
    """-1 unless it is a directory."""
    place = walk(task.view, task.credentials, None, lookup_path(task, read_path(task, path)))
    search_directory(task.credentials, place)
    task.view.cwd = place


@syscall(20)
def mkdir(task: Task, path: UserPath) -> None:
    """-1 when there is something of that name."""
    make_directory(task.view, task.credentials, None, new_path(task, read_path(task, path)), DIRECTORY_MODE)


@syscall(17)
def mknod(task: Task, path: UserPath, major: i32, minor: i32) -> None:
    """A device node: (1, any) is the console; opening one of another number gives -1, for no such device is here."""
    device = device_number(UNUSED_MAJOR + (int(major) & SHORT) % 15, int(minor) & SHORT)
    if major == CONSOLE:
        device = device_number(CONSOLE_MAJOR, CONSOLE_MINOR)
    name = new_path(task, read_path(task, path))
    make_node(task.view, task.credentials, None, name, InodeType.CHARACTER, NODE_MODE, device)


@syscall(19)
def link(task: Task, old: UserPath, new: UserPath) -> None:
    """One more name for a file. -1 for a directory, and across file systems."""
    source = lookup_path(task, read_path(task, old))
    target = new_path(task, read_path(task, new))
    link_path(task.view, task.credentials, None, source, None, target, follow=True)


@syscall(18)
def unlink(task: Task, path: UserPath) -> None:
    """Remove a name; of a directory only when it is empty, and never "." or "..". What is open stays usable."""
    name = new_path(task, read_path(task, path))
    try:
        remove_file(task.view, task.credentials, None, name)
    except Errno as error:
        if error.code != EISDIR:
            raise
        remove_directory(task.view, task.credentials, None, name)
