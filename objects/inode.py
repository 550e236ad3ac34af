"""A file system's file, as every file system presents it.

Defaults raise what Linux gives for a file that cannot do the operation; a file system overrides what its files can do. Names
are single components without "/", never "." or "..". Permission checks, mount flags and path walks are not here but in vfs/.

Sources: inode(7), the man page of each operation.
"""

import weakref
from typing import TYPE_CHECKING

from objects.directory import Directory
from objects.errseq import ErrorSequence
from objects.fifo import Fifo
from objects.file import File
from objects.locks import FileLocks
from objects.metadata import (
    DirectoryEntry,
    FileSystemStatistics,
    InodeType,
    Metadata,
    Owner,
    RenameFlags,
    device_major,
    device_minor,
    device_number,
)  # fmt: skip
from objects.object import Advice, AllocateMode, KernelObject, Rights, Status
from objects.seals import Seals
from scarlet.lang.errno import EINVAL, EISDIR, ENODEV, ENOENT, ENOTDIR, ENXIO, EOPNOTSUPP, EPERM, Errno

if TYPE_CHECKING:
    from objects.view import Location
    from scarlet.kernel.memory.buffer import Buffer

__all__ = [
    "DirectoryEntry", "FileSystem", "FileSystemStatistics", "Inode", "InodeType", "Metadata", "Owner", "RenameFlags",
    "device_major", "device_minor", "device_number",
]  # fmt: skip


class FileSystem:
    """One mounted or mountable tree of inodes. `device` is st_dev of its files.

    `counts_changes`: its directories know changes() and its files keep attributes, so that it can be a layer of an overlay.
    """

    def __init__(self, name: bytes, device: int, *, read_only: bool = False, counts_changes: bool = False) -> None:
        self.name = name
        self.device = device
        self.read_only = read_only
        self.counts_changes = counts_changes
        self.mounts = 0
        """How many there are of it."""
        self.top: weakref.ref[Inode] | None = None
        """Its root: held by its mounts, and whoever uses it."""
        self.folds_case = False
        """A file is found under its name in capitals, too: renaming it to that is a change."""

    def root(self) -> "Inode":
        """The top directory. ENODEV once nothing holds it any more."""
        root = self.top() if self.top is not None else None
        if root is None:
            raise Errno(ENODEV, "the file system is gone")
        return root

    def statistics(self) -> FileSystemStatistics:
        """Totals for statfs(2)."""
        return FileSystemStatistics(0)

    def options(self) -> bytes:
        """What the mount tables show behind "rw" or "ro", each option with a comma before it. (proc_pid_mounts(5))"""
        return b""

    def sync(self) -> None:
        """Bring everything to stable storage; nothing to do where there is none. (sync(2))"""

    def unmounted(self) -> None:
        """The last mount is gone: inodes that are held without being in use are to be let go. Does not sleep."""

    def shut_down(self) -> None:
        """The machine goes off: bring everything to stable storage, with the marks of a clean end. Nobody writes afterwards."""
        self.sync()


