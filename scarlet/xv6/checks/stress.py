"""Many at once: processes that make, remove, link and write the same files, that fork, die and are killed in crowds."""

from typing import Final

from scarlet.lang import u64
from scarlet.machine.ecall import store_byte
from scarlet.xv6 import calls
from scarlet.xv6.checks.harness import (
    FAILURE,
    KILLED,
    Check,
    child,
    names_in,
    pattern,
    read_file,
    require,
    require_equal,
    write_file,
)

WORKERS: Final = 4
ROUNDS: Final = 25
PAGE: Final = 4096
MEGABYTE: Final = 1 << 20


def crowd(body: Check) -> None:
    """Four processes do the same."""
    for _ in range(WORKERS):
        pid = calls.fork()
        require(pid >= 0, "fork")
        if pid == 0:
            body()
            calls.exit(0)
    for _ in range(WORKERS):
        require_equal(calls.wait().status, 0, "a worker's status")


def files_are_made_and_removed_by_all() -> None:
    def work() -> None:
        for number in range(ROUNDS):
            name = b"f" + str(number % 5).encode()
            fd = calls.open(name, calls.O_RDWR | calls.O_CREATE)
            if fd >= 0:
                calls.write(fd, name)
                calls.close(fd)
            calls.unlink(name)

    crowd(work)
    require(names_in(b".") == [], "files are left")


def names_are_linked_and_removed_by_all() -> None:
    write_file(b"file", b"content")

    def work() -> None:
        for number in range(ROUNDS):
            calls.link(b"file", b"other")
            calls.mkdir(b"dir")
            fd = calls.open(b"other", calls.O_RDONLY)
            if fd >= 0:
                stat = calls.fstat(fd)
                if stat is None or stat.size != 7:
                    calls.exit(number + 1)
                calls.close(fd)
            calls.unlink(b"other")
            calls.unlink(b"dir")

    crowd(work)
    require(names_in(b".") == [b"file"], "names are left")
    fd = calls.open(b"file", calls.O_RDONLY)
    stat = calls.fstat(fd)
    require(stat is not None and stat.nlink == 1, "links")


def one_descriptor_is_written_by_all() -> None:
    fd = calls.open(b"file", calls.O_WRONLY | calls.O_CREATE)

    def work() -> None:
        for _ in range(ROUNDS):
            if calls.write(fd, b"0123456789") != 10:
                calls.exit(1)

    crowd(work)
    require(read_file(b"file") == b"0123456789" * (WORKERS * ROUNDS), "no write is lost, none is torn")


def everyone_writes_a_file_of_its_own() -> None:
    def work() -> None:
        me = calls.getpid()
        name = b"file" + str(me).encode()
        for size in (1, 1000, 5000, 30000):
            write_file(name, pattern(size, me))
            if read_file(name) != pattern(size, me):
                calls.exit(1)
        calls.unlink(name)

    crowd(work)


def a_crowd_shares_one_pipe() -> None:
    ends = calls.pipe()
    total = WORKERS * ROUNDS

    def work() -> None:
        for _ in range(ROUNDS):
            if calls.write(ends[1], bytes(100)) != 100:
                calls.exit(1)

    reader = calls.fork()
    if reader == 0:
        calls.close(ends[1])
        block = bytearray(300)
        received = 0
        count = calls.read(ends[0], block)
        while count > 0:
            received += count
            count = calls.read(ends[0], block)
        calls.exit(0 if received == total * 100 else 1)
    calls.close(ends[0])
    for _ in range(WORKERS):
        if calls.fork() == 0:
            work()
            calls.exit(0)
    calls.close(ends[1])
    for _ in range(WORKERS + 1):
        require_equal(calls.wait().status, 0, "status")


def killed_at_any_moment() -> None:
    for round_number in range(ROUNDS):
        pid = calls.fork()
        while pid == 0:
            calls.close(calls.open(b"file", calls.O_RDWR | calls.O_CREATE))
            calls.unlink(b"file")
        if round_number % 3 == 0:
            calls.sleep(1)
        require_equal(calls.kill(pid), 0, "kill")
        require_equal(calls.wait().status, KILLED, "status")


