"""System calls that are not declared: ENOSYS, counted for each ABI, and named in the kernel log the first time
(/proc/scarlet/calls shows the counts).
"""

from typing import Final

from executor.border import TracedAbi
from objects.task import Task
from scarlet.kernel import log
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOSYS

MAX_CALLS: Final = 1024
"""Different calls that are remembered: a program that tries all numbers must not fill the memory."""


class UnknownCall:
    """One number of one ABI, and how often it was used."""

    def __init__(self, abi: str, number: u64, name: str) -> None:
        self.abi = abi
        self.number = number
        self.name = name
        self.count = 0


calls: Final[dict[tuple[str, u64], UnknownCall]] = {}


def unknown_call(task: Task, number: u64) -> u64:
    """Always ENOSYS."""
    abi = task.abi
    key = (abi.name, number)
    if key not in calls and len(calls) < MAX_CALLS:
        name = abi.text.name_of(number) if isinstance(abi, TracedAbi) else f"syscall_{number}"
        calls[key] = UnknownCall(abi.name, number, name)
        log.info(f"{abi.name}: {task.process.name.decode('utf-8', 'replace')} used {name}, which is not there (ENOSYS)")
    if key in calls:
        calls[key].count += 1
    raise Errno(ENOSYS)


def counts_text() -> bytes:
    """For /proc/scarlet/calls: a line `count abi number name` for each, by ABI and number."""
    return "".join(f"{calls[key].count} {calls[key].abi} {calls[key].number} {calls[key].name}\n" for key in sorted(calls)).encode()
