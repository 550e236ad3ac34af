"""Descriptors, locks, poll and mounts as a program uses them."""

import struct

from scarlet.lang import errno
from tests.abi.support import AT_FDCWD, Program, linux
from vfs import filesystems
from vfs.tmpfs.options import mount_tmpfs

DUP, DUP3, FCNTL, IOCTL, FLOCK, UMOUNT2, MOUNT, PIVOT_ROOT = 23, 24, 25, 29, 32, 39, 40, 41
MKDIRAT, CHDIR, OPENAT, CLOSE, PIPE2, READ, WRITE, PSELECT6, PPOLL, CLOSE_RANGE = 34, 49, 56, 57, 59, 63, 64, 72, 73, 436
MKNODAT, SETRESUID = 33, 147
O_RDWR, O_CREAT, O_NONBLOCK, O_APPEND, O_CLOEXEC, O_NOATIME, O_PATH = 2, 0o100, 0o4000, 0o2000, 0o2000000, 0o1000000, 0o10000000
F_SETFL, F_GETLK, F_SETLK, F_OFD_GETLK, F_OFD_SETLK = 4, 5, 6, 36, 37
POLLIN, POLLOUT, POLLNVAL, POLLHUP = 1, 4, 32, 16


def make(program: Program, path: bytes = b"/f", flags: int = O_RDWR | O_CREAT) -> int:
    return program.call(OPENAT, AT_FDCWD, path, flags, 0o644)


def pipe(program: Program, flags: int = 0) -> tuple[int, int]:
    pair = program.room(8)
    assert program.call(PIPE2, pair, flags) == 0
    return program.word(pair), program.word(pair + 4)


def test_duplicating() -> None:
    def body(program: Program) -> None:
        fd = make(program)
        assert program.call(DUP, fd) == fd + 1
        assert program.call(DUP, 99) == -errno.EBADF
        assert program.call(DUP3, fd, 7, O_CLOEXEC) == 7
        assert program.call(FCNTL, 7, 1, 0) == 1
        assert program.call(DUP3, fd, fd, 0) == -errno.EINVAL
        assert program.call(DUP3, fd, 7, 1) == -errno.EINVAL
        assert program.call(DUP3, fd, 1024, 0) == -errno.EBADF
        assert program.call(DUP3, 99, 5, 0) == -errno.EBADF
        assert program.call(FCNTL, fd, 0, 20) == 20
        assert program.call(FCNTL, fd, 1030, 20) == 21
        assert program.call(FCNTL, 21, 1, 0) == 1
        assert program.call(FCNTL, fd, 0, 5000) == -errno.EINVAL
        assert program.call(CLOSE_RANGE, 20, 0xFFFFFFFF, 4) == 0
        assert program.call(FCNTL, 20, 1, 0) == 1
        assert program.call(CLOSE_RANGE, 7, 0xFFFFFFFF, 2) == 0
        assert program.call(FCNTL, 20, 1, 0) == -errno.EBADF
        assert program.call(CLOSE_RANGE, 9, 8, 0) == -errno.EINVAL
        assert program.call(CLOSE_RANGE, 8, 9, 1) == -errno.EINVAL

    linux(body)


def test_status_flags() -> None:
    def body(program: Program) -> None:
        fd = make(program)
        assert program.call(FCNTL, fd, 4, O_APPEND | O_NONBLOCK | O_CREAT) == 0
        assert program.call(FCNTL, fd, 3, 0) == O_RDWR | O_APPEND | O_NONBLOCK | 0o100000
        assert program.call(FCNTL, fd, 4, 0) == 0
        assert program.call(FCNTL, fd, 3, 0) == O_RDWR | 0o100000
        assert program.call(FCNTL, fd, 4, 0o20000) == -errno.EINVAL
        assert program.call(FCNTL, fd, 1024, 0) == -errno.EINVAL
        assert program.call(FCNTL, fd, 12345, 0) == -errno.EINVAL
        assert program.call(FCNTL, fd, 1032, 0) == -errno.EBADF
        reader, _writer = pipe(program)
        assert program.call(FCNTL, reader, 1032, 0) == 65536
        assert program.call(FCNTL, reader, 1031, 5000) == 8192

    linux(body)


