"""open, close, dup, read, write, fstat, pipe, and the limits of files."""

from typing import Final

from scarlet.machine.ecall import address_of, address_of_array
from scarlet.xv6 import calls
from scarlet.xv6.checks.harness import (
    BAD_ADDRESSES,
    FAILURE,
    Check,
    child,
    ecall,
    free_descriptors,
    pattern,
    read_file,
    read_rest,
    require,
    require_equal,
    write_file,
)

MAX_FILES: Final = 16
BLOCK: Final = 1024
MAX_BLOCKS: Final = 268
FAR_MORE_THAN_A_PIPE_HOLDS: Final = 300_000


def open_of_what_is_missing_fails() -> None:
    for mode in (calls.O_RDONLY, calls.O_WRONLY, calls.O_RDWR, calls.O_TRUNC):
        require_equal(calls.open(b"missing", mode), FAILURE, f"mode {mode}")
    require_equal(calls.open(b"missing/x", calls.O_RDWR | calls.O_CREATE), FAILURE, "below what is missing")


def create_makes_and_finds() -> None:
    write_file(b"a", b"content")
    fd = calls.open(b"a", calls.O_RDWR | calls.O_CREATE)
    require(read_rest(fd) == b"content", "O_CREATE of an existing file keeps it")
    calls.close(fd)


def trunc_empties_even_when_reading() -> None:
    for mode in (calls.O_WRONLY, calls.O_RDWR, calls.O_RDONLY):
        write_file(b"a", b"content")
        calls.close(calls.open(b"a", mode | calls.O_TRUNC))
        require(read_file(b"a") == b"", f"mode {mode}")


def the_mode_limits_reading_and_writing() -> None:
    write_file(b"a", b"content")
    byte = bytearray(1)
    reading = calls.open(b"a", calls.O_RDONLY)
    require_equal(calls.write(reading, b"x"), FAILURE, "writing a file that is open for reading")
    writing = calls.open(b"a", calls.O_WRONLY)
    require_equal(calls.read(writing, byte), FAILURE, "reading a file that is open for writing")
    both = calls.open(b"a", calls.O_RDWR)
    require_equal(calls.read(both, byte), 1, "reading")
    require_equal(calls.write(both, b"x"), 1, "writing")
    three = calls.open(b"a", calls.O_RDWR | calls.O_WRONLY)
    require_equal(calls.read(three, byte), FAILURE, "O_WRONLY wins over O_RDWR for reading")
    require_equal(calls.write(three, b"x"), 1, "and writing is allowed")
    require(read_file(b"a") == b"xxntent", "content")


def directories_are_read_only() -> None:
    calls.mkdir(b"d")
    for mode in (calls.O_WRONLY, calls.O_RDWR, calls.O_CREATE, calls.O_TRUNC, calls.O_CREATE | calls.O_RDWR):
        require_equal(calls.open(b"d", mode), FAILURE, f"mode {mode}")
    fd = calls.open(b"d", calls.O_RDONLY)
    require(fd >= 0, "O_RDONLY")
    require_equal(calls.write(fd, b"x"), FAILURE, "write")


def the_lowest_descriptor_is_given() -> None:
    write_file(b"a", b"content")
    fds = [calls.open(b"a", calls.O_RDONLY) for _ in range(3)]
    require(fds[1] == fds[0] + 1 and fds[2] == fds[0] + 2, "in a row")
    calls.close(fds[1])
    require_equal(calls.dup(fds[2]), fds[1], "dup into the gap")
    calls.close(fds[0])
    require_equal(calls.open(b"a", calls.O_RDONLY), fds[0], "open into the gap")
    calls.close(fds[0])
    require_equal(calls.pipe()[0], fds[0], "pipe into the gap")


def duplicates_share_the_offset() -> None:
    write_file(b"a", b"abcdef")
    fd = calls.open(b"a", calls.O_RDONLY)
    other = calls.dup(fd)
    byte = bytearray(1)
    calls.read(fd, byte)
    calls.read(other, byte)
    require(byte == b"b", "dup")
    require_equal(child(lambda: require_equal(calls.read(fd, bytearray(2)), 2, "read in the child")), 0, "child")
    calls.read(other, byte)
    require(byte == b"e", "fork")
    calls.close(fd)
    require_equal(calls.read(other, byte), 1, "the duplicate stays open")


def bad_descriptors_fail() -> None:
    for fd in (-1, 10, MAX_FILES, 100, 0x7FFFFFFF, -0x80000000):
        require_equal(calls.read(fd, bytearray(1)), FAILURE, f"read({fd})")
        require_equal(calls.write(fd, b"x"), FAILURE, f"write({fd})")
        require_equal(calls.close(fd), FAILURE, f"close({fd})")
        require_equal(calls.dup(fd), FAILURE, f"dup({fd})")
        require(calls.fstat(fd) is None, f"fstat({fd})")


