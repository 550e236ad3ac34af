"""What a path means to an xv6 program: 14 bytes of each name count, and files with longer names of other ABIs can be reached."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xv6.support import (
    CHDIR,
    FSTAT,
    LINK,
    MKDIR,
    MKNOD,
    O_CREATE,
    O_RDONLY,
    O_RDWR,
    O_WRONLY,
    OPEN,
    READ,
    UNLINK,
    WRITE,
    Program,
    xv6,
)

LONG = b"a-name-of-more-than-fourteen-bytes"


def content(program: Program, path: bytes) -> bytes | None:
    fd = program.call(OPEN, path, O_RDONLY)
    if fd < 0:
        return None
    place = program.room(64)
    return program.get(place, program.call(READ, fd, place, 64))


def test_a_long_name_of_another_abi_is_reached_by_all_of_it_and_by_its_first_14_bytes() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/" + LONG, b"content")
        assert content(program, LONG) == b"content"
        assert content(program, LONG[:14]) == b"content"
        assert content(program, LONG[:20] + b"?") == b"content"
        assert content(program, LONG[:13]) is None

    xv6(body)


def test_the_exact_name_wins_over_those_that_begin_alike() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/" + LONG + b"1", b"one")
        program.tree.write(b"/" + LONG + b"2", b"two")
        program.tree.write(b"/" + LONG[:14], b"short")
        assert content(program, LONG + b"2") == b"two"
        assert content(program, LONG + b"1") == b"one"
        assert content(program, LONG + b"3") == b"short"

    xv6(body)


def test_long_directories_on_the_way_are_found() -> None:
    def body(program: Program) -> None:
        program.tree.mkdir(b"/" + LONG)
        program.tree.write(b"/" + LONG + b"/" + LONG, b"deep")
        assert content(program, LONG[:14] + b"/" + LONG[:14]) == b"deep"
        assert content(program, b"/" + LONG[:14] + b"//./" + LONG[:15]) == b"deep"
        assert program.call(CHDIR, LONG[:14]) == 0
        assert content(program, LONG[:14]) == b"deep"
        assert content(program, LONG[:14] + b"/x") is None

    xv6(body)


def test_a_new_file_has_a_name_of_14_bytes_unless_one_like_it_is_there() -> None:
    def body(program: Program) -> None:
        assert program.call(OPEN, LONG, O_CREATE | O_WRONLY) >= 0
        assert program.tree.names(b"/") == [LONG[:14]]
        program.tree.mkdir(b"/d")
        program.tree.write(b"/d/" + LONG, b"old")
        fd = program.call(OPEN, b"d/" + LONG[:14], O_CREATE | O_RDWR)
        assert program.call(WRITE, fd, b"new", 3) == 3
        assert program.tree.names(b"/d") == [LONG]
        assert program.call(MKDIR, b"d/" + LONG[:16]) == -1

    xv6(body)


@pytest.mark.parametrize("path", [b"f/", b"f//", b"./f", b"//f", b"d/../f", b"/./f/"])
def test_slashes_do_not_count(path: bytes) -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/f", b"x")
        program.tree.mkdir(b"/d")
        assert content(program, path) == b"x"

    xv6(body)


def test_an_empty_path_is_the_working_directory_but_no_name_for_anything_new() -> None:
    def body(program: Program) -> None:
        assert program.call(OPEN, b"", O_RDONLY) >= 0
        assert program.call(CHDIR, b"") == 0
        for number in (MKDIR, UNLINK, MKNOD):
            assert program.call(number, b"", 1, 1) == -1
        assert program.call(OPEN, b"", O_CREATE) == -1
        assert program.call(LINK, b"", b"x") == -1

    xv6(body)


def test_the_console_that_xv6_knows_is_the_console_of_all_abis() -> None:
    def body(program: Program) -> None:
        assert program.call(MKNOD, b"console", 1, 0) == 0
        assert program.tree.stat(b"/console").rdev == 5 << 8 | 1
        assert program.call(MKNOD, b"mem", 1 << 16 | 1, 3) == 0
        assert program.tree.stat(b"/mem").rdev >> 8 & 0xFFF >= 240, "never a device of this system"

    xv6(body)


def test_inode_numbers_have_16_bits_and_are_never_0() -> None:
    from abi_modules.xv6_riscv64.layouts import inode_number

    @given(st.integers(1, 1 << 63))
    @settings(max_examples=200, deadline=None)
    def holds(number: int) -> None:
        assert 1 <= inode_number(number) <= 0xFFFF
        assert number > 0xFFFF or inode_number(number) == number

    holds()


def test_what_a_linux_program_removes_or_renames_is_seen_at_once() -> None:
    def body(program: Program) -> None:
        program.tree.write(b"/f", b"x")
        fd = program.call(OPEN, b"f", O_RDONLY)
        program.tree.rename(b"/f", b"/g")
        assert content(program, b"g") == b"x"
        program.tree.unlink(b"/g")
        place = program.room(24)
        assert program.call(FSTAT, fd, place) == 0
        assert program.get(place + 10, 2) == b"\0\0", "no links are left"

    xv6(body)
