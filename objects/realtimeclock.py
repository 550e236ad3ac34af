"""The real-time clock of the machine as a device: it goes on while the machine is off. (rtc(4))

One open file at a time, as on Linux. There are no alarms and no interrupts, so there is nothing to read and nothing to wait for.
"""

from typing import TYPE_CHECKING

from objects.object import KernelObject, Status
from objects.opened import Opened
from scarlet.lang.errno import EBUSY, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location


class ClockChip:
    """What a driver offers."""

    def __init__(self) -> None:
        self.is_open = False

    def read_ns(self) -> int:
        """Nanoseconds since 1970-01-01 00:00:00 UTC."""
        raise NotImplementedError("ClockChip.read_ns")

    def set_ns(self, ns: int) -> None:
        """Set it to that."""
        raise NotImplementedError("ClockChip.set_ns")


class ClockFile(Opened):
    """/dev/rtc0, opened."""

    def __init__(self, chip: ClockChip, inode: "Inode", location: "Location", status: Status) -> None:
        super().__init__(inode, location, status)
        self.chip = chip
        chip.is_open = True

    def __del__(self) -> None:
        self.chip.is_open = False


def open_clock(chip: ClockChip, inode: "Inode", location: "Location", status: Status) -> KernelObject:
    """EBUSY while another has it open."""
    if chip.is_open:
        raise Errno(EBUSY, "somebody else has the clock open")
    return ClockFile(chip, inode, location, status)
