"""Signal frames: what a handler finds on its stack, and the way back (arch/riscv: struct rt_sigframe).

    sp -> siginfo, 128 bytes
          ucontext: flags, link, stack, mask, padding to 176 bytes
          32 registers, pc first
          floating-point state, 528 bytes

The frame is 16-byte aligned and lies below the interrupted stack or on the alternate one. The handler gets the signal
number, siginfo and ucontext in a0, a1, a2, and returns to __vdso_rt_sigreturn. Everything the frame says on the way
back is a user's claim: it can set user registers, the signal mask without SIGKILL and SIGSTOP, and the alternate
stack, and nothing else.

Sources: sigreturn(2), sigaltstack(2), asm/ucontext.h, asm/sigcontext.h, asm/ptrace.h.
"""

from typing import Annotated, Final

from objects.task import AlternateStack, Task
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.kernel.signals import ActionFlags, Signal, SignalAction, SignalInfo
from scarlet.lang import Errno, i32, struct, u32, u64
from scarlet.lang.errno import EFAULT

NS_PER_TICK: Final = 10_000_000
"""clock_t of si_utime and si_stime: 1/100 second."""

SS_ONSTACK: Final = 1
SS_DISABLE: Final = 2
SS_AUTODISARM: Final = 1 << 31
MIN_SIGNAL_STACK: Final = 2048

FLOAT_BYTES: Final = 264
"""f0 to f31 and fcsr."""
FLOAT_STATE_BYTES: Final = 528
"""The union of all floating-point states; its last 12 bytes describe extensions, and none follow."""

EXTENSION_OFFSET: Final = 516
"""Where that description begins: 12 zero bytes mean that there is none."""
NO_EXTENSION: Final = bytes(12)


@struct
class SigInfo:
    """siginfo_t with the members every kind of signal may need, by the names of sigaction(2)."""

    si_signo: i32
    si_errno: i32
    si_code: i32
    pad0: i32
    first: u64
    """si_pid and si_uid, or si_addr, or si_timerid and si_overrun."""
    second: u64
    """si_value, or si_status in its low half."""
    si_utime: u64
    si_stime: u64
    rest: Annotated[bytes, 80]


@struct
class UserContext:
    """struct ucontext up to and including its general registers (sc_regs)."""

    uc_flags: u64
    uc_link: u64
    ss_sp: u64
    ss_flags: i32
    pad0: i32
    ss_size: u64
    uc_sigmask: u64
    unused: Annotated[bytes, 128]
    pc: u64
    ra: u64
    sp: u64
    gp: u64
    tp: u64
    t0: u64
    t1: u64
    t2: u64
    s0: u64
    s1: u64
    a0: u64
    a1: u64
    a2: u64
    a3: u64
    a4: u64
    a5: u64
    a6: u64
    a7: u64
    s2: u64
    s3: u64
    s4: u64
    s5: u64
    s6: u64
    s7: u64
    s8: u64
    s9: u64
    s10: u64
    s11: u64
    t3: u64
    t4: u64
    t5: u64
    t6: u64


NO_EXTENSIONS: Final = bytes(FLOAT_STATE_BYTES - FLOAT_BYTES)
FRAME_BYTES: Final = SigInfo.SIZE + UserContext.SIZE + FLOAT_STATE_BYTES


