"""What the programs of an ABI are promised at most, whatever their resource limits allow.

A teaching system with 16 open files and 64 processes has programs that rely on meeting these walls. An ABI module names them as data;
exec lays them over the process's Limits, and the places that enforce limits see the lower of the two. Unlike resource limits they
bind root as well, send no signals, cannot be changed by the program, and end with the exec of a program of another ABI.
"""

from typing import Final

INFINITY: Final = (1 << 63) - 1
"""No ceiling; larger than any amount."""
NAME_MAX: Final = 255
PATH_MAX: Final = 4096


class Ceilings:
    """The ceilings of one ABI. Never changed, so processes share them."""

    def __init__(
        self,
        *,
        open_files: int = INFINITY,
        processes: int = INFINITY,
        file_bytes: int = INFINITY,
        memory_bytes: int = INFINITY,
        name_bytes: int = NAME_MAX,
        path_bytes: int = PATH_MAX,
        arguments: int = INFINITY,
    ) -> None:
        self.open_files = open_files
        """One above the highest slot that is given; handles that an exec brought along stay where they are."""
        self.processes = processes
        """Processes of this ABI alive at a time, in the whole system."""
        self.file_bytes = file_bytes
        """How large a file may grow."""
        self.memory_bytes = memory_bytes
        """Of a process's address space."""
        self.name_bytes = name_bytes
        """Of one name in a path; the ABI module applies this one and the next two."""
        self.path_bytes = path_bytes
        self.arguments = arguments
        """How many strings exec takes."""


NO_CEILINGS: Final = Ceilings()
