"""The transaction of exec: everything the new program needs is built aside, completely; then it replaces the old at once, or
nothing has changed and the caller gets the reason (execve(2)).

prepare() may fail anywhere and touches nothing of the task: what it built goes when it is dropped. commit() cannot fail: it stores
what prepare() made and makes nothing of its own. What remains to be done then (closing handles, the last duties of the old ABI) concerns
others; running out of memory there does not reach the program.

| part | built aside | at the commit |
|---|---|---|
| address space, stack, start registers, ABI state | Program, by the ABI module | replaced |
| view, working directory | View, by the ABI module (views are cached) | replaced |
| environment | on the new stack, or kept for a later program | replaced |
| limits | under the ceilings of the ABI | replaced |
| signal actions | a copy without handlers, if there are any | replaced; ignored stays ignored, the mask stays if the ABI has one |
| handles | a copy, if the table is shared | close-on-exec ones close; all others stay at their numbers, with rights and role |
| credentials | a copy, set-ID bits applied | identities stored |
"""

from executor.alone import take_number
from executor.crossing import is_border, moved_directory, require_visible, same_place
from executor.environment import environment_for, environment_to_keep
from executor.files import identity_for
from executor.image import Image
from executor.protocol import Program, Request, choose
from objects.actions import SignalActions
from objects.handle import HandleTable
from objects.limits import Limits
from objects.process import MAX_NAME, Process
from objects.task import Task
from objects.view import Location
from scarlet.kernel.signals import EMPTY, Signal
from scarlet.kernel.thread import current_thread
from scarlet.lang import u64
from vfs.paths import path_of


class Start:
    """What exec was asked to start, once scripts have been followed to a program."""

    def __init__(self, image: Image, name: bytes, arguments: list[bytes], environment: list[bytes] | None) -> None:
        self.image = image
        self.name = name
        """The name that exec was called with."""
        self.arguments = arguments
        self.environment = environment
        """None when the caller's ABI has none."""
        self.script: bytes = b""
        """The path of the innermost script, which its interpreter is going to open; empty when the file is a program itself."""
        self.script_location: Location | None = None


class Replacement:
    """All that a process gets by an exec, ready."""

    def __init__(
        self,
        request: Request,
        program: Program,
        handles: HandleTable,
        actions: SignalActions,
        kept_environment: list[bytes] | None,
        note: str,
    ) -> None:
        self.request = request
        self.program = program
        self.handles = handles
        self.actions = actions
        self.kept_environment = kept_environment
        self.limits: Limits = request.limits
        self.executable: Location = request.image.location
        self.name = request.name[request.name.rfind(b"/") + 1 :][:MAX_NAME]
        self.note = note
        """For the reader of the trace; empty when there is nothing to say."""
        self.closing = handles.marked_for_exec()


def prepare(task: Task, start: Start) -> Replacement:
    """Build everything aside. Raises what stands in the way: ENOEXEC, ENOMEM, E2BIG, what opening the interpreter raises, MemoryError."""
    process = task.process
    module = choose(start.image)
    view = module.view(process.view)
    credentials = task.credentials.fork()
    note = ""
    if is_border(process.view, view):
        if start.script_location is not None:
            require_visible(start.script, start.script_location.inode, task.credentials, view)
        start.image.location = same_place(start.image.location, process.view, view)
        note = moved_directory(process.view, view)
    identity = identity_for(task.credentials, start.image.location, no_new_privileges=process.no_new_privileges)
    credentials.become(identity.euid, identity.egid)
    request = Request(
        start.image,
        start.name,
        path_of(start.image.location, view.root),
        start.arguments,
        environment_for(module, process, start.environment),
        view,
        credentials,
        process.limits.under(module.ceilings),
    )
    handles = process.handles.fork() if process.shares_parts else process.handles
    request.handles = handles
    program = module.load(request, process.abi)
    actions = process.actions.for_exec(shared=process.shares_parts)
    return Replacement(request, program, handles, actions, environment_to_keep(module, process, start.environment), note)


def commit(task: Task, new: Replacement) -> None:
    """The process runs the new program from now on."""
    process = task.process
    program = new.program
    process.abi.leave(task)
    take_number(task)
    old_space = process.space
    process.space = program.space
    process.abi = program.abi
    process.view = new.request.view
    process.actions = new.actions
    process.handles = new.handles
    process.limits = new.limits
    process.kept_environment = new.kept_environment
    process.shares_parts = False
    process.name = new.name
    process.credentials.become(new.request.credentials.euid, new.request.credentials.egid)
    if not program.abi.has_signal_mask:
        task.set_mask(EMPTY)
    task.refresh()
    if current_thread() is task:
        program.space.activate()
    del old_space
    process.release_image()
    _describe(process, new)
    task.alternate_stack.clear()
    _start_registers(task, program)
    process.handles.close_for_exec(new.closing)
    if new.note:
        process.abi.trace_note(task, new.note)


def _describe(process: Process, new: Replacement) -> None:
    """What others see of the process (proc(5)), and what an exec makes the process forget."""
    process.executable = new.executable
    process.arguments = new.program.arguments
    process.environment = new.program.environment
    process.apply_limits()
    process.did_exec = True
    process.exit_signal = Signal.SIGCHLD
    process.dumpable = not new.request.secure
    if new.request.secure:
        process.parent_death_signal = 0
        if process.observer is not None and not process.observer.privileged:
            process.observer = None


def _start_registers(task: Task, program: Program) -> None:
    """All registers are 0 but the program counter, the stack pointer and what the ABI passes in argument registers."""
    frame = task.frame
    for number in range(1, 32):
        frame.set(number, u64(0))
    frame.pc = program.entry
    frame.sp = program.stack_pointer
    frame.a0 = program.a0
    frame.a1 = program.a1
    task.clear_float()
