"""Numbers in memory; traps of user code: cause, place and value, registers in and out."""

from scarlet.machine import paging, physmem, power, words
from scarlet.machine.sv39 import USER_TOP
from tests.machine.worlds.space import DATA, ECALL, READ_WRITE, TEXT, Frames, Program, say


def try_one(frames: Frames, name: str, instruction: int, a0: int) -> None:
    """A nop, then the instruction with a0 as given."""
    program = Program(frames, [0x00000013, instruction, ECALL])
    program.frame.a0 = a0
    program.frame.a1 = 0x1111
    cause = program.enter()
    frame = program.frame
    value = int(frame.value) if cause != 3 else 0  # a breakpoint may set it to the address of the ebreak, or not
    say(f"{name}: cause {cause} {frame.cause} pc +{frame.pc - TEXT} value {value:x} a1 {frame.a1:x}")


def registers(frames: Frames) -> None:
    program = Program(frames, [0x00150513, ECALL, 0xFFF50513, ECALL])  # addi a0, a0, 1; addi a0, a0, -1
    for number in range(1, 32):
        program.frame.set(number, 0x0123456789ABCD00 + number)
    say(f"cause {program.enter()}")
    for number in range(1, 32):
        expected = 0x0123456789ABCD00 + number + (1 if number == 10 else 0)
        if program.frame.get(number) != expected:
            say(f"x{number} is {program.frame.get(number):x}")
    program.frame.pc += 4
    say(f"cause {program.enter()} a0 {program.frame.a0:x} pc {program.frame.pc:x}")


def mapping(frames: Frames) -> None:
    program = Program(frames, [0x00B53023, ECALL])  # sd a1, 0(a0)
    program.frame.a0 = 0x50000
    program.frame.a1 = 77
    say(f"unmapped: {program.enter()} {program.frame.value:x}")
    page = frames.take()
    program.map(0x50000, page, READ_WRITE)
    say(f"mapped: {program.enter()} {physmem.load64(page)}")
    program.map(0x50000, page, READ_WRITE & ~4)
    paging.flush_page(0x50000)
    program.frame.pc = TEXT
    say(f"read-only: {program.enter()} {program.frame.value:x}")


def spaces(frames: Frames) -> None:
    first = Program(frames, [0x00150513, ECALL])
    second = Program(frames, [0x00250513, ECALL])
    for _ in range(3):
        for program in (first, second):
            program.frame.pc = TEXT
            program.enter()
    say(f"a0 {first.frame.a0} {second.frame.a0}")


def numbers() -> None:
    """Numbers within bytes, at every place of them and outside."""
    data = bytearray(b"\1\2\3\4\5\x86")
    found = [words.load16(data, at) for at in range(5)] + [words.load32(data, at) for at in range(3)]
    words.store16(data, 4, 0x1BCDE)
    words.store32(data, 0, 0x1FEDCBA98)
    outside = 0
    for at in [-1, -6, 3, 6, 1 << 62, -(1 << 63)]:
        try:
            words.store32(data, at, 0)
        except IndexError:
            outside += 1
        try:
            words.load32(data, at)
        except IndexError:
            outside += 1
    say(f"numbers {found} {data.hex()} {outside}")


def main() -> None:
    frames = Frames()
    numbers()
    registers(frames)
    try_one(frames, "ld", 0x00953583, 0x50000)
    try_one(frames, "ld across", 0x00053583, DATA + 4092)
    try_one(frames, "sd text", 0x00B53023, TEXT)
    try_one(frames, "lbu 0", 0x00054583, 0)
    try_one(frames, "lbu user top", 0x00054583, USER_TOP)
    try_one(frames, "lbu hole", 0x00054583, 1 << 50)
    try_one(frames, "lr", 0x100525AF, 0x50000)
    try_one(frames, "jr", 0x00050067, 0x50000)
    try_one(frames, "jr data", 0x00050067, DATA)
    try_one(frames, "illegal", 0, 0)
    try_one(frames, "csrr satp", 0x18002573, 0)
    try_one(frames, "sret", 0x10200073, 0)
    try_one(frames, "wfi", 0x10500073, 0)
    try_one(frames, "ebreak", 0x00100073, 0)
    mapping(frames)
    spaces(frames)
    power.exit(0)


if __name__ == "__main__":
    main()
