"""Making a process out of a process. (fork(2), vfork(2), clone(2))

Every part of the child is a copy or, where the options say so, the same object. Nothing is entered anywhere until all parts are there, so
running out of memory half-way leaves no trace. The child does not run until start(): its ABI sets its registers first.
"""

from objects.cpulimit import watch
from objects.credentials import CAP_SYS_ADMIN, CAP_SYS_RESOURCE
from objects.limits import INFINITY, Resource
from objects.process import Process
from objects.processes import processes
from objects.task import Task
from scarlet.kernel import scheduler
from scarlet.kernel.signals import Signal
from scarlet.lang.errno import EAGAIN, Errno


class ForkOptions:
    """What the child shares with its parent, and how the two go on."""

    def __init__(self) -> None:
        self.share_space = False
        self.share_handles = False
        self.share_view = False
        self.share_actions = False
        self.clear_actions = False
        """Handled signals are default in the child. (clone3(2), CLONE_CLEAR_SIGHAND)"""
        self.wait_for_image = False
        """The parent is going to wait_for_image(). (CLONE_VFORK)"""
        self.sibling = False
        """The child's parent is the caller's parent. (CLONE_PARENT)"""
        self.exit_signal: int = Signal.SIGCHLD


def fork(task: Task, options: ForkOptions) -> Task:
    """The first task of a new process, as a copy of the caller's, not yet running. EAGAIN at a limit, MemoryError."""
    child_task = build(task, options)
    child_task.start()
    enter(child_task, task.process, options)
    return child_task


def build(task: Task, options: ForkOptions) -> Task:
    """The same, not yet entered anywhere: dropping it undoes everything."""
    parent = task.process
    _check_limit(parent)
    pid = processes.allocate_pid()
    child = Process(
        pid,
        parent.group,
        parent.credentials.fork(),
        parent.limits.fork(),
        parent.space if options.share_space else parent.space.fork(),
        parent.handles if options.share_handles else parent.handles.fork(),
        parent.view if options.share_view else parent.view.fork(),
        parent.abi.fork(),
        parent.actions if options.share_actions else parent.actions.fork(),
    )
    _inherit(child, parent, options)
    child_task = Task(pid, child)
    child_task.frame.copy_from(task.frame)
    child_task.copy_float_from(task)
    child_task.mask = task.mask
    if not options.share_space or options.wait_for_image:
        child_task.alternate_stack.copy_from(task.alternate_stack)
    return child_task


def start(task: Task) -> None:
    """Let a forked task run. MemoryError, and there is no child."""
    try:
        scheduler.make_runnable(task)
    except MemoryError:
        _withdraw(task)
        raise


def wait_for_image(task: Task, child: Process) -> None:
    """Sleep until the child has done exec or ended; only the end of the caller itself cuts this short. (vfork(2))"""
    task.deaf = True
    while child.holds_parent and not task.exiting:
        child.changed.wait()
    task.deaf = False


def _check_limit(parent: Process) -> None:
    ceiling = parent.limits.ceilings.processes
    if ceiling != INFINITY and processes.of_abi(parent.abi.name) >= ceiling:
        raise Errno(EAGAIN, "the ABI has no room for more processes")
    credentials = parent.credentials
    if credentials.capable(CAP_SYS_RESOURCE) or credentials.capable(CAP_SYS_ADMIN) or credentials.uid == 0:
        return
    if processes.of_user(credentials.uid) >= parent.limits.soft(Resource.PROCESSES):
        raise Errno(EAGAIN, "the user has too many processes")


def _inherit(child: Process, parent: Process, options: ForkOptions) -> None:
    child.name = parent.name
    child.observer = parent.observer
    child.executable = parent.executable
    child.arguments = parent.arguments
    child.environment = parent.environment
    child.kept_environment = parent.kept_environment
    child.nice = parent.nice
    child.gave_up_terminal = parent.gave_up_terminal
    child.dumpable = parent.dumpable
    child.no_new_privileges = parent.no_new_privileges
    if options.clear_actions:
        child.actions.reset_handlers()
    child.exit_signal = options.exit_signal
    if options.share_handles or options.share_actions:
        child.shares_parts = True
        parent.shares_parts = True
    child.holds_parent = options.wait_for_image


def enter(task: Task, caller: Process, options: ForkOptions) -> None:
    """Make a complete child known to the world, all of it or nothing. It has its kernel stack, which goes if that fails. MemoryError."""
    child = task.process
    parent = caller
    if options.sibling:
        above = caller.parent_process()
        if above is not None:
            parent = above
            child.exit_signal = caller.exit_signal
    child.become_child_of(parent)
    try:
        child.threads.append(task)
        processes.add(child)
        processes.add_task(task)
        child.group.members.append(child)
        parent.children.append(child)
        watch(child)
    except MemoryError:
        _withdraw(task)
        raise


def _withdraw(task: Task) -> None:
    """Undo what enter() has done of its steps, for a child that has never run."""
    child = task.process
    child.end_timers()
    parent = child.parent_process()
    if parent is not None and child in parent.children:
        parent.children.remove(child)
    if child in child.group.members:
        child.group.members.remove(child)
    if processes.find_task(task.tid) is task:
        processes.remove_task(task)
    if processes.find(child.pid) is child:
        processes.remove(child)
    child.threads.clear()
    task.release()
