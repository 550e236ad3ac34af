"""30x: files. Opening them, and what is known about them."""

from typing import Final

from abi_modules.native.declare import DataOut, DirectoryHandle, Handle, NewHandle, OutMetadata, TextIn, UserNumber
from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT, EntryHeader, Metadata, OpenFlags, PathFlags, Rights
from abi_modules.native.places import check_flags, find, read_text, view_from
from abi_modules.native.status import Status
from executor.declare import Mode, syscall
from objects.directory import Directory
from objects.metadata import Metadata as Attributes
from objects.object import Rights as ObjectRights
from objects.object import Status as ObjectStatus
from objects.task import Task
from scarlet.kernel.memory.user import UserBytes, store_bytes
from scarlet.lang import Errno, i32, i64, u16, u32, u64, usize
from vfs.attributes import change_mode, change_owner, change_times
from vfs.opening import OPEN_RIGHTS, PLACE_RIGHTS, How, open_file
from vfs.walk import Walk, walk_inode

KNOWN_FLAGS: Final = 511
ALL_RIGHTS: Final = 1023
ACCESS: Final = ObjectRights.READ | ObjectRights.WRITE
LARGEST_BATCH: Final = 65536
_HOW: Final[list[tuple[int, How]]] = [
    (OpenFlags.CREATE, How.CREATE),
    (OpenFlags.EXCLUSIVE, How.EXCLUSIVE),
    (OpenFlags.TRUNCATE, How.TRUNCATE),
    (OpenFlags.DIRECTORY, How.DIRECTORY),
    (OpenFlags.NO_FOLLOW, How.NO_FOLLOW),
    (OpenFlags.PLACE, How.PLACE),
]


@syscall(300)
def file_open(
    task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, rights: Rights, flags: OpenFlags, mode: Mode
) -> NewHandle:
    """A handle on the file, with READ, WRITE or both as asked for, and of the other rights those in `rights`; SAME stands for all of
    these that the directory handle has. Each must be a right of the directory handle, to CREATE or TRUNCATE also WRITE. WRITE on a
    directory lets names be made and removed through the handle.
    """
    check_flags(flags, KNOWN_FLAGS)
    name = read_text(task, path, path_size)
    wanted = _rights(task, directory, rights)
    changes = flags & (OpenFlags.CREATE | OpenFlags.TRUNCATE) != 0
    view = view_from(task, directory, wanted | ObjectRights.WRITE if changes else wanted)
    status = ObjectStatus.NONE
    if flags & OpenFlags.APPEND:
        status |= ObjectStatus.APPEND
    if flags & OpenFlags.NO_WAIT:
        status |= ObjectStatus.NONBLOCK
    access = wanted & ACCESS
    allowed = OPEN_RIGHTS | access
    if flags & OpenFlags.PLACE:
        allowed = PLACE_RIGHTS | access
        access = ObjectRights.NONE
    elif flags & OpenFlags.DIRECTORY:
        access = ObjectRights.READ
    elif access == ObjectRights.NONE:
        raise Failure(Status.INVALID_ARGUMENT, "READ, WRITE or PLACE is needed")
    opened = open_file(view, task.credentials, None, name if len(name) > 0 else b".", access, _how(flags), status, int(mode) & 0o7777)
    return i32(task.handles.allocate(opened, wanted & allowed, close_on_exec=flags & OpenFlags.CLOSE_ON_REPLACE != 0))


def _rights(task: Task, directory: i32, rights: Rights) -> ObjectRights:
    check_flags(rights, ALL_RIGHTS | int(Rights.SAME))
    asked = ObjectRights(int(rights) & ALL_RIGHTS)
    if rights & Rights.SAME:
        asked |= OPEN_RIGHTS if directory == CURRENT else OPEN_RIGHTS & task.handles.handle(int(directory)).rights
    return asked


def _how(flags: OpenFlags) -> How:
    how = How.NONE
    for flag, meaning in _HOW:
        if flags & flag:
            how |= meaning
    return how


@syscall(301)
def file_metadata(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, flags: PathFlags, metadata: OutMetadata) -> None:
    """What is known about a file, or with an empty path about the object of a handle. Needs METADATA of the handle."""
    check_flags(flags, PathFlags.NO_FOLLOW)
    name = read_text(task, path, path_size)
    if len(name) > 0:
        view = view_from(task, directory, ObjectRights.METADATA)
        found = walk_inode(view, task.credentials, None, name, Walk.NONE if flags else Walk.FOLLOW).metadata()
    elif directory == CURRENT:
        found = task.view.cwd.inode.metadata()
    else:
        found = task.handles.object(int(directory), ObjectRights.METADATA).metadata()
    store_bytes(task.space, metadata, _packed(found))


