"""sbrk: the size of the process, which is one piece of memory from 0 on."""

from typing import Final

from abi_modules.xv6_riscv64.declare import Mode, SbrkMode
from abi_modules.xv6_riscv64.limits import ADDRESS_LIMIT, MAX_MEMORY, PAGE_SIZE
from abi_modules.xv6_riscv64.state import state_of
from executor.declare import Address, syscall
from executor.mapping import page_ceiling
from objects.task import Task
from scarlet.kernel.memory.area import Access, Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EINVAL, ENOMEM

READ_WRITE: Final = Protection.READ | Protection.WRITE


@syscall(12)
def sbrk(task: Task, increment: i32, mode: Mode) -> Address:
    """The old end of the process, which moves up or down by `increment` bytes; down past the stack and the program too. New
    memory is there at once, or -1; with SBRK_LAZY each page is found when it is touched, and a process that does not get it is killed.
    """
    state = state_of(task)
    old = state.size
    new = old + int(increment)
    if new < 0:
        raise Errno(EINVAL, "less than nothing would be left")
    if new > ADDRESS_LIMIT:
        raise Errno(ENOMEM, "the address space ends before that")
    first = page_ceiling(old)
    end = page_ceiling(new)
    if end > first:
        _grow(task.space, first, end, lazy=mode == SbrkMode.SBRK_LAZY)
    elif end < first:
        task.space.unmap(u64(end), u64(first - end))
    state.size = new
    return u64(old)


def _grow(space: AddressSpace, start: int, end: int, *, lazy: bool) -> None:
    """ENOMEM, MemoryError: then nothing has changed."""
    size = u64(end - start)
    if not lazy and space.resident_pages * PAGE_SIZE + end - start > MAX_MEMORY:
        raise Errno(ENOMEM, "more than the memory of xv6's machine")
    space.map_area(u64(start), size, READ_WRITE, fixed=True, no_reserve=lazy, name=b"[heap]")
    if lazy:
        return
    try:
        space.populate(u64(start), size, Access.WRITE)
    except (Errno, MemoryError):
        space.unmap(u64(start), size)
        raise
