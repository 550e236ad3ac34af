"""7xx: memory. Mapping anonymous memory, files and shared memory objects."""

from typing import Final

from abi_modules.native.declare import NewHandle, ObjectHandle, TextIn
from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT, HandleFlags, MapFlags, Protection
from abi_modules.native.places import check_flags, read_text
from abi_modules.native.status import Status
from executor.declare import Address, Offset, syscall
from objects.file import MAX_OFFSET
from objects.object import KernelObject, Rights
from objects.object import Status as ObjectStatus
from objects.task import Task
from objects.view import MountFlags
from scarlet.kernel.memory.area import Pager
from scarlet.kernel.memory.area import Protection as AreaProtection
from scarlet.lang import i32, i64, u64, usize
from vfs.memoryfile import new_memory_file
from vfs.opening import OPEN_RIGHTS

PAGE_MASK: Final = 4095
EVERYTHING: Final = Protection.READ | Protection.WRITE | Protection.EXECUTE


@syscall(700)
def memory_map(
    task: Task, address: Address, size: usize, protection: Protection, flags: MapFlags, object: ObjectHandle, offset: Offset
) -> Address:
    """Map `size` bytes of an object, or zeros (CURRENT): where they are. Needs MAP and READ of the handle, WRITE too for a shared
    mapping that is written.
    """
    check_flags(flags, MapFlags.SHARED | MapFlags.FIXED)
    if offset < 0 or offset & PAGE_MASK != 0 or size > u64(MAX_OFFSET) - u64(offset):
        raise Failure(Status.INVALID_ARGUMENT, "the offset is not a page's, or too large")
    shared = flags & MapFlags.SHARED != 0
    wanted = _protection(protection)
    allowed = _protection(EVERYTHING)
    pager: Pager | None = None
    if object != CURRENT:
        mapped = task.handles.object(int(object), Rights.MAP | Rights.READ)
        if shared and not task.handles.handle(int(object)).rights & Rights.WRITE:
            allowed = allowed & ~AreaProtection.WRITE
        allowed = _executable(mapped, allowed)
        if int(wanted) & ~int(allowed) != 0:
            raise Failure(Status.RIGHT_MISSING, "the handle or its mount does not allow this protection")
        pager = mapped.pager()
    start = task.space.map_area(
        address,
        size,
        wanted,
        fixed=flags & MapFlags.FIXED != 0,
        shared=shared,
        pager=pager,
        page_offset=int(offset) // (PAGE_MASK + 1) if pager is not None else 0,
        allowed=allowed,
    )
    return u64(start)


def _protection(protection: Protection) -> AreaProtection:
    """The page tables cannot say "writable but not readable": what is writable is readable."""
    check_flags(protection, EVERYTHING)
    if protection & Protection.WRITE:
        protection = protection | Protection.READ
    return AreaProtection(int(protection))


def _executable(object: KernelObject, allowed: AreaProtection) -> AreaProtection:
    place = object.location()
    if place is not None and place.mount.flags & MountFlags.NOEXEC:
        return allowed & ~AreaProtection.EXEC
    return allowed


@syscall(701)
def memory_unmap(task: Task, address: Address, size: usize) -> None:
    """Take pages out of the address space."""
    task.space.unmap(address, size)


@syscall(702)
def memory_protect(task: Task, address: Address, size: usize, protection: Protection) -> None:
    """Change what may be done with mapped pages."""
    task.space.protect(address, size, _protection(protection))


@syscall(703)
def memory_make(task: Task, name: TextIn, name_size: usize, size: i64, flags: HandleFlags) -> NewHandle:
    """A memory object of so many zeros: a file without a place, to be mapped SHARED by whoever has a handle on it."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    file = new_memory_file(read_text(task, name, name_size), task.credentials)
    access = Rights.READ | Rights.WRITE
    opened = file.inode.open(file, access, ObjectStatus.NONE)
    opened.truncate(int(size))
    return i32(task.handles.allocate(opened, access | OPEN_RIGHTS, close_on_exec=flags & HandleFlags.CLOSE_ON_REPLACE != 0))
