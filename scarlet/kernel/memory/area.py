"""Areas: ranges of user addresses with one protection and one origin of their pages; and pagers, where file pages come from.

Invariants: start and end are page-aligned, start < end. An area without a pager is anonymous: its pages begin as zeros. A private
area's pages become the process's own when written to; a shared area's pages are its pager's (anonymous shared memory has a pager too:
shared.py).
"""

from enum import IntEnum, IntFlag

from scarlet.lang import u64
from scarlet.lang.errno import EINVAL, Errno
from scarlet.machine.sv39 import PAGE_MASK, PAGE_SHIFT, USER_TOP, page_up


class Protection(IntFlag):
    """PROT_ of mmap(2)."""

    NONE = 0
    READ = 1
    WRITE = 2
    EXEC = 4


class Access(IntEnum):
    """What a program or the kernel wants to do at an address; the values are those of the Protection it needs."""

    READ = 1
    WRITE = 2
    EXECUTE = 4


class FaultResult(IntEnum):
    """What became of a page fault."""

    OK = 0
    SEGV_MAPERR = 1
    """No area there."""
    SEGV_ACCERR = 2
    """The area forbids it."""
    BUS_ADRERR = 3
    """Past the end of the file, or the file cannot give the page."""
    OUT_OF_MEMORY = 4


class Inheritance(IntFlag):
    """What a fork makes of an area that it does not simply copy. (madvise(2), MADV_DONTFORK, MADV_WIPEONFORK)"""

    COPIED = 0
    ABSENT = 1
    """The child does not have it."""
    WIPED = 2
    """The child has it, filled with zeros."""


class Locking(IntEnum):
    """Do the pages of an area stay in memory? (locking.py)"""

    NONE = 0
    LOCKED = 1
    """They were fetched, and stay."""
    ON_FAULT = 2
    """Those that were touched stay. (mlock2(2), MLOCK_ONFAULT)"""


class Pager:
    """Gives the pages of a file or of shared memory."""

    def page(self, index: int, *, write: bool) -> int:
        """The frame of page `index`, with a reference taken for the caller; 0 past the end. May block; Errno or MemoryError.

        `write`: the frame will be stored into, or seen by others who do (every shared mapping): a hole is filled first. Without it a hole
        may be answered with frames.zero_frame().
        """
        raise NotImplementedError("Pager.page")

    def resident(self, index: int) -> int:
        """As page(index, write=False), but 0 when that would take any work: mapped ahead of need."""
        return 0

    def tracks_writes(self) -> bool:
        """Does it want to know of each page that is stored into? Then shared pages become writable only after page(write=True), and lose
        the right again when it says so (objects/mapped.py); and there are no holes that it would answer with frames of others."""
        return False


class Area:
    """A range of addresses of one kind."""

    def __init__(self, start: int, end: int, protection: Protection) -> None:
        self.start = start
        self.end = end
        self.protection = protection
        self.allowed = Protection.READ | Protection.WRITE | Protection.EXEC
        """What mprotect(2) may turn on: a shared mapping of a file that was opened for reading lacks WRITE."""
        self.shared = False
        self.pager: Pager | None = None
        self.page_offset = 0
        """The pager's index of the page at `start`."""
        self.grows_down = False
        self.inheritance = Inheritance.COPIED
        self.locking = Locking.NONE
        self.name = b""
        """Path or [heap], [stack]: /proc/pid/maps."""
        self.private_pages = False
        """Whether any page may differ from the pager's: then fork must copy entries, else the child finds the pages itself."""

    @property
    def length(self) -> int:
        return self.end - self.start

    def index_of(self, address: int) -> int:
        """The pager's index of the page at an address of the area."""
        return self.page_offset + ((address - self.start) >> PAGE_SHIFT)

    def tracks_writes(self) -> bool:
        """Is this a shared mapping whose pager wants to know what is stored into?"""
        return self.shared and self.pager is not None and self.pager.tracks_writes()

    def copy(self, start: int, end: int) -> "Area":
        """An area like this one for a part of its range."""
        part = Area(start, end, self.protection)
        part.allowed = self.allowed
        part.shared = self.shared
        part.pager = self.pager
        part.page_offset = self.page_offset + ((start - self.start) >> PAGE_SHIFT) if self.pager is not None else 0
        part.grows_down = self.grows_down
        part.inheritance = self.inheritance
        part.locking = self.locking
        part.name = self.name
        part.private_pages = self.private_pages
        return part

    def continues(self, before: "Area") -> bool:
        """Whether this area and the one before it can be one."""
        return (
            before.end == self.start
            and before.protection == self.protection
            and before.shared == self.shared
            and before.pager is self.pager
            and before.allowed == self.allowed
            and before.inheritance == self.inheritance
            and before.locking == self.locking
            and not before.grows_down
            and not self.grows_down
            and before.name == self.name
            and (self.pager is None or before.index_of(self.start) == self.page_offset)
        )


def page_range(start: u64, length: u64) -> tuple[int, int]:
    """Start and end of the pages of a range; the end is above USER_TOP if not all are user addresses. EINVAL: start is not page-aligned."""
    if start & PAGE_MASK != 0:
        raise Errno(EINVAL, "address is not page-aligned")
    if start > USER_TOP or length > USER_TOP:
        return (0, USER_TOP + 1)
    return (int(start), int(start) + page_up(int(length)))
