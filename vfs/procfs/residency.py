"""What the pages of a process in memory are: its own, those of files, or shared memory. (proc_pid_status(5), RssAnon, RssFile, RssShmem)

Found by looking at the page table when somebody asks. Files of tmpfs count as shared memory, as on Linux.
"""

from typing import Final

from objects.file import InodePager
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Area, Pager
from scarlet.kernel.memory.pagetable import PageTable, frame_of
from scarlet.kernel.memory.shared import SharedPages
from scarlet.kernel.memory.space import AddressSpace
from vfs.tmpfs.filesystem import Tmpfs

PAGE_SIZE: Final = 4096


class Residency:
    """Numbers of pages."""

    def __init__(self, space: AddressSpace) -> None:
        self.anonymous = 0
        self.files = 0
        self.shared_memory = 0
        for area in space.areas.items:
            self._count(area, space.table)

    def _count(self, area: Area, table: PageTable) -> None:
        present = 0
        own = 0
        pager = area.pager
        may_be_own = pager is not None and not area.shared and area.private_pages
        address = table.next_mapped(area.start, area.end)
        while address < area.end:
            entry = table.lookup(address)
            if entry != 0:
                present += 1
                if pager is not None and may_be_own and not _is_of(pager, area.index_of(address), frame_of(entry)):
                    own += 1
            address = table.next_mapped(address + PAGE_SIZE, area.end)
        if pager is None:
            own = present
        self.anonymous += own
        if pager is not None and _is_shared_memory(pager):
            self.shared_memory += present - own
        else:
            self.files += present - own


def _is_of(pager: Pager, index: int, frame: int) -> bool:
    """Is this frame the pager's page, not a copy of it?"""
    original = pager.resident(index)
    if original != 0:
        frames.unref(original)
    return original == frame


def _is_shared_memory(pager: Pager) -> bool:
    if isinstance(pager, InodePager):
        return isinstance(pager.inode.page_owner().filesystem, Tmpfs)
    return isinstance(pager, SharedPages)
