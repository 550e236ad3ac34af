"""Signals: actions, masks, sending and waiting (signal(7)). Delivery is objects/task.py's, the frames are signal_frame.py's."""

from enum import IntEnum
from typing import Annotated, Final

from abi_modules.linux_riscv64.declare import (
    InSigaction,
    InSigaltstack,
    InSiginfo,
    InSignalSet,
    InTimespec,
    OutSigaction,
    OutSigaltstack,
    OutSiginfo,
    OutSignalSet,
)
from abi_modules.linux_riscv64.signal_frame import (
    MIN_SIGNAL_STACK,
    SS_AUTODISARM,
    SS_DISABLE,
    SS_ONSTACK,
    SigInfo,
    is_on_alternate_stack,
    pack_info,
    pop_signal_frame,
    unpack_info,
)
from abi_modules.linux_riscv64.state import state_of
from abi_modules.linux_riscv64.structures import load_timespec_ns
from executor.declare import SignalNumber, syscall
from objects.fault import end_for_memory
from objects.processes import processes
from objects.restart import Interrupted, Restart
from objects.signalling import change_action, force, from_user, kill_task
from objects.signalling import kill as send_kill
from objects.task import AlternateStack, Task
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory.user import load_bytes, load_u64, store_bytes, store_u64
from scarlet.kernel.signals import EMPTY, SI_KERNEL, SI_TKILL, ActionFlags, Signal, SignalAction, SignalInfo, blockable, without
from scarlet.kernel.waitqueue import WaitQueue, WakeReason
from scarlet.lang import Errno, i32, struct, u32, u64, usize
from scarlet.lang.errno import EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ESRCH

SIGNAL_SET_BYTES: Final = 8


def _check_set_size(size: u64) -> None:
    if size != SIGNAL_SET_BYTES:
        raise Errno(EINVAL, "sigsetsize must be 8")


# --- actions ----------------------------------------------------------------------------------------------------------------


@struct
class KernelSigaction:
    """struct sigaction as the riscv64 kernel has it: without sa_restorer."""

    sa_handler: u64
    sa_flags: u64
    sa_mask: u64


KNOWN_ACTION_FLAGS: Final = (
    ActionFlags.NOCLDSTOP
    | ActionFlags.NOCLDWAIT
    | ActionFlags.SIGINFO
    | ActionFlags.EXPOSE_TAGBITS
    | ActionFlags.ONSTACK
    | ActionFlags.RESTART
    | ActionFlags.NODEFER
    | ActionFlags.RESETHAND
)
"""Others are cleared, so that a program can ask which ones there are (sigaction(2), "Dynamically probing for flag bit support")."""


@syscall(134)
def rt_sigaction(task: Task, signum: SignalNumber, act: InSigaction, oldact: OutSigaction, sigsetsize: usize) -> None:
    """sigaction(2): all of it; unknown flags read back as 0."""
    _check_set_size(sigsetsize)
    process = task.process
    if act != 0:
        new = KernelSigaction.parse(load_bytes(task.space, act, KernelSigaction.SIZE))
        flags = ActionFlags(u32(new.sa_flags)) & KNOWN_ACTION_FLAGS
        previous = change_action(process, int(signum), SignalAction(new.sa_handler, flags, blockable(new.sa_mask)))
    else:
        if not 1 <= signum <= 64:
            raise Errno(EINVAL, "no such signal")
        previous = process.actions.get(int(signum))
    if oldact != 0:
        old = KernelSigaction(sa_handler=previous.handler, sa_flags=u64(previous.flags), sa_mask=previous.mask)
        store_bytes(task.space, oldact, old.pack())


# --- masks ------------------------------------------------------------------------------------------------------------------


class MaskOperation(IntEnum):
    """sigprocmask(2)"""

    SIG_BLOCK = 0
    SIG_UNBLOCK = 1
    SIG_SETMASK = 2


