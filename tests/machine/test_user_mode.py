"""User code in Unicorn under page tables of our own: registers go in and out, traps come back as the hardware would report them."""

import pytest

from scarlet.cli.assembler import Code
from scarlet.machine import paging, physmem
from scarlet.machine.frame import Cause
from scarlet.machine.hosted.world import World
from scarlet.machine.sv39 import PAGE_SIZE, USER_TOP, Pte
from tests.machine.support import CODE, DATA, READ_ONLY, READ_WRITE, TEXT, Program, words

pytestmark = pytest.mark.usefixtures("machine")

NOP = 0x0000_0013
UNMAPPED = 0x50000

# instructions of which the base register is a0
LD_9_A0 = 0x0095_3583  # ld a1, 9(a0)
LBU_A0 = 0x0005_4583  # lbu a1, 0(a0)
SD_MINUS_8_A0 = 0xFEB5_3C23  # sd a1, -8(a0)
FSW_4_A0 = 0x00A5_2227  # fsw fa0, 4(a0)
FLD_A0 = 0x0005_3507  # fld fa0, 0(a0)
AMOADD_W_A0 = 0x00B5_25AF  # amoadd.w a1, a1, (a0)
LR_W_A0 = 0x1005_25AF  # lr.w a1, (a0)
JR_A0 = 0x0005_0067
C_LD_8_A0 = 0x650C  # c.ld a1, 8(a0)
C_SW_4_A0 = 0xC14C  # c.sw a1, 4(a0)
C_LDSP_16 = 0x65C2  # c.ldsp a1, 16(sp)
C_SDSP_16 = 0xE82E  # c.sdsp a1, 16(sp)
C_NOP = 0x0001


def test_ecall_leaves_pc_at_the_ecall_and_registers_as_computed() -> None:
    code = Code()
    code.addi("a0", "a0", 1)
    code.add("t6", "sp", "ra")
    code.ecall()
    program = Program(code)
    program.frame.a0, program.frame.sp, program.frame.ra = 41, 0x1000, 0x0234
    assert program.enter() == Cause.USER_ECALL
    assert (program.frame.pc, program.frame.a0, program.frame.t6) == (TEXT + 8, 42, 0x1234)
    assert program.frame.cause == Cause.USER_ECALL


def test_all_registers_survive_a_round_trip() -> None:
    program = Program(words(0x73))
    for number in range(1, 32):
        program.frame.set(number, 0x8000_0000_0000_0000 + number)
    program.enter()
    assert [program.frame.get(number) for number in range(1, 32)] == [0x8000_0000_0000_0000 + number for number in range(1, 32)]


@pytest.mark.parametrize(
    ("instruction", "a0", "cause", "value"),
    [
        (LD_9_A0, UNMAPPED, Cause.LOAD_PAGE_FAULT, UNMAPPED + 9),
        (LBU_A0, UNMAPPED, Cause.LOAD_PAGE_FAULT, UNMAPPED),
        (SD_MINUS_8_A0, UNMAPPED, Cause.STORE_PAGE_FAULT, UNMAPPED - 8),
        (FSW_4_A0, UNMAPPED, Cause.STORE_PAGE_FAULT, UNMAPPED + 4),
        (FLD_A0, UNMAPPED, Cause.LOAD_PAGE_FAULT, UNMAPPED),
        (AMOADD_W_A0, UNMAPPED, Cause.STORE_PAGE_FAULT, UNMAPPED),
        (LR_W_A0, UNMAPPED, Cause.LOAD_PAGE_FAULT, UNMAPPED),
        (AMOADD_W_A0, DATA + 1, Cause.STORE_MISALIGNED, DATA + 1),
        (LR_W_A0, DATA + 2, Cause.LOAD_MISALIGNED, DATA + 2),
        (SD_MINUS_8_A0, TEXT + 16, Cause.STORE_PAGE_FAULT, TEXT + 8),
        (LBU_A0, 0, Cause.LOAD_PAGE_FAULT, 0),
        (LBU_A0, USER_TOP, Cause.LOAD_PAGE_FAULT, USER_TOP),
        (LBU_A0, 2**64 - 1, Cause.LOAD_PAGE_FAULT, 2**64 - 1),
        (LBU_A0, 1 << 50, Cause.LOAD_PAGE_FAULT, 1 << 50),
        (LD_9_A0, DATA + PAGE_SIZE - 13, Cause.LOAD_PAGE_FAULT, DATA + PAGE_SIZE),
        (C_LD_8_A0 | C_NOP << 16, UNMAPPED, Cause.LOAD_PAGE_FAULT, UNMAPPED + 8),
        (C_SW_4_A0 | C_NOP << 16, UNMAPPED, Cause.STORE_PAGE_FAULT, UNMAPPED + 4),
        (C_LDSP_16 | C_NOP << 16, 0, Cause.LOAD_PAGE_FAULT, UNMAPPED + 16),
        (C_SDSP_16 | C_NOP << 16, 0, Cause.STORE_PAGE_FAULT, UNMAPPED + 16),
    ],
)
def test_fault_tells_cause_address_and_instruction(instruction: int, a0: int, cause: Cause, value: int) -> None:
    program = Program(words(NOP, instruction, NOP))
    program.frame.a0, program.frame.sp = a0, UNMAPPED
    assert program.enter() == cause
    assert program.frame.pc == TEXT + 4
    assert program.frame.value == value
    assert program.frame.cause == cause


