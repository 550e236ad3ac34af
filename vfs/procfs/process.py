"""/proc/<pid>: a process as a directory, made when it is looked up.

The directory knows its process weakly: what was opened before the end reads as ESRCH after it. Files belong to the user the
process runs as, or to root when it is not dumpable; those that show its memory or handles are for that user alone.

Source: proc(5) and the pages of each file.
"""

import weakref
from collections.abc import Callable
from typing import Final, TypeAlias

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.limits import INFINITY, RESOURCE_COUNT
from objects.object import KernelObject, Rights, Status
from objects.process import Process, Region
from objects.task import current_task
from objects.view import Location
from scarlet.kernel.memory.user import load_bytes
from scarlet.lang import u64
from scarlet.lang.errno import EACCES, EINVAL, ENOENT, ESRCH, Errno
from vfs.paths import path_of
from vfs.procfs.descriptors import DescriptorDirectory, DescriptorInfoDirectory
from vfs.procfs.maps import maps
from vfs.procfs.mounttables import mountinfo, mounts
from vfs.procfs.status import stat, statm, status
from vfs.procfs.tree import ProcessFinder, ProcRoot, process_number, root
from vfs.pseudo import PseudoInode, TextInode
from vfs.text import decimal

Renderer: TypeAlias = Callable[[Process], bytes]
LONGEST_REGION: Final = 1 << 18
OWNER_ONLY: Final = 0o400
EVERYBODY: Final = 0o444


class Part:
    """A text file of every process's directory."""

    def __init__(self, name: bytes, mode: int, renderer: Renderer, *, private: bool = False) -> None:
        self.name = name
        self.mode = mode
        self.renderer = renderer
        self.private = private
        """Whatever the mode says, it is opened by who may look into the process."""


def owner_of(process: Process) -> tuple[int, int]:
    """Who its files belong to."""
    if not process.dumpable:
        return (0, 0)
    return (process.credentials.euid, process.credentials.egid)


class ProcessText(TextInode):
    """One of those files, for one process. `taker` takes what is written."""

    def __init__(self, above: "ProcessDirectory", process: Process, number: int, part: Part) -> None:
        owner = owner_of(process)
        super().__init__(above.filesystem, number, part.mode, owner[0], owner[1])
        self.process = weakref.ref(process)
        self.part = part

    def text(self) -> bytes:
        process = self.process()
        if process is None:
            raise Errno(ESRCH)
        return self.part.renderer(process)

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        process = self.process()
        if self.part.private and process is not None:
            require_same_owner(process)
        return super().open(location, access, status)

    def store(self, text: bytes) -> None:
        process = self.process()
        if process is None:
            raise Errno(ESRCH)
        if self.part.name != b"comm":
            raise Errno(EINVAL, "this file is only read")
        if process is not current_task().process:
            raise Errno(EINVAL, "only its own process gives it a name")
        process.set_name(text.split(b"\0")[0].rstrip(b"\n"))


class PlaceLink(PseudoInode):
    """A magic link to a place of the process: exe, cwd or root."""

    def __init__(self, above: "ProcessDirectory", process: Process, number: int, name: bytes) -> None:
        owner = owner_of(process)
        super().__init__(above.filesystem, number, InodeType.SYMLINK, 0o777, owner[0], owner[1])
        self.process = weakref.ref(process)
        self.name = name

    def follow(self) -> Location | None:
        place = self._place()
        if place is None:
            raise Errno(ENOENT)
        return place

    def readlink(self) -> bytes:
        place = self._place()
        if place is None:
            raise Errno(ENOENT)
        return path_of(place, current_task().view.root)

    def _place(self) -> Location | None:
        process = self.process()
        if process is None or process.zombie:
            return None
        require_same_owner(process)
        if self.name == b"exe":
            return process.executable
        return process.view.cwd if self.name == b"cwd" else process.view.root


