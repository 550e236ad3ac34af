"""Structures that several groups of system calls share, with the names and layout of riscv64 Linux, and how they are fetched and stored."""

from typing import Final

from objects.task import Task
from objects.usage import Usage
from scarlet.kernel.memory.user import load_bytes, store_bytes, store_u64
from scarlet.lang import Errno, i64, struct, u64
from scarlet.lang.errno import EINVAL

NS_PER_SECOND: Final = 1_000_000_000
NS_PER_MICROSECOND: Final = 1000
LONGEST_SECONDS: Final = 9_223_372_035
"""Whole seconds whose nanoseconds fit an i64: longer times are taken for this one (linux/ktime.h, KTIME_SEC_MAX)."""


@struct
class Timespec:
    """struct timespec"""

    tv_sec: i64
    tv_nsec: i64


@struct
class Timeval:
    """struct timeval"""

    tv_sec: i64
    tv_usec: i64


@struct
class Rusage:
    """struct rusage (getrusage(2)); what Linux leaves 0 is 0 here too."""

    utime_sec: i64
    utime_usec: i64
    stime_sec: i64
    stime_usec: i64
    ru_maxrss: i64
    ru_ixrss: i64
    ru_idrss: i64
    ru_isrss: i64
    ru_minflt: i64
    ru_majflt: i64
    ru_nswap: i64
    ru_inblock: i64
    ru_oublock: i64
    ru_msgsnd: i64
    ru_msgrcv: i64
    ru_nsignals: i64
    ru_nvcsw: i64
    ru_nivcsw: i64


def load_timespec_ns(task: Task, address: u64) -> int:
    """The nanoseconds of a struct timespec. EFAULT; EINVAL when it is negative or tv_nsec is no fraction of a second."""
    value = Timespec.parse(load_bytes(task.space, address, Timespec.SIZE))
    if value.tv_sec < 0 or not 0 <= value.tv_nsec < NS_PER_SECOND:
        raise Errno(EINVAL, "not a valid timespec")
    return min(int(value.tv_sec), LONGEST_SECONDS) * NS_PER_SECOND + int(value.tv_nsec)


def store_timespec_ns(task: Task, address: u64, ns: int) -> None:
    """EFAULT."""
    store_u64(task.space, address, u64(ns // NS_PER_SECOND))
    store_u64(task.space, u64(address + 8), u64(ns % NS_PER_SECOND))


def load_timeval_ns(task: Task, address: u64) -> int:
    """The nanoseconds of a struct timeval. EFAULT; EINVAL when it is negative or tv_usec is no fraction of a second."""
    value = Timeval.parse(load_bytes(task.space, address, Timeval.SIZE))
    if value.tv_sec < 0 or not 0 <= value.tv_usec < 1_000_000:
        raise Errno(EINVAL, "not a valid timeval")
    return min(int(value.tv_sec), LONGEST_SECONDS) * NS_PER_SECOND + int(value.tv_usec) * NS_PER_MICROSECOND


def store_timeval_ns(task: Task, address: u64, ns: int) -> None:
    """EFAULT."""
    store_u64(task.space, address, u64(ns // NS_PER_SECOND))
    store_u64(task.space, u64(address + 8), u64(ns % NS_PER_SECOND // NS_PER_MICROSECOND))


def store_rusage(task: Task, address: u64, usage: Usage) -> None:
    """EFAULT."""
    value = Rusage(
        utime_sec=i64(usage.user_ns // NS_PER_SECOND),
        utime_usec=i64(usage.user_ns % NS_PER_SECOND // NS_PER_MICROSECOND),
        stime_sec=i64(usage.system_ns // NS_PER_SECOND),
        stime_usec=i64(usage.system_ns % NS_PER_SECOND // NS_PER_MICROSECOND),
        ru_maxrss=i64(usage.max_resident // 1024),
        ru_minflt=i64(usage.minor_faults),
        ru_majflt=i64(usage.major_faults),
        ru_inblock=i64(usage.blocks_in),
        ru_oublock=i64(usage.blocks_out),
        ru_nvcsw=i64(usage.voluntary_switches),
        ru_nivcsw=i64(usage.involuntary_switches),
    )
    store_bytes(task.space, address, value.pack())
