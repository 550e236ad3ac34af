"""File calls as a program makes them: results, errnos and structures exactly as Linux's."""

import struct

import pytest

from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import errno, u64
from tests.abi.support import AT_FDCWD, MEMORY_BASE, MEMORY_SIZE, Program, linux

FLOCK, LOCK_SH, LOCK_EX, LOCK_NB = 32, 1, 2, 4
GETCWD, DUP, FCNTL, MKNODAT, MKDIRAT, UNLINKAT, SYMLINKAT, LINKAT = 17, 23, 25, 33, 34, 35, 36, 37
STATFS, TRUNCATE, FTRUNCATE, FALLOCATE, FACCESSAT, CHDIR, FCHDIR, CHROOT = 43, 45, 46, 47, 48, 49, 50, 51
FCHMOD, FCHMODAT, FCHOWNAT, FCHOWN, OPENAT, CLOSE, PIPE2, GETDENTS = 52, 53, 54, 55, 56, 57, 59, 61
LSEEK, READ, WRITE, READV, WRITEV, PREAD, PWRITE, PREADV, PWRITEV, SENDFILE = 62, 63, 64, 65, 66, 67, 68, 69, 70, 71
READLINKAT, NEWFSTATAT, FSTAT, SYNC, FSYNC, SYNC_FILE_RANGE, UTIMENSAT, UMASK = 78, 79, 80, 81, 82, 84, 88, 166
READAHEAD, FADVISE, SYNCFS, RENAMEAT2, MEMFD, COPY_FILE_RANGE, PREADV2, PWRITEV2 = 213, 223, 267, 276, 279, 285, 286, 287
STATX, OPENAT2, FACCESSAT2, FCHMODAT2 = 291, 437, 439, 452
MUNMAP, MMAP, MPROTECT = 215, 222, 226
F_ADD_SEALS, F_GET_SEALS, MFD_ALLOW_SEALING, MFD_NOEXEC_SEAL, MFD_EXEC = 1033, 1034, 2, 8, 16
F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE, F_SEAL_EXEC = 1, 2, 4, 8, 16, 32

O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK = 1, 2, 0o100, 0o200, 0o1000, 0o2000, 0o4000
O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH, O_TMPFILE = 0o200000, 0o400000, 0o2000000, 0o10000000, 0o20200000
AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR, AT_EACCESS, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH = 0x100, 0x200, 0x200, 0x400, 0x1000


def make(program: Program, path: bytes, data: bytes = b"", flags: int = O_RDWR | O_CREAT) -> int:
    fd = program.call(OPENAT, AT_FDCWD, path, flags, 0o644)
    assert fd >= 0
    if data:
        assert program.call(WRITE, fd, program.put(data), len(data)) == len(data)
    return fd


def content(program: Program, path: bytes) -> bytes:
    fd = program.call(OPENAT, AT_FDCWD, path, 0, 0)
    place = program.room(4096)
    count = program.call(READ, fd, place, 4096)
    program.call(CLOSE, fd)
    return program.get(place, count)


def stat(program: Program, path: bytes, flags: int = AT_SYMLINK_NOFOLLOW) -> tuple[int, ...]:
    place = program.room(128)
    assert program.call(NEWFSTATAT, AT_FDCWD, path, place, flags) == 0
    return struct.unpack("<QQIIIIQQqiiqqQqQqQII", program.get(place, 128))


def test_open_flags() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f", b"data")
        program.call(MKDIRAT, AT_FDCWD, b"/d", 0o755)
        for path, flags, expected in [
            (b"/f", O_CREAT | O_EXCL | O_WRONLY, -errno.EEXIST), (b"/none", 0, -errno.ENOENT), (b"/f", O_DIRECTORY, -errno.ENOTDIR),
            (b"/d", O_WRONLY, -errno.EISDIR), (b"/f", 3, -errno.EINVAL), (b"/d", 0o20000000 | O_RDWR, -errno.EINVAL),
            (b"/d", O_TMPFILE, -errno.EINVAL), (b"/d", O_TMPFILE | O_CREAT | O_RDWR, -errno.EINVAL), (b"", 0, -errno.ENOENT),
            (b"/" + b"x" * 5000, 0, -errno.ENAMETOOLONG), (b"/d", O_CREAT | O_DIRECTORY, -errno.EINVAL),
        ]:  # fmt: skip
            assert program.call(OPENAT, AT_FDCWD, path, flags, 0o644) == expected, (path, oct(flags))
        assert program.call(OPENAT, fd, b"x", 0, 0) == -errno.ENOTDIR
        assert program.call(OPENAT, 99, b"x", 0, 0) == -errno.EBADF
        assert program.call(OPENAT, 99, b"/f", 0, 0) >= 0
        assert program.call(FCNTL, fd, 3, 0) == O_RDWR | 0o100000

    linux(body)


