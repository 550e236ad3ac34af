"""Time, futexes and the system through Linux calls."""

import struct

import pytest

from scarlet.kernel import clock, log, timer
from scarlet.lang.errno import EAFNOSUPPORT, EAGAIN, EBADF, EFAULT, EINVAL, ENOSYS, ENOTSOCK, EOPNOTSUPP, EPERM, ETIMEDOUT
from scarlet.machine.hosted import world
from scarlet.machine.hosted.clock import FREQUENCY, INSTRUCTIONS_PER_TICK
from tests.abi.support import MEMORY_BASE, MEMORY_SIZE, Program, linux
from tests.objects.support import pause

FUTEX, SET_ROBUST_LIST = 98, 99
NANOSLEEP, GETITIMER, SETITIMER, CLOCK_SETTIME, CLOCK_GETTIME, CLOCK_GETRES, CLOCK_NANOSLEEP = 101, 102, 103, 112, 113, 114, 115
TIMES, GETTIMEOFDAY, SETTIMEOFDAY, ADJTIMEX = 153, 169, 170, 171
UNAME, SETHOSTNAME, REBOOT, SYSLOG, SYSINFO, GETRANDOM, HWPROBE, FLUSH_ICACHE = 160, 161, 142, 116, 179, 278, 258, 259
SOCKET, BIND, WAIT4, SETUID, RT_SIGACTION = 198, 200, 260, 146, 134
FUTEX_WAIT, FUTEX_WAKE, FUTEX_LOCK_PI, FUTEX_WAIT_BITSET, PRIVATE = 0, 1, 6, 9, 128
UNMAPPED = MEMORY_BASE + MEMORY_SIZE


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (CLOCK_GETTIME, (99, MEMORY_BASE), -EINVAL),
        (CLOCK_GETTIME, (8, MEMORY_BASE), -EINVAL),
        (CLOCK_GETTIME, (0, UNMAPPED), -EFAULT),
        (CLOCK_GETTIME, (~1 << 3 | 2, MEMORY_BASE), 0),
        (CLOCK_GETTIME, (~77 << 3 | 2, MEMORY_BASE), -EINVAL),
        (CLOCK_GETRES, (1, 0), 0),
        (CLOCK_GETRES, (99, 0), -EINVAL),
        (CLOCK_SETTIME, (1, MEMORY_BASE), -EINVAL),
        (CLOCK_NANOSLEEP, (4, 0, MEMORY_BASE, 0), -EOPNOTSUPP),
        (CLOCK_NANOSLEEP, (3, 0, MEMORY_BASE, 0), -EOPNOTSUPP),
        (CLOCK_NANOSLEEP, (-5, 0, MEMORY_BASE, 0), -EOPNOTSUPP),
        (CLOCK_NANOSLEEP, (2, 0, UNMAPPED, 0), -EFAULT),
        (CLOCK_NANOSLEEP, (2, 0, MEMORY_BASE, 0), 0),
        (CLOCK_NANOSLEEP, (~0 << 3 | 4 | 2, 0, MEMORY_BASE, 0), -EINVAL),
        (CLOCK_NANOSLEEP, (~1 << 3 | 4 | 2, 0, MEMORY_BASE, 0), -EINVAL),
        (CLOCK_NANOSLEEP, (~77 << 3 | 2, 0, MEMORY_BASE, 0), -EINVAL),
        (NANOSLEEP, (UNMAPPED, 0), -EFAULT),
        (GETITIMER, (3, MEMORY_BASE), -EINVAL),
        (ADJTIMEX, (MEMORY_BASE,), 5),
        (TIMES, (UNMAPPED,), -EFAULT),
        (FUTEX, (MEMORY_BASE + 1, FUTEX_WAIT, 0, 0), -EINVAL),
        (FUTEX, (UNMAPPED, FUTEX_WAIT, 0, 0), -EFAULT),
        (FUTEX, (MEMORY_BASE, FUTEX_WAIT, 1, 0), -EAGAIN),
        (FUTEX, (MEMORY_BASE, FUTEX_WAKE | PRIVATE, 1, 0), 0),
        (FUTEX, (MEMORY_BASE, FUTEX_LOCK_PI, 1, 0), -ENOSYS),
        (FUTEX, (MEMORY_BASE, FUTEX_WAIT_BITSET, 0, 0, 0, 0), -EINVAL),
        (SET_ROBUST_LIST, (MEMORY_BASE, 23), -EINVAL),
        (GETRANDOM, (MEMORY_BASE, 16, 8), -EINVAL),
        (GETRANDOM, (MEMORY_BASE, 16, 6), -EINVAL),
        (GETRANDOM, (UNMAPPED, 16, 0), -EFAULT),
        (GETRANDOM, (MEMORY_BASE, 5000, 1), 5000),
        (GETRANDOM, (UNMAPPED - 4096, 8192, 0), 4096),
        (SETHOSTNAME, (MEMORY_BASE, 65), -EINVAL),
        (REBOOT, (1, 2, 3, 0), -EINVAL),
        (REBOOT, (0xFEE1DEAD, 672274793, 0x12345, 0), -EINVAL),
        (REBOOT, (0xFEE1DEAD, 672274793, 0, 0), 0),
        (SYSLOG, (10, 0, 0), 512 * 64),
        (SYSLOG, (2, 0, 10), -EINVAL),
        (SYSLOG, (2, MEMORY_BASE, -1), -EINVAL),
        (SYSLOG, (2, MEMORY_BASE, 0), 0),
        (SYSLOG, (8, 0, 0), -EINVAL),
        (SYSLOG, (8, 0, 9), -EINVAL),
        (HWPROBE, (MEMORY_BASE, 1, 0, 0, 1), -EINVAL),
        (HWPROBE, (UNMAPPED, 1, 0, 0, 0), -EFAULT),
        (FLUSH_ICACHE, (0, 0, 2), -EINVAL),
        (FLUSH_ICACHE, (0, 0, 1), 0),
        (SOCKET, (10, 1, 0), -EAFNOSUPPORT),
        (BIND, (7, 0, 0), -EBADF),
    ],
)
def test_result(number: int, arguments: tuple[int, ...], expected: int) -> None:
    def body(program: Program) -> None:
        assert program.call(number, *arguments) == expected

    linux(body)