def test_ioctls_of_any_descriptor() -> None:
    def body(program: Program) -> None:
        reader, writer = pipe(program)
        program.call(WRITE, writer, b"12345", 5)
        place = program.room(8)
        assert program.call(IOCTL, reader, 0x541B, place) == 0
        assert program.word(place) == 5
        assert program.call(IOCTL, reader, 0x5421, program.put(b"\1\0\0\0")) == 0
        assert program.call(READ, reader, place, 5) == 5
        assert program.call(READ, reader, place, 5) == -errno.EAGAIN
        assert program.call(IOCTL, reader, 0x5451, 0) == 0
        assert program.call(FCNTL, reader, 1, 0) == 1
        assert program.call(IOCTL, reader, 0x5401, place) == -errno.ENOTTY
        assert program.call(IOCTL, make(program), 0x5413, place) == -errno.ENOTTY
        assert program.call(IOCTL, 99, 0x541B, place) == -errno.EBADF

    linux(body)


def lock(kind: int, start: int, length: int, whence: int = 0, pid: int = 0) -> bytes:
    return struct.pack("<hhxxxxqqixxxx", kind, whence, start, length, pid)


def test_record_locks() -> None:
    def body(program: Program) -> None:
        fd = make(program)
        other = make(program)
        assert program.call(FCNTL, fd, F_SETLK, lock(1, 10, 10)) == 0
        assert program.call(FCNTL, other, F_SETLK, lock(1, 10, 10)) == 0
        assert program.call(FCNTL, other, F_OFD_SETLK, lock(0, 15, 1)) == -errno.EAGAIN
        assert program.call(FCNTL, other, F_OFD_SETLK, lock(0, 20, 0)) == 0
        assert program.call(FCNTL, other, F_OFD_SETLK, lock(0, 20, 0, pid=1)) == -errno.EINVAL
        place = program.put(lock(1, 0, 0))
        assert program.call(FCNTL, fd, F_GETLK, place) == 0
        assert struct.unpack("<hhxxxxqqi", program.get(place, 28)) == (0, 0, 20, 0, -1)
        place = program.put(lock(0, 0, 10))
        assert program.call(FCNTL, fd, F_GETLK, place) == 0
        assert struct.unpack("<h", program.get(place, 2)) == (2,)
        place = program.put(lock(2, 25, 1))
        assert program.call(FCNTL, other, F_OFD_GETLK, place) == 0
        assert struct.unpack("<hhxxxxqqi", program.get(place, 28)) == (0, 0, 20, 0, -1), "what unlocking would release"
        assert program.call(FCNTL, other, F_GETLK, place) == 0
        assert program.call(FCNTL, other, F_GETLK, lock(2, 25, 1)) == -errno.EINVAL
        for bad in (lock(5, 0, 1), lock(1, 0, 1, whence=7), lock(1, 5, -10)):
            assert program.call(FCNTL, fd, F_SETLK, bad) == -errno.EINVAL
        assert program.call(FCNTL, fd, F_SETLK, lock(1, (1 << 63) - 1, 2)) == -errno.EOVERFLOW
        read_only = make(program, flags=0)
        assert program.call(FCNTL, read_only, F_SETLK, lock(1, 0, 1)) == -errno.EBADF

    linux(body)


