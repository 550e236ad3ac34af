"""/proc/<pid>/stat, statm and status. (proc_pid_stat(5), proc_pid_statm(5), proc_pid_status(5))"""

from typing import Final

from objects.file import InodePager
from objects.limits import INFINITY, Resource
from objects.process import Process
from objects.signalling import queued_signals
from scarlet.kernel.memory.area import Area, Protection
from scarlet.kernel.memory.locking import locked_bytes
from scarlet.kernel.signals import LAST, signal_bit
from scarlet.kernel.thread import ThreadState
from scarlet.lang import u64
from vfs.procfs.accounts import NS_PER_TICK
from vfs.procfs.residency import Residency

PAGE: Final = 4096
KIB_PER_PAGE: Final = 4
NICE_ZERO: Final = 20
MAX_U64: Final = "18446744073709551615"


class Memory:
    """Pages of a process by what they are mapped as; all 0 for one that has ended. `code` is the program's, `libraries` that of others."""

    def __init__(self, process: Process) -> None:
        self.total = 0
        self.data = 0
        self.stack = 0
        self.code = 0
        self.libraries = 0
        self.tables = 0
        self.locked = 0
        self.resident = 0
        self.peak = 0
        self.peak_resident = 0
        if process.zombie:
            return
        space = process.space
        for area in space.areas.items:
            pages = area.length // PAGE
            self.total += pages
            if area.grows_down:
                self.stack += pages
            elif area.protection & Protection.WRITE:
                self.data += 0 if area.shared else pages
            elif area.protection & Protection.EXEC and _is_program(process, area):
                self.code += pages
            elif area.protection & Protection.EXEC:
                self.libraries += pages
        self.tables = space.table.tables
        self.locked = locked_bytes(space) // PAGE
        self.resident = space.resident_pages
        self.peak = max(space.peak_mapped_pages, self.total)
        self.peak_resident = space.peak_resident()


def _is_program(process: Process, area: Area) -> bool:
    """Is it mapped from the file that the process runs?"""
    pager = area.pager
    return isinstance(pager, InodePager) and process.executable is not None and pager.inode is process.executable.inode


def _state(process: Process) -> str:
    """The letter that ps shows."""
    if process.zombie:
        return "Z"
    if process.stop_signal != 0:
        return "T"
    task = process.main_task()
    if task is None or task.state == ThreadState.SLEEPING:
        return "S" if task is None or task.interruptible else "D"
    return "R"


_STATE_NAMES: Final[dict[str, str]] = {"R": "running", "S": "sleeping", "D": "disk sleep", "T": "stopped", "Z": "zombie"}


def _signal_sets(process: Process) -> tuple[u64, u64, u64, u64]:
    """Pending for the process or its first task, blocked, ignored, caught."""
    ignored = u64(0)
    caught = u64(0)
    for number in range(1, LAST + 1):
        action = process.actions.get(number)
        if action.is_ignored:
            ignored |= signal_bit(number)
        elif not action.is_default:
            caught |= signal_bit(number)
    task = process.main_task()
    blocked = task.mask if task is not None else u64(0)
    return (process.pending.mask, blocked, ignored, caught)


