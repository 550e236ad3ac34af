"""The kernel's page tables: what is mapped, with which rights. Built once at boot, shared by every address space.

Invariants: no page of the kernel is both writable and executable, through any of its addresses; the pages below the
boot stack and the panic stack are not mapped; all entries are global, accessed and dirty. Entries of the kernel half of
a root table never change after boot (stacks are mapped in tables below one root entry), so that new root tables need
only copy them.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, csr_write, memcpy, sfence_vma_all, static_bytes, symbol
from scarlet.machine import pages
from scarlet.machine.kernel_space import (
    DIRECT_GIGABYTES,
    DIRECT_INDEX,
    IMAGE_INDEX,
    STACKS_BASE,
    STACKS_INDEX,
    direct,
    image_end,
    image_physical,
    image_start,
)

POINTER: Final = 0x21
"""V G: an entry that names a table."""
TEXT: Final = 0x6B
"""V R X G A D... without W: R and X. (V 1, R 2, X 8, G 0x20, A 0x40)"""
READ_ONLY: Final = 0x63
READ_WRITE: Final = 0xE7
GIGABYTE: Final = 0x40000000
MEGABYTES_2: Final = 0x200000
PAGE: Final = 0x1000
SATP_SV39: Final = 8 << 60

_STATE: Final = static_bytes(16)
"""The physical addresses of the kernel's own root table, and of the table that maps the stacks."""


def kernel_root() -> u64:
    """The physical address of the root table without a user half: for threads that have no address space."""
    return Ptr[u64](_STATE.address)[0]


def build() -> None:
    """Make the final tables and use them. Before this, .bss is clear and the boot map (entry.py) reaches the first 4 GiB."""
    root = new_table()
    stacks = new_table()
    Ptr[u64](_STATE.address)[0] = root
    Ptr[u64](_STATE.address)[1] = stacks
    table = table_at(root)
    gigabyte = u64(0)
    while gigabyte < DIRECT_GIGABYTES:
        table[int(gigabyte) + DIRECT_INDEX] = entry(u64(gigabyte * GIGABYTE), READ_WRITE)
        gigabyte = u64(gigabyte + 1)
    table[int(image_start() // GIGABYTE) + DIRECT_INDEX] = entry(split_gigabyte(), POINTER)
    table[IMAGE_INDEX] = entry(map_image(), POINTER)
    table[STACKS_INDEX] = entry(stacks, POINTER)
    csr_write("satp", u64(SATP_SV39 | root >> 12))
    sfence_vma_all()


def copy_kernel_half(root_pa: int) -> None:
    """Fill the kernel half of a user root table."""
    source = table_at(kernel_root())
    target = table_at(u64(root_pa))
    first = Ptr[u64](u64(target.address + DIRECT_INDEX * 8))
    memcpy(Ptr(first.address), Ptr(u64(source.address + DIRECT_INDEX * 8)), DIRECT_GIGABYTES * 8)
    target[STACKS_INDEX] = source[STACKS_INDEX]
    target[IMAGE_INDEX] = source[IMAGE_INDEX]


def map_stack_page(va: u64, pa: u64) -> None:
    """Map a page of a kernel stack; MemoryError when there is no page for its table. The caller fences."""
    middle = table_at(Ptr[u64](_STATE.address)[1])
    slot = int(u64(va - STACKS_BASE) // MEGABYTES_2)
    if middle[slot] == 0:
        middle[slot] = entry(new_table(), POINTER)
    table_at(target_of(middle[slot]))[int(va >> 12 & 511)] = entry(pa, READ_WRITE)


def unmap_stack_page(va: u64) -> u64:
    """Take a page of a kernel stack away; gives its physical address. The caller fences."""
    middle = table_at(Ptr[u64](_STATE.address)[1])
    table = table_at(target_of(middle[int(u64(va - STACKS_BASE) // MEGABYTES_2)]))
    pa = target_of(table[int(va >> 12 & 511)])
    table[int(va >> 12 & 511)] = 0
    return pa


def new_table() -> u64:
    """The physical address of a zeroed page. MemoryError when there is none."""
    return u64(pages.zeroed_page())


def table_at(pa: u64) -> Ptr[u64]:
    return Ptr[u64](direct(int(pa)))


def entry(pa: u64, bits: u64) -> u64:
    return u64(pa >> 12 << 10 | bits)


def target_of(table_entry: u64) -> u64:
    """The physical address in an entry."""
    return u64(table_entry >> 10 << 12 & 0xFFFFFFFFFFFFFF)


def image_rights(pa: u64) -> u64:
    """The entry bits for a page of the image; 0 for the pages that stay unmapped."""
    if pa < image_physical(symbol("text_end")):
        return u64(TEXT)
    if pa < image_physical(symbol("rodata_end")):
        return u64(READ_ONLY)
    if pa == image_physical(symbol("boot_stack_guard")) or pa == image_physical(symbol("panic_stack_guard")):
        return u64(0)
    return u64(READ_WRITE)


def map_image() -> u64:
    """The middle table for the image where it is linked."""
    table = new_table()
    middle = table_at(table)
    pa = image_start()
    while pa < image_end():
        slot = int(pa // MEGABYTES_2 & 511)
        if middle[slot] == 0:
            middle[slot] = entry(new_table(), POINTER)
        bits = image_rights(pa)
        table_at(target_of(middle[slot]))[int(pa >> 12 & 511)] = entry(pa, bits) if bits != 0 else u64(0)
        pa = u64(pa + PAGE)
    return table


def split_gigabyte() -> u64:
    """The middle table of the direct map for the gigabyte that holds the image: 2 MiB pages, and 4 KiB pages where the image is.

    There the image is never executable, and writable only where it is writable in its own place.
    """
    table = new_table()
    middle = table_at(table)
    base = u64(image_start() // GIGABYTE * GIGABYTE)
    slot = 0
    while slot < 512:
        start = u64(base + u64(slot) * MEGABYTES_2)
        if u64(start + MEGABYTES_2) > image_start() and start < image_end():
            middle[slot] = entry(split_megabytes(start), POINTER)
        else:
            middle[slot] = entry(start, READ_WRITE)
        slot += 1
    return table


def split_megabytes(start: u64) -> u64:
    """The last table of the direct map for 2 MiB that the image touches."""
    table = new_table()
    slot = 0
    while slot < 512:
        pa = u64(start + u64(slot) * PAGE)
        bits = u64(READ_WRITE)
        if pa >= image_start() and pa < image_physical(symbol("rodata_end")):
            bits = u64(READ_ONLY)
        table_at(table)[slot] = entry(pa, bits)
        slot += 1
    return table