def test_descriptors_are_no_sockets() -> None:
    def body(program: Program) -> None:
        from objects.object import Rights

        program.tree.write(b"/file", b"")
        slot = program.task.handles.allocate(program.tree.open(b"/file"), Rights.READ)
        assert program.call(BIND, slot, 0, 0) == -ENOTSOCK

    linux(body)


def test_sleeping_takes_its_time() -> None:
    def body(program: Program) -> None:
        before = clock.monotonic_ns()
        assert program.call(NANOSLEEP, program.put(struct.pack("<qq", 3, 500)), 0) == 0
        after = clock.monotonic_ns()
        assert 3_000_000_500 <= after - before < 3_100_000_000
        assert program.call(CLOCK_NANOSLEEP, 1, 1, program.put(struct.pack("<qq", 1, 0)), 0) == 0, "a time that has passed"
        goal = clock.realtime_ns() + 2_000_000_000
        when = program.put(struct.pack("<qq", goal // 10**9, goal % 10**9))
        assert program.call(CLOCK_NANOSLEEP, 0, 1, when, 0) == 0
        assert goal <= clock.realtime_ns() < goal + 100_000_000
        assert program.call(NANOSLEEP, program.put(struct.pack("<qq", 0, 10**9)), 0) == -EINVAL
        assert program.call(NANOSLEEP, program.put(struct.pack("<qq", -1, 0)), 0) == -EINVAL

    linux(body)


MS = 1_000_000


def work(ms: int) -> None:
    """What takes a program so long; others run in between."""
    for _ in range(ms):
        world.current.clock.advance(INSTRUCTIONS_PER_TICK * FREQUENCY // 1000)
        timer.run_expired()  # as the interrupt would
        pause()


def test_sleeping_until_another_process_has_worked() -> None:
    def body(program: Program) -> None:
        seen: list[int] = []
        worker = program.fork(lambda child: work(100))
        clock_id = ~worker.pid << 3 | 2

        def sleeper(child: Program) -> None:
            for flags, wanted_ms in ((1, 30), (0, 20), (1, 10)):
                assert child.call(CLOCK_NANOSLEEP, clock_id, flags, child.put(struct.pack("<qq", 0, wanted_ms * MS)), 0) == 0
                seen.append(worker.cpu_ns() // MS)

        other = program.fork(sleeper)
        for process in (worker, other):
            assert program.call(WAIT4, process.pid, 0, 0, 0) == process.pid
        assert 30 <= seen[0] <= 41 and seen[0] + 20 <= seen[1] <= seen[0] + 31 and seen[2] == seen[1]

    linux(body)


def test_a_sleep_on_ones_own_time_ends_with_a_signal() -> None:
    def body(program: Program) -> None:
        rest = program.room(16)
        ended: list[int] = []

        def sleeper(child: Program) -> None:
            assert child.call(RT_SIGACTION, 14, child.put(struct.pack("<QQQ", MEMORY_BASE, 0, 0)), 0, 8) == 0
            assert child.call(SETITIMER, 0, child.put(struct.pack("<qqqq", 0, 0, 5, 0)), 0) == 0
            child.raw(CLOCK_NANOSLEEP, 2, 0, child.put(struct.pack("<qq", 1, 0)), rest)
            child.task.before_user()
            ended.append(child.long(rest) * 1000 + child.long(rest + 8) // MS)

        process = program.fork(sleeper)
        before = clock.monotonic_ns()
        assert program.call(WAIT4, process.pid, 0, 0, 0) == process.pid
        assert clock.monotonic_ns() - before >= 5000 * MS, "until the signal came"
        assert 990 <= ended[0] <= 1000, "nothing of it was over"

    linux(body)


def test_clock_can_be_set_by_the_privileged() -> None:
    def body(program: Program) -> None:
        value = program.put(struct.pack("<qq", 2_000_000_000, 5000))
        assert program.call(CLOCK_SETTIME, 0, value) == 0
        for too_late in (clock.LATEST_SETTING // 10**9, 1 << 62):
            assert program.call(CLOCK_SETTIME, 0, program.put(struct.pack("<qq", too_late, 0))) == -EINVAL
        seconds = program.room(16)
        assert program.call(GETTIMEOFDAY, seconds, 0) == 0
        assert program.long(seconds) == 2_000_000_000
        assert program.call(SETUID, 1000) == 0
        assert program.call(CLOCK_SETTIME, 0, value) == -EPERM
        assert program.call(SETTIMEOFDAY, value, 0) == -EPERM

    linux(body)


def test_interval_timer_reads_back_and_disarms() -> None:
    def body(program: Program) -> None:
        new = program.put(struct.pack("<qqqq", 1, 0, 5, 250_000))
        old = program.room(32)
        assert program.call(SETITIMER, 0, new, old) == 0
        assert program.get(old, 32) == bytes(32)
        assert program.call(GETITIMER, 0, old) == 0
        interval, _usec, seconds, _rest = struct.unpack("<qqqq", program.get(old, 32))
        assert interval == 1 and 4 <= seconds <= 5
        assert program.call(SETITIMER, 0, 0, old) == 0
        assert program.call(GETITIMER, 0, old) == 0
        assert program.get(old, 32) == bytes(32)
        assert program.call(SETITIMER, 0, program.put(struct.pack("<qqqq", 0, 0, 0, 10**6)), 0) == -EINVAL

    linux(body)


def test_the_log_is_read_as_it_grows() -> None:
    def body(program: Program) -> None:
        place = program.room(8192)
        while program.call(SYSLOG, 9, 0, 0) > 0:
            program.call(SYSLOG, 2, place, 8192)
        log.warn("one")
        log.warn("two")
        size = program.call(SYSLOG, 9, 0, 0)
        count = program.call(SYSLOG, 2, place, size - 1)
        assert program.get(place, count).startswith(b"<4>[") and program.get(place, count).endswith(b"] one\n")
        assert program.call(SYSLOG, 2, place, 3) == 3, "a part of a line that does not fit"
        assert program.get(place, 3) == b"<4>"
        count = program.call(SYSLOG, 2, place, 100)
        assert program.get(place, count).endswith(b"] two\n")
        before = clock.monotonic_ns()
        program.fork(lambda child: log.warn("three"))
        assert program.call(SYSLOG, 2, place, 100) > 0
        assert clock.monotonic_ns() - before > 0
        assert program.call(WAIT4, -1, 0, 0, 0) > 0

    linux(body)


def test_the_level_of_the_console() -> None:
    def body(program: Program) -> None:
        try:
            assert program.call(SYSLOG, 8, 0, 8) == 0 and log.console_level() == log.Level.DEBUG
            assert program.call(SYSLOG, 6, 0, 0) == 0 and log.console_level() == log.Level.ERROR
            assert program.call(SYSLOG, 6, 0, 0) == 0
            assert program.call(SYSLOG, 7, 0, 0) == 0 and log.console_level() == log.Level.DEBUG
            assert program.call(SYSLOG, 8, 0, 1) == 0 and log.console_level() == log.Level.ERROR, "errors are always shown"
            assert program.call(SETUID, 1000) == 0
            assert program.call(SYSLOG, 8, 0, 8) == -EPERM
        finally:
            log.set_console_level(log.Level.INFO)

    linux(body)


# --- futexes ------------------------------------------------------------------------------------------------------------------


def shared_word(program: Program) -> int:
    return program.call(222, 0, 4096, 3, 0x21, -1, 0)


def test_futex_wakes_another_process_through_shared_memory() -> None:
    def body(program: Program) -> None:
        word = shared_word(program)
        woken: list[int] = []

        def waiter(child: Program) -> None:
            woken.append(child.call(FUTEX, word, FUTEX_WAIT, 0, 0))

        first, second = program.fork(waiter), program.fork(waiter)
        pause(3)
        assert program.call(FUTEX, word, FUTEX_WAKE | PRIVATE, 9, 0) == 0, "private and shared are different places"
        assert program.call(FUTEX, word, FUTEX_WAKE, 1, 0) == 1
        pause(3)
        assert woken == [0]
        assert program.call(FUTEX, word, FUTEX_WAKE, 9, 0) == 1
        for process in (first, second):
            assert program.call(WAIT4, process.pid, 0, 0, 0) == process.pid
        assert woken == [0, 0]

    linux(body)


def test_futex_wait_times_out() -> None:
    def body(program: Program) -> None:
        timeout = program.put(struct.pack("<qq", 1, 0))
        before = clock.monotonic_ns()
        assert program.call(FUTEX, MEMORY_BASE + 4096, FUTEX_WAIT | PRIVATE, 0, timeout) == -ETIMEDOUT
        assert clock.monotonic_ns() - before >= 10**9
        assert program.call(FUTEX, MEMORY_BASE + 4096, FUTEX_WAIT_BITSET | PRIVATE, 0, timeout, 0, 1) == -ETIMEDOUT

    linux(body)


def test_robust_lock_of_a_dead_process_is_marked_and_a_waiter_woken() -> None:
    def body(program: Program) -> None:
        area = shared_word(program)
        lock = area + 64

        def owner(child: Program) -> None:
            from scarlet.kernel.memory.user import store_bytes, store_u32
            from scarlet.lang import u64

            space = child.task.space
            store_bytes(space, u64(area), struct.pack("<QqQ", lock, 16, 0))
            store_bytes(space, u64(lock), struct.pack("<Q", area))
            store_u32(space, u64(lock + 16), child.task.tid | 0x80000000)
            assert child.call(SET_ROBUST_LIST, area, 24) == 0
            pause(4)

        results: list[int] = []

        def waiter(child: Program) -> None:
            results.append(child.call(FUTEX, lock + 16, FUTEX_WAIT, child.word(lock + 16) & 0xFFFFFFFF, 0))

        first = program.fork(owner)
        pause()
        second = program.fork(waiter)
        for process in (first, second):
            assert program.call(WAIT4, process.pid, 0, 0, 0) == process.pid
        assert program.word(lock + 16) & 0xFFFFFFFF == 0xC0000000
        assert results == [0]

    linux(body)


# --- the system ---------------------------------------------------------------------------------------------------------------


def test_uname_and_hostname() -> None:
    def body(program: Program) -> None:
        assert program.call(SETHOSTNAME, b"host-one", 8) == 0
        names = program.room(390)
        assert program.call(UNAME, names) == 0
        fields = [program.get(names + 65 * index, 65).split(b"\0")[0] for index in range(6)]
        assert fields[0] == b"Linux" and fields[1] == b"host-one" and fields[4] == b"riscv64"
        assert tuple(int(part) for part in fields[2].split(b"-")[0].split(b".")) >= (4, 15, 0)

    linux(body)


def test_sysinfo_is_112_bytes() -> None:
    def body(program: Program) -> None:
        info = program.put(b"\xff" * 120)
        assert program.call(SYSINFO, info) == 0
        total, free = struct.unpack("<QQ", program.get(info + 32, 16))
        assert 0 < free <= total
        assert struct.unpack("<H", program.get(info + 80, 2))[0] == 1 and program.word(info + 104) == 1
        assert program.get(info + 112, 8) == b"\xff" * 8

    linux(body)


def test_hwprobe_answers_known_keys_and_marks_others() -> None:
    def body(program: Program) -> None:
        pairs = program.put(struct.pack("<qQqQqQ", 3, 0, 4, 0, 77, 5))
        assert program.call(HWPROBE, pairs, 3, 0, 0, 0) == 0
        assert struct.unpack("<qQqQqQ", program.get(pairs, 48)) == (3, 1, 4, 3, -1, 0)

    linux(body)


def test_random_bytes_differ() -> None:
    def body(program: Program) -> None:
        first, second = program.room(32), program.room(32)
        assert program.call(GETRANDOM, first, 32, 0) == 32 and program.call(GETRANDOM, second, 32, 0) == 32
        assert program.get(first, 32) != program.get(second, 32)

    linux(body)