def stat(process: Process) -> bytes:
    """One line of 52 fields; the name may hold anything, so it is bytes."""
    usage = process.usage_now()
    children = process.children_usage
    memory = Memory(process)
    terminal = process.session.terminal
    pending, blocked, ignored, caught = _signal_sets(process)
    foreground = terminal.foreground() if terminal is not None else None
    status = process.exit_status
    exit_code = 0
    if status is not None:
        exit_code = status.signal if status.signal != 0 else status.code << 8
    space = process.space
    heap = 0 if process.zombie else space.break_start
    fields: list[str] = [
        _state(process),
        str(process.parent_pid),
        str(process.group.identity),
        str(process.session.identity),
        str(terminal.number if terminal is not None else 0),
        str(foreground.identity if foreground is not None else -1),
        "0",  # flags
        str(usage.minor_faults),
        str(children.minor_faults),
        str(usage.major_faults),
        str(children.major_faults),
        str(usage.user_ns // NS_PER_TICK),
        str(usage.system_ns // NS_PER_TICK),
        str(children.user_ns // NS_PER_TICK),
        str(children.system_ns // NS_PER_TICK),
        str(NICE_ZERO + process.nice),
        str(process.nice),
        str(max(len(process.threads), 1)),
        "0",  # itrealvalue
        str(process.start_ns // NS_PER_TICK),
        str(memory.total * PAGE),
        str(memory.resident),
        MAX_U64 if process.limits.soft(Resource.RESIDENT) >= 1 << 62 else str(process.limits.soft(Resource.RESIDENT)),
        "0 0 0 0 0",  # code and stack addresses, not shown to anybody
        str(pending & u64(0x7FFFFFFF)),
        str(blocked & u64(0x7FFFFFFF)),
        str(ignored & u64(0x7FFFFFFF)),
        str(caught & u64(0x7FFFFFFF)),
        "0 0 0",  # wchan, nswap, cnswap
        str(process.exit_signal),
        "0 0 0 0 0 0",  # processor, rt_priority, policy, delayacct, guest times
        f"0 0 {heap}",  # start_data, end_data, start_brk
        f"{process.arguments.start} {process.arguments.end} {process.environment.start} {process.environment.end}",
        str(exit_code),
    ]
    return f"{process.pid} (".encode() + process.name + b") " + " ".join(fields).encode() + b"\n"


def statm(process: Process) -> bytes:
    """Sizes in pages: total, resident, shared, code, (libraries), data and stack, (dirty)."""
    memory = Memory(process)
    shared = 0
    if not process.zombie:
        found = Residency(process.space)
        shared = found.files + found.shared_memory
    return f"{memory.total} {memory.resident} {shared} {memory.code} 0 {memory.data + memory.stack} 0\n".encode()


def status(process: Process) -> bytes:
    """The same for people. A name is what its process likes, so what would begin a line of its own is escaped."""
    who = process.credentials
    state = _state(process)
    pending, blocked, ignored, caught = _signal_sets(process)
    task = process.main_task()
    own_pending = task.pending.mask if task is not None else u64(0)
    usage = process.usage_now()
    lines: list[str] = [
        f"Umask:\t{process.view.umask:04o}",
        f"State:\t{state} ({_STATE_NAMES[state]})",
        f"Tgid:\t{process.pid}",
        "Ngid:\t0",
        f"Pid:\t{process.pid}",
        f"PPid:\t{process.parent_pid}",
        "TracerPid:\t0",
        f"Uid:\t{who.uid}\t{who.euid}\t{who.suid}\t{who.fsuid}",
        f"Gid:\t{who.gid}\t{who.egid}\t{who.sgid}\t{who.fsgid}",
        f"FDSize:\t{_table_size(process)}",
        "Groups:\t" + "".join([f"{group} " for group in who.groups]),
    ]
    if not process.zombie:
        lines.extend(_memory_lines(Memory(process), Residency(process.space)))
    lines.extend(
        [
            f"Threads:\t{max(len(process.threads), 1)}",
            f"SigQ:\t{queued_signals(who.uid)}/{_limit(process.limits.soft(Resource.PENDING_SIGNALS))}",
            f"SigPnd:\t{own_pending:016x}",
            f"ShdPnd:\t{pending:016x}",
            f"SigBlk:\t{blocked:016x}",
            f"SigIgn:\t{ignored:016x}",
            f"SigCgt:\t{caught:016x}",
            f"CapInh:\t{who.inheritable:016x}",
            f"CapPrm:\t{who.permitted:016x}",
            f"CapEff:\t{who.effective:016x}",
            f"CapBnd:\t{who.bounding:016x}",
            f"CapAmb:\t{0:016x}",
            f"NoNewPrivs:\t{1 if process.no_new_privileges else 0}",
            "Seccomp:\t0",
            "Cpus_allowed:\t1",
            "Cpus_allowed_list:\t0",
            f"voluntary_ctxt_switches:\t{usage.voluntary_switches}",
            f"nonvoluntary_ctxt_switches:\t{usage.involuntary_switches}",
        ]
    )
    name = process.name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
    return b"Name:\t" + name + b"\n" + ("\n".join(lines) + "\n").encode()


def _table_size(process: Process) -> int:
    """Slots up to the highest one in use, in steps of 64."""
    slots = process.handles.slots()
    return 0 if len(slots) == 0 else (slots[-1] // 64 + 1) * 64


def _limit(value: int) -> str:
    return MAX_U64 if value == INFINITY else str(value)


def _memory_lines(memory: Memory, found: Residency) -> list[str]:
    rows = [
        ("VmPeak", memory.peak),
        ("VmSize", memory.total),
        ("VmLck", memory.locked),
        ("VmPin", 0),
        ("VmHWM", memory.peak_resident),
        ("VmRSS", memory.resident),
        ("RssAnon", found.anonymous),
        ("RssFile", found.files),
        ("RssShmem", found.shared_memory),
        ("VmData", memory.data),
        ("VmStk", memory.stack),
        ("VmExe", memory.code),
        ("VmLib", memory.libraries),
        ("VmPTE", memory.tables),
        ("VmSwap", 0),
    ]
    return [f"{name}:\t{pages * KIB_PER_PAGE:8} kB" for name, pages in rows]
