"""Processes come and go: fork, exec, exit, wait, kill."""

from typing import Final

from abi_modules.xv6_riscv64.arguments import read_arguments, read_path
from abi_modules.xv6_riscv64.declare import OutStatus
from abi_modules.xv6_riscv64.names import lookup_path
from executor.declare import NewProgram, UserPath, UserStrings, syscall
from executor.exec import execute
from objects import fork as forking
from objects.process import INIT_PID, ExitStatus
from objects.signalling import from_user
from objects.signalling import kill as send_signal
from objects.task import Task
from objects.wait import ChildEvent, Selector, WaitOptions, Which, wait_for_child
from scarlet.kernel.memory.user import store_i32
from scarlet.kernel.signals import CLD_EXITED, Signal
from scarlet.lang import Errno, i32
from scarlet.lang.errno import ECHILD, ENOENT, EPERM, ESRCH

KILLED_STATUS: Final = -1
"""What wait tells of a child that was killed, by kill or by its own fault."""
ENDED: Final = WaitOptions.EXITED | WaitOptions.ALL
SEARCHED: Final = [
    b"/",
    b"/scarlet/system/scarlet/bin",
    b"/scarlet/system/linux-riscv64/bin",
    b"/scarlet/system/linux-riscv64/sbin",
    b"/scarlet/system/linux-riscv64/usr/bin",
    b"/scarlet/system/linux-riscv64/usr/sbin",
]
"""Where exec looks for a program that is called by its bare name and is not in the working directory."""


@syscall(1)
def fork(task: Task) -> i32:
    """The child's number, 0 in the child. -1 when there are 64 processes of this ABI, or no memory."""
    child = forking.fork(task, forking.ForkOptions())
    child.frame.a0 = 0
    pid = child.process.pid
    forking.start(child)
    return i32(pid)


@syscall(2)
def exit_(task: Task, status: i32) -> None:
    """End the process. Parents of this ABI see all 32 bits of the status, others the low eight."""
    task.must_succeed = True  # from now on
    task.process.end(ExitStatus(int(status) & 0xFF, value=int(status)))


@syscall(3)
def wait(task: Task, status: OutStatus) -> i32:
    """The number of a child that has ended, waiting for one. -1 without children, or with a bad address: then the child stays."""
    if status == 0:
        return i32(_ended_child(task, Selector(Which.ANY), ENDED).pid)
    event = _ended_child(task, Selector(Which.ANY), ENDED | WaitOptions.NOWAIT)
    store_i32(task.space, status, int(i32(event.value)) if event.code == CLD_EXITED else KILLED_STATUS)
    _ended_child(task, Selector(Which.PROCESS, event.pid), ENDED)
    return i32(event.pid)


def _ended_child(task: Task, selector: Selector, options: WaitOptions) -> ChildEvent:
    event = wait_for_child(task, selector, options)
    if event is None:
        raise Errno(ECHILD, "no child has ended")
    return event


@syscall(6)
def kill(task: Task, pid: i32) -> None:
    """End a process of any ABI: it does not return to its program, and its parent learns the status -1. -1 for process 1."""
    if pid <= 0:
        raise Errno(ESRCH, "no process has such a number")
    if pid == INIT_PID:
        raise Errno(EPERM, "process 1 cannot be killed")
    send_signal(task, int(pid), from_user(task, Signal.SIGKILL))


@syscall(7)
def exec_(task: Task, path: UserPath, argv: UserStrings) -> NewProgram:
    """Replace the program, by one of any ABI. A bare name that the working directory does not have is looked for in / and
    then among the native and the Linux programs, for there is no PATH.
    """
    name = read_path(task, path)
    arguments = read_arguments(task, argv)
    try:
        execute(task, lookup_path(task, name), arguments, None)
    except Errno as error:
        if error.code != ENOENT or b"/" in name or len(name) == 0:
            raise
        _execute_found(task, name, arguments)
    return NewProgram(task.frame.a0)


def _execute_found(task: Task, name: bytes, arguments: list[bytes]) -> None:
    """Try the places where programs are kept, one after the other. ENOENT when none has it."""
    for directory in SEARCHED:
        try:
            execute(task, directory + b"/" + name, arguments, None)
            return
        except Errno as error:
            if error.code != ENOENT:
                raise
    raise Errno(ENOENT, "no such program, here or where programs are kept")


@syscall(11)
def getpid(task: Task) -> i32:
    """The number of this process."""
    return i32(task.process.pid)
