"""Files that lose pages while programs have them mapped.

Pages cut off by truncation vanish from every address space, private copies included, so that the next touch is SIGBUS. A punched hole
vanishes from shared mappings only: what a private mapping shows of a later change is not specified. Address spaces are searched, not
recorded: only a file that is mapped (`Inode.mappings`) is worth the search.

A file system with a page cache (`Inode.tracks_writes`) also takes the right to store away from shared mappings before it writes pages to
the disk, and takes pages that are needed elsewhere and not locked; both come back with the next fault. It searches for the inode whose
pages they are (`Inode.page_owner`): a file of an overlay shows those of the file below.

Sources: mmap(2), ftruncate(2), fallocate(2).
"""

from typing import Final

from objects.file import InodePager
from objects.inode import Inode
from objects.processes import processes
from scarlet.kernel.memory import leaves
from scarlet.kernel.memory.area import Area, Locking, Protection

PAGE_SHIFT: Final = 12
LAST_PAGE: Final = 1 << 51
"""No file has that many pages."""


def forget_cut_pages(inode: Inode, first: int) -> None:
    """The file ends before page `first` now."""
    _forget(inode, first, LAST_PAGE, shared_only=False)


def forget_punched_pages(inode: Inode, first: int, end: int) -> None:
    """Pages `first` to before `end` are holes now."""
    _forget(inode, first, end, shared_only=True)


def has_shared_writer(inode: Inode) -> bool:
    """Is there a shared mapping that may write, now or after mprotect(2)?"""
    if inode.mappings == 0:
        return False
    for process in processes.all():
        for area in process.space.areas.items:
            if area.shared and area.allowed & Protection.WRITE != Protection.NONE and _shows(area, inode):
                return True
    return False


def protect_pages(content: Inode, first: int, end: int) -> None:
    """Storing into pages `first` to before `end` through shared mappings faults from now on."""
    for process in processes.all():
        space = process.space
        fence = False
        for area in space.areas.items:
            if area.shared and _shows_content(area, content):
                low, high = _overlap(area, first, end)
                if low < high and leaves.write_protect(space.table, low, high):
                    fence = True
        if fence:
            space.fence()


def unmap_page(content: Inode, index: int, frame: int) -> bool:
    """Take a page, whose frame is named, out of every address space; private copies stay. Whether there was one that has it.

    Where it is locked it stays, and so it does everywhere."""
    if _is_locked(content, index):
        return False
    found = False
    for process in processes.all():
        for area in process.space.areas.items:
            if _shows_content(area, content):
                low, high = _overlap(area, index, index + 1)
                if low < high and process.space.forget_frame(low, frame):
                    found = True
    return found


def _is_locked(content: Inode, index: int) -> bool:
    for process in processes.all():
        for area in process.space.areas.items:
            if area.locking != Locking.NONE and _shows_content(area, content):
                low, high = _overlap(area, index, index + 1)
                if low < high:
                    return True
    return False


def _forget(inode: Inode, first: int, end: int, *, shared_only: bool) -> None:
    for process in processes.all():
        space = process.space
        for area in space.areas.items:
            if _shows(area, inode) and (area.shared or not shared_only):
                low, high = _overlap(area, first, end)
                if low < high:
                    space.forget(low, high)


def _shows(area: Area, inode: Inode) -> bool:
    pager = area.pager
    return isinstance(pager, InodePager) and pager.inode is inode


def _shows_content(area: Area, content: Inode) -> bool:
    pager = area.pager
    return isinstance(pager, InodePager) and pager.inode.page_owner() is content


def _overlap(area: Area, first: int, end: int) -> tuple[int, int]:
    """The addresses at which an area has the pages from `first` to before `end`."""
    low = area.start + (max(first - area.page_offset, 0) << PAGE_SHIFT)
    high = area.start + (min(end - area.page_offset, area.length >> PAGE_SHIFT) << PAGE_SHIFT)
    return (low, high)
