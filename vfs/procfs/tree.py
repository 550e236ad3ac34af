"""The part of /proc that stays: directories, text files and links, to which any module may add.

There is one /proc: every mount of it shows the same tree. The root also finds processes by number; process.py tells it how.

Source: proc(5).
"""

import weakref
from collections.abc import Callable
from typing import Final

from objects.inode import DirectoryEntry, FileSystem, Inode, InodeType
from objects.process import Process
from objects.processes import processes
from scarlet.lang.errno import EEXIST, ENOENT, Errno
from vfs.procfs.sysctlfile import SysctlInode
from vfs.pseudo import FunctionText, PseudoDirectory, PseudoFileSystem, PseudoInode, PseudoLink, listing
from vfs.text import decimal

PROC_MAGIC: Final = 0x9FA0
PROCESS_NUMBERS: Final = 1 << 20
"""Inode numbers of processes begin here, far above those of files that stay."""
PART_BITS: Final = 24
PID_CURSOR: Final = 1 << 32
"""Cursors above this one belong to processes: PID_CURSOR + pid."""


class ProcessFinder:
    """Makes the directory of a process; process.py has the real one."""

    def directory(self, root: "ProcRoot", process: Process) -> PseudoInode:
        raise Errno(ENOENT)


class ProcRoot(PseudoDirectory):
    """/proc itself: its own names first, then the processes."""

    def __init__(self, filesystem: FileSystem) -> None:
        super().__init__(filesystem, 1, None)
        self.finder = ProcessFinder()

    def lookup(self, name: bytes) -> Inode:
        inode = self.entries.get(name)
        if inode is not None:
            return inode
        pid = decimal(name)
        if pid <= 0 or name[0] == 48:
            raise Errno(ENOENT)
        process = processes.find(pid)
        if process is None:
            raise Errno(ENOENT)
        return self.finder.directory(self, process)

    def name_of(self, child: Inode) -> bytes:
        pid = (child.number - PROCESS_NUMBERS) >> PART_BITS
        if child.number >= PROCESS_NUMBERS and processes.find(pid) is not None:
            return str(pid).encode()
        return super().name_of(child)

    def links(self) -> int:
        return super().links() + len(processes)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        batch: list[DirectoryEntry] = []
        if cursor < PID_CURSOR:
            batch = listing(self.entries, cursor)
        for process in processes.all():
            if PID_CURSOR + process.pid > cursor:
                name = str(process.pid).encode()
                batch.append(DirectoryEntry(name, process_number(process.pid, 0), InodeType.DIRECTORY, PID_CURSOR + process.pid))
        return batch


def process_number(pid: int, part: int) -> int:
    """The inode number of a part of a process's directory, 0 for the directory itself."""
    return PROCESS_NUMBERS + (pid << PART_BITS) + part


_filesystem: Final = PseudoFileSystem(b"proc", PROC_MAGIC)
root: Final = ProcRoot(_filesystem)
_filesystem.top = weakref.ref(root)
_filesystem.last_number = 1


def add_directory(path: bytes) -> PseudoDirectory:
    """The directory of that path below /proc, made if need be."""
    directory: PseudoDirectory = root
    for name in path.split(b"/"):
        if len(name) == 0:
            continue
        found = directory.entries.get(name)
        if found is None:
            made = PseudoDirectory(_filesystem, _filesystem.next_number(), directory)
            directory.entries[name] = made
            directory = made
        else:
            assert isinstance(found, PseudoDirectory), "a file of /proc used as a directory"
            directory = found
    return directory


def add_file(path: bytes, maker: Callable[[], bytes], *, taker: Callable[[bytes], None] | None = None, mode: int = 0o444) -> None:
    """A text file below /proc; `maker` gives its content, `taker` takes what is written to it. EEXIST."""
    directory, name = _place(path)
    number = _filesystem.next_number()
    if path.startswith(b"sys/"):
        directory.entries[name] = SysctlInode(_filesystem, number, maker, taker, mode)
    else:
        directory.entries[name] = FunctionText(_filesystem, number, maker, taker, mode)


def add_link(path: bytes, maker: Callable[[], bytes]) -> None:
    """A symbolic link below /proc. EEXIST."""
    directory, name = _place(path)
    directory.entries[name] = PseudoLink(_filesystem, _filesystem.next_number(), maker)


def _place(path: bytes) -> tuple[PseudoDirectory, bytes]:
    slash = path.rfind(b"/")
    directory = add_directory(path[: max(slash, 0)])
    name = path[slash + 1 :]
    if name in directory.entries:
        raise Errno(EEXIST)
    return (directory, name)
