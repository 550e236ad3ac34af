"""Dates of the Gregorian calendar, in universal time.

The arithmetic counts days from the first of March, so that the day that is sometimes missing comes last in the year.
"""

from typing import Final

NANOSECONDS: Final = 1_000_000_000
DAY_SECONDS: Final = 86400
ERA_DAYS: Final = 146097
"""Of 400 years."""
EPOCH: Final = 719468
"""Days from 1 March of the year 0 to 1 January 1970."""


class Date:
    """A point in time, taken apart."""

    def __init__(self, time_ns: int) -> None:
        seconds = time_ns // NANOSECONDS
        days = seconds // DAY_SECONDS
        within = seconds % DAY_SECONDS
        self.hour = within // 3600
        self.minute = within // 60 % 60
        self.second = within % 60
        shifted = days + EPOCH
        era = shifted // ERA_DAYS
        day_of_era = shifted % ERA_DAYS
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        month = (5 * day_of_year + 2) // 153
        self.day = day_of_year - (153 * month + 2) // 5 + 1
        self.month = month + 3 if month < 10 else month - 9
        self.year = year_of_era + era * 400 + (1 if self.month <= 2 else 0)

    def text(self) -> str:
        """As listings show it."""
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d} {self.hour:02d}:{self.minute:02d}"


def duration(time_ns: int) -> str:
    """Minutes and seconds, hours when there are any."""
    seconds = time_ns // NANOSECONDS
    if seconds >= 3600:
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 60}:{seconds % 60:02d}"
