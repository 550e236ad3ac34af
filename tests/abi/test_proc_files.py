"""/proc as programs read it. The formats are those of proc(5)."""

import re
import struct

from objects.view import MountFlags
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import errno, u64
from tests.abi.support import AT_FDCWD, MEMORY_BASE, MEMORY_SIZE, Program, linux
from vfs import devfs, filesystems, mounts
from vfs.procfs import new_procfs
from vfs.tmpfs.options import mount_tmpfs

MKDIRAT, OPENAT, CLOSE, PIPE2, GETDENTS, READ, WRITE, READLINKAT, NEWFSTATAT, DUP, CHDIR, GETCWD, LSEEK = (
    34, 56, 57, 59, 61, 63, 64, 78, 79, 23, 49, 17, 62,
)  # fmt: skip
UMOUNT2, MOUNT, KILL, SIGPROCMASK, SIGQUEUEINFO, MUNMAP, MMAP, PRLIMIT, RENAMEAT2 = 39, 40, 129, 135, 138, 215, 222, 261, 276
O_RDWR, O_CREAT, O_WRONLY = 2, 0o100, 1
PAGE = 4096


def mount_all(program: Program) -> None:
    """/proc and /dev."""
    filesystems.announce(b"tmpfs", mount_tmpfs)
    devfs.announce_memory_devices()
    program.call(MKDIRAT, AT_FDCWD, b"/proc", 0o755)
    program.call(MKDIRAT, AT_FDCWD, b"/dev", 0o755)
    mounts.attach(program.tree.view.mounts, new_procfs(), program.tree.walk(b"/proc"), MountFlags.RELATIME, b"proc")
    mounts.attach(program.tree.view.mounts, devfs.new_devfs(), program.tree.walk(b"/dev"), MountFlags.RELATIME, b"devtmpfs")


def read(program: Program, path: bytes) -> bytes:
    fd = program.call(OPENAT, AT_FDCWD, path, 0, 0)
    assert fd >= 0, (path, fd)
    place = program.room(8192)
    data = b""
    while (count := program.call(READ, fd, place, 1000)) > 0:
        data += program.get(place, count)
    assert count == 0
    program.call(CLOSE, fd)
    program.next = place
    return data


def link(program: Program, path: bytes) -> bytes:
    place = program.room(512)
    count = program.call(READLINKAT, AT_FDCWD, path, place, 512)
    assert count >= 0, (path, count)
    return program.get(place, count)


def names(program: Program, path: bytes) -> list[bytes]:
    fd = program.call(OPENAT, AT_FDCWD, path, 0, 0)
    place = program.room(4096)
    found: list[bytes] = []
    while (count := program.call(GETDENTS, fd, place, 4096)) > 0:
        data = program.get(place, count)
        while data:
            length = struct.unpack("<H", data[16:18])[0]
            found.append(data[19:length].split(b"\0")[0])
            data = data[length:]
    program.call(CLOSE, fd)
    return found[2:]


def test_every_file_can_be_read_and_listed() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        program.task.process.set_name(b"my prog)")

        def visit(path: bytes) -> int:
            count = 0
            for name in names(program, path):
                below = path + b"/" + name
                place = program.room(128)
                assert program.call(NEWFSTATAT, AT_FDCWD, below, place, 0x100) == 0, below
                mode = struct.unpack("<I", program.get(place + 16, 4))[0]
                program.next = place
                if mode >> 12 == 4 and name not in (b"task", b"fd", b"fdinfo"):
                    count += visit(below)
                elif mode >> 12 == 8:
                    read(program, below)
                    count += 1
            return count

        assert visit(b"/proc") > 40

    linux(body)


def test_process_files() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        program.task.process.set_name(b"a) b")
        fields = read(program, b"/proc/self/stat")
        match = re.fullmatch(rb"(\d+) \((.*)\) ([RSDTZ]) ([-\d ]+)\n", fields)
        assert match is not None
        assert (match[1], match[2], match[3]) == (b"1", b"a) b", b"R")
        assert len(match[4].split()) == 49
        status = dict(line.split(b":\t", 1) for line in read(program, b"/proc/1/status").splitlines())
        assert (status[b"Name"], status[b"Pid"], status[b"Uid"]) == (b"a) b", b"1", b"0\t0\t0\t0")
        assert len(read(program, b"/proc/1/statm").split()) == 7
        assert read(program, b"/proc/1/comm") == b"a) b\n"
        lines = read(program, b"/proc/self/maps").splitlines()
        assert lines[0].startswith(b"00100000-00140000 rw-p 00000000 00:00 0")
        assert b"Max open files            1024 " in read(program, b"/proc/self/limits")
        assert read(program, b"/proc/self/mounts").splitlines()[1] == b"proc /proc proc rw,relatime 0 0"
        assert read(program, b"/proc/mounts") == read(program, b"/proc/1/task/1/mounts")

    linux(body)


