"""The first root: a tmpfs that holds what is in the boot image's cpio archives.

Files keep their data in the image (tmpfs/file.py). Names that come again replace earlier ones, directories are merged, parent directories
that the archive does not list are made, and links in the parents of a path are followed, so that several archives add up.

Source: initramfs buffer format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).
"""

from typing import Final

from objects.credentials import Credentials
from objects.inode import Inode, InodeType
from objects.metadata import Owner, device_number
from objects.view import Location, Mount, MountFlags, MountTable, View
from scarlet.kernel.memory.buffer import KernelBytes, PhysicalBytes
from scarlet.lang.errno import EINVAL, Errno
from vfs.cpio import CpioEntry, CpioError, CpioReader
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.file import TmpfsFile
from vfs.tmpfs.inode import TmpfsInode
from vfs.walk import DOT, PATH_MAX, SLASH, walk_inode

NS_PER_SECOND: Final = 1_000_000_000
IMPLICIT_MODE: Final = 0o755
LARGEST_SETTINGS: Final = 4 << 20
_TYPES: Final[dict[int, InodeType]] = {
    1: InodeType.FIFO,
    2: InodeType.CHARACTER,
    4: InodeType.DIRECTORY,
    6: InodeType.BLOCK,
    8: InodeType.REGULAR,
    10: InodeType.SYMLINK,
    12: InodeType.SOCKET,
}
"""By the top bits of the mode."""


class Populating:
    """The work in progress: known directories, files that may get more names, times to set once everything is in place."""

    def __init__(self, root: TmpfsDirectory) -> None:
        self.root = root
        self.directories: dict[bytes, TmpfsDirectory] = {b"": root}
        self.linked: dict[tuple[int, int, int], TmpfsInode] = {}
        self.times: list[tuple[TmpfsDirectory, int]] = []
        self.entries = 0

    def add(self, entry: CpioEntry) -> None:
        """Make one file. CpioError when the entry makes no sense, Errno ENOSPC when the file system is full."""
        self.entries += 1
        path = _normal(entry)
        type = _type(entry)
        if len(path) == 0:
            if type != InodeType.DIRECTORY:
                raise CpioError("the root is not a directory", entry.offset)
            self._attributes(self.root, entry)
            return
        slash = path.rfind(b"/")
        directory = self._directory(path[: max(slash, 0)], entry)
        name = path[slash + 1 :]
        file = directory.find(name)
        if type != InodeType.DIRECTORY or not isinstance(file, TmpfsDirectory):
            if file is not None:
                _replace(directory, name, file, entry)
            file = self._make(directory, name, type, entry)
        if isinstance(file, TmpfsDirectory):
            self.directories[path] = file
        self._attributes(file, entry)

    def finish(self) -> None:
        """Give directories their times, which the making of files in them moved."""
        for directory, mtime_ns in self.times:
            directory.atime_ns = mtime_ns
            directory.mtime_ns = mtime_ns

    def _make(self, directory: TmpfsDirectory, name: bytes, type: InodeType, entry: CpioEntry) -> TmpfsInode:
        several = entry.links > 1 and type != InodeType.DIRECTORY
        if several and entry.link_key() in self.linked:
            file = self.linked[entry.link_key()]
            directory.link(name, file)
        else:
            file = self._new(directory, name, type, entry)
            if several:
                self.linked[entry.link_key()] = file
        if isinstance(file, TmpfsFile) and entry.size > 0:
            file.truncate(0)
            file.back_by_image(entry.data_pa, entry.size)
        return file

    def _new(self, directory: TmpfsDirectory, name: bytes, type: InodeType, entry: CpioEntry) -> TmpfsInode:
        owner = Owner(entry.uid, entry.gid)
        if type == InodeType.SYMLINK:
            if not 0 < entry.size < PATH_MAX:
                raise CpioError(f"a symbolic link of {entry.size} bytes", entry.offset)
            target = PhysicalBytes(entry.data_pa, entry.size).read(0, entry.size)
            return _own(directory.symlink(name, target, owner))
        device = 0
        if type == InodeType.CHARACTER or type == InodeType.BLOCK:
            major, minor = entry.device()
            device = device_number(major, minor)
        return _own(directory.create(name, type, entry.mode & 0o7777, owner, device))

    def _attributes(self, file: TmpfsInode, entry: CpioEntry) -> None:
        file.uid = entry.uid
        file.gid = entry.gid
        if file.type != InodeType.SYMLINK:
            file.mode = entry.mode & 0o7777
        time_ns = entry.mtime * NS_PER_SECOND
        if isinstance(file, TmpfsDirectory):
            self.times.append((file, time_ns))
        else:
            file.atime_ns = time_ns
            file.mtime_ns = time_ns

    def _directory(self, path: bytes, entry: CpioEntry) -> TmpfsDirectory:
        """The directory of that path, made if need be."""
        known = self.directories.get(path)
        if known is not None:
            return known
        directory = self.root
        end = 0
        while end < len(path):
            slash = path.find(b"/", end + 1)
            end = slash if slash > 0 else len(path)
            prefix = path[:end]
            known = self.directories.get(prefix)
            directory = known if known is not None else self._subdirectory(directory, prefix, entry)
        return directory

    def _subdirectory(self, parent: TmpfsDirectory, path: bytes, entry: CpioEntry) -> TmpfsDirectory:
        name = path[path.rfind(b"/") + 1 :]
        found: Inode | None = parent.find(name)
        if found is None:
            found = parent.create(name, InodeType.DIRECTORY, IMPLICIT_MODE, Owner(0, 0))
        if found.type == InodeType.SYMLINK:
            found = self._follow(path)
        if not isinstance(found, TmpfsDirectory):
            raise CpioError("a file used as a directory", entry.offset)
        self.directories[path] = found
        return found

    def _follow(self, path: bytes) -> Inode:
        """Where a path with links in it leads, within what was made so far."""
        mount = Mount(self.root.tmpfs, self.root, None, MountFlags.NONE, b"")
        top = Location(mount, self.root)
        return walk_inode(View(top, top, MountTable(mount)), Credentials(), None, path)


