"""/dev/rtc0, and /dev/rtc for programs that know no numbers: the real-time clock. (rtc(4))"""

from typing import Final

from objects.metadata import InodeType
from objects.realtimeclock import ClockChip, open_clock
from vfs.devices import announce

RTC_MAJOR: Final = 252
MISC_MAJOR: Final = 10
RTC_MINOR: Final = 135


def announce_clock(chip: ClockChip) -> None:
    """Make its nodes, in devices file systems that are mounted afterwards."""
    announce(
        InodeType.CHARACTER, RTC_MAJOR, 0, b"rtc0", b"rtc",
        lambda inode, location, access, status: open_clock(chip, inode, location, status),
    )  # fmt: skip
    announce(
        InodeType.CHARACTER, MISC_MAJOR, RTC_MINOR, b"rtc", b"misc",
        lambda inode, location, access, status: open_clock(chip, inode, location, status),
    )  # fmt: skip