def kib(program: Program, *names: str) -> list[int]:
    """Lines of /proc/self/status."""
    lines = dict(line.split(b":\t", 1) for line in read(program, b"/proc/self/status").splitlines())
    return [int(lines[name.encode()].split()[0]) for name in names]


def test_resident_pages_are_told_by_what_they_are() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        program.get(MEMORY_BASE, MEMORY_SIZE)  # what this test itself uses
        before = kib(program, "RssAnon", "RssFile", "RssShmem")
        assert sum(before) == kib(program, "VmRSS")[0]
        file = program.call(OPENAT, AT_FDCWD, b"/file", O_RDWR | O_CREAT, 0o600)
        assert program.call(WRITE, file, b"x" * 9000, 9000) == 9000
        program.tree.unlink(b"/file")
        private = program.call(MMAP, 0, 3 * PAGE, 3, 2, file, 0)
        program.get(private, 3 * PAGE - 1)
        assert kib(program, "RssAnon", "RssFile", "RssShmem") == [before[0], before[1], before[2] + 12]
        store_bytes(program.task.space, u64(private), b"own")
        shared = program.call(MMAP, 0, 4 * PAGE, 3, 0x21, -1, 0)
        store_bytes(program.task.space, u64(shared), bytes(2 * PAGE))
        assert kib(program, "RssAnon", "RssFile", "RssShmem") == [before[0] + 4, before[1], before[2] + 16]
        assert kib(program, "VmPTE")[0] >= 12
        statm = [int(field) for field in read(program, b"/proc/self/statm").split()]
        assert [statm[1] * 4, statm[2] * 4] == [kib(program, "VmRSS")[0], before[1] + before[2] + 16]

    linux(body)


def test_mapped_files_are_shown_where_they_are_now() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        file = program.call(OPENAT, AT_FDCWD, b"/file", O_RDWR | O_CREAT, 0o600)
        program.call(WRITE, file, b"x", 1)
        place = program.call(MMAP, 0, PAGE, 1, 2, file, 0)

        def shown() -> bytes:
            start = b"%08x-" % place
            return next(line for line in read(program, b"/proc/self/maps").splitlines() if line.startswith(start)).split(None, 5)[5]

        program.call(CLOSE, file)
        assert shown() == b"/file"
        assert program.call(RENAMEAT2, AT_FDCWD, b"/file", AT_FDCWD, b"/other", 0) == 0
        assert shown() == b"/other"
        assert program.call(RENAMEAT2, AT_FDCWD, b"/other", AT_FDCWD, b"/file", 0) == 0
        program.tree.unlink(b"/file")
        assert shown() == b"/file (deleted)"
        place = program.call(MMAP, 0, PAGE, 1, 0x21, -1, 0)
        assert shown() == b"/dev/zero (deleted)"

    linux(body)


def test_a_mapping_keeps_its_mount_in_use() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        program.call(MKDIRAT, AT_FDCWD, b"/m", 0o755)
        assert program.call(MOUNT, b"none", b"/m", b"tmpfs", 0, 0) == 0
        file = program.call(OPENAT, AT_FDCWD, b"/m/file", O_RDWR | O_CREAT, 0o600)
        place = program.call(MMAP, 0, PAGE, 1, 2, file, 0)
        program.call(CLOSE, file)
        assert program.call(UMOUNT2, b"/m", 0) == -errno.EBUSY
        assert program.call(MUNMAP, place, PAGE) == 0
        assert program.call(UMOUNT2, b"/m", 0) == 0

    linux(body)


