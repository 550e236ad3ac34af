"""Address spaces (being written; the signatures stand)."""

from scarlet.kernel.memory.area import Access, Area, FaultResult, Pager, Protection
from scarlet.lang import u64


class AddressSpace:
    """The user half of what a process can address."""

    def __init__(self) -> None:
        """MemoryError."""
        self.areas: list[Area] = []
        """Sorted by start."""
        self.resident_pages = 0
        self.mapped_pages = 0
        self.break_start = 0
        self.break_end = 0
        self.lowest_address = 0x10000
        """Hints below are moved up (vm.mmap_min_addr)."""
        self.mmap_top = 0x3F_0000_0000
        self.limit_address_space = 0x7FFF_FFFF_FFFF_FFFF
        """RLIMIT_AS, bytes; limit_data and limit_stack likewise. The owner of the limits keeps them up to date."""
        self.limit_data = 0x7FFF_FFFF_FFFF_FFFF
        self.limit_stack = 8 << 20

    @property
    def root(self) -> int:
        """The root page table: Thread.page_root of the threads that live here."""
        raise NotImplementedError

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
        allowed: Protection = Protection.READ | Protection.WRITE | Protection.EXEC,
        grows_down: bool = False,
        no_reserve: bool = False,
        name: bytes = b"",
    ) -> int:
        """mmap(2): the address of the new mapping. EINVAL ENOMEM EEXIST. Shared without a pager: anonymous shared memory."""
        raise NotImplementedError

    def unmap(self, start: u64, length: u64) -> None:
        """munmap(2): EINVAL, ENOMEM."""
        raise NotImplementedError

    def protect(self, start: u64, length: u64, protection: Protection) -> None:
        """mprotect(2): EINVAL EACCES ENOMEM."""
        raise NotImplementedError

    def remap(self, start: u64, old_length: u64, new_length: u64, *, may_move: bool, fixed_at: int = -1, keep_old: bool = False) -> int:
        """mremap(2): EINVAL EFAULT ENOMEM. keep_old is MREMAP_DONTUNMAP."""
        raise NotImplementedError

    def set_break(self, address: u64) -> int:
        """brk(2) as the kernel has it: the break after the call, which is the old one when it could not be moved."""
        raise NotImplementedError

    def start_break(self, address: int) -> None:
        """The heap begins (empty) at this address; exec."""
        raise NotImplementedError

    def discard(self, start: u64, length: u64) -> None:
        """madvise(MADV_DONTNEED): private pages are forgotten. EINVAL ENOMEM."""
        raise NotImplementedError

    def populate(self, start: u64, length: u64, access: Access) -> None:
        """Fault all pages in (MAP_POPULATE, MADV_POPULATE_*). ENOMEM EFAULT."""
        raise NotImplementedError

    def check_mapped(self, start: u64, length: u64) -> None:
        """msync(2), mlock(2), madvise(2): EINVAL if start is not page-aligned, ENOMEM if part of the range is not mapped."""
        raise NotImplementedError

    def residency(self, start: u64, length: u64) -> bytes:
        """mincore(2): a byte a page, 1 if resident. EINVAL ENOMEM."""
        raise NotImplementedError

    def fork(self) -> "AddressSpace":
        """A copy: private pages are shared until one side writes. MemoryError."""
        raise NotImplementedError

    def fault(self, address: u64, access: Access) -> FaultResult:
        """Serve a page fault of the program."""
        raise NotImplementedError

    def translate(self, address: u64, access: Access) -> int:
        """The physical address behind a user address, its page faulted in; good until the space next changes. EFAULT."""
        raise NotImplementedError

    def find(self, address: int) -> Area | None:
        """The area that holds an address."""
        raise NotImplementedError

    def activate(self) -> None:
        """Let the hart use this space; its threads' page_root must be `root` too."""
        raise NotImplementedError