def test_record_locks_are_for_every_file() -> None:
    def body(program: Program) -> None:
        reader, writer = pipe(program)
        assert program.call(FCNTL, reader, F_OFD_SETLK, lock(0, 0, 1)) == 0
        assert program.call(FCNTL, writer, F_SETLK, lock(1, 0, 1, whence=1)) == -errno.EAGAIN, "both ends are of one file"
        assert program.call(FCNTL, writer, F_SETLK, lock(1, 1, 1, whence=2)) == 0
        assert program.call(FCNTL, reader, F_SETLK, lock(1, 1, 1)) == -errno.EBADF
        assert program.call(MKNODAT, AT_FDCWD, b"fifo", 0o10644, 0) == 0
        first, second = [program.call(OPENAT, AT_FDCWD, b"fifo", O_RDWR, 0) for _ in range(2)]
        path_only = program.call(OPENAT, AT_FDCWD, b"fifo", O_PATH, 0)
        assert program.call(FCNTL, path_only, F_SETLK, lock(0, 0, 1)) == -errno.EBADF
        assert program.call(FCNTL, first, F_SETLK, lock(1, 0, 1)) == 0
        assert program.call(FCNTL, second, F_OFD_SETLK, lock(1, 0, 1)) == -errno.EAGAIN
        assert program.call(CLOSE, path_only) == 0
        assert program.call(FCNTL, second, F_OFD_SETLK, lock(1, 0, 1)) == -errno.EAGAIN, "closing a mere place releases nothing"
        assert program.call(CLOSE, first) == 0
        assert program.call(FCNTL, second, F_OFD_SETLK, lock(1, 0, 1)) == 0

    linux(body)


def test_noatime_is_set_by_the_owner_alone() -> None:
    def body(program: Program) -> None:
        fd = make(program)
        assert program.call(FCNTL, fd, F_SETFL, O_NOATIME) == 0
        assert program.call(FCNTL, fd, F_SETFL, 0) == 0
        assert program.call(SETRESUID, 1000, 1000, 1000) == 0
        assert program.call(FCNTL, fd, F_SETFL, O_NOATIME) == -errno.EPERM

    linux(body)


def test_whole_file_locks_belong_to_the_open_file() -> None:
    def body(program: Program) -> None:
        fd, other = make(program), make(program)
        duplicate = program.call(DUP, fd)
        assert program.call(FLOCK, fd, 2) == 0
        assert program.call(FLOCK, other, 2 | 4) == -errno.EAGAIN
        assert program.call(FLOCK, duplicate, 1) == 0
        assert program.call(FLOCK, other, 1 | 4) == 0
        assert program.call(FLOCK, fd, 3) == -errno.EINVAL
        program.call(CLOSE, fd)
        assert program.call(FLOCK, other, 2 | 4) == -errno.EAGAIN
        program.call(CLOSE, duplicate)
        assert program.call(FLOCK, other, 2 | 4) == 0

    linux(body)


