"""DOS dates and times: local time in steps of two seconds, from 1980 to 2107. Times on disk are taken as UTC.

Source: FAT32 File System Specification 1.03, "Date and Time Formats".
"""

from typing import Final

SECOND_NS: Final = 1_000_000_000
DAY: Final = 86400
FIRST_YEAR: Final = 1980
LAST_YEAR: Final = 2107
FIRST: Final = 315532800
"""1980-01-01T00:00:00 in seconds since 1970."""
END: Final = 4354819200
"""2108-01-01T00:00:00."""
DAYS_BEFORE_MONTH: Final[list[int]] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]


class Stamp:
    """A date, a time, and what the time leaves over, in hundredths of a second (0 to 199)."""

    def __init__(self, date: int, time: int, fine: int) -> None:
        self.date = date
        self.time = time
        self.fine = fine


def to_ns(date: int, time: int = 0, fine: int = 0) -> int:
    """Nanoseconds since 1970. Fields that cannot be are read as the nearest that can: a damaged time is no reason to refuse a file."""
    year = FIRST_YEAR + (date >> 9 & 0x7F)
    month = min(max(date >> 5 & 0x0F, 1), 12)
    day = max(date & 0x1F, 1)
    seconds = (_days_before(year) + DAYS_BEFORE_MONTH[month - 1] + day - 1) * DAY + FIRST
    if month > 2 and _is_leap(year):
        seconds += DAY
    seconds += min(time >> 11, 23) * 3600 + min(time >> 5 & 0x3F, 59) * 60 + min(time & 0x1F, 29) * 2
    return seconds * SECOND_NS + min(fine, 199) * (SECOND_NS // 100)


def from_ns(time_ns: int) -> Stamp:
    """The stamp of a moment; the nearest there is for one before 1980 or after 2107."""
    seconds = min(max(time_ns // SECOND_NS, FIRST), END - 1)
    hundredths = time_ns % SECOND_NS // (SECOND_NS // 100) if FIRST <= time_ns // SECOND_NS < END else 0
    days = (seconds - FIRST) // DAY
    within = (seconds - FIRST) % DAY
    year = FIRST_YEAR + days // 366
    while _days_before(year + 1) <= days:
        year += 1
    days -= _days_before(year)
    month = 12
    while days < _day_of_month_start(year, month):
        month -= 1
    day = days - _day_of_month_start(year, month) + 1
    date = (year - FIRST_YEAR) << 9 | month << 5 | day
    return Stamp(date, within // 3600 << 11 | within // 60 % 60 << 5 | within % 60 // 2, within % 2 * 100 + hundredths)


def to_disk_precision(time_ns: int) -> int:
    """What a modification time will be when it is read back."""
    stamp = from_ns(time_ns)
    return to_ns(stamp.date, stamp.time)


def to_disk_date(time_ns: int) -> int:
    """What an access time will be when it is read back: of times of access only the day is kept."""
    return to_ns(from_ns(time_ns).date)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and year != 2100


def _days_before(year: int) -> int:
    """Days from 1980 to the beginning of a year."""
    return (year - FIRST_YEAR) * 365 + (year - FIRST_YEAR + 3) // 4 - (1 if year > 2100 else 0)


def _day_of_month_start(year: int, month: int) -> int:
    return DAYS_BEFORE_MONTH[month - 1] + (1 if month > 2 and _is_leap(year) else 0)
