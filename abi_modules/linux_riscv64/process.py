"""A process runs another program, ends, and is waited for: execve, exit, wait. (clone.py makes them.)"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.arguments import read_path, read_strings, strings_size
from abi_modules.linux_riscv64.declare import DirFd, OutRusage, OutSiginfo, OutWaitStatus
from abi_modules.linux_riscv64.signal_frame import pack_info
from abi_modules.linux_riscv64.stack import argument_room
from abi_modules.linux_riscv64.structures import store_rusage
from executor.declare import NewProgram, UserEnvironment, UserPath, UserStrings, has_other_bits, syscall
from executor.exec import execute, execute_at
from objects.limits import Resource
from objects.process import ExitStatus
from objects.task import Task
from objects.wait import ChildEvent, Selector, WaitOptions, Which, wait_for_child
from scarlet.kernel.memory.user import store_bytes, store_i32
from scarlet.kernel.signals import CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_STOPPED, Signal, SignalInfo
from scarlet.lang import Errno, i32
from scarlet.lang.errno import EBADF, EINVAL, ESRCH

# --- exec -------------------------------------------------------------------------------------------------------------------


class ExecFlags(IntFlag):
    """execveat(2)"""

    AT_SYMLINK_NOFOLLOW = 0x100
    AT_EMPTY_PATH = 0x1000


@syscall(221)
def execve(task: Task, pathname: UserPath, argv: UserStrings, envp: UserEnvironment) -> NewProgram:
    """execve(2): all of it, #! scripts and dynamic linkers included; everything is built first, so a failure changes nothing."""
    path = read_path(task, pathname)
    room = argument_room(task.process.limits.soft(Resource.STACK))
    arguments = read_strings(task, argv, room)
    environment = read_strings(task, envp, room - strings_size(arguments))
    execute(task, path, arguments, environment)
    return NewProgram(task.frame.a0)


@syscall(281)
def execveat(task: Task, dirfd: DirFd, pathname: UserPath, argv: UserStrings, envp: UserEnvironment, flags: ExecFlags) -> NewProgram:
    """execveat(2): execve relative to a directory, or of the file that dirfd is (AT_EMPTY_PATH); ELOOP for a symbolic
    link with AT_SYMLINK_NOFOLLOW.
    """
    if has_other_bits(flags, ExecFlags.AT_SYMLINK_NOFOLLOW | ExecFlags.AT_EMPTY_PATH):
        raise Errno(EINVAL, "unknown flags")
    path = read_path(task, pathname)
    room = argument_room(task.process.limits.soft(Resource.STACK))
    arguments = read_strings(task, argv, room)
    environment = read_strings(task, envp, room - strings_size(arguments))
    execute_at(
        task,
        int(dirfd),
        path,
        arguments,
        environment,
        follow=not flags & ExecFlags.AT_SYMLINK_NOFOLLOW,
        empty_path=flags & ExecFlags.AT_EMPTY_PATH != 0,
    )
    return NewProgram(task.frame.a0)


# --- exit and wait ------------------------------------------------------------------------------------------------------------


@syscall(93)
def exit_(task: Task, status: i32) -> None:
    """exit(2): the calling thread ends, and with the last one the process."""
    task.exit(int(status) & 0xFF)


@syscall(94)
def exit_group(task: Task, status: i32) -> None:
    """exit_group(2): the process ends with this status."""
    task.must_succeed = True  # from now on
    task.process.end(ExitStatus(int(status) & 0xFF))


class WaitFlags(IntFlag):
    """wait4(2), waitid(2); the last three are written with two underscores before them in C."""

    WNOHANG = 1
    WUNTRACED = 2
    WEXITED = 4
    WCONTINUED = 8
    WNOWAIT = 0x01000000
    WNOTHREAD = 0x20000000
    WALL = 0x40000000
    WCLONE = 0x80000000


LINUX_WAIT4: Final = 0xE000000B
"""WNOHANG, WUNTRACED, WCONTINUED, WNOTHREAD, WALL, WCLONE."""
LINUX_WAITID: Final = 0xE100000F
"""Those, WEXITED and WNOWAIT; WSTOPPED is WUNTRACED's number."""
WAITID_EVENTS: Final = WaitOptions.EXITED | WaitOptions.STOPPED | WaitOptions.CONTINUED


@syscall(260)
def wait4(task: Task, pid: i32, wstatus: OutWaitStatus, options: WaitFlags, rusage: OutRusage) -> i32:
    """wait4(2): the child that ended, stopped (WUNTRACED) or went on (WCONTINUED); 0 under WNOHANG when there is none
    yet. ECHILD, EINTR.
    """
    if has_other_bits(options, LINUX_WAIT4):
        raise Errno(EINVAL, "unknown options")
    if pid == -0x80000000:
        raise Errno(ESRCH, "no such process group")
    event = wait_for_child(task, _selector(task, int(pid)), WaitOptions(options) | WaitOptions.EXITED)
    if event is None:
        return i32(0)
    if wstatus != 0:
        store_i32(task.space, wstatus, _wait_status(event))
    if rusage != 0:
        store_rusage(task, rusage, event.usage)
    return i32(event.pid)


def _selector(task: Task, pid: int) -> Selector:
    if pid > 0:
        return Selector(Which.PROCESS, pid)
    if pid == -1:
        return Selector(Which.ANY)
    return Selector(Which.GROUP, task.process.group.identity if pid == 0 else -pid)


def _wait_status(event: ChildEvent) -> int:
    """The status word of wait(2)."""
    if event.code == CLD_EXITED:
        return (event.status & 0xFF) << 8
    if event.code == CLD_STOPPED:
        return event.status << 8 | 0x7F
    if event.code == CLD_CONTINUED:
        return 0xFFFF
    return event.status | (0x80 if event.code == CLD_DUMPED else 0)


WAITID_INFO_BYTES: Final = 28
"""waitid fills in si_signo to si_status and leaves the rest of the structure alone."""


@syscall(95)
def waitid(task: Task, idtype: i32, id: i32, infop: OutSiginfo, options: WaitFlags, rusage: OutRusage) -> None:
    """waitid(2): as wait4, with the event in a siginfo_t; P_PIDFD is EBADF, for there are no process descriptors."""
    if has_other_bits(options, LINUX_WAITID) or not WaitOptions(options) & WAITID_EVENTS:
        raise Errno(EINVAL, "options need WEXITED, WSTOPPED or WCONTINUED, and nothing unknown")
    match idtype:
        case 0:
            selector = Selector(Which.ANY)
        case 1:
            if id <= 0:
                raise Errno(EINVAL, "no such process number")
            selector = Selector(Which.PROCESS, int(id))
        case 2:
            if id < 0:
                raise Errno(EINVAL, "no such group number")
            selector = Selector(Which.GROUP, task.process.group.identity if id == 0 else int(id))
        case 3:
            raise Errno(EBADF if id >= 0 else EINVAL, "not a process descriptor")
        case _:
            raise Errno(EINVAL, "idtype must be P_ALL, P_PID, P_PGID or P_PIDFD")
    event = wait_for_child(task, selector, WaitOptions(options))
    if event is not None and rusage != 0:
        store_rusage(task, rusage, event.usage)
    if infop != 0:
        info = SignalInfo(0, 0)
        if event is not None:
            info = SignalInfo(Signal.SIGCHLD, event.code, pid=event.pid, uid=event.uid, status=event.status)
        store_bytes(task.space, infop, pack_info(info)[:WAITID_INFO_BYTES])
