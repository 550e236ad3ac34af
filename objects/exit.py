"""The end of tasks and processes, and reaping. (_exit(2), wait(2), prctl(2))

A task ends on its own kernel stack, at the end of its user loop. The last one takes the process along: handles and view go at once, the
address space when another task runs; children go to the nearest subreaper or process 1; a session leader gives up the terminal; the
parent is told. What remains, a zombie, is numbers and times; it goes when the parent has waited for it, or at once when the parent
ignores SIGCHLD.
"""

from typing import TYPE_CHECKING, Final

from objects.handle import HandleTable
from objects.jobcontrol import release_orphaned
from objects.process import INIT_PID, ExitStatus, Process
from objects.processes import processes
from objects.signalling import child_info, send
from scarlet.kernel.signals import CLD_DUMPED, CLD_EXITED, CLD_KILLED, ActionFlags, Signal, SignalInfo, is_signal

if TYPE_CHECKING:
    from objects.task import Task

_NO_HANDLES: Final = HandleTable(0)


def end_task(task: "Task") -> None:
    """The task ends now, on its own stack."""
    process = task.process
    process.abi.leave(task)
    process.usage.add(task.usage())
    process.threads.remove(task)
    processes.remove_task(task)
    task.handles = _NO_HANDLES
    if len(process.threads) > 0:
        process.changed.wake_all()
        return
    if process.exit_status is None:
        process.exit_status = ExitStatus(task.exit_code)
    _end_process(process, task)


def _end_process(process: Process, task: "Task") -> None:
    status = process.exit_status
    assert status is not None
    if process.fatal_signal is not None:
        process.abi.trace_signal(task, process.fatal_signal)
    process.abi.trace_exit(task, status)
    process.end_timers()
    process.usage.max_resident = max(process.usage.max_resident, process.space.resident_pages * 4096)
    process.release_image()
    _empty(process, task)
    _give_up_terminal(process)
    _give_away_children(process)
    release_orphaned(process, process.parent_process(), process)
    process.zombie = True
    process.changed.wake_all()
    _tell_parent(process, status)


def _empty(process: Process, task: "Task") -> None:
    """Let go of everything a zombie does not need. The task keeps the address space, which is in use until another task runs."""
    init = processes.init()
    process.handles = _NO_HANDLES
    process.space = init.space
    process.view = init.view
    task.view = init.view
    process.executable = None
    process.observer = None


def _give_up_terminal(process: Process) -> None:
    """The controlling terminal of a session ends with its leader. (setsid(2))"""
    terminal = process.session.terminal
    if terminal is not None and process.leads_session():
        terminal.disassociate()


def _give_away_children(process: Process) -> None:
    if len(process.children) == 0:
        return
    reaper = _reaper(process)
    for child in process.children:
        child.become_child_of(reaper)
        reaper.children.append(child)
        child.exit_signal = Signal.SIGCHLD
        if child.parent_death_signal != 0:
            send(child, SignalInfo(child.parent_death_signal))
        release_orphaned(child, process, None)
    adopted = process.children
    process.children = []
    for child in adopted:
        if child.zombie:
            _tell_parent(child, _status(child))


def _reaper(process: Process) -> Process:
    """The nearest living ancestor that is a subreaper, or process 1. (prctl(2), PR_SET_CHILD_SUBREAPER)"""
    ancestor = process.parent_process()
    while ancestor is not None and ancestor.pid != INIT_PID:
        if ancestor.subreaper and ancestor.exit_status is None:
            return ancestor
        ancestor = ancestor.parent_process()
    return processes.init()


def _status(process: Process) -> ExitStatus:
    assert process.exit_status is not None
    return process.exit_status


def _tell_parent(process: Process, status: ExitStatus) -> None:
    """The exit signal, and the end of the zombie if its parent does not want to know. (wait(2), NOTES)"""
    parent = process.parent_process()
    if parent is None:
        return
    action = parent.actions.get(Signal.SIGCHLD)
    unwanted = process.exit_signal == Signal.SIGCHLD and (action.is_ignored or action.flags & ActionFlags.NOCLDWAIT != ActionFlags.NONE)
    unwanted = unwanted and parent.abi.has_signals
    if is_signal(process.exit_signal):
        code = CLD_EXITED
        value = status.code
        if status.signal != 0:
            code = CLD_DUMPED if status.core_dumped else CLD_KILLED
            value = status.signal
        send(parent, child_info(process, process.exit_signal, code, value))
    if unwanted:
        reap(process)
    parent.child_waiters.wake_all()


def reap(process: Process) -> None:
    """Take a zombie out of table, group and parent; its numbers are free again."""
    parent = process.parent_process()
    if parent is not None:
        parent.children_usage.add(process.usage)
        parent.children_usage.add(process.children_usage)
        parent.children.remove(process)
    process.group.leave(process)
    processes.remove(process)
