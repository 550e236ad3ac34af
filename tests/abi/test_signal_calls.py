"""Signals through Linux system calls: actions, masks, frames, alternate stacks, restarts, waiting."""

import struct

import pytest

from abi_modules.linux_riscv64.signal_frame import FRAME_BYTES
from objects.process import ExitStatus
from objects.processes import processes
from objects.signalling import send
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.memory.user import store_bytes
from scarlet.kernel.signals import Signal, SignalInfo
from scarlet.lang import u64
from scarlet.lang.errno import EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ESRCH
from tests.abi.support import MEMORY_BASE, SIGRETURN, STACK_BASE, STACK_SIZE, Program, linux
from tests.objects.support import Ended, pause, to_user

KILL, TKILL, TGKILL, SIGALTSTACK, SIGSUSPEND, SIGACTION, SIGPROCMASK = 129, 130, 131, 132, 133, 134, 135
SIGPENDING, SIGTIMEDWAIT, SIGQUEUEINFO, SIGRETURN_CALL, RESTART_SYSCALL = 136, 137, 138, 139, 128
NANOSLEEP, READ, WAIT4, GETPID = 101, 63, 260, 172
HANDLER = 0x7000
SA_ONSTACK, SA_RESTART, SA_NODEFER, SA_RESETHAND = 0x08000000, 0x10000000, 0x40000000, 0x80000000
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2
SS_DISABLE, SS_ONSTACK = 2, 1


def handle(program: Program, number: int, flags: int = 0, mask: int = 0) -> None:
    assert program.call(SIGACTION, number, program.put(struct.pack("<QQQ", HANDLER, flags, mask)), 0, 8) == 0


def bit(number: int) -> int:
    return 1 << (number - 1)


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (SIGACTION, (10, 0, 0, 7), -EINVAL),
        (SIGACTION, (0, 0, 0, 8), -EINVAL),
        (SIGACTION, (65, 0, 0, 8), -EINVAL),
        (SIGACTION, (9, MEMORY_BASE, 0, 8), -EINVAL),
        (SIGACTION, (10, 8, 0, 8), -EFAULT),
        (SIGPROCMASK, (0, MEMORY_BASE, 0, 4), -EINVAL),
        (SIGPROCMASK, (7, MEMORY_BASE, 0, 8), -EINVAL),
        (KILL, (1, 65), -EINVAL),
        (KILL, (4321, 0), -ESRCH),
        (KILL, (1, 0), 0),
        (TKILL, (0, 0), -EINVAL),
        (TGKILL, (1, 99, 0), -ESRCH),
        (TGKILL, (1, 1, 0), 0),
        (SIGALTSTACK, (8, 0), -EFAULT),
        (SIGPENDING, (MEMORY_BASE, 9), -EINVAL),
        (RESTART_SYSCALL, (), -EINTR),
    ],
)
def test_result(number: int, arguments: tuple[int, ...], expected: int) -> None:
    def body(program: Program) -> None:
        assert program.call(number, *arguments) == expected

    linux(body)


def test_action_reads_back_without_unknown_flags_and_unblockable_signals() -> None:
    def body(program: Program) -> None:
        handle(program, 10, SA_RESTART | 0x400, mask=bit(9) | bit(12))
        old = program.room(24)
        assert program.call(SIGACTION, 10, 0, old, 8) == 0
        assert struct.unpack("<QQQ", program.get(old, 24)) == (HANDLER, SA_RESTART, bit(12))

    linux(body)


