"""The debugger's channel: a trap that QEMU (started with -semihosting) serves as a call.

Source: "Semihosting for AArch32 and AArch64" (Arm), which RISC-V adopted with its own trap: three uncompressed
instructions, in one page, of which the middle one is ebreak. Without a debugger the trap would be a breakpoint: use it
only when the command line says that there is one.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, naked, static_bytes

SYS_OPEN: Final = 0x01
SYS_WRITE: Final = 0x05
MODE_WRITE: Final = 4
"""fopen's "w"; on ":tt" it is the standard output."""

_BLOCK: Final = static_bytes(32)
"""The parameters of a call; the last word keeps the handle of the output, plus one, 0 before it was opened."""
_NAME: Final = static_bytes(8)


@naked(align=16)
def call(number: u64, block: u64) -> u64:
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


def write(start: u64, count: u64) -> None:
    """Write bytes to the debugger's console."""
    block = Ptr[u64](_BLOCK.address)
    if block[3] == 0:
        block[3] = u64(open_console() + 1)
    block[0] = u64(block[3] - 1)
    block[1] = start
    block[2] = count
    call(SYS_WRITE, block.address)


def open_console() -> u64:
    """The handle of the special file ":tt"."""
    name = Ptr[u64](_NAME.address)
    name[0] = u64(0x74743A)  # ":tt", little-endian
    block = Ptr[u64](_BLOCK.address)
    block[0] = name.address
    block[1] = u64(MODE_WRITE)
    block[2] = u64(3)
    return call(SYS_OPEN, block.address)
