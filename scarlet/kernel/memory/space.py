"""Address spaces: the user half of what a process can address, and the calls that change it (mmap(2), munmap(2), mprotect(2), mremap(2),
brk(2)).

Areas say what should be where; the page table holds what has been touched so far, and faults (fault.py) close the gap. Addresses and
lengths arrive as the program gave them, and are checked here before anything changes.

Invariants: every page that is mapped lies in an area, and every table frame serves some area; an entry that is not 0 holds a reference
to its frame; entries of private areas are writable only while nobody else has the frame. When rights were taken away a fence follows
before the program runs again: one a call, not one a page.
"""

from typing import Final

from scarlet.kernel.memory import fault, leaves, pagetable, quota, remap
from scarlet.kernel.memory.area import Access, Area, FaultResult, Inheritance, Locking, Pager, Protection, page_range
from scarlet.kernel.memory.arealist import GUARD_GAP, AreaList
from scarlet.kernel.memory.pagetable import READABLE, USER, WRITABLE, PageTable, frame_of
from scarlet.kernel.memory.quota import UNLIMITED
from scarlet.kernel.memory.shared import SharedPages
from scarlet.lang import u64
from scarlet.lang.errno import EACCES, EEXIST, EFAULT, EINVAL, ENOMEM, Errno
from scarlet.machine import paging
from scarlet.machine.sv39 import PAGE_MASK, PAGE_SHIFT, USER_TOP, page_down, page_up

ALL_ACCESS: Final = Protection.READ | Protection.WRITE | Protection.EXEC
HEAP: Final = b"[heap]"

_READ_BITS: Final = USER | READABLE
_WRITE_BITS: Final = USER | WRITABLE
MOST_FAULTS: Final = 100
"""A page may go again before it is used, when others need memory; but not that often."""


