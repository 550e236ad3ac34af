"""Clocks, sleeping and interval timers (time(7)).

CLOCK_BOOTTIME and CLOCK_MONOTONIC_RAW equal CLOCK_MONOTONIC, for the machine never suspends and its clock is never
slewed; the coarse clocks are as fine as the others; CLOCK_TAI equals CLOCK_REALTIME, for no leap seconds are known.
The vDSO answers for most of these without coming here.
"""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.cpu_clocks import cpu_clock, require_sleepable, sleep_on_cpu_clock
from abi_modules.linux_riscv64.declare import InItimerval, InTimespec, InTimeval, OutItimerval, OutTimespec, OutTimeval
from abi_modules.linux_riscv64.state import RestartBlock, state_of
from abi_modules.linux_riscv64.structures import (
    NS_PER_SECOND,
    load_timespec_ns,
    load_timeval_ns,
    store_timespec_ns,
    store_timeval_ns,
)
from executor.declare import Address, syscall
from objects.credentials import CAP_SYS_TIME
from objects.itimers import Setting, Which, interval_timer
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.memory.user import load_u32, load_u64, store_bytes
from scarlet.kernel.waitqueue import WaitQueue, WakeReason
from scarlet.lang import Errno, i32, i64, struct, u32, u64
from scarlet.lang.errno import EINVAL, EOPNOTSUPP

NS_PER_CLOCK_TICK: Final = 10_000_000


class ClockId(IntEnum):
    """clock_gettime(2)"""

    CLOCK_REALTIME = 0
    CLOCK_MONOTONIC = 1
    CLOCK_PROCESS_CPUTIME_ID = 2
    CLOCK_THREAD_CPUTIME_ID = 3
    CLOCK_MONOTONIC_RAW = 4
    CLOCK_REALTIME_COARSE = 5
    CLOCK_MONOTONIC_COARSE = 6
    CLOCK_BOOTTIME = 7
    CLOCK_REALTIME_ALARM = 8
    CLOCK_BOOTTIME_ALARM = 9
    CLOCK_TAI = 11


def _clock_ns(task: Task, which: int) -> int:
    """What a clock shows. EINVAL for none."""
    match which:
        case ClockId.CLOCK_REALTIME | ClockId.CLOCK_REALTIME_COARSE | ClockId.CLOCK_TAI:
            return clock.realtime_ns()
        case ClockId.CLOCK_MONOTONIC | ClockId.CLOCK_MONOTONIC_RAW | ClockId.CLOCK_MONOTONIC_COARSE | ClockId.CLOCK_BOOTTIME:
            return clock.monotonic_ns()
        case ClockId.CLOCK_PROCESS_CPUTIME_ID:
            return task.process.cpu_ns()
        case ClockId.CLOCK_THREAD_CPUTIME_ID:
            return _thread_cpu_ns(task)
        case _:
            if which < 0:
                return cpu_clock(task, which).now_ns()
            raise Errno(EINVAL, "no such clock")


def _thread_cpu_ns(task: Task) -> int:
    times = task.cpu_times_ns()
    return times[0] + times[1]


@syscall(113)
def clock_gettime(task: Task, clockid: Annotated[i32, ClockId], tp: OutTimespec) -> None:
    """clock_gettime(2): every clock but the alarm ones, which are EINVAL as on a machine without an alarm clock."""
    store_timespec_ns(task, tp, _clock_ns(task, int(clockid)))


@syscall(114)
def clock_getres(task: Task, clockid: Annotated[i32, ClockId], res: OutTimespec) -> None:
    """clock_getres(2): one nanosecond, as Linux says of its high-resolution clocks."""
    _clock_ns(task, int(clockid))
    if res != 0:
        store_timespec_ns(task, res, 1)


@syscall(112)
def clock_settime(task: Task, clockid: Annotated[i32, ClockId], tp: InTimespec) -> None:
    """clock_settime(2): CLOCK_REALTIME for CAP_SYS_TIME; EINVAL for the others."""
    if clockid != ClockId.CLOCK_REALTIME:
        raise Errno(EINVAL, "this clock cannot be set")
    _set_realtime(task, load_timespec_ns(task, tp))


def _set_realtime(task: Task, ns: int) -> None:
    task.credentials.require(CAP_SYS_TIME, "setting the clock needs CAP_SYS_TIME")
    if ns < clock.monotonic_ns():
        raise Errno(EINVAL, "the machine cannot have been started before 1970")
    if ns >= clock.LATEST_SETTING:
        raise Errno(EINVAL, "after 2232")
    clock.set_realtime_ns(ns)


