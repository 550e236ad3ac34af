"""Into user mode and back: the only code that touches all registers.

Contract between enter_user_mode and trap_entry, both of which know the layout of a TrapFrame object: a header of 16
bytes, then words, of which word n is register xn, word 0 the pc, word 33 the cause and word 34 the value.

- sscratch holds the address of the frame whenever user code runs, and keeps it afterwards (user_state.py): it is
  written when another thread's turn comes, not on each trap.
- While user code runs, the frame's `cause` word holds the kernel's stack pointer, above which lie ra, s0 and tp; the
  other registers are the caller's business (keeps=False). While the kernel runs, it holds a cause: it is not negative,
  as the address of a stack is, and so tells a trap in the kernel.
- A trap from user mode stores the registers into the frame and returns from enter_user_mode with the cause. satp does
  not change, sstatus is not written.
- A trap in the kernel is the end: it is reported on a stack of its own (panic.py).
- Both lie at the beginning of a page, at fixed places. QEMU finds a block of code that is reached otherwise than by a
  direct jump (and what follows an access to a CSR is such a block) in a table with 64 slots for each page; two blocks in
  one slot cost 60 ns each at every trap. The bytes skipped between the two functions keep all of them apart
  (tests/machine/test_trap_layout.py).
- sstatus.SIE is never set: interrupts are taken in user mode only.

Source: RISC-V privileged specification, chapter "Supervisor-Level ISA".
"""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import naked

ENABLED_INTERRUPTS: Final = 0x222
"""sie: software 1, timer 5, external 9."""
USER_COUNTERS: Final = 2
"""scounteren: user code may read time, but not cycle and instret, which would tell it what others do."""
NO_FRAME_OFFSET: Final = 512
"""What lies that far below the top of the panic stack serves as frame when no user thread's is there: its `cause` word stays 0."""


@naked(section=".text.trap", align=64, keeps=False)
def enter_user_mode(frame: u64) -> u64:
    """asm:
    addi sp, sp, -32
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd tp, 16(sp)
    sd sp, 280(a0)
    ld t0, 16(a0)
    csrw sepc, t0
    ld ra, 24(a0)
    ld sp, 32(a0)
    ld gp, 40(a0)
    ld tp, 48(a0)
    ld t0, 56(a0)
    ld t1, 64(a0)
    ld t2, 72(a0)
    ld s0, 80(a0)
    ld s1, 88(a0)
    ld a1, 104(a0)
    ld a2, 112(a0)
    ld a3, 120(a0)
    ld a4, 128(a0)
    ld a5, 136(a0)
    ld a6, 144(a0)
    ld a7, 152(a0)
    ld s2, 160(a0)
    ld s3, 168(a0)
    ld s4, 176(a0)
    ld s5, 184(a0)
    ld s6, 192(a0)
    ld s7, 200(a0)
    ld s8, 208(a0)
    ld s9, 216(a0)
    ld s10, 224(a0)
    ld s11, 232(a0)
    ld t3, 240(a0)
    ld t4, 248(a0)
    ld t5, 256(a0)
    ld t6, 264(a0)
    ld a0, 96(a0)
    sret
    .skip 8
    """
    raise NotImplementedError


@naked(section=".text.trap", align=4)
def trap_entry() -> None:
    """asm:
    csrrw a0, sscratch, a0
    sd t0, 56(a0)
    ld t0, 280(a0)
    bgez t0, 1f
    sd ra, 24(a0)
    sd sp, 32(a0)
    sd gp, 40(a0)
    sd tp, 48(a0)
    sd t1, 64(a0)
    sd t2, 72(a0)
    sd s0, 80(a0)
    sd s1, 88(a0)
    sd a1, 104(a0)
    sd a2, 112(a0)
    sd a3, 120(a0)
    sd a4, 128(a0)
    sd a5, 136(a0)
    sd a6, 144(a0)
    sd a7, 152(a0)
    sd s2, 160(a0)
    sd s3, 168(a0)
    sd s4, 176(a0)
    sd s5, 184(a0)
    sd s6, 192(a0)
    sd s7, 200(a0)
    sd s8, 208(a0)
    sd s9, 216(a0)
    sd s10, 224(a0)
    sd s11, 232(a0)
    sd t3, 240(a0)
    sd t4, 248(a0)
    sd t5, 256(a0)
    sd t6, 264(a0)
    csrrw t1, sscratch, a0
    sd t1, 96(a0)
    csrr t1, sepc
    sd t1, 16(a0)
    mv sp, t0
    csrr t1, scause
    li t2, 8
    beq t1, t2, 2f
    csrr t0, stval
    sd t0, 288(a0)
    bgez t1, 2f
    andi t1, t1, 255
    ori t1, t1, 256
    2:
    sd t1, 280(a0)
    mv a0, t1
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld tp, 16(sp)
    addi sp, sp, 32
    ret

    # A trap in the kernel: sscratch holds a0, the frame t0. The pc and x1 to x31 go below the top of the panic stack, as
    # words by register number. From now on that is the frame: a trap in what follows starts here again.
    1:
    ld t0, 56(a0)
    la a0, panic_stack_top
    addi a0, a0, -512
    sd ra, 8(a0)
    sd sp, 16(a0)
    sd gp, 24(a0)
    sd tp, 32(a0)
    sd t0, 40(a0)
    sd t1, 48(a0)
    sd t2, 56(a0)
    sd s0, 64(a0)
    sd s1, 72(a0)
    sd a1, 88(a0)
    sd a2, 96(a0)
    sd a3, 104(a0)
    sd a4, 112(a0)
    sd a5, 120(a0)
    sd a6, 128(a0)
    sd a7, 136(a0)
    sd s2, 144(a0)
    sd s3, 152(a0)
    sd s4, 160(a0)
    sd s5, 168(a0)
    sd s6, 176(a0)
    sd s7, 184(a0)
    sd s8, 192(a0)
    sd s9, 200(a0)
    sd s10, 208(a0)
    sd s11, 216(a0)
    sd t3, 224(a0)
    sd t4, 232(a0)
    sd t5, 240(a0)
    sd t6, 248(a0)
    csrrw t0, sscratch, a0
    sd t0, 80(a0)
    csrr a1, sepc
    sd a1, 0(a0)
    csrr a1, scause
    csrr a2, stval
    mv sp, a0
    call scarlet_kernel_trap
    """


