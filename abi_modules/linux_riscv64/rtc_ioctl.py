"""Requests of ioctl(2) about the real-time clock: its time as a date. (rtc(4), linux/rtc.h)"""

from enum import IntEnum
from typing import Final

from objects.credentials import CAP_SYS_TIME
from objects.realtimeclock import ClockFile
from objects.task import Task
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import Errno, i32, struct, u64
from scarlet.lang.errno import EACCES, EINVAL, ENOTTY, ERANGE

NS_PER_SECOND: Final = 1_000_000_000
SECONDS_PER_DAY: Final = 86400
DAYS_PER_400_YEARS: Final = 146097
DAYS_BEFORE_1970: Final = 719468
"""From the first of March of the year 0."""
LAST_YEAR: Final = NEVER // NS_PER_SECOND // (365 * SECONDS_PER_DAY) + 1970


class RtcRequest(IntEnum):
    """linux/rtc.h"""

    RTC_RD_TIME = 0x80247009
    RTC_SET_TIME = 0x4024700A


@struct
class RtcTime:
    """struct rtc_time: as struct tm, months from 0 and years from 1900."""

    tm_sec: i32
    tm_min: i32
    tm_hour: i32
    tm_mday: i32
    tm_mon: i32
    tm_year: i32
    tm_wday: i32
    tm_yday: i32
    tm_isdst: i32


def rtc_ioctl(task: Task, file: ClockFile, request: int, argument: u64) -> int:
    """0. EACCES to set it without CAP_SYS_TIME; EINVAL for what is no date, ERANGE for one after 2262; ENOTTY: no alarms, no interrupts."""
    match request:
        case RtcRequest.RTC_RD_TIME:
            store_bytes(task.space, argument, date_of(file.chip.read_ns() // NS_PER_SECOND).pack())
        case RtcRequest.RTC_SET_TIME:
            if not task.credentials.capable(CAP_SYS_TIME):
                raise Errno(EACCES, "setting the clock needs CAP_SYS_TIME")
            file.chip.set_ns(seconds_of(RtcTime.parse(load_bytes(task.space, argument, RtcTime.SIZE))) * NS_PER_SECOND)
        case _:
            raise Errno(ENOTTY, "the clock tells the time, and is set")
    return 0


def days_before(year: int, month: int) -> int:
    """From 1970-01-01 to the first of a month, counted from 1. A year is taken to begin in March: then leap days are at its end."""
    if month <= 2:
        year -= 1
        month += 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 - DAYS_BEFORE_1970


def date_of(seconds: int) -> RtcTime:
    """The date and time in UTC, so many seconds after 1970."""
    days = seconds // SECONDS_PER_DAY
    rest = seconds % SECONDS_PER_DAY
    year = 1970 + days * 400 // DAYS_PER_400_YEARS
    while days_before(year, 1) > days:
        year -= 1
    while days_before(year + 1, 1) <= days:
        year += 1
    month = 1
    while month < 12 and days_before(year, month + 1) <= days:
        month += 1
    return RtcTime(
        tm_sec=i32(rest % 60), tm_min=i32(rest // 60 % 60), tm_hour=i32(rest // 3600), tm_mday=i32(days - days_before(year, month) + 1),
        tm_mon=i32(month - 1), tm_year=i32(year - 1900), tm_wday=i32((days + 4) % 7), tm_yday=i32(days - days_before(year, 1)),
    )  # fmt: skip


def seconds_of(date: RtcTime) -> int:
    """The reverse; the day of the week and of the year are not looked at. EINVAL, ERANGE."""
    year = int(date.tm_year) + 1900
    month = int(date.tm_mon) + 1
    if year < 1970 or not 1 <= month <= 12:
        raise Errno(EINVAL, "no month after 1970")
    if year > LAST_YEAR:
        raise Errno(ERANGE, "later than the clock can tell")
    first = days_before(year, month)
    next = days_before(year, month + 1) if month < 12 else days_before(year + 1, 1)
    if not 1 <= date.tm_mday <= next - first:
        raise Errno(EINVAL, "no day of that month")
    if not (0 <= date.tm_hour < 24 and 0 <= date.tm_min < 60 and 0 <= date.tm_sec < 60):
        raise Errno(EINVAL, "no time of day")
    seconds = (first + int(date.tm_mday) - 1) * SECONDS_PER_DAY + int(date.tm_hour) * 3600 + int(date.tm_min) * 60 + int(date.tm_sec)
    if seconds > NEVER // NS_PER_SECOND - 1:
        raise Errno(ERANGE, "later than the clock can tell")
    return seconds
