"""How the trace shows numbers, flags, strings and buffers, in every ABI. `show_<kind>` is named by the kinds of declare.py.

A function of a plain number takes the number. A function of something in user memory takes (task, address, following,
result): the argument after it, which is often its length, and the result of the call (0 before the call). Memory that
cannot be read is shown as its address. The forms are those of strace(1).
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
LONGEST_PATH: Final = 4095


# --- numbers --------------------------------------------------------------------------------------------------------------------


def show_address(value: u64) -> str:
    return "NULL" if value == 0 else f"0x{value:x}"


def show_hexadecimal(value: u64) -> str:
    return "0" if value == 0 else f"0x{value:x}"


def show_fd(value: int) -> str:
    return str(value)


def show_mode(value: int) -> str:
    """Three digits at least, the first of them 0."""
    return f"0{value:o}" if value > 0o77 else f"{value:03o}"


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


# --- strings and buffers --------------------------------------------------------------------------------------------------------


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


def memory_text(task: Task, address: u64, length: int) -> str:
    shown = min(length, SHOWN_BYTES)
    try:
        return quoted(load_bytes(task.space, address, shown), length > shown)
    except Errno:
        return show_address(address)


def string_text(task: Task, address: u64, limit: int) -> str:
    if address == 0:
        return "NULL"
    try:
        return quoted(read_cstring(task.space, address, limit + 1), False)
    except Errno as error:
        return _beginning(task, address, limit) if error.code == ENAMETOOLONG else show_address(address)


def _beginning(task: Task, address: u64, length: int) -> str:
    """The beginning of a string that goes on."""
    try:
        return quoted(load_bytes(task.space, address, length), True)
    except Errno:
        return show_address(address)


def show_path(task: Task, address: u64, following: u64, result: int) -> str:
    return string_text(task, address, LONGEST_PATH)


def show_string(task: Task, address: u64, following: u64, result: int) -> str:
    return string_text(task, address, SHOWN_BYTES)


def show_text(task: Task, address: u64, following: u64, result: int) -> str:
    """A string that the call filled in; its result is the length where it gives one (readlinkat, getcwd)."""
    return memory_text(task, address, result) if result > 0 else string_text(task, address, SHOWN_BYTES)


def show_buffer(task: Task, address: u64, following: u64, result: int) -> str:
    """Before the call the buffer is as long as the next argument says, after it as long as the result."""
    if address == 0:
        return "NULL"
    return memory_text(task, address, result if result > 0 else int(min(following, u64(SHOWN_BYTES + 1))))


def show_filled_buffer(task: Task, address: u64, following: u64, result: int) -> str:
    """A buffer whose result bytes the call filled in, perhaps none."""
    return memory_text(task, address, result)


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
            shown.append(string_text(task, pointer, SHOWN_BYTES))
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


# --- words and structures -------------------------------------------------------------------------------------------------------


class Words:
    """A structure's bytes, read as little-endian numbers at offsets."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def u64_at(self, offset: int) -> u64:
        return u64(self.u32_at(offset) | self.u32_at(offset + 4) << 32)

    def i64_at(self, offset: int) -> i64:
        return i64(self.u64_at(offset))

    def u32_at(self, offset: int) -> int:
        return int.from_bytes(self.data[offset : offset + 4], "little")

    def i32_at(self, offset: int) -> int:
        return i32(self.u32_at(offset))

    def u16_at(self, offset: int) -> int:
        return int.from_bytes(self.data[offset : offset + 2], "little")


def fetch(task: Task, address: u64, size: int) -> Words | None:
    """A structure's bytes; None when they cannot be read."""
    if address == 0:
        return None
    try:
        return Words(load_bytes(task.space, address, size))
    except Errno:
        return None


def show_u32_value(task: Task, address: u64, following: u64, result: int) -> str:
    """[7]"""
    try:
        return f"[{i32(load_u32(task.space, address))}]" if address != 0 else "NULL"
    except Errno:
        return show_address(address)


def show_fd_pair(task: Task, address: u64, following: u64, result: int) -> str:
    """[3, 4]"""
    try:
        first = i32(load_u32(task.space, address))
        return f"[{first}, {i32(load_u32(task.space, u64(address + 4)))}]"
    except Errno:
        return show_address(address)