def test_handler_gets_a_linux_frame_and_returns_to_the_same_registers() -> None:
    def body(program: Program) -> None:
        task = program.task
        frame = task.frame
        handle(program, 10, mask=bit(12))
        floats = struct.pack("<33Q", *range(100, 132), 0x1F)
        task.set_float_registers(floats)
        for number in range(1, 32):
            frame.set(number, u64(1000 + number))
        frame.sp = u64(STACK_BASE + STACK_SIZE - 8)
        frame.pc = u64(0x4242)
        before = [int(frame.get(number)) for number in range(1, 32)]
        send(task.process, SignalInfo(10, 0, pid=77, uid=5))
        to_user(task)

        sp = int(frame.sp)
        assert sp % 16 == 0 and sp == (STACK_BASE + STACK_SIZE - 8 - FRAME_BYTES) & ~15
        assert (int(frame.pc), int(frame.ra)) == (HANDLER, SIGRETURN)
        assert (int(frame.a0), int(frame.a1), int(frame.a2)) == (10, sp, sp + 128)
        assert struct.unpack("<iiiiii", program.get(sp, 24)) == (10, 0, 0, 0, 77, 5)
        context = sp + 128
        assert struct.unpack("<QQQiiQQ", program.get(context, 48)) == (0, 0, 0, SS_DISABLE, 0, 0, 0)
        assert list(struct.unpack("<32Q", program.get(context + 176, 256))) == [0x4242, *before]
        assert program.get(context + 432, 260) == floats[:260]
        assert program.get(context + 432 + 516, 12) == bytes(12)
        assert task.mask == bit(10) | bit(12)

        task.set_float_registers(bytes(264))
        frame.s3 = u64(1)
        program.raw(SIGRETURN_CALL)
        assert [int(frame.get(number)) for number in range(1, 32)] == before
        assert int(frame.pc) == 0x4242 and task.mask == 0
        assert task.float_registers()[:260] == floats[:260]

    linux(body)


def test_fault_address_is_in_siginfo() -> None:
    def body(program: Program) -> None:
        handle(program, Signal.SIGSEGV)
        send(program.task.process, SignalInfo(Signal.SIGSEGV, 1, address=u64(0xDEAD000)))
        to_user(program.task)
        assert program.long(int(program.task.frame.sp) + 16) == 0xDEAD000

    linux(body)


def test_handler_runs_on_the_alternate_stack() -> None:
    def body(program: Program) -> None:
        stack = program.room(8192)
        new = program.put(struct.pack("<QiiQ", stack, 0, 0, 8192))
        assert program.call(SIGALTSTACK, new, 0) == 0
        handle(program, 10, SA_ONSTACK)
        send(program.task.process, SignalInfo(10, 0))
        to_user(program.task)
        assert stack <= int(program.task.frame.sp) < stack + 8192
        old = program.room(24)
        assert program.call(SIGALTSTACK, 0, old) == 0
        assert struct.unpack("<QiiQ", program.get(old, 24)) == (stack, SS_ONSTACK, 0, 8192)
        assert program.call(SIGALTSTACK, new, 0) == -EPERM
        program.raw(SIGRETURN_CALL)
        assert program.call(SIGALTSTACK, new, 0) == 0

    linux(body)


def test_small_or_strange_alternate_stacks_are_refused() -> None:
    def body(program: Program) -> None:
        assert program.call(SIGALTSTACK, program.put(struct.pack("<QiiQ", 0x1000, 0, 0, 2047)), 0) == -ENOMEM
        assert program.call(SIGALTSTACK, program.put(struct.pack("<QiiQ", 0x1000, 4, 0, 8192)), 0) == -EINVAL
        assert program.call(SIGALTSTACK, program.put(struct.pack("<QiiQ", 0, SS_DISABLE, 0, 0)), 0) == 0

    linux(body)


@pytest.mark.parametrize("stack", [0, 8, 1 << 37, 0xFFFFFFFF00000000, STACK_BASE + 16])
def test_bad_stack_kills_with_sigsegv(stack: int) -> None:
    def body(program: Program) -> None:
        def child_body(child: Program) -> None:
            handle(child, 10)
            child.task.frame.sp = u64(stack)
            send(child.task.process, SignalInfo(10, 0))
            to_user(child.task)
            raise AssertionError("it went on")

        child = program.fork(child_body)
        status = program.room(8)
        assert program.call(WAIT4, child.pid, status, 0, 0) == child.pid
        assert program.word(status) & 0x7F == Signal.SIGSEGV

    linux(body)


