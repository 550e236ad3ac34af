"""Traps in the kernel with known values in all registers, for what the panic tells of them (broken.py). Bare metal only."""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, address_of, naked, static_bytes
from scarlet.machine import context, timer
from scarlet.machine.context import Context
from tests.machine.worlds.space import ECALL, Frames, Program, say

KNOWN: Final = 0x5EED_0000_0000_0001
"""xN holds this and N << 8: no address, and odd, so that it is no frame pointer either."""
LAST: Final = 31
FRAME_POINTER: Final = 8
LOOP: Final = 0x0000006F
_TABLE: Final = static_bytes(256)


@naked()
def load_registers(table: u64) -> NoReturn:
    """asm:
    ld x1, 8(a0)
    ld x2, 16(a0)
    ld x3, 24(a0)
    ld x4, 32(a0)
    ld x5, 40(a0)
    ld x6, 48(a0)
    ld x7, 56(a0)
    ld x8, 64(a0)
    ld x9, 72(a0)
    ld x11, 88(a0)
    ld x12, 96(a0)
    ld x13, 104(a0)
    ld x14, 112(a0)
    ld x15, 120(a0)
    ld x16, 128(a0)
    ld x17, 136(a0)
    ld x18, 144(a0)
    ld x19, 152(a0)
    ld x20, 160(a0)
    ld x21, 168(a0)
    ld x22, 176(a0)
    ld x23, 184(a0)
    ld x24, 192(a0)
    ld x25, 200(a0)
    ld x26, 208(a0)
    ld x27, 216(a0)
    ld x28, 224(a0)
    ld x29, 232(a0)
    ld x30, 240(a0)
    ld x31, 248(a0)
    ld x10, 80(a0)
    jr x31
    """
    raise NotImplementedError


@naked()
def illegal() -> None:
    """asm:
    .2byte 0
    """


@naked()
def load_from_nowhere() -> None:
    """asm:
    ld a1, 0(a0)
    """


@naked()
def misaligned() -> None:
    """asm:
    amoadd.w a1, a1, (sp)
    """


def fill_and_trap(what: bytes) -> NoReturn:
    """Into the trap with every register known; the last one says where the trap is."""
    table = Ptr[u64](_TABLE.address)
    for number in range(1, LAST + 1):
        table[number] = u64(KNOWN + (number << 8))
    if what == b"illegal":
        table[LAST] = address_of(illegal)
    elif what == b"load":
        table[LAST] = address_of(load_from_nowhere)
    elif what == b"misaligned":
        table[LAST] = address_of(misaligned)
    elif what == b"nested":
        table[LAST] = address_of(illegal)
        table[FRAME_POINTER] = u64(KNOWN - 1)  # the report itself makes a trap when it follows that
    load_registers(_TABLE.address)


class Thread(Context):
    """A kernel thread: it was never in user mode."""

    def __init__(self, what: bytes) -> None:
        super().__init__()
        self.what = what

    def run(self) -> None:
        fill_and_trap(self.what)


def dead_owner(frames: Frames) -> list[bytes]:
    """A user thread has come, gone and left its memory to others, who filled it."""
    program = Program(frames, [ECALL])
    program.enter()
    del program
    return [b"\xff" * size for size in range(16, 512, 4) for _ in range(8)]


def run(before: bytes, what: bytes) -> None:
    """What goes before the trap, and the trap."""
    frames = Frames()
    program = Program(frames, [ECALL, LOOP])
    kept: list[bytes] = []
    if before == b"interrupt":
        timer.set_deadline(timer.ticks() + timer.frequency() // 1000)
        program.frame.pc += 4
    if before != b"nothing":
        say(f"cause {program.enter()}")
    if before == b"thread":
        thread = Thread(what)
        thread.start()
        context.switch(Context(), thread)
    elif before == b"death":
        kept = dead_owner(frames)
    say(f"after {before.decode()}, {len(kept)} pieces")
    fill_and_trap(what)
