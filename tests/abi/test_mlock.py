"""Locked memory: what it counts against RLIMIT_MEMLOCK, and what may not be done to it. (mlock(2))"""

import struct

from scarlet.lang.errno import EAGAIN, EBUSY, EINVAL, ENOMEM, EPERM
from tests.abi.support import Program, linux
from tests.abi.test_proc_files import mount_all, read
from tests.objects.support import wait

BRK, MUNMAP, MREMAP, MMAP, MSYNC, MLOCK, MUNLOCK, MLOCKALL, MUNLOCKALL, MINCORE, MADVISE, MLOCK2 = (
    214, 215, 216, 222, 227, 228, 229, 230, 231, 232, 233, 284,
)  # fmt: skip
PRLIMIT, SETRESUID = 261, 147
RLIMIT_MEMLOCK, MEMORY, LOCKED, MAYMOVE, FIXED, DONTUNMAP = 8, 0x22, 0x2000, 1, 2, 4
CURRENT, FUTURE, ONFAULT = 1, 2, 4
PAGE = 4096


def limited(program: Program, pages: int) -> None:
    """Become a user who may lock so many pages."""
    assert program.call(PRLIMIT, 0, RLIMIT_MEMLOCK, program.put(struct.pack("<QQ", pages * PAGE, pages * PAGE)), 0) == 0
    assert program.call(SETRESUID, 1000, 1000, 1000) == 0


def new(program: Program, pages: int, flags: int = 0, protection: int = 3) -> int:
    return program.call(MMAP, 0, pages * PAGE, protection, MEMORY | flags, -1, 0)


def locked_kib(program: Program) -> int:
    line = next(line for line in read(program, b"/proc/self/status").split(b"\n") if line.startswith(b"VmLck:"))
    return int(line.split()[1])


def present(program: Program, address: int, pages: int) -> bytes:
    place = program.room(pages)
    assert program.call(MINCORE, address, pages * PAGE, place) == 0
    return program.get(place, pages)


def test_all_that_is_locked_counts_once() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        limited(program, 4)
        first, second = new(program, 4), new(program, 4)
        assert program.call(MLOCK, first, 3 * PAGE) == 0
        assert present(program, first, 4) == b"\1\1\1\0"
        assert program.call(MLOCK, second + 1, PAGE) == -ENOMEM, "it touches two pages"
        assert program.call(MLOCK, first + PAGE, 3 * PAGE) == 0, "two of them are locked already"
        assert locked_kib(program) == 16
        assert new(program, 1, LOCKED) == -EAGAIN
        assert program.call(MUNLOCK, first, PAGE) == 0
        assert program.call(MUNMAP, first + PAGE, PAGE) == 0
        assert locked_kib(program) == 8
        third = new(program, 2, LOCKED)
        assert present(program, third, 2) == b"\1\1"
        assert program.call(MREMAP, third, 2 * PAGE, 3 * PAGE, MAYMOVE, 0) == -EAGAIN
        assert program.call(MUNLOCKALL) == 0
        assert locked_kib(program) == 0
        assert program.call(MLOCKALL, CURRENT) == -ENOMEM, "more is mapped than may be locked"

    linux(body)


def test_nothing_may_be_locked() -> None:
    def body(program: Program) -> None:
        limited(program, 0)
        place = new(program, 1)
        assert program.call(MLOCK, place, PAGE) == -EPERM
        assert program.call(MLOCKALL, FUTURE) == -EPERM
        assert new(program, 1, LOCKED) == -EPERM
        assert program.call(MUNLOCK, place, PAGE) == 0

    linux(body)


def test_a_lock_goes_with_its_pages() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        place = new(program, 4)
        assert program.call(MLOCK, place + PAGE, PAGE) == 0
        moved = program.call(MREMAP, place + PAGE, PAGE, 3 * PAGE, MAYMOVE, 0)
        assert moved not in (place + PAGE, -EAGAIN)
        assert locked_kib(program) == 12
        assert present(program, moved, 3) == b"\1\1\1", "what was added is there, too"
        left = program.call(MREMAP, moved, 3 * PAGE, 3 * PAGE, MAYMOVE | DONTUNMAP, 0)
        assert left != moved
        assert locked_kib(program) == 12, "what stays behind is empty, and not locked"

        found: list[int] = []
        program.fork(lambda child: found.append(locked_kib(child)))
        wait(program.task)
        assert found == [0], "children are born without"

    linux(body)


def test_memory_of_the_future_is_locked() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        assert program.call(MLOCKALL, FUTURE) == 0
        assert locked_kib(program) == 0
        place = new(program, 2)
        assert present(program, place, 2) == b"\1\1"
        end = program.call(BRK, 0)
        assert program.call(BRK, end + 2 * PAGE) == end + 2 * PAGE
        assert present(program, end, 2) == b"\1\1"
        assert program.call(MLOCKALL, FUTURE | ONFAULT) == 0
        later = new(program, 2)
        assert present(program, later, 2) == b"\0\0"
        assert locked_kib(program) == 24
        assert program.call(MUNLOCKALL) == 0
        new(program, 2)
        assert locked_kib(program) == 0

    linux(body)


def test_brk_stops_at_the_limit() -> None:
    def body(program: Program) -> None:
        limited(program, 2)
        assert program.call(MLOCKALL, FUTURE) == 0
        end = program.call(BRK, 0)
        assert program.call(BRK, end + 3 * PAGE) == end
        assert program.call(BRK, end + 2 * PAGE) == end + 2 * PAGE

    linux(body)


def test_locked_pages_are_not_dropped() -> None:
    def body(program: Program) -> None:
        place = new(program, 3)
        assert program.call(MLOCK2, place + PAGE, PAGE, 1) == 0
        assert present(program, place, 3) == bytes(3)
        for advice in (4, 8, 9, 20, 21):
            assert program.call(MADVISE, place, 3 * PAGE, advice) == -EINVAL, advice
        assert program.call(MADVISE, place, 3 * PAGE, 24) == 0
        assert program.call(MADVISE, place, PAGE, 4) == 0
        assert program.call(MSYNC, place, PAGE, 2) == 0
        assert program.call(MSYNC, place, 2 * PAGE, 2) == -EBUSY

    linux(body)


def test_what_is_in_front_of_a_gap_is_locked() -> None:
    def body(program: Program) -> None:
        mount_all(program)
        place = new(program, 3)
        program.call(MUNMAP, place + PAGE, PAGE)
        assert program.call(MLOCK, place, 3 * PAGE) == -ENOMEM
        assert locked_kib(program) == 4
        assert program.call(MLOCK, place, 1 << 62) == -ENOMEM
        assert program.call(MLOCK, place, (1 << 64) - PAGE) == -EINVAL
        forbidden = new(program, 1, protection=0)
        assert program.call(MLOCK, forbidden, PAGE) == -ENOMEM

    linux(body)
