"""Sums over all processes that several files of /proc show: processor time, switches, memory in files."""

from typing import Final

from objects.processes import processes
from objects.task import current_task
from objects.usage import Usage
from scarlet.kernel import clock
from vfs.tmpfs.filesystem import Tmpfs

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