def test_queued_signals_are_counted_for_a_user() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        block = program.put(b"\xff" * 8)
        assert program.call(SIGPROCMASK, 0, block, 0, 8) == 0
        limits = struct.pack("<QQ", 3, 3)
        assert program.call(PRLIMIT, 0, 11, program.put(limits), 0) == 0
        info = program.put(struct.pack("<iii", 40, 0, -1) + bytes(116))
        for expected in (0, 0, 0, -errno.EAGAIN):
            assert program.call(SIGQUEUEINFO, 1, 40, info) == expected
        assert program.call(KILL, 1, 10) == 0, "a standard signal is never too many"
        assert b"SigQ:\t4/3\n" in read(program, b"/proc/self/status")

    linux(body)


def test_naming_oneself_through_comm() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        fd = program.call(OPENAT, AT_FDCWD, b"/proc/self/comm", O_RDWR, 0)
        assert program.call(WRITE, fd, b"new name that is long\n", 22) == 22
        assert program.call(LSEEK, fd, 0, 0) == 0
        place = program.room(32)
        assert program.get(place, program.call(READ, fd, place, 32)) == b"new name that i\n"
        assert program.call(OPENAT, AT_FDCWD, b"/proc/self/stat", O_WRONLY, 0) >= 0
        assert program.call(OPENAT, AT_FDCWD, b"/proc/new", O_WRONLY | O_CREAT, 0o644) < 0
        assert program.call(MKDIRAT, AT_FDCWD, b"/proc/new", 0o755) < 0

    linux(body)


def test_names_cannot_forge_lines() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        program.task.process.set_name(b"a\\\nUid:\t0")
        assert read(program, b"/proc/self/status").splitlines()[0] == b"Name:\ta\\\\\\nUid:\t0"
        assert read(program, b"/proc/self/comm") == b"a\\\nUid:\t0\n"
        fd = program.call(OPENAT, AT_FDCWD, b"/f\n10000-20000 r-xp x", O_RDWR | O_CREAT, 0o644)
        assert program.call(MMAP, 0, 4096, 1, 2, fd, 0) > 0
        lines = [line for line in read(program, b"/proc/self/maps").splitlines() if b"10000-20000" in line]
        assert [line.rpartition(b" /f")[2] for line in lines] == [b"\\01210000-20000 r-xp x"]

    linux(body)


def test_descriptor_links() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        fd = program.call(OPENAT, AT_FDCWD, b"/file", O_RDWR | O_CREAT, 0o600)
        program.call(WRITE, fd, b"data", 4)
        assert link(program, b"/proc/self/fd/%d" % fd) == b"/file"
        assert b"pos:\t4\nflags:\t0100002\n" in read(program, b"/proc/self/fdinfo/%d" % fd)
        assert read(program, b"/dev/fd/%d" % fd) == b"data"
        program.tree.unlink(b"/file")
        assert link(program, b"/proc/self/fd/%d" % fd) == b"/file (deleted)"
        assert read(program, b"/proc/self/fd/%d" % fd) == b"data"
        assert program.call(OPENAT, AT_FDCWD, b"/proc/self/fd/99", 0, 0) == -errno.ENOENT
        assert program.call(OPENAT, AT_FDCWD, b"/proc/self/fd/00", 0, 0) == -errno.ENOENT
        pair = program.room(8)
        program.call(PIPE2, pair, 0)
        reader, writer = program.word(pair), program.word(pair + 4)
        assert re.fullmatch(rb"pipe:\[\d+\]", link(program, b"/proc/self/fd/%d" % reader))
        other = program.call(OPENAT, AT_FDCWD, b"/proc/self/fd/%d" % writer, O_WRONLY, 0)
        assert program.call(WRITE, other, b"through", 7) == 7
        place = program.room(16)
        assert program.call(READ, reader, place, 16) == 7
        program.call(CLOSE, writer)
        program.call(CLOSE, other)
        assert program.call(READ, reader, place, 16) == 0

    linux(body)


def test_working_directory_in_proc_has_a_path() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        place = program.room(64)
        for path, shown in [
            (b"/proc/self/fd", b"/proc/1/fd"),
            (b"/proc/sys/kernel", b"/proc/sys/kernel"),
            (b"/proc/1/task/1", b"/proc/1/task/1"),
        ]:
            assert program.call(CHDIR, path) == 0
            assert program.get(place, program.call(GETCWD, place, 64) - 1) == shown
        assert link(program, b"/proc/self/cwd") == b"/proc/1/task/1"
        assert program.call(CHDIR, b"/proc/self/cwd/../..") == 0
        assert link(program, b"/proc/self/cwd") == b"/proc/1"

    linux(body)


