"""The files of pipes and sockets, to which no path leads: what fstat(2), fchmod(2), locks and /proc/<pid>/fd/N find.

They are in file systems of their own that are mounted nowhere, pipefs and sockfs. The object holds its file, never the other way round.

Sources: pipe(7), socket(7), statfs(2).
"""

from typing import Final

from objects.inode import FileSystem, FileSystemStatistics, Inode, InodeType, Metadata
from objects.task import current_task
from scarlet.kernel import clock

PIPEFS_MAGIC: Final = 0x50495045
SOCKFS_MAGIC: Final = 0x534F434B
SOCKET_DEVICE: Final = 8
"""st_dev of every socket."""
PIPE_DEVICE: Final = 13


class NamelessFiles(FileSystem):
    """Where such files are. (statfs(2))"""

    def __init__(self, name: bytes, magic: int, device: int) -> None:
        super().__init__(name, device)
        self.magic = magic

    def statistics(self) -> FileSystemStatistics:
        return FileSystemStatistics(self.magic)


pipefs: Final = NamelessFiles(b"pipefs", PIPEFS_MAGIC, PIPE_DEVICE)
sockfs: Final = NamelessFiles(b"sockfs", SOCKFS_MAGIC, SOCKET_DEVICE)


class NamelessInode(Inode):
    """One such file; it begins as its maker's. Opening one is ENXIO unless its kind knows better."""

    def __init__(self, filesystem: NamelessFiles, number: int, type: InodeType, mode: int) -> None:
        who = current_task().credentials
        super().__init__(filesystem, number, type, mode, who.fsuid, who.fsgid)
        now = clock.realtime_ns()
        self._atime_ns = now
        self._mtime_ns = now
        self._ctime_ns = now

    def metadata(self) -> Metadata:
        return Metadata(
            self.type, self.mode, self.number, device=self.filesystem.device, uid=self.uid, gid=self.gid,
            atime_ns=self._atime_ns, mtime_ns=self._mtime_ns, ctime_ns=self._ctime_ns,
        )  # fmt: skip

    def change_mode(self, mode: int) -> None:
        self.mode = mode
        self._ctime_ns = clock.realtime_ns()

    def change_owner(self, uid: int, gid: int) -> None:
        self.uid = uid if uid != -1 else self.uid
        self.gid = gid if gid != -1 else self.gid
        self._ctime_ns = clock.realtime_ns()

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        self._atime_ns = atime_ns if atime_ns != -1 else self._atime_ns
        self._mtime_ns = mtime_ns if mtime_ns != -1 else self._mtime_ns
        self._ctime_ns = clock.realtime_ns()
