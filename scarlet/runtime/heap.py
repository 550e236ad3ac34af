"""The object heap: size classes over slabs of pages; large objects are whole pages.

Every object the compiler makes comes from `allocate(size)` and goes back through `free(address, size)`: the size is always known, so
an object carries no header of the heap's. Requests are rounded up to a size class: multiples of 16 bytes up to 512, of 128 up to 2048.
A class hands out objects from its free list, a singly linked list through the first word of each free object, which makes the
common case of both calls three memory accesses. An empty free list is refilled by carving a slab: one page (four for the classes
above 512 bytes), naturally aligned, whose first 16 bytes link it into the class's list of slabs.

Invariants: an object lies wholly in one slab; a free object is on exactly one free list; every slab is on its class's list.
Neither call raises (all arithmetic here is the wrapping kind); address 0 means that the page source is exhausted, after `trim` has given
back the slabs without live objects. The heap is not re-entrant: nothing that interrupts it may allocate.

After J. Bonwick, "The Slab Allocator" (USENIX 1994), reduced to what one hart at a time needs.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, load64, noinline, static_bytes, store64, unlikely
from scarlet.machine import pages

PAGE_SIZE: Final = 4096
GRAIN: Final = 16
SMALL_LIMIT: Final = 512
CLASS_LIMIT: Final = 2048
LARGE_GRAIN: Final = 128
SMALL_CLASSES: Final = SMALL_LIMIT // GRAIN
CLASSES: Final = SMALL_CLASSES + 1 + (CLASS_LIMIT - SMALL_LIMIT) // LARGE_GRAIN
"""Class 0 serves nothing; 1..32 are the small ones, 33..44 the others."""
LARGE_BIAS: Final = SMALL_CLASSES * LARGE_GRAIN - SMALL_LIMIT + LARGE_GRAIN - 1
SLAB_HEADER: Final = 16
"""The next slab of the class, then the number of free objects (used by `trim` only)."""

_FREE: Final = static_bytes(CLASSES * 8)
"""The head of each class's free list."""
_SLABS: Final = static_bytes(CLASSES * 8)
"""The head of each class's list of slabs."""
_STATE: Final = static_bytes(32)
"""Pages in slabs; pages in large objects; whether the page source is at work (it may fail by raising, which allocates)."""
SLAB_PAGES: Final = 0
LARGE_PAGES: Final = 1
BUSY: Final = 2


@inline
def free_heads() -> Ptr[u64]:
    return Ptr[u64](_FREE.address)


@inline
def slab_heads() -> Ptr[u64]:
    return Ptr[u64](_SLABS.address)


@inline
def state() -> Ptr[u64]:
    return Ptr[u64](_STATE.address)


@inline
def class_of(size: u64) -> i64:
    """The number of the size class that serves a request; a constant where the size is one."""
    if size <= SMALL_LIMIT:
        return i64(u64(size + (GRAIN - 1)) >> 4)
    return i64(u64(size + LARGE_BIAS) >> 7)


@inline
def allocate(size: u64) -> u64:
    """The address of `size` bytes of garbage, aligned to 16; 0 when there is no memory."""
    if size > CLASS_LIMIT:
        return allocate_large(size)
    slot = class_of(size)
    head = free_heads()[slot]
    if unlikely(head == 0):
        return refill(slot)
    free_heads()[slot] = load64(head)
    return head


@inline
def free(address: u64, size: u64) -> None:
    """Take back what allocate(size) gave."""
    if size > CLASS_LIMIT:
        free_large(address, size)
        return
    slot = class_of(size)
    store64(address, free_heads()[slot])
    free_heads()[slot] = address


def class_size(slot: i64) -> u64:
    """The size of the objects of a class."""
    if slot <= SMALL_CLASSES:
        return u64(slot * GRAIN)
    return u64((slot - SMALL_CLASSES) * LARGE_GRAIN + SMALL_LIMIT)


def slab_pages(slot: i64) -> u64:
    """The pages of each slab of a class."""
    return 1 if slot <= SMALL_CLASSES else 4


def slab_capacity(slot: i64) -> u64:
    """The objects in each slab of a class."""
    room = u64(slab_pages(slot) * PAGE_SIZE - SLAB_HEADER)
    capacity = u64(0)
    while u64(capacity * class_size(slot) + class_size(slot)) <= room:
        capacity = u64(capacity + 1)
    return capacity


@noinline
def refill(slot: i64) -> u64:
    """Carve a new slab for a class and give its first object; 0 when there is no memory."""
    slab = take_pages(slab_pages(slot))
    if slab == 0:
        head = free_heads()[slot]
        if head != 0:
            free_heads()[slot] = load64(head)
        return head
    state()[SLAB_PAGES] = u64(state()[SLAB_PAGES] + slab_pages(slot))
    store64(slab, slab_heads()[slot])
    slab_heads()[slot] = slab
    size = class_size(slot)
    end = u64(slab + slab_pages(slot) * PAGE_SIZE)
    first = u64(slab + SLAB_HEADER)
    item = first
    while u64(item + size + size) <= end:
        store64(item, u64(item + size))
        item = u64(item + size)
    store64(item, free_heads()[slot])
    free_heads()[slot] = load64(first)
    return first


