"""A small RV64IM assembler: Python functions that give instruction words, and labels.

Just what the vDSO and test programs need. Encodings: The RISC-V Instruction Set Manual, volume I, chapter "RV32/64G
Instruction Set Listings".

    code = Code()
    code.label("again")
    code.ld("a4", 0, "t0")
    code.bnez("a4", "again")
    code.bytes(base=0x400)
"""

from collections.abc import Callable
from dataclasses import dataclass, field

REGISTERS = {
    name: number
    for number, name in enumerate(
        "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split()
    )
}

TIME_CSR = 0xC01


def _bits(value: int, high: int, low: int) -> int:
    return (value >> low) & ((1 << (high - low + 1)) - 1)


def _r(funct7: int, rs2: str, rs1: str, funct3: int, rd: str, opcode: int) -> int:
    return funct7 << 25 | REGISTERS[rs2] << 20 | REGISTERS[rs1] << 15 | funct3 << 12 | REGISTERS[rd] << 7 | opcode


def _i(immediate: int, rs1: str, funct3: int, rd: str, opcode: int) -> int:
    if not -2048 <= immediate < 4096:
        raise ValueError(f"immediate {immediate} needs more than 12 bits")
    return (immediate & 0xFFF) << 20 | REGISTERS[rs1] << 15 | funct3 << 12 | REGISTERS[rd] << 7 | opcode


def _s(immediate: int, rs2: str, rs1: str, funct3: int, opcode: int) -> int:
    if not -2048 <= immediate < 2048:
        raise ValueError(f"immediate {immediate} needs more than 12 bits")
    return _bits(immediate, 11, 5) << 25 | REGISTERS[rs2] << 20 | REGISTERS[rs1] << 15 | funct3 << 12 | _bits(immediate, 4, 0) << 7 | opcode


def _b(offset: int, rs2: str, rs1: str, funct3: int) -> int:
    if not -4096 <= offset < 4096:
        raise ValueError(f"branch over {offset} bytes")
    high = _bits(offset, 12, 12) << 31 | _bits(offset, 10, 5) << 25
    return high | REGISTERS[rs2] << 20 | REGISTERS[rs1] << 15 | funct3 << 12 | _bits(offset, 4, 1) << 8 | _bits(offset, 11, 11) << 7 | 0x63


def _j(offset: int, rd: str) -> int:
    if not -(1 << 20) <= offset < 1 << 20:
        raise ValueError(f"jump over {offset} bytes")
    places = _bits(offset, 20, 20) << 31 | _bits(offset, 10, 1) << 21 | _bits(offset, 11, 11) << 20 | _bits(offset, 19, 12) << 12
    return places | REGISTERS[rd] << 7 | 0x6F


