"""Moving processes between groups and sessions, and what happens to groups nobody controls any more. (setpgid(2), setsid(2), _exit(2))

A group is orphaned when no member has a parent that is in the same session but another group: then nobody is left who would continue
it, so stop signals from the terminal have no effect, and stopped members get SIGHUP and SIGCONT when it becomes so.
"""

from objects.group import ProcessGroup, Session, find_group, number_in_use
from objects.process import INIT_PID, Process
from objects.processes import processes
from objects.signalling import send_to_group
from scarlet.kernel.signals import Signal
from scarlet.lang.errno import EACCES, EINVAL, EPERM, ESRCH, Errno


def set_group(caller: Process, pid: int, group_id: int) -> None:
    """Put the caller or a child that has not done exec (pid, 0 for the caller) into a group of its session (0: its own). (setpgid(2))

    EINVAL, ESRCH, EPERM, EACCES."""
    if group_id < 0 or (group_id == 0 and pid < 0):
        raise Errno(EINVAL, "negative group")
    target = caller if pid == 0 or pid == caller.pid else processes.get(pid)
    if target is not caller:
        if target.parent_process() is not caller:
            raise Errno(ESRCH, "not a child of the caller")
        if target.session is not caller.session:
            raise Errno(EPERM, "the child is in another session")
        if target.did_exec:
            raise Errno(EACCES, "the child has already done exec")
    if target.leads_session():
        raise Errno(EPERM, "a session leader cannot leave its group")
    wanted = target.pid if group_id == 0 else group_id
    group = find_group(wanted)
    if wanted != target.pid and (group is None or group.session is not target.session):
        raise Errno(EPERM, "no such group in this session")
    if group is None:
        group = ProcessGroup(wanted, target.session)
    if group is not target.group:
        move(target, group)


def move(process: Process, group: ProcessGroup) -> None:
    """Change the group of a process."""
    process.group.leave(process)
    group.join(process)


def new_session(process: Process) -> int:
    """Make the process the leader of a new session and group, without a terminal. EPERM when it leads a group. (setsid(2))"""
    if number_in_use(process.pid):
        raise Errno(EPERM, "the process leads a group")
    move(process, ProcessGroup(process.pid, Session(process.pid)))
    process.gave_up_terminal = False
    return process.pid


def is_orphaned(group: ProcessGroup, without: Process | None = None) -> bool:
    """Has the group nobody who would continue it? `without`: as if that member were gone."""
    for member in group.members:
        if member is without or member.zombie:
            continue
        parent = member.parent_process()
        if parent is None or parent.pid == INIT_PID:
            continue
        if parent.group is not group and parent.session is group.session:
            return False
    return True


def release_orphaned(process: Process, parent: Process | None, leaving: Process | None) -> None:
    """`process` loses `parent` (or leaves itself): if that orphans its group and members are stopped, they get SIGHUP and SIGCONT."""
    group = process.group
    if parent is None or parent.group is group or parent.session is not group.session:
        return
    if is_orphaned(group, leaving) and _has_stopped(group):
        send_to_group(group, Signal.SIGHUP)
        send_to_group(group, Signal.SIGCONT)


def _has_stopped(group: ProcessGroup) -> bool:
    return any(member.stop_signal != 0 for member in group.members)
