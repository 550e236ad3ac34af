"""The files of /proc about the whole system. (proc_meminfo(5), proc_stat(5), proc_uptime(5), proc_loadavg(5) ...)"""

from typing import Final

from objects.inode import InodeType
from objects.processes import processes
from objects.uts import RELEASE, SYSNAME, VERSION
from scarlet.kernel import clock, harts, irq, load, scheduler
from scarlet.kernel.memory import frames
from vfs.devices import devices
from vfs.filesystems import kinds
from vfs.pagecache.page import totals
from vfs.pagecache.reclaim import reclaimable
from vfs.procfs.accounts import NS_PER_TICK, all_usage, idle_ns, pages_in_files, pages_in_processes

KIB_PER_PAGE: Final = 4
NS_PER_SECOND: Final = 1_000_000_000
NS_PER_HUNDREDTH: Final = 10_000_000


def meminfo() -> bytes:
    """proc_meminfo(5). Files in memory cannot be dropped; what the page cache has of files on disks can."""
    free = frames.free_frames()
    files = pages_in_files()
    anonymous, mapped, locked = pages_in_processes()
    rows = [
        ("MemTotal", frames.total_frames()),
        ("MemFree", free),
        ("MemAvailable", max(free - frames.reserve_frames(), 0) + reclaimable()),
        ("Buffers", 0),
        ("Cached", files + totals.cached),
        ("SwapCached", 0),
        ("Active", files + totals.cached),
        ("Inactive", 0),
        ("Mlocked", locked),
        ("SwapTotal", 0),
        ("SwapFree", 0),
        ("Dirty", totals.dirty),
        ("Writeback", totals.writing),
        ("AnonPages", anonymous),
        ("Mapped", mapped),
        ("Shmem", files),
    ]
    lines: list[str] = []
    for name, pages in rows:
        label = name + ":"
        lines.append(f"{label:<15} {pages * KIB_PER_PAGE:8} kB\n")
    return "".join(lines).encode()


def uptime() -> bytes:
    """proc_uptime(5)"""
    return f"{_seconds(clock.boottime_ns())} {_seconds(idle_ns(all_usage()))}\n".encode()


def _seconds(ns: int) -> str:
    return f"{ns // NS_PER_SECOND}.{ns % NS_PER_SECOND // NS_PER_HUNDREDTH:02}"


def loadavg() -> bytes:
    """proc_loadavg(5)"""
    one, five, fifteen = load.averages(clock.monotonic_ns())
    threads = sum([len(process.threads) for process in processes.all()])
    running = max(scheduler.runnable_count(), 1)
    shown = f"{_hundredths(one)} {_hundredths(five)} {_hundredths(fifteen)} {running}/{threads} {processes.last_pid}\n"
    return shown.encode()


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02}"


def stat() -> bytes:
    """proc_stat(5)"""
    total = all_usage()
    times = f"{total.user_ns // NS_PER_TICK} 0 {total.system_ns // NS_PER_TICK} {idle_ns(total) // NS_PER_TICK} 0 0 0 0 0 0"
    counts = irq.counts()
    lines = [f"cpu  {times}"]
    if harts.hart_count() == 1:
        lines.append(f"cpu0 {times}")
    lines.append("intr " + " ".join([str(count) for count in _per_line(counts)]))
    lines.append(f"ctxt {total.voluntary_switches + total.involuntary_switches}")
    lines.append(f"btime {clock.realtime_offset_ns() // NS_PER_SECOND}")
    lines.append(f"processes {processes.forks}")
    lines.append(f"procs_running {max(scheduler.runnable_count(), 1)}")
    lines.append("procs_blocked 0")
    return ("\n".join(lines) + "\n").encode()


def _per_line(counts: dict[int, int]) -> list[int]:
    """All interrupts, then those of each line from 0 up."""
    numbers = [sum(counts.values())]
    last = max(list(counts)) if len(counts) > 0 else -1
    for line in range(last + 1):
        numbers.append(counts.get(line, 0))
    return numbers


def version() -> bytes:
    """proc_version(5)"""
    return SYSNAME + b" version " + RELEASE + b" (scarlet) " + VERSION + b"\n"


def cpuinfo() -> bytes:
    """proc_cpuinfo(5), as Linux for riscv64 has it"""
    parts: list[str] = []
    for hart in range(harts.hart_count()):
        parts.append(f"processor\t: {hart}\nhart\t\t: {hart}\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\n\n")
    return "".join(parts).encode()


def filesystems() -> bytes:
    """proc_filesystems(5)"""
    lines: list[bytes] = []
    for kind in kinds():
        mark: bytes = b"" if kind.needs_device else b"nodev"
        lines.append(mark + b"\t" + kind.name + b"\n")
    return b"".join(lines)


def device_list() -> bytes:
    """proc_devices(5): majors and the names of their drivers."""
    return b"Character devices:\n" + _majors(InodeType.CHARACTER) + b"\nBlock devices:\n" + _majors(InodeType.BLOCK)


def _majors(type: InodeType) -> bytes:
    rows: dict[tuple[int, bytes], bool] = {}
    for device in devices():
        if device.type == type:
            rows[(device.major, device.driver)] = True
    lines: list[bytes] = [f"{major:3} ".encode() + driver + b"\n" for major, driver in sorted(rows)]
    return b"".join(lines)


def interrupts() -> bytes:
    """proc_interrupts(5)"""
    counts = irq.counts()
    lines = ["           CPU0"] + [f"{line:3}: {counts[line]:10}  PLIC {line}" for line in sorted(counts)]
    return ("\n".join(lines) + "\n").encode()


def swaps() -> bytes:
    """proc_swaps(5): there is no swap space."""
    return b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def buddyinfo() -> bytes:
    """proc_buddyinfo(5)"""
    return ("Node 0, zone   Normal" + "".join([f" {count:6}" for count in frames.free_blocks()]) + "\n").encode()