@pytest.mark.parametrize("place", [8, STACK_BASE + 8, 0xFFFFFFFFFFFFFFF0])
def test_sigreturn_from_nowhere_kills_with_sigsegv(place: int) -> None:
    def body(program: Program) -> None:
        def child_body(child: Program) -> None:
            child.task.frame.sp = u64(place)
            child.call(SIGRETURN_CALL)
            raise AssertionError("it went on")

        child = program.fork(child_body)
        status = program.room(8)
        program.call(WAIT4, child.pid, status, 0, 0)
        assert program.word(status) & 0x7F == Signal.SIGSEGV

    linux(body)


def test_sigreturn_cannot_block_sigkill() -> None:
    def body(program: Program) -> None:
        handle(program, 10)
        send(program.task.process, SignalInfo(10, 0))
        to_user(program.task)
        mask_at = int(program.task.frame.sp) + 128 + 40
        store_bytes(program.task.space, u64(mask_at), b"\xff" * 8)
        program.raw(SIGRETURN_CALL)
        assert program.task.mask == (1 << 64) - 1 & ~bit(9) & ~bit(19)
        program.task.set_mask(u64(0))

    linux(body)


def test_resethand_and_nodefer() -> None:
    def body(program: Program) -> None:
        handle(program, 10, SA_RESETHAND | SA_NODEFER)
        send(program.task.process, SignalInfo(10, 0))
        to_user(program.task)
        assert program.task.mask == 0 and program.task.process.actions.get(10).is_default

    linux(body)


# --- interrupted calls --------------------------------------------------------------------------------------------------------


def interrupt_soon(program: Program, number: int) -> None:
    """A child sends a signal to process 1 when that sleeps."""

    def child_body(child: Program) -> None:
        pause()
        send_to_init(child.task, number)

    program.fork(child_body)


def send_to_init(sender: Task, number: int) -> None:
    send(processes.init(), SignalInfo(number, 0, pid=sender.process.pid))


@pytest.mark.parametrize(("flags", "restarted"), [(0, False), (SA_RESTART, True)])
def test_wait_is_repeated_only_under_sa_restart(flags: int, restarted: bool) -> None:
    """A child that never ends by itself, and one that sends a signal."""

    def body(program: Program) -> None:
        def sleeper(child: Program) -> None:
            child.call(SIGSUSPEND, child.put(bytes(8)), 8)

        sleeping = program.fork(sleeper)
        handle(program, 10, flags)
        interrupt_soon(program, 10)
        program.task.frame.pc = u64(0x4000)
        result = program.call(WAIT4, sleeping.pid, 0, 0, 0)
        saved = int(program.task.frame.sp) + 128 + 176
        assert result == 10, "a0 of the handler"
        assert program.long(saved) == (0x4000 if restarted else 0x4004)
        assert program.long(saved + 8 * 10) == (sleeping.pid if restarted else -EINTR)
        program.raw(SIGRETURN_CALL)
        sleeping.end(ExitStatus(0))
        while program.call(WAIT4, -1, 0, 0, 0) > 0:
            pass

    linux(body)


def test_sleep_ended_by_a_handler_tells_the_rest() -> None:
    def body(program: Program) -> None:
        handle(program, 10, SA_RESTART)
        interrupt_soon(program, 10)
        rest = program.room(16)
        assert program.call(NANOSLEEP, program.put(struct.pack("<qq", 100, 0)), rest) == 10
        saved = int(program.task.frame.sp) + 128 + 176
        assert program.long(saved + 8 * 10) == -EINTR
        assert 90 < program.long(rest) <= 100
        program.raw(SIGRETURN_CALL)
        assert program.call(RESTART_SYSCALL) == -EINTR
        while program.call(WAIT4, -1, 0, 0, 0) > 0:
            pass

    linux(body)


def test_stopped_sleep_goes_on_through_restart_syscall() -> None:
    def body(program: Program) -> None:
        def sleeper(child: Program) -> None:
            frame = child.task.frame
            frame.pc = u64(0x4000)
            child.raw(NANOSLEEP, child.put(struct.pack("<qq", 2, 0)), 0)
            to_user(child.task)
            assert (int(frame.pc), int(frame.a7)) == (0x4000, RESTART_SYSCALL)
            assert clock.monotonic_ns() < 2 * 10**9
            child.task.on_syscall()
            assert frame.a0 == 0 and clock.monotonic_ns() >= 2 * 10**9
            child.task.process.end(ExitStatus(42))

        child = program.fork(sleeper)
        pause()
        send(child, SignalInfo(Signal.SIGSTOP))
        pause()
        send(child, SignalInfo(Signal.SIGCONT))
        status = program.room(8)
        assert program.call(WAIT4, child.pid, status, 0, 0) == child.pid
        assert program.word(status) == 42 << 8

    linux(body)


