"""The debugger's channel: a trap that QEMU (started with -semihosting-config) serves as a call, writing to its character device.

Source: "Semihosting for AArch32 and AArch64" (Arm), which RISC-V adopted with its own trap: three uncompressed
instructions, in one page, of which the middle one is ebreak. Without a debugger the trap would be a breakpoint: use it
only when the command line says that there is one.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import address_of, load8, naked, static_bytes, store8

WRITE_CHARACTER: Final = 0x03
"""SYS_WRITEC: the character at an address."""
WRITE_TEXT: Final = 0x04
"""SYS_WRITE0: the characters from an address up to a zero byte. (SYS_WRITE has a count, but QEMU 7.2 takes it to its own
standard output.)"""
PIECE_BYTES: Final = 1024

_PIECE: Final = static_bytes(PIECE_BYTES + 8)


@naked(align=16)
def call(number: u64, parameter: u64) -> u64:
    """asm:
    .option push
    .option norvc
    slli zero, zero, 0x1f
    ebreak
    srai zero, zero, 7
    ret
    .option pop
    """
    raise NotImplementedError


def is_call(pc: u64) -> bool:
    """Is this the address of a call's ebreak? One that traps was made to nobody."""
    return pc == u64(address_of(call) + 4)


def write(start: u64, count: u64) -> None:
    """Write bytes to the debugger's console: zero bytes one by one, what lies between them in pieces."""
    end = u64(start + count)
    while start < end:
        start = u64(start + write_piece(start, end))
        if start < end and load8(start) == 0:
            call(WRITE_CHARACTER, start)
            start = u64(start + 1)


def write_piece(start: u64, end: u64) -> u64:
    """Write what comes before the next zero byte, at most PIECE_BYTES; gives how much that was."""
    count = u64(0)
    while u64(start + count) < end and count < PIECE_BYTES and load8(u64(start + count)) != 0:
        store8(u64(_PIECE.address + count), load8(u64(start + count)))
        count = u64(count + 1)
    if count > 0:
        store8(u64(_PIECE.address + count), 0)
        call(WRITE_TEXT, _PIECE.address)
    return count