@naked()
def switch_stacks(save_to: u64, load_from: u64) -> None:
    """asm:
    addi sp, sp, -112
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    sd s2, 24(sp)
    sd s3, 32(sp)
    sd s4, 40(sp)
    sd s5, 48(sp)
    sd s6, 56(sp)
    sd s7, 64(sp)
    sd s8, 72(sp)
    sd s9, 80(sp)
    sd s10, 88(sp)
    sd s11, 96(sp)
    sd sp, 0(a0)
    mv a0, a1
    tail scarlet_resume
    """


@naked(symbol="scarlet_resume")
def resume(load_from: u64) -> NoReturn:
    """asm:
    ld sp, 0(a0)
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    ld s2, 24(sp)
    ld s3, 32(sp)
    ld s4, 40(sp)
    ld s5, 48(sp)
    ld s6, 56(sp)
    ld s7, 64(sp)
    ld s8, 72(sp)
    ld s9, 80(sp)
    ld s10, 88(sp)
    ld s11, 96(sp)
    addi sp, sp, 112
    ret
    """
    raise NotImplementedError


@naked()
def first_steps() -> None:
    """asm:
    # Where switch_stacks returns to in a context that has never run: s1 holds its address, which the stack owns (context.py).
    mv a0, s1
    li s0, 0
    call scarlet_context_run
    """


@naked()
def save_float(area: u64) -> None:
    """asm:
    .option push
    .option arch, +d
    fsd f0, 0(a0)
    fsd f1, 8(a0)
    fsd f2, 16(a0)
    fsd f3, 24(a0)
    fsd f4, 32(a0)
    fsd f5, 40(a0)
    fsd f6, 48(a0)
    fsd f7, 56(a0)
    fsd f8, 64(a0)
    fsd f9, 72(a0)
    fsd f10, 80(a0)
    fsd f11, 88(a0)
    fsd f12, 96(a0)
    fsd f13, 104(a0)
    fsd f14, 112(a0)
    fsd f15, 120(a0)
    fsd f16, 128(a0)
    fsd f17, 136(a0)
    fsd f18, 144(a0)
    fsd f19, 152(a0)
    fsd f20, 160(a0)
    fsd f21, 168(a0)
    fsd f22, 176(a0)
    fsd f23, 184(a0)
    fsd f24, 192(a0)
    fsd f25, 200(a0)
    fsd f26, 208(a0)
    fsd f27, 216(a0)
    fsd f28, 224(a0)
    fsd f29, 232(a0)
    fsd f30, 240(a0)
    fsd f31, 248(a0)
    frcsr t0
    sd t0, 256(a0)
    .option pop
    ret
    """


@naked()
def load_float(area: u64) -> None:
    """asm:
    .option push
    .option arch, +d
    fld f0, 0(a0)
    fld f1, 8(a0)
    fld f2, 16(a0)
    fld f3, 24(a0)
    fld f4, 32(a0)
    fld f5, 40(a0)
    fld f6, 48(a0)
    fld f7, 56(a0)
    fld f8, 64(a0)
    fld f9, 72(a0)
    fld f10, 80(a0)
    fld f11, 88(a0)
    fld f12, 96(a0)
    fld f13, 104(a0)
    fld f14, 112(a0)
    fld f15, 120(a0)
    fld f16, 128(a0)
    fld f17, 136(a0)
    fld f18, 144(a0)
    fld f19, 152(a0)
    fld f20, 160(a0)
    fld f21, 168(a0)
    fld f22, 176(a0)
    fld f23, 184(a0)
    fld f24, 192(a0)
    fld f25, 200(a0)
    fld f26, 208(a0)
    fld f27, 216(a0)
    fld f28, 224(a0)
    fld f29, 232(a0)
    fld f30, 240(a0)
    fld f31, 248(a0)
    ld t0, 256(a0)
    fscsr t0
    .option pop
    ret
    """
