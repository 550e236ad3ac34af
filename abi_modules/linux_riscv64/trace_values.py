"""How strace(1) shows numbers, flags, strings and buffers. `show_<kind>` is named by the kinds of declare.py.

A function of a plain number takes the number. A function of something in user memory takes (task, address, following,
result): the argument after it, which is often its length, and the result of the call (0 before the call). Memory that
cannot be read is shown as its address.
"""

from typing import Final

from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, load_u32, load_u64, read_cstring
from scarlet.kernel.signals import signal_name
from scarlet.lang import Errno, i32, i64, u64
from scarlet.lang.errno import ENAMETOOLONG

SHOWN_BYTES: Final = 32
"""Bytes of a string or buffer that are shown (strace -s)."""
SHOWN_STRINGS: Final = 32
SHOWN_VECTORS: Final = 8
AT_FDCWD: Final = -100
O_CREAT_OR_TMPFILE: Final = 0o20000100


class RawCall:
    """The registers of a call as they were when it was made."""

    def __init__(self, number: u64, a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64) -> None:
        self.number = number
        self.a0 = a0
        self.a1 = a1
        self.a2 = a2
        self.a3 = a3
        self.a4 = a4
        self.a5 = a5

    def unknown(self) -> str:
        """A call that is not declared: its number and all registers."""
        values = [show_address(value) for value in (self.a0, self.a1, self.a2, self.a3, self.a4, self.a5)]
        return f"syscall_0x{self.number:x}(" + ", ".join(values)


# --- numbers ----------------------------------------------------------------------------------------------------------------


def show_address(value: u64) -> str:
    return "NULL" if value == 0 else f"0x{value:x}"


def show_hexadecimal(value: u64) -> str:
    return "0" if value == 0 else f"0x{value:x}"


def show_fd(value: int) -> str:
    return str(value)


def show_dirfd(value: int) -> str:
    return "AT_FDCWD" if value == AT_FDCWD else str(value)


def show_mode(value: int) -> str:
    """Three digits at least, the first of them 0."""
    return f"0{value:o}" if value > 0o77 else f"{value:03o}"


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


def show_signal(value: int) -> str:
    return signal_name(value)


def show_flags(value: int, zero: str, names: list[tuple[int, str]]) -> str:
    """Names joined by |, the bits without one in hexadecimal; `zero` when there is nothing. Wide masks come first in `names`."""
    if value == 0:
        return zero
    shown: list[str] = []
    rest = value
    for bits, name in names:
        if rest & bits == bits:
            shown.append(name)
            rest &= ~bits
    if rest != 0 or len(shown) == 0:
        shown.append(f"0x{rest:x}")
    return "|".join(shown)


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


# --- strings and buffers ------------------------------------------------------------------------------------------------------


def quoted(data: bytes, more: bool) -> str:
    """A C string literal as strace prints it: octal escapes as short as they can be, `...` after what is not all."""
    parts: list[str] = ['"']
    for index in range(len(data)):
        byte = data[index]
        match byte:
            case 9:
                parts.append("\\t")
            case 10:
                parts.append("\\n")
            case 11:
                parts.append("\\v")
            case 12:
                parts.append("\\f")
            case 13:
                parts.append("\\r")
            case 34:
                parts.append('\\"')
            case 92:
                parts.append("\\\\")
            case _:
                if 32 <= byte < 127:
                    parts.append(chr(byte))
                elif index + 1 < len(data) and 48 <= data[index + 1] < 56:
                    parts.append(f"\\{byte:03o}")
                else:
                    parts.append(f"\\{byte:o}")
    parts.append('"...' if more else '"')
    return "".join(parts)


def _memory(task: Task, address: u64, length: int) -> str:
    shown = min(length, SHOWN_BYTES)
    try:
        return quoted(load_bytes(task.space, address, shown), length > shown)
    except Errno:
        return show_address(address)


def _string(task: Task, address: u64, limit: int) -> str:
    if address == 0:
        return "NULL"
    try:
        return quoted(read_cstring(task.space, address, limit + 1), False)
    except Errno as error:
        return _memory_of(task, address, limit) if error.code == ENAMETOOLONG else show_address(address)


def _memory_of(task: Task, address: u64, length: int) -> str:
    """The beginning of a string that goes on."""
    try:
        return quoted(load_bytes(task.space, address, length), True)
    except Errno:
        return show_address(address)


def show_path(task: Task, address: u64, following: u64, result: int) -> str:
    return _string(task, address, 4095)


def show_string(task: Task, address: u64, following: u64, result: int) -> str:
    return _string(task, address, SHOWN_BYTES)


def show_text(task: Task, address: u64, following: u64, result: int) -> str:
    """A string that the call filled in; its result is the length where it gives one (readlinkat, getcwd)."""
    return _memory(task, address, result) if result > 0 else _string(task, address, SHOWN_BYTES)


def show_buffer(task: Task, address: u64, following: u64, result: int) -> str:
    """Before the call the buffer is as long as the next argument says, after it as long as the result."""
    if address == 0:
        return "NULL"
    return _memory(task, address, result if result > 0 else int(min(following, u64(SHOWN_BYTES + 1))))


def show_filled_buffer(task: Task, address: u64, following: u64, result: int) -> str:
    """A buffer whose result bytes the call filled in, perhaps none."""
    return _memory(task, address, result)


def show_strings(task: Task, address: u64, following: u64, result: int) -> str:
    """["ls", "-l"]"""
    if address == 0:
        return "NULL"
    shown: list[str] = []
    try:
        for index in range(SHOWN_STRINGS):
            pointer = load_u64(task.space, u64(address + u64(8 * index)))
            if pointer == 0:
                return "[" + ", ".join(shown) + "]"
            shown.append(_string(task, pointer, SHOWN_BYTES))
    except Errno:
        return show_address(address)
    return "[" + ", ".join(shown) + ", ...]"


def show_environment(task: Task, address: u64, following: u64, result: int) -> str:
    """0x3ffff000 /* 12 vars */"""
    count = 0
    try:
        while address != 0 and count < 4096 and load_u64(task.space, u64(address + u64(8 * count))) != 0:
            count += 1
    except Errno:
        return show_address(address)
    return f"{show_address(address)} /* {count} vars */"


def _vector(task: Task, address: u64, count: u64, available: int) -> str:
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
            shown.append("{iov_base=" + _memory(task, base, filled) + f", iov_len={length}" + "}")
    except Errno:
        return show_address(address)
    if count > SHOWN_VECTORS:
        shown.append("...")
    return "[" + ", ".join(shown) + "]"


def show_vector(task: Task, address: u64, following: u64, result: int) -> str:
    return _vector(task, address, following, -1)


def show_filled_vector(task: Task, address: u64, following: u64, result: int) -> str:
    return _vector(task, address, following, result)


# --- single words --------------------------------------------------------------------------------------------------------------


def show_u32_value(task: Task, address: u64, following: u64, result: int) -> str:
    """[7]"""
    try:
        return f"[{i32(load_u32(task.space, address))}]" if address != 0 else "NULL"
    except Errno:
        return show_address(address)


def show_offset_value(task: Task, address: u64, following: u64, result: int) -> str:
    """[4096]"""
    try:
        return f"[{i64(load_u64(task.space, address))}]" if address != 0 else "NULL"
    except Errno:
        return show_address(address)


def show_fd_pair(task: Task, address: u64, following: u64, result: int) -> str:
    """[3, 4]"""
    try:
        first = i32(load_u32(task.space, address))
        return f"[{first}, {i32(load_u32(task.space, u64(address + 4)))}]"
    except Errno:
        return show_address(address)
