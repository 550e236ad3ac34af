"""Exec: a transaction. The new program is built aside, completely; then it replaces the old one at once, or nothing
has changed and the caller gets the reason (execve(2)).

Built aside: address space with mapped segments, stack and vDSO; the new ABI state; private copies of descriptors and
signal actions where they are shared with other processes. The commit itself cannot fail: it allocates nothing that
could be refused.
"""

from typing import Final

from executor.files import check_executable, identity_for, open_program
from executor.image import Image
from executor.protocol import Program, Request, choose
from executor.script import MAX_SCRIPTS, parse_script
from objects.actions import SignalActions
from objects.handle import HandleTable
from objects.inode import InodeType
from objects.process import Process
from objects.task import AlternateStack, Task
from objects.view import Location
from scarlet.kernel.signals import Signal
from scarlet.kernel.thread import current_thread
from scarlet.lang import Errno, u64
from scarlet.lang.errno import EBADF, ELOOP, ENOENT
from vfs.paths import path_of
from vfs.walk import Walk, walk

AT_FDCWD: Final = -100


def execute(task: Task, path: bytes, arguments: list[bytes], environment: list[bytes]) -> None:
    """Replace the program of the calling process by the one at `path`. Raises what stands in the way; nothing has changed then."""
    location = open_program(task.view, task.credentials, None, path)
    _execute(task, location, path, arguments, environment, reachable=True)


def execute_at(
    task: Task, directory: int, path: bytes, arguments: list[bytes], environment: list[bytes], *, follow: bool, empty_path: bool
) -> None:
    """As execute, relative to the directory that a slot holds, or, with an empty path if that is allowed, the file in the slot itself."""
    if directory == AT_FDCWD or path[:1] == b"/":
        if follow or path == b"":
            execute(task, path, arguments, environment)
            return
        _execute(task, _without_following(task, None, path), path, arguments, environment, reachable=True)
        return
    handle = task.handles.handle(directory)
    start = handle.object.location()
    if start is None:
        raise Errno(EBADF, "the descriptor has no place in a file system")
    if path == b"":
        if not empty_path:
            raise Errno(ENOENT, "an empty path")
        check_executable(task.credentials, start)
        name = b"/dev/fd/" + str(directory).encode()
        location = start
    else:
        name = b"/dev/fd/" + str(directory).encode() + b"/" + path
        location = open_program(task.view, task.credentials, start, path) if follow else _without_following(task, start, path)
    _execute(task, location, name, arguments, environment, reachable=not handle.close_on_exec)


def _without_following(task: Task, start: Location | None, path: bytes) -> Location:
    """ELOOP when the path names a symbolic link."""
    location = walk(task.view, task.credentials, start, path, Walk.NONE)
    if location.inode.type == InodeType.SYMLINK:
        raise Errno(ELOOP, "a symbolic link, under AT_SYMLINK_NOFOLLOW")
    check_executable(task.credentials, location)
    return location


def _execute(
    task: Task, location: Location, name: bytes, arguments: list[bytes], environment: list[bytes], *, reachable: bool
) -> None:
    """`reachable`: the new program can open `name`; a script that cannot be reached has no interpreter that could read it."""
    if len(arguments) == 0:
        arguments = [b""]
    called = name
    for _depth in range(MAX_SCRIPTS + 1):
        image = Image(location)
        script = parse_script(image)
        if script is None:
            _load(task, image, name, arguments, environment)
            return
        if not reachable:
            raise Errno(ENOENT, "the script's descriptor is closed by exec")
        words = [script.interpreter, script.argument] if script.argument else [script.interpreter]
        arguments = words + [called] + arguments[1:]
        called = script.interpreter
        location = open_program(task.view, task.credentials, None, called)
    raise Errno(ELOOP, "too many interpreters that are scripts")


def _load(task: Task, image: Image, name: bytes, arguments: list[bytes], environment: list[bytes]) -> None:
    process = task.process
    module = choose(image)
    view = module.view(process.view)
    identity = identity_for(task.credentials, image.location, no_new_privileges=process.no_new_privileges)
    credentials = task.credentials.fork()
    credentials.become(identity.euid, identity.egid)
    path = path_of(image.location, view.root)
    request = Request(image, name, path, arguments, environment, view, credentials, process.limits)
    program = module.load(request, process.abi)
    actions = process.actions
    handles = process.handles
    if process.shares_parts:
        actions = actions.fork()
        handles = handles.fork()
    _commit(task, request, program, actions, handles)


def _commit(task: Task, request: Request, program: Program, actions: SignalActions, handles: HandleTable) -> None:
    process = task.process
    process.abi.leave(task)
    old_space = process.space
    process.space = program.space
    process.abi = program.abi
    process.view = request.view
    process.actions = actions
    process.handles = handles
    process.shares_parts = False
    process.credentials.become(request.credentials.euid, request.credentials.egid)
    task.refresh()
    if current_thread() is task:
        program.space.activate()
    del old_space
    process.release_image()
    process.actions.reset_handlers()
    process.handles.drop_close_on_exec()
    _describe(process, request, program)
    task.alternate_stack = AlternateStack()
    _start_registers(task, program)


def _describe(process: Process, request: Request, program: Program) -> None:
    """What others see of the process (proc(5)), and what an exec makes the process forget."""
    process.set_name(_base_name(request.name))
    process.executable = request.image.location
    process.arguments = program.arguments
    process.environment = program.environment
    process.apply_limits()
    process.did_exec = True
    process.exit_signal = Signal.SIGCHLD
    process.dumpable = not request.secure
    if request.secure:
        process.parent_death_signal = 0


def _base_name(path: bytes) -> bytes:
    return path[path.rfind(b"/") + 1 :]


def _start_registers(task: Task, program: Program) -> None:
    """All registers are 0 but the program counter and the stack pointer."""
    frame = task.frame
    for number in range(1, 32):
        frame.set(number, u64(0))
    frame.pc = program.entry
    frame.sp = program.stack_pointer
    task.clear_float()