def test_place_descriptors_give_no_access() -> None:
    def body(program: Program) -> None:
        make(program, b"/f", b"data")
        place = program.room(128)
        fd = program.call(OPENAT, AT_FDCWD, b"/f", O_PATH | O_RDWR, 0)
        for number, arguments in [
            (READ, (fd, place, 1)), (WRITE, (fd, place, 1)), (LSEEK, (fd, 0, 0)), (FCHMOD, (fd, 0)), (FCHOWN, (fd, 0, 0)), (FSYNC, (fd,)),
            (FTRUNCATE, (fd, 0)), (GETDENTS, (fd, place, 64)), (FCNTL, (fd, 4, 0)),
        ]:  # fmt: skip
            assert program.call(number, *arguments) == -errno.EBADF, number
        assert program.call(FSTAT, fd, place) == 0
        assert program.call(FCNTL, fd, 3, 0) == O_PATH
        assert program.call(FCNTL, fd, 0, 0) > fd
        program.call(MKDIRAT, AT_FDCWD, b"/d", 0o755)
        directory = program.call(OPENAT, AT_FDCWD, b"/d", O_PATH, 0)
        assert program.call(FCHDIR, directory) == 0
        assert program.call(OPENAT, directory, b"new", O_CREAT | O_RDWR, 0o600) >= 0

    linux(body)


def test_a_directory_is_the_root_of_an_absolute_path() -> None:
    def body(program: Program) -> None:
        program.call(MKDIRAT, AT_FDCWD, b"/jail", 0o755)
        program.call(CLOSE, program.call(OPENAT, AT_FDCWD, b"/secret", O_CREAT | O_RDWR, 0o600))
        program.call(CLOSE, program.call(OPENAT, AT_FDCWD, b"/jail/inside", O_CREAT | O_RDWR, 0o600))
        jail = program.call(OPENAT, AT_FDCWD, b"/jail", O_DIRECTORY, 0)
        in_root = program.put(struct.pack("<3Q", 0, 0, 16))
        assert program.call(OPENAT2, jail, b"/secret", in_root, 24) == -errno.ENOENT
        assert program.call(OPENAT2, jail, b"/../secret", in_root, 24) == -errno.ENOENT
        assert program.call(OPENAT2, jail, b"/inside", in_root, 24) >= 0
        assert program.call(OPENAT2, jail, b"//", in_root, 24) >= 0
        assert program.call(OPENAT2, 99, b"/inside", in_root, 24) == -errno.EBADF

    linux(body)


def test_openat2_checks_everything() -> None:
    def body(program: Program) -> None:
        program.call(MKDIRAT, AT_FDCWD, b"/d", 0o755)
        make(program, b"/d/f", b"x")
        program.call(SYMLINKAT, b"/d/f", AT_FDCWD, b"/d/l")
        directory = program.call(OPENAT, AT_FDCWD, b"/d", O_DIRECTORY, 0)

        def open2(path: bytes, flags: int = 0, mode: int = 0, resolve: int = 0, size: int = 24, extra: bytes = b"") -> int:
            how = program.put(struct.pack("<QQQ", flags, mode, resolve) + extra)
            return program.call(OPENAT2, directory, path, how, size)

        assert open2(b"f") >= 0
        assert open2(b"f", size=16) == -errno.EINVAL
        assert open2(b"f", size=32, extra=bytes(8)) >= 0
        assert open2(b"f", size=32, extra=b"\1" * 8) == -errno.E2BIG
        assert open2(b"f", size=5000) == -errno.E2BIG
        assert open2(b"f", mode=0o600) == -errno.EINVAL
        assert open2(b"f", flags=1 << 40) == -errno.EINVAL
        assert open2(b"f", flags=O_PATH | O_RDWR) == -errno.EINVAL
        assert open2(b"f", resolve=64) == -errno.EINVAL
        assert open2(b"f", resolve=24) == -errno.EINVAL
        assert open2(b"new", flags=O_CREAT | O_RDWR, mode=0o10000) == -errno.EINVAL
        assert open2(b"new", flags=O_CREAT | O_RDWR, resolve=32) == -errno.EAGAIN
        assert open2(b"l", resolve=4) == -errno.ELOOP
        assert open2(b"l", resolve=8) == -errno.EXDEV
        assert open2(b"../d/f", resolve=8) == -errno.EXDEV
        assert open2(b"l", resolve=16) == -errno.ENOENT
        assert open2(b"../../f", resolve=16) >= 0

    linux(body)