@syscall(135)
def rt_sigprocmask(task: Task, how: Annotated[i32, MaskOperation], set_: InSignalSet, oldset: OutSignalSet, sigsetsize: usize) -> None:
    """sigprocmask(2): SIGKILL and SIGSTOP cannot be blocked, silently."""
    _check_set_size(sigsetsize)
    previous = task.mask
    if set_ != 0:
        given = load_u64(task.space, set_)
        match how:
            case MaskOperation.SIG_BLOCK:
                task.set_mask(u64(previous | given))
            case MaskOperation.SIG_UNBLOCK:
                task.set_mask(without(previous, given))
            case MaskOperation.SIG_SETMASK:
                task.set_mask(given)
            case _:
                raise Errno(EINVAL, "how must be SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK")
    if oldset != 0:
        store_u64(task.space, oldset, previous)


@syscall(136)
def rt_sigpending(task: Task, set_: OutSignalSet, sigsetsize: usize) -> None:
    """sigpending(2): what waits for this thread or its process and is blocked."""
    if sigsetsize > SIGNAL_SET_BYTES:
        raise Errno(EINVAL, "sigsetsize must be 8 at most")
    if sigsetsize == 0:
        return
    waiting = u64((task.pending.mask | task.process.pending.mask) & task.mask)
    store_bytes(task.space, set_, waiting.to_bytes(8, "little")[: int(sigsetsize)])


@syscall(133)
def rt_sigsuspend(task: Task, mask: InSignalSet, sigsetsize: usize) -> None:
    """sigsuspend(2): with another mask, until a handler has run; always EINTR."""
    _check_set_size(sigsetsize)
    task.suspend_mask(load_u64(task.space, mask))
    nothing = WaitQueue()
    while nothing.wait() is not WakeReason.SIGNAL:
        pass
    raise Interrupted(Restart.UNLESS_HANDLER)


@syscall(137)
def rt_sigtimedwait(task: Task, set_: InSignalSet, info: OutSiginfo, timeout: InTimespec, sigsetsize: usize) -> i32:
    """sigtimedwait(2): takes one of these signals, waiting for it if need be; EAGAIN when the time is over, EINTR for another signal."""
    _check_set_size(sigsetsize)
    wanted = blockable(load_u64(task.space, set_))
    deadline = NEVER
    if timeout != 0:
        deadline = clock.deadline_after(load_timespec_ns(task, timeout))
    found = _await_signal(task, wanted, deadline)
    if info != 0:
        store_bytes(task.space, info, pack_info(found))
    return i32(found.number)


def _await_signal(task: Task, wanted: u64, deadline_ns: int) -> SignalInfo:
    """The signals stay blocked, so that none of them is delivered or dropped; `awaited` lets them end the sleep."""
    found = task.take_awaited(wanted)
    if found is not None:
        return found
    task.awaited = wanted
    reason = WaitQueue().wait(deadline_ns)
    task.awaited = EMPTY
    found = task.take_awaited(wanted)
    if found is not None:
        return found
    if reason is WakeReason.TIMEOUT:
        raise Errno(EAGAIN, "no signal came in time")
    raise Errno(EINTR)


# --- sending ----------------------------------------------------------------------------------------------------------------


@syscall(129)
def kill(task: Task, pid: i32, sig: SignalNumber) -> None:
    """kill(2): one process, a group, or everyone; signal 0 only asks."""
    send_kill(task, int(pid), from_user(task, int(sig)))


@syscall(130)
def tkill(task: Task, tid: i32, sig: SignalNumber) -> None:
    """tkill(2): one thread."""
    if tid <= 0:
        raise Errno(EINVAL, "no such thread number")
    kill_task(task, -1, int(tid), _from_thread(task, int(sig)))


@syscall(131)
def tgkill(task: Task, tgid: i32, tid: i32, sig: SignalNumber) -> None:
    """tgkill(2): one thread of one process."""
    if tgid <= 0 or tid <= 0:
        raise Errno(EINVAL, "no such thread number")
    kill_task(task, int(tgid), int(tid), _from_thread(task, int(sig)))


def _from_thread(task: Task, number: int) -> SignalInfo:
    return SignalInfo(number, SI_TKILL, pid=task.process.pid, uid=task.credentials.uid)


