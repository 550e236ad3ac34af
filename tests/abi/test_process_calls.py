"""Processes through Linux system calls: identity, clone, exit, wait, limits, prctl."""

import struct

import pytest

from objects.process import ExitStatus
from scarlet.kernel.signals import Signal
from scarlet.lang.errno import ECHILD, EFAULT, EINVAL, ENOSYS, EPERM, ESRCH
from tests.abi.support import Program, linux
from tests.objects.support import pause

CLONE, CLONE3, EXIT_GROUP, WAIT4, WAITID, SET_TID_ADDRESS = 220, 435, 94, 260, 95, 96
GETPID, GETPPID, GETTID, SETPGID, GETPGID, GETSID, SETSID = 172, 173, 178, 154, 155, 156, 157
PRCTL, PRLIMIT64, GETRUSAGE, GETPRIORITY, SETPRIORITY, PERSONALITY = 167, 261, 165, 141, 140, 92
SETUID, SETRESUID, GETRESUID, GETGROUPS, SETGROUPS, CAPGET = 146, 147, 148, 158, 159, 90
WALL, CAPGET, CAPSET = 0x40000000, 90, 91
SCHED_GETAFFINITY, SCHED_SETAFFINITY, SCHED_GETSCHEDULER, SCHED_SETSCHEDULER = 123, 122, 120, 119
CLONE_VM, CLONE_VFORK, CLONE_THREAD, CLONE_SIGHAND, CLONE_NEWNS = 0x100, 0x4000, 0x10000, 0x800, 0x20000
CLONE_CHILD_SETTID, CLONE_PARENT_SETTID = 0x1000000, 0x100000
WNOHANG, WEXITED, P_ALL, P_PIDFD = 1, 4, 0, 3


def exited(program: Program, code: int) -> None:
    program.task.process.end(ExitStatus(code))


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (GETPID, (), 1),
        (GETTID, (), 1),
        (GETPPID, (), 0),
        (GETPGID, (0,), 1),
        (GETPGID, (77,), -ESRCH),
        (GETSID, (0,), 1),
        (SETSID, (), -EPERM),
        (SETPGID, (0, -1), -EINVAL),
        (SET_TID_ADDRESS, (0x1234,), 1),
        (PERSONALITY, (0xFFFFFFFF,), 0),
        (PERSONALITY, (0x0040000,), -EINVAL),
        (CLONE, (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, 0, 0, 0, 0), -EINVAL),
        (CLONE, (CLONE_SIGHAND | 17, 0, 0, 0, 0), -EINVAL),
        (CLONE, (CLONE_NEWNS | 17, 0, 0, 0, 0), -EINVAL),
        (CLONE3, (0, 63), -EINVAL),
        (CLONE3, (0, 64), -EFAULT),
        (WAIT4, (-1, 0, 0, 0), -ECHILD),
        (WAIT4, (-1, 0, 0x1000000, 0), -EINVAL),
        (WAIT4, (-0x80000000, 0, 0, 0), -ESRCH),
        (WAITID, (P_ALL, 0, 0, WEXITED, 0), -ECHILD),
        (WAITID, (P_ALL, 0, 0, WNOHANG, 0), -EINVAL),
        (WAITID, (P_PIDFD, 5, 0, WEXITED, 0), -9),
        (WAITID, (9, 0, 0, WEXITED, 0), -EINVAL),
        (GETPRIORITY, (0, 0), 20),
        (GETPRIORITY, (5, 0), -EINVAL),
        (SCHED_GETSCHEDULER, (0,), 0),
        (SCHED_GETSCHEDULER, (99,), -ESRCH),
        (SCHED_GETAFFINITY, (0, 7, 0x100000), -EINVAL),
        (SCHED_GETAFFINITY, (0, 128, 0x100000), 8),
        (GETRUSAGE, (7, 0x100000), -EINVAL),
        (GETRUSAGE, (0, 8), -EFAULT),
        (PRLIMIT64, (0, 99, 0, 0), -EINVAL),
        (PRLIMIT64, (55, 7, 0, 0), -ESRCH),
        (PRCTL, (38, 0, 0, 0, 0), -EINVAL),
        (PRCTL, (38, 1, 0, 0, 0), 0),
        (PRCTL, (4, 2, 0, 0, 0), -EINVAL),
        (PRCTL, (1, 65, 0, 0, 0), -EINVAL),
        (PRCTL, (47, 1, 0, 0, 0), 0),
        (PRCTL, (47, 1, 41, 0, 0), -EINVAL),
        (PRCTL, (47, 2, 0, 0, 0), -EPERM),
        (PRCTL, (47, 3, 0, 0, 0), 0),
        (PRCTL, (47, 3, 0, 1, 0), -EINVAL),
        (PRCTL, (47, 4, 0, 0, 0), 0),
        (PRCTL, (47, 4, 1, 0, 0), -EINVAL),
        (PRCTL, (47, 5, 0, 0, 0), -EINVAL),
        (PRCTL, (0x53564D41, 0, 0, 0, 0), -EINVAL),
        (SETUID, (0xFFFFFFFF,), -EINVAL),
        (CAPGET, (0, 0), -EFAULT),
        (293, (0, 32, 0, 0), -ENOSYS),
        (9999, (), -ENOSYS),
        (0xFFFFFFFFFFFFFFFF, (), -ENOSYS),
    ],
)
def test_result(number: int, arguments: tuple[int, ...], expected: int) -> None:
    def body(program: Program) -> None:
        assert program.call(number, *arguments) == expected

    linux(body)


