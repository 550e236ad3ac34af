"""The first contents of a Linux program's stack: argument count, argument and environment pointers, the auxiliary
vector, and the strings above.

    sp -> argc | argv[0..] 0 | envp[0..] 0 | auxv pairs, AT_NULL | padding
          16 random bytes | argv strings | envp strings | file name | 8 zero bytes <- top

The strings lie where Linux puts them, so that a program may overwrite them to change its name in ps, and /proc shows them from there.
Sources: RISC-V psABI (stack alignment); getauxval(3); execve(2), "Limits on size of arguments and environment".
"""

from typing import Final

from executor.protocol import Request
from objects.limits import INFINITY, Resource
from objects.process import Region
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, u64
from scarlet.lang.errno import E2BIG

STACK_TOP: Final = 1 << 38
PAGE_SIZE: Final = 4096
INITIAL_ROOM: Final = 128 << 10
"""Mapped below the strings from the start (pages appear when touched); the rest grows."""

ARG_MAX: Final = 128 << 10
"""Room for arguments that a small stack limit cannot take away."""
MAX_ARGUMENT_ROOM: Final = 6 << 20
MAX_ARG_STRLEN: Final = 128 << 10

AT_NULL: Final = 0
AT_PHDR: Final = 3
AT_PHENT: Final = 4
AT_PHNUM: Final = 5
AT_PAGESZ: Final = 6
AT_BASE: Final = 7
AT_FLAGS: Final = 8
AT_ENTRY: Final = 9
AT_UID: Final = 11
AT_EUID: Final = 12
AT_GID: Final = 13
AT_EGID: Final = 14
AT_HWCAP: Final = 16
AT_CLKTCK: Final = 17
AT_SECURE: Final = 23
AT_RANDOM: Final = 25
AT_HWCAP2: Final = 26
AT_EXECFN: Final = 31
AT_SYSINFO_EHDR: Final = 33
AT_MINSIGSTKSZ: Final = 51

CLOCK_TICKS: Final = 100
"""Of times(2), a second (sysconf(_SC_CLK_TCK))."""


def _letters(extensions: str) -> int:
    bits = 0
    for letter in extensions:
        bits |= 1 << (ord(letter) - ord("a"))
    return bits


HWCAP: Final = _letters("imafdc")
"""The single-letter extensions of the base machine: bit n is letter n."""


def argument_room(stack_limit: int) -> int:
    """Bytes that arguments, environment and their pointers may need together: a quarter of the stack limit, within bounds."""
    if stack_limit == INFINITY:
        return MAX_ARGUMENT_ROOM
    return max(min(stack_limit // 4, MAX_ARGUMENT_ROOM), ARG_MAX)


class Stack:
    """What build_stack made."""

    def __init__(self, pointer: u64, arguments: Region, environment: Region) -> None:
        self.pointer = pointer
        self.arguments = arguments
        self.environment = environment


def build_stack(space: AddressSpace, request: Request, auxiliary: list[tuple[int, u64]], random: bytes, *, executable: bool) -> Stack:
    """Map the stack and fill it; `auxiliary` lacks AT_RANDOM, AT_EXECFN and AT_NULL, which are added here. E2BIG, ENOMEM."""
    arguments = _with_nulls(request.arguments)
    environment = _with_nulls(request.environment)
    strings = len(arguments) + len(environment) + len(request.name) + 1
    pointers = 8 * (len(request.arguments) + len(request.environment))
    if strings + pointers > argument_room(request.limits.soft(Resource.STACK)):
        raise Errno(E2BIG, "more arguments and environment than the stack limit allows")

    name_at = STACK_TOP - 8 - len(request.name) - 1
    environment_at = name_at - len(environment)
    arguments_at = environment_at - len(arguments)
    random_at = (arguments_at - 16) & ~15
    words: list[u64] = [u64(len(request.arguments))]
    words += _pointers(request.arguments, arguments_at)
    words += _pointers(request.environment, environment_at)
    for kind, value in auxiliary:
        words.append(u64(kind))
        words.append(value)
    words += [u64(AT_RANDOM), u64(random_at), u64(AT_EXECFN), u64(name_at), u64(AT_NULL), u64(0)]
    pointer = (random_at - 8 * len(words)) & ~15

    protection = Protection.READ | Protection.WRITE | (Protection.EXEC if executable else Protection.NONE)
    bottom = max((pointer - INITIAL_ROOM) & ~(PAGE_SIZE - 1), PAGE_SIZE)
    space.map_area(u64(bottom), u64(STACK_TOP - bottom), protection, fixed=True, grows_down=True, name=b"[stack]")
    parts = [word.to_bytes(8, "little") for word in words]
    parts += [bytes(random_at - pointer - 8 * len(words)), random, bytes(arguments_at - random_at - 16), arguments, environment]
    parts += [request.name, bytes(STACK_TOP - name_at - len(request.name))]
    store_bytes(space, u64(pointer), b"".join(parts))
    return Stack(u64(pointer), Region(arguments_at, environment_at), Region(environment_at, name_at))


def _with_nulls(strings: list[bytes]) -> bytes:
    for text in strings:
        if len(text) >= MAX_ARG_STRLEN:
            raise Errno(E2BIG, "one string is longer than MAX_ARG_STRLEN")
    return b"\0".join(strings) + b"\0" if strings else b""


def _pointers(strings: list[bytes], address: int) -> list[u64]:
    """The address of each string, and the null that ends the array."""
    pointers: list[u64] = []
    for text in strings:
        pointers.append(u64(address))
        address += len(text) + 1
    pointers.append(u64(0))
    return pointers
