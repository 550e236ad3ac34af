"""Memory through Linux system calls: brk, mmap and their relatives."""

import struct

import pytest

from objects.object import Rights
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import u64
from scarlet.lang.errno import EACCES, EBADF, EEXIST, EFAULT, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP
from tests.abi.support import MEMORY_BASE, Program, linux
from tests.vfs.support import outcome

BRK, MUNMAP, MREMAP, MMAP, MPROTECT, MSYNC, MLOCK, MINCORE, MADVISE = 214, 215, 216, 222, 226, 227, 228, 232, 233
MLOCKALL, MLOCK2, MEMBARRIER, WAIT4 = 230, 284, 283, 260
READ, WRITE, EXEC = 1, 2, 4
SHARED, PRIVATE, SHARED_VALIDATE, FIXED, ANONYMOUS = 1, 2, 3, 0x10, 0x20
GROWSDOWN, POPULATE, HUGETLB, SYNC, NOREPLACE = 0x100, 0x8000, 0x40000, 0x80000, 0x100000
MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_MERGEABLE = 4, 8, 9, 12
MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK = 10, 11, 18, 19
PAGE = 4096
PLACE = 0x4000000


def anonymous(program: Program, pages: int, protection: int = READ | WRITE, address: int = 0, flags: int = PRIVATE | ANONYMOUS) -> int:
    return program.call(MMAP, address, pages * PAGE, protection, flags, -1, 0)


@pytest.mark.parametrize(
    ("number", "arguments", "expected"),
    [
        (MMAP, (0, 0, READ, PRIVATE | ANONYMOUS, -1, 0), -EINVAL),
        (MMAP, (0, PAGE, READ, ANONYMOUS, -1, 0), -EINVAL),
        (MMAP, (0, PAGE, READ, PRIVATE | ANONYMOUS, -1, 1), -EINVAL),
        (MMAP, (0, PAGE, READ, PRIVATE, -1, 0), -EBADF),
        (MMAP, (0, PAGE, READ, PRIVATE, 99, 0), -EBADF),
        (MMAP, (0, PAGE, READ, PRIVATE | ANONYMOUS | HUGETLB, -1, 0), -EINVAL),
        (MMAP, (0, PAGE, READ, SHARED_VALIDATE | ANONYMOUS | SYNC, -1, 0), -EOPNOTSUPP),
        (MMAP, (0, PAGE, READ, SHARED | ANONYMOUS | GROWSDOWN, -1, 0), -EINVAL),
        (MMAP, (MEMORY_BASE + 1, PAGE, READ, PRIVATE | ANONYMOUS | FIXED, -1, 0), -EINVAL),
        (MMAP, (MEMORY_BASE, PAGE, READ, PRIVATE | ANONYMOUS | NOREPLACE, -1, 0), -EEXIST),
        (MMAP, (0, 1 << 40, READ, PRIVATE | ANONYMOUS, -1, 0), -ENOMEM),
        (MMAP, (1 << 63, PAGE, READ, PRIVATE | ANONYMOUS | FIXED, -1, 0), -ENOMEM),
        (MUNMAP, (MEMORY_BASE + 1, PAGE), -EINVAL),
        (MUNMAP, (MEMORY_BASE, 0), -EINVAL),
        (MUNMAP, (PLACE, PAGE), 0),
        (MPROTECT, (MEMORY_BASE, PAGE, 16), -EINVAL),
        (MPROTECT, (MEMORY_BASE + 1, PAGE, READ), -EINVAL),
        (MPROTECT, (PLACE, PAGE, READ), -ENOMEM),
        (MREMAP, (MEMORY_BASE, PAGE, PAGE, 8, 0), -EINVAL),
        (MREMAP, (MEMORY_BASE, PAGE, PAGE, 2, PLACE), -EINVAL),
        (MREMAP, (PLACE, PAGE, PAGE, 1, 0), -EFAULT),
        (MSYNC, (MEMORY_BASE, PAGE, 5), -EINVAL),
        (MSYNC, (PLACE, PAGE, 4), -ENOMEM),
        (MSYNC, (MEMORY_BASE, PAGE, 4), 0),
        (MLOCK, (PLACE, PAGE), -ENOMEM),
        (MLOCK, (MEMORY_BASE + 5, PAGE), 0),
        (MLOCK2, (MEMORY_BASE, PAGE, 2), -EINVAL),
        (MLOCKALL, (0,), -EINVAL),
        (MLOCKALL, (4,), -EINVAL),
        (MADVISE, (MEMORY_BASE, PAGE, MADV_MERGEABLE), -EINVAL),
        (MADVISE, (MEMORY_BASE, PAGE, 999), -EINVAL),
        (MADVISE, (PLACE, PAGE, 3), -ENOMEM),
        (MINCORE, (MEMORY_BASE + 1, PAGE, MEMORY_BASE), -EINVAL),
        (MEMBARRIER, (0, 0, 0), 0),
        (MEMBARRIER, (8, 0, 0), -EINVAL),
    ],
)
def test_result(number: int, arguments: tuple[int, ...], expected: int) -> None:
    def body(program: Program) -> None:
        assert program.call(number, *arguments) == expected

    linux(body)


