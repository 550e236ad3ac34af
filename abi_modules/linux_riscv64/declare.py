"""The parameter types that the Linux calls have beside the common ones of executor/declare.py, and the flags that several of them take."""

from enum import IntFlag
from typing import Annotated, Final, TypeAlias

from scarlet.kernel.memory.user import UserPtr
from scarlet.lang import i32, u32, u64

# Descriptors.
DirFd: TypeAlias = Annotated[i32, "dirfd"]
"""A descriptor or AT_FDCWD (-100)."""

# Data in user memory.
InVector: TypeAlias = Annotated[UserPtr, "in vector"]
"""An array of struct iovec; the parameter after it is their number."""
OutVector: TypeAlias = Annotated[UserPtr, "out filled_vector"]
InPollFds: TypeAlias = Annotated[UserPtr, "in poll_fds"]
InFdSet: TypeAlias = Annotated[UserPtr, "in fd_set"]
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
InSockaddr: TypeAlias = Annotated[UserPtr, "in sockaddr"]
"""A struct sockaddr; the parameter after it is its length."""
OutSockaddr: TypeAlias = Annotated[UserPtr, "out filled_sockaddr"]
"""The same, filled in; the parameter after it points to its length. Null is allowed where the address is not wanted."""
InMessage: TypeAlias = Annotated[UserPtr, "in message"]
"""struct msghdr"""
OutMessage: TypeAlias = Annotated[UserPtr, "out filled_message"]
InOption: TypeAlias = Annotated[UserPtr, "in option"]
"""The value of a socket option; the parameter after it is its length."""
OutOption: TypeAlias = Annotated[UserPtr, "out filled_option"]

# Numbers with a meaning of their own.
CreateMode: TypeAlias = Annotated[u32, "optional create_mode"]
"""The mode of open(2), after its flags: shown only when a file may be made."""
FileMode: TypeAlias = Annotated[u32, "file_mode"]
"""S_IFMT bits and permissions (mknodat)."""
DeviceNumber: TypeAlias = Annotated[u64, "device"]
"""makedev(major, minor)"""
SocketKind: TypeAlias = Annotated[i32, "socket_kind"]
"""A type of socket, and flags beside it."""
SendFlags: TypeAlias = Annotated[u32, "message_flags"]
"""MSG_ constants."""
UserId: TypeAlias = Annotated[u32, "identity"]
"""A uid or gid; 0xffffffff, "unchanged", is shown as -1."""

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
