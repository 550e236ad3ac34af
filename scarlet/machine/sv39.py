"""Sv39: page-table entries and address arithmetic (RISC-V privileged specification, chapter "Sv39: Page-Based 39-bit
Virtual-Memory System").

A virtual address has three 9-bit table indices and a 12-bit offset; a table is 512 entries of 8 bytes in one page. An
entry is [63:54] zero, [53:10] the physical page number, [9:8] for software, [7:0] D A G U X W R V. An entry with R, W
and X clear points to the next table.

Invariants: user addresses lie below USER_TOP, kernel addresses are sign-extended (bit 38 set). A and D are set by
whoever writes an entry, so that no implementation (hardware that traps, hardware that updates) ever needs to.
"""

from enum import IntFlag
from typing import Final

from scarlet.lang import u64

PAGE_SHIFT: Final = 12
PAGE_SIZE: Final = 4096
PAGE_MASK: Final = 4095
ENTRIES: Final = 512
LEVELS: Final = 3
USER_TOP: Final = 1 << 38
"""The first address that is not a user's: user half of the address space, 256 GiB."""
ADDRESS_MASK: Final = 0x3FFFFFFFFFFC00
"""The bits of an entry that hold the physical page number."""
SATP_SV39: Final = 8
"""The MODE field of satp."""


class Pte(IntFlag):
    """The low ten bits of an entry. COW and SHARED are the two bits left to software (RSW)."""

    V = 1
    R = 2
    W = 4
    X = 8
    U = 16
    G = 32
    A = 64
    D = 128
    COW = 256
    SHARED = 512


def index_of(va: int, level: int) -> int:
    """The index into the table of a level: 2 is the root, 0 the last."""
    return (va >> (PAGE_SHIFT + 9 * level)) & 511


def make_entry(pa: int, bits: int) -> int:
    """An entry for the page (or next table) at a physical address."""
    return (pa >> PAGE_SHIFT << 10) | bits


def entry_pa(entry: int) -> int:
    """The physical address of the page or table that an entry names."""
    return (entry & ADDRESS_MASK) << 2


def entry_bits(entry: int) -> int:
    """The flag bits of an entry."""
    return entry & 0x3FF


def is_valid(entry: int) -> bool:
    return entry & 1 != 0


def is_leaf(entry: int) -> bool:
    """Whether a valid entry maps a page (or a large page) rather than a table."""
    return entry & 0xE != 0


def page_down(address: int) -> int:
    """The start of the page that holds the address."""
    return address & ~PAGE_MASK


def page_up(address: int) -> int:
    """The address rounded up to a page."""
    return (address + PAGE_MASK) & ~PAGE_MASK


def pages_of(size_bytes: int) -> int:
    """The number of pages that hold so many bytes."""
    return (size_bytes + PAGE_MASK) >> PAGE_SHIFT


def make_satp(root_pa: int) -> u64:
    """The satp value for a root table, address-space identifier 0."""
    return u64((SATP_SV39 << 60) | (root_pa >> PAGE_SHIFT))