def test_heap_grows_and_shrinks() -> None:
    def body(program: Program) -> None:
        program.task.space.start_break(PLACE)
        assert program.call(BRK, 0) == PLACE
        assert program.call(BRK, PLACE + 5000) == PLACE + 5000
        store_bytes(program.task.space, u64(PLACE + 4999), b"x")
        assert program.call(BRK, PLACE - 1) == PLACE + 5000
        assert program.call(BRK, 1 << 50) == PLACE + 5000
        assert program.call(BRK, PLACE + 100) == PLACE + 100
        assert outcome(load_bytes, program.task.space, u64(PLACE + PAGE), 1) == "EFAULT"

    linux(body)


def test_protection_is_enforced() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 3)
        space = program.task.space
        assert program.call(MPROTECT, place + PAGE, PAGE, READ) == 0
        assert outcome(store_bytes, space, u64(place), b"x") == "ok"
        assert outcome(store_bytes, space, u64(place + PAGE), b"x") == "EFAULT"
        assert outcome(store_bytes, space, u64(place + 2 * PAGE), b"x") == "ok"
        assert program.call(MPROTECT, place, 3 * PAGE, 0) == 0
        assert outcome(load_bytes, space, u64(place), 1) == "EFAULT"
        assert program.call(MPROTECT, place, PAGE, WRITE) == 0
        assert load_bytes(space, u64(place), 1) == b"x", "what can be written can be read"

    linux(body)


def test_private_file_mapping_keeps_its_changes_to_itself_and_shared_does_not() -> None:
    def body(program: Program) -> None:
        tree, space = program.tree, program.task.space
        tree.write(b"/file", b"A" * PAGE + b"tail")
        slot = program.task.handles.allocate(tree.open(b"/file", Rights.READ | Rights.WRITE), Rights.READ | Rights.WRITE)
        private = program.call(MMAP, 0, 2 * PAGE, READ | WRITE, PRIVATE, slot, 0)
        shared = program.call(MMAP, 0, PAGE, READ | WRITE, SHARED, slot, PAGE)
        assert load_bytes(space, u64(private + PAGE - 1), 6) == b"Atail\0"
        store_bytes(space, u64(private), b"B")
        store_bytes(space, u64(shared), b"T")
        assert tree.read(b"/file")[:1] == b"A" and tree.read(b"/file")[PAGE:] == b"Tail"

    linux(body)


def test_rights_of_the_descriptor_bound_the_mapping() -> None:
    def body(program: Program) -> None:
        tree = program.tree
        tree.write(b"/file", b"x")
        slot = program.task.handles.allocate(tree.open(b"/file"), Rights.READ)
        writer = program.task.handles.allocate(tree.open(b"/file", Rights.WRITE), Rights.WRITE)
        directory = program.task.handles.allocate(tree.open(b"/"), Rights.READ)
        assert program.call(MMAP, 0, PAGE, READ | WRITE, SHARED, slot, 0) == -EACCES
        assert program.call(MMAP, 0, PAGE, READ, PRIVATE, writer, 0) == -EACCES
        assert program.call(MMAP, 0, PAGE, READ, PRIVATE, directory, 0) == -ENODEV
        place = program.call(MMAP, 0, PAGE, READ, SHARED, slot, 0)
        assert program.call(MPROTECT, place, PAGE, READ | WRITE) == -EACCES

    linux(body)


def test_mremap_moves_contents() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 1)
        wall = anonymous(program, 1, address=place + PAGE, flags=PRIVATE | ANONYMOUS | FIXED)
        store_bytes(program.task.space, u64(place), b"moved")
        assert program.call(MREMAP, place, PAGE, 2 * PAGE, 0, 0) == -ENOMEM
        new = program.call(MREMAP, place, PAGE, 2 * PAGE, 1, 0)
        assert new not in (place, wall) and load_bytes(program.task.space, u64(new), 5) == b"moved"
        assert outcome(load_bytes, program.task.space, u64(place), 1) == "EFAULT"

    linux(body)


