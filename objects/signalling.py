"""Sending signals: who may, where they wait, what takes effect at once. (signal(7), kill(2), sigaction(2))

A signal that is ignored is dropped when it is sent, unless it is blocked: then its action may change before it is seen. SIGCONT and stop
signals remove each other from the queues, and SIGCONT resumes a stopped process even when it is blocked or ignored. A signal that
will end the process ends it now: the tasks are marked and their sleeps are cut short; they go when they next come by the user loop.
Everything else waits until a task comes by (Task.before_user).

Process 1 gets only signals it handles, and those that its own faults force on it.
"""

from typing import TYPE_CHECKING

from objects.credentials import CAP_KILL
from objects.group import ProcessGroup, find_group
from objects.limits import INFINITY, Resource
from objects.process import INIT_PID, ExitStatus, Process
from objects.processes import processes
from scarlet.kernel import scheduler
from scarlet.kernel.signals import (
    CLD_CONTINUED,
    CLD_STOPPED,
    DEFAULT,
    DEFAULT_ACTIONS,
    FIRST_REALTIME,
    SI_KERNEL,
    SI_USER,
    STOPS,
    ActionFlags,
    DefaultAction,
    Signal,
    SignalAction,
    SignalInfo,
    SignalSet,
    contains,
    is_signal,
    signal_bit,
    without,
)  # fmt: skip
from scarlet.lang.errno import EAGAIN, EINVAL, EPERM, ESRCH, Errno

if TYPE_CHECKING:
    from objects.task import Task


# --- what the kernel sends ---


def send(process: Process, info: SignalInfo) -> bool:
    """Send to a process; whichever task takes it first. False when the queue of a real-time signal is full."""
    return _post(process, None, info)


def send_to_task(task: "Task", info: SignalInfo) -> bool:
    """Send to one task. False when the queue of a real-time signal is full."""
    return _post(task.process, task, info)


def send_to_group(group: ProcessGroup, number: int) -> None:
    """The kernel sends a signal to every member."""
    for process in group.members.copy():
        send(process, SignalInfo(number, SI_KERNEL))


def force(task: "Task", info: SignalInfo) -> None:
    """A signal the task cannot escape, caused by what it just did: when it is blocked or ignored it takes its default action."""
    process = task.process
    number = info.number
    action = process.actions.get(number)
    if action.is_ignored or contains(task.mask, number):
        process.actions.set(number, DEFAULT)
        task.mask = without(task.mask, signal_bit(number))
        action = DEFAULT
    if action.is_default:
        _end(process, info)
    else:
        task.pending.add(info)
        _tell(task)


# --- what processes send ---


def kill(sender: "Task", pid: int, info: SignalInfo) -> None:
    """kill(2): to one process (> 0), the sender's group (0), everyone (-1) or a group (< -1); signal 0 only asks.

    ESRCH, EPERM, EINVAL, EAGAIN."""
    before = sender.must_succeed
    sender.must_succeed = before or info.number < FIRST_REALTIME  # without memory it is the only way to get some
    try:
        _kill(sender, pid, info)
    finally:
        sender.must_succeed = before


def _kill(sender: "Task", pid: int, info: SignalInfo) -> None:
    if pid > 0:
        _send_checked(sender, processes.get(pid), info)
    elif pid == -1:
        others = [process for process in processes.all() if process.pid != INIT_PID and process is not sender.process]
        try:
            _send_to_each(sender, others, info)
        except Errno as error:
            if error.code != EPERM:  # Linux does not count those that belong to someone else as a failure here
                raise
    else:
        group = sender.process.group if pid == 0 else find_group(-pid)
        if group is None:
            raise Errno(ESRCH, "no such process group")
        _send_to_each(sender, group.members.copy(), info)


