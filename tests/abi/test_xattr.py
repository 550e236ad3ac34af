"""Extended attributes through Linux calls. (xattr(7))"""

import pytest

from scarlet.lang.errno import E2BIG, EACCES, EBADF, EEXIST, EINVAL, ENODATA, ENOENT, ENOSPC, EOPNOTSUPP, EPERM, ERANGE
from tests.abi.support import AT_FDCWD, Program, linux
from tests.abi.test_proc_files import mount_all

SETXATTR, LSETXATTR, FSETXATTR, GETXATTR, LGETXATTR, FGETXATTR = 5, 6, 7, 8, 9, 10
LISTXATTR, LLISTXATTR, FLISTXATTR, REMOVEXATTR, LREMOVEXATTR, FREMOVEXATTR = 11, 12, 13, 14, 15, 16
MKDIRAT, SYMLINKAT, FCHMODAT, FCHOWNAT, OPENAT, PIPE2, SETRESUID = 34, 36, 53, 54, 56, 59, 147
CREATE, REPLACE, O_CREAT, O_PATH = 1, 2, 0o100, 0o10000000


def make(program: Program, mode: int = 0o644) -> int:
    return program.call(OPENAT, AT_FDCWD, b"/f", O_CREAT | 2, mode)


def put(program: Program, name: bytes, value: bytes, flags: int = 0, path: bytes = b"/f") -> int:
    return program.call(SETXATTR, path, name, value, len(value), flags)


def value(program: Program, name: bytes, room: int = 64) -> bytes | int:
    place = program.room(room)
    count = program.call(GETXATTR, b"/f", name, place, room)
    return program.get(place, count) if count >= 0 else count


def names(program: Program) -> list[bytes]:
    place = program.room(256)
    count = program.call(LISTXATTR, b"/f", place, 256)
    return program.get(place, count).split(b"\0")[:-1]


def test_attributes_are_set_read_listed_and_removed() -> None:
    def body(program: Program) -> None:
        fd = make(program)
        assert put(program, b"user.one", b"1") == 0
        assert program.call(FSETXATTR, fd, b"user.two", b"22", 2, CREATE) == 0
        assert put(program, b"trusted.three", b"") == 0
        assert put(program, b"security.four", b"4") == 0
        assert names(program) == [b"user.one", b"user.two", b"trusted.three", b"security.four"]
        assert put(program, b"user.two", b"2", REPLACE) == 0
        assert [value(program, name) for name in (b"user.one", b"user.two", b"trusted.three")] == [b"1", b"2", b""]
        assert program.call(FREMOVEXATTR, fd, b"user.one") == 0
        assert program.call(REMOVEXATTR, b"/f", b"user.one") == -ENODATA
        assert value(program, b"user.one") == -ENODATA
        assert program.call(SYMLINKAT, b"/f", AT_FDCWD, b"/link") == 0
        assert program.call(GETXATTR, b"/link", b"user.two", 0, 0) == 1
        assert program.call(LGETXATTR, b"/link", b"user.two", 0, 0) == -ENODATA
        assert program.call(LSETXATTR, b"/link", b"trusted.own", b"x", 1, 0) == 0
        assert program.call(LLISTXATTR, b"/link", 0, 0) == len(b"trusted.own") + 1
        assert program.call(LREMOVEXATTR, b"/link", b"trusted.own") == 0

    linux(body)


@pytest.mark.parametrize(
    ("name", "size", "flags", "expected"),
    [
        (b"user.a", 1, CREATE | REPLACE, -ENODATA),
        (b"user.set", 1, CREATE | REPLACE, -EEXIST),
        (b"user.a", 1, 4, -EINVAL),
        (b"user.a", 65537, 0, -E2BIG),
        (b"", 1, 0, -ERANGE),
        (b"user." + b"n" * 251, 1, 0, -ERANGE),
        (b"user." + b"n" * 250, 1, 0, 0),
        (b"user.", 1, 0, -EINVAL),
        (b"user", 1, 0, -EOPNOTSUPP),
        (b"system.posix_acl_access", 1, 0, -EOPNOTSUPP),
        (b"security.capability", 20, 0, -EOPNOTSUPP),
        (b"user.set", 1, CREATE, -EEXIST),
        (b"user.a", 1, REPLACE, -ENODATA),
    ],
)
def test_what_is_refused(name: bytes, size: int, flags: int, expected: int) -> None:
    def body(program: Program) -> None:
        make(program)
        assert put(program, b"user.set", b"1") == 0
        assert program.call(SETXATTR, b"/f", name, program.room(100), size, flags) == expected

    linux(body)


def test_rooms_and_limits() -> None:
    def body(program: Program) -> None:
        make(program)
        big = program.room(1 << 16)
        assert program.call(SETXATTR, b"/f", b"user.a", big, 1 << 16, 0) == 0
        assert program.call(SETXATTR, b"/f", b"user.b", big, 1 << 16, 0) == -ENOSPC
        assert program.call(GETXATTR, b"/f", b"user.a", 0, 0) == 1 << 16
        assert program.call(GETXATTR, b"/f", b"user.a", big, 100) == -ERANGE
        assert program.call(LISTXATTR, b"/f", 0, 0) == 7
        assert program.call(LISTXATTR, b"/f", big, 6) == -ERANGE
        assert program.call(GETXATTR, b"/none", b"user.a", 0, 0) == -ENOENT
        place = program.call(OPENAT, AT_FDCWD, b"/f", O_PATH, 0)
        assert program.call(FGETXATTR, place, b"user.a", 0, 0) == -EBADF
        assert program.call(REMOVEXATTR, b"/f", b"user.a") == 0

    linux(body)


def test_who_may() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        make(program)
        for name in (b"user.a", b"trusted.b", b"security.c"):
            assert put(program, name, b"1") == 0
        assert program.call(MKDIRAT, AT_FDCWD, b"/sticky", 0o777) == 0
        assert program.call(FCHMODAT, AT_FDCWD, b"/sticky", 0o1777) == 0
        pair = program.room(8)
        assert program.call(PIPE2, pair, 0) == 0
        assert program.call(FSETXATTR, program.word(pair), b"user.a", b"1", 1, 0) == -EPERM
        assert program.call(FGETXATTR, program.word(pair), b"user.a", 0, 0) == -ENODATA
        assert program.call(GETXATTR, b"/proc/uptime", b"user.a", 0, 0) == -EOPNOTSUPP
        assert program.call(SETRESUID, 1000, 1000, 1000) == 0
        assert (value(program, b"user.a"), value(program, b"trusted.b"), value(program, b"security.c")) == (b"1", -ENODATA, b"1")
        assert names(program) == [b"user.a", b"security.c"]
        assert put(program, b"user.a", b"2") == -EACCES
        assert put(program, b"trusted.b", b"2") == -EPERM
        assert put(program, b"security.c", b"2") == -EPERM
        assert program.call(REMOVEXATTR, b"/f", b"user.a") == -EACCES
        assert put(program, b"user.a", b"1", path=b"/sticky") == -EPERM

    linux(body)