@noinline
def allocate_large(size: u64) -> u64:
    """Whole pages, a power of two of them."""
    count = pages_for(size)
    address = take_pages(count)
    if address != 0:
        state()[LARGE_PAGES] = u64(state()[LARGE_PAGES] + count)
    return address


@noinline
def free_large(address: u64, size: u64) -> None:
    count = pages_for(size)
    state()[LARGE_PAGES] = u64(state()[LARGE_PAGES] - count)
    give_pages(address, count)


def pages_for(size: u64) -> u64:
    """The power of two of pages that holds `size` bytes."""
    count = u64(1)
    while u64(count * PAGE_SIZE) < size and count >> 50 == 0:
        count = u64(count * 2)
    return count


# --- the page source --------------------------------------------------------------------------------------------------------


def take_pages(count: u64) -> u64:
    """Pages from the source; when it has none, give back the empty slabs and ask once more."""
    if count >> 40 != 0:
        return 0
    address = ask_source(count)
    if address == 0 and trim() != 0:
        address = ask_source(count)
    return address


def ask_source(count: u64) -> u64:
    """scarlet.machine.pages, whose failures by exception count as 0; an allocation that such a failure makes finds no pages either."""
    if state()[BUSY] != 0:
        return 0
    state()[BUSY] = 1
    address = u64(0)
    try:
        address = u64(pages.allocate_pages(i64(count)))
    except BaseException:
        address = 0
    state()[BUSY] = 0
    return address


def give_pages(address: u64, count: u64) -> None:
    """Back to the source. It refuses only what it never gave, which would be a fault of the heap's: the pages are lost then."""
    try:
        pages.free_pages(i64(address), i64(count))
    except BaseException:
        return


def trim() -> u64:
    """Give slabs in which nothing is live back to the page source; the number of pages given."""
    given = u64(0)
    slot = i64(1)
    while slot < CLASSES:
        count_free_objects(slot)
        keep_partial_slabs(slot)
        given = u64(given + release_empty_slabs(slot))
        slot = i64(slot + 1)
    return given


def slab_mask(slot: i64) -> u64:
    return ~u64(slab_pages(slot) * PAGE_SIZE - 1)


def count_free_objects(slot: i64) -> None:
    """Write into each slab's header how many of its objects are free."""
    slab = slab_heads()[slot]
    while slab != 0:
        store64(u64(slab + 8), 0)
        slab = load64(slab)
    item = free_heads()[slot]
    while item != 0:
        counter = u64((item & slab_mask(slot)) + 8)
        store64(counter, u64(load64(counter) + 1))
        item = load64(item)


def keep_partial_slabs(slot: i64) -> None:
    """Rebuild the free list without the objects of empty slabs, in the same order."""
    capacity = slab_capacity(slot)
    item = free_heads()[slot]
    free_heads()[slot] = 0
    last = u64(0)
    while item != 0:
        following = load64(item)
        if load64(u64((item & slab_mask(slot)) + 8)) != capacity:
            store64(item, 0)
            if last == 0:
                free_heads()[slot] = item
            else:
                store64(last, item)
            last = item
        item = following


def release_empty_slabs(slot: i64) -> u64:
    """Unlink and give back the slabs whose free count is their capacity; the pages given."""
    given = u64(0)
    capacity = slab_capacity(slot)
    slab = slab_heads()[slot]
    slab_heads()[slot] = 0
    while slab != 0:
        following = load64(slab)
        if load64(u64(slab + 8)) == capacity:
            give_pages(slab, slab_pages(slot))
            given = u64(given + slab_pages(slot))
        else:
            store64(slab, slab_heads()[slot])
            slab_heads()[slot] = slab
        slab = following
    state()[SLAB_PAGES] = u64(state()[SLAB_PAGES] - given)
    return given


# --- counters, for /proc/scarlet/memory -----------------------------------------------------------------------------------


def objects_in_use(slot: i64) -> u64:
    """Live objects of a class: what its slabs hold less what its free list holds."""
    capacity = slab_capacity(slot)
    count = u64(0)
    slab = slab_heads()[slot]
    while slab != 0:
        count = u64(count + capacity)
        slab = load64(slab)
    item = free_heads()[slot]
    while item != 0:
        count = u64(count - 1)
        item = load64(item)
    return count


def total_objects_in_use() -> u64:
    """Live objects of all classes, large ones not included."""
    total = u64(0)
    slot = i64(1)
    while slot < CLASSES:
        total = u64(total + objects_in_use(slot))
        slot = i64(slot + 1)
    return total


def bytes_in_use() -> u64:
    """Bytes of all live objects, rounded up to their classes, large ones included."""
    total = u64(state()[LARGE_PAGES] * PAGE_SIZE)
    slot = i64(1)
    while slot < CLASSES:
        total = u64(total + objects_in_use(slot) * class_size(slot))
        slot = i64(slot + 1)
    return total


def slab_page_count() -> u64:
    """Pages that slabs occupy now."""
    return state()[SLAB_PAGES]


def large_page_count() -> u64:
    """Pages of objects above CLASS_LIMIT bytes."""
    return state()[LARGE_PAGES]


# --- out of memory --------------------------------------------------------------------------------------------------------

_OUT_OF_MEMORY: Final = MemoryError()
"""Made at start-up, because there is no memory to make it when it is needed."""


def out_of_memory() -> BaseException:
    """What the compiler raises when allocate gives 0."""
    return _OUT_OF_MEMORY
