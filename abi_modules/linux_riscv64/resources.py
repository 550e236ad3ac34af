"""What processes use and may use: rusage, limits, priorities, scheduling (getrusage(2), getrlimit(2), sched(7)).

The scheduler is round robin and knows one policy, SCHED_OTHER. Nice values and I/O priorities are kept and shown;
they have no effect on the order.
"""

from enum import IntEnum
from typing import Annotated, Final

from abi_modules.linux_riscv64.declare import InRlimit, OutRlimit, OutRusage, OutTimespec
from abi_modules.linux_riscv64.state import LinuxState
from abi_modules.linux_riscv64.structures import store_rusage, store_timespec_ns
from executor.declare import Address, syscall
from objects.cpulimit import set_limit
from objects.credentials import CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_SYS_RESOURCE
from objects.limits import INFINITY, Resource
from objects.process import Process
from objects.processes import processes
from objects.task import Task
from scarlet.kernel import harts, scheduler
from scarlet.kernel.memory.user import load_bytes, load_u32, store_bytes, store_u32
from scarlet.lang import Errno, i32, struct, u32, u64
from scarlet.lang.errno import EACCES, EINVAL, EPERM, ESRCH

# --- rusage and limits ------------------------------------------------------------------------------------------------------


class RusageWho(IntEnum):
    """getrusage(2)"""

    RUSAGE_SELF = 0
    RUSAGE_CHILDREN = -1
    RUSAGE_THREAD = 1


@syscall(165)
def getrusage(task: Task, who: Annotated[i32, RusageWho], usage: OutRusage) -> None:
    """getrusage(2)"""
    match who:
        case RusageWho.RUSAGE_SELF:
            store_rusage(task, usage, task.process.usage_now())
        case RusageWho.RUSAGE_CHILDREN:
            store_rusage(task, usage, task.process.children_usage)
        case RusageWho.RUSAGE_THREAD:
            store_rusage(task, usage, task.usage())
        case _:
            raise Errno(EINVAL, "RUSAGE_SELF, RUSAGE_CHILDREN or RUSAGE_THREAD")


class ResourceName(IntEnum):
    """getrlimit(2)"""

    RLIMIT_CPU = 0
    RLIMIT_FSIZE = 1
    RLIMIT_DATA = 2
    RLIMIT_STACK = 3
    RLIMIT_CORE = 4
    RLIMIT_RSS = 5
    RLIMIT_NPROC = 6
    RLIMIT_NOFILE = 7
    RLIMIT_MEMLOCK = 8
    RLIMIT_AS = 9
    RLIMIT_LOCKS = 10
    RLIMIT_SIGPENDING = 11
    RLIMIT_MSGQUEUE = 12
    RLIMIT_NICE = 13
    RLIMIT_RTPRIO = 14
    RLIMIT_RTTIME = 15


@struct
class Rlimit64:
    """struct rlimit64"""

    rlim_cur: u64
    rlim_max: u64


RLIM_INFINITY: Final = 0xFFFFFFFFFFFFFFFF


def _to_linux(value: int) -> u64:
    return u64(RLIM_INFINITY) if value == INFINITY else u64(value)


def _from_linux(value: u64) -> int:
    return INFINITY if value >= INFINITY else int(value)


def _store_limit(task: Task, address: u64, process: Process, resource: int) -> None:
    limit = process.limits.get(resource)
    store_bytes(task.space, address, Rlimit64(rlim_cur=_to_linux(limit.soft), rlim_max=_to_linux(limit.hard)).pack())


def _set_limit(task: Task, process: Process, resource: int, new: Rlimit64) -> None:
    privileged = task.credentials.capable(CAP_SYS_RESOURCE)
    set_limit(process, resource, _from_linux(new.rlim_cur), _from_linux(new.rlim_max), privileged=privileged)


@syscall(163)
def getrlimit(task: Task, resource: Annotated[i32, ResourceName], rlim: OutRlimit) -> None:
    """getrlimit(2)"""
    _store_limit(task, rlim, task.process, int(resource))


@syscall(164)
def setrlimit(task: Task, resource: Annotated[i32, ResourceName], rlim: InRlimit) -> None:
    """setrlimit(2)"""
    _set_limit(task, task.process, int(resource), Rlimit64.parse(load_bytes(task.space, rlim, Rlimit64.SIZE)))


@syscall(261)
def prlimit64(task: Task, pid: i32, resource: Annotated[i32, ResourceName], new_limit: InRlimit, old_limit: OutRlimit) -> None:
    """prlimit(2): of any process whose identities are all the caller's, or with CAP_SYS_RESOURCE."""
    new = Rlimit64()
    if new_limit != 0:
        new = Rlimit64.parse(load_bytes(task.space, new_limit, Rlimit64.SIZE))
    process = task.process if pid == 0 else processes.get(int(pid))
    if process is not task.process and not _same_identity(task, process) and not task.credentials.capable(CAP_SYS_RESOURCE):
        raise Errno(EPERM, "the process belongs to someone else")
    if new_limit == 0:
        process.limits.get(int(resource))
        if old_limit != 0:
            _store_limit(task, old_limit, process, int(resource))
        return
    old = process.limits.get(int(resource))
    _set_limit(task, process, int(resource), new)
    if old_limit != 0:
        store_bytes(task.space, old_limit, Rlimit64(rlim_cur=_to_linux(old.soft), rlim_max=_to_linux(old.hard)).pack())


