"""How a system call is declared, in every ABI: the @syscall decorator and the parameter types that mean the same everywhere.

A system call is a plain function in its topic's file of the ABI module. Its first parameter is the calling task, the
others are the arguments in register order (a0 to a5; the number is in a7), and its annotations are the single source
for what `scarlet abi generate` writes: the decoding in dispatch.py, the strace(1) line in trace_calls.py, and the
tables in docs/.

A parameter type says how a register is decoded and how it is shown:

| annotation                     | decoding                    | shown as |
|--------------------------------|-----------------------------|----------|
| i32 u32 i64 u64 usize isize    | truncated, then extended    | decimal |
| an IntFlag class               | the low 32 bits             | `O_RDONLY|O_CLOEXEC`: the members' names; a member 0 means "none" |
| Annotated[i32, an IntEnum]     | as its integer              | the name of the member, the number when there is none |
| Annotated[<integer>, "kind"]   | as its integer              | by `show_<kind>(value)` |
| Annotated[<integer>, "optional kind"] | as its integer       | by `show_<kind>(value, register before it)`, which may give nothing |
| Annotated[UserPtr, "in kind"]  | the pointer                 | by `show_<kind>(task, address, ...)`: what is there before the call |
| Annotated[UserPtr, "out kind"] | the pointer                 | what is there after it, when the call succeeded |

`show_<kind>` is looked for in trace_values.py and trace_structs.py of the ABI module, then in executor/trace_values.py.

A result is None (0 for the program), an integer (decimal), `Address` (hexadecimal), `NewProgram` or NoReturn. Failure
is `raise Errno(...)`, which the ABI's border turns into what its programs expect; a sleep that a signal ends raises
objects.restart.Interrupted, which also says how the call may be repeated. A function whose name would hide a Python
name ends in an underscore that is not part of the call's name.
"""

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import i32, i64, registrar, u32, u64, usize

F = TypeVar("F")


@registrar
def syscall(number: int) -> Callable[[F], F]:
    """Declare the function as system call `number` of its ABI."""

    def unchanged(function: F) -> F:
        return function

    return unchanged


def has_other_bits(flags: int, known: int) -> bool:
    """Are bits set that are not in `known`? (The complement of an IntFlag has the bits of its members alone: plain integers it is.)"""
    return int(flags) & ~int(known) != 0


# Handles, by the number of their slot.
Fd: TypeAlias = Annotated[i32, "fd"]

# Text in user memory that ends in a NUL. The pointer is passed on; the call fetches what it points to.
UserPath: TypeAlias = Annotated[UserPtr, "in path"]
UserString: TypeAlias = Annotated[UserPtr, "in string"]
UserStrings: TypeAlias = Annotated[UserPtr, "in strings"]
"""A null-terminated array of strings (argv)."""
UserEnvironment: TypeAlias = Annotated[UserPtr, "in environment"]
"""The same, of which only the number is shown (envp)."""

# Data in user memory; the parameter after the pointer is its length.
InBuffer: TypeAlias = Annotated[UserPtr, "in buffer"]
OutBuffer: TypeAlias = Annotated[UserPtr, "out filled_buffer"]
"""Filled by the call; the result is the number of bytes."""
OutText: TypeAlias = Annotated[UserPtr, "out text"]
"""A path or another string that the call fills in."""
OutFdPair: TypeAlias = Annotated[UserPtr, "out fd_pair"]
OutU32: TypeAlias = Annotated[UserPtr, "out u32_value"]

# Numbers with a meaning of their own.
Address: TypeAlias = Annotated[u64, "address"]
"""A user address that the call does not read through (mmap, brk, an ioctl argument): hexadecimal, NULL for 0."""
Mode: TypeAlias = Annotated[u32, "mode"]
"""Permission bits, octal."""
SignalNumber: TypeAlias = Annotated[i32, "signal"]
Bits: TypeAlias = Annotated[u64, "hexadecimal"]
Offset: TypeAlias = i64
Count: TypeAlias = usize

NewProgram: TypeAlias = u64
"""The result of a call that starts another program in its process: that program's own a0, which the border puts back where it
already is. The trace shows 0."""
