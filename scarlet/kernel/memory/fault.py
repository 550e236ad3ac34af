"""Page faults: what a touch of a page that is not there, or not writable, turns into.

    anonymous, read     the zero frame, unwritable                  private file, read    the file's frame, unwritable, and its neighbours
    anonymous, write    a fresh frame of zeros                      private file, write   a copy of it
    shared              the pager's frame                           written while shared  a copy; or, if nobody else has it, the page itself

A pager may block, and the space may change meanwhile: the area and the entry are looked at again afterwards.
"""

from typing import TYPE_CHECKING, Final

from scarlet.kernel.counters import Counter
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access, Area, FaultResult, Pager, Protection
from scarlet.kernel.memory.leaves import bits_of
from scarlet.kernel.memory.pagetable import VALID, WRITABLE, entry_of, frame_of
from scarlet.lang.errno import ENOMEM, Errno
from scarlet.machine import cpu, paging, physmem
from scarlet.machine.sv39 import PAGE_SHIFT, PAGE_SIZE, page_down

if TYPE_CHECKING:
    from scarlet.kernel.memory.space import AddressSpace

AROUND: Final = 16
"""Pages of a file that one fault maps if they are in memory: an aligned window, within one last-level table."""

page_faults: Final = Counter(b"page_faults")
copies: Final = Counter(b"pages_copied_on_write")
mapped_around: Final = Counter(b"pages_mapped_around")
spurious: Final = Counter(b"spurious_faults")


def serve(space: "AddressSpace", area: Area, address: int, access: Access) -> FaultResult:
    """Make the page at an address of the area usable for the access."""
    page_faults.value += 1
    if not permits(area.protection, access):
        return FaultResult.SEGV_ACCERR
    va = page_down(address)
    try:
        slot = space.table.make_slot(va)
        entry = physmem.load64(slot)
        if entry == 0:
            if area.pager is None:
                _map_anonymous(space, area, slot, access)
                return FaultResult.OK
            return _map_from_pager(space, area, area.pager, va, access)
        if access is Access.WRITE and entry & WRITABLE != WRITABLE:
            if area.tracks_writes():
                return _make_tracked_writable(space, area, va)
            _make_writable(area, va, slot, entry)
        else:
            spurious.value += 1
            paging.flush_page(va)
        return FaultResult.OK
    except MemoryError:
        return FaultResult.OK if frames.relieve() else FaultResult.OUT_OF_MEMORY  # if so, the program tries again
    except Errno as failure:
        return FaultResult.OUT_OF_MEMORY if failure.code == ENOMEM else FaultResult.BUS_ADRERR


def permits(protection: Protection, access: Access) -> bool:
    """Whether a protection allows an access; what may be written may be read, as the hardware has it."""
    if access is Access.READ:
        return protection & (Protection.READ | Protection.WRITE) != 0
    return protection & int(access) != 0


def _map_anonymous(space: "AddressSpace", area: Area, slot: int, access: Access) -> None:
    if access is Access.WRITE:
        frame = frames.allocate_zeroed()
        physmem.store64(slot, entry_of(frame, bits_of(area.protection, writable=True)))
    else:
        frame = frames.zero_frame()
        frames.ref(frame)
        physmem.store64(slot, entry_of(frame, bits_of(area.protection, writable=False)))
    space.resident_pages += 1


def _map_from_pager(space: "AddressSpace", area: Area, pager: Pager, va: int, access: Access) -> FaultResult:
    index = area.index_of(va)
    may_write = area.protection & Protection.WRITE != 0
    write = area.shared and area.allowed & Protection.WRITE != 0
    if area.tracks_writes():
        write = access is Access.WRITE
        may_write = write
    frame = pager.page(index, write=write)
    if frame == 0:
        return FaultResult.BUS_ADRERR
    try:
        slot = space.table.make_slot(va)
        if physmem.load64(slot) != 0 or space.areas.find(va) is not area:
            frames.unref(frame)  # somebody else was here while the pager slept: the program tries again
            return FaultResult.OK
        if not area.shared and access is Access.WRITE:
            frame = _exchange(frame)
    except MemoryError:
        frames.unref(frame)
        raise
    if area.shared:
        physmem.store64(slot, entry_of(frame, bits_of(area.protection, writable=may_write)))
    elif access is Access.WRITE:
        physmem.store64(slot, entry_of(frame, bits_of(area.protection, writable=True)))
        area.private_pages = True
    else:
        physmem.store64(slot, entry_of(frame, bits_of(area.protection, writable=False)))
        _map_around(space, area, pager, va)
    space.resident_pages += 1
    if area.protection & Protection.EXEC != 0:
        cpu.fence_i()
    return FaultResult.OK


def _map_around(space: "AddressSpace", area: Area, pager: Pager, va: int) -> None:
    """Map the pages near a private file page that are in memory, to save their faults."""
    window = va & ~(AROUND * PAGE_SIZE - 1)
    first = max(area.start, window)
    last = min(area.end, window + AROUND * PAGE_SIZE)
    bits = bits_of(area.protection, writable=False)
    slot = space.table.slot(first)
    index = area.index_of(first)
    for _ in range((last - first) >> PAGE_SHIFT):
        if physmem.load64(slot) == 0:
            frame = pager.resident(index)
            if frame != 0:
                physmem.store64(slot, entry_of(frame, bits))
                space.resident_pages += 1
                mapped_around.value += 1
        slot += 8
        index += 1


def _make_writable(area: Area, va: int, slot: int, entry: int) -> None:
    """A write to a page that is there: the page itself if it is shared on purpose or nobody else has it, else a copy."""
    frame = frame_of(entry)
    if area.shared or frames.references(frame) == 1:
        area.private_pages = True
        physmem.store64(slot, entry | VALID | WRITABLE)  # a stale translation only faults once more
        return
    own = _exchange(frame)
    area.private_pages = True
    physmem.store64(slot, entry_of(own, bits_of(area.protection, writable=True)))
    paging.flush_page(va)


def _make_tracked_writable(space: "AddressSpace", area: Area, va: int) -> FaultResult:
    """The same for a shared page whose pager is to be told, and may sleep: the program tries again if anything changed meanwhile."""
    pager = area.pager
    assert pager is not None, "only pagers track writes"
    frame = pager.page(area.index_of(va), write=True)
    if frame == 0:
        return FaultResult.BUS_ADRERR
    entry = space.table.lookup(va)
    if entry != 0 and space.areas.find(va) is area and permits(area.protection, Access.WRITE):
        physmem.store64(space.table.slot(va), entry_of(frame, bits_of(area.protection, writable=True)))
        if frame_of(entry) != frame:
            paging.flush_page(va)
        frame = frame_of(entry)
    frames.unref(frame)
    return FaultResult.OK


def _exchange(frame: int) -> int:
    """Give the reference to a frame for one of one's own with the same contents. MemoryError, and the reference stays."""
    copies.value += 1
    if frame == frames.zero_frame():
        own = frames.allocate_zeroed()
    else:
        own = frames.allocate()
        physmem.copy(own, frame, PAGE_SIZE)
    frames.unref(frame)
    return own