def require_same_owner(process: Process) -> None:
    """EACCES, as ptrace(2) would say, unless the caller runs as the same user or is root."""
    who = current_task().credentials
    if process is not current_task().process and who.euid != 0:
        other = process.credentials
        if not (who.fsuid == other.euid == other.suid == other.uid) or not process.dumpable:
            raise Errno(EACCES, "the process of another user")


class ProcessDirectory(PseudoInode):
    """/proc/<pid>, and with `tid` /proc/<pid>/task/<tid>, which is the same without its `task`."""

    def __init__(self, above: PseudoInode, process: Process, *, is_task: bool) -> None:
        owner = owner_of(process)
        super().__init__(above.filesystem, process_number(process.pid, 1 if is_task else 0), InodeType.DIRECTORY, 0o555, owner[0], owner[1])
        self.above = above
        self.process = weakref.ref(process)
        self.pid = process.pid
        self.is_task = is_task

    def links(self) -> int:
        return 2 + len(_directories(self.is_task))

    def parent(self) -> Inode:
        return self.above

    def name_of(self, child: Inode) -> bytes:
        for name, number in _names(self.is_task).items():
            if child.number == process_number(self.pid, self._part(number)):
                return name
        raise Errno(ENOENT)

    def lookup(self, name: bytes) -> Inode:
        process = self.process()
        position = _names(self.is_task).get(name)
        if process is None or position is None:
            raise Errno(ENOENT)
        number = process_number(self.pid, self._part(position))
        if position < len(_PARTS):
            return ProcessText(self, process, number, _PARTS[position])
        if name == b"fd":
            return DescriptorDirectory(self, process, number)
        if name == b"fdinfo":
            return DescriptorInfoDirectory(self, process, number)
        if name == b"net":
            return root.lookup(name)  # there is one network for all
        if name == b"task":
            return TaskDirectory(self, process, number)
        return PlaceLink(self, process, number, name)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        if self.process() is None:
            return []
        batch: list[DirectoryEntry] = []
        for name, position in _names(self.is_task).items():
            if position + 1 > cursor:
                batch.append(DirectoryEntry(name, process_number(self.pid, self._part(position)), _type(name, position), position + 1))
        return batch

    def _part(self, position: int) -> int:
        """The parts of a task are numbered behind those of its process."""
        return (position + 2) * 2 + (1 if self.is_task else 0)


class TaskDirectory(PseudoInode):
    """/proc/<pid>/task: the threads of a process."""

    def __init__(self, above: ProcessDirectory, process: Process, number: int) -> None:
        owner = owner_of(process)
        super().__init__(above.filesystem, number, InodeType.DIRECTORY, 0o555, owner[0], owner[1])
        self.above = above
        self.process = weakref.ref(process)

    def parent(self) -> Inode:
        return self.above

    def lookup(self, name: bytes) -> Inode:
        process = self.process()
        if process is None or decimal(name) not in thread_numbers(process):
            raise Errno(ENOENT)
        return ProcessDirectory(self, process, is_task=True)

    def name_of(self, child: Inode) -> bytes:
        if isinstance(child, ProcessDirectory):
            return str(child.pid).encode()
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        process = self.process()
        if process is None:
            return []
        return [
            DirectoryEntry(str(tid).encode(), process_number(tid, 1), InodeType.DIRECTORY, tid)
            for tid in thread_numbers(process)
            if tid > cursor
        ]


def thread_numbers(process: Process) -> list[int]:
    """The numbers of its threads; a zombie still shows its first one."""
    if len(process.threads) == 0:
        return [process.pid]
    return sorted([thread.tid for thread in process.threads])


# What is in the directory.


def _strings(process: Process, region: Region) -> bytes:
    """Strings in the memory of a process, as much of them as can be read; nothing of one that has ended."""
    if process.zombie or region.end <= region.start:
        return b"" if process.zombie else region.text
    try:
        return load_bytes(process.space, u64(region.start), min(region.end - region.start, LONGEST_REGION))
    except Errno:
        return b""


