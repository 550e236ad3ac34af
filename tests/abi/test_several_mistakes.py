"""Which error is told when several things are wrong, and ends of ranges: found by the campaign (tests/abi/campaign), here one by one."""

import struct

from scarlet.lang.errno import EBADF, EFAULT, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, ESPIPE, ESRCH
from tests.abi.support import AT_FDCWD, MEMORY_BASE, MEMORY_SIZE, Program, linux
from tests.abi.test_proc_files import mount_all
from tests.sockets.support import DATAGRAM, Sockets, run

FCNTL, FLOCK, FALLOCATE, FCHDIR, OPENAT, PIPE2, LSEEK, READ, READV, WRITEV, PREAD, PREADV, PWRITEV2, SENDFILE = (
    25, 32, 47, 50, 56, 59, 62, 63, 65, 66, 67, 69, 287, 71,
)  # fmt: skip
FSYNC, SYNC_FILE_RANGE, UTIMENSAT, SETITIMER, SCHED_SETSCHEDULER, SETUID, SETRESUID, SETGROUPS, PRCTL, PRLIMIT = (
    82, 84, 88, 103, 119, 146, 147, 159, 167, 261,
)  # fmt: skip
GETRANDOM, MMAP, MPROTECT, MLOCK, MSYNC, MADVISE, COPY_FILE_RANGE, PREADV2, READLINKAT = 278, 222, 226, 228, 227, 233, 285, 286, 78
BAD = MEMORY_BASE + MEMORY_SIZE
"""Nothing is there."""
NO_FD = 99
O_RDWR, O_CREAT, O_NOCTTY, O_DIRECTORY, O_NOFOLLOW, O_PATH, O_LARGEFILE = 2, 0o100, 0o400, 0o200000, 0o400000, 0o10000000, 0o100000
F_GETFL, F_SETLK = 3, 6
PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE = 1, 2, 3
PSELECT, RLIMIT_NOFILE = 72, 7
LAST = (1 << 63) - 1
MINUS_ONE = (1 << 64) - 1


def open_file(program: Program) -> int:
    return program.call(OPENAT, AT_FDCWD, b"f", O_RDWR | O_CREAT, 0o644)


def pipe(program: Program) -> tuple[int, int]:
    ends = program.room(8)
    assert program.call(PIPE2, ends, 0) == 0
    return program.word(ends), program.word(ends + 4)


def test_the_descriptor_comes_before_what_else_is_wrong() -> None:
    def body(program: Program) -> None:
        reader, writer = pipe(program)
        assert program.call(PREADV, NO_FD, BAD, 2, 0) == -EBADF
        assert program.call(PREADV, reader, BAD, 2, 0) == -ESPIPE
        assert program.call(PREAD, writer, MEMORY_BASE, 1, 0) == -ESPIPE, "whatever the end is open for"
        assert program.call(PREADV2, NO_FD, BAD, 2, 0, 0, 64) == -EBADF
        assert program.call(MMAP, 0, 0, 3, 0, NO_FD, 0) == -EBADF
        assert program.call(SYNC_FILE_RANGE, NO_FD, 0, 0, 64) == -EBADF
        assert program.call(COPY_FILE_RANGE, reader, BAD, writer, 0, 1, 1) == -EFAULT

    linux(body)


def test_what_comes_before_the_descriptor() -> None:
    def body(program: Program) -> None:
        reader, _writer = pipe(program)
        assert program.call(FLOCK, NO_FD, 4) == -EINVAL
        assert program.call(SENDFILE, NO_FD, NO_FD, BAD, 1) == -EFAULT
        zero = program.put(bytes(8))
        assert program.call(SENDFILE, NO_FD, reader, zero, 1) == -ESPIPE, "the input comes first"
        assert program.call(FALLOCATE, reader, 2, 0, 1) == -EOPNOTSUPP, "punching without FALLOC_FL_KEEP_SIZE"
        assert program.call(FALLOCATE, reader, 10, 0, 1) == -EOPNOTSUPP, "two modes at once"

    linux(body)


