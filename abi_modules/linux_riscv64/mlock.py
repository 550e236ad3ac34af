"""Locked memory: mlock and its relatives, and how much of it RLIMIT_MEMLOCK allows.

There is no swap: the pages that leave memory are those of files on disks, and locked ones do not. A lock belongs to a part of an address
space. It ends with munlock, munmap, exec and exit, however often it was made, and children are born without.

Sources: mlock(2), getrlimit(2), Linux mm/mlock.c for the order of errors.
"""

from enum import IntFlag
from typing import Final

from executor.declare import Address, has_other_bits, syscall
from objects.credentials import CAP_IPC_LOCK
from objects.limits import INFINITY, Resource
from objects.task import Task
from scarlet.kernel.memory.area import Area, Locking, Protection
from scarlet.kernel.memory.locking import fetch, locked_bytes, set_locking, size_of_new
from scarlet.lang import Errno, u64, usize
from scarlet.lang.errno import EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM

PAGE_SIZE: Final = 4096
PAGE_MASK: Final = 4095


@syscall(228)
def mlock(task: Task, addr: Address, len_: usize) -> None:
    """mlock(2): ENOMEM beyond RLIMIT_MEMLOCK, and at what is not mapped, with what is in front of it locked; EPERM when the limit is 0."""
    _lock(task, addr, len_, Locking.LOCKED)


class LockFlags(IntFlag):
    """mlock2(2)"""

    MLOCK_ONFAULT = 1


@syscall(284)
def mlock2(task: Task, addr: Address, len_: usize, flags: LockFlags) -> None:
    """mlock2(2): MLOCK_ONFAULT leaves the fetching to the first touch."""
    if has_other_bits(flags, LockFlags.MLOCK_ONFAULT):
        raise Errno(EINVAL, "unknown flags")
    _lock(task, addr, len_, Locking.ON_FAULT if flags & LockFlags.MLOCK_ONFAULT else Locking.LOCKED)


@syscall(229)
def munlock(task: Task, addr: Address, len_: usize) -> None:
    """munlock(2)"""
    _change(task, _first_page(addr), _all_pages(addr, len_), Locking.NONE)


class LockAllFlags(IntFlag):
    """mlockall(2)"""

    MCL_CURRENT = 1
    MCL_FUTURE = 2
    MCL_ONFAULT = 4


@syscall(230)
def mlockall(task: Task, flags: LockAllFlags) -> None:
    """mlockall(2): what is mapped, what will be mapped, or both; what cannot be fetched now is left to the first touch."""
    if flags == 0 or flags >> 3 != 0 or flags == LockAllFlags.MCL_ONFAULT:
        raise Errno(EINVAL, "MCL_CURRENT or MCL_FUTURE, and nothing unknown")
    require_right(task)
    space = task.space
    limit = task.process.limits.soft(Resource.LOCKED_MEMORY)
    if flags & LockAllFlags.MCL_CURRENT and not _is_exempt(task) and space.mapped_pages * PAGE_SIZE > limit:
        raise Errno(ENOMEM, "more is mapped than RLIMIT_MEMLOCK allows")
    locking = Locking.ON_FAULT if flags & LockAllFlags.MCL_ONFAULT else Locking.LOCKED
    space.locking_new = locking if flags & LockAllFlags.MCL_FUTURE else Locking.NONE
    if flags & LockAllFlags.MCL_CURRENT:
        for area in space.areas.items:
            area.locking = locking
        if locking == Locking.LOCKED:
            for present in space.areas.items.copy():
                fetch_if_possible(task, present)


@syscall(231)
def munlockall(task: Task) -> None:
    """munlockall(2): nothing is locked any more, and nothing will be."""
    task.space.locking_new = Locking.NONE
    for area in task.space.areas.items:
        area.locking = Locking.NONE


# --- for mmap, mremap and brk -----------------------------------------------------------------------------------------------


def require_right(task: Task) -> None:
    """EPERM when nothing may be locked."""
    if task.process.limits.soft(Resource.LOCKED_MEMORY) == 0 and not task.credentials.capable(CAP_IPC_LOCK):
        raise Errno(EPERM, "RLIMIT_MEMLOCK is 0")


def may_lock(task: Task, more_bytes: int) -> bool:
    """Is there room for so many more bytes?"""
    if _is_exempt(task):
        return True
    limit = task.process.limits.soft(Resource.LOCKED_MEMORY)
    return more_bytes <= limit and locked_bytes(task.space) <= limit - more_bytes


def fetch_if_possible(task: Task, area: Area) -> None:
    """Have the pages of an area in memory; one that cannot be had now will be asked for again when it is touched."""
    if area.protection == Protection.NONE:
        return
    try:
        fetch(task.space, area.start, area.end)
    except (Errno, MemoryError):
        pass


# --- in common --------------------------------------------------------------------------------------------------------------


def _is_exempt(task: Task) -> bool:
    return task.process.limits.soft(Resource.LOCKED_MEMORY) == INFINITY or task.credentials.capable(CAP_IPC_LOCK)


def whole_pages(length: u64) -> u64:
    """Rounded up modulo 2^64, as Linux does it: a length among the last 4095 is 0."""
    return u64(u64(length + PAGE_MASK) & u64(~PAGE_MASK))


def _first_page(address: u64) -> u64:
    return u64(address & u64(~PAGE_MASK))


def _all_pages(address: u64, length: u64) -> u64:
    """The bytes of all pages that a range touches."""
    return whole_pages(u64(length + (address & PAGE_MASK)))


def _lock(task: Task, address: u64, length: u64, locking: Locking) -> None:
    require_right(task)
    start = _first_page(address)
    size = _all_pages(address, length)
    _require_room(task, start, size)
    _change(task, start, size, locking)
    if size == 0 or locking != Locking.LOCKED:
        return
    try:
        fetch(task.space, int(start), int(start + size))
    except MemoryError:
        raise Errno(EAGAIN, "there is not so much memory") from None
    except Errno as error:
        raise Errno(ENOMEM if error.code == EFAULT else error.code, "a page cannot be fetched") from None


def _require_room(task: Task, start: u64, size: u64) -> None:
    """ENOMEM beyond the limit; what is locked already counts once."""
    if _is_exempt(task):
        return
    limit = task.process.limits.soft(Resource.LOCKED_MEMORY)
    if locked_bytes(task.space) + size_of_new(task.space, start, size) > limit:
        raise Errno(ENOMEM, "more than RLIMIT_MEMLOCK")


def _change(task: Task, start: u64, size: u64, locking: Locking) -> None:
    """EINVAL when the end is before the start; ENOMEM."""
    if u64(start + size) < start:
        raise Errno(EINVAL, "the range goes round the end of all addresses")
    set_locking(task.space, start, size, locking)