def kill_task(sender: "Task", pid: int, tid: int, info: SignalInfo) -> None:
    """tgkill(2): to a task of a process (pid -1: whichever process it is in). ESRCH, EPERM, EINVAL, EAGAIN."""
    task = processes.find_task(tid)
    if task is None or (pid != -1 and task.process.pid != pid):
        raise Errno(ESRCH, "no such task")
    _check_sending(sender, task.process, info.number)
    if info.number != 0 and not send_to_task(task, info):
        raise Errno(EAGAIN, "too many signals wait")


def from_user(sender: "Task", number: int) -> SignalInfo:
    """What comes with a signal that kill(2) sends."""
    before = sender.must_succeed
    sender.must_succeed = before or number < FIRST_REALTIME
    try:
        return SignalInfo(number, SI_USER, pid=sender.process.pid, uid=sender.credentials.uid)
    finally:
        sender.must_succeed = before


def may_signal(sender: "Task", target: Process, number: int) -> bool:
    """The rule of kill(2): real or effective user equals the target's real or saved one; CAP_KILL; SIGCONT within a session."""
    if target is sender.process:
        return True
    mine = sender.credentials
    theirs = target.credentials
    if mine.euid == theirs.suid or mine.euid == theirs.uid or mine.uid == theirs.suid or mine.uid == theirs.uid:
        return True
    if mine.capable(CAP_KILL):
        return True
    return number == Signal.SIGCONT and target.session is sender.process.session


def _check_sending(sender: "Task", target: Process, number: int) -> None:
    if number != 0 and not is_signal(number):
        raise Errno(EINVAL, "no such signal")
    if not may_signal(sender, target, number):
        raise Errno(EPERM, "the process belongs to someone else")


def _send_checked(sender: "Task", target: Process, info: SignalInfo) -> None:
    _check_sending(sender, target, info.number)
    if info.number != 0 and not send(target, info):
        raise Errno(EAGAIN, "too many signals wait")


def _send_to_each(sender: "Task", targets: list[Process], info: SignalInfo) -> None:
    """Success when one could be signalled; else the last error, ESRCH when there was nobody."""
    reached = False
    code = ESRCH
    reason = "nobody to signal"
    for target in targets:
        try:
            _send_checked(sender, target, info)
            reached = True
        except Errno as error:
            code = error.code
            reason = error.reason
    if not reached:
        raise Errno(code, reason)


# --- actions ---


def change_action(process: Process, number: int, action: SignalAction) -> SignalAction:
    """The previous action. EINVAL for no signal, or when SIGKILL or SIGSTOP are to be changed. (sigaction(2))"""
    if not is_signal(number) or number == Signal.SIGKILL or number == Signal.SIGSTOP:
        raise Errno(EINVAL, "the action of this signal cannot be set")
    previous = process.actions.get(number)
    process.actions.set(number, action)
    if action.ignores(number):
        bit = signal_bit(number)
        process.pending.remove(bit)
        for task in process.threads:
            task.pending.remove(bit)
    return previous


# --- what a signal does when it is sent ---


def _post(process: Process, task: "Task | None", info: SignalInfo) -> bool:
    if process.exit_status is not None:
        return True
    number = info.number
    if info.code == SI_KERNEL and process.abi.is_spared(process, number):
        return True
    if contains(STOPS, number):
        _forget(process, signal_bit(Signal.SIGCONT))
    elif number == Signal.SIGCONT:
        _forget(process, STOPS)
        resume(process)
    receiver = _receiver(process, task, number)
    if _is_dropped(process, receiver, task, number):
        return True
    if receiver is not None and _is_fatal(process, number):
        _end(process, info)
        return True
    queue = process.pending if task is None else task.pending
    limit = INFINITY
    if number >= FIRST_REALTIME:
        elsewhere = queued_signals(process.credentials.uid) - queue.count()
        limit = max(process.limits.soft(Resource.PENDING_SIGNALS) - elsewhere, 0)
    if not queue.add(info, limit):
        return False
    if receiver is not None:
        _tell(receiver)
    else:
        _tell_awaiting(process, task, number)
    return True


