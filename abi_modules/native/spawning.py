"""80x: starting programs, and what becomes of them.

A child is not a copy of its parent: it is made from a request that names its program, arguments, environment, working directory and
handles. Either all of it can be had, or there is no child.
"""

from typing import Final

from abi_modules.native.declare import Deadline, OutChildChange, OutSpawnResult, SpawnRequest, TaskHandle
from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT, ChildChange, HandleMapping, SpawnFlags, SpawnResult, WaitOptions
from abi_modules.native.places import check_flags, place_of
from abi_modules.native.request import Request, read_request
from abi_modules.native.stack import STDIN, stream_slot
from abi_modules.native.status import Status
from abi_modules.native.targets import process_of
from abi_modules.native.views import view_of
from executor.declare import NewProgram, syscall
from executor.exec import execute
from executor.trace import StreamTracer
from objects.handle import Role
from objects.object import Rights
from objects.process import ExitStatus, Process
from objects.restart import Restart, sleep_on
from objects.spawn import Spawning
from objects.task import Task
from objects.terminal import controlling_terminal
from objects.wait import ChildEvent, Selector, Which, wait_for_child
from objects.wait import WaitOptions as Awaited
from scarlet.kernel.memory.user import UserPtr, store_bytes
from scarlet.lang import Errno, i32, i64, u32, usize
from vfs.walk import search_directory

PROCESS_RIGHTS: Final = Rights.READ | Rights.CONTROL | Rights.POLL | Rights.METADATA | Rights.DUPLICATE | Rights.TRANSFER
EXIT_MASK: Final = 0xFF


@syscall(800)
def task_spawn(task: Task, request: SpawnRequest, size: usize, result: OutSpawnResult) -> None:
    """Start a program as a child, from a SpawnHeader and what follows it: its number, and a handle on it. The path is looked up
    as the child sees it, from its working directory. Errors of file_open, and NOT_EXECUTABLE.
    """
    wanted = read_request(task, request, size)
    child = Spawning(task)
    _place(task, child, wanted)
    _group(child, wanted)
    if wanted.flags & SpawnFlags.INHERIT:
        child.inherit_handles()
    _map_handles(task, child, wanted)
    if wanted.flags & SpawnFlags.TRACE:
        child.process.observer = StreamTracer(task.handles.object(wanted.trace, Rights.WRITE))
    execute(child.task, wanted.path, wanted.arguments, wanted.environment)
    handle = task.handles.allocate(child.process, PROCESS_RIGHTS, close_on_exec=True)
    try:
        store_bytes(task.space, result, SpawnResult(process=i32(child.process.pid), handle=i32(handle)).pack())
        if wanted.flags & SpawnFlags.FOREGROUND:
            _to_foreground(task, child.process, wanted)
        child.commit()
    except (Errno, MemoryError):
        task.handles.close(handle)
        raise


def _place(task: Task, child: Spawning, wanted: Request) -> None:
    if len(wanted.view) > 0:
        child.set_view(view_of(child.process.view, wanted.view))
    if wanted.directory != CURRENT:
        place = place_of(task.handles.object(wanted.directory, Rights.EXECUTE))
        search_directory(task.credentials, place)
        child.set_directory(place)


def _group(child: Spawning, wanted: Request) -> None:
    flags = wanted.flags
    if flags & SpawnFlags.NEW_SESSION:
        child.lead_session()
    elif flags & SpawnFlags.NEW_GROUP:
        child.lead_group()
    elif flags & SpawnFlags.JOIN_GROUP:
        child.join_group(wanted.group)


def _map_handles(task: Task, child: Spawning, wanted: Request) -> None:
    for mapping in wanted.mappings:
        present = task.handles.handle(int(mapping.source)).rights
        rights = present if mapping.rights >> 31 != 0 else Rights(int(mapping.rights))
        child.process.handles.place(int(mapping.target), task.handles.lend(int(mapping.source), rights, _role(mapping)))


