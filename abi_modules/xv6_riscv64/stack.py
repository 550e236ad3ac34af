"""The first contents of an xv6 program's stack: the argument strings, each at a multiple of 16, and below them argv.

sp, a1 -> argv[0] .. argv[argc - 1], 0 | padding | last string .. first string <- top of the page
"""

from abi_modules.xv6_riscv64.limits import MAX_ARGUMENTS, PAGE_SIZE
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, u64
from scarlet.lang.errno import E2BIG


def fill_stack(space: AddressSpace, bottom: int, arguments: list[bytes]) -> int:
    """Put the arguments into the stack page at `bottom`; the stack pointer, which is argv too. E2BIG."""
    if len(arguments) >= MAX_ARGUMENTS:
        raise Errno(E2BIG, "more than 31 arguments")
    pointer = bottom + PAGE_SIZE
    argv = b""
    places: list[int] = []
    for text in arguments:
        pointer = (pointer - len(text) - 1) & ~15
        _require_room(pointer, bottom)
        places.append(pointer)
        argv += pointer.to_bytes(8, "little")
    argv += bytes(8)
    pointer = (pointer - len(argv)) & ~15
    _require_room(pointer, bottom)
    for place, text in zip(places, arguments):
        store_bytes(space, u64(place), text + b"\0")
    store_bytes(space, u64(pointer), argv)
    return pointer


def _require_room(pointer: int, bottom: int) -> None:
    if pointer < bottom:
        raise Errno(E2BIG, "the arguments need more than the one page of the stack")
