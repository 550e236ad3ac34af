"""Resource limits of a process. (getrlimit(2))

A limit is an int; INFINITY stands for "none" and is larger than any amount, so a comparison needs no special case. ABI modules
translate it to their own value (Linux: all ones). What is enforced is the lower of the soft limit, which the program may change, and
the ceiling of its ABI, which it may not.
"""

from enum import IntEnum
from typing import Final

from objects.ceilings import INFINITY, NO_CEILINGS, Ceilings
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang.errno import EINVAL, EPERM, Errno

__all__ = ["INFINITY", "MAX_OPEN_FILES", "RESOURCE_COUNT", "Limit", "Limits", "Resource", "first_limits"]


class Resource(IntEnum):
    """What can be limited; the values are those of asm-generic/resource.h."""

    CPU = 0
    FILE_SIZE = 1
    DATA = 2
    STACK = 3
    CORE = 4
    RESIDENT = 5
    PROCESSES = 6
    OPEN_FILES = 7
    LOCKED_MEMORY = 8
    ADDRESS_SPACE = 9
    FILE_LOCKS = 10
    PENDING_SIGNALS = 11
    MESSAGE_QUEUE = 12
    NICE = 13
    REALTIME_PRIORITY = 14
    REALTIME_TIME = 15


RESOURCE_COUNT: Final = 16
MAX_OPEN_FILES: Final = 1 << 20


class Limit:
    """A soft limit, which is enforced, and the hard limit up to which its owner may raise it. Never changed, so processes share it."""

    def __init__(self, soft: int, hard: int) -> None:
        self.soft = soft
        self.hard = hard


class Limits:
    """All limits of a process, under the ceilings of its ABI; fork() copies them."""

    def __init__(self, table: list[Limit], enforced: list[int], ceilings: Ceilings) -> None:
        self.table = table
        self._enforced = enforced
        """A value a resource: the lower of soft limit and ceiling."""
        self.ceilings = ceilings

    def fork(self) -> "Limits":
        """A copy for a child."""
        return Limits(self.table.copy(), self._enforced.copy(), self.ceilings)

    def under(self, ceilings: Ceilings) -> "Limits":
        """The same limits below other ceilings: for a program of another ABI."""
        if ceilings is self.ceilings:
            return self
        enforced = [limit.soft for limit in self.table]
        for resource in UNDER_CEILINGS:
            enforced[resource] = _lower(enforced[resource], ceilings, resource)
        return Limits(self.table.copy(), enforced, ceilings)

    def get(self, resource: int) -> Limit:
        """The limit of a resource. EINVAL when there is no such resource."""
        if not 0 <= resource < RESOURCE_COUNT:
            raise Errno(EINVAL, "no such resource")
        return self.table[resource]

    def soft(self, resource: Resource) -> int:
        """The value that is enforced."""
        return self._enforced[resource]

    def bound(self, space: AddressSpace) -> None:
        """Tell an address space the limits that it enforces itself."""
        space.limit_address_space = self.soft(Resource.ADDRESS_SPACE)
        space.limit_data = self.soft(Resource.DATA)
        space.limit_stack = self.soft(Resource.STACK)

    def ends_at_ceiling(self, resource: Resource) -> bool:
        """Is it the ABI's ceiling that is enforced, which gives an error but no signal?"""
        return self._enforced[resource] < self.table[resource].soft

    def set(self, resource: int, soft: int, hard: int, *, privileged: bool) -> None:
        """EINVAL when soft exceeds hard; EPERM to raise a hard limit, or open files beyond what the kernel can hold. (setrlimit(2))"""
        old = self.get(resource)
        if soft > hard:
            raise Errno(EINVAL, "the soft limit exceeds the hard one")
        if hard > old.hard and not privileged:
            raise Errno(EPERM, "raising a hard limit needs CAP_SYS_RESOURCE")
        if resource == Resource.OPEN_FILES and hard > MAX_OPEN_FILES:
            raise Errno(EPERM, "more open files than a handle table can hold")
        self.table[resource] = Limit(soft, hard)
        self._enforced[resource] = _lower(soft, self.ceilings, resource)


UNDER_CEILINGS: Final = [Resource.OPEN_FILES, Resource.FILE_SIZE, Resource.ADDRESS_SPACE]


def _lower(soft: int, ceilings: Ceilings, resource: int) -> int:
    """The lower of a soft limit and the ceiling on the same resource."""
    match resource:
        case Resource.OPEN_FILES:
            return min(soft, ceilings.open_files)
        case Resource.FILE_SIZE:
            return min(soft, ceilings.file_bytes)
        case Resource.ADDRESS_SPACE:
            return min(soft, ceilings.memory_bytes)
        case _:
            return soft


def first_limits(max_processes: int) -> Limits:
    """What the first process begins with."""
    table = [Limit(INFINITY, INFINITY) for _ in range(RESOURCE_COUNT)]
    table[Resource.STACK] = Limit(8 << 20, INFINITY)
    table[Resource.CORE] = Limit(0, INFINITY)
    table[Resource.PROCESSES] = Limit(max_processes, max_processes)
    table[Resource.OPEN_FILES] = Limit(1024, 4096)
    table[Resource.LOCKED_MEMORY] = Limit(8 << 20, 8 << 20)
    table[Resource.PENDING_SIGNALS] = Limit(max_processes, max_processes)
    table[Resource.MESSAGE_QUEUE] = Limit(819200, 819200)
    table[Resource.NICE] = Limit(0, 0)
    table[Resource.REALTIME_PRIORITY] = Limit(0, 0)
    return Limits(table, [limit.soft for limit in table], NO_CEILINGS)
