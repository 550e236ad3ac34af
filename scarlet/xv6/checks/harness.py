"""Running checks: each in a process and a directory of its own, so that one that fails harms no other."""

from collections.abc import Callable
from typing import Final, TypeAlias

from scarlet.lang import u64
from scarlet.machine.ecall import ecall
from scarlet.xv6 import calls
from scarlet.xv6.text import say

Check: TypeAlias = Callable[[], None]
FOLDER: Final = b"xv6tests.tmp"
PASSED: Final = 0
FAILED: Final = 1
KILLED: Final = -1
"""What wait tells of a process that was killed."""
FAILURE: Final = -1
"""What a call gives that fails."""
BAD_ADDRESSES: Final[list[u64]] = [
    u64(0x3F_FFFF_F000), u64(0x3F_FFFF_FFFF), u64(0x40_0000_0000), u64(0x80000000), u64(0x7FFF_FFFF_FFFF_F000), u64(-8), u64(-0x7FE0_0000),
]  # fmt: skip
"""The top of user space and beyond, where xv6's kernel lies, and where ours does."""


class Broken(Exception):  # noqa: N818
    """A property does not hold."""


def require(holds: bool, what: str) -> None:
    """Broken unless it holds."""
    if not holds:
        raise Broken(what)


def require_equal(found: int, expected: int, what: str) -> None:
    """Broken unless the two numbers are the same."""
    if found != expected:
        raise Broken(f"{what}: {found} instead of {expected}")


def child(body: Check) -> int:
    """Run the function in a new process; the status that wait tells."""
    pid = calls.fork()
    require(pid >= 0, "fork")
    if pid == 0:
        calls.exit(attempt(body))
    ended = calls.wait()
    require_equal(ended.pid, pid, "wait")
    return ended.status


def attempt(body: Check) -> int:
    """The status for a function: what broke is printed."""
    try:
        body()
    except Broken as broken:
        say(b"  " + str(broken).encode() + b"\n")
        return FAILED
    return PASSED


def run_check(name: str, body: Check) -> bool:
    """One check, in its own directory, with a line about it."""
    calls.mkdir(FOLDER)
    pid = calls.fork()
    if pid == 0:
        calls.exit(FAILED if calls.chdir(FOLDER) < 0 else attempt(body))
    status = calls.wait().status
    empty = remove_all(FOLDER)
    passed = status == PASSED and empty
    if status == KILLED:
        say(b"  killed\n")
    elif not empty:
        say(b"  leaves files behind that cannot be removed\n")
    say(f"{name}: {'ok' if passed else 'FAILED'}\n".encode())
    return passed


def remove_all(path: bytes) -> bool:
    """A directory and everything in it."""
    for name in names_in(path):
        below = path + b"/" + name
        if calls.unlink(below) < 0:
            remove_all(below)
    return calls.unlink(path) == 0


def names_in(path: bytes) -> list[bytes]:
    """The names in a directory but "." and ".."."""
    found: list[bytes] = []
    fd = calls.open(path, calls.O_RDONLY)
    entry = bytearray(calls.Dirent.SIZE)
    while calls.read(fd, entry) == calls.Dirent.SIZE:
        dirent = calls.Dirent.parse(bytes(entry))
        name = dirent.name.rstrip(b"\0")
        if dirent.inum != 0 and name != b"." and name != b"..":
            found.append(name)
    calls.close(fd)
    return found


# --- helpers for checks -----------------------------------------------------------------------------------------------------


def write_file(path: bytes, data: bytes) -> None:
    """A new file with this content."""
    fd = calls.open(path, calls.O_WRONLY | calls.O_CREATE | calls.O_TRUNC)
    require(fd >= 0, "create")
    require_equal(calls.write(fd, data), len(data), "write")
    require_equal(calls.close(fd), 0, "close")


def read_file(path: bytes) -> bytes:
    """The content of a file."""
    fd = calls.open(path, calls.O_RDONLY)
    require(fd >= 0, "open for reading")
    content = read_rest(fd)
    calls.close(fd)
    return content


def read_rest(fd: int) -> bytes:
    """Everything from the offset on."""
    content = b""
    block = bytearray(1024)
    while True:
        count = calls.read(fd, block)
        require(count >= 0, "read")
        if count == 0:
            return content
        content += bytes(block[:count])


def free_descriptors() -> int:
    """How many more files can be opened."""
    opened: list[int] = []
    while True:
        fd = calls.dup(0)
        if fd < 0:
            break
        opened.append(fd)
    for fd in opened:
        calls.close(fd)
    return len(opened)


def pattern(size: int, seed: int) -> bytes:
    """Bytes that depend on their place."""
    data = bytearray(size)
    for index in range(size):
        data[index] = (index * 7 + seed + (index >> 8)) & 0xFF
    return bytes(data)


__all__ = [
    "BAD_ADDRESSES", "FAILURE", "KILLED", "Broken", "Check", "child", "ecall", "free_descriptors", "names_in", "pattern", "read_file",
    "read_rest", "remove_all", "require", "require_equal", "run_check", "write_file",
]  # fmt: skip
