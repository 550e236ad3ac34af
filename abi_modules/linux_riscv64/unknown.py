"""System calls that are not declared: ENOSYS, counted, and named in the kernel log the first time
(/proc/scarlet/calls shows the counts).
"""

from typing import Final

from abi_modules.linux_riscv64.call_names import call_name
from objects.task import Task
from scarlet.kernel import log
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOSYS

counts: Final[dict[u64, int]] = {}
"""How often each number was used."""

MAX_NUMBERS: Final = 1024
"""Different numbers that are remembered: a program that tries them all must not fill the memory."""


def unknown_call(task: Task, number: u64) -> u64:
    """Always ENOSYS."""
    if number in counts:
        counts[number] += 1
    elif len(counts) < MAX_NUMBERS:
        counts[number] = 1
        log.info(f"linux: {task.process.name.decode('utf-8', 'replace')} used {_name(number)}, which is not there (ENOSYS)")
    raise Errno(ENOSYS)


def counts_text() -> bytes:
    """For /proc/scarlet/calls: a line `count number name` for each."""
    return "".join(f"{counts[number]} {number} {_name(number)}\n" for number in sorted(counts)).encode()


def _name(number: u64) -> str:
    return call_name(int(number)) if number < 1 << 32 else f"syscall_{number}"
