"""Mapping the segments of a checked ELF file into an address space that is being built.

File pages come from the inode through its pager; nothing is copied but the last, partly zeroed page of a segment
whose memory is larger than its file bytes (bss). While the file is mapped as a program, nobody may open it for
writing (ETXTBSY, execve(2)).
"""

from executor.elf import ET_DYN, PAGE_SIZE, Elf, Segment
from executor.image import Image
from objects.file import InodePager
from objects.limits import Limits
from objects.view import Location
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import UserBytes
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EFAULT, EIO, ENOEXEC


class ProgramPager(InodePager):
    """The pages of a file that runs. It lives as long as any mapping of it does."""

    def __init__(self, place: Location) -> None:
        super().__init__(place.inode, place)
        self.inode.executing += 1

    def __del__(self) -> None:
        self.inode.executing -= 1
        super().__del__()


def limited_space(limits: Limits) -> AddressSpace:
    """An empty address space that keeps to a process's resource limits."""
    space = AddressSpace()
    limits.bound(space)
    return space


def page_floor(address: int) -> int:
    return address // PAGE_SIZE * PAGE_SIZE


def page_ceiling(address: int) -> int:
    return (address + PAGE_SIZE - 1) // PAGE_SIZE * PAGE_SIZE


def map_program(space: AddressSpace, image: Image, elf: Elf, hint: int, name: bytes) -> int:
    """Map every segment; gives what has to be added to the file's addresses: 0 for ET_EXEC, else a place at or near `hint` (0: anywhere).

    ENOMEM when it does not fit; EIO; ENOEXEC when the file's pages cannot be mapped as they are.
    """
    if not elf.congruent:
        raise Errno(ENOEXEC, "a segment's address and offset differ within the page")
    bias = 0
    if elf.type == ET_DYN:
        bias = _reserve(space, elf, hint)
    pager = ProgramPager(image.location)
    for segment in elf.segments:
        _map_segment(space, segment, bias, pager, name)
    return bias


def protection_of(segment: Segment) -> Protection:
    protection = Protection.NONE
    if segment.readable:
        protection |= Protection.READ
    if segment.writable:
        protection |= Protection.WRITE
    if segment.executable:
        protection |= Protection.EXEC
    return protection


def _reserve(space: AddressSpace, elf: Elf, hint: int) -> int:
    """A hole that is large enough for all segments and aligned as they ask."""
    lowest = page_floor(elf.lowest)
    size = page_ceiling(elf.highest) - lowest
    alignment = elf.alignment
    start = space.map_area(u64(hint), u64(size + alignment - PAGE_SIZE), Protection.NONE)
    space.unmap(u64(start), u64(size + alignment - PAGE_SIZE))
    return (start + alignment - 1) // alignment * alignment - lowest // alignment * alignment


def _map_segment(space: AddressSpace, segment: Segment, bias: int, pager: InodePager, name: bytes) -> None:
    start = page_floor(segment.address + bias)
    file_end = segment.address + bias + segment.file_bytes
    memory_end = page_ceiling(segment.end + bias)
    protection = protection_of(segment)
    mapped_end = start
    if segment.file_bytes > 0:
        mapped_end = page_ceiling(file_end)
        offset = page_floor(segment.offset) // PAGE_SIZE
        space.map_area(u64(start), u64(mapped_end - start), protection, fixed=True, pager=pager, page_offset=offset, name=name)
        if segment.writable and segment.memory_bytes > segment.file_bytes and mapped_end > file_end:
            _zero_rest(space, file_end, mapped_end)
    if memory_end > mapped_end:
        space.map_area(u64(mapped_end), u64(memory_end - mapped_end), protection, fixed=True)


def _zero_rest(space: AddressSpace, start: int, end: int) -> None:
    """Zeros behind the file's bytes in the last page of a segment. EIO when the page cannot be read."""
    try:
        UserBytes(space, u64(start), u64(end - start)).zero(0, end - start)
    except Errno as error:
        if error.code == EFAULT:
            raise Errno(EIO, "the last page of a segment cannot be read") from None
        raise
