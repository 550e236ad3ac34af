"""Unicorn as the hart's user mode: the RAM, page tables and registers are the machine's own, the traps come back as in
scause, sepc and stval.

What was measured with Unicorn 2.1.4 and is relied on here:
- A trap is reported by the interrupt hook with the exception code; the pc then reads 4 past the instruction, whatever
  its length. Exceptions are ebreak and accesses to physical addresses without memory, which end emu_start with an error
  and leave the pc at the instruction.
- satp takes a write only in a privileged mode, and the translations remembered must be forgotten by an explicit flush.
- Code that was translated is not looked at again when the host changes memory: `code_pages` remembers which pages hold
  such code (the edge hook is called for each new block but the first of a run), and physmem reports writes
  into them.
- `count` bounds the instructions of a run exactly, but how many ran before a trap is not told: each trap counts as TRAP_INSTRUCTIONS.
- rdtime is not implemented (it traps; the engine answers it), rdcycle and rdinstret cannot be forbidden and read the host's counter.
"""

import ctypes
import struct
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import unicorn
from unicorn import riscv_const as reg
from unicorn.unicorn_py3.unicorn import Uc, UcError, uclib

from scarlet.machine import physmem, sv39
from scarlet.machine.frame import Cause, TrapFrame
from scarlet.machine.hosted import decode
from scarlet.machine.sv39 import Pte

if TYPE_CHECKING:
    from scarlet.machine.context import Context
    from scarlet.machine.hosted.world import World

TRAP_INSTRUCTIONS = 500
"""What a trap costs in instructions of time: entry, a short system call, return."""
SLICE_INSTRUCTIONS = 200_000
"""How long user code runs before the host's input is looked at."""
NOWHERE = 0xFFFF_FFFF_FFFF_FFFF
"""The address at which emu_start would stop: odd, so never a pc."""
USER_MODE, MACHINE_MODE = 0, 3
FLOAT_ON = 3 << 13

NAMES = [
    "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0",
    "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
    "s9", "s10", "s11", "t3", "t4", "t5", "t6",
]  # fmt: skip
_general = attrgetter(*NAMES)
_pack_general = struct.Struct("<31Q")

ERRORS = {
    unicorn.UC_ERR_READ_UNMAPPED: Cause.LOAD_ACCESS_FAULT,
    unicorn.UC_ERR_WRITE_UNMAPPED: Cause.STORE_ACCESS_FAULT,
    unicorn.UC_ERR_FETCH_UNMAPPED: Cause.INSTRUCTION_ACCESS_FAULT,
    unicorn.UC_ERR_INSN_INVALID: Cause.ILLEGAL_INSTRUCTION,
}


class _Registers:
    """A group of registers moved in one call: `words` is the buffer that they are read into and written from."""

    def __init__(self, handle: Any, numbers: list[int]) -> None:
        count = len(numbers)
        self.words = (ctypes.c_uint64 * count)()
        self._handle = handle
        self._count = count
        self._numbers = (ctypes.c_int * count)(*numbers)
        start = ctypes.addressof(self.words)
        self._pointers = (ctypes.c_void_p * count)(*[start + 8 * index for index in range(count)])

    def read(self) -> None:
        uclib.uc_reg_read_batch(self._handle, self._numbers, self._pointers, self._count)

    def write(self) -> None:
        uclib.uc_reg_write_batch(self._handle, self._numbers, self._pointers, self._count)


