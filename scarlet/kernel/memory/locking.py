"""Locked memory: areas whose pages stay where they are. (mlock(2))

That is a property of areas, so it is divided, moved and removed with them, and what is locked is counted by looking. There is no swap:
the pages that could leave are those of files, which objects/mapped.py takes from programs when memory is short - but not from here.
"""

from typing import TYPE_CHECKING

from scarlet.kernel.memory import quota
from scarlet.kernel.memory.area import Access, Area, FaultResult, Locking, Protection
from scarlet.lang import u64
from scarlet.lang.errno import EFAULT, ENOMEM, Errno
from scarlet.machine.sv39 import PAGE_SIZE, USER_TOP, page_up

if TYPE_CHECKING:
    from scarlet.kernel.memory.space import AddressSpace


def locked_bytes(space: "AddressSpace") -> int:
    """How much is locked. (VmLck, RLIMIT_MEMLOCK)"""
    return sum([area.length for area in space.areas.items if area.locking != Locking.NONE])


def locked_within(space: "AddressSpace", start: int, end: int) -> int:
    """How much of a range is."""
    found = 0
    for area in space.areas.within(start, end):
        if area.locking != Locking.NONE:
            found += min(end, area.end) - max(start, area.start)
    return found


def size_of_growth(old: u64, new: u64) -> int:
    """By how many bytes of pages a range grows; 0 when it shrinks."""
    return max(page_up(int(min(new, u64(USER_TOP)))) - page_up(int(min(old, u64(USER_TOP)))), 0)


def size_of_new(space: "AddressSpace", start: u64, size: u64) -> int:
    """How much of a range is not locked yet, whether mapped or not."""
    new = int(min(size, u64(USER_TOP)))
    return new if start >= USER_TOP else new - locked_within(space, int(start), int(start) + new)


def set_locking(space: "AddressSpace", address: u64, size: u64, locking: Locking) -> None:
    """Lock or unlock a page range. ENOMEM at the first page that is not mapped, and everything in front of it is done, as by Linux."""
    if size == 0:
        return
    quota.check_split(space)
    start = int(min(address, u64(USER_TOP)))
    end = start + int(min(size, u64(USER_TOP)))
    reached = start
    for area in space.areas.within(start, end):
        if area.start > reached:
            break
        reached = min(area.end, end)
    if reached > start:
        space.areas.split(start)
        space.areas.split(reached)
        for area in space.areas.within(start, reached):
            area.locking = locking
        space.areas.merge(start, reached)
    if reached < end:
        raise Errno(ENOMEM, "part of the range is not mapped")


def fetch(space: "AddressSpace", start: int, end: int) -> None:
    """Have all pages of a range in memory, private ones ready to be written to. EFAULT for what may not be touched; ENOMEM, MemoryError."""
    for address in range(start, end, PAGE_SIZE):
        area = space.find(address)
        if area is None:
            raise Errno(ENOMEM, "part of the range is not mapped")
        _fetch_page(space, area, address)


def _fetch_page(space: "AddressSpace", area: Area, address: int) -> None:
    if area.protection == Protection.EXEC:
        if space.table.lookup(address) == 0 and space.fault(u64(address), Access.EXECUTE) is not FaultResult.OK:
            raise Errno(EFAULT)
        return
    writes = area.protection & Protection.WRITE != Protection.NONE and not area.shared
    space.locate(address, Access.WRITE if writes else Access.READ)