class Inode:
    """One file. `locks` and `fifo` hold what its open files share, made when first needed.

    `mode` (07777), `uid` and `gid` are plain attributes because every step of a path walk looks at them; `mount_points` counts the
    mounts that sit on this file, so that a walk looks for one only where there is one. `writers` (open for writing) and `executing`
    (mapped as a program) exclude each other: ETXTBSY. `mappings` counts the calls of mmap(2) whose pages may still be in use.
    """

    def __init__(self, filesystem: FileSystem, number: int, type: InodeType, mode: int = 0, uid: int = 0, gid: int = 0) -> None:
        self.filesystem = filesystem
        self.number = number
        self.type = type
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.mount_points = 0
        self.writers = 0
        self.executing = 0
        self.mappings = 0
        self.errors: ErrorSequence | None = None
        """Failed write-back, of a file that is written back."""
        self.locks: FileLocks | None = None
        self.fifo: Fifo | None = None

    def metadata(self) -> Metadata:
        """The attributes of the file. (stat(2))"""
        raise Errno(EINVAL, "this file has no attributes")

    def size(self) -> int:
        """The size in bytes; file systems override it where they can answer without making a Metadata."""
        return self.metadata().size

    # Extended attributes; before list(), which would hide the type of that name.

    def attribute(self, name: bytes) -> bytes | None:
        """The value of an extended attribute, None when it is not set. (xattr(7))"""
        return None

    def attribute_names(self) -> list[bytes]:
        """The extended attributes that are set."""
        return []

    def keeps_attributes(self) -> bool:
        """Can it have any?"""
        return False

    def set_attribute(self, name: bytes, value: bytes) -> None:
        """Set an extended attribute. EOPNOTSUPP when the file system keeps none, ENOSPC."""
        raise Errno(EOPNOTSUPP, "this file system keeps no extended attributes")

    def remove_attribute(self, name: bytes) -> None:
        """Take away one that is set. EOPNOTSUPP."""
        raise Errno(EOPNOTSUPP, "this file system keeps no extended attributes")

    # Directories.

    def lookup(self, name: bytes) -> "Inode":
        """The file under a name. ENOENT; ENOTDIR when this is not a directory."""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else ENOENT)

    def find(self, name: bytes) -> "Inode | None":
        """As lookup(), but None when there is no such name: for who expects that."""
        try:
            return self.lookup(name)
        except Errno as error:
            if error.code != ENOENT:
                raise
            return None

    def changes(self) -> int:
        """A number that grows whenever a name in this directory comes to mean something else; see FileSystem.counts_changes."""
        raise Errno(EINVAL, "this file system does not count changes")

    def parent(self) -> "Inode":
        """The directory above this one; itself for the root of its file system."""
        raise Errno(ENOTDIR)

    def name_of(self, child: "Inode") -> bytes:
        """The name of a directory in this one. ENOENT when it was removed. (getcwd(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else ENOENT)

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> "Inode":
        """Make a file of any type but a symbolic link. EEXIST; EPERM when the file system cannot. (open(2), mkdir(2), mknod(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EPERM)

    def create_unnamed(self, mode: int, owner: Owner, *, linkable: bool) -> "Inode":
        """Make a regular file without a name in this directory's file system (O_TMPFILE); link() may name it later. EOPNOTSUPP."""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EOPNOTSUPP)

    def symlink(self, name: bytes, target: bytes, owner: Owner) -> "Inode":
        """Make a symbolic link. EEXIST. (symlink(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EPERM)

    def link(self, name: bytes, inode: "Inode") -> None:
        """Give an existing file one more name; ENOENT when it has lost its last. EEXIST, EXDEV, EMLINK; EPERM for a directory. (link(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EPERM)

    def unlink(self, name: bytes) -> None:
        """Remove the name of something that is not a directory. ENOENT, EISDIR. (unlink(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EPERM)

    def rmdir(self, name: bytes) -> None:
        """Remove an empty directory. ENOENT, ENOTDIR, ENOTEMPTY. (rmdir(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EPERM)

    def is_empty(self) -> bool:
        """Has this directory no names but "." and ".."? ENOTDIR. (rmdir(2))"""
        raise Errno(ENOTDIR)

    def rename(self, name: bytes, target_directory: "Inode", target_name: bytes, flags: RenameFlags) -> None:
        """Move a name, replacing what the target name meant. ENOENT, ENOTEMPTY, EEXIST, EXDEV, EINVAL. (renameat2(2))"""
        raise Errno(ENOTDIR if self.type != InodeType.DIRECTORY else EPERM)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        """A batch of entries after `cursor` (0: from the start), empty at the end; without "." and "..". ENOTDIR. (getdents64(2))"""
        raise Errno(ENOTDIR)

    # Symbolic links.

    def readlink(self) -> bytes:
        """The text of a symbolic link. EINVAL when this is none. (readlink(2))"""
        raise Errno(EINVAL, "not a symbolic link")

    def follow(self) -> "Location | None":
        """Where a magic link (procfs: exe, cwd, fd/N) leads without its text being walked; None for every other link."""
        return None

    # Content.

    def read_at(self, buffer: "Buffer", offset: int) -> int:
        """Bytes read, 0 at end of file. EISDIR; EINVAL when the file has no content. (pread(2))"""
        raise Errno(EISDIR if self.type == InodeType.DIRECTORY else EINVAL)

    def write_at(self, buffer: "Buffer", offset: int) -> int:
        """Bytes written. ENOSPC, EFBIG; EISDIR, EINVAL as for read_at. (pwrite(2))"""
        raise Errno(EISDIR if self.type == InodeType.DIRECTORY else EINVAL)

    def append(self, buffer: "Buffer") -> int:
        """write_at() the end of the file. File systems whose write_at sleeps find out where that is when they hold their lock.
        (O_APPEND)"""
        return self.write_at(buffer, self.size())

    def supports_direct(self) -> bool:
        """May it be opened with O_DIRECT? Then read_direct and write_direct work. Where all files are in memory they are as good as
        read_at and write_at, so it may, too. (open(2); Linux's tmpfs since 6.6)"""
        return True

    def read_direct(self, buffer: "Buffer", offset: int) -> int:
        """read_at() without keeping anything in memory. EINVAL when buffer or offset are not aligned as the disk wants it."""
        return self.read_at(buffer, offset)

    def write_direct(self, buffer: "Buffer", offset: int) -> int:
        """write_at() in the same way; the data has been given to the disk."""
        return self.write_at(buffer, offset)

    def truncate(self, size: int) -> None:
        """Set the size; what is added reads as zeros. EISDIR; EINVAL when this is not a regular file. (truncate(2))"""
        raise Errno(EISDIR if self.type == InodeType.DIRECTORY else EINVAL)

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        """Reserve, punch or zero a range. EOPNOTSUPP when the file system cannot. (fallocate(2))"""
        raise Errno(EOPNOTSUPP if self.type == InodeType.REGULAR else ENODEV)

    def next_data(self, offset: int) -> int:
        """The first offset at or after `offset` that holds data; ENXIO past the end. (lseek(2), SEEK_DATA)"""
        if offset >= self.size():
            raise Errno(ENXIO, "past the end of the file")
        return offset

    def next_hole(self, offset: int) -> int:
        """The first hole at or after `offset`; the end of the file counts as one; ENXIO past it. (lseek(2), SEEK_HOLE)"""
        size = self.size()
        if offset >= size:
            raise Errno(ENXIO, "past the end of the file")
        return size

    def page(self, index: int, *, write: bool) -> int:
        """The frame of a page for mmap(2), with a reference taken for the caller; 0 past the end. ENODEV when it cannot be mapped."""
        raise Errno(ENODEV, "this file cannot be mapped")

    def resident(self, index: int) -> int:
        """As page() without writing, but 0 when that would take any work: pages mapped ahead of need."""
        return 0

    def tracks_writes(self) -> bool:
        """Are pages made writable in shared mappings one by one, by page(write=True)? See Pager.tracks_writes."""
        return False

    def page_owner(self) -> "Inode":
        """The inode whose pages page() gives: this one, except where a file shows another's."""
        return self

    def sync(self, *, data_only: bool) -> None:
        """Bring the file to stable storage; nothing to do where there is none. EIO when that failed just now. (fsync(2))"""

    def sync_range(self, offset: int, count: int) -> None:
        """Give what is dirty in a range to the disk, without metadata and without flushing the disk. (sync_file_range(2), MS_SYNC)"""
        self.sync(data_only=True)

    def start_write_back(self, offset: int, count: int) -> None:
        """Have a range written soon; nothing to do where there is nothing to write. (sync_file_range(2), MS_ASYNC)"""

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        """A program tells what it is going to do; good for nothing where all files are in memory. (posix_fadvise(2), readahead(2))"""

    def seals(self) -> Seals:
        """The promises made about the content. EINVAL when the file system knows none. (fcntl(2), F_GET_SEALS)"""
        raise Errno(EINVAL, "files of this file system have no seals")

    def add_seals(self, seals: Seals) -> None:
        """Promise more. EINVAL as above, EPERM, EBUSY. (F_ADD_SEALS)"""
        raise Errno(EINVAL, "files of this file system have no seals")

    def sealed_against_mapping(self) -> bool:
        """Does a seal forbid new shared mappings to write?"""
        return False

    # Attributes; -1 leaves one as it is.

    def change_mode(self, mode: int) -> None:
        """Set the permission bits (07777). EPERM when the file system cannot. (chmod(2))"""
        raise Errno(EPERM, "the mode of this file is fixed")

    def change_owner(self, uid: int, gid: int) -> None:
        """Set user and group. EPERM when the file system cannot. (chown(2))"""
        raise Errno(EPERM, "the owner of this file is fixed")

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        """Set access and modification time. EPERM when the file system cannot. (utimensat(2))"""
        raise Errno(EPERM, "the times of this file are fixed")

    def accessed(self, *, strict: bool) -> None:
        """The content was read: the access time moves, always if strict, else when it is old (MS_RELATIME). See Mount.record_access."""

    def mode_binds_all(self) -> bool:
        """Does no capability pass the permission bits? (/proc/sys)"""
        return False

    def drop_privileges(self) -> None:
        """Someone without CAP_FSETID wrote to the file: the set-user-ID and set-group-ID bits go. (inode(7))"""

    # Opening.

    def open(self, location: "Location", access: Rights, status: Status) -> KernelObject:
        """The object a handle will hold: a File, Directory or FIFO end; overridden for devices. ENXIO for a device that is not there."""
        if self.type == InodeType.REGULAR:
            return File(self, location, access, status)
        if self.type == InodeType.DIRECTORY:
            return Directory(self, location, status)
        if self.type == InodeType.FIFO:
            if self.fifo is None:
                self.fifo = Fifo()
            return self.fifo.open(self, location, access, status)
        raise Errno(ENXIO, "no such device")
