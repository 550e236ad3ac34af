"""Page frames: physical memory, counted by references.

A frame is named by its physical address. Whoever can reach it holds a reference: a page-table entry, a file's page, a kernel stack. The
last `unref` frees it. Single frames pass through a short list of their own, last in first out, so that the usual case is a few loads
and stores and finds the frame in the cache; the buddy allocator (buddy.py) is behind it.

The frame map has a word a frame: bits 0-26 count references, bits 27-30 hold the order of a block taken whole, bit 31 is the buddy's.
Physical addresses outside the map (devices) are never counted and never freed. The last frames are kept for the kernel's own objects
(`allocate_critical`), so that a program that eats all memory cannot make the kernel fail halfway through anything; and the last of
those for what cannot be refused: interrupts, signals, the end of a process (memory/setup.py).

Who keeps frames only because nobody else wants them (the page cache) offers to give them back: `set_reclaimer`. It is asked before an
allocation fails, in the middle of whatever allocates, and so may not sleep and not touch what programs have mapped.
"""

from collections.abc import Callable
from typing import Final

from scarlet.kernel.memory.buddy import CHUNK_SIZE, MAX_ORDER, ORDER_SHIFT, Buddy
from scarlet.machine import physmem
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.sv39 import PAGE_SHIFT, PAGE_SIZE, page_down, page_up

COUNT_MASK: Final = (1 << ORDER_SHIFT) - 1
ORDER_MASK: Final = 15
MANY: Final = COUNT_MASK
"""What `references` says of a frame that is not counted."""
CACHE_LIMIT: Final = 128
"""Frames in the short list at most."""
RESERVE_FRAMES: Final = 256
RESERVE_SHARE: Final = 64
"""The kernel's reserve: so many frames, or this share of all if that is less."""
LAST_SHARE: Final = 4
"""This share of the reserve is for what cannot be refused."""

_buddy = Buddy(0, 0, 0)
_base = 0
_span = 0
_map_pa = 0
_total = 0
_reserve = 0
_free = 0
_cache = 0
_cached = 0
_zero_frame = 0
_reclaimers: Final[list[Callable[[int], int]]] = []
"""At most one: it is given how many frames are wanted and gives how many it let go."""
_relievers: Final[list[Callable[[], bool]]] = []
"""At most one: see relieve()."""