def _same_identity(task: Task, process: Process) -> bool:
    mine = task.credentials
    other = process.credentials
    users = mine.uid == other.uid and mine.uid == other.euid and mine.uid == other.suid
    return users and mine.gid == other.gid and mine.gid == other.egid and mine.gid == other.sgid


# --- nice -------------------------------------------------------------------------------------------------------------------


class PriorityWhich(IntEnum):
    """getpriority(2)"""

    PRIO_PROCESS = 0
    PRIO_PGRP = 1
    PRIO_USER = 2


def _selected(task: Task, which: i32, who: i32) -> list[Process]:
    """The processes meant; ESRCH when there is none."""
    match which:
        case PriorityWhich.PRIO_PROCESS:
            return [task.process if who == 0 else processes.get(int(who))]
        case PriorityWhich.PRIO_PGRP:
            group = task.process.group.identity if who == 0 else int(who)
            found = [process for process in processes.all() if process.group.identity == group]
        case PriorityWhich.PRIO_USER:
            user = task.credentials.uid if who == 0 else int(who)
            found = [process for process in processes.all() if process.credentials.uid == user]
        case _:
            raise Errno(EINVAL, "PRIO_PROCESS, PRIO_PGRP or PRIO_USER")
    if not found:
        raise Errno(ESRCH, "no such process")
    return found


@syscall(141)
def getpriority(task: Task, which: Annotated[i32, PriorityWhich], who: i32) -> i32:
    """getpriority(2): 20 minus the lowest nice value, so that it is never negative."""
    return i32(20 - min([process.nice for process in _selected(task, which, who)]))


@syscall(140)
def setpriority(task: Task, which: Annotated[i32, PriorityWhich], who: i32, prio: i32) -> None:
    """setpriority(2): EPERM for other users' processes, EACCES to go below what RLIMIT_NICE allows."""
    nice = max(-20, min(int(prio), 19))
    for process in _selected(task, which, who):
        _renice(task, process, nice)


def _renice(task: Task, process: Process, nice: int) -> None:
    mine = task.credentials
    if mine.euid not in (process.credentials.uid, process.credentials.euid) and not mine.capable(CAP_SYS_NICE):
        raise Errno(EPERM, "the process belongs to someone else")
    if nice < process.nice and 20 - nice > process.limits.soft(Resource.NICE) and not mine.capable(CAP_SYS_NICE):
        raise Errno(EACCES, "a lower nice value needs CAP_SYS_NICE")
    process.nice = nice


class IoprioWhich(IntEnum):
    """ioprio_set(2)"""

    IOPRIO_WHO_PROCESS = 1
    IOPRIO_WHO_PGRP = 2
    IOPRIO_WHO_USER = 3


IOPRIO_CLASS_SHIFT: Final = 13


@syscall(31)
def ioprio_get(task: Task, which: Annotated[i32, IoprioWhich], who: i32) -> i32:
    """ioprio_get(2): the highest of those selected."""
    return i32(min([_io_priority(process) for process in _selected(task, i32(which - 1), who)]))


@syscall(30)
def ioprio_set(task: Task, which: Annotated[i32, IoprioWhich], who: i32, ioprio: i32) -> None:
    """ioprio_set(2): kept and shown; EPERM for the real-time class without CAP_SYS_ADMIN."""
    kind = int(ioprio) >> IOPRIO_CLASS_SHIFT
    level = int(ioprio) & ((1 << IOPRIO_CLASS_SHIFT) - 1)
    if not 0 <= kind <= 3 or (kind == 0 and level != 0) or (kind in (1, 2) and level > 7):
        raise Errno(EINVAL, "no such class or level")
    if kind == 1:
        task.credentials.require(CAP_SYS_ADMIN, "the real-time class needs CAP_SYS_ADMIN")
    for process in _selected(task, i32(which - 1), who):
        if process.credentials.uid not in (task.credentials.uid, task.credentials.euid) and not task.credentials.capable(CAP_SYS_NICE):
            raise Errno(EPERM, "the process belongs to someone else")
        state = process.abi
        if isinstance(state, LinuxState):
            state.io_priority = int(ioprio)


def _io_priority(process: Process) -> int:
    state = process.abi
    return state.io_priority if isinstance(state, LinuxState) else 0


# --- scheduling -------------------------------------------------------------------------------------------------------------


class Policy(IntEnum):
    """sched(7)"""

    SCHED_OTHER = 0
    SCHED_FIFO = 1
    SCHED_RR = 2
    SCHED_BATCH = 3
    SCHED_IDLE = 5
    SCHED_DEADLINE = 6
    SCHED_EXT = 7


