"""How an xv6 system call is declared: see executor/declare.py. These are the types that this ABI adds.

Failure is `raise Errno(...)`: the program gets -1 and nothing else, but the trace tells the reason.
"""

from enum import IntFlag
from typing import Annotated, Final, TypeAlias

from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import i32

ACCESS_MODE: Final = 3


class OpenFlags(IntFlag):
    """open"""

    O_RDONLY = 0
    O_WRONLY = 1
    O_RDWR = 2
    O_CREATE = 0x200
    O_TRUNC = 0x400


class SbrkMode(IntFlag):
    """sbrk: whether memory must be there at once."""


Fd: TypeAlias = Annotated[i32, "fd"]
UserPath: TypeAlias = Annotated[UserPtr, "in path"]
UserStrings: TypeAlias = Annotated[UserPtr, "in strings"]
InBuffer: TypeAlias = Annotated[UserPtr, "in buffer"]
OutBuffer: TypeAlias = Annotated[UserPtr, "out filled_buffer"]
OutFdPair: TypeAlias = Annotated[UserPtr, "out fd_pair"]
OutStat: TypeAlias = Annotated[UserPtr, "out stat"]
OutStatus: TypeAlias = Annotated[UserPtr, "out status"]