@syscall(138)
def rt_sigqueueinfo(task: Task, pid: i32, sig: SignalNumber, info: InSiginfo) -> None:
    """rt_sigqueueinfo(2): a signal with data; EPERM for codes that only the kernel uses, except to oneself."""
    queued = _queued_info(task, int(pid), int(sig), info)
    if processes.find(int(pid)) is None:
        raise Errno(ESRCH, "no such process")
    send_kill(task, int(pid), queued)


@syscall(240)
def rt_tgsigqueueinfo(task: Task, tgid: i32, tid: i32, sig: SignalNumber, info: InSiginfo) -> None:
    """rt_tgsigqueueinfo(2): the same to one thread."""
    if tgid <= 0 or tid <= 0:
        raise Errno(EINVAL, "no such thread number")
    kill_task(task, int(tgid), int(tid), _queued_info(task, int(tgid), int(sig), info))


def _queued_info(task: Task, pid: int, number: int, address: u64) -> SignalInfo:
    info = unpack_info(load_bytes(task.space, address, SigInfo.SIZE))
    info.number = number
    if (info.code >= 0 or info.code == SI_TKILL) and pid != task.process.pid:
        raise Errno(EPERM, "this si_code is the kernel's")
    return info


# --- the stack of handlers, and the way back ----------------------------------------------------------------------------------


@struct
class SigaltStack:
    """stack_t"""

    ss_sp: u64
    ss_flags: i32
    pad0: i32
    ss_size: u64


@syscall(132)
def sigaltstack(task: Task, ss: InSigaltstack, old_ss: OutSigaltstack) -> None:
    """sigaltstack(2): SS_AUTODISARM included; EPERM while a handler runs on it, ENOMEM below 2048 bytes."""
    present = task.alternate_stack
    on_it = is_on_alternate_stack(present, task.frame.sp)
    state = (SS_ONSTACK if on_it else 0) if present.size != 0 else SS_DISABLE
    old = SigaltStack(ss_sp=present.address, ss_flags=i32(present.flags & SS_AUTODISARM | state), ss_size=present.size)
    if ss != 0:
        new = SigaltStack.parse(load_bytes(task.space, ss, SigaltStack.SIZE))
        if on_it:
            raise Errno(EPERM, "the stack is in use")
        task.alternate_stack = _new_stack(new)
    if old_ss != 0:
        store_bytes(task.space, old_ss, old.pack())


def _new_stack(new: SigaltStack) -> AlternateStack:
    flags = int(u32(new.ss_flags))
    kind = flags & ~SS_AUTODISARM
    if kind not in (0, SS_ONSTACK, SS_DISABLE):
        raise Errno(EINVAL, "unknown flags")
    stack = AlternateStack()
    if kind != SS_DISABLE:
        if new.ss_size < MIN_SIGNAL_STACK:
            raise Errno(ENOMEM, "smaller than MINSIGSTKSZ")
        stack.address = new.ss_sp
        stack.size = new.ss_size
    stack.flags = flags & SS_AUTODISARM
    return stack


@syscall(139)
def rt_sigreturn(task: Task) -> u64:
    """sigreturn(2): back from a handler; a frame that cannot be read or makes no sense is SIGSEGV."""
    state_of(task).restart_block = None
    task.must_succeed = True  # there is nowhere else to go on
    try:
        pop_signal_frame(task)
    except Errno as error:
        if error.code not in (EFAULT, EINVAL):
            raise
        force(task, SignalInfo(Signal.SIGSEGV, SI_KERNEL))
    except MemoryError:
        end_for_memory(task)
    finally:
        task.must_succeed = False
    return task.frame.a0


@syscall(128)
def restart_syscall(task: Task) -> i32:
    """restart_syscall(2): goes on with a sleep that a stop or an ignored signal interrupted; EINTR when there is none."""
    state = state_of(task)
    block = state.restart_block
    if block is None:
        raise Errno(EINTR, "nothing to restart")
    state.restart_block = None
    return i32(block.resume(task))