def test_reading_and_writing_at_offsets() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f", b"0123456789")
        place = program.room(64)
        assert program.call(PREAD, fd, place, 4, 3) == 4
        assert program.get(place, 4) == b"3456"
        assert program.call(PREAD, fd, place, 4, 100) == 0
        assert program.call(PREAD, fd, place, 4, -1) == -errno.EINVAL
        assert program.call(PWRITE, fd, program.put(b"ab"), 2, 8) == 2
        assert program.call(LSEEK, fd, 0, 1) == 10
        assert program.call(LSEEK, fd, -3, 2) == 7
        assert program.call(READ, fd, place, 64) == 3
        assert program.get(place, 3) == b"7ab"
        for offset, whence, expected in [(-1, 0, -errno.EINVAL), (0, 9, -errno.EINVAL), (20, 3, -errno.ENXIO), (0, 4, 10), (5, 3, 5)]:
            assert program.call(LSEEK, fd, offset, whence) == expected
        read_only = program.call(OPENAT, AT_FDCWD, b"/f", 0, 0)
        assert program.call(WRITE, read_only, place, 1) == -errno.EBADF
        assert program.call(FTRUNCATE, read_only, 0) == -errno.EINVAL
        write_only = program.call(OPENAT, AT_FDCWD, b"/f", O_WRONLY | O_APPEND, 0)
        assert program.call(READ, write_only, place, 1) == -errno.EBADF
        program.call(WRITE, write_only, program.put(b"end"), 3)
        assert content(program, b"/f") == b"01234567abend"
        assert program.call(READ, 55, place, 1) == -errno.EBADF

    linux(body)


def test_vectors() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f")
        first, second = program.put(b"hello "), program.put(b"world")
        vector = program.put(struct.pack("<QQQQQQ", first, 6, 0, 0, second, 5))
        assert program.call(WRITEV, fd, vector, 3) == 11
        assert content(program, b"/f") == b"hello world"
        place = program.room(16)
        vector = program.put(struct.pack("<QQQQ", place, 3, place + 3, 4))
        assert program.call(PREADV, fd, vector, 2, 2) == 7
        assert program.get(place, 7) == b"llo wor"
        assert program.call(READV, fd, vector, -1) == -errno.EINVAL
        assert program.call(READV, fd, vector, 1025) == -errno.EINVAL
        assert program.call(READV, fd, program.put(struct.pack("<Qq", place, -1)), 1) == -errno.EINVAL
        assert program.call(PWRITEV, fd, vector, 1, -1) == -errno.EINVAL
        assert program.call(PREADV2, fd, vector, 2, 0, 0, 8) == -errno.EOPNOTSUPP
        assert program.call(PWRITEV2, fd, vector, 1, -1, 0, 2) == 3
        assert program.call(LSEEK, fd, 0, 1) == 14

    linux(body)


def test_stat_structure() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f", b"x" * 5000)
        program.call(LINKAT, AT_FDCWD, b"/f", AT_FDCWD, b"/g", 0)
        times = program.put(struct.pack("<qqqq", 1, 2, 3, 4))
        assert program.call(UTIMENSAT, AT_FDCWD, b"/f", times, 0) == 0
        found = stat(program, b"/f")
        assert found[2:6] == (0o100644, 2, 0, 0)
        assert (found[8], found[9], found[11]) == (5000, 4096, 16)
        assert found[12:16] == (1, 2, 3, 4)
        place = program.room(128)
        assert program.call(FSTAT, fd, place) == 0
        assert struct.unpack("<QQ", program.get(place, 16)) == found[:2]
        assert program.call(NEWFSTATAT, fd, b"", place, AT_EMPTY_PATH) == 0
        assert program.call(NEWFSTATAT, fd, b"", place, 0) == -errno.ENOENT
        assert program.call(NEWFSTATAT, AT_FDCWD, b"/f", place, 0x80) == -errno.EINVAL
        assert program.call(FSTAT, 77, place) == -errno.EBADF

    linux(body)


def test_statx_structure() -> None:
    def body(program: Program) -> None:
        make(program, b"/f", b"four")
        place = program.room(256)
        assert program.call(STATX, AT_FDCWD, b"/f", 0, 0xFFF, place) == 0
        mask, _block, _attributes, links, uid, gid, mode = struct.unpack("<IIQIIIH", program.get(place, 30))
        assert (mask & 0x1FFF, links, uid, gid, mode) == (0x1FFF, 1, 0, 0, 0o100644)
        assert struct.unpack("<Q", program.get(place + 40, 8)) == (4,)
        assert program.call(STATX, AT_FDCWD, b"/", 0, 0xFFF, place) == 0
        assert struct.unpack("<Q", program.get(place + 8, 8)) == (0x2000,)
        assert program.call(STATX, AT_FDCWD, b"/f", 0x6000, 0xFFF, place) == -errno.EINVAL
        assert program.call(STATX, AT_FDCWD, b"/f", 0, 0x80000000, place) == -errno.EINVAL

    linux(body)


