"""Sums over all processes that several files of /proc show: processor time, switches, memory in files."""

from typing import Final

from objects.processes import processes
from objects.task import current_task
from objects.usage import Usage
from scarlet.kernel import clock
from scarlet.kernel.memory.locking import locked_bytes
from vfs.procfs.residency import Residency
from vfs.tmpfs.filesystem import Tmpfs

PAGE_SIZE: Final = 4096
NS_PER_TICK: Final = 10_000_000
"""USER_HZ is 100."""


def all_usage() -> Usage:
    """What all processes used since boot, those that are gone included: they were added to their parents'."""
    total = Usage()
    for process in processes.all():
        total.add(process.usage_now())
        total.add(process.children_usage)
    return total


def idle_ns(total: Usage) -> int:
    """Time in which nothing ran."""
    return max(clock.monotonic_ns() - total.user_ns - total.system_ns, 0)


def pages_in_processes() -> tuple[int, int, int]:
    """Pages of their own, of files and shared memory, and locked ones; what several processes have is counted for each."""
    anonymous = 0
    mapped = 0
    locked = 0
    for process in processes.all():
        if not process.zombie:
            found = Residency(process.space)
            anonymous += found.anonymous
            mapped += found.files + found.shared_memory
            locked += locked_bytes(process.space) // PAGE_SIZE
    return (anonymous, mapped, locked)


def pages_in_files() -> int:
    """Pages of the files in all mounted memory file systems."""
    seen: set[int] = set()
    pages = 0
    for mount in current_task().view.mounts.mounts:
        filesystem = mount.filesystem
        if isinstance(filesystem, Tmpfs) and filesystem.device not in seen:
            seen.add(filesystem.device)
            pages += filesystem.used_pages
    return pages
