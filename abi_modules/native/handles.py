"""1xx: handles. What a task holds, what it may do with it, and how it gives up rights."""

from typing import Annotated, Final

from abi_modules.native.declare import Handle, NewHandle, NumbersOut, OutHandleInfo
from abi_modules.native.describe import capabilities_of, stream_flags_of, type_of
from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT, HandleFlags, HandleInfo, Rights, Role
from abi_modules.native.places import check_flags
from abi_modules.native.status import Status
from executor.declare import syscall
from objects import handle as table
from objects.object import Rights as ObjectRights
from objects.task import Task
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import i32, u32, usize

ALL_RIGHTS: Final = 1023


@syscall(100)
def handle_close(task: Task, handle: Handle) -> None:
    """Give up a handle; the object goes with its last one."""
    task.handles.close(int(handle))


@syscall(101)
def handle_duplicate(task: Task, handle: Handle, rights: Rights, slot: i32, flags: HandleFlags) -> NewHandle:
    """A second handle on the object, in the lowest free slot (CURRENT) or in `slot`, closing what was there; with the same rights
    (SAME) or fewer. Needs DUPLICATE.
    """
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    wanted = _wanted(rights, task.handles.handle(int(handle)).rights)
    close = flags & HandleFlags.CLOSE_ON_REPLACE != 0
    return i32(task.handles.duplicate_with(int(handle), wanted, -1 if slot == CURRENT else _slot(slot), close_on_exec=close))


@syscall(102)
def handle_restrict(task: Task, handle: Handle, rights: Rights) -> None:
    """Keep only these rights, for good. RIGHT_MISSING when one of them is not there."""
    task.handles.restrict(int(handle), _wanted(rights, task.handles.handle(int(handle)).rights))


@syscall(103)
def handle_query(task: Task, handle: Handle, info: OutHandleInfo) -> None:
    """What the handle is: type and capabilities of its object, its rights, role and flags."""
    found = task.handles.handle(int(handle))
    answer = HandleInfo(
        type=u32(type_of(found.object)),
        rights=u32(int(found.rights)),
        role=u32(int(found.role)),
        flags=u32(int(HandleFlags.CLOSE_ON_REPLACE if found.close_on_exec else HandleFlags.NONE)),
        capabilities=u32(int(capabilities_of(found.object))),
        stream_flags=u32(int(stream_flags_of(found.object))),
    )
    store_bytes(task.space, info, answer.pack())


@syscall(104)
def handle_set_role(task: Task, handle: Handle, role: Annotated[u32, Role]) -> None:
    """Say what the handle is for; programs of every ABI find their standard streams by it."""
    match role:
        case 0:
            chosen = table.Role.NONE
        case 1:
            chosen = table.Role.STDIN
        case 2:
            chosen = table.Role.STDOUT
        case 3:
            chosen = table.Role.STDERR
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "no such role")
    task.handles.handle(int(handle)).role = chosen


@syscall(105)
def handle_set_flags(task: Task, handle: Handle, flags: HandleFlags) -> None:
    """Set the handle's own flags."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    task.handles.set_close_on_exec(int(handle), flags & HandleFlags.CLOSE_ON_REPLACE != 0)


@syscall(106)
def handle_list(task: Task, into: NumbersOut, size: usize) -> usize:
    """The slots in use, ascending: their number, of which as many as fit are stored."""
    slots = task.handles.slots()
    fitting = slots[: min(len(slots), int(min(size, usize(1 << 30))) // 4)]
    store_bytes(task.space, into, b"".join([slot.to_bytes(4, "little") for slot in fitting]))
    return usize(len(slots))


def _wanted(rights: Rights, present: ObjectRights) -> ObjectRights:
    """The rights that are asked for. INVALID_ARGUMENT for bits that are no right."""
    if rights & Rights.SAME:
        check_flags(rights, Rights.SAME)
        return present
    check_flags(rights, ALL_RIGHTS)
    return ObjectRights(int(rights))


def _slot(slot: i32) -> int:
    if slot < 0:
        raise Failure(Status.INVALID_ARGUMENT, "a slot is not negative")
    return int(slot)