def poll(program: Program, entries: list[tuple[int, int]], timeout_ns: int | None) -> tuple[int, list[int]]:
    place = program.put(b"".join(struct.pack("<iHH", fd, events, 0x7FFF) for fd, events in entries))
    timeout = 0 if timeout_ns is None else program.put(struct.pack("<qq", timeout_ns // 10**9, timeout_ns % 10**9))
    result = program.call(PPOLL, place, len(entries), timeout, 0, 0)
    return result, [struct.unpack("<iHH", program.get(place + index * 8, 8))[2] for index in range(len(entries))]


def test_polling() -> None:
    def body(program: Program) -> None:
        reader, writer = pipe(program)
        assert poll(program, [(reader, POLLIN), (writer, POLLOUT), (-1, POLLIN)], 0) == (1, [0, POLLOUT, 0])
        program.call(WRITE, writer, b"x", 1)
        assert poll(program, [(reader, POLLIN), (77, POLLIN)], None) == (2, [POLLIN, POLLNVAL])
        program.call(READ, reader, program.room(8), 1)
        assert poll(program, [(reader, POLLIN)], 5_000_000) == (0, [0])
        program.call(CLOSE, writer)
        assert poll(program, [(reader, POLLIN)], None) == (1, [POLLHUP])
        place = program.room(8)
        assert program.call(PPOLL, place, 1 << 20, 0, 0, 0) == -errno.EINVAL
        assert program.call(PPOLL, place, 0, program.put(struct.pack("<qq", 0, 10**9)), 0, 0) == -errno.EINVAL
        assert program.call(PPOLL, place, 0, program.put(bytes(16)), program.put(bytes(8)), 4) == -errno.EINVAL

    linux(body)


def test_selecting() -> None:
    def body(program: Program) -> None:
        reader, writer = pipe(program)
        none = program.put(bytes(16))
        read_set, write_set = (program.put(struct.pack("<Q", 1 << fd)) for fd in (reader, writer))
        assert program.call(PSELECT6, 10, read_set, write_set, 0, none, 0) == 1
        assert (program.long(read_set), program.long(write_set)) == (0, 1 << writer)
        program.call(WRITE, writer, b"x", 1)
        read_set = program.put(struct.pack("<Q", 1 << reader))
        assert program.call(PSELECT6, 10, read_set, 0, read_set, 0, 0) >= 1
        assert program.call(PSELECT6, 10, program.put(struct.pack("<Q", 1 << 9)), 0, 0, none, 0) == -errno.EBADF
        assert program.call(PSELECT6, -1, 0, 0, 0, none, 0) == -errno.EINVAL
        waits = program.put(struct.pack("<qq", 0, 1000))
        assert program.call(PSELECT6, 0, 0, 0, 0, waits, 0) == 0
        assert program.long(waits + 8) == 0

    linux(body)


def test_mounting() -> None:
    def body(program: Program) -> None:
        filesystems.announce(b"tmpfs", mount_tmpfs)
        program.call(MKDIRAT, AT_FDCWD, b"/m", 0o755)
        program.call(MKDIRAT, AT_FDCWD, b"/n", 0o755)
        rdonly, remount, bind, rec, private, shared, move = 1, 32, 4096, 16384, 1 << 18, 1 << 20, 8192
        for source, target, kind, flags, data, expected in [
            (b"none", b"/m", b"ext9", 0, 0, -errno.ENODEV), (b"none", b"/none", b"tmpfs", 0, 0, -errno.ENOENT),
            (b"none", b"/m", b"tmpfs", 64, 0, -errno.EINVAL), (b"none", b"/m", b"tmpfs", 0, b"bad=1", -errno.EINVAL),
            (b"none", b"/m", b"tmpfs", 0xC0ED0000, b"size=1m", 0), (b"/m", b"/n", 0, bind | rec, 0, 0),
            (0, b"/n", 0, remount | bind | rdonly, 0, 0),
            (0, b"/m", 0, private | rec, 0, 0), (0, b"/m", 0, shared, 0, -errno.EINVAL), (b"/m", b"/n", 0, move, 0, 0),
        ]:  # fmt: skip
            assert program.call(MOUNT, source, target, kind, flags, data) == expected, (source, target, flags)
        assert program.call(UMOUNT2, b"/m", 0) == -errno.EINVAL
        assert program.call(UMOUNT2, b"/n", 16) == -errno.EINVAL
        assert program.call(UMOUNT2, b"/n", 4) == -errno.EAGAIN
        fd = make(program, b"/n/f")
        assert fd >= 0
        assert program.call(UMOUNT2, b"/n", 0) == -errno.EBUSY
        assert program.call(UMOUNT2, b"/n", 2) == 0
        assert program.call(WRITE, fd, b"x", 1) == 1
        program.call(CLOSE, fd)
        assert program.call(UMOUNT2, b"/n", 0) == 0
        program.task.credentials.set_user(1000)
        assert program.call(MOUNT, b"none", b"/m", b"tmpfs", 0, 0) == -errno.EPERM
        assert program.call(UMOUNT2, b"/m", 0) == -errno.EPERM

    linux(body)


def test_pivot_root_moves_everybody() -> None:
    def body(program: Program) -> None:
        filesystems.announce(b"tmpfs", mount_tmpfs)
        program.call(MKDIRAT, AT_FDCWD, b"/new", 0o755)
        assert program.call(MOUNT, b"none", b"/new", b"tmpfs", 0, 0) == 0
        program.call(MKDIRAT, AT_FDCWD, b"/new/old", 0o755)
        assert program.call(PIVOT_ROOT, b"/new/old", b"/new/old") == -errno.EINVAL
        assert program.call(PIVOT_ROOT, b"/new", b"/new/old") == 0
        assert program.call(CHDIR, b"/old/new") == 0
        assert program.call(CHDIR, b"/") == 0
        assert program.call(UMOUNT2, b"/old", 2) == 0

    linux(body)
