"""The end of a kernel that found itself broken: the reason, the registers, and the calls that led there, by their Python names.

Return addresses are found through frame pointers (every compiled function keeps one in s0: the caller's at s0 - 16, the
return address at s0 - 8). The walk stops where the chain leaves the stack or turns back. What goes wrong within a panic is
told in one line and ends the report; what goes wrong within that switches off at once, and where that fails, too, the firmware does it.
"""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import (
    Ptr,
    class_name,
    export,
    frame_pointer,
    load64,
    raise_file,
    raise_line,
    static_bytes,
    symbol,
    symbol_name,
    symbol_place,
    wfi,
)
from scarlet.machine import debug, power, sbi, semihosting

STATUS: Final = 101
"""The exit status of a kernel that panicked."""
DEPTH: Final = 40
STACK_SPAN: Final = 0x11000
"""No stack is larger than this."""
FIRST: Final = 1
SECOND: Final = 2
THIRD: Final = 3
_PANICKING: Final = static_bytes(8)
"""How many panics have begun, each within the one before."""

EXCEPTIONS: Final = {
    0: "instruction address misaligned",
    1: "instruction access fault",
    2: "illegal instruction",
    3: "breakpoint",
    4: "load address misaligned",
    5: "load access fault",
    6: "store address misaligned",
    7: "store access fault",
    12: "instruction page fault",
    13: "load page fault",
    15: "store page fault",
}
REGISTERS: Final = [
    "pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2",
    "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7",
    "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
]  # fmt: skip
S0: Final = 8


def backtrace() -> list[str]:
    """The calls that led here, innermost first: `function (file:line)`."""
    return walk(frame_pointer())


def origin(error: BaseException) -> str:
    """What an exception says and where it was raised: `OverflowError: ... (file:line)`."""
    return f"{class_name(error)}: {error} ({raise_file(error)}:{raise_line(error)})"


def panic(reason: str) -> NoReturn:
    """Say why and where, and stop the machine."""
    begin(reason)
    tell_calls(walk(frame_pointer()))
    power.exit(STATUS)


def uncaught(error: BaseException) -> NoReturn:
    """An exception that nothing catches: a bug of the kernel's."""
    begin(origin(error))
    tell_calls(walk(frame_pointer()))
    power.exit(STATUS)


@export("scarlet_kernel_trap")
def kernel_trap(registers: u64, cause: u64, value: u64) -> NoReturn:
    """A trap in the kernel; runs on the panic stack. `registers` is the address of the pc and x1 to x31."""
    words = Ptr[u64](registers)
    if semihosting.is_call(words[0]):
        debug.give_up_host()
        begin("log=semihosting is on the command line, and the emulator runs without semihosting")
        power.exit(STATUS)
    begin(f"{EXCEPTIONS.get(int(cause & 0xFF), 'unknown trap')} in the kernel, address 0x{value:x}")
    tell_registers(words)
    tell_calls([describe(words[0])])
    tell_calls(walk(words[S0]))
    power.exit(STATUS)


def has_begun() -> bool:
    """Is this the end? Then the report may have all the memory that there is."""
    return Ptr[u64](_PANICKING.address)[0] != 0


def begin(reason: str) -> None:
    """The first line; when there was one before, less and less can be relied on."""
    state = Ptr[u64](_PANICKING.address)
    state[0] = u64(state[0] + 1)
    if state[0] == FIRST:
        tell(f"\nkernel panic: {reason}")
        return
    if state[0] == SECOND:
        tell(f"  and no more, for in the report: {reason}")
    if state[0] <= THIRD:
        power.exit(STATUS)
    sbi.reset(sbi.SHUTDOWN, sbi.SYSTEM_FAILURE)
    while True:
        wfi()


def tell(line: str) -> None:
    debug.write_last(line.encode() + b"\n")


def tell_registers(words: Ptr[u64]) -> None:
    for row in range(0, 32, 4):
        tell("  " + "  ".join([f"{REGISTERS[index]:>3} {words[index]:016x}" for index in range(row, row + 4)]))


def tell_calls(calls: list[str]) -> None:
    for call in calls:
        tell(f"  {call}")


def walk(pointer: u64) -> list[str]:
    """Describe the return addresses of a chain of frame pointers."""
    out: list[str] = []
    lowest = pointer
    while pointer != 0 and pointer & 7 == 0 and pointer >= lowest and u64(pointer - lowest) < STACK_SPAN and len(out) < DEPTH:
        address = load64(u64(pointer - 8))
        if not in_text(address):
            break
        out.append(describe(u64(address - 1)))
        following = load64(u64(pointer - 16))
        if following <= pointer:
            break
        pointer = following
    return out


def in_text(address: u64) -> bool:
    return symbol("kernel_start") <= address < symbol("text_end")


def describe(address: u64) -> str:
    """`function (file:line)`, or the bare address."""
    name = symbol_name(address)
    return f"{name} ({symbol_place(address)})" if name else f"0x{address:x}"
