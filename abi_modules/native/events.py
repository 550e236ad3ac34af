"""61x: events, timers, and waiting for many things at once. What happens to the task itself is choice and queue (62x)."""

from typing import Annotated, Final

from abi_modules.native.declare import Deadline, Handle, Nanoseconds, NewHandle, WaitEntries
from abi_modules.native.failures import Failure
from abi_modules.native.interface import EventChoice, EventSet, HandleFlags, Ready, WaitEntry
from abi_modules.native.places import check_flags
from abi_modules.native.state import IGNORE, MESSAGE, state_of
from abi_modules.native.status import Status
from executor.declare import syscall
from objects.event import Event, Interest, poll_many
from objects.object import PollEvents, Rights
from objects.signalling import change_action
from objects.task import Task
from objects.timerobject import TimerObject
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.kernel.signals import DEFAULT
from scarlet.lang import i32, u16, u32, usize

MAX_ENTRIES: Final = 1024
WAIT_ENTRY_BYTES: Final = 8
OBJECT_RIGHTS: Final = Rights.READ | Rights.WRITE | Rights.CONTROL | Rights.POLL | Rights.DUPLICATE | Rights.TRANSFER
CHOOSABLE: Final = (
    EventSet.HANG_UP | EventSet.INTERRUPT | EventSet.QUIT | EventSet.USER_1 | EventSet.USER_2 | EventSet.PIPE_CLOSED | EventSet.ALARM
    | EventSet.TERMINATE | EventSet.CHILD | EventSet.CONTINUE | EventSet.STOP | EventSet.BACKGROUND_READ | EventSet.BACKGROUND_WRITE
    | EventSet.WINDOW
)  # fmt: skip


@syscall(610)
def event_make(task: Task, flags: HandleFlags) -> NewHandle:
    """A condition that is set or not: an object to wait for."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    return i32(task.handles.allocate(Event(), OBJECT_RIGHTS, close_on_exec=flags & HandleFlags.CLOSE_ON_REPLACE != 0))


@syscall(611)
def event_set(task: Task, event: Handle) -> None:
    """Make it true; everybody who waits for it goes on. Needs WRITE."""
    _event(task, event, Rights.WRITE).set()


@syscall(612)
def event_clear(task: Task, event: Handle) -> None:
    """Make it false. Needs WRITE."""
    _event(task, event, Rights.WRITE).clear()


def _event(task: Task, handle: Handle, rights: Rights) -> Event:
    object = task.handles.object(int(handle), rights)
    if isinstance(object, Event):
        return object
    raise Failure(Status.WRONG_TYPE, "not an event")


@syscall(613)
def timer_make(task: Task, flags: HandleFlags) -> NewHandle:
    """An object that becomes ready when a time has come; reading it gives a TimerCount."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    return i32(task.handles.allocate(TimerObject(), OBJECT_RIGHTS, close_on_exec=flags & HandleFlags.CLOSE_ON_REPLACE != 0))


@syscall(614)
def timer_set(task: Task, timer: Handle, deadline: Deadline, period: Nanoseconds) -> None:
    """Expire at a time, and then every `period` nanoseconds (0: once). NEVER disarms it. What has expired and was not read is forgotten.
    Needs WRITE.
    """
    object = task.handles.object(int(timer), Rights.WRITE)
    if not isinstance(object, TimerObject):
        raise Failure(Status.WRONG_TYPE, "not a timer")
    if period < 0 or deadline < 0:
        raise Failure(Status.INVALID_ARGUMENT, "a negative time")
    object.arm(int(deadline), int(period))


@syscall(615)
def wait_many(task: Task, entries: WaitEntries, size: usize, deadline: Deadline) -> usize:
    """Wait until one of the handles is ready in a wanted way: how many are, and for each what was found. TIMED_OUT at the deadline.
    Each handle needs POLL.
    """
    if size > MAX_ENTRIES * WAIT_ENTRY_BYTES or size % WAIT_ENTRY_BYTES != 0:
        raise Failure(Status.INVALID_ARGUMENT, "an entry has eight bytes, and there are 1,024 at most")
    data = load_bytes(task.space, entries, int(size))
    table = [WaitEntry.parse(data, at) for at in range(0, len(data), WAIT_ENTRY_BYTES)]
    interests: list[Interest] = []
    for entry in table:
        check_flags(int(entry.wanted), Ready.READ | Ready.WRITE | Ready.ERROR | Ready.CLOSED)
        interests.append(Interest(task.handles.object(int(entry.handle), Rights.POLL), PollEvents(int(entry.wanted))))
    count = poll_many(interests, int(deadline) if deadline > 0 else 0)
    if count == 0:
        raise Failure(Status.TIMED_OUT, "nothing was ready before the deadline")
    for index in range(len(table)):
        table[index].found = u16(int(interests[index].found))
    store_bytes(task.space, entries, b"".join([entry.pack() for entry in table]))
    return usize(count)


@syscall(620)
def event_choose(task: Task, events: EventSet, choice: Annotated[u32, EventChoice]) -> None:
    """What these events do to the task from now on. A child that is started begins with IGNORE for what was ignored and DEFAULT for the
    rest.
    """
    check_flags(events, CHOOSABLE)
    match choice:
        case 0:
            action = DEFAULT
        case 1:
            action = IGNORE
        case 2:
            action = MESSAGE
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "no such choice")
    for number in range(1, 32):
        if int(events) >> number - 1 & 1 != 0:
            change_action(task.process, number, action)


@syscall(621)
def event_queue(task: Task, flags: HandleFlags) -> NewHandle:
    """A handle on the queue of the task's events, those it has chosen as messages; reading it gives EventMessages."""
    check_flags(flags, HandleFlags.CLOSE_ON_REPLACE)
    close = flags & HandleFlags.CLOSE_ON_REPLACE != 0
    return i32(task.handles.allocate(state_of(task).queue, Rights.READ | Rights.POLL | Rights.CONTROL, close_on_exec=close))