def test_dontneed_forgets_and_mincore_tells() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 2)
        store_bytes(program.task.space, u64(place), b"x")
        vector = program.put(b"\xff\xff\xff")
        assert program.call(MINCORE, place, 2 * PAGE, vector) == 0
        assert program.get(vector, 3) == b"\1\0\xff"
        assert program.call(MADVISE, place, 2 * PAGE, MADV_DONTNEED) == 0
        assert load_bytes(program.task.space, u64(place), 1) == b"\0"
        store_bytes(program.task.space, u64(place), b"x")
        assert program.call(MADVISE, place, PAGE, MADV_FREE) == 0

    linux(body)


def test_free_advice_is_for_private_anonymous_memory() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 1, flags=SHARED | ANONYMOUS)
        assert program.call(MADVISE, place, PAGE, MADV_FREE) == -EINVAL

    linux(body)


def test_populate_fetches_pages() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 4, flags=PRIVATE | ANONYMOUS | POPULATE)
        vector = program.room(4)
        assert program.call(MINCORE, place, 4 * PAGE, vector) == 0
        assert program.get(vector, 4) == b"\1\1\1\1"

    linux(body)


def test_shared_anonymous_memory_is_shared_with_a_child() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 1, flags=SHARED | ANONYMOUS)

        def child_body(child: Program) -> None:
            store_bytes(child.task.space, u64(place), struct.pack("<I", 0x1234))

        child = program.fork(child_body)
        assert program.call(260, child.pid, 0, 0, 0) == child.pid
        assert program.word(place) == 0x1234

    linux(body)


def test_what_a_child_gets_of_memory_is_as_advised() -> None:
    seen: list[bytes] = []

    def body(program: Program) -> None:
        place = anonymous(program, 4)
        store_bytes(program.task.space, u64(place), b"x" * 4 * PAGE)
        assert program.call(MADVISE, place + PAGE, PAGE, MADV_DONTFORK) == 0
        assert program.call(MADVISE, place + 2 * PAGE, 2 * PAGE, MADV_WIPEONFORK) == 0
        assert program.call(MADVISE, place + 3 * PAGE, PAGE, MADV_DONTFORK) == 0
        assert program.call(MADVISE, place + 3 * PAGE, PAGE, MADV_KEEPONFORK) == 0
        assert program.call(MADVISE, place + 3 * PAGE, PAGE, MADV_DOFORK) == 0
        pages = program.task.space.mapped_pages

        def look(child: Program) -> None:
            seen.extend([child.get(place + index * PAGE, 1) for index in (0, 2, 3)])
            assert outcome(child.get, place + PAGE, 1) == "EFAULT"
            assert child.task.space.mapped_pages == pages - 1

        program.call(WAIT4, program.fork(look).pid, 0, 0, 0)
        assert seen == [b"x", b"\0", b"x"]
        assert program.get(place, 4 * PAGE) == b"x" * 4 * PAGE

    linux(body)


def test_only_private_anonymous_memory_is_wiped_on_fork() -> None:
    def body(program: Program) -> None:
        place = anonymous(program, 1, flags=SHARED | ANONYMOUS)
        assert program.call(MADVISE, place, PAGE, MADV_WIPEONFORK) == -EINVAL
        assert program.call(MADVISE, place, PAGE, MADV_DONTFORK) == 0

    linux(body)


def test_removing_pages_makes_a_hole_in_the_file() -> None:
    def body(program: Program) -> None:
        both = Rights.READ | Rights.WRITE
        program.tree.write(b"/f", b"x" * 3 * PAGE)
        writable = program.task.handles.allocate(program.tree.open(b"/f", both), both)
        readable = program.task.handles.allocate(program.tree.open(b"/f", Rights.READ), Rights.READ)
        place = program.call(MMAP, 0, 2 * PAGE, READ | WRITE, SHARED, writable, PAGE)
        store_bytes(program.task.space, u64(place), b"y")
        assert program.call(MADVISE, place, PAGE, MADV_REMOVE) == 0
        assert load_bytes(program.task.space, u64(place), PAGE + 1) == bytes(PAGE) + b"x"
        assert program.tree.read(b"/f") == b"x" * PAGE + bytes(PAGE) + b"x" * PAGE
        private = program.call(MMAP, 0, PAGE, READ | WRITE, PRIVATE, writable, 0)
        fixed = program.call(MMAP, 0, PAGE, READ, SHARED, readable, 0)
        assert program.call(MADVISE, private, PAGE, MADV_REMOVE) == -EACCES
        assert program.call(MADVISE, fixed, PAGE, MADV_REMOVE) == -EACCES
        assert program.call(MADVISE, anonymous(program, 1), PAGE, MADV_REMOVE) == -EINVAL

    linux(body)