@syscall(169)
def gettimeofday(task: Task, tv: OutTimeval, tz: Address) -> None:
    """gettimeofday(2): the time zone is always UTC."""
    if tv != 0:
        store_timeval_ns(task, tv, clock.realtime_ns())
    if tz != 0:
        store_bytes(task.space, tz, bytes(8))


@syscall(170)
def settimeofday(task: Task, tv: InTimeval, tz: Address) -> None:
    """settimeofday(2): for CAP_SYS_TIME; a time zone other than UTC is EINVAL."""
    if tz != 0 and load_u64(task.space, tz) != 0:
        raise Errno(EINVAL, "the kernel keeps no time zone")
    if tv != 0:
        _set_realtime(task, load_timeval_ns(task, tv))
    else:
        task.credentials.require(CAP_SYS_TIME, "setting the clock needs CAP_SYS_TIME")


# --- sleeping ---------------------------------------------------------------------------------------------------------------

_realtime_sleepers: Final = WaitQueue()


def _wake_realtime_sleepers() -> None:
    """The clock was set: those who sleep until a time of day look again."""
    _realtime_sleepers.wake_all()


clock.on_realtime_change(_wake_realtime_sleepers)


class SleepFlags(IntFlag):
    """clock_nanosleep(2)"""

    TIMER_ABSTIME = 1


@syscall(101)
def nanosleep(task: Task, req: InTimespec, rem: OutTimespec) -> i32:
    """nanosleep(2): EINTR after a handler, with the time that is left."""
    return i32(_sleep_until(task, clock.deadline_after(load_timespec_ns(task, req)), rem))


@syscall(115)
def clock_nanosleep(task: Task, clockid: Annotated[i32, ClockId], flags: SleepFlags, req: InTimespec, rem: OutTimespec) -> i32:
    """clock_nanosleep(2): on CLOCK_REALTIME, _MONOTONIC, _BOOTTIME, _TAI and processor time, to a tick; ENOTSUP on others."""
    on_cpu_time = clockid < 0
    match clockid:
        case ClockId.CLOCK_REALTIME | ClockId.CLOCK_MONOTONIC | ClockId.CLOCK_BOOTTIME | ClockId.CLOCK_TAI:
            pass
        case ClockId.CLOCK_PROCESS_CPUTIME_ID | ClockId.CLOCK_THREAD_CPUTIME_ID:
            on_cpu_time = True
        case ClockId.CLOCK_MONOTONIC_RAW | ClockId.CLOCK_REALTIME_COARSE | ClockId.CLOCK_MONOTONIC_COARSE:
            raise Errno(EOPNOTSUPP, "this clock cannot be slept on")
        case _:
            if clockid >= 0:
                raise Errno(EINVAL, "no such clock to sleep on")
    if on_cpu_time:
        require_sleepable(int(clockid))
    ns = load_timespec_ns(task, req)
    if on_cpu_time:
        absolute = flags & SleepFlags.TIMER_ABSTIME != 0
        return i32(sleep_on_cpu_clock(task, int(clockid), ns, absolute=absolute, remaining=rem))
    if not flags & SleepFlags.TIMER_ABSTIME:
        return i32(_sleep_until(task, clock.deadline_after(ns), rem))
    if clockid == ClockId.CLOCK_MONOTONIC or clockid == ClockId.CLOCK_BOOTTIME:
        return i32(_sleep_absolute(ns))
    return i32(_sleep_until_realtime(ns))


class SleepRest(RestartBlock):
    """The rest of a relative sleep."""

    def __init__(self, deadline_ns: int, remaining: u64) -> None:
        self.deadline_ns = deadline_ns
        self.remaining = remaining

    def resume(self, task: Task) -> int:
        return _sleep_until(task, self.deadline_ns, self.remaining)


def _sleep_until(task: Task, deadline_ns: int, remaining: u64) -> int:
    """The rest goes to `remaining` (if not null) when a signal ends the sleep; it may be continued."""
    if WaitQueue().wait(deadline_ns) is WakeReason.TIMEOUT:
        return 0
    left = max(deadline_ns - clock.monotonic_ns(), 0)
    if remaining != 0:
        store_timespec_ns(task, remaining, left)
    state_of(task).restart_block = SleepRest(deadline_ns, remaining)
    raise Interrupted(Restart.WITH_BLOCK)


def _sleep_absolute(deadline_ns: int) -> int:
    if WaitQueue().wait(deadline_ns) is WakeReason.TIMEOUT:
        return 0
    raise Interrupted(Restart.UNLESS_HANDLER)