def test_directory_entries() -> None:
    def body(program: Program) -> None:
        program.call(MKDIRAT, AT_FDCWD, b"/d", 0o755)
        for number in range(20):
            program.call(CLOSE, make(program, b"/d/file%d" % number))
        fd = program.call(OPENAT, AT_FDCWD, b"/d", O_DIRECTORY, 0)
        place = program.room(256)
        names: list[bytes] = []
        while (count := program.call(GETDENTS, fd, place, 100)) > 0:
            data = program.get(place, count)
            while data:
                _number, _offset, length, kind = struct.unpack("<QqHB", data[:19])
                names.append(data[19:length].split(b"\0")[0])
                assert length % 8 == 0
                assert kind == (4 if names[-1] in (b".", b"..") else 8)
                data = data[length:]
        assert count == 0
        assert names == [b".", b".."] + [b"file%d" % number for number in range(20)]
        assert program.call(LSEEK, fd, 0, 0) == 0
        assert program.call(GETDENTS, fd, place, 10) == -errno.EINVAL
        assert program.call(GETDENTS, fd, place, 24) == 24
        assert program.call(GETDENTS, make(program, b"/f"), place, 100) == -errno.ENOTDIR
        assert program.call(READ, fd, place, 10) == -errno.EISDIR

    linux(body)


def test_links_and_renames() -> None:
    def body(program: Program) -> None:
        program.call(CLOSE, make(program, b"/f", b"x"))
        place = program.room(64)
        assert program.call(SYMLINKAT, b"target", AT_FDCWD, b"/l") == 0
        assert program.call(READLINKAT, AT_FDCWD, b"/l", place, 64) == 6
        assert program.call(READLINKAT, AT_FDCWD, b"/l", place, 3) == 3
        assert program.call(READLINKAT, AT_FDCWD, b"/f", place, 64) == -errno.EINVAL
        assert program.call(READLINKAT, AT_FDCWD, b"/l", place, 0) == -errno.EINVAL
        link = program.call(OPENAT, AT_FDCWD, b"/l", O_PATH | O_NOFOLLOW, 0)
        assert program.call(READLINKAT, link, b"", place, 64) == 6
        assert program.call(LINKAT, AT_FDCWD, b"/l", AT_FDCWD, b"/m", AT_SYMLINK_FOLLOW) == -errno.ENOENT
        assert program.call(LINKAT, AT_FDCWD, b"/f", AT_FDCWD, b"/m", 0x800) == -errno.EINVAL
        assert program.call(RENAMEAT2, AT_FDCWD, b"/f", AT_FDCWD, b"/g", 8) == -errno.EINVAL
        assert program.call(RENAMEAT2, AT_FDCWD, b"/f", AT_FDCWD, b"/g", 3) == -errno.EINVAL
        assert program.call(RENAMEAT2, AT_FDCWD, b"/f", AT_FDCWD, b"/g", 0) == 0
        assert program.call(UNLINKAT, AT_FDCWD, b"/g", AT_REMOVEDIR) == -errno.ENOTDIR
        assert program.call(UNLINKAT, AT_FDCWD, b"/g", 1) == -errno.EINVAL
        assert program.call(UNLINKAT, AT_FDCWD, b"/g", 0) == 0
        temporary = program.call(OPENAT, AT_FDCWD, b"/", O_TMPFILE | O_RDWR, 0o600)
        assert program.call(LINKAT, temporary, b"", AT_FDCWD, b"/named", AT_EMPTY_PATH) == 0
        assert stat(program, b"/named")[3] == 1

    linux(body)


def test_working_directory_and_root() -> None:
    def body(program: Program) -> None:
        program.call(MKDIRAT, AT_FDCWD, b"/d", 0o755)
        place = program.room(64)
        assert program.call(CHDIR, b"/d") == 0
        assert program.call(GETCWD, place, 64) == 3
        assert program.get(place, 3) == b"/d\0"
        assert program.call(GETCWD, place, 2) == -errno.ERANGE
        make(program, b"f")
        assert program.call(CHDIR, b"f") == -errno.ENOTDIR
        assert program.call(CHROOT, b"/d") == 0
        assert program.call(GETCWD, place, 64) == 2
        assert program.call(CHDIR, b"..") == 0
        assert program.call(GETCWD, place, 64) == 2
        program.task.credentials.set_user(1000)
        assert program.call(CHROOT, b"/") == -errno.EPERM

    linux(body)


