"""Unicorn's MMU and our walk of the tables agree: on random page tables, loads and stores fault exactly where `translate` says so."""

from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.machine import paging, physmem
from scarlet.machine.frame import Cause
from scarlet.machine.hosted import world
from scarlet.machine.sv39 import PAGE_SIZE, Pte
from tests.machine.support import Program, words

LOAD = 0x0005_4583  # lbu a1, 0(a0)
STORE = 0x00B5_0023  # sb a1, 0(a0)
JUMP = 0x0005_0067  # jr a0
ECALLS = b"\x73\x00\x00\x00" * (PAGE_SIZE // 4)

PLACES = [0x5_0000, 0x5_1000, 0x4000_0000, 0x40_0000_0000 - PAGE_SIZE]
FLAGS = st.builds(
    lambda *bits: Pte(sum(bits)),
    *[st.sampled_from([0, int(bit)]) for bit in (Pte.V, Pte.R, Pte.W, Pte.X, Pte.U, Pte.G)],
).map(lambda bits: bits | Pte.A | Pte.D)


def sensible(bits: Pte) -> bool:
    """Writable but not readable is reserved, and an entry without R, W and X at the last level is no page."""
    return not (bits & Pte.W and not bits & Pte.R) and bool(bits & (Pte.R | Pte.W | Pte.X))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), FLAGS.filter(sensible)), max_size=6), st.data())
def test_faults_exactly_where_the_walk_says(mappings: list[tuple[int, Pte]], data: st.DataObject) -> None:
    before = world.install(world.World(8 << 20, stdout=BytesIO(), log=BytesIO()))
    try:
        for instruction, wanted, fault in [
            (LOAD, Pte.R, Cause.LOAD_PAGE_FAULT),
            (STORE, Pte.W, Cause.STORE_PAGE_FAULT),
            (JUMP, Pte.X, Cause.INSTRUCTION_PAGE_FAULT),
        ]:
            program = Program(words(instruction, 0x73))
            for va, bits in mappings:
                program.space.place(va, ECALLS, bits)
            paging.activate(program.space.root)
            address = data.draw(st.sampled_from(PLACES)) + data.draw(st.integers(0, PAGE_SIZE // 4 - 1)) * 4
            program.frame.a0, program.frame.a1 = address, 0x5A
            pa = world.current.mmu.translate(address, wanted)
            cause = program.enter()
            if pa is None:
                assert (cause, program.frame.value) == (fault, address)
            else:
                assert cause == Cause.USER_ECALL
                if wanted == Pte.W:
                    assert physmem.load8(pa) == 0x5A
    finally:
        world.install(before)