def populate(root: TmpfsDirectory, pa: int, size: int) -> int:
    """Fill a tmpfs from the archives in `size` bytes at `pa`, without touching the data of files; the number of entries.

    The memory must belong to nothing else, and each of its frames have one reference, which passes to the files. CpioError; Errno(ENOSPC).
    """
    reader = CpioReader(pa, size)
    work = Populating(root)
    while True:
        entry = reader.next()
        if entry is None:
            work.finish()
            return work.entries
        work.add(entry)


def _normal(entry: CpioEntry) -> bytes:
    """The name relative to the root, without "." and empty components. The common case has none and costs one look."""
    name = entry.name
    if name[0] == SLASH or name[-1] == SLASH or name[0] == DOT or b"//" in name or b"/." in name:
        parts: list[bytes] = []
        for part in name.split(b"/"):
            if part == b"..":
                raise CpioError('a name with ".." in it', entry.offset)
            if len(part) > 0 and part != b".":
                parts.append(part)
        return b"/".join(parts)
    return name


def _replace(directory: TmpfsDirectory, name: bytes, file: TmpfsInode, entry: CpioEntry) -> None:
    """Remove what an earlier entry put there."""
    if file.type == InodeType.DIRECTORY:
        raise CpioError("a file where the image has a directory already", entry.offset)
    directory.unlink(name)


def _type(entry: CpioEntry) -> InodeType:
    type = _TYPES.get(entry.mode >> 12)
    if type is None:
        raise CpioError(f"mode {entry.mode:o} has no file type", entry.offset)
    return type


def _own(inode: Inode) -> TmpfsInode:
    assert isinstance(inode, TmpfsInode)
    return inode


def read_whole(inode: Inode) -> bytes:
    """The content of a file of settings in the image. EINVAL when it is larger than any."""
    size = inode.metadata().size
    if size > LARGEST_SETTINGS:
        raise Errno(EINVAL, "a file of settings is too large")
    buffer = KernelBytes(bytearray(size))
    done = inode.read_at(buffer, 0)
    return buffer.read(0, done)