def test_modes_of_fallocate_are_looked_at_after_what_the_descriptor_is() -> None:
    def body(program: Program) -> None:
        file = open_file(program)
        _reader, writer = pipe(program)
        assert program.call(FALLOCATE, file, 16, 0, 1) == -EOPNOTSUPP
        assert program.call(FALLOCATE, writer, 16, 0, 1) in (-ENODEV, -ESPIPE)
        reading = program.call(OPENAT, AT_FDCWD, b"f", 0, 0)
        assert program.call(FALLOCATE, reading, 16, 0, 1) == -EBADF

    linux(body)


def test_nothing_to_transfer_is_nothing_to_refuse() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        full = program.call(OPENAT, AT_FDCWD, b"/dev/full", 1, 0)
        nothing = program.put(struct.pack("<QQ", MEMORY_BASE, 0))
        assert program.call(WRITEV, full, nothing, 1) == 0
        assert program.call(WRITEV, full, MINUS_ONE, 0) == 0

    linux(body)


def test_select_looks_above_a_limit_that_was_lowered() -> None:
    def body(program: Program) -> None:
        _reader, writer = pipe(program)
        assert program.call(PRLIMIT, 0, RLIMIT_NOFILE, program.put(bytes(16)), 0) == 0
        wanted = program.put(struct.pack("<Q", 1 << writer))
        assert program.call(PSELECT, 64, 0, wanted, 0, program.put(bytes(16)), 0) == 1
        assert program.call(PSELECT, 1 << 20, 0, wanted, 0, program.put(bytes(16)), 0) == 1
        assert program.call(PSELECT, 64, 0, program.put(struct.pack("<Q", 1 << 40)), 0, 0, 0) == -EBADF

    linux(body)


def test_reading_nothing_takes_no_message() -> None:
    def body(sockets: Sockets) -> None:
        left, right = sockets.pair(DATAGRAM)
        assert sockets.send(left, b"message") == 7
        assert sockets.program.call(READ, right, MEMORY_BASE, 0) == 0
        assert sockets.program.call(READ, right, MEMORY_BASE, 100) == 7

    run(body)


def test_devices_fill_memory_as_far_as_it_goes() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        zero = program.call(OPENAT, AT_FDCWD, b"/dev/zero", 0, 0)
        assert program.call(READ, zero, BAD - 10, 100) == 10
        assert program.call(READ, zero, BAD, 100) == -EFAULT
        random = program.call(OPENAT, AT_FDCWD, b"/dev/urandom", 0, 0)
        assert program.call(READ, random, BAD - 10, 100) == 10
        assert program.call(READ, random, BAD, 100) == -EFAULT
        assert program.call(GETRANDOM, BAD - 10, 5000, 0) == 10
        assert program.call(GETRANDOM, BAD, 1, 0) == -EFAULT

    linux(body)


def test_a_synchronous_write_to_a_pipe_is_a_write() -> None:
    def body(program: Program) -> None:
        _reader, writer = pipe(program)
        vector = program.put(struct.pack("<QQ", MEMORY_BASE, 3))
        assert program.call(PWRITEV2, writer, vector, 1, MINUS_ONE, 0, 4) == 3

    linux(body)


def test_a_lock_may_end_at_the_last_byte_there_can_be() -> None:
    def body(program: Program) -> None:
        file = open_file(program)

        def lock(start: int, length: int) -> int:
            return program.call(FCNTL, file, F_SETLK, program.put(struct.pack("<hhxxxxqqixxxx", 1, 0, start, length, 0)))

        assert lock(1 << 62, 1 << 62) == 0
        assert lock(LAST, 1) == 0
        assert lock(LAST, 2) == -EOVERFLOW
        assert lock((1 << 62) + 1, 1 << 62) == -EOVERFLOW

    linux(body)


def test_how_a_file_was_opened_is_told() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        directory = program.call(OPENAT, AT_FDCWD, b"/", O_DIRECTORY | O_NOFOLLOW, 0)
        assert program.call(FCNTL, directory, F_GETFL, 0) == O_DIRECTORY | O_NOFOLLOW | O_LARGEFILE
        place = program.call(OPENAT, AT_FDCWD, b"/", O_PATH | O_DIRECTORY, 0)
        assert program.call(FCNTL, place, F_GETFL, 0) == O_PATH | O_DIRECTORY
        null = program.call(OPENAT, AT_FDCWD, b"/dev/null", O_NOCTTY, 0)
        assert program.call(FCNTL, null, F_GETFL, 0) == O_LARGEFILE

    linux(body)