def test_misaligned_plain_accesses_work() -> None:
    program = Program(words(LD_9_A0, 0x73))
    physmem.write(program.data_pa + 12, (0x1122334455667788).to_bytes(8, "little"))
    program.frame.a0 = DATA + 3
    assert program.enter() == Cause.USER_ECALL
    assert program.frame.a1 == 0x1122334455667788


@pytest.mark.parametrize("target", [UNMAPPED, DATA, USER_TOP, 1 << 50])
def test_jump_to_what_cannot_be_executed_faults_there(target: int) -> None:
    program = Program(words(JR_A0))
    program.frame.a0 = target
    assert program.enter() == Cause.INSTRUCTION_PAGE_FAULT
    assert (program.frame.pc, program.frame.value) == (target, target)


def test_instruction_that_crosses_into_a_missing_page_faults_on_that_page() -> None:
    program = Program(bytes(PAGE_SIZE - 2) + b"\x13\x00")  # the first half of a 4-byte nop
    program.frame.pc = TEXT + PAGE_SIZE - 2
    assert program.enter() == Cause.INSTRUCTION_PAGE_FAULT
    assert (program.frame.pc, program.frame.value) == (TEXT + PAGE_SIZE - 2, TEXT + PAGE_SIZE)


def test_straight_code_into_a_missing_page_goes_on_when_the_page_is_there() -> None:
    nops = words(NOP) * (PAGE_SIZE // 4 - 1) + b"\x01\x00\x13\x00"
    program = Program(nops)
    assert program.enter() == Cause.INSTRUCTION_PAGE_FAULT
    assert program.frame.value == TEXT + PAGE_SIZE
    program.space.place(TEXT + PAGE_SIZE, b"\x00\x00" + words(0x73), CODE)
    assert program.enter() == Cause.USER_ECALL
    assert program.frame.pc == TEXT + PAGE_SIZE + 2


@pytest.mark.parametrize("instruction", [0x0000_0000, 0xFFFF_FFFF, 0x1800_2573, 0x1020_0073, 0x1050_0073, 0x1200_0073])
def test_illegal_and_privileged_instructions(instruction: int) -> None:
    """Nothing, all ones, csrr a0 satp, sret, wfi, sfence.vma."""
    program = Program(words(NOP, instruction))
    assert program.enter() == Cause.ILLEGAL_INSTRUCTION
    assert program.frame.pc == TEXT + 4
    assert program.frame.value == (instruction if instruction & 3 == 3 else instruction & 0xFFFF)


def test_illegal_instruction_at_the_start_of_a_page() -> None:
    program = Program(words(0))
    assert program.enter() == Cause.ILLEGAL_INSTRUCTION
    assert (program.frame.pc, program.frame.value) == (TEXT, 0)


@pytest.mark.parametrize("instruction", [0x0010_0073, 0x9002])
def test_breakpoint(instruction: int) -> None:
    program = Program(words(NOP, instruction))
    assert program.enter() == Cause.BREAKPOINT
    assert (program.frame.pc, program.frame.value) == (TEXT + 4, TEXT + 4)


def test_page_mapped_after_a_fault_is_seen_without_a_flush() -> None:
    program = Program(words(SD_MINUS_8_A0, 0x73))
    program.frame.a0, program.frame.a1 = UNMAPPED + 8, 77
    assert program.enter() == Cause.STORE_PAGE_FAULT
    page = program.space.place(UNMAPPED, b"", READ_WRITE)
    assert program.enter() == Cause.USER_ECALL
    assert physmem.load64(page) == 77


def test_page_made_read_only_faults_after_the_flush() -> None:
    program = Program(words(SD_MINUS_8_A0, 0x73))
    program.frame.a0 = DATA + 8
    assert program.enter() == Cause.USER_ECALL
    program.space.map(DATA, program.data_pa, READ_ONLY)
    paging.flush_page(DATA)
    program.frame.pc = TEXT
    assert program.enter() == Cause.STORE_PAGE_FAULT


def test_page_without_user_bit_is_out_of_reach() -> None:
    program = Program(words(LBU_A0))
    program.space.map(DATA, program.data_pa, READ_WRITE & ~Pte.U)
    program.frame.a0 = DATA
    assert program.enter() == Cause.LOAD_PAGE_FAULT


def test_page_outside_memory_is_an_access_fault() -> None:
    program = Program(words(LBU_A0))
    program.space.map(DATA, 0x1000, READ_WRITE)
    program.frame.a0 = DATA + 5
    assert program.enter() == Cause.LOAD_ACCESS_FAULT
    assert (program.frame.pc, program.frame.value) == (TEXT, DATA + 5)


def test_code_that_the_kernel_rewrites_runs_anew() -> None:
    program = Program(words(0x0010_0513, 0x73))  # li a0, 1
    program.enter()
    physmem.write(program.text_pa, words(0x0020_0513))  # li a0, 2
    program.frame.pc = TEXT
    program.enter()
    assert program.frame.a0 == 2


def test_code_that_the_program_writes_runs_as_written() -> None:
    program = Program(words(0x00B5_2023, 0x0000_100F, 0x0000_0517, 0x73))  # sw a1, 0(a0); fence.i; auipc a0, 0; ecall
    program.space.map(TEXT, program.text_pa, CODE | Pte.W)
    program.frame.a0, program.frame.a1 = TEXT + 8, 0x0070_0513  # li a0, 7
    program.enter()
    assert program.frame.a0 == 7


def test_frames_that_held_code_hold_other_code_in_the_next_program() -> None:
    for code, cause, pc in [
        ((NOP, 0), Cause.ILLEGAL_INSTRUCTION, 4),
        ((0xFFFF_FFFF,), Cause.ILLEGAL_INSTRUCTION, 0),
        ((NOP, NOP, 0x73), Cause.USER_ECALL, 8),
        ((0x73,), Cause.USER_ECALL, 0),
    ]:
        program = Program(words(*code))
        assert program.enter() == cause
        assert program.frame.pc == TEXT + pc


def test_two_address_spaces_are_two() -> None:
    first, second = Program(words(0x0010_0513, 0x73)), Program(words(0x0010_0513, 0x73))
    second.space = type(second.space)(first_pa=0x8040_0000)
    second.space.place(TEXT, words(0x0020_0513, 0x73), CODE)
    for program, expected in ((first, 1), (second, 2), (first, 1)):
        program.frame.pc = TEXT
        program.enter()
        assert program.frame.a0 == expected


def test_floating_point_registers_are_each_contexts_own() -> None:
    fadd = 0x02B5_7553  # fadd.d fa0, fa0, fa1
    first, second = Program(words(fadd, 0x73)), Program(words(fadd, 0x73))

    def registers(fa0: int, fa1: int) -> bytes:
        values = [0] * 33
        values[10], values[11] = fa0, fa1
        return b"".join(value.to_bytes(8, "little") for value in values)

    one, two, three = 0x3FF0_0000_0000_0000, 0x4000_0000_0000_0000, 0x4008_0000_0000_0000
    first.set_float_registers(registers(one, two))
    second.set_float_registers(registers(one, one))
    first.enter()
    second.enter()
    assert first.float_registers()[80:88] == three.to_bytes(8, "little")
    assert second.float_registers()[80:88] == two.to_bytes(8, "little")
    first.copy_float_from(second)
    assert first.float_registers() == second.float_registers()
    first.clear_float()
    assert first.float_registers() == bytes(264)


def test_rounding_mode_and_flags_are_part_of_the_floating_point_state() -> None:
    program = Program(words(0x0030_2573, 0x0036_5073, 0x73))  # frcsr a0; csrwi fcsr, 12
    program.enter()
    assert program.frame.a0 == 0
    assert program.float_registers()[256:264] == (12).to_bytes(8, "little")


def test_rdtime_reads_the_machines_clock(machine: World) -> None:
    program = Program(words(0xC010_2573, 0xC010_25F3, 0x73))  # rdtime a0; rdtime a1
    machine.clock.skipped = 1_000_000
    assert program.enter() == Cause.USER_ECALL
    assert program.frame.pc == TEXT + 8
    assert program.frame.a1 >= program.frame.a0 >= 1_000_000
