"""memcpy, memmove, memset and memcmp: the four functions that compiled code calls by these C names.

Written as assembly because a compiler turns a copying loop into a call of memcpy. The target of each loop is aligned to 8 bytes first; the
source may be misaligned (QEMU does such loads at full speed, other machines in hardware or in firmware). Blocks of 64 bytes, then
words, then bytes; memcpy moves 4 to 15 bytes as two words that may overlap.
"""

from scarlet.lang import i32, u64
from scarlet.lang.raw import naked


@naked(symbol="memcpy")
def copy(target: u64, source: u64, count: u64) -> u64:
    """asm:
        mv t1, a0
        add t6, a0, a2
        li t0, 16
        bgeu a2, t0, 1f
        li t0, 8
        bgeu a2, t0, 8f
        li t0, 4
        bltu a2, t0, 5f
        lw t0, 0(a1)
        add a1, a1, a2
        lw t2, -4(a1)
        sw t0, 0(a0)
        sw t2, -4(t6)
        ret
    8:  ld t0, 0(a1)
        add a1, a1, a2
        ld t2, -8(a1)
        sd t0, 0(a0)
        sd t2, -8(t6)
        ret
    1:  andi t2, t1, 7
        beqz t2, 2f
        lbu t3, 0(a1)
        sb t3, 0(t1)
        addi a1, a1, 1
        addi t1, t1, 1
        j 1b
    2:  addi t5, t6, -64
        bgtu t1, t5, 4f
    3:  ld t0, 0(a1)
        ld t2, 8(a1)
        ld t3, 16(a1)
        ld t4, 24(a1)
        ld a3, 32(a1)
        ld a4, 40(a1)
        ld a5, 48(a1)
        ld a6, 56(a1)
        sd t0, 0(t1)
        sd t2, 8(t1)
        sd t3, 16(t1)
        sd t4, 24(t1)
        sd a3, 32(t1)
        sd a4, 40(t1)
        sd a5, 48(t1)
        sd a6, 56(t1)
        addi a1, a1, 64
        addi t1, t1, 64
        bleu t1, t5, 3b
    4:  addi t5, t6, -8
        bgtu t1, t5, 5f
        ld t0, 0(a1)
        sd t0, 0(t1)
        addi a1, a1, 8
        addi t1, t1, 8
        j 4b
    5:  bgeu t1, t6, 7f
    6:  lbu t3, 0(a1)
        sb t3, 0(t1)
        addi a1, a1, 1
        addi t1, t1, 1
        bltu t1, t6, 6b
    7:  ret
    """
    return 0


@naked(symbol="memmove")
def move(target: u64, source: u64, count: u64) -> u64:
    """asm:
        sub t0, a0, a1
        bgeu t0, a2, memcpy
        add t1, a0, a2
        add a1, a1, a2
        li t0, 16
        bltu a2, t0, 4f
    1:  andi t2, t1, 7
        beqz t2, 2f
        addi a1, a1, -1
        addi t1, t1, -1
        lbu t3, 0(a1)
        sb t3, 0(t1)
        j 1b
    2:  addi t5, a0, 8
    3:  bltu t1, t5, 4f
        addi a1, a1, -8
        addi t1, t1, -8
        ld t3, 0(a1)
        sd t3, 0(t1)
        j 3b
    4:  bgeu a0, t1, 6f
    5:  addi a1, a1, -1
        addi t1, t1, -1
        lbu t3, 0(a1)
        sb t3, 0(t1)
        bltu a0, t1, 5b
    6:  ret
    """
    return 0


@naked(symbol="memset")
def fill(target: u64, value: u64, count: u64) -> u64:
    """asm:
        mv t1, a0
        add t6, a0, a2
        andi a1, a1, 255
        li t0, 16
        bltu a2, t0, 5f
        slli t0, a1, 8
        or a1, a1, t0
        slli t0, a1, 16
        or a1, a1, t0
        slli t0, a1, 32
        or a1, a1, t0
    1:  andi t2, t1, 7
        beqz t2, 2f
        sb a1, 0(t1)
        addi t1, t1, 1
        j 1b
    2:  addi t5, t6, -64
        bgtu t1, t5, 4f
    3:  sd a1, 0(t1)
        sd a1, 8(t1)
        sd a1, 16(t1)
        sd a1, 24(t1)
        sd a1, 32(t1)
        sd a1, 40(t1)
        sd a1, 48(t1)
        sd a1, 56(t1)
        addi t1, t1, 64
        bleu t1, t5, 3b
    4:  addi t5, t6, -8
        bgtu t1, t5, 5f
        sd a1, 0(t1)
        addi t1, t1, 8
        j 4b
    5:  bgeu t1, t6, 7f
    6:  sb a1, 0(t1)
        addi t1, t1, 1
        bltu t1, t6, 6b
    7:  ret
    """
    return 0


@naked(symbol="memcmp")
def compare(left: u64, right: u64, count: u64) -> i32:
    """asm:
        add t6, a0, a2
        addi t5, t6, -8
        li t0, 8
        bltu a2, t0, 2f
    1:  bgtu a0, t5, 2f
        ld t1, 0(a0)
        ld t2, 0(a1)
        bne t1, t2, 2f
        addi a0, a0, 8
        addi a1, a1, 8
        j 1b
    2:  bgeu a0, t6, 3f
        lbu t1, 0(a0)
        lbu t2, 0(a1)
        bne t1, t2, 4f
        addi a0, a0, 1
        addi a1, a1, 1
        j 2b
    3:  li a0, 0
        ret
    4:  sub a0, t1, t2
        ret
    """
    return 0