def _packed(found: Attributes) -> bytes:
    return Metadata(
        kind=u32(int(found.type)),
        mode=u32(found.mode),
        user=u32(found.uid),
        group=u32(found.gid),
        links=u32(found.nlink),
        block_bytes=u32(found.block_size),
        device=u64(found.device),
        inode=u64(found.inode_number),
        represents=u64(found.rdev),
        size=u64(found.size),
        blocks=u64(found.blocks),
        accessed_ns=i64(found.atime_ns),
        modified_ns=i64(found.mtime_ns),
        changed_ns=i64(found.ctime_ns),
        created_ns=i64(found.btime_ns),
    ).pack()


@syscall(302)
def file_set_mode(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, mode: Mode, flags: PathFlags) -> None:
    """Set the permission bits. NOT_PERMITTED unless the caller owns the file. Needs WRITE of the handle."""
    place = find(task, directory, read_text(task, path, path_size), flags, ObjectRights.WRITE)
    if mode > 0o7777:
        raise Failure(Status.INVALID_ARGUMENT, "a mode has twelve bits")
    change_mode(task.credentials, place, int(mode))


@syscall(303)
def file_set_owner(
    task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, user: UserNumber, group: UserNumber, flags: PathFlags
) -> None:
    """Set user and group; UNCHANGED leaves one as it is. Needs WRITE of the handle."""
    place = find(task, directory, read_text(task, path, path_size), flags, ObjectRights.WRITE)
    change_owner(task.credentials, place, int(i32(user)), int(i32(group)))


@syscall(304)
def file_set_times(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, accessed: i64, modified: i64) -> None:
    """Set the two times of a file, links followed; UNCHANGED leaves one, NOW is the time of the call. Needs WRITE of the handle."""
    place = find(task, directory, read_text(task, path, path_size), PathFlags.NONE, ObjectRights.WRITE)
    if accessed < -2 or modified < -2:
        raise Failure(Status.INVALID_ARGUMENT, "times before 1970")
    change_times(task.credentials, place, int(accessed), int(modified))


@syscall(305)
def directory_read(task: Task, directory: Handle, into: DataOut, size: usize) -> usize:
    """The next entries of a directory, as many as fit: an EntryHeader and the name each; 0 at the end. BUFFER_TOO_SMALL when not even one
    fits. Needs READ.
    """
    object = task.handles.object(int(directory), ObjectRights.READ)
    if not isinstance(object, Directory):
        raise Failure(Status.NOT_A_DIRECTORY, "not a directory")
    target = UserBytes(task.space, into, size)
    room = min(target.length, LARGEST_BATCH)
    before = object.position
    data = _entries(object, room)
    try:
        target.write(0, data)
    except (Errno, MemoryError):
        object.position = before
        raise
    return usize(len(data))


def _entries(directory: Directory, room: int) -> bytes:
    """Entries that fit into `room` bytes; the directory's position moves behind them."""
    pieces: list[bytes] = []
    used = 0
    while True:
        batch = directory.entries()
        if len(batch) == 0:
            return b"".join(pieces)
        for entry in batch:
            length = (EntryHeader.SIZE + len(entry.name) + 7) // 8 * 8
            if used + length > room:
                if used == 0:
                    raise Failure(Status.BUFFER_TOO_SMALL, "the buffer holds not even one entry")
                return b"".join(pieces)
            header = EntryHeader(
                inode=u64(entry.inode_number),
                record_bytes=u16(length),
                name_bytes=u16(len(entry.name)),
                kind=u32(int(entry.type)),
            )
            pieces.append(header.pack() + entry.name + bytes(length - EntryHeader.SIZE - len(entry.name)))
            used += length
            directory.position = entry.cursor


@syscall(306)
def directory_rewind(task: Task, directory: Handle) -> None:
    """Let directory_read begin anew. Needs SEEK."""
    object = task.handles.object(int(directory), ObjectRights.SEEK)
    if not isinstance(object, Directory):
        raise Failure(Status.NOT_A_DIRECTORY, "not a directory")
    object.position = 0
