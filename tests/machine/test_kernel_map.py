"""The bare machine's page tables, built by its own code in a simulated memory: what is mapped, with which rights; stacks; identifiers."""

from collections.abc import Iterator
from typing import Any

import pytest

import scarlet.machine
from scarlet.machine.sv39 import Pte
from tests.machine.simulated import Machine, modules

assert scarlet.machine

OFFSET = 0xFFFF_FFFF_0000_0000
START = 0xFFFF_FFFF_8020_0000
DIRECT = 0xFFFF_FFC0_0000_0000
SYMBOLS = {
    "kernel_start": START,
    "text_end": START + 0x23_5000,
    "rodata_end": START + 0x2A_1000,
    "boot_stack_guard": START + 0x31_0000,
    "boot_stack_top": START + 0x32_1000,
    "panic_stack_guard": START + 0x32_1000,
    "panic_stack_top": START + 0x32_6000,
    "kernel_end": START + 0x32_6000,
}


class Kernel:
    """The loaded modules, and a walk of what they built."""

    def __init__(self, machine: Machine, loaded: list[Any]) -> None:
        self.machine = machine
        self.kernel_space, self.pages, self.memory_map, self.paging, self.stacks = loaded
        self.memory_map.build()

    def entry(self, va: int, root: int | None = None) -> tuple[int, int] | None:
        """Rights and physical address of a page; None if it is not mapped."""
        table = self.memory_map.kernel_root() if root is None else root
        for level in (2, 1, 0):
            entry = self.machine.words.get(DIRECT + table + 8 * (va >> 12 + 9 * level & 511), 0)
            if not entry & Pte.V:
                return None
            target = entry >> 10 << 12
            if entry & (Pte.R | Pte.W | Pte.X):
                return entry & 0xFF, target | va & ((4096 << 9 * level) - 1)
            table = target
        return None


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    machine = Machine(SYMBOLS)
    with modules(machine, "kernel_space", "pages", "memory_map", "paging", "stacks") as loaded:
        yield Kernel(machine, loaded)


def image_pages() -> range:
    return range(SYMBOLS["kernel_start"], SYMBOLS["kernel_end"], 4096)


def test_image_is_mapped_where_it_was_loaded_with_the_rights_of_its_sections(kernel: Kernel) -> None:
    guards = {SYMBOLS["boot_stack_guard"], SYMBOLS["panic_stack_guard"]}
    for va in image_pages():
        found = kernel.entry(va)
        if va in guards:
            assert found is None
            continue
        assert found is not None
        rights, pa = found
        assert pa == va - OFFSET
        expected = Pte.R | Pte.X if va < SYMBOLS["text_end"] else Pte.R if va < SYMBOLS["rodata_end"] else Pte.R | Pte.W
        assert rights & (Pte.R | Pte.W | Pte.X | Pte.U) == expected
        assert rights & (Pte.G | Pte.A) == Pte.G | Pte.A


def test_no_page_is_writable_in_one_place_and_executable_or_constant_in_another(kernel: Kernel) -> None:
    for va in image_pages():
        alias = kernel.entry(DIRECT + va - OFFSET)
        assert alias is not None
        assert alias[1] == va - OFFSET
        assert not alias[0] & Pte.X
        assert bool(alias[0] & Pte.W) == (va >= SYMBOLS["rodata_end"])


@pytest.mark.parametrize("pa", [0x10_0000, 0xC00_0000, 0x1000_0000, 0x8000_0000, 0x801F_F000, 0x8100_0000, 0xBFFF_F000, 0xF_FFFF_F000])
def test_memory_and_devices_are_in_the_direct_map(kernel: Kernel, pa: int) -> None:
    assert kernel.entry(DIRECT + pa) == (Pte.V | Pte.R | Pte.W | Pte.G | Pte.A | Pte.D, pa)


@pytest.mark.parametrize("va", [0, 0x8020_0000, 0x3F_FFFF_F000, DIRECT + (64 << 30), 0xFFFF_FFE0_0000_0000, START - 4096, 2**64 - 4096])
def test_nothing_else_is_mapped(kernel: Kernel, va: int) -> None:
    assert kernel.entry(va) is None


def test_user_root_has_the_kernel_half_and_nothing_of_its_own(kernel: Kernel) -> None:
    root = kernel.pages.zeroed_page()
    kernel.paging.new_root(root)
    for va in (START, DIRECT + 0x8100_0000, DIRECT + 0x1000_0000):
        assert kernel.entry(va, root) == kernel.entry(va)
    assert all(not kernel.machine.words.get(DIRECT + root + 8 * index, 0) for index in range(256))