def queued_signals(uid: int) -> int:
    """How many wait for all processes of a real user. (getrlimit(2), RLIMIT_SIGPENDING)"""
    found = 0
    for process in processes.all():
        if process.credentials.uid == uid:
            found += process.pending.count()
            for task in process.threads:
                found += task.pending.count()
    return found


def _receiver(process: Process, task: "Task | None", number: int) -> "Task | None":
    """The task that can take the signal now; None when all block it, or the process is stopped and must be continued first."""
    if process.stop_signal != 0 and number != Signal.SIGKILL:
        return None
    if task is not None:
        return None if contains(task.mask, number) or task.exiting else task
    for candidate in process.threads:
        if not contains(candidate.mask, number) and not candidate.exiting:
            return candidate
    return None


def _is_dropped(process: Process, receiver: "Task | None", task: "Task | None", number: int) -> bool:
    """Is the signal without effect, now and later?"""
    if receiver is None and _is_blocked(process, task, number):
        return False
    action = process.actions.get(number)
    if process.pid == INIT_PID and action.is_default:
        return True
    return action.ignores(number) or (action.is_default and number == Signal.SIGCONT)


def _is_blocked(process: Process, task: "Task | None", number: int) -> bool:
    if task is not None:
        return contains(task.mask, number)
    return all(contains(candidate.mask, number) for candidate in process.threads)


def _is_fatal(process: Process, number: int) -> bool:
    if not process.actions.get(number).is_default:
        return False
    default = DEFAULT_ACTIONS[number]
    return default is DefaultAction.TERMINATE or default is DefaultAction.CORE


def _end(process: Process, info: SignalInfo) -> None:
    """End the process by this signal; its ABI will trace it on the way out."""
    if process.exit_status is None:
        process.fatal_signal = info
        process.end(ExitStatus(0, info.number))


def _tell(task: "Task") -> None:
    """A signal waits for this task."""
    task.pending_work = True
    if task.interrupted():
        scheduler.interrupt(task)


def _tell_awaiting(process: Process, task: "Task | None", number: int) -> None:
    """A blocked signal ends the sleep of a task that waits for it. (sigtimedwait(2))"""
    for candidate in process.threads:
        if (task is None or candidate is task) and contains(candidate.awaited, number):
            scheduler.interrupt(candidate)
            return


def _forget(process: Process, signals: SignalSet) -> None:
    process.pending.remove(signals)
    for task in process.threads:
        task.pending.remove(signals)


# --- stopping and continuing ---


def stop(process: Process, number: int) -> None:
    """Stop every task of the process; the parent learns of it."""
    process.stop_signal = number
    process.stop_unreported = True
    process.continue_unreported = False
    for task in process.threads:
        _tell(task)
    notify_parent(process, CLD_STOPPED, number)


def resume(process: Process) -> None:
    """Let a stopped process go on; the parent learns of it. Nothing for one that runs."""
    if process.stop_signal == 0:
        return
    process.stop_signal = 0
    process.stop_unreported = False
    process.continue_unreported = True
    process.changed.wake_all()
    notify_parent(process, CLD_CONTINUED, Signal.SIGCONT)


def notify_parent(process: Process, code: int, status: int) -> None:
    """SIGCHLD for a child that stopped or went on, unless SA_NOCLDSTOP, and a look around for those in wait(2)."""
    parent = process.parent_process()
    if parent is None:
        return
    if not parent.actions.get(Signal.SIGCHLD).flags & ActionFlags.NOCLDSTOP:
        send(parent, child_info(process, Signal.SIGCHLD, code, status))
    parent.child_waiters.wake_all()


def child_info(process: Process, number: int, code: int, status: int) -> SignalInfo:
    """What SIGCHLD tells about a child. (sigaction(2))"""
    usage = process.usage_now()
    return SignalInfo(
        number, code, pid=process.pid, uid=process.credentials.uid, status=status, user_ns=usage.user_ns, system_ns=usage.system_ns
    )