def _sleep_until_realtime(when_ns: int) -> int:
    while True:
        left = when_ns - clock.realtime_ns()
        if left <= 0:
            return 0
        if _realtime_sleepers.wait(clock.deadline_after(left)) is WakeReason.SIGNAL:
            raise Interrupted(Restart.UNLESS_HANDLER)


# --- interval timers ----------------------------------------------------------------------------------------------------------


class TimerName(IntEnum):
    """setitimer(2)"""

    ITIMER_REAL = 0
    ITIMER_VIRTUAL = 1
    ITIMER_PROF = 2


@syscall(102)
def getitimer(task: Task, which: Annotated[i32, TimerName], curr_value: OutItimerval) -> None:
    """getitimer(2)"""
    setting = interval_timer(task.process, _timer_name(which)).get()
    _store_setting(task, curr_value, setting)


@syscall(103)
def setitimer(task: Task, which: Annotated[i32, TimerName], new_value: InItimerval, old_value: OutItimerval) -> None:
    """setitimer(2): all three timers; no new value disarms, as Linux has it."""
    new = Setting(0, 0)
    if new_value != 0:
        new = Setting(load_timeval_ns(task, new_value), load_timeval_ns(task, u64(u64(new_value) + 16)))
    timer = interval_timer(task.process, _timer_name(which))
    old = timer.get()
    timer.set(new)
    if old_value != 0:
        _store_setting(task, old_value, old)


def _timer_name(which: i32) -> Which:
    if not 0 <= which <= 2:
        raise Errno(EINVAL, "no such timer")
    return Which(which)


def _store_setting(task: Task, address: u64, setting: Setting) -> None:
    store_timeval_ns(task, address, setting.interval_ns)
    store_timeval_ns(task, u64(address + 16), setting.remaining_ns)


# --- times and adjtimex ---------------------------------------------------------------------------------------------------------


@struct
class Tms:
    """struct tms, in ticks of 1/100 second"""

    tms_utime: i64
    tms_stime: i64
    tms_cutime: i64
    tms_cstime: i64


@syscall(153)
def times(task: Task, buf: Address) -> i64:
    """times(2): ticks since boot."""
    if buf != 0:
        own = task.process.usage_now()
        children = task.process.children_usage
        value = Tms(
            tms_utime=i64(own.user_ns // NS_PER_CLOCK_TICK),
            tms_stime=i64(own.system_ns // NS_PER_CLOCK_TICK),
            tms_cutime=i64(children.user_ns // NS_PER_CLOCK_TICK),
            tms_cstime=i64(children.system_ns // NS_PER_CLOCK_TICK),
        )
        store_bytes(task.space, buf, value.pack())
    return i64(clock.monotonic_ns() // NS_PER_CLOCK_TICK)


@struct
class Timex:
    """struct timex up to the fields that are answered"""

    modes: u32
    offset: i64
    freq: i64
    maxerror: i64
    esterror: i64
    status: i32
    constant: i64
    precision: i64
    tolerance: i64
    tv_sec: i64
    tv_usec: i64
    tick: i64


TIMEX_BYTES: Final = 208
STA_UNSYNC: Final = 0x40
TIME_ERROR: Final = 5
"""The clock is not synchronised."""


@syscall(171)
def adjtimex(task: Task, buf: Address) -> i32:
    """adjtimex(2): reads the state, which is "not synchronised"; adjusting is EPERM without CAP_SYS_TIME and else EINVAL."""
    return _adjust(task, buf)


@syscall(266)
def clock_adjtime(task: Task, clockid: Annotated[i32, ClockId], buf: Address) -> i32:
    """clock_adjtime(2): adjtimex for CLOCK_REALTIME; ENOTSUP for the others."""
    if clockid != ClockId.CLOCK_REALTIME:
        raise Errno(EOPNOTSUPP, "this clock cannot be adjusted")
    return _adjust(task, buf)


def _adjust(task: Task, address: u64) -> i32:
    if load_u32(task.space, address) != 0:
        task.credentials.require(CAP_SYS_TIME, "adjusting the clock needs CAP_SYS_TIME")
        raise Errno(EINVAL, "the clock cannot be adjusted, only set")
    now = clock.realtime_ns()
    state = Timex(
        maxerror=i64(16_000_000),
        esterror=i64(16_000_000),
        status=i32(STA_UNSYNC),
        constant=i64(2),
        precision=i64(1),
        tolerance=i64(32_768_000),
        tv_sec=i64(now // NS_PER_SECOND),
        tv_usec=i64(now % NS_PER_SECOND // 1000),
        tick=i64(10_000),
    )
    data = state.pack()
    store_bytes(task.space, address, data + bytes(TIMEX_BYTES - len(data)))
    return i32(TIME_ERROR)