def pack_info(info: SignalInfo) -> bytes:
    """siginfo_t as the program sees it."""
    first = u64(info.pid & 0xFFFFFFFF) | u64(u64(info.uid & 0xFFFFFFFF) << 32)
    second = info.value
    if info.number == Signal.SIGCHLD and info.code > 0:
        second = u64(info.status & 0xFFFFFFFF)
    elif info.code > 0 and info.number in (Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGILL, Signal.SIGFPE, Signal.SIGTRAP):
        first = info.address
    packed = SigInfo(
        si_signo=i32(info.number),
        si_code=i32(info.code),
        first=first,
        second=second,
        si_utime=u64(info.user_ns // NS_PER_TICK),
        si_stime=u64(info.system_ns // NS_PER_TICK),
    )
    return packed.pack()


def unpack_info(data: bytes) -> SignalInfo:
    """A siginfo_t that a program made (rt_sigqueueinfo(2))."""
    packed = SigInfo.parse(data)
    return SignalInfo(
        int(packed.si_signo), int(packed.si_code), pid=int(packed.first & 0xFFFFFFFF), uid=int(packed.first >> 32), value=packed.second
    )


def is_on_alternate_stack(stack: AlternateStack, sp: u64) -> bool:
    """Is sp within the alternate stack? Under SS_AUTODISARM a program is never on it."""
    return stack.flags & SS_AUTODISARM == 0 and stack.size != 0 and sp > stack.address and sp - stack.address <= stack.size


def push_signal_frame(task: Task, info: SignalInfo, action: SignalAction, sigreturn: u64) -> None:
    """Build the frame and let the task go on in the handler. EFAULT when the stack cannot take it; nothing has changed then."""
    frame = task.frame
    alternate = task.alternate_stack
    base = _frame_address(task, action)
    context = UserContext(
        ss_sp=alternate.address,
        ss_flags=i32(alternate.flags if alternate.size != 0 else SS_DISABLE),
        ss_size=alternate.size,
        uc_sigmask=task.return_mask(),
        pc=frame.pc, ra=frame.ra, sp=frame.sp, gp=frame.gp, tp=frame.tp, t0=frame.t0, t1=frame.t1, t2=frame.t2, s0=frame.s0, s1=frame.s1,
        a0=frame.a0, a1=frame.a1, a2=frame.a2, a3=frame.a3, a4=frame.a4, a5=frame.a5, a6=frame.a6, a7=frame.a7, s2=frame.s2, s3=frame.s3,
        s4=frame.s4, s5=frame.s5, s6=frame.s6, s7=frame.s7, s8=frame.s8, s9=frame.s9, s10=frame.s10, s11=frame.s11,
        t3=frame.t3, t4=frame.t4, t5=frame.t5, t6=frame.t6,
    )  # fmt: skip
    image = b"".join([pack_info(info), context.pack(), task.float_registers(), NO_EXTENSIONS])
    store_bytes(task.space, base, image)
    if alternate.flags & SS_AUTODISARM:
        task.alternate_stack = AlternateStack()
    frame.pc = action.handler
    frame.sp = base
    frame.ra = sigreturn
    frame.a0 = u64(info.number)
    frame.a1 = base
    frame.a2 = u64(base + SigInfo.SIZE)


def _frame_address(task: Task, action: SignalAction) -> u64:
    """Below the stack pointer, or at the top of the alternate stack if the handler asks for it and the task is not on it yet."""
    sp = task.frame.sp
    alternate = task.alternate_stack
    on_alternate = is_on_alternate_stack(alternate, sp)
    if action.flags & ActionFlags.ONSTACK and alternate.size != 0 and not on_alternate:
        sp = u64(alternate.address + alternate.size)
        on_alternate = True
    if sp < FRAME_BYTES:
        raise Errno(EFAULT, "no room below the stack pointer")
    base = u64((sp - FRAME_BYTES) & u64(~15))
    if on_alternate and base < alternate.address:
        raise Errno(EFAULT, "the alternate stack overflows")
    return base


def pop_signal_frame(task: Task) -> None:
    """rt_sigreturn(2): everything as the frame at sp says. EFAULT when it cannot be read; EINVAL when it claims
    extensions there are none of.
    """
    frame = task.frame
    if frame.sp & 15 != 0:
        raise Errno(EFAULT, "the frame is not aligned")
    image = load_bytes(task.space, u64(frame.sp + SigInfo.SIZE), UserContext.SIZE + FLOAT_STATE_BYTES)
    context = UserContext.parse(image)
    floats = UserContext.SIZE
    if image[floats + EXTENSION_OFFSET :] != NO_EXTENSION:
        raise Errno(EFAULT, "the frame claims register extensions that this machine has not")
    task.set_float_registers(image[floats : floats + FLOAT_BYTES])
    frame.pc = context.pc
    frame.ra = context.ra
    frame.sp = context.sp
    frame.gp = context.gp
    frame.tp = context.tp
    frame.t0 = context.t0
    frame.t1 = context.t1
    frame.t2 = context.t2
    frame.s0 = context.s0
    frame.s1 = context.s1
    frame.a0 = context.a0
    frame.a1 = context.a1
    frame.a2 = context.a2
    frame.a3 = context.a3
    frame.a4 = context.a4
    frame.a5 = context.a5
    frame.a6 = context.a6
    frame.a7 = context.a7
    frame.s2 = context.s2
    frame.s3 = context.s3
    frame.s4 = context.s4
    frame.s5 = context.s5
    frame.s6 = context.s6
    frame.s7 = context.s7
    frame.s8 = context.s8
    frame.s9 = context.s9
    frame.s10 = context.s10
    frame.s11 = context.s11
    frame.t3 = context.t3
    frame.t4 = context.t4
    frame.t5 = context.t5
    frame.t6 = context.t6
    task.set_mask(context.uc_sigmask)
    _restore_alternate_stack(task, context)


def _restore_alternate_stack(task: Task, context: UserContext) -> None:
    """What sigaltstack(2) would accept is restored, anything else ignored, as Linux does."""
    flags = int(u32(context.ss_flags))
    stack = AlternateStack()
    if flags & ~SS_AUTODISARM not in (0, SS_ONSTACK, SS_DISABLE) or is_on_alternate_stack(task.alternate_stack, task.frame.sp):
        return
    if flags & SS_DISABLE == 0:
        if context.ss_size < MIN_SIGNAL_STACK:
            return
        stack.address = context.ss_sp
        stack.size = context.ss_size
        stack.flags = flags & SS_AUTODISARM
    task.alternate_stack = stack
