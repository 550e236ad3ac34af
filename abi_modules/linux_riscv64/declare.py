"""How a Linux system call is declared: the @syscall decorator and the parameter types.

A system call is a plain function of its topic's file. Its first parameter is the calling task, the others are the arguments in register
order, and its annotations are the single source for three generated things (`python -m scarlet.cli.generate`): the decoding in dispatch.py,
the strace(1) line in trace_calls.py, and docs/linux-syscalls.md.

A parameter type says how a register is decoded and how it is shown:

| annotation                    | decoding                    | shown as |
|-------------------------------|-----------------------------|----------|
| i32 u32 i64 u64 usize isize   | truncated, then extended    | decimal |
| an IntFlag class              | the low 32 bits             | `O_RDONLY|O_CLOEXEC`: the members' names; a member 0 means "none" |
| Annotated[i32, an IntEnum]    | as its integer              | the name of the member, the number when there is none |
| Annotated[<integer>, "kind"]  | as its integer              | by `show_<kind>(value)` of trace_values.py or trace_structs.py |
| Annotated[UserPtr, "in kind"] | the pointer                 | by `show_<kind>(task, address, ...)`: what is there before the call |
| Annotated[UserPtr, "out kind"]| the pointer                 | what is there after it, when the call succeeded |

A result is None (0 for the program), an integer (decimal), `Address` (hexadecimal) or NoReturn. Failure is `raise
Errno(...)`, which the boundary (abi.py) turns into -errno; a sleep that a signal ends raises
objects.restart.Interrupted, which also says how the call may be repeated. A function whose name would hide a Python
name ends in an underscore that is not part of the call's name.
"""

from collections.abc import Callable
from enum import IntFlag
from typing import Annotated, Final, TypeAlias, TypeVar

from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import i32, i64, registrar, u32, u64, usize

F = TypeVar("F")


@registrar
def syscall(number: int) -> Callable[[F], F]:
    """Declare the function as system call `number` of riscv64 (asm-generic/unistd.h)."""

    def unchanged(function: F) -> F:
        return function

    return unchanged


def has_other_bits(flags: int, known: int) -> bool:
    """Are bits set that are not in `known`? (The complement of an IntFlag has the bits of its members alone: plain integers it is.)"""
    return int(flags) & ~int(known) != 0


# Descriptors.
Fd: TypeAlias = Annotated[i32, "fd"]
DirFd: TypeAlias = Annotated[i32, "dirfd"]
"""A descriptor or AT_FDCWD (-100)."""

# Text in user memory. The pointer is passed on; arguments.read_path and read_string fetch what it points to.
UserPath: TypeAlias = Annotated[UserPtr, "in path"]
UserString: TypeAlias = Annotated[UserPtr, "in string"]
UserStrings: TypeAlias = Annotated[UserPtr, "in strings"]
"""A null-terminated array of strings (argv)."""
UserEnvironment: TypeAlias = Annotated[UserPtr, "in environment"]
"""The same, of which only the number is shown (envp)."""

# Data in user memory; the parameter after the pointer is its length.
InBuffer: TypeAlias = Annotated[UserPtr, "in buffer"]
OutBuffer: TypeAlias = Annotated[UserPtr, "out filled_buffer"]
"""Filled by the call; the result is the number of bytes."""
OutText: TypeAlias = Annotated[UserPtr, "out text"]
"""A path or another string that the call fills in."""
InVector: TypeAlias = Annotated[UserPtr, "in vector"]
"""An array of struct iovec; the parameter after it is their number."""
OutVector: TypeAlias = Annotated[UserPtr, "out filled_vector"]
InPollFds: TypeAlias = Annotated[UserPtr, "in poll_fds"]
InFdSet: TypeAlias = Annotated[UserPtr, "in fd_set"]
OutFdPair: TypeAlias = Annotated[UserPtr, "out fd_pair"]
OutDirents: TypeAlias = Annotated[UserPtr, "out dirents"]
InOutOffset: TypeAlias = Annotated[UserPtr, "in offset_value"]
"""A loff_t that the call reads and moves on (sendfile, copy_file_range); null is allowed."""