def test_process_that_is_gone() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        opened: list[int] = []

        def child(other: Program) -> None:
            opened.append(other.task.process.pid)

        process = program.fork(child)
        fd = program.call(OPENAT, AT_FDCWD, b"/proc/%d/stat" % process.pid, 0, 0)
        directory = program.call(OPENAT, AT_FDCWD, b"/proc/%d" % process.pid, 0, 0)
        assert fd >= 0
        pid = process.pid
        del process
        assert program.call(260, pid, 0, 0, 0) == pid
        place = program.room(64)
        assert program.call(READ, fd, place, 64) == -errno.ESRCH
        assert program.call(OPENAT, directory, b"status", 0, 0) == -errno.ENOENT
        assert program.call(OPENAT, AT_FDCWD, b"/proc/%d/stat" % pid, 0, 0) == -errno.ENOENT

    linux(body)


def test_system_files() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        memory = dict(re.findall(rb"(\w+): +(\d+) kB\n", read(program, b"/proc/meminfo")))
        assert int(memory[b"MemTotal"]) == frames.total_frames() * 4
        assert re.fullmatch(rb"\d+\.\d\d \d+\.\d\d\n", read(program, b"/proc/uptime"))
        assert re.fullmatch(rb"\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+/\d+ \d+\n", read(program, b"/proc/loadavg"))
        times = rb"cpu  (\d+ ){9}\d+\ncpu0 (\d+ ){9}\d+\nintr [\d ]+\nctxt \d+\nbtime \d+\nprocesses \d+\n"
        assert re.match(times, read(program, b"/proc/stat"))
        assert b"nodev\ttmpfs\n" in read(program, b"/proc/filesystems")
        assert b"  1 mem\n" in read(program, b"/proc/devices")
        assert read(program, b"/proc/cpuinfo").startswith(b"processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc\n")
        uuid = read(program, b"/proc/sys/kernel/random/uuid")
        assert re.fullmatch(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n", uuid)
        assert read(program, b"/proc/sys/kernel/random/boot_id") == read(program, b"/proc/sys/kernel/random/boot_id")
        assert b"frames_free " in read(program, b"/proc/scarlet/memory")

    linux(body)


def test_settings_that_can_be_changed() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        fd = program.call(OPENAT, AT_FDCWD, b"/proc/sys/kernel/hostname", O_WRONLY | 0o1000, 0)
        assert program.call(WRITE, fd, b"other\n", 6) == 6
        assert read(program, b"/proc/sys/kernel/hostname") == b"other\n"
        fd = program.call(OPENAT, AT_FDCWD, b"/proc/sys/kernel/pid_max", O_WRONLY, 0)
        assert program.call(WRITE, fd, b"5\n", 2) == -errno.EINVAL
        assert program.call(WRITE, fd, b"40000\n", 6) == 6
        assert read(program, b"/proc/sys/kernel/pid_max") == b"40000\n"
        assert program.call(WRITE, fd, b"32768\n", 6) == 6
        program.task.credentials.set_user(1000)
        assert program.call(OPENAT, AT_FDCWD, b"/proc/sys/kernel/hostname", O_WRONLY, 0) == -errno.EACCES

    linux(body)


def test_others_see_no_handles_and_no_environment() -> None:
    def body(program: Program) -> None:
        mount_all(program)

        def child(other: Program) -> None:
            other.task.credentials.set_user(1000)
            failures.append(other.call(OPENAT, AT_FDCWD, b"/proc/1/fd", 0, 0))
            failures.append(other.call(OPENAT, AT_FDCWD, b"/proc/1/environ", 0, 0))
            failures.append(other.call(READLINKAT, AT_FDCWD, b"/proc/1/exe", other.room(64), 64))
            failures.append(other.call(OPENAT, AT_FDCWD, b"/proc/1/maps", 0, 0))
            failures.append(other.call(OPENAT, AT_FDCWD, b"/proc/1/status", 0, 0))

        failures: list[int] = []
        pid = program.fork(child).pid
        assert program.call(260, pid, 0, 0, 0) == pid
        assert failures[:4] == [-errno.EACCES] * 4
        assert failures[4] >= 0

    linux(body)