def _role(mapping: HandleMapping) -> Role:
    match int(mapping.role):
        case 0:
            return Role.NONE
        case 1:
            return Role.STDIN
        case 2:
            return Role.STDOUT
        case 3:
            return Role.STDERR
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "no such role")


def _to_foreground(task: Task, child: Process, wanted: Request) -> None:
    if wanted.flags & SpawnFlags.NEW_SESSION:
        _offer_terminal(child)
        return
    terminal = controlling_terminal(task.process)
    if terminal is None:
        raise Failure(Status.NO_DEVICE, "no controlling terminal")
    terminal.set_foreground(task, child.group.identity)


def _offer_terminal(child: Process) -> None:
    slot = stream_slot(child.handles, STDIN, Role.STDIN)
    terminal = child.handles.handle(slot).object.terminal() if slot >= 0 else None
    if terminal is not None:
        terminal.offer(child)


@syscall(801)
def task_replace(task: Task, request: SpawnRequest, size: usize) -> NewProgram:
    """Go on as another program, with the handles that are not CLOSE_ON_REPLACE: the request has neither flags nor mappings."""
    wanted = read_request(task, request, size)
    if int(wanted.flags) != 0 or len(wanted.mappings) > 0 or len(wanted.view) > 0 or wanted.directory != CURRENT:
        raise Failure(Status.INVALID_ARGUMENT, "a program that is replaced keeps its handles, group, view and directory")
    execute(task, wanted.path, wanted.arguments, wanted.environment)
    return task.frame.a0


@syscall(802)
def task_exit(task: Task, status: i32) -> None:
    """End the program; its parent learns the status, 0 to 255."""
    task.must_succeed = True  # from now on
    task.process.end(ExitStatus(int(status) & EXIT_MASK))


@syscall(803)
def task_wait(task: Task, child: TaskHandle, options: WaitOptions, deadline: Deadline, change: OutChildChange) -> None:
    """Wait until a child ends, stops or goes on, as the options say. A child that ended is gone afterwards. TIMED_OUT, NO_CHILD."""
    process = process_of(task, child, Rights.READ)
    if not any(process is other for other in task.process.children):
        raise Failure(Status.NO_CHILD, "not a child, or it has been waited for")
    _wait(task, Selector(Which.PROCESS, process.pid), options, deadline, change)


@syscall(804)
def task_wait_any(task: Task, group: i32, options: WaitOptions, deadline: Deadline, change: OutChildChange) -> None:
    """The same for any child (group 0), or any of a process group."""
    selector = Selector(Which.ANY) if group == 0 else Selector(Which.GROUP, int(group))
    _wait(task, selector, options, deadline, change)


def _wait(task: Task, selector: Selector, options: WaitOptions, deadline: Deadline, change: UserPtr) -> None:
    check_flags(options, WaitOptions.ENDED | WaitOptions.STOPPED | WaitOptions.CONTINUED | WaitOptions.KEEP)
    if not options & (WaitOptions.ENDED | WaitOptions.STOPPED | WaitOptions.CONTINUED):
        raise Failure(Status.INVALID_ARGUMENT, "nothing to wait for")
    chosen = Awaited(int(options)) | Awaited.ALL
    store_bytes(task.space, change, bytes(ChildChange.SIZE))
    event = wait_for_child(task, selector, chosen | Awaited.NOHANG)
    while event is None:
        if not sleep_on(task.process.child_waiters, int(deadline) if deadline > 0 else 0, Restart.ALWAYS):
            raise Failure(Status.TIMED_OUT, "no child changed before the deadline")
        event = wait_for_child(task, selector, chosen | Awaited.NOHANG)
    store_bytes(task.space, change, _packed(event))


def _packed(event: ChildEvent) -> bytes:
    state = event.code if event.code != 3 else 2
    return ChildChange(
        process=i32(event.pid),
        state=u32(state),
        status=i32(event.status),
        user_ns=i64(event.usage.user_ns),
        system_ns=i64(event.usage.system_ns),
    ).pack()
