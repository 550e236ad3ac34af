"""From the firmware to Python: OpenSBI jumps to `_start` in supervisor mode without address translation, a0 holding the
hart's number and a1 the physical address of the device tree (RISC-V SBI specification; Linux' boot convention).

`_start` maps the first 4 GiB three times with 1 GiB pages: where they are (for the next few instructions), in the
direct map, and where the image is linked. The map of the kernel with its final rights is made by memory_map.py, still
before any module of the kernel runs.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, csr_write, export, naked, run_module_initialisers, static_bytes
from scarlet.machine import memory_map, panic, trap


@naked(section=".text.boot")
def _start() -> None:
    """asm:
    csrw sie, zero
    csrw satp, zero

    # Other harts stay with the firmware (hart state management); the one that is here clears .bss and boot_root.
    la t0, bss_start
    la t1, boot_stack_guard
    1:
    sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b

    # boot_root: entry n, 256 + n (direct map) and, for the image, 510, as leaves V R W X G A D (0xef).
    la t0, boot_root
    li t1, 0xef
    li t2, 0
    li t3, 4
    li t4, 0x10000000
    2:
    slli t5, t2, 3
    add t5, t5, t0
    sd t1, 0(t5)
    li t6, 2048
    add t5, t5, t6
    sd t1, 0(t5)
    add t1, t1, t4
    addi t2, t2, 1
    bltu t2, t3, 2b
    li t1, 0x200000ef
    li t5, 4080
    add t5, t5, t0
    sd t1, 0(t5)

    # Turn translation on and jump up: 0xffffffff00000000 is virtual minus physical address.
    srli t0, t0, 12
    li t1, 8
    slli t1, t1, 60
    or t0, t0, t1
    sfence.vma
    csrw satp, t0
    sfence.vma
    li t2, -1
    slli t2, t2, 32
    la t0, 3f
    add t0, t0, t2
    jr t0
    3:
    la sp, boot_stack_top
    la t0, panic_stack_top
    addi t0, t0, -512
    csrw sscratch, t0
    la t0, trap_entry
    csrw stvec, t0
    li tp, 0
    li s0, 0
    call scarlet_start
    4:
    wfi
    j 4b
    """


_FIRMWARE: Final = static_bytes(16)
"""What the firmware passed: the boot hart's number, the physical address of the device tree."""


def boot_hart() -> int:
    """The number of the hart that the firmware started."""
    return int(Ptr[u64](_FIRMWARE.address)[0])


def device_tree() -> int:
    """The physical address of the device tree."""
    return int(Ptr[u64](_FIRMWARE.address)[1])


@export("scarlet_start")
def start(hart: u64, device_tree_pa: u64) -> None:
    """The first Python code. Nothing may be allocated before the page source works; no module has run its top level yet."""
    Ptr[u64](_FIRMWARE.address)[0] = hart
    Ptr[u64](_FIRMWARE.address)[1] = device_tree_pa
    memory_map.build()
    csr_write("sie", trap.ENABLED_INTERRUPTS)
    csr_write("scounteren", trap.USER_COUNTERS)
    run_module_initialisers()
    panic.panic("the kernel's main module came back")