def test_modes_owners_access() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f")
        assert program.call(UMASK, 0o077) == 0o022
        assert program.call(UMASK, 0o22) == 0o077
        assert program.call(FCHMOD, fd, 0o4711) == 0
        assert stat(program, b"/f")[2] == 0o104711
        assert program.call(FCHOWNAT, AT_FDCWD, b"/f", 5, 0xFFFFFFFF, 0) == 0
        assert stat(program, b"/f")[2:6] == (0o100711, 1, 5, 0)
        program.call(SYMLINKAT, b"f", AT_FDCWD, b"/l")
        assert program.call(FCHOWNAT, AT_FDCWD, b"/l", 6, 6, AT_SYMLINK_NOFOLLOW) == 0
        assert stat(program, b"/l")[4] == 6
        assert program.call(FCHMODAT2, AT_FDCWD, b"/l", 0, AT_SYMLINK_NOFOLLOW) == -errno.EOPNOTSUPP
        assert program.call(FCHMODAT2, fd, b"", 0o600, AT_EMPTY_PATH) == 0
        assert program.call(FCHMODAT, AT_FDCWD, b"/l", 0o600) == 0
        assert program.call(FACCESSAT, AT_FDCWD, b"/f", 1) == -errno.EACCES
        assert program.call(FACCESSAT, AT_FDCWD, b"/f", 8) == -errno.EINVAL
        assert program.call(FACCESSAT2, AT_FDCWD, b"/f", 6, AT_EACCESS) == 0
        assert program.call(FACCESSAT2, AT_FDCWD, b"/f", 6, 0x10) == -errno.EINVAL
        program.task.credentials.set_users(-1, 1000, -1)
        assert program.call(FACCESSAT, AT_FDCWD, b"/f", 4) == 0
        assert program.call(FACCESSAT2, AT_FDCWD, b"/f", 4, AT_EACCESS) == -errno.EACCES

    linux(body)


def test_times() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f")
        now, omit = 0x3FFFFFFF, 0x3FFFFFFE
        assert program.call(UTIMENSAT, AT_FDCWD, b"/f", program.put(struct.pack("<qqqq", 7, 8, 0, omit)), 0) == 0
        assert stat(program, b"/f")[12:14] == (7, 8)
        assert program.call(UTIMENSAT, fd, 0, program.put(struct.pack("<qqqq", 0, omit, 9, 10)), 0) == 0
        assert stat(program, b"/f")[12:16] == (7, 8, 9, 10)
        assert program.call(UTIMENSAT, fd, 0, program.put(struct.pack("<qqqq", 0, now, -5, 0)), 0) == 0
        assert stat(program, b"/f")[14:16] == (-5, 0)
        assert program.call(UTIMENSAT, fd, 0, program.put(struct.pack("<qqqq", 0, 1 << 31, 0, 0)), 0) == -errno.EINVAL
        assert program.call(UTIMENSAT, AT_FDCWD, 0, 0, 0) == -errno.EFAULT
        assert program.call(UTIMENSAT, AT_FDCWD, b"/f", 0, 0x80) == -errno.EINVAL
        assert program.call(UTIMENSAT, AT_FDCWD, b"/none", program.put(struct.pack("<qqqq", 0, omit, 0, omit)), 0) == 0

    linux(body)


def test_sizes_and_space() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f", b"data")
        assert program.call(TRUNCATE, b"/f", 2) == 0
        assert program.call(TRUNCATE, b"/f", -1) == -errno.EINVAL
        assert program.call(TRUNCATE, b"/", 0) == -errno.EISDIR
        assert program.call(FTRUNCATE, fd, 10000) == 0
        assert program.call(FALLOCATE, fd, 0, 0, 12288) == 0
        assert (stat(program, b"/f")[8], stat(program, b"/f")[11]) == (12288, 24)
        assert program.call(FALLOCATE, fd, 3, 4096, 8192) == 0
        assert stat(program, b"/f")[11] == 8
        for mode, offset, length, expected in [
            (2, 0, 1, -errno.EOPNOTSUPP), (16, 0, 1, -errno.EOPNOTSUPP), (0, -1, 1, -errno.EINVAL), (0, 0, 0, -errno.EINVAL),
            (0, (1 << 63) - 1, 2, -errno.EFBIG),
        ]:  # fmt: skip
            assert program.call(FALLOCATE, fd, mode, offset, length) == expected
        place = program.room(120)
        assert program.call(STATFS, b"/f", place) == 0
        assert struct.unpack("<QQ", program.get(place, 16)) == (0x01021994, 4096)

    linux(body)