def test_child_is_waited_for_with_its_status() -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: exited(child, 5))
        status = program.room(8)
        assert program.call(WAIT4, -1, status, WNOHANG, 0) == 0
        assert program.call(WAIT4, -1, status, 0, 0) == child.pid
        assert program.word(status) == 5 << 8

    linux(body)


def test_killed_child_has_the_signal_in_its_status() -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: child.task.process.end(ExitStatus(0, Signal.SIGKILL)))
        status = program.room(8)
        assert program.call(WAIT4, child.pid, status, 0, 0) == child.pid
        assert program.word(status) == 9

    linux(body)


def test_waitid_fills_in_siginfo() -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: exited(child, 3))
        info = program.put(b"\xff" * 128)
        assert program.call(WAITID, P_ALL, 0, info, WEXITED, 0) == 0
        assert struct.unpack("<iiiiiii", program.get(info, 28)) == (17, 0, 1, 0, child.pid, 0, 3)
        assert program.get(info + 28, 4) == b"\xff" * 4

    linux(body)


def test_clone_sets_registers_and_thread_numbers() -> None:
    def body(program: Program) -> None:
        words = program.room(16)
        program.task.frame.tp = 0x77
        pid = program.call(CLONE, CLONE_CHILD_SETTID | CLONE_PARENT_SETTID | 17, 0x300000, words, 0, words + 8)
        from objects.processes import processes

        child = processes.get(pid).threads[0]
        assert child.frame.a0 == 0 and child.frame.sp == 0x300000 and child.frame.tp == 0x77
        assert child.frame.pc == program.task.frame.pc
        assert program.word(words) == pid and program.word(words + 8) == 0
        other = Program(child, program.tree)
        assert other.word(words + 8) == pid
        child.process.end(ExitStatus(0))
        assert program.call(WAIT4, pid, 0, 0, 0) == pid

    linux(body)


def test_a_child_whose_exit_signal_is_none_ends_silently() -> None:
    """clone(2) takes any number; Linux sends nothing when there is no such signal. The child makes a fault at once."""

    def body(program: Program) -> None:
        words = program.room(16)
        for signal in (65, 104, 255):
            pid = program.call(CLONE, CLONE_VM | CLONE_VFORK | signal, 0, 0, 0, 0)
            assert program.call(WAIT4, pid, words, WNOHANG, 0) == -ECHILD, "only who asks for it waits for such a child"
            assert program.call(WAIT4, pid, words, WALL, 0) == pid
            assert program.word(words) & 0x7F == Signal.SIGSEGV

    linux(body)


def test_vfork_child_shares_memory_and_parent_goes_on_after_its_end() -> None:
    """The child begins at address 0, where nothing is mapped, so that it ends by SIGSEGV at once."""

    def body(program: Program) -> None:
        words = program.room(16)
        flags = CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID
        pid = program.call(CLONE, flags | 17, 0, 0, 0, words)
        assert program.word(words) == pid
        assert program.call(WAIT4, pid, words, 0, 0) == pid
        assert program.word(words) & 0x7F == Signal.SIGSEGV

    linux(body)


def test_clone3_refuses_unknown_members() -> None:
    def body(program: Program) -> None:
        arguments = program.put(bytes(88) + b"\1")
        assert program.call(CLONE3, arguments, 96) == -7
        arguments = program.put(struct.pack("<11Q", 0, 0, 0, 0, 65, 0, 0, 0, 0, 0, 0))
        assert program.call(CLONE3, arguments, 88) == -EINVAL
        arguments = program.put(struct.pack("<11Q", 0, 0, 0, 0, 17, 0x1000, 0, 0, 0, 0, 0))
        assert program.call(CLONE3, arguments, 88) == -EINVAL

    linux(body)


