"""The files of /proc about disks. (proc_partitions(5), proc_diskstats(5))"""

from typing import Final

from objects.block import Operation
from scarlet.kernel import clock
from vfs import blockdevices
from vfs.blockdevices import MAJOR, Disk

NS_PER_MS: Final = 1_000_000
BYTES_PER_BLOCK: Final = 1024


def partitions() -> bytes:
    """proc_partitions(5)"""
    lines = ["major minor  #blocks  name\n"]
    for disk in blockdevices.every():
        lines.append(f"{MAJOR:4}  {disk.minor:7} {disk.device.size // BYTES_PER_BLOCK:10} {disk.name.decode()}")
    return ("\n".join(lines) + "\n").encode()


def diskstats() -> bytes:
    """proc_diskstats(5): nothing is merged, and discards and flushes are not counted."""
    return "".join([_line(disk) for disk in blockdevices.every()]).encode()


def _line(disk: Disk) -> str:
    counts = disk.device.statistics
    busy_ns = counts.busy_ns
    if counts.in_flight > 0:
        busy_ns += clock.monotonic_ns() - counts.busy_since_ns
    fields: list[int] = []
    waited_ns = 0
    for kind in (int(Operation.READ), int(Operation.WRITE)):
        fields += [counts.requests[kind], 0, counts.sectors[kind], counts.time_ns[kind] // NS_PER_MS]
        waited_ns += counts.time_ns[kind]
    fields += [counts.in_flight, busy_ns // NS_PER_MS, waited_ns // NS_PER_MS] + [0] * 6
    return f"{MAJOR:4} {disk.minor:7} {disk.name.decode()} " + " ".join([str(field) for field in fields]) + "\n"
