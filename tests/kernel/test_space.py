"""Address spaces: what a program sees of mmap, munmap, mprotect, mremap, brk, fork and of touching memory."""

import pytest

from scarlet.kernel.memory import dirtybits, frames
from scarlet.kernel.memory.area import Access, FaultResult
from scarlet.kernel.memory.arealist import GUARD_GAP
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EACCES, EEXIST, EFAULT, EINVAL, ENOMEM
from scarlet.machine import physmem
from scarlet.machine.sv39 import USER_TOP
from tests.kernel.spaces import NONE, PAGE, RW, FakeFile, R, W, X, load, outcome, shape, store

BASE = 0x10_0000_0000
KERNEL_ADDRESS = 0xFFFF_FFC0_8020_0000
HOSTILE = [USER_TOP, USER_TOP - 1, (1 << 63) - 1, 1 << 63, KERNEL_ADDRESS, (1 << 64) - PAGE, (1 << 64) - 1]


@pytest.fixture
def space() -> AddressSpace:
    return AddressSpace()


def refused(code: int) -> "pytest.RaisesExc[Errno]":
    return pytest.raises(Errno, check=lambda error: error.code == code)


# --- anonymous memory ---


def test_anonymous_memory_reads_as_zero_and_keeps_what_is_written(space: AddressSpace) -> None:
    start = space.map_area(0, 3 * PAGE, RW)
    assert load(space, start) == 0
    store(space, start + PAGE + 5, 77)
    assert load(space, start + PAGE + 5) == 77
    assert load(space, start + PAGE + 6) == 0


def test_read_faults_share_the_zero_frame_until_written(space: AddressSpace) -> None:
    start = space.map_area(0, 64 * PAGE, RW)
    free = frames.free_frames()
    for page in range(64):
        assert load(space, start + page * PAGE) == 0
    assert free - frames.free_frames() <= 2  # page tables
    store(space, start, 1)
    assert load(space, start + PAGE) == 0


def test_memory_is_taken_when_touched_and_returned_when_unmapped(space: AddressSpace) -> None:
    before = frames.free_frames()
    start = space.map_area(0, 100 * PAGE, RW)
    assert frames.free_frames() == before
    for page in range(100):
        store(space, start + page * PAGE, page)
    assert space.resident_pages == 100
    space.unmap(start, 100 * PAGE)
    assert space.resident_pages == 0
    assert frames.free_frames() == before


def test_destroyed_space_returns_all_frames() -> None:
    before = frames.free_frames()
    space = AddressSpace()
    for hint in (BASE, BASE + (3 << 30), BASE + (3 << 30) + (5 << 21), 0x20000):
        start = space.map_area(hint, 2 * PAGE, RW)
        store(space, start + PAGE, 9)
    child = space.fork()
    store(child, 0x20000, 1)
    del space, child
    assert frames.free_frames() == before


def test_table_frames_go_with_the_last_area_they_serve(space: AddressSpace) -> None:
    before = frames.free_frames()
    first = space.map_area(BASE, PAGE, RW, fixed=True)
    second = space.map_area(BASE + 16 * PAGE, PAGE, RW, fixed=True)
    store(space, first, 1)
    store(space, second, 1)
    space.unmap(first, PAGE)
    assert load(space, second) == 1
    space.unmap(second, PAGE)
    assert frames.free_frames() == before


# --- placement ---


def test_areas_are_placed_downwards_and_merge(space: AddressSpace) -> None:
    first = space.map_area(0, PAGE, RW)
    second = space.map_area(0, PAGE, RW)
    assert second == first - PAGE
    assert len(space.areas.items) == 1


def test_free_hint_is_taken_and_a_taken_hint_is_not(space: AddressSpace) -> None:
    assert space.map_area(BASE + 123, PAGE, RW) == BASE + PAGE
    elsewhere = space.map_area(BASE + PAGE, PAGE, R)
    assert elsewhere != BASE + PAGE
    assert space.map_area(1, PAGE, R) == space.lowest_address