def test_stack_is_mapped_below_its_top_and_guarded(kernel: Kernel) -> None:
    first, second = kernel.stacks.allocate(), kernel.stacks.allocate()
    frames = set()
    for slot in (first, second):
        top = kernel.stacks.top(slot)
        for page in range(1, 17):
            found = kernel.entry(top - 4096 * page)
            assert (found is not None) == (page <= kernel.stacks.STACK_PAGES)
            if found is not None:
                assert found[0] & (Pte.R | Pte.W | Pte.X | Pte.U) == Pte.R | Pte.W
                frames.add(found[1])
    assert len(frames) == 2 * kernel.stacks.STACK_PAGES


def test_stack_made_later_is_seen_through_every_root(kernel: Kernel) -> None:
    root = kernel.pages.zeroed_page()
    kernel.paging.new_root(root)
    slot = kernel.stacks.allocate()
    va = kernel.stacks.top(slot) - 8
    assert kernel.entry(va, root) == kernel.entry(va) is not None


def test_freed_stack_is_used_again_without_mapping_anything(kernel: Kernel) -> None:
    slot = kernel.stacks.allocate()
    kernel.stacks.free(slot)
    fences = kernel.machine.fences
    assert kernel.stacks.allocate() == slot
    assert kernel.machine.fences == fences


def test_many_freed_stacks_give_their_pages_back(kernel: Kernel) -> None:
    slots = [kernel.stacks.allocate() for _ in range(kernel.stacks.CACHED_STACKS + 3)]
    for slot in slots:
        kernel.stacks.free(slot)
    mapped = [slot for slot in slots if kernel.entry(kernel.stacks.top(slot) - 8) is not None]
    assert len(mapped) == kernel.stacks.CACHED_STACKS
    again = [kernel.stacks.allocate() for _ in slots]
    assert sorted(again) == sorted(slots)
    assert all(kernel.entry(kernel.stacks.top(slot) - 8) is not None for slot in slots)


def test_out_of_memory_in_the_middle_of_a_stack_leaves_nothing_behind(kernel: Kernel) -> None:
    kernel.stacks.allocate()  # the table is there
    taken = []
    while True:
        address = kernel.pages.allocate_pages(1)
        if address == 0:
            break
        taken.append(address)
    for address in taken[:3]:
        kernel.pages.free_pages(address, 1)
    with pytest.raises(MemoryError):
        kernel.stacks.allocate()
    assert sorted(kernel.pages.allocate_pages(1) for _ in range(3)) == sorted(taken[:3])


def test_early_blocks_are_aligned_and_do_not_overlap(kernel: Kernel) -> None:
    taken: set[int] = set()
    for count in (1, 4, 1, 16, 2, 1, 8, 64):
        address = kernel.pages.allocate_pages(count)
        start = (address + (1 << 64)) - DIRECT
        assert start % (count * 4096) == 0
        assert kernel.pages.early_start() <= start <= kernel.pages.early_end() - count * 4096
        pages = {start + 4096 * index for index in range(count)}
        assert not pages & taken
        taken |= pages


def test_same_root_is_not_written_again(kernel: Kernel) -> None:
    root = kernel.pages.zeroed_page()
    kernel.paging.activate(root)
    kernel.machine.csrs["satp"] = 0
    kernel.paging.activate(root)
    assert kernel.machine.csrs["satp"] == 0


def test_each_root_has_an_identifier_of_its_own_and_keeps_it(kernel: Kernel) -> None:
    roots = [kernel.pages.zeroed_page() for _ in range(5)]
    seen: dict[int, int] = {}
    for root in roots * 2:
        kernel.paging.activate(root)
        satp = kernel.machine.csrs["satp"]
        assert satp >> 60 == 8
        assert (satp & (1 << 44) - 1) << 12 == root
        assert seen.setdefault(root, satp >> 44 & 0xFFFF) == satp >> 44 & 0xFFFF
    assert len(set(seen.values())) == 5
    assert 0 not in seen.values()


def test_when_identifiers_run_out_one_fence_begins_a_new_generation(kernel: Kernel) -> None:
    kernel.machine.identifier_bits = 3
    roots = [kernel.pages.zeroed_page() for _ in range(4)]
    for root in roots[:3]:
        kernel.paging.activate(root)
    fences = kernel.machine.fences
    kernel.paging.activate(roots[3])
    assert kernel.machine.fences == fences + 1
    kernel.paging.activate(roots[0])
    identifiers = []
    for root in (roots[3], roots[0]):
        kernel.paging.activate(root)
        identifiers.append(kernel.machine.csrs["satp"] >> 44 & 0xFFFF)
    assert sorted(identifiers) == [1, 2]


def test_without_identifiers_every_change_is_fenced(kernel: Kernel) -> None:
    kernel.machine.identifier_bits = 0
    roots = [kernel.pages.zeroed_page() for _ in range(2)]
    fences = kernel.machine.fences
    for root in roots * 3:
        kernel.paging.activate(root)
    assert kernel.machine.fences == fences + 6