def test_synchronising_and_advice() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f")
        pair = program.room(8)
        program.call(PIPE2, pair, 0)
        pipe = program.word(pair)
        for number, arguments, expected in [
            (SYNC, (), 0), (FSYNC, (fd,), 0), (FSYNC, (pipe,), -errno.EINVAL), (SYNCFS, (fd,), 0), (FADVISE, (fd, 0, 0, 3), 0),
            (FADVISE, (fd, 0, 0, 6), -errno.EINVAL), (FADVISE, (pipe, 0, 0, 0), -errno.ESPIPE), (READAHEAD, (fd, 0, 10), 0),
            (READAHEAD, (pipe, 0, 10), -errno.EINVAL), (SYNC_FILE_RANGE, (fd, 0, 10, 7), 0),
            (SYNC_FILE_RANGE, (fd, 0, 10, 8), -errno.EINVAL),
            (SYNC_FILE_RANGE, (pipe, 0, 10, 7), -errno.ESPIPE), (FSYNC, (99,), -errno.EBADF),
        ]:  # fmt: skip
            assert program.call(number, *arguments) == expected, (number, arguments)

    linux(body)


@pytest.mark.parametrize("number", [SENDFILE, COPY_FILE_RANGE])
def test_copying_between_files(number: int) -> None:
    def body(program: Program) -> None:
        data = bytes(range(256)) * 700
        source = make(program, b"/from")
        for start in range(0, len(data), 65536):
            part = data[start : start + 65536]
            program.call(PWRITE, source, program.put(part), len(part), start)
        target = make(program, b"/to")

        def copy(count: int, offset: int = 0) -> int:
            if number == SENDFILE:
                return program.call(SENDFILE, target, source, offset, count)
            return program.call(COPY_FILE_RANGE, source, offset, target, 0, count, 0)

        assert copy(len(data) + 5) == len(data)
        assert copy(10) == 0
        assert program.call(LSEEK, source, 0, 1) == len(data)
        position = program.put(struct.pack("<q", 100))
        assert copy(10, position) == 10
        assert program.long(position) == 110
        assert program.call(LSEEK, source, 0, 1) == len(data)
        place = program.room(16)
        assert program.call(PREAD, target, place, 10, len(data)) == 10
        assert program.get(place, 10) == data[100:110]
        append = program.call(OPENAT, AT_FDCWD, b"/to", O_WRONLY | O_APPEND, 0)
        if number == SENDFILE:
            assert program.call(SENDFILE, append, source, 0, 1) == -errno.EINVAL
        else:
            assert program.call(COPY_FILE_RANGE, source, 0, append, 0, 1, 0) == -errno.EBADF
            assert program.call(COPY_FILE_RANGE, source, 0, target, 0, 1, 1) == -errno.EINVAL
            same = [program.put(struct.pack("<q", where)) for where in (0, 5)]
            assert program.call(COPY_FILE_RANGE, target, same[0], target, same[1], 10, 0) == -errno.EINVAL

    linux(body)


def test_sendfile_into_a_full_pipe_consumes_only_what_was_written() -> None:
    def body(program: Program) -> None:
        source = make(program, b"/from", b"x" * 50000)
        program.call(PWRITE, source, program.put(b"y" * 50000), 50000, 50000)
        program.call(LSEEK, source, 0, 0)
        pair = program.room(8)
        assert program.call(PIPE2, pair, O_NONBLOCK) == 0
        reader, writer = program.word(pair), program.word(pair + 4)
        assert program.call(SENDFILE, writer, source, 0, 100000) == 65536
        assert program.call(SENDFILE, writer, source, 0, 100000) == -errno.EAGAIN
        assert program.call(LSEEK, source, 0, 1) == 65536
        assert program.call(SENDFILE, writer, reader, 0, 1) == -errno.EINVAL
        assert program.call(SENDFILE, writer, reader, program.room(8), 1) == -errno.ESPIPE

    linux(body)


def test_memory_files() -> None:
    def body(program: Program) -> None:
        fd = program.call(MEMFD, b"name", 1)
        assert program.call(FCNTL, fd, 1, 0) == 1
        assert program.call(WRITE, fd, program.put(b"abc"), 3) == 3
        assert program.call(MEMFD, b"name", 4) == -errno.EINVAL
        assert program.call(MEMFD, b"n" * 250, 0) == -errno.EINVAL
        assert program.call(MEMFD, b"n" * 249, 0) >= 0
        program.call(CLOSE, fd)

    linux(body)


def test_bad_pointer_after_good_bytes() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f", b"x" * 8192)
        end = 0x140000
        assert program.call(PREAD, fd, end - 4096, 8192, 0) == 4096
        assert program.call(PREAD, fd, end, 8192, 0) == -errno.EFAULT
        assert program.call(PWRITE, fd, end - 4096, 8192, 0) == 4096
        assert program.call(PWRITE, fd, 1 << 40, 1, 0) == -errno.EFAULT
        assert program.call(READ, fd, end - 1, 1 << 63) == -errno.EFAULT

    linux(body)


