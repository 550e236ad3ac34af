"""How much a program may map: RLIMIT_AS, RLIMIT_DATA (getrlimit(2)), the number of areas, and more than there could ever be.

Memory is promised before it is there, as on Linux, but not without any measure: one private writable mapping larger than all memory is
refused unless the program says that it means to use little of it (MAP_NORESERVE).
"""

from typing import TYPE_CHECKING, Final

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.arealist import MAX_AREAS
from scarlet.lang.errno import ENOMEM, Errno
from scarlet.machine.sv39 import PAGE_SHIFT

if TYPE_CHECKING:
    from scarlet.kernel.memory.space import AddressSpace

UNLIMITED: Final = 0x7FFF_FFFF_FFFF_FFFF


def check_growth(space: "AddressSpace", size: int, protection: Protection, *, shared: bool, stack: bool, no_reserve: bool) -> None:
    """ENOMEM if `size` more bytes of this kind may not be mapped."""
    if (space.mapped_pages << PAGE_SHIFT) + size > space.limit_address_space:
        raise Errno(ENOMEM, "RLIMIT_AS")
    if len(space.areas.items) >= MAX_AREAS:
        raise Errno(ENOMEM, "too many areas")
    if protection & Protection.WRITE != 0 and not shared and not stack:
        check_data(space, size)
        if not no_reserve and size >> PAGE_SHIFT > frames.total_frames():
            raise Errno(ENOMEM, "more than all memory")


def check_data(space: "AddressSpace", size: int) -> None:
    """ENOMEM if `size` more bytes of private writable memory would pass RLIMIT_DATA."""
    if space.limit_data == UNLIMITED:
        return
    for area in space.areas.items:
        if area.protection & Protection.WRITE != 0 and not area.shared and not area.grows_down:
            size += area.length
    if size > space.limit_data:
        raise Errno(ENOMEM, "RLIMIT_DATA")


def check_split(space: "AddressSpace") -> None:
    """ENOMEM if cutting a range out of areas could make too many of them."""
    if len(space.areas.items) + 2 > MAX_AREAS:
        raise Errno(ENOMEM, "too many areas")