def test_fixed_replaces_what_was_there(space: AddressSpace) -> None:
    space.map_area(BASE, 4 * PAGE, RW)
    store(space, BASE + PAGE, 5)
    space.map_area(BASE + PAGE, PAGE, R, fixed=True)
    assert load(space, BASE + PAGE) == 0
    page = BASE // PAGE
    assert shape(space) == [(page, page + 1, 3), (page + 1, page + 2, 1), (page + 2, page + 4, 3)]


def test_noreplace_refuses_what_is_taken(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW, fixed_noreplace=True)
    with refused(EEXIST):
        space.map_area(BASE - PAGE, 2 * PAGE, RW, fixed_noreplace=True)


@pytest.mark.parametrize(
    ("hint", "length", "code"),
    [
        (0, 0, EINVAL),
        (BASE + 1, PAGE, EINVAL),
        (USER_TOP, PAGE, ENOMEM),
        (USER_TOP - PAGE, 2 * PAGE, ENOMEM),
        (KERNEL_ADDRESS & ~4095, PAGE, ENOMEM),
        (BASE, USER_TOP, ENOMEM),
        (BASE, USER_TOP + 1, ENOMEM),
        (BASE, (1 << 64) - 1, ENOMEM),
        ((1 << 64) - PAGE, PAGE, ENOMEM),
        ((1 << 64) - PAGE, 2 * PAGE, ENOMEM),
    ],
)
def test_bad_fixed_requests_change_nothing(space: AddressSpace, hint: int, length: int, code: int) -> None:
    space.map_area(BASE, PAGE, RW)
    before = shape(space)
    with refused(code):
        space.map_area(u64(hint), u64(length), R, fixed=True)
    assert shape(space) == before


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("length", [1, PAGE, USER_TOP, (1 << 63), (1 << 64) - 1, (1 << 64) - PAGE])
def test_hostile_ranges_are_refused_everywhere(space: AddressSpace, address: int, length: int) -> None:
    start = u64(address & ~4095)
    size = u64(length)
    with pytest.raises(Errno):
        space.unmap(start if start + length > USER_TOP else u64(USER_TOP), size)
    with pytest.raises(Errno):
        space.protect(start, size, R)
    with pytest.raises(Errno):
        space.remap(start, size, u64(PAGE), may_move=True)
    with pytest.raises(Errno):
        space.remap(start, u64(PAGE), size, may_move=True)
    with pytest.raises(Errno):
        space.discard(start, size)
    with pytest.raises(Errno):
        space.residency(start, size)
    assert space.fault(u64(address), Access.READ) is FaultResult.SEGV_MAPERR
    with refused(EFAULT):
        space.translate(u64(address), Access.WRITE)
    assert space.set_break(u64(address)) == 0


def test_address_space_limit(space: AddressSpace) -> None:
    space.limit_address_space = 10 * PAGE
    space.map_area(0, 8 * PAGE, NONE)
    with refused(ENOMEM):
        space.map_area(0, 3 * PAGE, R)
    space.map_area(0, 2 * PAGE, R)


def test_data_limit_counts_private_writable_memory(space: AddressSpace) -> None:
    space.limit_data = 4 * PAGE
    space.map_area(0, 100 * PAGE, R)
    space.map_area(0, 100 * PAGE, RW, shared=True)
    start = space.map_area(0, 4 * PAGE, RW)
    with refused(ENOMEM):
        space.map_area(0, PAGE, RW)
    space.unmap(start, PAGE)
    space.map_area(0, PAGE, RW)


def test_more_than_all_memory_is_refused_unless_not_reserved(space: AddressSpace) -> None:
    size = (frames.total_frames() + 1) * PAGE
    with refused(ENOMEM):
        space.map_area(0, size, RW)
    space.map_area(0, size, RW, no_reserve=True)
    space.map_area(0, size, NONE)


# --- unmap, protect ---


def test_unmapping_the_middle_splits(space: AddressSpace) -> None:
    space.map_area(BASE, 5 * PAGE, RW)
    for page in range(5):
        store(space, BASE + page * PAGE, page + 1)
    space.unmap(BASE + 2 * PAGE, PAGE)
    page = BASE // PAGE
    assert shape(space) == [(page, page + 2, 3), (page + 3, page + 5, 3)]
    assert [load(space, BASE + index * PAGE) for index in (0, 1, 3, 4)] == [1, 2, 4, 5]
    assert outcome(space, BASE + 2 * PAGE, Access.READ) is FaultResult.SEGV_MAPERR