END = MEMORY_BASE + MEMORY_SIZE
"""Where the program's memory ends."""


@pytest.mark.parametrize(("size", "there"), [(10, 3), (5000, 100), (5000, 4096), (9000, 4196), (9000, 5000)])
def test_a_write_from_memory_that_ends_writes_what_is_there(size: int, there: int) -> None:
    def body(program: Program) -> None:
        data = bytes(range(1, 252)) * 40
        store_bytes(program.task.space, u64(END - there), data[:there])
        fd = make(program, b"/f")
        assert program.call(WRITE, fd, END - there, size) == there
        assert program.call(LSEEK, fd, 0, 1) == there
        assert program.call(PREAD, fd, MEMORY_BASE, 10000, 0) == there
        assert program.get(MEMORY_BASE, there) == data[:there]
        assert program.call(WRITE, fd, END, size) == -errno.EFAULT
        assert stat(program, b"/f")[8] == there

    linux(body)


@pytest.mark.parametrize(("size", "there"), [(10, 3), (5000, 100), (9000, 4196)])
def test_a_read_into_memory_that_ends_reads_what_fits(size: int, there: int) -> None:
    def body(program: Program) -> None:
        data = bytes(range(1, 252)) * 40
        fd = make(program, b"/f", data)
        program.call(LSEEK, fd, 0, 0)
        assert program.call(READ, fd, END - there, size) == there
        assert program.get(END - there, there) == data[:there]
        assert program.call(LSEEK, fd, 0, 1) == there
        assert program.call(READ, fd, END, size) == -errno.EFAULT

    linux(body)


def test_a_write_of_a_vector_stops_at_its_first_bad_part() -> None:
    def body(program: Program) -> None:
        fd = make(program, b"/f")
        good = program.put(b"good")
        parts = struct.pack("<QQQQQQ", good, 4, END - 2, 10, good, 4)
        assert program.call(WRITEV, fd, program.put(parts), 3) == 6
        assert content(program, b"/f") == b"good" + bytes(2)

    linux(body)


def test_flags_that_make_no_sense_are_refused_whatever_the_path() -> None:
    def body(program: Program) -> None:
        for flags in (O_CREAT | O_DIRECTORY, O_TMPFILE, O_TMPFILE | O_CREAT | O_RDWR, 3, 0o20000000 | O_RDWR):
            assert program.call(OPENAT, AT_FDCWD, 0, flags, 0o644) == -errno.EINVAL, oct(flags)
        assert program.call(OPENAT, AT_FDCWD, 0, O_RDWR, 0) == -errno.EFAULT

    linux(body)


def test_another_users_file_gets_no_name_from_who_could_not_read_and_write_it() -> None:
    def body(program: Program) -> None:
        program.call(MKDIRAT, AT_FDCWD, b"/open", 0o777)
        program.call(FCHMODAT, AT_FDCWD, b"/open", 0o777)
        for path, mode in [(b"/open/secret", 0o644), (b"/open/shared", 0o666), (b"/open/suid", 0o4777), (b"/open/sgid", 0o2777)]:
            make(program, path)
            program.call(FCHMODAT, AT_FDCWD, path, mode)
        program.call(MKNODAT, AT_FDCWD, b"/open/fifo", 0o010666, 0)
        program.call(FCHMODAT, AT_FDCWD, b"/open/fifo", 0o666)
        program.task.credentials.set_user(1000)
        make(program, b"/open/own")
        program.call(FCHMODAT, AT_FDCWD, b"/open/own", 0)
        for path, expected in [
            (b"/open/secret", -errno.EPERM), (b"/open/suid", -errno.EPERM), (b"/open/sgid", -errno.EPERM), (b"/open/fifo", -errno.EPERM),
            (b"/open/shared", 0), (b"/open/own", 0),
        ]:  # fmt: skip
            assert program.call(LINKAT, AT_FDCWD, path, AT_FDCWD, path + b"2", 0) == expected, path

    linux(body)


def test_a_directory_is_locked_as_a_file_is() -> None:
    def body(program: Program) -> None:
        program.call(MKDIRAT, AT_FDCWD, b"/d", 0o755)
        first = program.call(OPENAT, AT_FDCWD, b"/d", O_DIRECTORY, 0)
        second = program.call(OPENAT, AT_FDCWD, b"/d", O_DIRECTORY, 0)
        assert program.call(FLOCK, first, LOCK_EX) == 0
        assert program.call(FLOCK, second, LOCK_SH | LOCK_NB) == -errno.EAGAIN
        copy = program.call(DUP, first)
        program.call(CLOSE, first)
        assert program.call(FLOCK, second, LOCK_SH | LOCK_NB) == -errno.EAGAIN
        program.call(CLOSE, copy)
        assert program.call(FLOCK, second, LOCK_SH | LOCK_NB) == 0
        ends = program.room(8)
        program.call(PIPE2, ends, 0)
        assert program.call(FLOCK, program.word(ends), LOCK_EX) == 0
        assert program.call(FLOCK, program.word(ends + 4), LOCK_SH | LOCK_NB) == -errno.EAGAIN, "both ends are of one file"

    linux(body)


