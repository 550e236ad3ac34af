"""The frame allocator: no frame is given out twice, everything comes back, and memory that nobody asked for is never touched."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buddy import CHUNK_SIZE, MAX_ORDER
from scarlet.machine import physmem
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.sv39 import PAGE_SIZE
from tests.kernel.conftest import IMAGE_SIZE, RAM_BASE, RAM_SIZE


def fresh(size: int = RAM_SIZE, *reserved: tuple[int, int]) -> None:
    holes = [MemoryRange(RAM_BASE + start, count) for start, count in reserved]
    frames.init([MemoryRange(RAM_BASE, size)], holes)


def test_frames_are_distinct_and_inside_memory() -> None:
    taken = [frames.allocate() for _ in range(3000)]
    assert len(set(taken)) == 3000
    assert all(RAM_BASE + IMAGE_SIZE <= frame < RAM_BASE + RAM_SIZE and frame % PAGE_SIZE == 0 for frame in taken)


def test_freed_frame_is_used_again_first() -> None:
    frame = frames.allocate()
    frames.unref(frame)
    assert frames.allocate() == frame


def test_frame_lives_until_the_last_reference_goes() -> None:
    free = frames.free_frames()
    frame = frames.allocate()
    frames.ref(frame)
    frames.unref(frame)
    assert frames.references(frame) == 1
    assert frames.free_frames() == free - 1
    frames.unref(frame)
    assert frames.free_frames() == free


def test_releasing_a_free_frame_is_a_bug_that_shows() -> None:
    frame = frames.allocate()
    frames.unref(frame)
    with pytest.raises(AssertionError):
        frames.unref(frame)


def test_zeroed_frame_is_zero_after_use() -> None:
    frame = frames.allocate()
    physmem.write(frame, b"x" * PAGE_SIZE)
    frames.unref(frame)
    assert physmem.read(frames.allocate_zeroed(), PAGE_SIZE) == bytes(PAGE_SIZE)


def test_exhaustion_keeps_the_kernels_reserve() -> None:
    taken = []
    with pytest.raises(MemoryError):
        while True:
            taken.append(frames.allocate())
    assert frames.free_frames() == frames.reserve_frames() > 0
    critical = [frames.allocate_critical() for _ in range(frames.reserve_frames())]
    with pytest.raises(MemoryError):
        frames.allocate_critical()
    for frame in taken + critical:
        frames.unref(frame)
    assert frames.allocate(MAX_ORDER) % CHUNK_SIZE == 0


def test_pages_are_given_back_before_the_kernel_needs_more_than_its_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(4 << 20)
    kept = [frames.allocate() for _ in range(frames.free_frames() - frames.reserve_frames() - 10)]
    asked: list[int] = []

    def reclaim(wanted: int) -> int:
        asked.append(wanted)
        for _ in range(wanted):
            frames.unref(kept.pop())
        return wanted

    monkeypatch.setattr(frames, "_reclaimers", [reclaim])
    frames.prepare(10)
    assert asked == [], "there are enough"
    frames.prepare(50)
    assert asked == [40]
    own = [frames.allocate_critical() for _ in range(50)]
    assert frames.free_frames() == frames.reserve_frames()
    for frame in own + kept:
        frames.unref(frame)


def test_all_memory_joins_to_the_largest_blocks_again() -> None:
    fresh(32 << 20)
    free = frames.free_frames()
    taken = [frames.allocate_critical() for _ in range(free)]
    for frame in taken[::2] + taken[1::2]:
        frames.unref(frame)
    whole = 0
    with pytest.raises(MemoryError):
        while True:
            frames.allocate_critical(MAX_ORDER)
            whole += 1
    assert whole == 6  # of eight: the first chunk has the zero frame, the last the frame map


@pytest.mark.parametrize("seed", range(20))
def test_blocks_freed_in_any_order_are_all_there_again(seed: int) -> None:
    dice = random.Random(seed)
    fresh(8 << 20)
    blocks = [(frames.allocate_critical(order), order) for order in dice.choices(range(1, 5), k=40)]
    dice.shuffle(blocks)
    for block, _order in blocks[:30]:
        frames.unref(block)
    left = frames.free_frames()
    assert len({frames.allocate_critical() for _ in range(left)}) == left
    with pytest.raises(MemoryError):
        frames.allocate_critical()


def test_a_block_that_is_split_is_single_frames() -> None:
    free = frames.free_frames()
    block = frames.allocate(4)
    assert frames.split(block) == 16
    parts = [block + index * PAGE_SIZE for index in range(16)]
    assert [frames.references(part) for part in parts] == [1] * 16
    frames.ref(parts[3])
    for part in parts:
        frames.unref(part)
    assert frames.free_frames() == free - 1
    frames.unref(parts[3])
    assert frames.free_frames() == free
    assert frames.allocate(MAX_ORDER) != 0, "they join to large blocks again"


def test_reserved_frames_are_never_given_out_and_never_freed() -> None:
    fresh(16 << 20, (0, 2 << 20), (5 << 20, 12345), (14 << 20, 1 << 20))
    hole = set(range(RAM_BASE + (5 << 20), RAM_BASE + (5 << 20) + 4 * PAGE_SIZE, PAGE_SIZE))
    taken = {frames.allocate_critical() for _ in range(frames.free_frames())}
    assert not taken & hole
    for frame in hole:
        frames.ref(frame)
        frames.unref(frame)
        assert frames.references(frame) == 1


def test_booting_touches_no_memory_but_the_map() -> None:
    pattern = b"\xa5" * PAGE_SIZE
    for frame in range(RAM_BASE, RAM_BASE + RAM_SIZE, PAGE_SIZE):
        physmem.write(frame, pattern)
    fresh()
    touched = [frame for frame in range(RAM_BASE, RAM_BASE + RAM_SIZE, PAGE_SIZE) if physmem.read(frame, PAGE_SIZE) != pattern]
    assert len(touched) < 16


def test_dirty_memory_does_not_confuse_the_allocator() -> None:
    for frame in range(RAM_BASE, RAM_BASE + RAM_SIZE, PAGE_SIZE):
        physmem.write(frame, b"\xff\x00\x00\x80" * (PAGE_SIZE // 4))
    fresh(RAM_SIZE, (3 << 20, 6 << 20))
    count = frames.free_frames()
    assert len({frames.allocate_critical() for _ in range(count)}) == count


def test_device_addresses_are_not_counted() -> None:
    frames.ref(0x1000_0000)
    frames.unref(0x1000_0000)
    frames.unref(0x1000_0000)
    assert frames.references(0x1000_0000) == frames.MANY


def test_block_larger_than_any_is_refused_without_harm() -> None:
    blocks = frames.free_blocks()
    with pytest.raises(MemoryError):
        frames.allocate(MAX_ORDER + 1)
    assert frames.free_blocks() == blocks


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.one_of(st.integers(0, 7), st.tuples(st.just("free"), st.integers(0, 1000))), max_size=200), st.booleans())
def test_blocks_never_overlap_and_all_come_back(steps: list[int | tuple[str, int]], holes: bool) -> None:
    fresh(12 << 20, *([(1 << 20, 3 << 20), (7 << 20, 5000)] if holes else []))
    free = frames.free_frames()
    live: list[tuple[int, int]] = []
    owned: set[int] = set()
    for step in steps:
        if isinstance(step, int):
            try:
                block = frames.allocate(step)
            except MemoryError:
                continue
            pages = set(range(block, block + (PAGE_SIZE << step), PAGE_SIZE))
            assert block % (PAGE_SIZE << step) == 0
            assert not pages & owned
            owned |= pages
            live.append((block, step))
        elif live:
            block, order = live.pop(step[1] % len(live))
            owned -= set(range(block, block + (PAGE_SIZE << order), PAGE_SIZE))
            frames.unref(block)
        assert frames.free_frames() == free - len(owned)
    for block, _order in live:
        frames.unref(block)
    assert frames.free_frames() == free
