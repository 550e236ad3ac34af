"""Where Scarlet answers otherwise than the Linux below these tests, and why that is no mistake."""

from typing import Final

LINUX: Final = "6.18"
"""The Linux that this is about. Another one may answer otherwise itself: the order of two errors is no promise of its interface."""
ANYTHING: Final = "*"

PROC: Final = "files in /proc have no size, no readahead and no names to take away; they are made up as far as they are read"
PART: Final = "a transfer may end in front of memory that is not there, and a page earlier"
FLAGS: Final = "RWF_ flags that are not supported are refused"

WORKING: Final = "AT_FDCWD is no open file; only Linux since 6.13 takes it for the working directory"
SOCKET_NAMES: Final = "the attribute in which a socket tells its protocol is not there"

KNOWN: Final[dict[tuple[str, str, str], str]] = {
    ("ioctl", "EFAULT", "ENOTTY"): PROC,
    ("ioctl", "0", "ENOTTY"): PROC,
    ("truncate", "0", "EFBIG"): PROC,
    ("truncate", "0", "EACCES"): PROC,
    ("truncate", "EACCES", "EFBIG"): PROC,
    ("unlinkat", "ENOTDIR", "EACCES"): PROC,
    ("unlinkat", "EPERM", "EACCES"): PROC,
    ("unlinkat", "EACCES", "ENOTDIR"): PROC,
    ("fchown", "0", "EPERM"): PROC,
    ("fchownat", "0", "EPERM"): PROC,
    ("utimensat", "0", "EPERM"): PROC,
    ("unlinkat", "EACCES", "EPERM"): PROC,
    ("lseek", "ENXIO", "EINVAL"): PROC,
    ("readahead", "EINVAL", "0"): PROC,
    ("read", "ENOMEM", "0"): PROC,
    ("read", "ENOMEM", "ok"): PROC,
    ("pread64", "ENOMEM", "0"): PROC,
    ("pread64", "EINVAL", "0"): PROC,
    ("pread64", "ENOMEM", "ok"): PROC,
    ("readlinkat", "ok", "ok"): PROC,
    ("write", "EFAULT", "ok"): PART,
    ("write", "ok", "EFAULT"): PART,
    ("write", "ok", "ok"): PART,
    ("writev", "EFAULT", "ok"): PART,
    ("preadv2", ANYTHING, "EOPNOTSUPP"): FLAGS,
    ("pwritev2", ANYTHING, "EOPNOTSUPP"): FLAGS,
    ("execve", ANYTHING, "EFAULT"): "arguments are fetched before the file is looked for",
    ("execveat", ANYTHING, "EFAULT"): "the same",
    ("execveat", "EFAULT", "EINVAL"): "several mistakes at once",
    ("execveat", "ENOENT", "EINVAL"): "several mistakes at once",
    ("mprotect", "0", "EINVAL"): "no bytes can have a protection that there is not, either",
    ("mincore", "ENOMEM", "0"): "no bytes are nowhere",
    ("pwritev2", "EOPNOTSUPP", "ENOSPC"): "/dev/full takes every flag",
    ("copy_file_range", "EXDEV", "ok"): "one kind of file system is enough (copy_file_range(2))",
    ("sendfile", "EINVAL", "0"): "/dev/null can be read",
    ("sendfile", "EINVAL", "ENOSPC"): "/dev/full can be written to",
    ("sendfile", "ok", "ok"): "/dev/full moves the offset on, as files do",
    ("sendfile", "EAGAIN", "EINVAL"): "in_fd cannot be a socket (sendfile(2))",
    ("sendfile", "0", "EINVAL"): "a directory has no bytes, not even none",
    ("madvise", "EINVAL", "0"): "what may be written may be read",
    ("ppoll", "EFAULT", "0"): "no descriptors are nowhere",
    ("fsetxattr", ANYTHING, "EBADF"): WORKING,
    ("fgetxattr", ANYTHING, "EBADF"): WORKING,
    ("flistxattr", ANYTHING, "EBADF"): WORKING,
    ("fremovexattr", ANYTHING, "EBADF"): WORKING,
    ("flistxattr", "ok", "0"): SOCKET_NAMES,
    ("flistxattr", "ERANGE", "0"): SOCKET_NAMES,
    ("flistxattr", "EFAULT", "0"): SOCKET_NAMES,
    ("fallocate", "ENOSPC", "ENOMEM"): "the file system here has a size, Scarlet's has memory",
    ("mmap", "EPERM", "0"): "there is no vm.mmap_min_addr: page 0 may be mapped where it is asked for",
    ("mremap", "ok", "EFAULT"): "all of the old range must be there (mremap(2))",
    ("mremap", "ok", "EINVAL"): "MREMAP_DONTUNMAP wants equal sizes (mremap(2))",
    ("sigaltstack", "0", "ENOMEM"): "Linux looks at the size only if anything changes",
    ("sched_setscheduler", "0", "EINVAL"): "SCHED_OTHER is the one policy",
}
"""Call, what Linux says, what Scarlet says: the reason."""


SEVERAL: Final[dict[str, tuple[str, ...]]] = {
    "mremap": ("EFAULT", "EINVAL", "ENOMEM", "EAGAIN"),
    "mmap": ("ENOMEM", "EACCES", "ENODEV", "EINVAL", "EOVERFLOW", "EOPNOTSUPP", "EPERM"),
    "mincore": ("EFAULT", "ENOMEM"),
    "madvise": ("EINVAL", "ENOMEM", "EACCES"),
    "mprotect": ("EINVAL", "ENOMEM"),
    "pread64": ("ESPIPE", "EFAULT"),
    "pwrite64": ("ESPIPE", "EFAULT"),
    "linkat": ("EEXIST", "ENOTDIR", "EFAULT", "ENOENT", "ELOOP", "EACCES", "ENAMETOOLONG", "EBADF"),
    "renameat2": ("EPERM", "ENOTDIR", "EFAULT", "ENOENT", "ELOOP", "EACCES", "ENAMETOOLONG", "EBADF"),
    "preadv": ("EINVAL", "EISDIR", "EFAULT"),
    "copy_file_range": ("EXDEV", "EINVAL", "EOVERFLOW"),
    "write": ("EFAULT", "ENOTCONN"),
    "writev": ("EFAULT", "ENOTCONN"),
    "waitid": ("EBADF", "EFAULT", "EINVAL", "ECHILD"),
}
"""Errors of which any may be told when several arguments are wrong: no manual page says which comes first."""


MREMAP_FIXED, MAP_FIXED = 2, 0x10


def is_unsettled(call: str, arguments: tuple[int, ...], result: object) -> bool:
    """May the worlds differ from here on although they agreed? What is left of the old mappings when a new one fails is told nowhere, nor
    how far mprotect(2) came."""
    if not isinstance(result, int) or result >= 0:
        return False
    fixed = call == "mremap" and arguments[3] & MREMAP_FIXED != 0 or call == "mmap" and arguments[3] & MAP_FIXED != 0
    return fixed or call == "mprotect"


def is_known(call: str, linux: str, scarlet: str) -> bool:
    """Is this difference explained here?"""
    several = SEVERAL.get(call, ())
    if (call, linux, scarlet) in KNOWN or (call, ANYTHING, scarlet) in KNOWN:
        return True
    return linux in several and scarlet in several
