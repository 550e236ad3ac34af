"""The parameter types that xv6's system calls add to those of every ABI (executor/declare.py).

Failure is `raise Errno(...)`: the program gets -1 and nothing else, but the trace tells the reason.
"""

from enum import IntEnum, IntFlag
from typing import Annotated, TypeAlias

from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import i32


class OpenFlags(IntFlag):
    """open; the access mode is the two lowest bits."""

    O_RDONLY = 0
    O_WRONLY = 0x1
    O_RDWR = 0x2
    O_CREATE = 0x200
    O_TRUNC = 0x400


class SbrkMode(IntEnum):
    """The second argument of sbrk in newer xv6. Older programs leave there whatever the register held."""

    SBRK_EAGER = 1
    SBRK_LAZY = 2


Mode: TypeAlias = Annotated[i32, SbrkMode]
OutStat: TypeAlias = Annotated[UserPtr, "out stat"]
OutStatus: TypeAlias = Annotated[UserPtr, "out status"]
"""An int that wait fills in; null when the caller does not want it."""
