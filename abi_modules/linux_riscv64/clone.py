"""New processes, and what they share: clone, unshare.

A new process is a fork or a vfork; it may share the address space, the descriptors, the working directory and the
signal actions with its parent, as clone(2) allows. Threads (CLONE_THREAD) and namespaces are refused with EINVAL.
"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.places import content
from abi_modules.linux_riscv64.state import state_of
from executor.declare import Address, has_other_bits, syscall
from objects.fork import ForkOptions, fork, start, wait_for_image
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, store_u32
from scarlet.lang import Errno, i32, struct, u32, u64, usize
from scarlet.lang.errno import E2BIG, EINVAL


class CloneFlags(IntFlag):
    """clone(2), whose low byte is the signal that tells the parent of the end; unshare(2) and setns(2), where it holds a flag."""

    CLONE_NEWTIME = 0x80
    CLONE_VM = 0x100
    CLONE_FS = 0x200
    CLONE_FILES = 0x400
    CLONE_SIGHAND = 0x800
    CLONE_PIDFD = 0x1000
    CLONE_PTRACE = 0x2000
    CLONE_VFORK = 0x4000
    CLONE_PARENT = 0x8000
    CLONE_THREAD = 0x10000
    CLONE_NEWNS = 0x20000
    CLONE_SYSVSEM = 0x40000
    CLONE_SETTLS = 0x80000
    CLONE_PARENT_SETTID = 0x100000
    CLONE_CHILD_CLEARTID = 0x200000
    CLONE_DETACHED = 0x400000
    CLONE_UNTRACED = 0x800000
    CLONE_CHILD_SETTID = 0x1000000
    CLONE_NEWCGROUP = 0x2000000
    CLONE_NEWUTS = 0x4000000
    CLONE_NEWIPC = 0x8000000
    CLONE_NEWUSER = 0x10000000
    CLONE_NEWPID = 0x20000000
    CLONE_NEWNET = 0x40000000
    CLONE_IO = 0x80000000


CSIGNAL: Final = 0xFF
CLONE_CLEAR_SIGHAND: Final = 0x100000000
"""clone3(2) only."""
NAMESPACES: Final = (
    CloneFlags.CLONE_NEWNS
    | CloneFlags.CLONE_NEWCGROUP
    | CloneFlags.CLONE_NEWUTS
    | CloneFlags.CLONE_NEWIPC
    | CloneFlags.CLONE_NEWUSER
    | CloneFlags.CLONE_NEWPID
    | CloneFlags.CLONE_NEWNET
)
CLONE_ARGS_SIZE_VER0: Final = 64
PAGE_SIZE: Final = 4096
INIT_PID: Final = 1


@struct
class CloneArgs:
    """struct clone_args (clone3(2))"""

    flags: u64
    pidfd: u64
    child_tid: u64
    parent_tid: u64
    exit_signal: u64
    stack: u64
    stack_size: u64
    tls: u64
    set_tid: u64
    set_tid_size: u64
    cgroup: u64


@syscall(220)
def clone(task: Task, flags: CloneFlags, newsp: Address, parent_tid: Address, tls: Address, child_tid: Address) -> i32:
    """clone(2): the child's number; 0 in the child. Fork and vfork in every form; EINVAL for threads, namespaces and pidfds."""
    request = CloneArgs(
        flags=u64(int(flags) & ~CSIGNAL), exit_signal=u64(flags & CSIGNAL), stack=newsp, tls=tls, parent_tid=parent_tid, child_tid=child_tid
    )
    return _clone(task, request)


@syscall(435)
def clone3(task: Task, cl_args: Address, size: usize) -> i32:
    """clone3(2): as clone, with all arguments in a structure; E2BIG when it has unknown members that are not 0."""
    if size < CLONE_ARGS_SIZE_VER0:
        raise Errno(EINVAL, "struct clone_args has 64 bytes at least")
    if size > PAGE_SIZE:
        raise Errno(E2BIG, "struct clone_args is larger than a page")
    data = load_bytes(task.space, cl_args, int(size))
    if any(byte != 0 for byte in data[CloneArgs.SIZE :]):
        raise Errno(E2BIG, "unknown members of struct clone_args are set")
    request = CloneArgs.parse(data + bytes(CloneArgs.SIZE))
    if request.flags & u64(CSIGNAL | CloneFlags.CLONE_DETACHED) != 0 or request.exit_signal > 64:
        raise Errno(EINVAL, "flags may not hold a signal")
    if (request.stack == 0) != (request.stack_size == 0):
        raise Errno(EINVAL, "stack and stack_size belong together")
    if request.set_tid_size != 0 or request.set_tid != 0 or request.cgroup != 0:
        raise Errno(EINVAL, "set_tid and cgroup are not supported")
    request.stack = u64(request.stack + request.stack_size)
    return _clone(task, request)


