"""The real-time clock through ioctl(2). (rtc(4))"""

import calendar
import struct
import time

from hypothesis import given
from hypothesis import strategies as st

from abi_modules.linux_riscv64.rtc_ioctl import LAST_YEAR, RtcTime, date_of, seconds_of
from drivers.rtc import RealTimeClock
from objects.metadata import InodeType
from scarlet.kernel.clock import NEVER
from scarlet.lang.errno import EACCES, EBUSY, EINVAL, ENOTTY, ERANGE
from scarlet.machine.hosted.clock import EPOCH_NS
from scarlet.machine.hosted.layout import RTC_BASE
from tests.abi.support import AT_FDCWD, Program, linux
from tests.abi.test_proc_files import mount_all
from tests.vfs.support import outcome
from vfs.clocknodes import MISC_MAJOR, RTC_MAJOR, RTC_MINOR, announce_clock
from vfs.devices import withdraw

IOCTL, OPENAT, CLOSE, SETRESUID = 29, 56, 57, 147
RTC_RD_TIME, RTC_SET_TIME, RTC_UIE_ON = 0x80247009, 0x4024700A, 0x7003


@given(st.integers(0, NEVER // 10**9 - 1))
def test_dates_are_those_of_the_calendar(seconds: int) -> None:
    date = date_of(seconds)
    expected = time.gmtime(seconds)
    assert tuple(struct.unpack("<9i", date.pack()))[:6] == (
        expected.tm_sec, expected.tm_min, expected.tm_hour, expected.tm_mday, expected.tm_mon - 1, expected.tm_year - 1900,
    )  # fmt: skip
    assert (date.tm_wday, date.tm_yday) == ((expected.tm_wday + 1) % 7, expected.tm_yday - 1)
    assert seconds_of(date) == seconds == calendar.timegm(expected)


def test_what_is_no_date() -> None:
    def refused(*fields: int) -> str:
        names = ("tm_sec", "tm_min", "tm_hour", "tm_mday", "tm_mon", "tm_year")
        return outcome(lambda: seconds_of(RtcTime(**dict(zip(names, fields, strict=True)))))

    assert refused(0, 0, 0, 29, 1, 124) == "ok"
    for fields in (
        (0, 0, 0, 29, 1, 123), (0, 0, 0, 0, 0, 100), (0, 0, 0, 32, 0, 100), (60, 0, 0, 1, 0, 100), (0, -1, 0, 1, 0, 100),
        (0, 0, 24, 1, 0, 100), (0, 0, 0, 1, 12, 100), (0, 0, 0, 1, 0, 69), (0, 0, 0, 31, 3, 100),
    ):  # fmt: skip
        assert refused(*fields) == "EINVAL", fields
    assert refused(0, 0, 0, 1, 0, LAST_YEAR - 1900 + 1) == "ERANGE"
    assert refused(0, 0, 0, 1, 0, (1 << 31) - 1) == "ERANGE"
    assert refused(0, 0, 0, 31, 11, 2262 - 1900) == "ERANGE"


def test_the_clock_is_read_and_set() -> None:
    def body(program: Program) -> None:
        announce_clock(RealTimeClock(RTC_BASE))
        mount_all(program)
        clock = program.call(OPENAT, AT_FDCWD, b"/dev/rtc0", 0, 0)
        assert clock >= 0
        assert program.call(OPENAT, AT_FDCWD, b"/dev/rtc", 0, 0) == -EBUSY
        place = program.room(36)
        assert program.call(IOCTL, clock, RTC_RD_TIME, place) == 0
        assert struct.unpack("<6i", program.get(place, 24))[3:] == (1, 0, time.gmtime(EPOCH_NS // 10**9).tm_year - 1900)
        date = struct.pack("<9i", 5, 4, 3, 2, 1, 130, 0, 0, 0)
        assert program.call(IOCTL, clock, RTC_SET_TIME, date) == 0
        assert program.call(IOCTL, clock, RTC_RD_TIME, place) == 0
        assert struct.unpack("<6i", program.get(place, 24)) == (5, 4, 3, 2, 1, 130)
        assert program.call(IOCTL, clock, RTC_SET_TIME, struct.pack("<9i", 5, 4, 3, 40, 1, 130, 0, 0, 0)) == -EINVAL
        assert program.call(IOCTL, clock, RTC_SET_TIME, struct.pack("<9i", 0, 0, 0, 1, 0, 9000, 0, 0, 0)) == -ERANGE
        assert program.call(IOCTL, clock, RTC_UIE_ON, 0) == -ENOTTY
        assert program.call(SETRESUID, 1000, 1000, 1000) == 0
        assert program.call(IOCTL, clock, RTC_SET_TIME, date) == -EACCES
        program.call(CLOSE, clock)
        withdraw(InodeType.CHARACTER, RTC_MAJOR, 0)
        withdraw(InodeType.CHARACTER, MISC_MAJOR, RTC_MINOR)

    linux(body)