def test_unmapping_nothing_succeeds(space: AddressSpace) -> None:
    space.unmap(BASE, 10 * PAGE)


def test_protect_splits_and_merges_again(space: AddressSpace) -> None:
    space.map_area(BASE, 3 * PAGE, RW)
    store(space, BASE + PAGE, 8)
    space.protect(BASE + PAGE, PAGE, R)
    assert len(space.areas.items) == 3
    assert outcome(space, BASE + PAGE, Access.WRITE) is FaultResult.SEGV_ACCERR
    assert load(space, BASE + PAGE) == 8
    space.protect(BASE + PAGE, PAGE, RW)
    assert len(space.areas.items) == 1
    store(space, BASE + PAGE, 9)


def test_protect_none_hides_pages_and_keeps_them(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    store(space, BASE, 42)
    space.protect(BASE, PAGE, NONE)
    for access in Access:
        assert outcome(space, BASE, access) is FaultResult.SEGV_ACCERR
    child = space.fork()
    space.protect(BASE, PAGE, RW)
    assert load(space, BASE) == 42
    store(space, BASE, 43)
    child.protect(BASE, PAGE, R)
    assert load(child, BASE) == 42


def test_protect_of_a_hole_changes_nothing(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    space.map_area(BASE + 2 * PAGE, PAGE, RW)
    before = shape(space)
    with refused(ENOMEM):
        space.protect(BASE, 3 * PAGE, R)
    assert shape(space) == before


def test_shared_mapping_of_a_read_only_file_cannot_become_writable(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, R, shared=True, pager=FakeFile(1), allowed=R | X)
    with refused(EACCES):
        space.protect(BASE, PAGE, RW)


def test_execute_needs_exec_and_write_implies_read(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    space.map_area(BASE + PAGE, PAGE, X)
    space.map_area(BASE + 2 * PAGE, PAGE, W)
    assert outcome(space, BASE, Access.EXECUTE) is FaultResult.SEGV_ACCERR
    assert outcome(space, BASE + PAGE, Access.EXECUTE) is FaultResult.OK
    assert outcome(space, BASE + PAGE, Access.READ) is FaultResult.SEGV_ACCERR
    assert outcome(space, BASE + 2 * PAGE, Access.READ) is FaultResult.OK


# --- files ---


def test_private_file_pages_are_the_files_frames_until_written(space: AddressSpace) -> None:
    file = FakeFile(3)
    free = frames.free_frames()
    space.map_area(BASE, 3 * PAGE, RW, pager=file)
    assert [load(space, BASE + index * PAGE) for index in range(3)] == [1, 2, 3]
    assert free - frames.free_frames() == 2  # tables only
    store(space, BASE + PAGE, 99)
    assert load(space, BASE + PAGE) == 99
    assert load(space, BASE + PAGE + 1) == 2
    other = AddressSpace()
    other.map_area(BASE, 3 * PAGE, R, pager=file)
    assert load(other, BASE + PAGE) == 2


def test_write_fault_on_an_untouched_private_file_page_copies_at_once(space: AddressSpace) -> None:
    file = FakeFile(1)
    space.map_area(BASE, PAGE, RW, pager=file)
    store(space, BASE + 1, 50)
    assert load(space, BASE) == 1
    assert file.asked == [(0, False)]
    assert frames.references(file.frames[0]) == 1


def test_shared_file_writes_reach_the_file(space: AddressSpace) -> None:
    file = FakeFile(2)
    other = AddressSpace()
    space.map_area(BASE, 2 * PAGE, RW, shared=True, pager=file)
    other.map_area(BASE, PAGE, R, shared=True, pager=file, page_offset=1)
    assert load(other, BASE) == 2
    store(space, BASE + PAGE, 7)
    assert load(other, BASE) == 7


def test_page_past_the_end_of_the_file_is_a_bus_error(space: AddressSpace) -> None:
    space.map_area(BASE, 3 * PAGE, R, pager=FakeFile(1))
    assert outcome(space, BASE, Access.READ) is FaultResult.OK
    assert outcome(space, BASE + PAGE, Access.READ) is FaultResult.BUS_ADRERR


def test_resident_neighbours_are_mapped_with_one_fault(space: AddressSpace) -> None:
    file = FakeFile(40, ready=40)
    space.map_area(BASE, 40 * PAGE, R | X, pager=file)
    assert load(space, BASE + 20 * PAGE) == 21
    assert space.resident_pages == 16
    for index in range(16, 32):
        assert load(space, BASE + index * PAGE) == index + 1
    assert len(file.asked) == 1


def test_around_mapping_stays_inside_the_area(space: AddressSpace) -> None:
    file = FakeFile(40, ready=40)
    space.map_area(BASE + 3 * PAGE, 2 * PAGE, R, fixed=True, pager=file, page_offset=7)
    assert load(space, BASE + 4 * PAGE) == 9
    assert load(space, BASE + 3 * PAGE) == 8
    assert space.resident_pages == 2


def test_file_keeps_its_offsets_through_splits(space: AddressSpace) -> None:
    space.map_area(BASE, 6 * PAGE, R, pager=FakeFile(10), page_offset=2)
    space.unmap(BASE + 2 * PAGE, PAGE)
    space.protect(BASE + 4 * PAGE, PAGE, RW)
    assert [load(space, BASE + index * PAGE) for index in (0, 1, 3, 4, 5)] == [3, 4, 6, 7, 8]
    space.protect(BASE + 4 * PAGE, PAGE, R)
    assert len(space.areas.items) == 2


def test_discard_brings_the_original_back(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    space.map_area(BASE + PAGE, PAGE, RW, pager=FakeFile(1))
    store(space, BASE, 1)
    store(space, BASE + PAGE, 100)
    space.discard(BASE, 2 * PAGE)
    assert load(space, BASE) == 0
    assert load(space, BASE + PAGE) == 1
    with refused(ENOMEM):
        space.discard(BASE, 3 * PAGE)


# --- fork ---


def test_fork_separates_private_memory_both_ways(space: AddressSpace) -> None:
    space.map_area(BASE, 2 * PAGE, RW)
    store(space, BASE, 1)
    store(space, BASE + PAGE, 2)
    child = space.fork()
    store(space, BASE, 11)
    store(child, BASE + PAGE, 22)
    assert (load(space, BASE), load(space, BASE + PAGE)) == (11, 2)
    assert (load(child, BASE), load(child, BASE + PAGE)) == (1, 22)


def test_last_owner_of_a_page_writes_without_copying(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    store(space, BASE, 1)
    frame = space.translate(BASE, Access.READ)
    child = space.fork()
    del child
    free = frames.free_frames()
    store(space, BASE, 2)
    assert space.translate(BASE, Access.READ) == frame
    assert frames.free_frames() == free


def test_fork_shares_shared_memory_even_if_untouched_before(space: AddressSpace) -> None:
    start = space.map_area(0, 2 * PAGE, RW, shared=True)
    store(space, start, 1)
    child = space.fork()
    store(child, start + PAGE, 5)
    store(child, start, 6)
    assert (load(space, start), load(space, start + PAGE)) == (6, 5)


def test_shared_memory_goes_with_its_last_mapping(space: AddressSpace) -> None:
    free = frames.free_frames()
    start = space.map_area(0, 2 * PAGE, RW, shared=True)
    store(space, start, 1)
    child = space.fork()
    store(child, start + PAGE, 1)
    space.unmap(start, 2 * PAGE)
    del child
    assert frames.free_frames() == free


def test_child_of_a_file_mapping_sees_the_parents_changes(space: AddressSpace) -> None:
    space.map_area(BASE, 2 * PAGE, RW, pager=FakeFile(2))
    store(space, BASE, 40)
    child = space.fork()
    assert (load(child, BASE), load(child, BASE + PAGE)) == (40, 2)


def test_fork_without_memory_gives_back_what_it_took(space: AddressSpace) -> None:
    for index in range(30):
        start = space.map_area(BASE + (index << 30), PAGE, RW, fixed=True)
        store(space, start, index)
    hoard = []
    while frames.free_frames() > frames.reserve_frames() + 12:
        hoard.append(frames.allocate())
    free = frames.free_frames()
    with pytest.raises(MemoryError):
        space.fork()
    assert frames.free_frames() == free
    for frame in hoard:
        frames.unref(frame)
    for index in range(30):
        store(space, BASE + (index << 30) + 1, 1)
        assert load(space, BASE + (index << 30)) == index


def hoard_all() -> list[int]:
    """Every frame that programs can have."""
    hoard: list[int] = []
    with pytest.raises(MemoryError):
        while True:
            hoard.append(frames.allocate())
    return hoard


def test_copy_on_write_without_memory_leaves_the_page_to_both(space: AddressSpace) -> None:
    start = space.map_area(0, PAGE, RW)
    store(space, start, 7)
    frame = space.translate(start, Access.READ)
    child = space.fork()
    hoard = hoard_all()
    for _ in range(3):
        assert child.fault(start, Access.WRITE) is FaultResult.OUT_OF_MEMORY
    assert frames.references(frame) == 2 and (load(space, start), load(child, start)) == (7, 7)
    for each in hoard:
        frames.unref(each)
    store(child, start, 8)
    assert frames.references(frame) == 1 and load(space, start) == 7


def test_write_to_a_file_page_without_memory_gives_the_page_back(space: AddressSpace) -> None:
    file = FakeFile(1)
    space.map_area(BASE, PAGE, RW, pager=file, fixed=True)
    space.table.make_slot(BASE)
    hoard = hoard_all()
    assert space.fault(u64(BASE), Access.WRITE) is FaultResult.OUT_OF_MEMORY
    assert frames.references(file.frames[0]) == 1
    for each in hoard:
        frames.unref(each)
    store(space, BASE, 8)
    assert (load(space, BASE), load(space, BASE + 1)) == (8, 1)


def test_out_of_memory_is_told_apart(space: AddressSpace) -> None:
    start = space.map_area(0, PAGE, RW)
    hoard = []
    with pytest.raises(MemoryError):
        while True:
            hoard.append(frames.allocate())
    assert space.fault(start, Access.WRITE) is FaultResult.OUT_OF_MEMORY
    with pytest.raises(MemoryError):
        space.translate(start, Access.WRITE)
    for frame in hoard:
        frames.unref(frame)
    store(space, start, 1)


# --- the heap and the stack ---


def test_break_grows_shrinks_and_stops_at_other_areas(space: AddressSpace) -> None:
    space.start_break(BASE + 100)
    assert space.set_break(0) == BASE + 100
    assert space.set_break(BASE + 3 * PAGE) == BASE + 3 * PAGE
    store(space, BASE + 2 * PAGE, 7)
    assert space.set_break(BASE + PAGE + 1) == BASE + PAGE + 1
    assert outcome(space, BASE + 2 * PAGE, Access.READ) is FaultResult.SEGV_MAPERR
    assert space.set_break(BASE + 3 * PAGE) == BASE + 3 * PAGE
    assert load(space, BASE + 2 * PAGE) == 0
    space.map_area(BASE + 10 * PAGE, PAGE, R, fixed=True)
    assert space.set_break(BASE + 20 * PAGE) == BASE + 3 * PAGE
    assert space.set_break(BASE + 50) == BASE + 3 * PAGE
    assert [area.name for area in space.areas.items] == [b"[heap]", b""]


def test_stack_grows_to_its_limit_and_no_further(space: AddressSpace) -> None:
    top = USER_TOP - PAGE
    space.limit_stack = 64 * PAGE
    space.map_area(top - 2 * PAGE, 2 * PAGE, RW, fixed=True, grows_down=True, name=b"[stack]")
    store(space, top - 3 * PAGE, 1)
    store(space, top - 64 * PAGE, 2)
    assert outcome(space, top - 64 * PAGE - 1, Access.WRITE) is FaultResult.SEGV_MAPERR
    assert space.areas.items[0].length == 64 * PAGE


def test_stack_keeps_away_from_what_is_below(space: AddressSpace) -> None:
    top = USER_TOP - PAGE
    space.map_area(top - PAGE, PAGE, RW, fixed=True, grows_down=True)
    below = top - 400 * PAGE
    space.map_area(below, PAGE, RW, fixed=True)
    lowest = below + PAGE + GUARD_GAP
    assert outcome(space, lowest - 1, Access.WRITE) is FaultResult.SEGV_MAPERR
    assert outcome(space, lowest, Access.WRITE) is FaultResult.OK


def test_mappings_keep_away_from_the_stack(space: AddressSpace) -> None:
    space.mmap_top = USER_TOP
    space.map_area(USER_TOP - PAGE, PAGE, RW, fixed=True, grows_down=True)
    assert space.map_area(0, PAGE, R) == USER_TOP - PAGE - GUARD_GAP - PAGE
    assert space.map_area(USER_TOP - 3 * PAGE, PAGE, R) != USER_TOP - 3 * PAGE


# --- mremap ---


def test_remap_grows_in_place_when_there_is_room(space: AddressSpace) -> None:
    space.map_area(BASE, 2 * PAGE, RW)
    store(space, BASE, 3)
    assert space.remap(BASE, 2 * PAGE, 5 * PAGE, may_move=False) == BASE
    store(space, BASE + 4 * PAGE, 4)
    assert len(space.areas.items) == 1


def test_remap_moves_with_its_pages(space: AddressSpace) -> None:
    free = frames.free_frames()
    space.map_area(BASE, 2 * PAGE, RW)
    space.map_area(BASE + 2 * PAGE, PAGE, R)
    store(space, BASE + PAGE, 3)
    with refused(ENOMEM):
        space.remap(BASE, 2 * PAGE, 3 * PAGE, may_move=False)
    moved = space.remap(BASE, 2 * PAGE, 3 * PAGE, may_move=True)
    assert moved != BASE
    assert (load(space, moved + PAGE), load(space, moved + 2 * PAGE)) == (3, 0)
    assert outcome(space, BASE, Access.READ) is FaultResult.SEGV_MAPERR
    space.unmap(moved, 3 * PAGE)
    space.unmap(BASE, 3 * PAGE)
    assert frames.free_frames() == free
    assert space.resident_pages == 0


def test_remap_shrinks(space: AddressSpace) -> None:
    space.map_area(BASE, 3 * PAGE, RW)
    assert space.remap(BASE, 3 * PAGE, PAGE, may_move=False) == BASE
    assert outcome(space, BASE + PAGE, Access.READ) is FaultResult.SEGV_MAPERR


def test_remap_to_a_fixed_place_replaces_it(space: AddressSpace) -> None:
    target = BASE + (1 << 30)
    space.map_area(BASE, 4 * PAGE, RW)
    space.map_area(target, 4 * PAGE, RW)
    store(space, BASE + PAGE, 6)
    store(space, target + PAGE, 9)
    assert space.remap(BASE + PAGE, PAGE, 2 * PAGE, may_move=True, fixed_at=target) == target
    assert (load(space, target), load(space, target + PAGE)) == (6, 0)
    assert outcome(space, BASE + PAGE, Access.READ) is FaultResult.SEGV_MAPERR
    with refused(EINVAL):
        space.remap(BASE, PAGE, PAGE, may_move=False, fixed_at=target)
    with refused(EINVAL):
        space.remap(target, 2 * PAGE, 2 * PAGE, may_move=True, fixed_at=target + PAGE)


def test_remap_within_its_own_area(space: AddressSpace) -> None:
    space.map_area(BASE, 8 * PAGE, RW)
    store(space, BASE + 6 * PAGE, 6)
    assert space.remap(BASE + 6 * PAGE, PAGE, PAGE, may_move=True, fixed_at=BASE + PAGE) == BASE + PAGE
    assert load(space, BASE + PAGE) == 6


def test_remap_can_leave_an_empty_area_behind(space: AddressSpace) -> None:
    space.map_area(BASE, 2 * PAGE, RW)
    store(space, BASE, 6)
    moved = space.remap(BASE, 2 * PAGE, 2 * PAGE, may_move=True, keep_old=True)
    assert load(space, moved) == 6
    assert load(space, BASE) == 0
    assert space.resident_pages == 2


def test_remap_of_what_is_not_one_area(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    space.map_area(BASE + PAGE, PAGE, R)
    with refused(EFAULT):
        space.remap(BASE, 2 * PAGE, PAGE, may_move=True)
    with refused(EFAULT):
        space.remap(BASE + 5 * PAGE, PAGE, PAGE, may_move=True)
    with refused(EINVAL):
        space.remap(BASE, PAGE, 0, may_move=True)


# --- questions ---


def test_residency_and_populate(space: AddressSpace) -> None:
    space.map_area(BASE, 3 * PAGE, RW)
    store(space, BASE + PAGE, 1)
    assert space.residency(BASE, 3 * PAGE) == b"\0\1\0"
    space.populate(BASE, 3 * PAGE, Access.WRITE)
    assert space.residency(BASE, 3 * PAGE) == b"\1\1\1"
    with refused(ENOMEM):
        space.check_mapped(BASE, 4 * PAGE)
    with refused(EINVAL):
        space.check_mapped(BASE + 1, PAGE)


def test_peak_remembers(space: AddressSpace) -> None:
    start = space.map_area(0, 5 * PAGE, RW)
    space.populate(start, 5 * PAGE, Access.WRITE)
    space.unmap(start, 5 * PAGE)
    assert space.peak_resident() == 5


# --- what was easy to get wrong ---


def test_written_file_page_reaches_the_child_through_split_and_merge(space: AddressSpace) -> None:
    space.map_area(BASE, 4 * PAGE, RW, pager=FakeFile(4))
    space.protect(BASE + PAGE, PAGE, R)
    store(space, BASE + 3 * PAGE, 40)
    space.protect(BASE + 2 * PAGE, PAGE, R)
    assert load(space.fork(), BASE + 3 * PAGE) == 40
    space.protect(BASE, 4 * PAGE, RW)
    assert len(space.areas.items) == 1
    assert load(space.fork(), BASE + 3 * PAGE) == 40


def test_page_that_its_file_gave_up_belongs_to_the_program(space: AddressSpace) -> None:
    file = FakeFile(1)
    space.map_area(BASE, PAGE, RW, pager=file)
    assert load(space, BASE) == 1
    frames.unref(file.frames.pop())
    store(space, BASE + 1, 70)
    child = space.fork()
    assert (load(child, BASE), load(child, BASE + 1)) == (1, 70)


def test_freed_table_is_not_remembered(space: AddressSpace) -> None:
    space.map_area(BASE, PAGE, RW)
    store(space, BASE, 1)
    space.unmap(BASE, PAGE)
    hoard = [frames.allocate_zeroed() for _ in range(3)]
    space.map_area(BASE + PAGE, PAGE, RW, fixed=True)
    store(space, BASE + PAGE, 2)
    assert load(space, BASE + PAGE) == 2
    assert all(physmem.read(frame, PAGE) == bytes(PAGE) for frame in hoard)


def test_growing_stack_of_a_child_does_not_move_the_parents(space: AddressSpace) -> None:
    top = USER_TOP - PAGE
    space.map_area(top - PAGE, PAGE, RW, fixed=True, grows_down=True)
    child = space.fork()
    store(child, top - 4 * PAGE, 1)
    assert child.areas.items[0].length == 4 * PAGE
    assert space.areas.items[0].length == PAGE
    assert outcome(space, top - 2 * PAGE, Access.READ) is FaultResult.OK


def test_dirty_bits_tell_what_was_stored_into(space: AddressSpace) -> None:
    """Each page counts once it is mapped, and again when it is stored into after it was counted."""
    start = space.map_area(u64(0), u64(8 * PAGE), RW, shared=True)
    end = start + 8 * PAGE

    def dirty() -> list[tuple[int, int]]:
        return [((first - start) // PAGE, (last - start) // PAGE) for first, last in dirtybits.take(space.table, start, end)]

    assert dirty() == []
    for page in (0, 1, 5):
        space.locate(start + page * PAGE, Access.WRITE)
    assert dirty() == [(0, 2), (5, 6)]
    assert dirty() == []
    space.locate(start + PAGE, Access.READ)
    assert dirty() == [], "reading is not writing"
    space.locate(start + PAGE, Access.WRITE)
    assert dirty() == [(1, 2)], "the kernel's stores count"
    assert space.fault(u64(start + 5 * PAGE), Access.WRITE) is FaultResult.OK
    assert dirty() == [(5, 6)], "as do those of a hart that leaves the bit to software"
    space.protect(u64(start), u64(8 * PAGE), R)
    assert dirty() == []
