"""The registers of an interrupted user program, and why it was interrupted.

The attributes of TrapFrame are 8-byte words in the order in which the trap entry of the bare machine stores them: the word at index n is
register xn, and word 0, x0 being constant, is the program counter (riscv64/trap.py relies on it).

Source: RISC-V privileged specification, table "Supervisor cause register (scause) values after trap"; unprivileged
specification, table of ABI names.
"""

from enum import IntEnum
from typing import Final

from scarlet.lang import u64

INTERRUPT: Final = 0x100
"""Added to the number of an interrupt, so that one int tells interrupts from exceptions."""


class Cause(IntEnum):
    """Why user mode was left: exception codes as in scause, interrupts with INTERRUPT added."""

    INSTRUCTION_MISALIGNED = 0
    INSTRUCTION_ACCESS_FAULT = 1
    ILLEGAL_INSTRUCTION = 2
    BREAKPOINT = 3
    LOAD_MISALIGNED = 4
    LOAD_ACCESS_FAULT = 5
    STORE_MISALIGNED = 6
    STORE_ACCESS_FAULT = 7
    USER_ECALL = 8
    SUPERVISOR_ECALL = 9
    INSTRUCTION_PAGE_FAULT = 12
    LOAD_PAGE_FAULT = 13
    STORE_PAGE_FAULT = 15
    SOFTWARE_INTERRUPT = 0x101
    TIMER_INTERRUPT = 0x105
    EXTERNAL_INTERRUPT = 0x109


class TrapFrame:
    """All integer registers of a user program; status, cause and value are sstatus, the Cause and stval of its last trap."""

    def __init__(self) -> None:
        self.pc: u64 = 0
        self.ra: u64 = 0
        self.sp: u64 = 0
        self.gp: u64 = 0
        self.tp: u64 = 0
        self.t0: u64 = 0
        self.t1: u64 = 0
        self.t2: u64 = 0
        self.s0: u64 = 0
        self.s1: u64 = 0
        self.a0: u64 = 0
        self.a1: u64 = 0
        self.a2: u64 = 0
        self.a3: u64 = 0
        self.a4: u64 = 0
        self.a5: u64 = 0
        self.a6: u64 = 0
        self.a7: u64 = 0
        self.s2: u64 = 0
        self.s3: u64 = 0
        self.s4: u64 = 0
        self.s5: u64 = 0
        self.s6: u64 = 0
        self.s7: u64 = 0
        self.s8: u64 = 0
        self.s9: u64 = 0
        self.s10: u64 = 0
        self.s11: u64 = 0
        self.t3: u64 = 0
        self.t4: u64 = 0
        self.t5: u64 = 0
        self.t6: u64 = 0
        self.status: u64 = 0
        self.cause: u64 = 0
        self.value: u64 = 0

    def get(self, number: int) -> u64:
        """Register x0 to x31 by number; x0 is 0. ValueError for another number."""
        match number:
            case 0:
                return u64(0)
            case 1:
                return self.ra
            case 2:
                return self.sp
            case 3:
                return self.gp
            case 4:
                return self.tp
            case 5:
                return self.t0
            case 6:
                return self.t1
            case 7:
                return self.t2
            case 8:
                return self.s0
            case 9:
                return self.s1
            case 10:
                return self.a0
            case 11:
                return self.a1
            case 12:
                return self.a2
            case 13:
                return self.a3
            case 14:
                return self.a4
            case 15:
                return self.a5
            case 16:
                return self.a6
            case 17:
                return self.a7
            case 18:
                return self.s2
            case 19:
                return self.s3
            case 20:
                return self.s4
            case 21:
                return self.s5
            case 22:
                return self.s6
            case 23:
                return self.s7
            case 24:
                return self.s8
            case 25:
                return self.s9
            case 26:
                return self.s10
            case 27:
                return self.s11
            case 28:
                return self.t3
            case 29:
                return self.t4
            case 30:
                return self.t5
            case 31:
                return self.t6
            case _:
                raise ValueError("registers are x0 to x31")

    def set(self, number: int, value: u64) -> None:
        """Set register x0 to x31 by number; setting x0 does nothing. ValueError for another number."""
        match number:
            case 0:
                pass
            case 1:
                self.ra = value
            case 2:
                self.sp = value
            case 3:
                self.gp = value
            case 4:
                self.tp = value
            case 5:
                self.t0 = value
            case 6:
                self.t1 = value
            case 7:
                self.t2 = value
            case 8:
                self.s0 = value
            case 9:
                self.s1 = value
            case 10:
                self.a0 = value
            case 11:
                self.a1 = value
            case 12:
                self.a2 = value
            case 13:
                self.a3 = value
            case 14:
                self.a4 = value
            case 15:
                self.a5 = value
            case 16:
                self.a6 = value
            case 17:
                self.a7 = value
            case 18:
                self.s2 = value
            case 19:
                self.s3 = value
            case 20:
                self.s4 = value
            case 21:
                self.s5 = value
            case 22:
                self.s6 = value
            case 23:
                self.s7 = value
            case 24:
                self.s8 = value
            case 25:
                self.s9 = value
            case 26:
                self.s10 = value
            case 27:
                self.s11 = value
            case 28:
                self.t3 = value
            case 29:
                self.t4 = value
            case 30:
                self.t5 = value
            case 31:
                self.t6 = value
            case _:
                raise ValueError("registers are x0 to x31")

    def copy_from(self, other: "TrapFrame") -> None:
        """Become equal to the other frame."""
        self.pc = other.pc
        self.ra = other.ra
        self.sp = other.sp
        self.gp = other.gp
        self.tp = other.tp
        self.t0 = other.t0
        self.t1 = other.t1
        self.t2 = other.t2
        self.s0 = other.s0
        self.s1 = other.s1
        self.a0 = other.a0
        self.a1 = other.a1
        self.a2 = other.a2
        self.a3 = other.a3
        self.a4 = other.a4
        self.a5 = other.a5
        self.a6 = other.a6
        self.a7 = other.a7
        self.s2 = other.s2
        self.s3 = other.s3
        self.s4 = other.s4
        self.s5 = other.s5
        self.s6 = other.s6
        self.s7 = other.s7
        self.s8 = other.s8
        self.s9 = other.s9
        self.s10 = other.s10
        self.s11 = other.s11
        self.t3 = other.t3
        self.t4 = other.t4
        self.t5 = other.t5
        self.t6 = other.t6
        self.status = other.status
        self.cause = other.cause
        self.value = other.value