def memfd(program: Program, flags: int = MFD_ALLOW_SEALING, data: bytes = b"x" * 5000) -> int:
    fd = program.call(MEMFD, b"sealed", flags)
    assert program.call(WRITE, fd, program.put(data), len(data)) == len(data)
    return fd


def test_seals_are_kept() -> None:
    def body(program: Program) -> None:
        fd = memfd(program)
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0
        assert (program.call(FTRUNCATE, fd, 10), program.call(FTRUNCATE, fd, 6000)) == (-errno.EPERM, 0)
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_GROW) == 0
        assert program.call(FTRUNCATE, fd, 7000) == -errno.EPERM
        assert program.call(FALLOCATE, fd, 0, 0, 7000) == -errno.EPERM
        assert program.call(PWRITE, fd, MEMORY_BASE, 10, 5995) == -errno.EPERM
        assert program.call(PWRITE, fd, MEMORY_BASE, 6000, 100) == 3996  # the pages that lie in the file whole
        assert program.call(PWRITE, fd, MEMORY_BASE, 5900, 100) == 5900
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL) == 0
        assert program.call(PWRITE, fd, MEMORY_BASE, 1, 0) == -errno.EPERM
        assert program.call(FALLOCATE, fd, 3, 0, 4096) == -errno.EPERM
        assert program.call(FCNTL, fd, F_GET_SEALS, 0) == 0xF
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_EXEC) == -errno.EPERM
        assert program.call(MMAP, 0, 4096, 3, 1, fd, 0) == -errno.EPERM
        place = program.call(MMAP, 0, 4096, 1, 1, fd, 0)
        assert program.call(MPROTECT, place, 4096, 3) == -errno.EACCES
        assert program.call(MMAP, 0, 4096, 3, 2, fd, 0) > 0

    linux(body)


def test_writing_is_not_sealed_while_a_mapping_may_write() -> None:
    def body(program: Program) -> None:
        fd = memfd(program)
        place = program.call(MMAP, 0, 4096, 1, 1, fd, 0)
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_WRITE) == -errno.EBUSY
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0
        assert program.call(MPROTECT, place, 4096, 3) == 0
        store_bytes(program.task.space, u64(place), b"still")
        assert program.call(PWRITE, fd, MEMORY_BASE, 1, 0) == -errno.EPERM
        program.call(MUNMAP, place, 4096)
        assert program.call(FCNTL, fd, F_ADD_SEALS, F_SEAL_WRITE) == 0

    linux(body)


def test_what_can_be_sealed_and_by_whom() -> None:
    def body(program: Program) -> None:
        plain = memfd(program, 0)
        assert program.call(FCNTL, plain, F_GET_SEALS, 0) == F_SEAL_SEAL
        assert program.call(FCNTL, plain, F_ADD_SEALS, F_SEAL_GROW) == -errno.EPERM
        still = memfd(program, MFD_NOEXEC_SEAL)
        assert program.call(FCNTL, still, F_GET_SEALS, 0) == F_SEAL_EXEC
        assert (program.call(FCHMOD, still, 0o700), program.call(FCHMOD, still, 0o600)) == (-errno.EPERM, 0)
        program_file = memfd(program)
        assert program.call(FCNTL, program_file, F_ADD_SEALS, F_SEAL_EXEC) == 0
        assert program.call(FCNTL, program_file, F_GET_SEALS, 0) == 0x3E  # what is executed cannot change either
        assert program.call(FCNTL, program_file, F_ADD_SEALS, 0x40) == -errno.EINVAL
        assert program.call(MEMFD, b"both", MFD_NOEXEC_SEAL | MFD_EXEC) == -errno.EINVAL
        fd = make(program, b"/f")
        assert program.call(FCNTL, fd, F_GET_SEALS, 0) == F_SEAL_SEAL
        readable = program.call(OPENAT, AT_FDCWD, b"/f", 0, 0)
        assert program.call(FCNTL, readable, F_ADD_SEALS, F_SEAL_GROW) == -errno.EPERM
        ends = program.room(8)
        program.call(PIPE2, ends, 0)
        assert program.call(FCNTL, program.word(ends), F_GET_SEALS, 0) == -errno.EINVAL

    linux(body)
