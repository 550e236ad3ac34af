"""The kernel's own symbol table: which Python function and line a code address belongs to, for panics and kernel logs.

The compiler puts the table into the section .scarlet.symbols (scarlet/compiler/symbols.py writes it). Numbers are
little-endian:
  u32 magic, count of functions, offset of the line streams, offset of the strings
  for each function, in order of address: u32 start (behind kernel_start), name and file (offsets in the strings),
    lines (offset in the line streams)
  line streams, LEB128: for each function the count of rows, then for each row the growth of the address and twice the
    zigzag growth of the line, plus 1 when the row is of another file (an inlined function), whose name follows
  strings, each ended by a zero byte
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, load8, load32, symbol
from scarlet.runtime.bytes import make

MAGIC: Final = 0x314D5953
HEADER_SIZE: Final = 16
FUNCTION_SIZE: Final = 16
START: Final = 0
NAME: Final = 4
FILE: Final = 8
LINES: Final = 12


def name_of(address: u64) -> str:
    """`module.Class.function` of the code at an address, "" when unknown."""
    function = function_at(address)
    return text_at(word(u64(function + NAME))) if function != 0 else ""


def place_of(address: u64) -> str:
    """`file:line` of the code at an address, "" when unknown; in an inlined function of another file `, in file:line` follows."""
    function = function_at(address)
    if function == 0:
        return ""
    place = find_place(function, u64(address - symbol("kernel_start") - word(u64(function + START))))
    out = f"{text_at(word(u64(function + FILE)))}:{place.own_line}"
    if place.other_file != 0:
        out += f", in {text_at(place.other_file)}:{place.line}"
    return out


def function_at(address: u64) -> u64:
    """Where the table describes the function with the code at an address; 0 when there is none."""
    table = symbol("symbols_start")
    if table == symbol("symbols_end") or word(table) != MAGIC or not symbol("kernel_start") <= address < symbol("text_end"):
        return u64(0)
    wanted = u64(address - symbol("kernel_start"))
    low = u64(0)
    high = word(u64(table + 4))
    while low < high:
        middle = u64(u64(low + high) >> 1)
        if word(u64(table + HEADER_SIZE + middle * FUNCTION_SIZE)) <= wanted:
            low = u64(middle + 1)
        else:
            high = middle
    return u64(table + HEADER_SIZE + u64(low - 1) * FUNCTION_SIZE) if low > 0 else u64(0)


class Place:
    """The row of an address: its line, the other file it is of (an offset in the strings, 0 for the function's own), and the
    last line of the function's own file so far."""

    def __init__(self) -> None:
        self.line = 0
        self.own_line = 0
        self.other_file: u64 = 0


def find_place(function: u64, wanted: u64) -> Place:
    """The row of the code `wanted` bytes behind a function's start: the last one not behind it."""
    table = symbol("symbols_start")
    stream = Stream(u64(table + word(u64(table + 8)) + word(u64(function + LINES))))
    rows = stream.number()
    address = u64(0)
    place = Place()
    while rows > 0:
        address = u64(address + stream.number())
        growth = stream.number()
        other = stream.number() if growth & 1 != 0 else u64(0)
        if address > wanted:
            break
        zigzag = u64(growth >> 1)
        place.line += -int(u64(zigzag + 1) >> 1) if zigzag & 1 != 0 else int(zigzag >> 1)
        place.other_file = other
        if other == 0:
            place.own_line = place.line
        rows = u64(rows - 1)
    return place


def text_at(offset: u64) -> str:
    """The string at an offset in the strings."""
    table = symbol("symbols_start")
    start = u64(table + word(u64(table + 12)) + offset)
    end = start
    while load8(end) != 0:
        end = u64(end + 1)
    return make(Ptr(start), int(u64(end - start))).decode()


class Stream:
    """Reads unsigned LEB128 numbers."""

    def __init__(self, position: u64) -> None:
        self.position = position

    def number(self) -> u64:
        value = u64(0)
        shift = 0
        while True:
            byte = u64(load8(self.position))
            self.position = u64(self.position + 1)
            value = u64(value | u64(byte & 0x7F) << shift)
            if byte < 0x80:
                return value
            shift += 7


def word(address: u64) -> u64:
    return u64(load32(address))
