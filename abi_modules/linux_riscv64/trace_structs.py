"""Structures in user memory as strace(1) shows them. Conventions: executor/trace_values.py; offsets: the riscv64 structures."""

from typing import Final

from abi_modules.linux_riscv64.trace_values import show_device, show_file_mode
from executor.trace_values import fetch, quoted, show_address, show_flags
from objects.task import Task
from scarlet.kernel.signals import SI_KERNEL, SI_QUEUE, SI_TIMER, SI_TKILL, SI_USER, Signal, SignalInfo, signal_name
from scarlet.lang import u64

SHOWN_ENTRIES: Final = 32
SIGNAL_SET_BITS: Final = 64


# --- files ------------------------------------------------------------------------------------------------------------------


def show_stat(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 128)
    if words is None:
        return show_address(address)
    mode = words.u32_at(16)
    if mode >> 12 in (2, 6):
        extent = f"st_rdev={show_device(words.u64_at(32))}"
    else:
        extent = f"st_size={words.i64_at(48)}"
    return "{st_mode=" + show_file_mode(mode) + f", {extent}, ..." + "}"


def show_statx(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 256)
    if words is None:
        return show_address(address)
    return "{" + f"stx_mask=0x{words.u32_at(0):x}, stx_mode={show_file_mode(words.u16_at(28))}, stx_size={words.u64_at(40)}, ..." + "}"


def show_statfs(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 120)
    if words is None:
        return show_address(address)
    blocks = f"f_bsize={words.u64_at(8)}, f_blocks={words.u64_at(16)}, f_bfree={words.u64_at(24)}"
    return "{" + f"f_type=0x{words.u64_at(0):x}, {blocks}, ..." + "}"


def show_dirents(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, result) if result > 0 else None
    count = 0
    offset = 0
    while words is not None and offset + 18 < result and words.u16_at(offset + 16) > 0:
        count += 1
        offset += words.u16_at(offset + 16)
    return f"{show_address(address)} /* {count} entries */"


def show_poll_fds(task: Task, address: u64, following: u64, result: int) -> str:
    names = [(1, "POLLIN"), (2, "POLLPRI"), (4, "POLLOUT"), (8, "POLLERR"), (16, "POLLHUP"), (32, "POLLNVAL"), (0x2000, "POLLRDHUP")]
    shown: list[str] = []
    count = int(min(following, u64(SHOWN_ENTRIES)))
    for index in range(count):
        words = fetch(task, u64(address + u64(8 * index)), 8)
        if words is None:
            return show_address(address)
        shown.append("{" + f"fd={words.i32_at(0)}, events={show_flags(words.u16_at(4), '0', names)}" + "}")
    return "[" + ", ".join(shown) + (", ...]" if following > SHOWN_ENTRIES else "]")


def show_fd_set(task: Task, address: u64, following: u64, result: int) -> str:
    """The first 64 descriptors."""
    words = fetch(task, address, 8)
    if words is None:
        return show_address(address)
    bits = words.u64_at(0)
    return "[" + " ".join([str(fd) for fd in range(64) if bits >> fd & 1 != 0]) + "]"


# --- time ---------------------------------------------------------------------------------------------------------------------


def show_timespec(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 16)
    return show_address(address) if words is None else "{" + f"tv_sec={words.i64_at(0)}, tv_nsec={words.i64_at(8)}" + "}"


def show_timespec_pair(task: Task, address: u64, following: u64, result: int) -> str:
    """utimensat(2)"""
    if address == 0:
        return "NULL"
    return f"[{show_timespec(task, address, 0, 0)}, {show_timespec(task, u64(address + 16), 0, 0)}]"


def show_timeval(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 16)
    return show_address(address) if words is None else "{" + f"tv_sec={words.i64_at(0)}, tv_usec={words.i64_at(8)}" + "}"


def show_itimerval(task: Task, address: u64, following: u64, result: int) -> str:
    if address == 0:
        return "NULL"
    return "{it_interval=" + show_timeval(task, address, 0, 0) + ", it_value=" + show_timeval(task, u64(address + 16), 0, 0) + "}"


def show_rusage(task: Task, address: u64, following: u64, result: int) -> str:
    if fetch(task, address, 32) is None:
        return show_address(address)
    return "{ru_utime=" + show_timeval(task, address, 0, 0) + ", ru_stime=" + show_timeval(task, u64(address + 16), 0, 0) + ", ...}"


# --- processes and the system ---------------------------------------------------------------------------------------------------


def show_wait_status(task: Task, address: u64, following: u64, result: int) -> str:
    """[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]"""
    words = fetch(task, address, 4)
    if words is None or result == 0:
        return show_address(address)
    status = words.u32_at(0)
    signal = status & 0x7F
    if signal == 0:
        meaning = f"WIFEXITED(s) && WEXITSTATUS(s) == {status >> 8 & 0xFF}"
    elif status == 0xFFFF:
        meaning = "WIFCONTINUED(s)"
    elif signal == 0x7F:
        meaning = f"WIFSTOPPED(s) && WSTOPSIG(s) == {signal_name(status >> 8 & 0xFF)}"
    else:
        meaning = f"WIFSIGNALED(s) && WTERMSIG(s) == {signal_name(signal)}" + (" && WCOREDUMP(s)" if status & 0x80 else "")
    return "[{" + meaning + "}]"