@dataclass
class Code:
    """Instructions in order. Each is a function of its own address, called when all labels are known."""

    words: list[Callable[[int], int]] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)

    def label(self, name: str) -> None:
        """Name the place of the next instruction."""
        self.labels[name] = 4 * len(self.words)

    def bytes(self, base: int) -> bytes:
        """The machine code as placed at address `base`."""
        self._base = base
        return b"".join(word(base + 4 * index).to_bytes(4, "little") for index, word in enumerate(self.words))

    def address(self, name: str, base: int) -> int:
        return base + self.labels[name]

    def _put(self, word: int) -> None:
        self.words.append(lambda _pc: word)

    def _put_relative(self, target: str, encode: Callable[[int], int]) -> None:
        self.words.append(lambda pc: encode(self._base + self.labels[target] - pc))

    # Loads, stores and integer arithmetic.
    def ld(self, rd: str, offset: int, rs1: str) -> None:
        self._put(_i(offset, rs1, 3, rd, 0x03))

    def lw(self, rd: str, offset: int, rs1: str) -> None:
        self._put(_i(offset, rs1, 2, rd, 0x03))

    def lbu(self, rd: str, offset: int, rs1: str) -> None:
        self._put(_i(offset, rs1, 4, rd, 0x03))

    def sd(self, rs2: str, offset: int, rs1: str) -> None:
        self._put(_s(offset, rs2, rs1, 3, 0x23))

    def sw(self, rs2: str, offset: int, rs1: str) -> None:
        self._put(_s(offset, rs2, rs1, 2, 0x23))

    def sb(self, rs2: str, offset: int, rs1: str) -> None:
        self._put(_s(offset, rs2, rs1, 0, 0x23))

    def addi(self, rd: str, rs1: str, immediate: int) -> None:
        self._put(_i(immediate, rs1, 0, rd, 0x13))

    def addiw(self, rd: str, rs1: str, immediate: int) -> None:
        self._put(_i(immediate, rs1, 0, rd, 0x1B))

    def andi(self, rd: str, rs1: str, immediate: int) -> None:
        self._put(_i(immediate, rs1, 7, rd, 0x13))

    def slli(self, rd: str, rs1: str, count: int) -> None:
        self._put(_i(count, rs1, 1, rd, 0x13))

    def srli(self, rd: str, rs1: str, count: int) -> None:
        self._put(_i(count, rs1, 5, rd, 0x13))

    def add(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(0, rs2, rs1, 0, rd, 0x33))

    def sub(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(0x20, rs2, rs1, 0, rd, 0x33))

    def and_(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(0, rs2, rs1, 7, rd, 0x33))

    def or_(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(0, rs2, rs1, 6, rd, 0x33))

    def sll(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(0, rs2, rs1, 1, rd, 0x33))

    def mul(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(1, rs2, rs1, 0, rd, 0x33))

    def mulhu(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(1, rs2, rs1, 3, rd, 0x33))

    def divu(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(1, rs2, rs1, 5, rd, 0x33))

    def remu(self, rd: str, rs1: str, rs2: str) -> None:
        self._put(_r(1, rs2, rs1, 7, rd, 0x33))

    def lui(self, rd: str, upper: int) -> None:
        self._put((upper & 0xFFFFF) << 12 | REGISTERS[rd] << 7 | 0x37)

    # Control, system and pseudo instructions.
    def beq(self, rs1: str, rs2: str, target: str) -> None:
        self._put_relative(target, lambda offset: _b(offset, rs2, rs1, 0))

    def bne(self, rs1: str, rs2: str, target: str) -> None:
        self._put_relative(target, lambda offset: _b(offset, rs2, rs1, 1))

    def bltu(self, rs1: str, rs2: str, target: str) -> None:
        self._put_relative(target, lambda offset: _b(offset, rs2, rs1, 6))

    def beqz(self, rs1: str, target: str) -> None:
        self.beq(rs1, "zero", target)

    def bnez(self, rs1: str, target: str) -> None:
        self.bne(rs1, "zero", target)

    def jal(self, rd: str, target: str) -> None:
        self._put_relative(target, lambda offset: _j(offset, rd))

    def j(self, target: str) -> None:
        self.jal("zero", target)

    def ret(self) -> None:
        self._put(_i(0, "ra", 0, "zero", 0x67))

    def ecall(self) -> None:
        self._put(0x00000073)

    def ebreak(self) -> None:
        self._put(0x00100073)

    def fence_read_read(self) -> None:
        self._put(0x0220000F)

    def rdtime(self, rd: str) -> None:
        self._put(_i(TIME_CSR, "zero", 2, rd, 0x73))

    def mv(self, rd: str, rs1: str) -> None:
        self.addi(rd, rs1, 0)

    def li(self, rd: str, value: int) -> None:
        """A constant of 32 bits, signed."""
        if -2048 <= value < 2048:
            self.addi(rd, "zero", value)
            return
        if not -(1 << 31) <= value < 1 << 31:
            raise ValueError(f"{value} needs more than 32 bits")
        low = (value & 0xFFF) - ((value & 0x800) << 1)
        self.lui(rd, (value - low) >> 12)
        if low:
            self.addiw(rd, rd, low)

    def la(self, rd: str, address: int) -> None:
        """An address within 2 GiB of the instruction, relative to it."""

        def low_of(offset: int) -> int:
            return (offset & 0xFFF) - ((offset & 0x800) << 1)

        def upper(pc: int) -> int:
            offset = address - pc
            return (((offset - low_of(offset)) >> 12) & 0xFFFFF) << 12 | REGISTERS[rd] << 7 | 0x17

        self.words.append(upper)
        self.words.append(lambda pc: _i(low_of(address - (pc - 4)), rd, 0, rd, 0x13))
