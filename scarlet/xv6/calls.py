"""xv6's 21 system calls as Python functions: one instruction each, the result as it comes, -1 for every failure.

Paths and arguments are bytes without their NULs. Numbers, flags and structures are those of abi_modules/xv6_riscv64, stated again
because a program has only its ABI in common with the kernel.
"""

from typing import Annotated, Final, NoReturn

from scarlet.lang import i16, i32, struct, u16, u32, u64
from scarlet.machine import power
from scarlet.machine.ecall import address_of, address_of_array, ecall

SYS_FORK: Final = 1
SYS_EXIT: Final = 2
SYS_WAIT: Final = 3
SYS_PIPE: Final = 4
SYS_READ: Final = 5
SYS_KILL: Final = 6
SYS_EXEC: Final = 7
SYS_FSTAT: Final = 8
SYS_CHDIR: Final = 9
SYS_DUP: Final = 10
SYS_GETPID: Final = 11
SYS_SBRK: Final = 12
SYS_SLEEP: Final = 13
SYS_UPTIME: Final = 14
SYS_OPEN: Final = 15
SYS_WRITE: Final = 16
SYS_MKNOD: Final = 17
SYS_UNLINK: Final = 18
SYS_LINK: Final = 19
SYS_MKDIR: Final = 20
SYS_CLOSE: Final = 21

O_RDONLY: Final = 0
O_WRONLY: Final = 1
O_RDWR: Final = 2
O_CREATE: Final = 0x200
O_TRUNC: Final = 0x400

SBRK_EAGER: Final = 1
SBRK_LAZY: Final = 2

T_DIR: Final = 1
T_FILE: Final = 2
T_DEVICE: Final = 3


@struct
class Stat:
    """struct stat"""

    dev: i32
    ino: u32
    type: i16
    nlink: i16
    size: u64


@struct
class Dirent:
    """struct dirent; inum 0 is an empty entry."""

    inum: u16
    name: Annotated[bytes, 14]


class Ended:
    """A child that has ended."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        self.status = status


def fork() -> int:
    """The child's number, 0 in the child."""
    return ecall(SYS_FORK)


def exit(status: int) -> NoReturn:
    """End the process."""
    power.exit(status)


def wait() -> Ended:
    """A child that has ended, its pid -1 when there is none to wait for."""
    word = bytearray(4)
    pid = ecall(SYS_WAIT, address_of_array(word))
    return Ended(pid, int(i32(int.from_bytes(word, "little"))))


def pipe() -> tuple[int, int]:
    """The descriptor to read from and the one to write to; -1 both when there are none left."""
    words = bytearray(8)
    if ecall(SYS_PIPE, address_of_array(words)) < 0:
        return (-1, -1)
    return (int.from_bytes(words[:4], "little"), int.from_bytes(words[4:], "little"))


def read(fd: int, into: bytearray) -> int:
    """Bytes read into the front of the array, 0 at the end."""
    return ecall(SYS_READ, u64(fd), address_of_array(into), u64(len(into)))


def kill(pid: int) -> int:
    """End a process."""
    return ecall(SYS_KILL, u64(pid))


def exec(path: bytes, arguments: list[bytes]) -> int:
    """Become another program; comes back only when that fails."""
    name = path + b"\0"
    texts = [argument + b"\0" for argument in arguments]
    argv = bytearray()
    for text in texts:
        argv += int(address_of(text)).to_bytes(8, "little")
    argv += bytes(8)
    return ecall(SYS_EXEC, address_of(name), address_of_array(argv))


def fstat(fd: int) -> Stat | None:
    """What an open file is; None for what is neither file, directory nor device."""
    data = bytearray(Stat.SIZE)
    if ecall(SYS_FSTAT, u64(fd), address_of_array(data)) < 0:
        return None
    return Stat.parse(bytes(data))


def chdir(path: bytes) -> int:
    """Change the working directory."""
    name = path + b"\0"
    return ecall(SYS_CHDIR, address_of(name))


def dup(fd: int) -> int:
    """The lowest free descriptor, for the same open file."""
    return ecall(SYS_DUP, u64(fd))


def getpid() -> int:
    """The number of this process."""
    return ecall(SYS_GETPID)


def sbrk(increment: int, mode: int = SBRK_EAGER) -> int:
    """The old end of the process, which moves by `increment` bytes."""
    return ecall(SYS_SBRK, u64(increment), u64(mode))


def sleep(ticks: int) -> int:
    """Tenths of a second."""
    return ecall(SYS_SLEEP, u64(ticks))


def uptime() -> int:
    """Tenths of a second since the machine was switched on."""
    return ecall(SYS_UPTIME)


def open(path: bytes, mode: int) -> int:
    """A descriptor."""
    name = path + b"\0"
    return ecall(SYS_OPEN, address_of(name), u64(mode))


def write(fd: int, data: bytes) -> int:
    """Bytes written: all."""
    return ecall(SYS_WRITE, u64(fd), address_of(data), u64(len(data)))


def mknod(path: bytes, major: int, minor: int) -> int:
    """Make a device node; (1, 0) is the console."""
    name = path + b"\0"
    return ecall(SYS_MKNOD, address_of(name), u64(major), u64(minor))


def unlink(path: bytes) -> int:
    """Remove a name."""
    name = path + b"\0"
    return ecall(SYS_UNLINK, address_of(name))


def link(old: bytes, new: bytes) -> int:
    """Give a file one more name."""
    first = old + b"\0"
    second = new + b"\0"
    return ecall(SYS_LINK, address_of(first), address_of(second))


def mkdir(path: bytes) -> int:
    """Make a directory."""
    name = path + b"\0"
    return ecall(SYS_MKDIR, address_of(name))


def close(fd: int) -> int:
    """Give a descriptor back."""
    return ecall(SYS_CLOSE, u64(fd))