def show_rlimit(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 16)
    if words is None:
        return show_address(address)
    return "{rlim_cur=" + _limit(words.u64_at(0)) + ", rlim_max=" + _limit(words.u64_at(8)) + "}"


def _limit(value: u64) -> str:
    if value == 0xFFFFFFFFFFFFFFFF:
        return "RLIM64_INFINITY"
    return f"{value >> 10}*1024" if value > 1024 and value & 1023 == 0 else str(value)


def show_utsname(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 130)
    if words is None:
        return show_address(address)
    return "{sysname=" + _field(words.data[:65]) + ", nodename=" + _field(words.data[65:]) + ", ...}"


def _field(data: bytes) -> str:
    return quoted(data[: data.find(b"\0")], False)


def show_sysinfo(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 112)
    if words is None:
        return show_address(address)
    return "{" + f"uptime={words.i64_at(0)}, totalram={words.u64_at(32)}, freeram={words.u64_at(40)}, procs={words.u16_at(80)}, ..." + "}"


# --- signals ------------------------------------------------------------------------------------------------------------------


def signal_set_text(signals: u64) -> str:
    """[INT TERM], ~[KILL STOP] when most are in it."""
    inverted = signals.bit_count() > SIGNAL_SET_BITS * 2 // 3
    shown: list[str] = []
    for number in range(1, SIGNAL_SET_BITS + 1):
        if (signals >> (number - 1) & 1 != 0) != inverted:
            shown.append(signal_name(number).removeprefix("SIG"))
    return ("~[" if inverted else "[") + " ".join(shown) + "]"


def show_signal_set(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 8)
    return show_address(address) if words is None else signal_set_text(words.u64_at(0))


def show_sigaction(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 24)
    if words is None:
        return show_address(address)
    handler = words.u64_at(0)
    name = "SIG_DFL" if handler == 0 else "SIG_IGN" if handler == 1 else show_address(handler)
    flags = show_flags(
        words.u32_at(8),
        "0",
        [
            (0x1, "SA_NOCLDSTOP"),
            (0x2, "SA_NOCLDWAIT"),
            (0x4, "SA_SIGINFO"),
            (0x04000000, "SA_RESTORER"),
            (0x08000000, "SA_ONSTACK"),
            (0x10000000, "SA_RESTART"),
            (0x40000000, "SA_NODEFER"),
            (0x80000000, "SA_RESETHAND"),
        ],
    )
    return "{sa_handler=" + f"{name}, sa_mask={signal_set_text(words.u64_at(16))}, sa_flags={flags}" + "}"


def show_sigaltstack(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 24)
    if words is None:
        return show_address(address)
    flags = show_flags(words.u32_at(8), "0", [(1, "SS_ONSTACK"), (2, "SS_DISABLE"), (0x80000000, "SS_AUTODISARM")])
    return "{ss_sp=" + f"{show_address(words.u64_at(0))}, ss_flags={flags}, ss_size={words.u64_at(16)}" + "}"


def show_siginfo(task: Task, address: u64, following: u64, result: int) -> str:
    words = fetch(task, address, 128)
    if words is None:
        return show_address(address)
    pid = words.u32_at(16)
    return "{" + f"si_signo={signal_name(words.i32_at(0))}, si_code={code_name(words.i32_at(0), words.i32_at(8))}, si_pid={pid}, ..." + "}"


def code_name(signal: int, code: int) -> str:
    """The name of a si_code (sigaction(2))."""
    if code == SI_USER:
        return "SI_USER"
    if code == SI_KERNEL:
        return "SI_KERNEL"
    if code == SI_QUEUE:
        return "SI_QUEUE"
    if code == SI_TIMER:
        return "SI_TIMER"
    if code == SI_TKILL:
        return "SI_TKILL"
    names: list[str] = []
    if signal == Signal.SIGCHLD:
        names = ["CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"]
    elif signal == Signal.SIGSEGV:
        names = ["SEGV_MAPERR", "SEGV_ACCERR"]
    elif signal == Signal.SIGBUS:
        names = ["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR"]
    elif signal == Signal.SIGILL:
        names = ["ILL_ILLOPC"]
    elif signal == Signal.SIGFPE:
        names = ["FPE_INTDIV"]
    elif signal == Signal.SIGTRAP:
        names = ["TRAP_BRKPT", "TRAP_TRACE"]
    return names[code - 1] if 1 <= code <= len(names) else str(code)


def signal_line(info: SignalInfo) -> str:
    """--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_uid=0, si_status=0, si_utime=0, si_stime=0} ---"""
    name = signal_name(info.number)
    parts = f"si_signo={name}, si_code={code_name(info.number, info.code)}"
    if info.number == Signal.SIGCHLD and not info.from_user:
        status = str(info.status) if info.code == 1 else signal_name(info.status)
        parts += f", si_pid={info.pid}, si_uid={info.uid}, si_status={status}"
        parts += f", si_utime={info.user_ns // 10_000_000}, si_stime={info.system_ns // 10_000_000}"
    elif info.from_user:
        parts += f", si_pid={info.pid}, si_uid={info.uid}"
    elif info.number in (Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGILL, Signal.SIGFPE, Signal.SIGTRAP):
        parts += f", si_addr={show_address(info.address)}"
    return f"--- {name} " + "{" + parts + "} ---"
