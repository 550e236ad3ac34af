"""Dates and times: seven bytes in a directory record, seventeen in digits where a program wanted hundredths of a second.

A damaged date is no reason to refuse a file: fields that cannot be are read as the nearest that can.

Source: ECMA-119, 8.4.26.1 and 9.1.5.
"""

from typing import Final

from vfs.text import decimal

SHORT: Final = 7
LONG: Final = 17
SECOND_NS: Final = 1_000_000_000
DAY: Final = 86400
QUARTER: Final = 15 * 60
FARTHEST: Final = 52
"""Quarters of an hour from Greenwich; what says more is not a time zone."""


def short_to_ns(data: bytes, at: int) -> int:
    """Nanoseconds since 1970 of the seven bytes at a place; 0 where no date was recorded."""
    if data[at + 1] == 0:
        return 0
    days = days_to(1900 + data[at], data[at + 1], data[at + 2])
    return _in_ns(days, data[at + 3], data[at + 4], data[at + 5], data[at + 6])


def long_to_ns(data: bytes, at: int) -> int:
    """The same of seventeen bytes: YYYYMMDDhhmmsscc in digits, and the zone."""
    month = _digits(data, at + 4, 2)
    if month == 0:
        return 0
    days = days_to(_digits(data, at, 4), month, _digits(data, at + 6, 2))
    whole = _in_ns(days, _digits(data, at + 8, 2), _digits(data, at + 10, 2), _digits(data, at + 12, 2), data[at + 16])
    return whole + _digits(data, at + 14, 2) * (SECOND_NS // 100)


def _digits(data: bytes, at: int, count: int) -> int:
    return max(decimal(data[at : at + count]), 0)


def _in_ns(days: int, hour: int, minute: int, second: int, zone: int) -> int:
    seconds = days * DAY + min(hour, 23) * 3600 + min(minute, 59) * 60 + min(second, 59)
    quarters = zone - 256 if zone >= 128 else zone
    if -FARTHEST <= quarters <= FARTHEST:
        seconds -= quarters * QUARTER
    return seconds * SECOND_NS


def days_to(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar. The year begins in March, so that a leap day is its last."""
    month = min(max(month, 1), 12)
    day = min(max(day, 1), 31)
    if month <= 2:
        year -= 1
        month += 12
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 - 457) // 5 + day - 719469