def test_sigsuspend_waits_for_a_handler_and_restores_the_mask() -> None:
    def body(program: Program) -> None:
        handle(program, 10)
        program.call(SIGPROCMASK, SIG_SETMASK, program.put(struct.pack("<Q", bit(10))), 0, 8)
        send(program.task.process, SignalInfo(10, 0))
        to_user(program.task)
        assert program.task.frame.pc != HANDLER
        assert program.call(SIGSUSPEND, program.put(bytes(8)), 8) == 10
        saved = int(program.task.frame.sp) + 128
        assert program.long(saved + 40) == bit(10)
        assert program.long(saved + 176 + 80) == -EINTR
        program.raw(SIGRETURN_CALL)
        assert program.task.mask == bit(10)

    linux(body)


def test_sigtimedwait_takes_a_blocked_signal() -> None:
    def body(program: Program) -> None:
        wanted = program.put(struct.pack("<Q", bit(10) | bit(17)))
        program.call(SIGPROCMASK, SIG_BLOCK, wanted, 0, 8)
        info = program.room(128)
        zero = program.put(bytes(16))
        assert program.call(SIGTIMEDWAIT, wanted, info, zero, 8) == -EAGAIN
        assert program.call(SIGTIMEDWAIT, wanted, info, program.put(struct.pack("<qq", 0, 1000)), 8) == -EAGAIN
        interrupt_soon(program, 10)
        assert program.call(SIGTIMEDWAIT, wanted, info, program.put(struct.pack("<qq", 5, 0)), 8) == 10
        assert struct.unpack("<ii", program.get(info, 8)) == (10, 0)
        assert program.call(SIGTIMEDWAIT, wanted, info, program.put(struct.pack("<qq", 5, 0)), 8) == 17, "SIGCHLD of that child"
        while program.call(WAIT4, -1, 0, 0, 0) > 0:
            pass

    linux(body)


def test_queued_signal_carries_its_value() -> None:
    def body(program: Program) -> None:
        wanted = program.put(struct.pack("<Q", bit(40)))
        program.call(SIGPROCMASK, SIG_BLOCK, wanted, 0, 8)
        given = program.put(struct.pack("<iiiiiiQ", 0, 0, -1, 0, 9, 8, 0x1122334455667788) + bytes(96))
        assert program.call(SIGQUEUEINFO, 1, 40, given) == 0
        info = program.room(128)
        assert program.call(SIGTIMEDWAIT, wanted, info, program.put(bytes(16)), 8) == 40
        assert struct.unpack("<iiiiiiQ", program.get(info, 32)) == (40, 0, -1, 0, 9, 8, 0x1122334455667788)

    linux(body)


def test_pending_shows_what_is_blocked() -> None:
    def body(program: Program) -> None:
        program.call(SIGPROCMASK, SIG_BLOCK, program.put(struct.pack("<Q", bit(12))), 0, 8)
        assert program.call(KILL, 1, 12) == 0
        waiting = program.room(8)
        assert program.call(SIGPENDING, waiting, 8) == 0
        assert program.long(waiting) == bit(12)
        program.task.process.pending.remove(u64(bit(12)))

    linux(body)


def test_program_that_kills_itself_is_gone_before_the_call_returns() -> None:
    def body(program: Program) -> None:
        def child_body(child: Program) -> None:
            try:
                child.call(KILL, child.call(GETPID), 15)
            except Ended:
                raise
            raise AssertionError("it went on")

        child = program.fork(child_body)
        status = program.room(8)
        assert program.call(WAIT4, child.pid, status, 0, 0) == child.pid
        assert program.word(status) == 15

    linux(body)