def init(ranges: list[MemoryRange], reserved: list[MemoryRange]) -> None:
    """Manage the memory in `ranges` without what is `reserved`. Frames of reserved memory get one reference that never goes."""
    global _buddy, _base, _span, _map_pa, _total, _reserve, _free, _cache, _cached, _zero_frame
    lowest = min([item.base for item in ranges])
    _base = lowest - lowest % CHUNK_SIZE
    _span = max([item.end for item in ranges]) - _base
    free = _without(ranges, reserved)
    map_size = page_up((_span + CHUNK_SIZE - 1) // CHUNK_SIZE * PAGE_SIZE)
    _map_pa = _cut(free, map_size)
    _buddy = Buddy(_map_pa, _base, _span)
    for item in free:
        _buddy.add_region(item.base, item.end)
    for item in reserved:
        _claim(max(page_down(item.base), _base), min(page_up(item.end), _base + _span))
    _total = 0
    for item in ranges:
        _total += item.size >> PAGE_SHIFT
    _reserve = min(RESERVE_FRAMES, _total // RESERVE_SHARE)
    _free = _buddy.free
    _cache = 0
    _cached = 0
    _zero_frame = allocate_zeroed()


def allocate(order: int = 0) -> int:
    """A block of 2**order frames with one reference; its contents are anything. MemoryError when only the kernel's reserve is left."""
    if _free <= _reserve and not _reclaim(order):
        raise MemoryError("out of page frames")
    if order == 0:
        return _take(0)
    while True:
        try:
            return _take(order)
        except MemoryError:  # there may be enough frames, but not side by side
            if order > MAX_ORDER or not _reclaim(order):
                raise


def set_reclaimer(reclaimer: Callable[[int], int]) -> None:
    """From now on this is asked for frames when memory is short."""
    _reclaimers.clear()
    _reclaimers.append(reclaimer)


def set_reliever(reliever: Callable[[], bool]) -> None:
    """From now on this is asked by who can wait for memory."""
    _relievers.clear()
    _relievers.append(reliever)


def relieve() -> bool:
    """After an allocation failed: wait until somebody has given frames back, by writing to a disk or by taking pages from programs. False
    when nobody can: then there is no more memory. Sleeps."""
    return len(_relievers) > 0 and _relievers[0]()


def prepare(count: int) -> None:
    """The kernel is about to make objects that take so many frames. They may have the reserve but cannot ask for more: so have pages given
    back now, if there are not enough. Does not sleep."""
    if _free < _reserve + count and len(_reclaimers) > 0:
        _reclaimers[0](_reserve + count - _free)


def _reclaim(order: int) -> bool:
    """Ask for a block's worth of frames: whether there are some for programs now."""
    if len(_reclaimers) == 0:
        return False
    found = _reclaimers[0](1 << order)
    return found > 0 and _free > _reserve


def allocate_zeroed() -> int:
    """A frame of zeros with one reference. MemoryError."""
    frame = allocate()
    physmem.zero(frame, PAGE_SIZE)
    return frame


def allocate_critical(order: int = 0) -> int:
    """As `allocate`, but from the kernel's reserve too: for the kernel's own objects."""
    return _take(order)


def ref(frame: int) -> None:
    """One more reference. MemoryError when a frame has 2**27 of them."""
    if frame < _base or frame - _base >= _span:
        return
    word = _word(frame)
    state = physmem.load32(word)
    if state & COUNT_MASK == COUNT_MASK:
        raise MemoryError("too many references to a frame")
    physmem.store32(word, state + 1)


def unref(frame: int) -> None:
    """One reference less; the last one frees the frame, or the block that was allocated with it."""
    global _free, _cache, _cached
    if frame < _base or frame - _base >= _span:
        return
    word = _word(frame)
    state = physmem.load32(word)
    if state & COUNT_MASK > 1:
        physmem.store32(word, state - 1)
        return
    assert state & COUNT_MASK == 1, "a free frame was released"
    order = state >> ORDER_SHIFT
    _free += 1 << order
    if order == 0 and _cached < CACHE_LIMIT:
        physmem.store32(word, 0)
        physmem.store64(frame, _cache)
        _cache = frame
        _cached += 1
    else:
        _buddy.give(frame, order)


def split(block: int) -> int:
    """Make single frames of a block that was allocated whole, each with one reference: how many. Nobody else has it yet."""
    order = physmem.load32(_word(block)) >> ORDER_SHIFT
    for index in range(1 << order):
        physmem.store32(_word(block + index * PAGE_SIZE), 1)
    return 1 << order


def references(frame: int) -> int:
    """How many references a frame has; MANY for an address that is not counted memory."""
    if frame < _base or frame - _base >= _span:
        return MANY
    return physmem.load32(_word(frame)) & COUNT_MASK


def zero_frame() -> int:
    """The frame of zeros that every untouched page reads as. Never store into it."""
    return _zero_frame


def free_frames() -> int:
    """Frames nobody uses."""
    return _free


def total_frames() -> int:
    """All frames of memory, those of the kernel image and the initrd included."""
    return _total


def total_bytes() -> int:
    """The same in bytes."""
    return _total << PAGE_SHIFT


def reserve_frames() -> int:
    """Free frames that only the kernel may have."""
    return _reserve


def last_frames() -> int:
    """Free frames of the reserve that only what cannot be refused may have."""
    return _reserve // LAST_SHARE


def free_blocks() -> list[int]:
    """Free blocks of each order, without the short list and without memory never touched (/proc/buddyinfo)."""
    return [_buddy.blocks(order) for order in range(MAX_ORDER + 1)]


def _word(frame: int) -> int:
    return _map_pa + ((frame - _base) >> (PAGE_SHIFT - 2))


def _take(order: int) -> int:
    global _free, _cache, _cached
    if order > MAX_ORDER:
        raise MemoryError("no block of frames is so large")
    if order == 0 and _cache != 0:
        frame = _cache
        _cache = int(physmem.load64(frame))
        _cached -= 1
    else:
        frame = _buddy.take(order)
        if frame == 0 and _cached > 0:
            _drain_cache()
            frame = _buddy.take(order)
        if frame == 0:
            raise MemoryError("out of page frames")
    physmem.store32(_word(frame), order << ORDER_SHIFT | 1)
    _free -= 1 << order
    return frame


def _drain_cache() -> None:
    """Give the short list back to the buddy allocator, to be joined to larger blocks."""
    global _cache, _cached
    while _cache != 0:
        frame = _cache
        _cache = int(physmem.load64(frame))
        _buddy.give(frame, 0)
    _cached = 0


def _claim(start: int, end: int) -> None:
    """Give each frame of reserved memory the reference that never goes."""
    for frame in range(start, end, PAGE_SIZE):
        _buddy.know_chunk(frame)
        physmem.store32(_word(frame), 1)


def _without(ranges: list[MemoryRange], reserved: list[MemoryRange]) -> list[MemoryRange]:
    """The whole pages of `ranges` that no reserved range touches."""
    left = [MemoryRange(page_up(item.base), page_down(item.end) - page_up(item.base)) for item in ranges]
    for hole in reserved:
        start = page_down(hole.base)
        end = page_up(hole.end)
        parts: list[MemoryRange] = []
        for item in left:
            if end <= item.base or item.end <= start:
                parts.append(item)
                continue
            if item.base < start:
                parts.append(MemoryRange(item.base, start - item.base))
            if end < item.end:
                parts.append(MemoryRange(end, item.end - end))
        left = parts
    return [item for item in left if item.size > 0]


def _cut(free: list[MemoryRange], size: int) -> int:
    """Take `size` bytes from the end of the first range that has them."""
    for item in free:
        if item.size > size:
            item.size -= size
            return item.end
    raise MemoryError("no memory for the frame map")