class AddressSpace:
    """Areas and a page table. Making one raises MemoryError when there is no memory for its root table."""

    def __init__(self) -> None:
        self.areas = AreaList()
        self.table = PageTable()
        self.resident_pages = 0
        self.peak_resident_pages = 0
        self.mapped_pages = 0
        self.peak_mapped_pages = 0
        self.break_start = 0
        self.break_end = 0
        self.lowest_address = 0x10000
        """Where mappings may begin unless fixed (vm.mmap_min_addr)."""
        self.mmap_top = USER_TOP - (128 << 20) - GUARD_GAP
        """Mappings are placed downwards from here; above is room for the stack."""
        self.limit_address_space = UNLIMITED
        """RLIMIT_AS in bytes; the owner of the limits keeps this and the next two up to date."""
        self.limit_data = UNLIMITED
        self.limit_stack = 8 << 20
        self.locking_new = Locking.NONE
        """What new areas begin with. (mlockall(2), MCL_FUTURE)"""

    def __del__(self) -> None:
        for area in self.areas.items:
            leaves.clear_range(self.table, area.start, area.end)
        for area in self.areas.items:
            self.table.release_leaves(area.start, area.end, 0, USER_TOP)
        for area in self.areas.items:
            self.table.release_middles(area.start, area.end, 0, USER_TOP)

    @property
    def root(self) -> int:
        """The root page table: Thread.page_root of the threads that live here."""
        return self.table.root

    def activate(self) -> None:
        """Let the hart use this space now."""
        pagetable.use(self.table.root)

    # --- touching pages ---

    def translate(self, address: u64, access: Access) -> int:
        """The physical address behind a user address, its page faulted in; good until the space next changes. EFAULT, MemoryError."""
        if address >= USER_TOP:
            raise Errno(EFAULT)
        return self.locate(int(address), access)

    def locate(self, address: int, access: Access) -> int:
        """As `translate`, for an address that was checked to be a user address (user.check_range)."""
        entry = self.table.lookup(address)
        need = _WRITE_BITS if access is Access.WRITE else _READ_BITS
        tries = 0
        while entry & need != need:
            result = self.fault(address, access)
            if result is FaultResult.OUT_OF_MEMORY:
                raise MemoryError("no frame for a user page")
            tries += 1
            if result is not FaultResult.OK or tries == MOST_FAULTS:
                raise Errno(EFAULT)
            entry = self.table.lookup(address)
        return frame_of(entry) + (address & PAGE_MASK)

    def fault(self, address: u64, access: Access) -> FaultResult:
        """Serve a page fault."""
        if address >= USER_TOP:
            return FaultResult.SEGV_MAPERR
        area = self.areas.find(int(address))
        if area is None:
            area = self._grow_stack(int(address))
            if area is None:
                return FaultResult.SEGV_MAPERR
        return fault.serve(self, area, int(address), access)

    def find(self, address: int) -> Area | None:
        """The area that holds an address."""
        return self.areas.find(address)

    # --- mapping ---

    def map_area(
        self,
        start_hint: u64,
        length: u64,
        protection: Protection,
        *,
        fixed: bool = False,
        fixed_noreplace: bool = False,
        shared: bool = False,
        pager: Pager | None = None,
        page_offset: int = 0,
        allowed: Protection = ALL_ACCESS,
        grows_down: bool = False,
        no_reserve: bool = False,
        locking: Locking = Locking.NONE,
        name: bytes = b"",
    ) -> int:
        """mmap(2): the address of the new area. Shared without a pager is anonymous shared memory. EINVAL EACCES EEXIST ENOMEM."""
        if length == 0:
            raise Errno(EINVAL, "length is 0")
        if length > USER_TOP:
            raise Errno(ENOMEM)
        size = page_up(int(length))
        if protection & ~allowed != 0:
            raise Errno(EACCES)
        start = self._place(start_hint, size, fixed=fixed or fixed_noreplace)
        if fixed_noreplace and self.areas.overlaps(start, start + size):
            raise Errno(EEXIST)
        quota.check_growth(self, size, protection, shared=shared, stack=grows_down, no_reserve=no_reserve)
        area = Area(start, start + size, protection)
        area.allowed = allowed
        area.shared = shared
        area.pager = pager
        if shared and pager is None:
            area.pager = SharedPages(size >> PAGE_SHIFT)
        area.page_offset = page_offset if pager is not None else 0
        area.grows_down = grows_down
        area.locking = locking
        area.name = name
        if fixed and self.areas.overlaps(start, start + size):
            self.remove_range(start, start + size)
        self.insert_area(area)
        return start

    def unmap(self, start: u64, length: u64) -> None:
        """munmap(2): nothing is mapped in the range afterwards. EINVAL; ENOMEM if an area cannot be split."""
        first, end = page_range(start, length)
        if first == end or end > USER_TOP:
            raise Errno(EINVAL, "not a range of user addresses")
        quota.check_split(self)
        self.remove_range(first, end)

    def protect(self, start: u64, length: u64, protection: Protection) -> None:
        """mprotect(2), all or nothing: EINVAL; ENOMEM if part of the range is not mapped; EACCES if the mapping does not allow it."""
        first, end = page_range(start, length)
        if length == 0:
            return
        if end > USER_TOP:
            raise Errno(ENOMEM)
        self._check_mapped(first, end)
        for area in self.areas.within(first, end):
            if protection & ~area.allowed != 0:
                raise Errno(EACCES)
            if protection & Protection.WRITE != 0 and area.protection & Protection.WRITE == 0 and not area.shared:
                quota.check_data(self, min(end, area.end) - max(first, area.start))
        quota.check_split(self)
        self.areas.split(first)
        self.areas.split(end)
        fence = False
        for area in self.areas.within(first, end):
            if area.protection != protection:
                area.protection = protection
                own = not area.shared and (area.pager is None or area.private_pages)
                shared = area.shared and not area.tracks_writes()
                if leaves.protect_range(self.table, area.start, area.end, protection, shared=shared, own=own):
                    fence = True
        self.areas.merge(first, end)
        if fence:
            paging.flush_all()

    def remap(self, start: u64, old_length: u64, new_length: u64, *, may_move: bool, fixed_at: int = -1, keep_old: bool = False) -> int:
        """mremap(2): the new address of the area. `keep_old` is MREMAP_DONTUNMAP. EINVAL EFAULT ENOMEM."""
        return remap.remap(self, start, old_length, new_length, may_move=may_move, fixed_at=fixed_at, keep_old=keep_old)

    # --- the heap ---

    def start_break(self, address: int) -> None:
        """The heap begins at this address, empty (exec)."""
        self.break_start = address
        self.break_end = address

    def set_break(self, address: u64) -> int:
        """brk(2) as the kernel has it: the break after the call, which is the old one if it could not be moved."""
        if address < self.break_start or address >= USER_TOP:
            return self.break_end
        wanted = int(address)
        old = page_up(self.break_end)
        new = page_up(wanted)
        if new > old:
            try:
                quota.check_growth(self, new - old, Protection.READ | Protection.WRITE, shared=False, stack=False, no_reserve=False)
            except Errno:
                return self.break_end
            if not self.areas.is_free(old, new):
                return self.break_end
            heap = Area(old, new, Protection.READ | Protection.WRITE)
            heap.name = HEAP
            heap.locking = self.locking_new
            self.insert_area(heap)
        elif new < old:
            self.remove_range(new, old)
        self.break_end = wanted
        return wanted

    # --- advice and questions ---

    def discard(self, start: u64, length: u64) -> None:
        """madvise(MADV_DONTNEED): private pages are forgotten, and read as zeros or the file again. EINVAL ENOMEM."""
        first, end = self._advised(start, length)
        cleared = 0
        for area in self.areas.within(first, end):
            cleared += leaves.clear_range(self.table, max(first, area.start), min(end, area.end))
        self._pages_left(cleared)

    def forget(self, start: int, end: int) -> None:
        """Drop the pages of a page range, private copies included: the next touch asks the pager again."""
        self._pages_left(leaves.clear_range(self.table, start, end))

    def forget_frame(self, va: int, frame: int) -> bool:
        """Drop the page at an address if it is this frame: whether it was."""
        entry = self.table.lookup(va)
        if entry == 0 or frame_of(entry) != frame:
            return False
        self.forget(va, va + PAGE_MASK + 1)
        return True

    def fence(self) -> None:
        """Entries lost rights: no hart goes by what they were."""
        paging.flush_all()

    def populate(self, start: u64, length: u64, access: Access) -> None:
        """Fault all pages of a range in (MAP_POPULATE, MADV_POPULATE_READ, MADV_POPULATE_WRITE). EINVAL ENOMEM EFAULT."""
        first, end = self._advised(start, length)
        for address in range(first, end, PAGE_MASK + 1):
            self.locate(address, access)

    def set_inheritance(self, start: u64, length: u64, mark: Inheritance, *, on: bool) -> None:
        """What forks make of a range from now on. EINVAL ENOMEM; EINVAL for wiping what is not private and anonymous."""
        first, end = self._advised(start, length)
        if on and mark == Inheritance.WIPED and any(area.pager is not None or area.shared for area in self.areas.within(first, end)):
            raise Errno(EINVAL, "only private anonymous memory is wiped on fork")
        self.areas.split(first)
        self.areas.split(end)
        for area in self.areas.within(first, end):
            area.inheritance = area.inheritance | mark if on else Inheritance(int(area.inheritance) & ~int(mark))
        self.areas.merge(first, end)

    def check_mapped(self, start: u64, length: u64) -> None:
        """For msync(2), mlock(2), madvise(2): EINVAL if start is not page-aligned, ENOMEM if part of the range is not mapped."""
        self._advised(start, length)

    def residency(self, start: u64, length: u64) -> bytes:
        """mincore(2): a byte for each page, 1 if it is in the page table. EINVAL ENOMEM."""
        first, end = self._advised(start, length)
        found = bytearray((end - first) >> PAGE_SHIFT)
        for index in range(len(found)):
            if self.table.lookup(first + (index << PAGE_SHIFT)) != 0:
                found[index] = 1
        return bytes(found)

    def peak_resident(self) -> int:
        """The most pages there ever were (ru_maxrss, VmHWM)."""
        self.peak_resident_pages = max(self.peak_resident_pages, self.resident_pages)
        return self.peak_resident_pages

    # --- fork ---

    def fork(self) -> "AddressSpace":
        """A copy: private pages are shared until one side writes again, untouched pages of files the child finds itself. MemoryError."""
        child = AddressSpace()
        child.break_start = self.break_start
        child.break_end = self.break_end
        child.lowest_address = self.lowest_address
        child.mmap_top = self.mmap_top
        child.limit_address_space = self.limit_address_space
        child.limit_data = self.limit_data
        child.limit_stack = self.limit_stack
        for area in self.areas.items:
            if area.inheritance & Inheritance.ABSENT == Inheritance.COPIED:
                part = area.copy(area.start, area.end)
                part.locking = Locking.NONE
                child.areas.items.append(part)
                child.mapped_pages += area.length >> PAGE_SHIFT
        try:
            for area in self.areas.items:
                if area.inheritance != Inheritance.COPIED:
                    continue
                if not area.shared and (area.pager is None or area.private_pages):
                    child.resident_pages += leaves.share_range(self.table, child.table, area.start, area.end)
        finally:
            paging.flush_all()
        return child

    # --- for this package ---

    def _place(self, hint: u64, size: int, *, fixed: bool) -> int:
        """Where a new area of a size goes. EINVAL ENOMEM."""
        if fixed:
            if hint & PAGE_MASK != 0:
                raise Errno(EINVAL, "a fixed address must be page-aligned")
            if hint > USER_TOP - size:
                raise Errno(ENOMEM)
            return int(hint)
        if hint != 0 and hint < USER_TOP:
            start = max(page_up(int(hint)), self.lowest_address)
            if start + size <= USER_TOP and self.areas.is_free(start, start + size):
                return start
        start = self.areas.highest_gap(size, self.lowest_address, self.mmap_top)
        if start < 0:
            start = self.areas.highest_gap(size, self.lowest_address, USER_TOP)
        if start < 0:
            raise Errno(ENOMEM)
        return start

    def _check_mapped(self, start: int, end: int) -> None:
        if not self.areas.covers(start, end):
            raise Errno(ENOMEM, "part of the range is not mapped")

    def _advised(self, start: u64, length: u64) -> tuple[int, int]:
        """The page range of a call that needs all of it mapped; no bytes are none, wherever they are. EINVAL ENOMEM."""
        first, end = page_range(start, length)
        if length == 0:
            return (0, 0)
        if end > USER_TOP:
            raise Errno(ENOMEM)
        self._check_mapped(first, end)
        return (first, end)

    def insert_area(self, area: Area) -> None:
        pages = area.length >> PAGE_SHIFT  # the list may join it with a neighbour
        self.areas.insert(area)
        self.mapped_pages += pages
        self.peak_mapped_pages = max(self.peak_mapped_pages, self.mapped_pages)

    def remove_range(self, start: int, end: int) -> None:
        """Unmap a page range: areas, pages, and the tables that served nothing else."""
        removed = self.areas.remove(start, end)
        cleared = 0
        for area in removed:
            self.mapped_pages -= area.length >> PAGE_SHIFT
            cleared += leaves.clear_range(self.table, area.start, area.end)
        if len(removed) > 0:
            self.release_tables(removed[0].start, removed[-1].end)
        self._pages_left(cleared)

    def drop_moved(self, start: int) -> None:
        """Forget the area that begins there, whose pages are elsewhere now. Needs no memory."""
        area = self.areas.take(start)
        self.mapped_pages -= area.length >> PAGE_SHIFT
        self.release_tables(area.start, area.end)

    def release_tables(self, start: int, end: int) -> None:
        """Free the tables of a range without areas."""
        floor = self.areas.end_before(start)
        ceiling = self.areas.start_after(start, USER_TOP)
        self.table.release_leaves(start, end, floor, ceiling)
        self.table.release_middles(start, end, floor, ceiling)

    def _pages_left(self, count: int) -> None:
        """So many pages were removed: count them off, and fence."""
        if count > 0:
            self.peak_resident_pages = max(self.peak_resident_pages, self.resident_pages)
            self.resident_pages -= count
            paging.flush_all()

    def _grow_stack(self, address: int) -> Area | None:
        """The stack area, extended down to an address below it, if its limit and the guard gap allow that."""
        index = self.areas.index_from(address)
        if index >= len(self.areas.items):
            return None
        area = self.areas.items[index]
        start = page_down(address)
        if not area.grows_down or area.end - start > self.limit_stack:
            return None
        if index > 0:
            below = self.areas.items[index - 1]
            if start < below.end + (GUARD_GAP if below.protection != Protection.NONE else 0):
                return None
        pages = (area.start - start) >> PAGE_SHIFT
        if (self.mapped_pages + pages) << PAGE_SHIFT > self.limit_address_space:
            return None
        self.mapped_pages += pages
        self.peak_mapped_pages = max(self.peak_mapped_pages, self.mapped_pages)
        area.start = start
        return area
