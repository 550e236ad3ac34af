"""Files that never have a name, in a tmpfs that is mounted nowhere, and that can be sealed: memfd_create(2).

Invariant: what a seal forbids is refused here, for every way to the file: descriptors, /proc/<pid>/fd, mappings. A shared mapping can
write to the file without being seen, so WRITE cannot be sealed while one exists that may, and none can be made afterwards.

Sources: memfd_create(2), fcntl(2) "File Sealing".
"""

from typing import Final

from objects.credentials import Credentials
from objects.mapped import has_shared_writer
from objects.metadata import Owner
from objects.object import AllocateMode
from objects.seals import Seals
from objects.view import Location, Mount, MountFlags
from objects.window import Window
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EBUSY, EPERM, Errno
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.file import TmpfsFile
from vfs.tmpfs.filesystem import PAGE_SIZE, Tmpfs
from vfs.tmpfs.options import new_tmpfs

NO_WRITING: Final = Seals.WRITE | Seals.FUTURE_WRITE
EXECUTE: Final = 0o111

_tops: Final[list[Mount]] = []
"""The hidden mount, once it was needed."""


class MemoryFile(TmpfsFile):
    """A regular file with seals."""

    def __init__(self, tmpfs: Tmpfs, mode: int, owner: Owner, seals: Seals) -> None:
        super().__init__(tmpfs, tmpfs.take_inode(), mode, owner)
        self.links = 0
        self._seals = seals

    def seals(self) -> Seals:
        return self._seals

    def add_seals(self, seals: Seals) -> None:
        """EPERM when sealed against it; EBUSY when WRITE would not hold, because a shared mapping may write."""
        if self._has(Seals.SEAL):
            raise Errno(EPERM, "the seals are sealed")
        if seals & Seals.WRITE and not self._has(Seals.WRITE) and has_shared_writer(self):
            raise Errno(EBUSY, "a shared mapping may write")
        if seals & Seals.EXEC and self.mode & EXECUTE != 0:
            seals |= Seals.SHRINK | Seals.GROW | NO_WRITING
        self._seals |= seals

    def sealed_against_mapping(self) -> bool:
        return self._has(NO_WRITING)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        if self._has(NO_WRITING):
            raise Errno(EPERM, "sealed against writing")
        if self._has(Seals.GROW) and buffer.length > self.length - offset:
            whole_pages = self.length // PAGE_SIZE * PAGE_SIZE
            if offset >= whole_pages:
                raise Errno(EPERM, "sealed against growing")
            buffer = Window(buffer, 0, whole_pages - offset)
        return super().write_at(buffer, offset)

    def truncate(self, size: int) -> None:
        if size < self.length and self._has(Seals.SHRINK) or size > self.length and self._has(Seals.GROW):
            raise Errno(EPERM, "sealed against changing its size so")
        super().truncate(size)

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        if mode & AllocateMode.PUNCH_HOLE:
            if self._has(NO_WRITING):
                raise Errno(EPERM, "sealed against writing")
        elif int(mode) & ~int(AllocateMode.KEEP_SIZE) == 0 and self._has(Seals.GROW) and offset + length > self.length:
            raise Errno(EPERM, "sealed against growing")
        super().allocate(mode, offset, length)

    def change_mode(self, mode: int) -> None:
        if self._has(Seals.EXEC) and (mode ^ self.mode) & EXECUTE != 0:
            raise Errno(EPERM, "sealed against changing who may execute it")
        super().change_mode(mode)

    def _has(self, any_of: Seals) -> bool:
        return self._seals & any_of != Seals.NONE


def new_memory_file(name: bytes, who: Credentials, *, mode: int = 0o777, seals: Seals = Seals.SEAL) -> Location:
    """An empty file; `name` is only for /proc/<pid>/fd, which shows "/memfd:name (deleted)"."""
    if len(_tops) == 0:
        root: TmpfsDirectory = new_tmpfs()
        _tops.append(Mount(root.filesystem, root, None, MountFlags.NONE, b"tmpfs"))
    mount = _tops[0]
    root_directory = mount.root
    assert isinstance(root_directory, TmpfsDirectory)
    file = MemoryFile(root_directory.tmpfs, mode, Owner(who.fsuid, who.fsgid), seals)
    return Location(mount, file, None, b"memfd:" + name)