# Structures in user memory.
OutStat: TypeAlias = Annotated[UserPtr, "out stat"]
OutStatx: TypeAlias = Annotated[UserPtr, "out statx"]
OutStatfs: TypeAlias = Annotated[UserPtr, "out statfs"]
InTimespec: TypeAlias = Annotated[UserPtr, "in timespec"]
OutTimespec: TypeAlias = Annotated[UserPtr, "out timespec"]
InTimespecPair: TypeAlias = Annotated[UserPtr, "in timespec_pair"]
InTimeval: TypeAlias = Annotated[UserPtr, "in timeval"]
OutTimeval: TypeAlias = Annotated[UserPtr, "out timeval"]
InItimerval: TypeAlias = Annotated[UserPtr, "in itimerval"]
OutItimerval: TypeAlias = Annotated[UserPtr, "out itimerval"]
InSignalSet: TypeAlias = Annotated[UserPtr, "in signal_set"]
OutSignalSet: TypeAlias = Annotated[UserPtr, "out signal_set"]
InSigaction: TypeAlias = Annotated[UserPtr, "in sigaction"]
OutSigaction: TypeAlias = Annotated[UserPtr, "out sigaction"]
InSigaltstack: TypeAlias = Annotated[UserPtr, "in sigaltstack"]
OutSigaltstack: TypeAlias = Annotated[UserPtr, "out sigaltstack"]
InSiginfo: TypeAlias = Annotated[UserPtr, "in siginfo"]
OutSiginfo: TypeAlias = Annotated[UserPtr, "out siginfo"]
OutWaitStatus: TypeAlias = Annotated[UserPtr, "out wait_status"]
OutRusage: TypeAlias = Annotated[UserPtr, "out rusage"]
InRlimit: TypeAlias = Annotated[UserPtr, "in rlimit"]
OutRlimit: TypeAlias = Annotated[UserPtr, "out rlimit"]
OutUtsname: TypeAlias = Annotated[UserPtr, "out utsname"]
OutSysinfo: TypeAlias = Annotated[UserPtr, "out sysinfo"]
InFlock: TypeAlias = Annotated[UserPtr, "in flock"]
OutU32: TypeAlias = Annotated[UserPtr, "out u32_value"]

# Numbers with a meaning of their own.
Address: TypeAlias = Annotated[u64, "address"]
"""A user address that the call does not read through (mmap, brk, an ioctl argument): hexadecimal, NULL for 0."""
Mode: TypeAlias = Annotated[u32, "mode"]
"""Permission bits, octal."""
CreateMode: TypeAlias = Annotated[u32, "create_mode"]
"""The mode of open(2), after its flags: shown only when a file may be made."""
FileMode: TypeAlias = Annotated[u32, "file_mode"]
"""S_IFMT bits and permissions (mknodat)."""
DeviceNumber: TypeAlias = Annotated[u64, "device"]
"""makedev(major, minor)"""
UserId: TypeAlias = Annotated[u32, "identity"]
"""A uid or gid; 0xffffffff, "unchanged", is shown as -1."""
SignalNumber: TypeAlias = Annotated[i32, "signal"]
Bits: TypeAlias = Annotated[u64, "hexadecimal"]
Offset: TypeAlias = i64
Count: TypeAlias = usize

# Constants that many file calls share.
AT_FDCWD: Final = -100


class OpenFlags(IntFlag):
    """open(2), with the numbers of asm-generic/fcntl.h; the access mode is the two lowest bits."""

    O_RDONLY = 0
    O_WRONLY = 0o1
    O_RDWR = 0o2
    O_CREAT = 0o100
    O_EXCL = 0o200
    O_NOCTTY = 0o400
    O_TRUNC = 0o1000
    O_APPEND = 0o2000
    O_NONBLOCK = 0o4000
    O_DSYNC = 0o10000
    O_ASYNC = 0o20000
    O_DIRECT = 0o40000
    O_LARGEFILE = 0o100000
    O_DIRECTORY = 0o200000
    O_NOFOLLOW = 0o400000
    O_NOATIME = 0o1000000
    O_CLOEXEC = 0o2000000
    O_SYNC = 0o4010000
    O_PATH = 0o10000000
    O_TMPFILE = 0o20200000


class AtFlags(IntFlag):
    """The flags of the *at calls (fcntl.h). AT_REMOVEDIR and AT_EACCESS share a bit: each call shows the one it knows
    (RemoveFlags, AccessFlags).
    """

    AT_SYMLINK_NOFOLLOW = 0x100
    AT_SYMLINK_FOLLOW = 0x400
    AT_NO_AUTOMOUNT = 0x800
    AT_EMPTY_PATH = 0x1000


class RemoveFlags(IntFlag):
    """unlinkat(2)"""

    AT_REMOVEDIR = 0x200


class AccessFlags(IntFlag):
    """faccessat2(2)"""

    AT_SYMLINK_NOFOLLOW = 0x100
    AT_EACCESS = 0x200
    AT_EMPTY_PATH = 0x1000


class AccessMode(IntFlag):
    """access(2)"""

    F_OK = 0
    X_OK = 1
    W_OK = 2
    R_OK = 4
