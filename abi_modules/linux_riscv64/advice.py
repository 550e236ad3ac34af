"""Advice about memory: madvise."""

from enum import IntEnum
from typing import Annotated, Final

from abi_modules.linux_riscv64.mlock import whole_pages
from executor.declare import Address, syscall
from objects.file import InodePager
from objects.object import AllocateMode
from objects.task import Task
from scarlet.kernel.memory.area import Access, Inheritance, Protection
from scarlet.kernel.memory.fault import permits
from scarlet.kernel.memory.locking import locked_within
from scarlet.lang import Errno, i32, u64, usize
from scarlet.lang.errno import EACCES, EINVAL

PAGE_SIZE: Final = 4096


class Advice(IntEnum):
    """madvise(2)"""

    MADV_NORMAL = 0
    MADV_RANDOM = 1
    MADV_SEQUENTIAL = 2
    MADV_WILLNEED = 3
    MADV_DONTNEED = 4
    MADV_FREE = 8
    MADV_REMOVE = 9
    MADV_DONTFORK = 10
    MADV_DOFORK = 11
    MADV_MERGEABLE = 12
    MADV_UNMERGEABLE = 13
    MADV_HUGEPAGE = 14
    MADV_NOHUGEPAGE = 15
    MADV_DONTDUMP = 16
    MADV_DODUMP = 17
    MADV_WIPEONFORK = 18
    MADV_KEEPONFORK = 19
    MADV_COLD = 20
    MADV_PAGEOUT = 21
    MADV_POPULATE_READ = 22
    MADV_POPULATE_WRITE = 23
    MADV_DONTNEED_LOCKED = 24


@syscall(233)
def madvise(task: Task, addr: Address, length: usize, advice: Annotated[i32, Advice]) -> None:
    """madvise(2): MADV_DONTNEED and MADV_FREE drop pages, MADV_POPULATE_* fetch them, MADV_DONTFORK and MADV_WIPEONFORK keep
    them from children, MADV_REMOVE punches a hole into the file; plain hints are taken; what would need more is EINVAL.
    """
    space = task.space
    size = whole_pages(length)
    if (length != 0 and size == 0) or u64(addr + size) < addr:
        raise Errno(EINVAL, "the range goes round the end of all addresses")
    match advice:
        case (
            Advice.MADV_NORMAL
            | Advice.MADV_RANDOM
            | Advice.MADV_SEQUENTIAL
            | Advice.MADV_WILLNEED
            | Advice.MADV_DONTDUMP
            | Advice.MADV_DODUMP
        ):
            space.check_mapped(addr, length)
        case Advice.MADV_COLD | Advice.MADV_PAGEOUT:
            _require_unlocked(task, addr, length)
        case Advice.MADV_DONTNEED:
            _require_unlocked(task, addr, length)
            space.discard(addr, length)
        case Advice.MADV_DONTNEED_LOCKED:
            space.discard(addr, length)
        case Advice.MADV_FREE:
            _require_unlocked(task, addr, length)
            _require_anonymous(task, addr, length)
            space.discard(addr, length)
        case Advice.MADV_DONTFORK | Advice.MADV_DOFORK:
            space.set_inheritance(addr, length, Inheritance.ABSENT, on=advice == Advice.MADV_DONTFORK)
        case Advice.MADV_WIPEONFORK | Advice.MADV_KEEPONFORK:
            space.set_inheritance(addr, length, Inheritance.WIPED, on=advice == Advice.MADV_WIPEONFORK)
        case Advice.MADV_REMOVE:
            _require_unlocked(task, addr, length)
            _punch(task, addr, length)
        case Advice.MADV_POPULATE_READ:
            _populate(task, addr, length, Access.READ)
        case Advice.MADV_POPULATE_WRITE:
            _populate(task, addr, length, Access.WRITE)
        case _:
            raise Errno(EINVAL, "this advice is not supported")


def _populate(task: Task, start: u64, length: u64, access: Access) -> None:
    """EINVAL for what forbids the access; EFAULT for what is behind the end of its file; ENOMEM."""
    task.space.check_mapped(start, length)
    if length == 0:
        return
    for area in task.space.areas.within(int(start), int(start + length)):
        if not permits(area.protection, access):
            raise Errno(EINVAL, "the mapping does not allow the access")
    task.space.populate(start, length, access)


def _require_unlocked(task: Task, start: u64, length: u64) -> None:
    """EINVAL when part of the range is locked in memory; ENOMEM when part of it is not mapped."""
    task.space.check_mapped(start, length)
    if length > 0 and locked_within(task.space, int(start), int(start + length)) > 0:
        raise Errno(EINVAL, "locked pages stay")


def _require_anonymous(task: Task, start: u64, length: u64) -> None:
    """EINVAL when part of the range is a file's or shared (MADV_FREE)."""
    task.space.check_mapped(start, length)
    end = u64(start + length)
    for area in task.space.areas.items:
        if length > 0 and area.start < end and area.end > start and (area.pager is not None or area.shared):
            raise Errno(EINVAL, "MADV_FREE is for private anonymous memory")


def _punch(task: Task, start: u64, length: u64) -> None:
    """The pages become holes in their files (MADV_REMOVE). EINVAL for memory without a file, EACCES unless it is shared for writing."""
    task.space.check_mapped(start, length)
    if length == 0:
        return
    first = int(start)
    end = (first + int(length) + PAGE_SIZE - 1) // PAGE_SIZE * PAGE_SIZE
    for area in task.space.areas.within(first, end):
        pager = area.pager
        if not isinstance(pager, InodePager):
            raise Errno(EINVAL, "this memory is not a file's")
        if not area.shared or area.allowed & Protection.WRITE == Protection.NONE:
            raise Errno(EACCES, "not a shared mapping of a file open for writing")
        low = max(first, area.start)
        offset = area.index_of(low) * PAGE_SIZE
        pager.inode.allocate(AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE, offset, min(end, area.end) - low)
