"""mremap(2): areas that grow, shrink and move, with the pages they have.

Growing is tried in place first. A move takes the page-table entries along and copies no page. MREMAP_DONTUNMAP (keep_old) moves the
pages of private anonymous memory and leaves an empty area behind.
"""

from typing import TYPE_CHECKING

from scarlet.kernel.memory import leaves, quota
from scarlet.kernel.memory.area import Area, Locking, page_range
from scarlet.lang import u64
from scarlet.lang.errno import EFAULT, EINVAL, ENOMEM, Errno
from scarlet.machine import paging
from scarlet.machine.sv39 import PAGE_MASK, USER_TOP, page_up

if TYPE_CHECKING:
    from scarlet.kernel.memory.space import AddressSpace


def remap(space: "AddressSpace", start: u64, old_length: u64, new_length: u64, *, may_move: bool, fixed_at: int, keep_old: bool) -> int:
    """The new address of a range that lies in one area. `fixed_at` is -1 unless MREMAP_FIXED names a place. EINVAL EFAULT ENOMEM."""
    first, end = page_range(start, old_length)
    if new_length == 0 or old_length == 0:
        raise Errno(EINVAL, "length is 0")
    if new_length > USER_TOP or end > USER_TOP:
        raise Errno(EINVAL, "not a range of user addresses")
    size = page_up(int(new_length))
    area = space.areas.find(first)
    if area is None or end > area.end:
        raise Errno(EFAULT)
    if keep_old and (size != end - first or area.shared or area.pager is not None or not may_move):
        raise Errno(EINVAL, "MREMAP_DONTUNMAP moves private anonymous memory of the same size")
    growth = size if keep_old else max(0, size - (end - first))
    quota.check_growth(space, growth, area.protection, shared=area.shared, stack=area.grows_down, no_reserve=False)
    if fixed_at >= 0:
        if not may_move or not _is_place(fixed_at, size, first, end):
            raise Errno(EINVAL, "not a place to move to")
        return _move(space, first, end, size, fixed_at, keep_old=keep_old)
    if not keep_old and _resize_in_place(space, area, first, end, size):
        return first
    if not may_move:
        raise Errno(ENOMEM)
    place = space.areas.highest_gap(size, space.lowest_address, space.mmap_top)
    if place < 0:
        raise Errno(ENOMEM)
    return _move(space, first, end, size, place, keep_old=keep_old)


def _is_place(target: int, size: int, first: int, end: int) -> bool:
    """Whether a range of user pages, apart from the one that moves, begins at the target."""
    return target & PAGE_MASK == 0 and target + size <= USER_TOP and (end <= target or target + size <= first)


def _resize_in_place(space: "AddressSpace", area: Area, first: int, end: int, size: int) -> bool:
    """Shrink, or grow into free room behind. False if there is none."""
    if first + size <= end:
        if first + size < end:
            quota.check_split(space)
            space.remove_range(first + size, end)
        return True
    if end != area.end or first + size > USER_TOP or not space.areas.is_free(end, first + size):
        return False
    space.insert_area(area.copy(end, first + size))
    return True


def _move(space: "AddressSpace", start: int, end: int, size: int, target: int, *, keep_old: bool) -> int:
    """Move a range with its pages to a new place and size. ENOMEM, MemoryError."""
    quota.check_split(space)
    if size < end - start:
        space.remove_range(start + size, end)
        end = start + size
    if space.areas.overlaps(target, target + size):
        space.remove_range(target, target + size)
    area = space.areas.find(start)
    assert area is not None, "what moves is still there"
    moved = area.copy(start, end)
    moved.start = target
    moved.end = target + size
    space.areas.split(start)
    space.areas.split(end)
    space.areas.make_room(moved)
    try:
        leaves.move_range(space.table, start, end, target)
    except MemoryError:
        space.release_tables(target, target + size)
        raise
    if keep_old:
        space.areas.items[space.areas.index_from(start)].locking = Locking.NONE
    else:
        space.drop_moved(start)
    space.insert_area(moved)
    paging.flush_all()
    return target