def _clone(task: Task, request: CloneArgs) -> i32:
    """The common part; `stack` is the child's stack pointer, 0 to keep the parent's."""
    flags = CloneFlags(u32(request.flags))
    clear_handlers = request.flags & CLONE_CLEAR_SIGHAND != 0
    if request.flags >> 33 != 0:
        raise Errno(EINVAL, "unknown flags")
    _check_clone_flags(task, flags, clear_handlers=clear_handlers)
    options = ForkOptions()
    options.share_space = flags & CloneFlags.CLONE_VM != 0
    options.share_handles = flags & CloneFlags.CLONE_FILES != 0
    options.share_view = flags & CloneFlags.CLONE_FS != 0
    options.share_actions = flags & CloneFlags.CLONE_SIGHAND != 0
    options.clear_actions = clear_handlers
    options.wait_for_image = flags & CloneFlags.CLONE_VFORK != 0
    options.sibling = flags & CloneFlags.CLONE_PARENT != 0
    options.exit_signal = int(request.exit_signal)
    child = fork(task, options)
    child.frame.a0 = u64(0)
    if request.stack != 0:
        child.frame.sp = request.stack
    if flags & CloneFlags.CLONE_SETTLS:
        child.frame.tp = request.tls
    if flags & CloneFlags.CLONE_CHILD_CLEARTID:
        state_of(child).clear_child_tid = request.child_tid
    pid = child.process.pid
    if flags & CloneFlags.CLONE_CHILD_SETTID:
        _store_tid(child, request.child_tid, pid)
    if flags & CloneFlags.CLONE_PARENT_SETTID:
        _store_tid(task, request.parent_tid, pid)
    process = child.process
    start(child)
    if options.wait_for_image:
        wait_for_image(task, process)
    return i32(pid)


def _check_clone_flags(task: Task, flags: CloneFlags, *, clear_handlers: bool) -> None:
    if flags & CloneFlags.CLONE_SIGHAND and not flags & CloneFlags.CLONE_VM:
        raise Errno(EINVAL, "CLONE_SIGHAND needs CLONE_VM")
    if flags & CloneFlags.CLONE_THREAD:
        raise Errno(EINVAL, "threads are not supported yet")
    if clear_handlers and flags & CloneFlags.CLONE_SIGHAND:
        raise Errno(EINVAL, "CLONE_CLEAR_SIGHAND excludes CLONE_SIGHAND")
    if flags & NAMESPACES:
        raise Errno(EINVAL, "namespaces are not supported")
    if flags & CloneFlags.CLONE_PIDFD:
        raise Errno(EINVAL, "process descriptors are not supported")
    if flags & CloneFlags.CLONE_PTRACE:
        raise Errno(EINVAL, "tracing is not supported")
    if flags & CloneFlags.CLONE_PARENT and task.process.pid == INIT_PID:
        raise Errno(EINVAL, "process 1 has no parent")


def _store_tid(task: Task, address: u64, tid: int) -> None:
    """A pointer that is no good is the caller's own loss, as on Linux."""
    try:
        store_u32(task.space, address, tid)
    except Errno:
        pass


@syscall(96)
def set_tid_address(task: Task, tidptr: Address) -> i32:
    """set_tid_address(2): the caller's thread number; the word at tidptr is cleared when it ends and memory is shared."""
    state_of(task).clear_child_tid = tidptr
    return i32(task.tid)


@syscall(97)
def unshare(task: Task, flags: CloneFlags) -> None:
    """unshare(2): CLONE_FS and CLONE_FILES; namespaces are EINVAL."""
    if has_other_bits(flags, CloneFlags.CLONE_FS | CloneFlags.CLONE_FILES | CloneFlags.CLONE_SYSVSEM):
        raise Errno(EINVAL, "namespaces are not supported")
    process = task.process
    if flags & CloneFlags.CLONE_FS:
        process.view = process.view.fork()
    if flags & CloneFlags.CLONE_FILES and process.shares_parts:
        process.handles = process.handles.fork()
    task.refresh()


@syscall(268)
def setns(task: Task, fd: i32, nstype: CloneFlags) -> None:
    """setns(2): EINVAL, for no descriptor is a namespace; EBADF for one that is not open."""
    content(task, int(fd))
    raise Errno(EINVAL, "the descriptor is not a namespace")