AFFINITY_BYTES: Final = 8


def _thread(task: Task, pid: i32) -> Task:
    if pid < 0:
        raise Errno(EINVAL, "negative process number")
    found = task if pid == 0 else processes.find_task(int(pid))
    if found is None:
        raise Errno(ESRCH, "no such thread")
    return found


@syscall(124)
def sched_yield(task: Task) -> None:
    """sched_yield(2)"""
    scheduler.yield_now()


@syscall(120)
def sched_getscheduler(task: Task, pid: i32) -> i32:
    """sched_getscheduler(2): always SCHED_OTHER."""
    _thread(task, pid)
    return i32(Policy.SCHED_OTHER)


@syscall(119)
def sched_setscheduler(task: Task, pid: i32, policy: Annotated[i32, Policy], param: Address) -> None:
    """sched_setscheduler(2): SCHED_OTHER with priority 0 is the one policy; EPERM (unprivileged) or EINVAL for others."""
    if policy < 0:
        raise Errno(EINVAL, "no such policy")
    priority = _priority(task, pid, param)
    if policy in (Policy.SCHED_FIFO, Policy.SCHED_RR):
        task.credentials.require(CAP_SYS_NICE, "real-time policies need CAP_SYS_NICE")
    if policy != Policy.SCHED_OTHER or priority != 0:
        raise Errno(EINVAL, "SCHED_OTHER with priority 0 is the one policy")


@syscall(121)
def sched_getparam(task: Task, pid: i32, param: Address) -> None:
    """sched_getparam(2): priority 0."""
    if param == 0:
        raise Errno(EINVAL, "no place for the parameter")
    _thread(task, pid)
    store_u32(task.space, param, 0)


@syscall(118)
def sched_setparam(task: Task, pid: i32, param: Address) -> None:
    """sched_setparam(2): priority 0; EINVAL for another one."""
    if _priority(task, pid, param) != 0:
        raise Errno(EINVAL, "SCHED_OTHER has priority 0 alone")


def _priority(task: Task, pid: i32, param: u64) -> i32:
    """The priority in a struct sched_param that is meant for a thread. EINVAL, EFAULT, ESRCH."""
    if pid < 0 or param == 0:
        raise Errno(EINVAL, "negative process number, or no parameter")
    priority = i32(load_u32(task.space, param))
    _thread(task, pid)
    return priority


@syscall(125)
def sched_get_priority_max(task: Task, policy: Annotated[i32, Policy]) -> i32:
    """sched_get_priority_max(2)"""
    return i32(99 if _is_realtime(policy) else 0)


@syscall(126)
def sched_get_priority_min(task: Task, policy: Annotated[i32, Policy]) -> i32:
    """sched_get_priority_min(2)"""
    return i32(1 if _is_realtime(policy) else 0)


def _is_realtime(policy: i32) -> bool:
    if not 0 <= policy <= Policy.SCHED_EXT or policy == 4:
        raise Errno(EINVAL, "no such policy")
    return policy in (Policy.SCHED_FIFO, Policy.SCHED_RR)


@syscall(127)
def sched_rr_get_interval(task: Task, pid: i32, tp: OutTimespec) -> None:
    """sched_rr_get_interval(2): the time slice."""
    _thread(task, pid)
    store_timespec_ns(task, tp, scheduler.SLICE_NS)


def _bound_thread(task: Task, pid: i32) -> Task:
    """As _thread(), but nobody has a negative number."""
    if pid < 0:
        raise Errno(ESRCH, "no such thread")
    return _thread(task, pid)


@syscall(123)
def sched_getaffinity(task: Task, pid: i32, cpusetsize: u32, mask: Address) -> i32:
    """sched_getaffinity(2): every thread may run on every hart; the result is the size of the kernel's mask."""
    if cpusetsize & 7 != 0 or int(cpusetsize) * 8 < harts.hart_count():
        raise Errno(EINVAL, "the set is too small, or no whole number of words")
    _bound_thread(task, pid)
    store_bytes(task.space, mask, u64((1 << harts.hart_count()) - 1).to_bytes(8, "little"))
    return i32(AFFINITY_BYTES)


@syscall(122)
def sched_setaffinity(task: Task, pid: i32, cpusetsize: u32, mask: Address) -> None:
    """sched_setaffinity(2): a set that holds every hart; EINVAL for less, as threads cannot be bound."""
    _bound_thread(task, pid)
    all_harts = (1 << harts.hart_count()) - 1
    data = load_bytes(task.space, mask, min(int(cpusetsize), AFFINITY_BYTES))
    if int.from_bytes(data[:4], "little") & all_harts != all_harts:
        raise Errno(EINVAL, "a thread cannot be kept from a hart")


@syscall(168)
def getcpu(task: Task, cpu: Address, node: Address, tcache: Address) -> None:
    """getcpu(2): the hart; there is one node."""
    if cpu != 0:
        store_u32(task.space, cpu, harts.current_hart())
    if node != 0:
        store_u32(task.space, node, 0)
