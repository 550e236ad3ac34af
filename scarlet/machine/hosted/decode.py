"""What a faulting instruction was about: the address it used and how many bytes, or whether it reads the clock.

Unicorn does not tell stval, so it is found as a debugger would: from the instruction and the registers, which a fault leaves as they were.
Source: RISC-V unprivileged specification, chapters "RV32I", "A", "C" and the instruction listings.
"""

from dataclasses import dataclass

BREAKPOINT_32 = 0x0010_0073
BREAKPOINT_16 = 0x9002
RDTIME = 0xC010_2073
"""csrrs rd, time, x0 with rd = 0."""


@dataclass
class Access:
    """A memory access of an instruction: base register, displacement, width; `store` is false for a plain load and for lr."""

    base: int
    displacement: int
    size: int
    store: bool
    atomic: bool = False


def length_of(instruction: int) -> int:
    return 4 if instruction & 3 == 3 else 2


def rdtime_target(instruction: int) -> int | None:
    """The register that an rdtime writes; None for another instruction."""
    return instruction >> 7 & 31 if instruction & ~(31 << 7) == RDTIME else None


def is_breakpoint(instruction: int) -> bool:
    return instruction == BREAKPOINT_32 or instruction & 0xFFFF == BREAKPOINT_16


def memory_access(instruction: int) -> Access | None:
    """The access that the instruction makes; None if it makes none."""
    return _wide(instruction) if length_of(instruction) == 4 else _compressed(instruction & 0xFFFF)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def _wide(word: int) -> Access | None:
    opcode, width, base = word & 0x7F, word >> 12 & 7, word >> 15 & 31
    match opcode:
        case 0x03 | 0x07:  # LOAD, LOAD-FP: the unsigned loads set bit 2 of the width
            return Access(base, _signed(word >> 20, 12), 1 << (width & 3), store=False)
        case 0x23 | 0x27:  # STORE, STORE-FP
            return Access(base, _signed((word >> 25) << 5 | word >> 7 & 31, 12), 1 << (width & 3), store=True)
        case 0x2F:  # AMO: displacement none; 00010 is lr
            return Access(base, 0, 1 << (width & 3), store=word >> 27 != 0b00010, atomic=True)
        case _:
            return None


def _compressed(half: int) -> Access | None:
    quadrant, function = half & 3, half >> 13
    # funct3: 1 fld, 2 lw, 3 ld, 5 fsd, 6 sw, 7 sd (RV64)
    if quadrant not in (0, 2) or function in (0, 4):
        return None
    store, word = function >= 5, function in (2, 6)
    if quadrant == 0:
        base = 8 + (half >> 7 & 7)
        middle = (half >> 10 & 7) << 3
        low = (half >> 6 & 1) << 2 | (half >> 5 & 1) << 6 if word else (half >> 5 & 3) << 6
        return Access(base, middle | low, 4 if word else 8, store)
    if store:
        offset = (half >> 9 & 15) << 2 | (half >> 7 & 3) << 6 if word else (half >> 10 & 7) << 3 | (half >> 7 & 7) << 6
    else:
        high = (half >> 12 & 1) << 5
        offset = high | (half >> 4 & 7) << 2 | (half >> 2 & 3) << 6 if word else high | (half >> 5 & 3) << 3 | (half >> 2 & 7) << 6
    return Access(2, offset, 4 if word else 8, store)