def close_works_once() -> None:
    fd = calls.dup(1)
    require_equal(calls.close(fd), 0, "close")
    require_equal(calls.close(fd), FAILURE, "close again")


def there_are_16_descriptors() -> None:
    write_file(b"a", b"")
    count = free_descriptors()
    require(0 < count <= MAX_FILES - 3, f"{count} descriptors are free")
    fds = [calls.open(b"a", calls.O_RDONLY) for _ in range(count)]
    require_equal(max(fds), MAX_FILES - 1, "the highest one")
    require_equal(calls.open(b"a", calls.O_RDONLY), FAILURE, "one more open")
    require_equal(calls.dup(0), FAILURE, "one more dup")
    require_equal(calls.open(b"b", calls.O_WRONLY | calls.O_CREATE), FAILURE, "one more create")
    calls.close(fds[0])
    require(calls.pipe()[0] < 0, "a pipe with one descriptor left")
    require_equal(free_descriptors(), 1, "the failed pipe took none")


def a_file_has_268_blocks() -> None:
    fd = calls.open(b"big", calls.O_RDWR | calls.O_CREATE)
    for number in range(MAX_BLOCKS):
        require_equal(calls.write(fd, number.to_bytes(4, "little") * (BLOCK // 4)), BLOCK, f"block {number}")
    require_equal(calls.write(fd, b"x"), FAILURE, "one byte more")
    calls.close(fd)
    fd = calls.open(b"big", calls.O_RDONLY)
    block = bytearray(BLOCK)
    for number in range(MAX_BLOCKS):
        require_equal(calls.read(fd, block), BLOCK, f"reading block {number}")
        require(bytes(block[:4]) == number.to_bytes(4, "little"), f"content of block {number}")
    require_equal(calls.read(fd, block), 0, "the end")
    stat = calls.fstat(fd)
    require(stat is not None and stat.size == MAX_BLOCKS * BLOCK, "size")


def a_write_that_is_cut_short_fails() -> None:
    fd = calls.open(b"big", calls.O_WRONLY | calls.O_CREATE)
    block = bytes(64 * BLOCK)
    for _ in range(4):
        require_equal(calls.write(fd, block), len(block), "write")
    require_equal(calls.write(fd, block), FAILURE, "the write that reaches the limit")


def a_file_has_no_holes() -> None:
    fd = calls.open(b"a", calls.O_RDWR | calls.O_CREATE)
    calls.write(fd, b"content")
    calls.close(calls.open(b"a", calls.O_WRONLY | calls.O_TRUNC))
    require_equal(calls.write(fd, b"x"), FAILURE, "write behind the end")
    require_equal(calls.read(fd, bytearray(1)), 0, "read behind the end")
    write_file(b"a", b"longer content")
    require_equal(calls.write(fd, b"X"), 1, "write where the file has grown to")
    require(read_file(b"a") == b"longer Xontent", "content")


def reading_and_writing_nothing() -> None:
    write_file(b"a", b"content")
    fd = calls.open(b"a", calls.O_RDWR)
    require_equal(calls.read(fd, bytearray(0)), 0, "read")
    require_equal(calls.write(fd, b""), 0, "write")
    require_equal(ecall(calls.SYS_READ, fd, 0, 0), 0, "read to a null pointer")
    require(read_rest(fd) == b"content", "the offset has not moved")


def bad_addresses_fail() -> None:
    write_file(b"a", b"content")
    ends = calls.pipe()
    before = free_descriptors()
    for address in BAD_ADDRESSES:
        fd = calls.open(b"a", calls.O_RDWR)
        require(ecall(calls.SYS_READ, fd, address, 8192) <= 0, f"read to 0x{address:x}")
        require(ecall(calls.SYS_WRITE, fd, address, 8192) <= 0, f"write from 0x{address:x}")
        require(ecall(calls.SYS_WRITE, ends[1], address, 8192) <= 0, f"write from 0x{address:x} to a pipe")
        require_equal(calls.write(ends[1], b"x"), 1, "write to the pipe")
        require(ecall(calls.SYS_READ, ends[0], address, 8192) <= 0, f"read to 0x{address:x} from a pipe")
        require_equal(ecall(calls.SYS_FSTAT, fd, address), FAILURE, f"fstat to 0x{address:x}")
        require_equal(ecall(calls.SYS_OPEN, address, 0), FAILURE, f"open of 0x{address:x}")
        require_equal(ecall(calls.SYS_PIPE, address), FAILURE, f"pipe to 0x{address:x}")
        calls.close(fd)
    require_equal(free_descriptors(), before, "no descriptor is lost")
    require(read_file(b"a") == b"content", "the file is untouched")


def fstat_tells_what_a_file_is() -> None:
    write_file(b"a", b"content")
    fd = calls.open(b"a", calls.O_RDONLY)
    stat = calls.fstat(fd)
    require(stat is not None and stat.type == calls.T_FILE and stat.size == 7 and stat.nlink == 1 and stat.ino != 0, "a file")
    calls.link(b"a", b"b")
    stat = calls.fstat(fd)
    require(stat is not None and stat.nlink == 2, "links")
    calls.mkdir(b"d")
    stat = calls.fstat(calls.open(b"d", calls.O_RDONLY))
    require(stat is not None and stat.type == calls.T_DIR, "a directory")


def fstat_of_a_pipe_fails() -> None:
    ends = calls.pipe()
    require(calls.fstat(ends[0]) is None and calls.fstat(ends[1]) is None, "fstat")


# --- pipes ------------------------------------------------------------------------------------------------------------------


def a_pipe_carries_everything_in_order() -> None:
    data = pattern(FAR_MORE_THAN_A_PIPE_HOLDS, 3)
    ends = calls.pipe()
    pid = calls.fork()
    if pid == 0:
        calls.close(ends[0])
        for start in range(0, len(data), 5000):
            part = data[start : start + 5000]
            if calls.write(ends[1], part) != len(part):
                calls.exit(1)
        calls.exit(0)
    calls.close(ends[1])
    require(read_rest(ends[0]) == data, "what came out")
    require_equal(calls.wait().status, 0, "the writer")


def one_large_write_to_a_pipe_is_complete() -> None:
    data = pattern(FAR_MORE_THAN_A_PIPE_HOLDS, 5)
    ends = calls.pipe()
    pid = calls.fork()
    if pid == 0:
        calls.close(ends[0])
        calls.exit(0 if calls.write(ends[1], data) == len(data) else 1)
    calls.close(ends[1])
    require(read_rest(ends[0]) == data, "what came out")
    require_equal(calls.wait().status, 0, "the writer")


def a_pipe_ends_with_its_last_writer() -> None:
    ends = calls.pipe()
    other = calls.dup(ends[1])
    calls.write(ends[1], b"last words")
    calls.close(ends[1])
    text = bytearray(100)
    require_equal(calls.read(ends[0], text), 10, "what was left")
    calls.close(other)
    require_equal(calls.read(ends[0], text), 0, "the end")


def writing_to_a_pipe_without_readers_fails() -> None:
    ends = calls.pipe()
    calls.close(ends[0])
    require_equal(calls.write(ends[1], b"x"), FAILURE, "write")


def pipe_ends_are_one_way() -> None:
    ends = calls.pipe()
    require_equal(calls.write(ends[0], b"x"), FAILURE, "writing to the reading end")
    require_equal(calls.read(ends[1], bytearray(1)), FAILURE, "reading from the writing end")


def paths_end_within_128_bytes() -> None:
    write_file(b"a", b"content")
    name = b"a\0"
    require(ecall(calls.SYS_OPEN, address_of(name), 0) >= 0, "a path with its end")
    require(calls.open(b"/" * 0 + b"./" * 63 + b"a", 0) >= 0, "127 bytes")
    require_equal(calls.open(b"./" * 63 + b"/a", 0), FAILURE, "128 bytes")
    endless = bytearray(b"a" * 4096)
    require_equal(ecall(calls.SYS_OPEN, address_of_array(endless), 0), FAILURE, "a path without end")


CHECKS: Final[list[tuple[str, Check]]] = [
    ("open_of_what_is_missing_fails", open_of_what_is_missing_fails),
    ("create_makes_and_finds", create_makes_and_finds),
    ("trunc_empties_even_when_reading", trunc_empties_even_when_reading),
    ("the_mode_limits_reading_and_writing", the_mode_limits_reading_and_writing),
    ("directories_are_read_only", directories_are_read_only),
    ("the_lowest_descriptor_is_given", the_lowest_descriptor_is_given),
    ("duplicates_share_the_offset", duplicates_share_the_offset),
    ("bad_descriptors_fail", bad_descriptors_fail),
    ("close_works_once", close_works_once),
    ("there_are_16_descriptors", there_are_16_descriptors),
    ("a_file_has_268_blocks", a_file_has_268_blocks),
    ("a_write_that_is_cut_short_fails", a_write_that_is_cut_short_fails),
    ("a_file_has_no_holes", a_file_has_no_holes),
    ("reading_and_writing_nothing", reading_and_writing_nothing),
    ("bad_addresses_fail", bad_addresses_fail),
    ("fstat_tells_what_a_file_is", fstat_tells_what_a_file_is),
    ("fstat_of_a_pipe_fails", fstat_of_a_pipe_fails),
    ("a_pipe_carries_everything_in_order", a_pipe_carries_everything_in_order),
    ("one_large_write_to_a_pipe_is_complete", one_large_write_to_a_pipe_is_complete),
    ("a_pipe_ends_with_its_last_writer", a_pipe_ends_with_its_last_writer),
    ("writing_to_a_pipe_without_readers_fails", writing_to_a_pipe_without_readers_fails),
    ("pipe_ends_are_one_way", pipe_ends_are_one_way),
    ("paths_end_within_128_bytes", paths_end_within_128_bytes),
]