class Engine:
    """One hart's user mode. `float_owner` is the context whose floating-point registers are loaded."""

    def __init__(self, machine: "World") -> None:
        self._machine = machine
        self._uc = Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64)
        self._uc.mem_map_ptr(machine.ram_base, machine.memory, unicorn.UC_PROT_ALL, machine.ram_address)
        self._uc.reg_write(reg.UC_RISCV_REG_MSTATUS, self._uc.reg_read(reg.UC_RISCV_REG_MSTATUS) | FLOAT_ON)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_trap)
        self._uc.hook_add(unicorn.UC_HOOK_EDGE_GENERATED, self._on_new_block)
        self._general = _Registers(self._uc._uch, [reg.UC_RISCV_REG_X0 + number for number in range(1, 32)])
        self._float = _Registers(self._uc._uch, [reg.UC_RISCV_REG_F0 + number for number in range(32)])
        self._trap: int | None = None
        self._noted: set[int] = set()
        """Numbers of virtual pages known to be among physmem.code_pages."""
        self.float_owner: Context | None = None

    # -- running

    def run(self, frame: TrapFrame, count: int) -> Cause | None:
        """Run at most `count` instructions; None when all were run. Sets frame.cause and frame.value on a trap."""
        self._prepare(frame.pc)
        ctypes.memmove(self._general.words, _pack_general.pack(*_general(frame)), 31 * 8)
        self._general.write()
        self._trap = None
        error = unicorn.UC_ERR_OK
        try:
            self._uc.emu_start(frame.pc, NOWHERE, 0, count)
        except UcError as failure:
            error = failure.errno
        self._general.read()
        frame.__dict__.update(zip(NAMES, self._general.words, strict=True))
        frame.pc = self._uc.reg_read(reg.UC_RISCV_REG_PC)
        if self._trap is None and error == unicorn.UC_ERR_OK:
            return None
        return self._report(frame, error)

    def _prepare(self, pc: int) -> None:
        mmu = self._machine.mmu
        if mmu.stale:
            self._uc.reg_write(reg.UC_RISCV_REG_PRIV, MACHINE_MODE)
            self._uc.reg_write(reg.UC_RISCV_REG_SATP, sv39.make_satp(mmu.root_pa))
            self._uc.ctl(unicorn.UC_CTL_TLB_FLUSH, unicorn.UC_CTL_IO_WRITE)
            mmu.stale = False
            self._noted.clear()
        if physmem.code_changed():
            self._uc.ctl_flush_tb()
            self._noted.clear()
        self._note_code(pc)
        self._uc.reg_write(reg.UC_RISCV_REG_PRIV, USER_MODE)

    def _on_trap(self, uc: Uc, number: int, _data: object) -> None:
        self._trap = number
        uc.emu_stop()

    def _on_new_block(self, _uc: Uc, block: Any, _previous: Any, _data: object) -> None:
        self._note_code(block.pc)
        self._note_code(block.pc + block.size - 1)

    def _note_code(self, va: int) -> None:
        page = va >> sv39.PAGE_SHIFT
        if page in self._noted:
            return
        pa = self._machine.mmu.translate(va, Pte.X)
        if pa is not None:
            self._noted.add(page)
            physmem.code_pages.add(pa >> sv39.PAGE_SHIFT)

    # -- what happened

    def _report(self, frame: TrapFrame, error: int) -> Cause:
        if self._trap is not None:
            frame.pc = (frame.pc - 4) & NOWHERE
            cause = Cause(self._trap)
        elif error in ERRORS:
            cause = ERRORS[error]
        else:
            raise UcError(error)
        value = 0
        if cause != Cause.USER_ECALL:
            instruction = self._fetch(frame.pc)
            cause, value = self._explain(frame, cause, instruction)
        frame.cause = int(cause)
        frame.value = value
        return cause

    def _explain(self, frame: TrapFrame, cause: Cause, instruction: int | None) -> tuple[Cause, int]:
        """The cause as the hardware would have it, and stval."""
        if cause in (Cause.INSTRUCTION_PAGE_FAULT, Cause.INSTRUCTION_ACCESS_FAULT) or instruction is None:
            return self._explain_fetch(frame.pc, cause, instruction)
        if cause in (Cause.ILLEGAL_INSTRUCTION, Cause.BREAKPOINT):
            return (Cause.BREAKPOINT, frame.pc) if decode.is_breakpoint(instruction) else (Cause.ILLEGAL_INSTRUCTION, instruction)
        access = decode.memory_access(instruction)
        if access is None:
            raise RuntimeError(f"{cause.name} at 0x{frame.pc:x} by the instruction 0x{instruction:x}")
        address = (frame.get(access.base) + access.displacement) & NOWHERE
        if access.store:
            stores = {Cause.LOAD_MISALIGNED: Cause.STORE_MISALIGNED, Cause.LOAD_PAGE_FAULT: Cause.STORE_PAGE_FAULT}
            cause = stores.get(cause, cause)
        last = address + access.size - 1
        if cause in (Cause.LOAD_PAGE_FAULT, Cause.STORE_PAGE_FAULT) and address >> sv39.PAGE_SHIFT != last >> sv39.PAGE_SHIFT:
            wanted = Pte.W if access.store else Pte.R
            if self._machine.mmu.translate(address, wanted) is not None:
                address = sv39.page_down(last)
        return cause, address

    def _explain_fetch(self, pc: int, cause: Cause, instruction: int | None) -> tuple[Cause, int]:
        """Which page could not be fetched from. Straight code is translated ahead: it may be the next page while pc has not got there.

        An illegal instruction at the start of a page is reported as a fault too (Unicorn asks for the page before it).
        """
        if self._machine.mmu.translate(pc, Pte.X) is None:
            return cause, pc
        following = sv39.page_up(pc + 1)
        zero = instruction is not None and instruction & 0xFFFF == 0
        if instruction is not None and pc % sv39.PAGE_SIZE == 0 and (zero or self._machine.mmu.translate(following, Pte.X) is not None):
            return Cause.ILLEGAL_INSTRUCTION, instruction
        return cause, following

    def _fetch(self, pc: int) -> int | None:
        """The instruction at pc; None where it cannot be fetched."""
        low = self._machine.mmu.translate(pc, Pte.X)
        if low is None:
            return None
        instruction = physmem.load16(low)
        if decode.length_of(instruction) == 4:
            high = self._machine.mmu.translate(pc + 2, Pte.X)
            if high is None:
                return None
            instruction |= physmem.load16(high) << 16
        return instruction

    def skip_rdtime(self, frame: TrapFrame, ticks: int) -> bool:
        """After an illegal instruction: if it was rdtime, do it."""
        target = decode.rdtime_target(int(frame.value))
        if target is None:
            return False
        frame.set(target, ticks)
        frame.pc = frame.pc + 4
        return True

    # -- floating point

    def load_float(self, context: "Context") -> None:
        """Make the context's floating-point registers the loaded ones."""
        if self.float_owner is not context:
            self.save_float()
            self._set_float(context.saved_float)
            self.float_owner = context

    def save_float(self) -> None:
        """Write the loaded registers back to the context that owns them."""
        if self.float_owner is not None:
            self._float.read()
            status = self._uc.reg_read(reg.UC_RISCV_REG_FCSR)
            self.float_owner.saved_float = bytes(self._float.words) + status.to_bytes(8, "little")

    def forget_float(self) -> None:
        """What is loaded belongs to nobody any more."""
        self.float_owner = None

    def _set_float(self, data: bytes) -> None:
        ctypes.memmove(self._float.words, data, 32 * 8)
        self._float.write()
        self._uc.reg_write(reg.UC_RISCV_REG_FCSR, int.from_bytes(data[256:264], "little"))