def children_are_left_behind() -> None:
    def abandon() -> None:
        for _ in range(5):
            if calls.fork() == 0:
                calls.exit(0)

    for _ in range(ROUNDS):
        require_equal(child(abandon), 0, "a parent that does not wait")
    require_equal(calls.wait().pid, FAILURE, "none of them is ours")


def programs_are_started_again_and_again() -> None:
    for number in range(ROUNDS):
        pid = calls.fork()
        if pid == 0:
            calls.close(1)
            calls.open(b"out", calls.O_WRONLY | calls.O_CREATE | calls.O_TRUNC)
            calls.exec(b"echo", [b"echo", str(number).encode()])
            calls.exit(99)
        require_equal(calls.wait().status, 0, "status")
        require(read_file(b"out") == str(number).encode() + b"\n", "output")


def memory_is_used_up_and_given_back() -> None:
    def use() -> None:
        while True:
            old = calls.sbrk(4 * MEGABYTE)
            if old < 0:
                return
            for page in range(0, 4 * MEGABYTE, 64 * PAGE):
                store_byte(u64(old + page), 1)

    for _ in range(3):
        require_equal(child(use), 0, "a process that takes all it can get")


def a_directory_can_be_deep() -> None:
    for _ in range(ROUNDS):
        require_equal(calls.mkdir(b"d"), 0, "mkdir")
        require_equal(calls.chdir(b"d"), 0, "chdir")
    write_file(b"bottom", b"here")
    require(read_file(b"../d/../../d/d/bottom") == b"here", "up and down")
    calls.unlink(b"bottom")
    for _ in range(ROUNDS):
        require_equal(calls.chdir(b".."), 0, "chdir ..")
        require_equal(calls.unlink(b"d"), 0, "unlink")


def a_removed_working_directory_holds_nothing_new() -> None:
    calls.mkdir(b"d")
    calls.chdir(b"d")
    require_equal(calls.unlink(b"../d"), 0, "unlink")
    require_equal(calls.open(b"x", calls.O_WRONLY | calls.O_CREATE), FAILURE, "create")
    require_equal(calls.mkdir(b"x"), FAILURE, "mkdir")
    require_equal(calls.open(b"x", calls.O_RDONLY), FAILURE, "open")
    require_equal(calls.chdir(b".."), 0, "the way out")


def entries_are_used_again() -> None:
    for round_number in range(5):
        for number in range(60):
            write_file(b"f" + str(number).encode(), str(round_number).encode())
        for number in range(0, 60, 2):
            require_equal(calls.unlink(b"f" + str(number).encode()), 0, "unlink")
        require_equal(len(names_in(b".")), 30, "names")
        require(read_file(b"f31") == str(round_number).encode(), "content")


CHECKS: Final[list[tuple[str, Check]]] = [
    ("files_are_made_and_removed_by_all", files_are_made_and_removed_by_all),
    ("names_are_linked_and_removed_by_all", names_are_linked_and_removed_by_all),
    ("one_descriptor_is_written_by_all", one_descriptor_is_written_by_all),
    ("everyone_writes_a_file_of_its_own", everyone_writes_a_file_of_its_own),
    ("a_crowd_shares_one_pipe", a_crowd_shares_one_pipe),
    ("killed_at_any_moment", killed_at_any_moment),
    ("children_are_left_behind", children_are_left_behind),
    ("programs_are_started_again_and_again", programs_are_started_again_and_again),
    ("memory_is_used_up_and_given_back", memory_is_used_up_and_given_back),
    ("a_directory_can_be_deep", a_directory_can_be_deep),
    ("a_removed_working_directory_holds_nothing_new", a_removed_working_directory_holds_nothing_new),
    ("entries_are_used_again", entries_are_used_again),
]
