"""strace lines, character by character as strace(1) writes them."""

import re
import struct
from collections.abc import Callable

import pytest

from abi_modules.linux_riscv64.trace_values import show_device, show_file_mode, show_open_flags
from executor.trace import LogTracer, StreamTracer
from executor.trace_values import quoted, show_flags
from objects.object import PollEvents, Rights, Status
from objects.process import ExitStatus
from objects.signalling import send
from objects.unnamedpipe import make_pipe
from scarlet.kernel import log
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.signals import Signal, SignalInfo
from tests.abi.support import MEMORY_BASE, MEMORY_SIZE, Program, linux
from tests.objects.support import pause, to_user

AT_FDCWD = -100


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was traced, as one string in a list."""
    written = [""]

    def write(text: str) -> None:
        written[0] += text

    monkeypatch.setattr(log, "trace", write)
    return written


CASES: list[tuple[Callable[[Program], int], str]] = [
    (lambda p: p.call(56, AT_FDCWD, b"/missing", 0o2000000, 0),
     'openat(AT_FDCWD, "/missing", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)'),
    (lambda p: p.call(172), "getpid()                                = 1"),
    (lambda p: p.call(34, AT_FDCWD, b"/d\n\"\\\x01x", 0o755), 'mkdirat(AT_FDCWD, "/d\\n\\"\\\\\\1x", 0755)  = 0'),
    (lambda p: p.call(56, AT_FDCWD, b"/new", 0o101, 0o600) and 0, 'openat(AT_FDCWD, "/new", O_WRONLY|O_CREAT, 0600) = 0'),
    (lambda p: p.call(35, AT_FDCWD, b"/nothing", 0x200),
     'unlinkat(AT_FDCWD, "/nothing", AT_REMOVEDIR) = -1 ENOENT (No such file or directory)'),
    (lambda p: p.call(222, 0, 4096, 3, 0x22, -1, 0) and 0,
     "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x"),
    (lambda p: p.call(129, 1, 0), "kill(1, 0)                              = 0"),
    (lambda p: p.call(134, 10, 0, 0, 8), "rt_sigaction(SIGUSR1, NULL, NULL, 8)    = 0"),
    (lambda p: p.call(134, 10, p.put(struct.pack("<QQQ", 1, 0x10000000, 0x4002)), 0, 8),
     "rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[INT TERM], sa_flags=SA_RESTART}, NULL, 8) = 0"),
    (lambda p: p.call(101, p.put(struct.pack("<qq", 0, 5)), 0), "nanosleep({tv_sec=0, tv_nsec=5}, NULL)  = 0"),
    (lambda p: p.call(113, 99, MEMORY_BASE),
     "clock_gettime(99, 0x100000)             = -1 EINVAL (Invalid argument) /* no such clock */"),
    (lambda p: p.call(261, 0, 3, 0, MEMORY_BASE),
     "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0"),
    (lambda p: p.call(48, AT_FDCWD, MEMORY_BASE + MEMORY_SIZE, 4), "faccessat(AT_FDCWD, 0x140000, R_OK)     = -1 EFAULT (Bad address)"),
    (lambda p: p.call(280, 1, 2), "syscall_0x118(0x1, 0x2, NULL, NULL, NULL, NULL) = -1 ENOSYS (Function not implemented)"),
    (lambda p: p.call(260, -1, 0, 1, 0),
     "wait4(-1, NULL, WNOHANG, NULL)          = -1 ECHILD (No child processes) /* no child to wait for */"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "expected"), CASES)
def test_line(lines: list[str], action: Callable[[Program], int], expected: str) -> None:
    linux(lambda program: (action(program), None)[1], LogTracer())
    assert lines[0].startswith(expected) and lines[0].count("\n") == 1


def test_read_and_write_show_their_data(lines: list[str]) -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/file", b"hello\n" + b"x" * 40)
        both = Rights.READ | Rights.WRITE
        slot = program.task.handles.allocate(program.tree.open(b"/file", both), both)
        assert program.call(63, slot, program.room(64), 6) == 6
        assert program.call(64, slot, b"y" * 40, 40) == 40

    linux(body, LogTracer())
    assert lines[0] == f'read(0, "hello\\n", 6)                   = 6\nwrite(0, "{"y" * 32}"..., 40) = 40\n'


def test_signal_and_exit_lines(lines: list[str]) -> None:
    def body(program: Program) -> None:
        program.call(134, 10, program.put(struct.pack("<QQQ", 0x7000, 0, 0)), 0, 8)
        lines[0] = ""
        send(program.task.process, SignalInfo(10, 0, pid=5, uid=6))
        to_user(program.task)
        program.raw(139)

    linux(body, LogTracer())
    assert lines[0].startswith("--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=6} ---\nrt_sigreturn()")


def test_several_processes_interleave(lines: list[str]) -> None:
    def body(program: Program) -> None:
        def child_body(child: Program) -> None:
            child.call(172)
            child.call(94, 3)

        child = program.fork(child_body)
        assert program.call(260, child.pid, program.room(4), 0, 0) == child.pid
        lines[0] = lines[0].replace(str(child.pid).rjust(5), "CHILD")

    linux(body, LogTracer())
    text = lines[0].splitlines()
    assert text[0].startswith("wait4(") and text[0].endswith(",  <unfinished ...>")
    assert text[1].startswith("[pid CHILD] getpid()") and text[1].endswith("= 3") or text[1].startswith("[pid CHILD] getpid()")
    assert text[2] == "[pid CHILD] exit_group(3)               = ?"
    assert text[3] == "[pid CHILD] +++ exited with 3 +++"
    assert text[4].startswith("[pid     1] <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = ")


def test_killed_process_says_so(lines: list[str]) -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: pause(3))
        send(child, SignalInfo(Signal.SIGKILL))
        pause(3)
        child.end(ExitStatus(0))
        program.call(260, child.pid, 0, 0, 0)

    linux(body, LogTracer())
    assert "+++ killed by SIGKILL +++\n" in lines[0]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (quoted(b"a\0b", False), '"a\\0b"'),
        (quoted(b"a\x0012", False), '"a\\00012"'),
        (quoted(b"\xff\t", True), '"\\377\\t"...'),
        (show_open_flags(0), "O_RDONLY"),
        (show_open_flags(0o1101), "O_WRONLY|O_CREAT|O_TRUNC"),
        (show_open_flags(0o20200002), "O_RDWR|O_TMPFILE"),
        (show_open_flags(0o4010002), "O_RDWR|O_SYNC"),
        (show_flags(0, "NONE", [(1, "A")]), "NONE"),
        (show_flags(9, "0", [(1, "A")]), "A|0x8"),
        (show_flags(8, "0", [(1, "A")]), "0x8"),
        (show_file_mode(0o100644), "S_IFREG|0644"),
        (show_file_mode(0o041777), "S_IFDIR|S_ISVTX|0777"),
        (show_device(0x0503), "makedev(0x5, 0x3)"),
    ],
)
def test_value(shown: str, expected: str) -> None:
    assert shown == expected


# --- a trace on a stream --------------------------------------------------------------------------------------------------


def followed(body: Callable[[Program], None], *, keep_reader: bool = True) -> bytes:
    """What a process that does this, without its start, writes into the pipe that it is traced on."""
    seen = bytearray(4096)

    def whole(program: Program) -> None:
        reader, writer = make_pipe(Status.NONE)
        if not keep_reader:
            del reader
        program.task.process.observer = StreamTracer(writer)
        body(program)
        program.task.process.observer = None
        if keep_reader:
            count = reader.read(KernelBytes(seen)) if reader.poll(None) & PollEvents.IN else 0
            del seen[count:]

    linux(whole)
    return bytes(seen)


def test_a_process_is_traced_on_a_stream() -> None:
    assert followed(lambda p: (p.call(172), None)[1]) == b"getpid()                                = 1\n"


def test_its_children_are_traced_on_the_same_stream() -> None:
    def body(program: Program) -> None:
        child = program.fork(lambda child: (child.call(172), child.call(94, 3), None)[2])
        program.call(260, child.pid, 0, 0, 0)

    text = followed(body).decode()
    assert re.search(r"^\[pid +\d+\] exit_group\(3\) += \?$", text, re.MULTILINE)
    assert re.search(r"^\[pid +1\] <\.\.\. wait4 resumed>NULL, 0, NULL\) += \d+$", text, re.MULTILINE), text


def test_a_process_that_nobody_follows_is_not_in_another_ones_trace() -> None:
    def body(program: Program) -> None:
        def quiet(child: Program) -> None:
            child.task.process.observer = None
            child.call(172)

        child = program.fork(quiet)
        program.call(260, child.pid, 0, 0, 0)

    assert b"getpid" not in followed(body)


def test_a_trace_that_nobody_reads_any_more_disturbs_nothing() -> None:
    def body(program: Program) -> None:
        assert program.call(172) == 1

    followed(body, keep_reader=False)


def test_a_zombie_holds_no_trace_open() -> None:
    def body(program: Program) -> None:
        reader, writer = make_pipe(Status.NONBLOCK)
        child = program.fork(lambda child: None)
        child.observer = StreamTracer(writer)
        del writer
        pause(3)
        assert child.zombie and reader.poll(None) & PollEvents.HUP
        program.call(260, child.pid, 0, 0, 0)

    linux(body)
