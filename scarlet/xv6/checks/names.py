"""chdir, mkdir, mknod, link, unlink, names and directories."""

from typing import Final

from scarlet.xv6 import calls
from scarlet.xv6.checks.harness import (
    BAD_ADDRESSES,
    FAILURE,
    Check,
    ecall,
    names_in,
    read_file,
    read_rest,
    require,
    require_equal,
    write_file,
)

NAME_BYTES: Final = 14
MANY: Final = 200
CONSOLE: Final = 1


def mkdir_makes_a_directory_once() -> None:
    require_equal(calls.mkdir(b"d"), 0, "mkdir")
    require_equal(calls.mkdir(b"d"), FAILURE, "mkdir again")
    write_file(b"a", b"")
    for name in (b"a", b"a/x", b"missing/x", b".", b"..", b"/", b""):
        require_equal(calls.mkdir(name), FAILURE, "mkdir " + name.decode())
    require_equal(calls.mkdir(b"d/e/"), 0, "a slash at the end")
    write_file(b"d/e/f", b"deep")
    require(read_file(b"d/e/f") == b"deep", "a file below")


def chdir_changes_where_names_begin() -> None:
    calls.mkdir(b"d")
    write_file(b"d/a", b"inside")
    require_equal(calls.chdir(b"d"), 0, "chdir")
    require(read_file(b"a") == b"inside", "a name")
    require(read_file(b"../d/./a") == b"inside", "with dots")
    for name in (b"a", b"missing"):
        require_equal(calls.chdir(name), FAILURE, "chdir " + name.decode())
    require_equal(calls.chdir(b""), 0, "an empty path is the working directory")
    require_equal(calls.chdir(b".."), 0, "chdir ..")
    require(names_in(b".") == [b"d"], "back again")


def unlink_removes_names() -> None:
    write_file(b"a", b"content")
    require_equal(calls.unlink(b"a"), 0, "unlink")
    require_equal(calls.unlink(b"a"), FAILURE, "unlink again")
    require_equal(calls.open(b"a", calls.O_RDONLY), FAILURE, "open")


def unlink_removes_empty_directories_only() -> None:
    calls.mkdir(b"d")
    write_file(b"d/a", b"")
    require_equal(calls.unlink(b"d"), FAILURE, "a directory with a file")
    calls.unlink(b"d/a")
    for name in (b"d/.", b"d/..", b".", b"..", b"/"):
        require_equal(calls.unlink(name), FAILURE, "unlink " + name.decode())
    require_equal(calls.unlink(b"d"), 0, "an empty one")
    require_equal(calls.chdir(b"d"), FAILURE, "it is gone")


def an_unlinked_file_lives_until_it_is_closed() -> None:
    fd = calls.open(b"a", calls.O_RDWR | calls.O_CREATE)
    calls.write(fd, b"first")
    require_equal(calls.unlink(b"a"), 0, "unlink")
    write_file(b"a", b"another")
    require_equal(calls.write(fd, b"more"), 4, "write")
    stat = calls.fstat(fd)
    require(stat is not None and stat.size == 9 and stat.nlink == 0, "fstat")
    require(read_file(b"a") == b"another", "the new file")


def link_gives_one_file_two_names() -> None:
    write_file(b"a", b"content")
    require_equal(calls.link(b"a", b"b"), 0, "link")
    calls.unlink(b"a")
    require(read_file(b"b") == b"content", "the other name")
    calls.mkdir(b"d")
    write_file(b"c", b"")
    for new in (b"b", b"c", b"d", b"missing/x", b""):
        require_equal(calls.link(b"b", new), FAILURE, "link to " + new.decode())
    for old in (b"missing", b"d", b"."):
        require_equal(calls.link(old, b"e"), FAILURE, "link of " + old.decode())
    require(read_file(b"b") == b"content", "afterwards")


def mknod_makes_device_nodes() -> None:
    require_equal(calls.mknod(b"console", CONSOLE, 0), 0, "mknod")
    require_equal(calls.mknod(b"console", CONSOLE, 0), FAILURE, "mknod again")
    calls.mknod(b"other", 9, 9)
    require_equal(calls.open(b"other", calls.O_RDWR), FAILURE, "a number that no device has, whether or not there can be such a node")
    fd = calls.open(b"console", calls.O_RDWR)
    if fd >= 0:
        stat = calls.fstat(fd)
        require(stat is not None and stat.type == calls.T_DEVICE, "the console's type")