def _cmdline(process: Process) -> bytes:
    return _strings(process, process.arguments)


def _environ(process: Process) -> bytes:
    return _strings(process, process.environment)


def _comm(process: Process) -> bytes:
    return process.name + b"\n"


def _mounts(process: Process) -> bytes:
    return mounts(process.view)


def _mountinfo(process: Process) -> bytes:
    return mountinfo(process.view)


_LIMIT_NAMES: Final[list[tuple[str, str]]] = [
    ("Max cpu time", "seconds"), ("Max file size", "bytes"), ("Max data size", "bytes"), ("Max stack size", "bytes"),
    ("Max core file size", "bytes"), ("Max resident set", "bytes"), ("Max processes", "processes"), ("Max open files", "files"),
    ("Max locked memory", "bytes"), ("Max address space", "bytes"), ("Max file locks", "locks"), ("Max pending signals", "signals"),
    ("Max msgqueue size", "bytes"), ("Max nice priority", ""), ("Max realtime priority", ""), ("Max realtime timeout", "us"),
]  # fmt: skip


def _limits(process: Process) -> bytes:
    """proc_pid_limits(5)"""
    lines = [f"{'Limit':<25} {'Soft Limit':<20} {'Hard Limit':<20} {'Units':<10}\n"]
    for number in range(RESOURCE_COUNT):
        limit = process.limits.get(number)
        name, unit = _LIMIT_NAMES[number]
        lines.append(f"{name:<25} {_limit(limit.soft):<20} {_limit(limit.hard):<20} {unit:<10}\n")
    return "".join(lines).encode()


def _limit(value: int) -> str:
    return "unlimited" if value == INFINITY else str(value)


_PARTS: Final[list[Part]] = [
    Part(b"cmdline", EVERYBODY, _cmdline),
    Part(b"comm", 0o644, _comm),
    Part(b"environ", OWNER_ONLY, _environ, private=True),
    Part(b"limits", EVERYBODY, _limits),
    Part(b"maps", EVERYBODY, maps, private=True),
    Part(b"mountinfo", EVERYBODY, _mountinfo),
    Part(b"mounts", EVERYBODY, _mounts),
    Part(b"stat", EVERYBODY, stat),
    Part(b"statm", EVERYBODY, statm),
    Part(b"status", EVERYBODY, status),
]
_LINKS: Final = [b"cwd", b"exe", b"root"]
_SUBDIRECTORIES: Final = [b"fd", b"fdinfo", b"net", b"task"]


def _directories(is_task: bool) -> list[bytes]:
    return _SUBDIRECTORIES[:3] if is_task else _SUBDIRECTORIES


def _numbered(names: list[bytes]) -> dict[bytes, int]:
    return {name: position for position, name in enumerate(names)}


_PROCESS_NAMES: Final = _numbered([part.name for part in _PARTS] + _LINKS + _SUBDIRECTORIES)
_TASK_NAMES: Final = _numbered([part.name for part in _PARTS] + _LINKS + _SUBDIRECTORIES[:3])


def _names(is_task: bool) -> dict[bytes, int]:
    """Every name with its position."""
    return _TASK_NAMES if is_task else _PROCESS_NAMES


def _type(name: bytes, position: int) -> InodeType:
    if position < len(_PARTS):
        return InodeType.REGULAR
    return InodeType.SYMLINK if name in _LINKS else InodeType.DIRECTORY


class Finder(ProcessFinder):
    """What the root of /proc asks for processes."""

    def directory(self, root: ProcRoot, process: Process) -> PseudoInode:
        return ProcessDirectory(root, process, is_task=False)


def self_link() -> bytes:
    """/proc/self"""
    return str(current_task().process.pid).encode()


def thread_self_link() -> bytes:
    """/proc/thread-self"""
    task = current_task()
    return f"{task.process.pid}/task/{task.tid}".encode()
