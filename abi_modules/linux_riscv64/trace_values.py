"""How the trace shows the numbers, flags and vectors that only Linux has. Conventions as in executor/trace_values.py."""

from typing import Final

from executor.trace_values import memory_text, show_address, show_flags, show_mode
from objects.task import Task
from scarlet.kernel.memory.user import load_u64
from scarlet.lang import Errno, i64, u64

SHOWN_VECTORS: Final = 8
AT_FDCWD: Final = -100
O_CREAT_OR_TMPFILE: Final = 0o20000100


# --- numbers ----------------------------------------------------------------------------------------------------------------


def show_dirfd(value: int) -> str:
    return "AT_FDCWD" if value == AT_FDCWD else str(value)


def show_create_mode(value: int, flags: u64) -> str:
    """The last argument of open(2), which counts, and is shown, only when the flags can make a file."""
    return ", " + show_mode(value) if flags & u64(O_CREAT_OR_TMPFILE) != 0 else ""


def show_file_mode(value: int) -> str:
    """S_IFREG|0644"""
    match value >> 12 & 0o17:
        case 1:
            kind = "S_IFIFO|"
        case 2:
            kind = "S_IFCHR|"
        case 4:
            kind = "S_IFDIR|"
        case 6:
            kind = "S_IFBLK|"
        case 8:
            kind = "S_IFREG|"
        case 10:
            kind = "S_IFLNK|"
        case 12:
            kind = "S_IFSOCK|"
        case _:
            kind = ""
    extra = ("S_ISUID|" if value & 0o4000 else "") + ("S_ISGID|" if value & 0o2000 else "") + ("S_ISVTX|" if value & 0o1000 else "")
    return f"{kind}{extra}{show_mode(value & 0o777)}"


def show_device(value: u64) -> str:
    """The encoding of linux/kdev_t.h: new_encode_dev."""
    major = value >> 8 & 0xFFF
    minor = (value & 0xFF) | (value >> 12 & 0xFFF00)
    return f"makedev(0x{major:x}, 0x{minor:x})"


def show_identity(value: int) -> str:
    return "-1" if value == 0xFFFFFFFF else str(value)


def show_open_flags(value: int) -> str:
    """The access mode is a number in the two lowest bits, the rest are flags."""
    match value & 3:
        case 0:
            access = "O_RDONLY"
        case 1:
            access = "O_WRONLY"
        case 2:
            access = "O_RDWR"
        case _:
            access = "O_ACCMODE"
    if value >> 2 == 0:
        return access
    rest = show_flags(
        value & ~3,
        "",
        [
            (0o20200000, "O_TMPFILE"),
            (0o4010000, "O_SYNC"),
            (0o100, "O_CREAT"),
            (0o200, "O_EXCL"),
            (0o400, "O_NOCTTY"),
            (0o1000, "O_TRUNC"),
            (0o2000, "O_APPEND"),
            (0o4000, "O_NONBLOCK"),
            (0o10000, "O_DSYNC"),
            (0o20000, "O_ASYNC"),
            (0o40000, "O_DIRECT"),
            (0o100000, "O_LARGEFILE"),
            (0o200000, "O_DIRECTORY"),
            (0o400000, "O_NOFOLLOW"),
            (0o1000000, "O_NOATIME"),
            (0o2000000, "O_CLOEXEC"),
            (0o10000000, "O_PATH"),
        ],
    )
    return f"{access}|{rest}"


def show_wait_flags(value: int) -> str:
    """Three of the names begin with underscores, which Python gives another meaning inside a class."""
    names = [(1, "WNOHANG"), (2, "WSTOPPED"), (4, "WEXITED"), (8, "WCONTINUED"), (0x01000000, "WNOWAIT")]
    return show_flags(value, "0", names + [(0x20000000, "__WNOTHREAD"), (0x40000000, "__WALL"), (0x80000000, "__WCLONE")])


# --- user memory -----------------------------------------------------------------------------------------------------------


def vector_text(task: Task, address: u64, count: u64, available: int) -> str:
    """`available` bytes are spread over the parts; negative means that every part is full."""
    shown: list[str] = []
    left = available
    try:
        for index in range(int(min(count, u64(SHOWN_VECTORS)))):
            part = u64(address + u64(16 * index))
            base = load_u64(task.space, part)
            length = load_u64(task.space, u64(part + 8))
            filled = int(min(length, u64(1 << 30)))
            if available >= 0:
                filled = min(filled, left)
                left -= filled
            shown.append("{iov_base=" + memory_text(task, base, filled) + f", iov_len={length}" + "}")
    except Errno:
        return show_address(address)
    if count > SHOWN_VECTORS:
        shown.append("...")
    return "[" + ", ".join(shown) + "]"


def show_vector(task: Task, address: u64, following: u64, result: int) -> str:
    return vector_text(task, address, following, -1)


def show_filled_vector(task: Task, address: u64, following: u64, result: int) -> str:
    return vector_text(task, address, following, result)


def show_offset_value(task: Task, address: u64, following: u64, result: int) -> str:
    """[4096]"""
    try:
        return f"[{i64(load_u64(task.space, address))}]" if address != 0 else "NULL"
    except Errno:
        return show_address(address)
