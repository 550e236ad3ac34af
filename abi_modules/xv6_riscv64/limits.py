"""The sizes that xv6 programs are written against. What is not enforced elsewhere (objects/ceilings.py) is applied by this module.

Source: the book "xv6: a simple, Unix-like teaching operating system", and programs that probe for these walls.
"""

from typing import Final

from objects.ceilings import Ceilings

MAX_ARGUMENTS: Final = 32
"""Pointers in argv, the null that ends it included."""
MAX_PATH: Final = 128
"""Bytes of a path, its null included."""
NAME_BYTES: Final = 14
"""Bytes of a name that count; those after them are cut off."""
BLOCK_BYTES: Final = 1024
MAX_FILE_BLOCKS: Final = 12 + 256
"""Twelve direct blocks, and those that one indirect block can name."""
PAGE_SIZE: Final = 4096
MAX_ARGUMENT_BYTES: Final = PAGE_SIZE
"""Of one argument of exec, its null included."""
ADDRESS_LIMIT: Final = (1 << 38) - 2 * PAGE_SIZE
"""Where the two pages begin that xv6 keeps at the top of every address space (trampoline and trap frame)."""
MAX_MEMORY: Final = 128 << 20
"""Bytes that a process can have present when it asks for more: the memory of the machine that xv6 is made for. Memory that is to
come when it is touched (SBRK_LAZY) is bound by the addresses alone, as there.
"""
TICK_NS: Final = 100_000_000
"""Ten ticks a second."""

CEILINGS: Final = Ceilings(
    open_files=16,
    processes=64,
    file_bytes=MAX_FILE_BLOCKS * BLOCK_BYTES,
    name_bytes=NAME_BYTES,
    path_bytes=MAX_PATH,
    arguments=MAX_ARGUMENTS,
)