def names_have_14_bytes() -> None:
    name = b"abcdefghijklmnopqrst"
    write_file(name, b"content")
    require(names_in(b".") == [name[:NAME_BYTES]], "the name in the directory")
    require(read_file(name[:NAME_BYTES]) == b"content", "14 bytes of it")
    require(read_file(name[:NAME_BYTES] + b"others") == b"content", "the bytes after them do not count")
    require_equal(calls.open(name[: NAME_BYTES - 1], calls.O_RDONLY), FAILURE, "13 bytes of it")
    require_equal(calls.mkdir(name[:NAME_BYTES] + b"z"), FAILURE, "mkdir of the same 14 bytes")
    calls.mkdir(b"a_directory_with_a_long_name")
    write_file(b"a_directory_with/file_in_a_directory", b"inside")
    require(read_file(b"a_directory_wi/file_in_a_dire") == b"inside", "long names in the middle")
    require_equal(calls.unlink(name + b"!"), 0, "unlink by a longer name")


def slashes_do_not_count() -> None:
    calls.mkdir(b"d")
    write_file(b"d//a", b"content")
    require(read_file(b"./d///a") == b"content", "several slashes")
    require(read_file(b"d/a/") == b"content", "a slash at the end")


def a_directory_reads_as_entries() -> None:
    calls.mkdir(b"d")
    for number in range(MANY):
        write_file(b"d/f" + str(number).encode(), b"")
    fd = calls.open(b"d", calls.O_RDONLY)
    data = read_rest(fd)
    stat = calls.fstat(fd)
    require_equal(len(data), calls.Dirent.SIZE * (MANY + 2), "bytes")
    require(stat is not None and stat.size == len(data), "its size")
    entries = [calls.Dirent.parse(data, offset) for offset in range(0, len(data), calls.Dirent.SIZE)]
    names = [entry.name.rstrip(b"\0") for entry in entries]
    require(names[0] == b"." and names[1] == b"..", "the first two")
    require(sorted(names[2:]) == sorted([b"f" + str(number).encode() for number in range(MANY)]), "every name once")
    require(stat is not None and entries[0].inum == stat.ino, "the number of .")
    file = calls.fstat(calls.open(b"d/" + names[7], calls.O_RDONLY))
    require(file is not None and entries[7].inum == file.ino, "the number of a file")
    require_equal(calls.read(fd, bytearray(100)), 0, "the end")


def a_directory_can_be_read_in_pieces() -> None:
    for name in (b"one", b"two", b"fourteen_bytes", b"a_longer_name_than_that"):
        write_file(name, b"")
    whole = read_rest(calls.open(b".", calls.O_RDONLY))
    for size in (1, 5, 16, 17, 40):
        fd = calls.open(b".", calls.O_RDONLY)
        data = b""
        piece = bytearray(size)
        count = calls.read(fd, piece)
        while count > 0:
            data += bytes(piece[:count])
            count = calls.read(fd, piece)
        require(data == whole, f"in pieces of {size}")
        calls.close(fd)


def entries_come_and_go_while_a_directory_is_read() -> None:
    for number in range(40):
        write_file(b"f" + str(number).encode(), b"")
    fd = calls.open(b".", calls.O_RDONLY)
    entry = bytearray(calls.Dirent.SIZE)
    seen: list[bytes] = []
    while calls.read(fd, entry) == calls.Dirent.SIZE:
        name = calls.Dirent.parse(bytes(entry)).name.rstrip(b"\0")
        if name[:1] == b"f":
            seen.append(name)
            require_equal(calls.unlink(name), 0, "unlink " + name.decode())
    require_equal(len(seen), 40, "names seen")
    require(names_in(b".") == [], "nothing is left")


def bad_paths_fail() -> None:
    name = b"x"
    for address in BAD_ADDRESSES:
        for call in (calls.SYS_CHDIR, calls.SYS_MKDIR, calls.SYS_UNLINK, calls.SYS_MKNOD, calls.SYS_LINK):
            require_equal(ecall(call, address, address), FAILURE, f"call {call} of 0x{address:x}")
    write_file(name, b"")
    require(names_in(b".") == [name], "nothing was made")


CHECKS: Final[list[tuple[str, Check]]] = [
    ("mkdir_makes_a_directory_once", mkdir_makes_a_directory_once),
    ("chdir_changes_where_names_begin", chdir_changes_where_names_begin),
    ("unlink_removes_names", unlink_removes_names),
    ("unlink_removes_empty_directories_only", unlink_removes_empty_directories_only),
    ("an_unlinked_file_lives_until_it_is_closed", an_unlinked_file_lives_until_it_is_closed),
    ("link_gives_one_file_two_names", link_gives_one_file_two_names),
    ("mknod_makes_device_nodes", mknod_makes_device_nodes),
    ("names_have_14_bytes", names_have_14_bytes),
    ("slashes_do_not_count", slashes_do_not_count),
    ("a_directory_reads_as_entries", a_directory_reads_as_entries),
    ("a_directory_can_be_read_in_pieces", a_directory_can_be_read_in_pieces),
    ("entries_come_and_go_while_a_directory_is_read", entries_come_and_go_while_a_directory_is_read),
    ("bad_paths_fail", bad_paths_fail),
]
