"""81x: tasks. Who runs, what they may use, and what can be done to them."""

from typing import Annotated, Final

from abi_modules.native.declare import NewHandle, NumbersOut, ObjectHandle, OutLimitPair, OutTaskInfo, TaskHandle, UserNumber
from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT, LimitPair, Resource, TaskEvent, TaskInfo, TaskState
from abi_modules.native.spawning import PROCESS_RIGHTS
from abi_modules.native.status import Status
from abi_modules.native.targets import known_process_of, process_of
from executor.declare import syscall
from executor.trace import StreamTracer
from objects.acting import Acting
from objects.credentials import CAP_SYS_NICE, CAP_SYS_RESOURCE
from objects.jobcontrol import new_session, set_group
from objects.object import Rights
from objects.process import Process
from objects.processes import processes
from objects.signalling import from_user, kill, may_signal, send
from objects.task import Task
from objects.terminal import controlling_terminal
from scarlet.kernel.memory.user import store_bytes
from scarlet.kernel.thread import ThreadState
from scarlet.lang import i32, i64, u32, u64, usize

LARGEST_EVENT: Final = 31
LOWEST_PRIORITY: Final = 19
HIGHEST_PRIORITY: Final = -20
PAGE_BYTES: Final = 4096
NAME_BYTES: Final = 16
ABI_BYTES: Final = 24


@syscall(810)
def task_open(task: Task, process: i32) -> NewHandle:
    """A handle on a process by its number; with CONTROL when the caller may send it events. NO_SUCH_TASK."""
    found = processes.get(int(process))
    rights = PROCESS_RIGHTS if may_signal(task, found, 0) else PROCESS_RIGHTS & ~Rights.CONTROL
    return i32(task.handles.allocate(found, rights, close_on_exec=True))


@syscall(811)
def task_query(task: Task, target: TaskHandle, info: OutTaskInfo) -> None:
    """What is known about a task. Needs METADATA."""
    store_bytes(task.space, info, _info(process_of(task, target, Rights.METADATA)).pack())


def _info(process: Process) -> TaskInfo:
    usage = process.usage_now()
    terminal = controlling_terminal(process)
    ended = process.zombie
    return TaskInfo(
        process=i32(process.pid),
        parent=i32(process.parent_pid),
        group=i32(process.group.identity),
        session=i32(process.session.identity),
        state=u32(int(_state(process))),
        priority=i32(process.nice),
        user=u32(process.credentials.euid),
        user_group=u32(process.credentials.egid),
        threads=u32(len(process.threads)),
        handles=u32(len(process.handles)),
        terminal=u64(terminal.number if terminal is not None else 0),
        started_ns=i64(process.start_ns),
        user_ns=i64(usage.user_ns),
        system_ns=i64(usage.system_ns),
        memory_bytes=u64(0 if ended else process.space.mapped_pages * PAGE_BYTES),
        resident_bytes=u64(0 if ended else process.space.resident_pages * PAGE_BYTES),
        name=_padded(process.name, NAME_BYTES),
        abi=_padded(process.abi.name.encode(), ABI_BYTES),
    )


def _state(process: Process) -> TaskState:
    if process.exit_status is not None:
        return TaskState.ENDED
    if process.stop_signal != 0:
        return TaskState.STOPPED
    for thread in process.threads:
        if thread.state is ThreadState.RUNNING or thread.state is ThreadState.RUNNABLE:
            return TaskState.RUNNING
    return TaskState.SLEEPING


def _padded(text: bytes, size: int) -> bytes:
    text = text[:size]
    return text + bytes(size - len(text))


@syscall(812)
def task_list(task: Task, into: NumbersOut, size: usize) -> usize:
    """The numbers of all processes, ascending: how many there are; as many as fit are stored."""
    numbers = [process.pid for process in processes.all()]
    room = int(min(size, usize(len(numbers) * 4))) // 4
    store_bytes(task.space, into, b"".join([number.to_bytes(4, "little") for number in numbers[:room]]))
    return usize(len(numbers))


@syscall(813)
def task_send(task: Task, target: TaskHandle, event: Annotated[u32, TaskEvent]) -> None:
    """Send a task an event. Needs CONTROL, and nothing else: whoever was given that right may use it."""
    process = known_process_of(task, target, Rights.CONTROL)
    _check_event(event)
    send(process, from_user(task, int(event)))


@syscall(814)
def task_send_group(task: Task, group: i32, event: Annotated[u32, TaskEvent]) -> None:
    """Send an event to all tasks of a process group that the caller may send it to. NO_SUCH_TASK."""
    _check_event(event)
    if group <= 0:
        raise Failure(Status.INVALID_ARGUMENT, "a group's number is positive")
    kill(task, -int(group), from_user(task, int(event)))


def _check_event(event: u32) -> None:
    if not 1 <= event <= LARGEST_EVENT:
        raise Failure(Status.INVALID_ARGUMENT, "no such event")


@syscall(815)
def task_set_group(task: Task, target: TaskHandle, group: i32) -> None:
    """Move the caller or a child that has not replaced its program into a group of its session (0: into one of its own). Needs CONTROL."""
    set_group(task.process, known_process_of(task, target, Rights.CONTROL).pid, int(group))


@syscall(816)
def task_new_session(task: Task) -> i32:
    """Become the leader of a new session and group, without a terminal: its number. NOT_PERMITTED for the leader of a group."""
    return i32(new_session(task.process))


@syscall(817)
def task_set_priority(task: Task, target: TaskHandle, priority: i32) -> None:
    """Set how nice a task is, -20 to 19; to be less nice needs CAP_SYS_NICE. Needs CONTROL."""
    process = process_of(task, target, Rights.CONTROL)
    if not HIGHEST_PRIORITY <= priority <= LOWEST_PRIORITY:
        raise Failure(Status.INVALID_ARGUMENT, "a priority is -20 to 19")
    if priority < process.nice:
        task.credentials.require(CAP_SYS_NICE, "a higher priority needs CAP_SYS_NICE")
    process.nice = int(priority)


@syscall(818)
def task_set_identity(task: Task, user: UserNumber, group: UserNumber) -> None:
    """Become another user and group, for good; UNCHANGED leaves one. NOT_PERMITTED."""
    with Acting(task):
        if i32(group) != -1:
            task.credentials.set_group(int(group))
        if i32(user) != -1:
            task.credentials.set_user(int(user))


@syscall(819)
def task_limit(task: Task, resource: Annotated[u32, Resource], limits: OutLimitPair) -> None:
    """A limit of the caller: what holds, and up to what it may be raised."""
    limit = task.process.limits.get(int(resource))
    store_bytes(task.space, limits, LimitPair(soft=i64(limit.soft), hard=i64(limit.hard)).pack())


@syscall(820)
def task_set_limit(task: Task, resource: Annotated[u32, Resource], soft: i64, hard: i64) -> None:
    """Set a limit of the caller; NEVER stands for none."""
    if soft < 0 or hard < 0:
        raise Failure(Status.INVALID_ARGUMENT, "a negative limit")
    privileged = task.credentials.capable(CAP_SYS_RESOURCE)
    task.process.limits.set(int(resource), int(soft), int(hard), privileged=privileged)
    task.process.apply_limits()


@syscall(821)
def task_trace(task: Task, target: TaskHandle, stream: ObjectHandle) -> None:
    """Write the calls of a task, and of the children it will have, as text to a stream; CURRENT ends that. Needs CONTROL of the task and
    WRITE of the stream.
    """
    process = process_of(task, target, Rights.CONTROL)
    process.observer = StreamTracer(task.handles.object(int(stream), Rights.WRITE)) if stream != CURRENT else None
