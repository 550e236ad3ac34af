"""9xx: time and the system as a whole."""

from typing import Annotated, Final

from abi_modules.native.declare import DataOut, Deadline, DirectoryHandle, OutSystemInfo, TextIn
from abi_modules.native.explain import explanation
from abi_modules.native.failures import Failure
from abi_modules.native.interface import PAGE_BYTES, Clock, PowerAction, SystemInfo
from abi_modules.native.places import find, read_text
from abi_modules.native.status import Status
from abi_modules.native.views import store_text
from executor.declare import syscall
from executor.protocol import modules
from objects.credentials import CAP_SYS_ADMIN, CAP_SYS_BOOT, CAP_SYS_TIME, CAP_SYSLOG
from objects.object import Rights
from objects.processes import processes
from objects.random import random_bytes
from objects.restart import Interrupted, Restart
from objects.task import Task
from objects.uts import MACHINE, MAX_NAME, uts
from scarlet.kernel import clock, harts, load, log, power
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.user import UserBytes
from scarlet.kernel.waitqueue import WaitQueue, WakeReason
from scarlet.lang import i32, i64, u32, u64, usize

CHUNK: Final = 4096
MAX_RANDOM: Final = 65536
SYSTEM: Final = b"Scarlet"
RELEASE: Final = b"0.1"
EXIT_MASK: Final = 0xFF


# --- time -----------------------------------------------------------------------------------------------------------------------


@syscall(900)
def time_now(task: Task, clock_: Annotated[u32, Clock]) -> i64:
    """Nanoseconds on a clock."""
    match clock_:
        case 0:
            return i64(clock.realtime_ns())
        case 1:
            return i64(clock.monotonic_ns())
        case 2:
            return i64(task.process.cpu_ns())
        case 3:
            times = task.cpu_times_ns()
            return i64(times[0] + times[1])
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "no such clock")


@syscall(901)
def time_sleep(task: Task, deadline: Deadline) -> None:
    """Sleep until a time; NEVER until the program is ended."""
    if deadline < 0:
        raise Failure(Status.INVALID_ARGUMENT, "a negative time")
    nothing = WaitQueue()
    while clock.monotonic_ns() < deadline:
        if nothing.wait(int(deadline)) is WakeReason.SIGNAL:
            raise Interrupted(Restart.ALWAYS)


@syscall(902)
def time_set(task: Task, time: i64) -> None:
    """Set the real-time clock. NOT_PERMITTED without CAP_SYS_TIME; INVALID_ARGUMENT when power-on would be before 1970."""
    task.credentials.require(CAP_SYS_TIME, "setting the clock needs CAP_SYS_TIME")
    ns = int(time)
    if not clock.monotonic_ns() <= ns < clock.LATEST_SETTING:
        raise Failure(Status.INVALID_ARGUMENT, "the machine cannot have been started before 1970; no clock can be set to after 2232")
    clock.set_realtime_ns(ns)


# --- the system -----------------------------------------------------------------------------------------------------------------


@syscall(910)
def system_random(task: Task, into: DataOut, size: usize) -> usize:
    """Random bytes, as many as the buffer holds and 64 KiB at most."""
    target = UserBytes(task.space, into, min(size, usize(MAX_RANDOM)))
    done = 0
    while done < target.length:
        part = min(CHUNK, target.length - done)
        target.write(done, random_bytes(part))
        done += part
    return usize(done)


@syscall(911)
def system_query(task: Task, info: OutSystemInfo) -> None:
    """Memory, time since boot, processes, load."""
    now = clock.monotonic_ns()
    averages = load.averages(now)
    answer = SystemInfo(
        memory_bytes=u64(frames.total_frames() * PAGE_BYTES),
        free_bytes=u64(frames.free_frames() * PAGE_BYTES),
        uptime_ns=i64(now),
        processes=u32(len(processes)),
        page_bytes=u32(PAGE_BYTES),
        harts=u32(harts.hart_count()),
        load_1=u32(averages[0]),
        load_5=u32(averages[1]),
        load_15=u32(averages[2]),
    )
    UserBytes(task.space, info, u64(SystemInfo.SIZE)).write(0, answer.pack())


@syscall(912)
def system_names(task: Task, into: DataOut, size: usize) -> usize:
    """Five texts, each ended by a NUL: the system, this machine's name, release, version and architecture. BUFFER_TOO_SMALL."""
    names = [SYSTEM, uts.nodename, RELEASE, b"native", MACHINE]
    return store_text(task, into, size, b"".join([name + b"\0" for name in names]))


@syscall(913)
def system_set_name(task: Task, name: TextIn, name_size: usize) -> None:
    """Give the machine a name of up to 64 bytes. NOT_PERMITTED without CAP_SYS_ADMIN."""
    task.credentials.require(CAP_SYS_ADMIN, "naming the machine needs CAP_SYS_ADMIN")
    chosen = read_text(task, name, name_size)
    if len(chosen) > MAX_NAME:
        raise Failure(Status.NAME_TOO_LONG, "a name of more than 64 bytes")
    uts.nodename = chosen


@syscall(914)
def system_power(task: Task, action: Annotated[u32, PowerAction], status: i32) -> None:
    """Switch the machine off, with the exit status of the whole run, or start it anew. NOT_PERMITTED without CAP_SYS_BOOT."""
    task.credentials.require(CAP_SYS_BOOT, "this needs CAP_SYS_BOOT")
    match action:
        case 0 | 2:
            power.off(int(status) & EXIT_MASK)
        case 1:
            power.restart()
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "off, restart or halt")


@syscall(915)
def system_log(task: Task, first: u64, into: DataOut, size: usize) -> usize:
    """Lines of the kernel's log from number `first` on, as many whole ones as fit: "number time level text" and a newline each; 0 when
    there are none. NOT_PERMITTED without CAP_SYSLOG.
    """
    task.credentials.require(CAP_SYSLOG, "the log needs CAP_SYSLOG")
    pieces: list[bytes] = []
    used = 0
    for line in log.lines(int(first) if first < 1 << 62 else 1 << 62):
        text = f"{line.sequence} {line.format()}\n".encode()
        if used + len(text) > size:
            if used == 0:
                raise Failure(Status.BUFFER_TOO_SMALL, "the buffer holds not even one line")
            break
        pieces.append(text)
        used += len(text)
    return store_text(task, into, size, b"".join(pieces))


@syscall(916)
def system_abis(task: Task, into: DataOut, size: usize) -> usize:
    """The names of the ABIs whose programs run here, in the order in which they are asked, each ended by a NUL. BUFFER_TOO_SMALL."""
    return store_text(task, into, size, b"".join([module.name.encode() + b"\0" for module in modules]))


@syscall(917)
def system_inspect(task: Task, directory: DirectoryHandle, path: TextIn, path_size: usize, into: DataOut, size: usize) -> usize:
    """What every ABI says about a file, and which one would run it: lines of text. BUFFER_TOO_SMALL. Needs READ of the handle."""
    name = read_text(task, path, path_size)
    place = find(task, directory, name, 0, Rights.READ)
    return store_text(task, into, size, explanation(task, place, name))