def test_what_has_no_storage_is_not_brought_to_it() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        text = program.call(OPENAT, AT_FDCWD, b"/proc/version", 0, 0)
        assert program.call(FSYNC, text) == -EINVAL
        assert program.call(SYNC_FILE_RANGE, text, 0, 0, 7) == 0

    linux(body)


def test_ranges_that_go_round_the_end_of_all_addresses() -> None:
    def body(program: Program) -> None:
        for advice in (0, 4, 8, 22, 23):
            assert program.call(MADVISE, MEMORY_BASE, (1 << 64) - 4096, advice) == -EINVAL
            assert program.call(MADVISE, MEMORY_BASE, MINUS_ONE, advice) == -EINVAL
        assert program.call(MLOCK, MEMORY_BASE, (1 << 64) - 8192) == -EINVAL
        assert program.call(MSYNC, MEMORY_BASE, (1 << 64) - 8192, 4) == -ENOMEM
        for call in (MLOCK, MPROTECT):
            assert program.call(call, 1 << 62, 0, 0) == 0, "no bytes are nowhere"

    linux(body)


def test_a_page_that_may_not_be_read_cannot_be_locked() -> None:
    def body(program: Program) -> None:
        assert program.call(MPROTECT, MEMORY_BASE, 4096, 0) == 0
        assert program.call(MLOCK, MEMORY_BASE, 4096) == -ENOMEM

    linux(body)


def test_times_are_looked_at_after_the_file() -> None:
    def body(program: Program) -> None:
        invalid = program.put(struct.pack("<4q", 0, -1, 0, 0))
        omitted = program.put(struct.pack("<4q", 0, 0x3FFFFFFE, 0, 0x3FFFFFFE))
        assert program.call(UTIMENSAT, NO_FD, b"f", invalid, 0) == -EBADF
        assert program.call(UTIMENSAT, AT_FDCWD, b"/", invalid, 0) == -EINVAL
        assert program.call(UTIMENSAT, NO_FD, 0, omitted, 1) == 0, "nothing to do is not looked at"
        assert program.call(UTIMENSAT, NO_FD, 0, invalid, 1) == -EINVAL, "flags"

    linux(body)


def test_structures_are_fetched_before_numbers_are_looked_at() -> None:
    def body(program: Program) -> None:
        assert program.call(SETITIMER, 9, BAD, 0) == -EFAULT
        assert program.call(PRLIMIT, 0, 99, BAD, 0) == -EFAULT
        assert program.call(SCHED_SETSCHEDULER, 4000, 0, BAD) == -EFAULT
        assert program.call(SCHED_SETSCHEDULER, 4000, 0, MEMORY_BASE) == -ESRCH
        assert program.call(SCHED_SETSCHEDULER, 4000, MINUS_ONE, BAD) == -EINVAL

    linux(body)


def test_groups_need_the_privilege_first_and_names_of_groups_then() -> None:
    def body(program: Program) -> None:
        assert program.call(SETGROUPS, 1, program.put(b"\xff" * 4)) == -EINVAL
        assert program.call(SETUID, 1000) == 0
        assert program.call(SETGROUPS, MINUS_ONE, 0) == -EPERM

    linux(body)


def test_who_gives_up_being_root_is_not_looked_into_by_others() -> None:
    """The death signal was asked for by root, and the process may remember root's secrets (prctl(2)); it keeps its own /dev/stdin."""

    def body(program: Program) -> None:
        mount_all(program)
        fd = program.call(OPENAT, AT_FDCWD, b"/proc", 0, 0)
        assert program.call(PRCTL, PR_SET_PDEATHSIG, 15, 0, 0, 0) == 0
        assert program.call(SETRESUID, 0, 0, 0) == 0
        assert program.call(PRCTL, PR_GET_DUMPABLE, 0, 0, 0, 0) == 1, "nothing has changed"
        assert program.call(SETUID, 1000) == 0
        assert program.call(PRCTL, PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
        place = program.room(8)
        assert program.call(PRCTL, PR_GET_PDEATHSIG, place, 0, 0, 0) == 0
        assert program.word(place) == 0
        assert program.call(READLINKAT, AT_FDCWD, b"/proc/self/fd/%d" % fd, place, 5) == 5

    linux(body)
