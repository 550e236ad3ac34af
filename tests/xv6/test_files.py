"""Files, directories and descriptors as xv6 programs find them."""

from objects.object import Rights, Status
from objects.unnamedpipe import make_pipe
from tests.xv6.support import CLOSE, DUP, FSTAT, MKDIR, O_CREATE, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, OPEN, PIPE, READ, WRITE, Program, xv6

LIMIT = 268 * 1024


def read(program: Program, fd: int, count: int) -> bytes:
    place = program.room(count)
    done = program.call(READ, fd, place, count)
    assert done >= 0
    return program.get(place, done)


def write(program: Program, fd: int, data: bytes) -> int:
    return program.call(WRITE, fd, program.put(data), len(data))


def test_a_write_behind_the_end_fails_and_leaves_no_hole() -> None:
    def body(program: Program) -> None:
        fd = program.call(OPEN, b"f", O_RDWR | O_CREATE)
        assert write(program, fd, b"content") == 7
        program.call(OPEN, b"f", O_RDONLY | O_TRUNC)
        assert write(program, fd, b"x") == -1
        assert program.tree.read(b"/f") == b""
        program.tree.write(b"/f", b"1234567")
        assert write(program, fd, b"x") == 1
        assert program.tree.read(b"/f") == b"1234567x"

    xv6(body)


def test_a_file_ends_at_268_blocks_and_the_write_that_does_not_fit_fails() -> None:
    def body(program: Program) -> None:
        fd = program.call(OPEN, b"f", O_WRONLY | O_CREATE)
        place = program.put(b"x" * 0x10000)
        for _ in range(4):
            assert program.call(WRITE, fd, place, 0x10000) == 0x10000
        assert program.call(WRITE, fd, place, 0x10000) == -1
        assert program.tree.stat(b"/f").size == LIMIT
        assert program.call(WRITE, fd, place, 1) == -1

    xv6(body)


def test_entries_read_in_part_go_on_where_they_stopped_in_every_duplicate() -> None:
    def body(program: Program) -> None:
        program.call(MKDIR, b"d")
        program.tree.write(b"/d/name", b"")
        fd = program.call(OPEN, b"d", O_RDONLY)
        whole = read(program, program.call(OPEN, b"d", O_RDONLY), 100)
        assert len(whole) == 48
        assert whole[2:4] == b".\0" and whole[18:21] == b"..\0" and whole[34:39] == b"name\0"
        other = program.call(DUP, fd)
        pieces = read(program, fd, 3) + read(program, other, 20) + read(program, fd, 100)
        assert pieces == whole
        assert read(program, other, 16) == b""

    xv6(body)


def test_a_bad_address_does_not_move_the_place_in_a_directory() -> None:
    def body(program: Program) -> None:
        fd = program.call(OPEN, b"/", O_RDONLY)
        assert program.call(READ, fd, 1 << 37, 16) == -1
        assert read(program, fd, 16)[2:4] == b".\0"

    xv6(body)


def test_a_directory_that_another_abi_opened_is_read_as_entries() -> None:
    def body(program: Program) -> None:
        opened = program.tree.open(b"/", Rights.READ)
        fd = program.task.handles.allocate(opened, Rights.READ)
        assert read(program, fd, 16)[2:4] == b".\0"

    xv6(body)


def test_descriptors_beyond_the_limit_stay_usable_but_are_not_given() -> None:
    def body(program: Program) -> None:
        ends = make_pipe(Status.NONE)
        handles = program.task.handles
        handles.limit = 1024
        high = handles.allocate(ends[1], Rights.WRITE, lowest=40)
        program.task.process.apply_limits()
        assert write(program, high, b"x") == 1
        fds = [program.call(DUP, high) for _ in range(17)]
        assert fds == [*range(16), -1]
        assert program.call(CLOSE, high) == 0

    xv6(body)


def test_a_pipe_that_cannot_tell_its_descriptors_keeps_none() -> None:
    def body(program: Program) -> None:
        assert program.call(PIPE, (1 << 38) - 4) == -1
        assert program.call(PIPE, 1 << 37) == -1
        assert len(program.task.handles) == 0

    xv6(body)


def test_negative_counts_move_nothing() -> None:
    def body(program: Program) -> None:
        fd = program.call(OPEN, b"f", O_RDWR | O_CREATE)
        assert program.call(READ, fd, 0, -1) == 0
        assert program.call(WRITE, fd, 0, -1) == -1
        assert program.call(WRITE, fd, 0, 0) == 0

    xv6(body)


def test_fstat_shows_size_of_a_directory_as_it_reads() -> None:
    def body(program: Program) -> None:
        for number in range(300):
            program.tree.write(b"/f%d" % number, b"")
        fd = program.call(OPEN, b"/", O_RDONLY)
        place = program.room(24)
        assert program.call(FSTAT, fd, place) == 0
        assert int.from_bytes(program.get(place + 16, 8), "little") == 302 * 16

    xv6(body)