def test_name_is_cut_to_fifteen_bytes() -> None:
    def body(program: Program) -> None:
        assert program.call(PRCTL, 15, b"a-name-that-is-too-long") == 0
        name = program.room(16)
        assert program.call(PRCTL, 16, name) == 0
        assert program.get(name, 16) == b"a-name-that-is-\0"

    linux(body)


def test_limits_read_back() -> None:
    def body(program: Program) -> None:
        limit = program.put(struct.pack("<QQ", 64, 0xFFFFFFFFFFFFFFFF))
        old = program.room(16)
        assert program.call(PRLIMIT64, 0, 3, limit, old) == 0
        assert struct.unpack("<QQ", program.get(old, 16)) == (8 << 20, 0xFFFFFFFFFFFFFFFF)
        assert program.call(PRLIMIT64, 0, 3, 0, old) == 0
        assert struct.unpack("<QQ", program.get(old, 16)) == (64, 0xFFFFFFFFFFFFFFFF)
        assert program.call(PRLIMIT64, 0, 3, program.put(struct.pack("<QQ", 65, 64)), 0) == -EINVAL

    linux(body)


def test_users_and_groups() -> None:
    def body(program: Program) -> None:
        groups = program.put(struct.pack("<3I", 30, 10, 20))
        assert program.call(SETGROUPS, 3, groups) == 0
        assert program.call(GETGROUPS, 0, 0) == 3
        assert program.call(GETGROUPS, 2, groups) == -EINVAL
        assert program.call(GETGROUPS, 3, groups) == 3
        assert struct.unpack("<3I", program.get(groups, 12)) == (10, 20, 30)
        assert program.call(SETRESUID, 1000, 1000, 0xFFFFFFFF) == 0
        ids = program.room(16)
        assert program.call(GETRESUID, ids, ids + 4, ids + 8) == 0
        assert struct.unpack("<3I", program.get(ids, 12)) == (1000, 1000, 0)
        assert program.call(SETGROUPS, 0, 0) == -EPERM

    linux(body)


def test_all_bits_of_all_capabilities_may_be_set_at_once() -> None:
    def body(program: Program) -> None:
        header = program.put(struct.pack("<Ii", 0x20080522, 0))
        wanted = program.put(b"\xff" * 24)
        got = program.room(24)
        assert program.call(CAPSET, header, wanted) == 0
        assert program.call(CAPGET, header, got) == 0
        assert struct.unpack("<6I", program.get(got, 24)) == (0xFFFFFFFF,) * 3 + (0x1FF,) * 3

    linux(body)


def test_nice_may_only_be_raised_without_privilege() -> None:
    def body(program: Program) -> None:
        assert program.call(SETPRIORITY, 0, 0, -5) == 0
        assert program.call(GETPRIORITY, 0, 0) == 25
        assert program.call(SETUID, 1000) == 0
        assert program.call(SETPRIORITY, 0, 0, 3) == 0
        assert program.call(SETPRIORITY, 0, 0, 2) == -13
        assert program.call(GETPRIORITY, 0, 0) == 17

    linux(body)


def test_affinity_must_hold_every_hart() -> None:
    def body(program: Program) -> None:
        everyone = program.put(b"\xff" * 8)
        nobody = program.put(bytes(8))
        assert program.call(SCHED_SETAFFINITY, 0, 8, everyone) == 0
        assert program.call(SCHED_SETAFFINITY, 0, 8, nobody) == -EINVAL
        assert program.call(SCHED_GETAFFINITY, 0, 2**64 - 8, program.room(8)) == 8, "the size is an unsigned int"
        assert program.call(SCHED_GETAFFINITY, 0, 1 << 61, program.room(8)) == -EINVAL
        assert program.call(SCHED_GETAFFINITY, 0, 4, program.room(8)) == -EINVAL
        assert program.call(SCHED_SETSCHEDULER, 0, 0, nobody) == 0
        assert program.call(SCHED_SETSCHEDULER, 0, 1, everyone) == -EINVAL

    linux(body)


def test_unknown_calls_are_counted_and_named_once() -> None:
    from executor import unknown
    from scarlet.kernel import log

    def body(program: Program) -> None:
        log.info("from here on")
        before = log.lines()[-1].sequence
        for _ in range(3):
            assert program.call(280) == -ENOSYS
        assert unknown.counts_text() == b"3 linux-riscv64 280 bpf\n"
        assert ["bpf" in line.text for line in log.lines(before + 1)] == [True]
        pause()

    linux(body)
