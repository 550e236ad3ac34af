"""Physical memory, the hosted twin: loads and stores in the mmap'd region that Unicorn maps as RAM.

An address outside RAM raises BusError, the twin of the access fault that the bare machine would take (and die of).
"""

import mmap
import struct

from scarlet.machine.hosted.layout import RAM_BASE

_ram: mmap.mmap
code_pages: set[int] = set()
"""The numbers of the pages from which the engine has translated code."""
_code_changed = False
_u16 = struct.Struct("<H")
_u32 = struct.Struct("<I")
_u64 = struct.Struct("<Q")


class BusError(Exception):
    """The kernel used a physical address that is not RAM: a kernel bug."""


def attach(ram: mmap.mmap) -> None:
    """Use this memory from now on."""
    global _ram, _code_changed
    _ram = ram
    _code_changed = False
    code_pages.clear()


def code_changed() -> bool:
    """Whether pages with translated code were written since the last call; then no page holds any."""
    global _code_changed
    changed, _code_changed = _code_changed, False
    if changed:
        code_pages.clear()
    return changed


def _range(pa: int, count: int) -> tuple[int, int]:
    start = pa - RAM_BASE
    if start < 0 or count < 0 or start + count > len(_ram):
        raise BusError(f"physical memory 0x{pa:x}, {count} bytes")
    return start, start + count


def _changing(pa: int, count: int) -> tuple[int, int]:
    """_range, for a write."""
    global _code_changed
    out = _range(pa, count)
    if code_pages and not code_pages.isdisjoint(range(pa >> 12, (pa + count + 4095) >> 12)):
        _code_changed = True
    return out


def load8(pa: int) -> int:
    start, _end = _range(pa, 1)
    return _ram[start]


def load16(pa: int) -> int:
    value: int = _u16.unpack_from(_ram, _range(pa, 2)[0])[0]
    return value


def load32(pa: int) -> int:
    value: int = _u32.unpack_from(_ram, _range(pa, 4)[0])[0]
    return value


def load64(pa: int) -> int:
    value: int = _u64.unpack_from(_ram, _range(pa, 8)[0])[0]
    return value


def store8(pa: int, value: int) -> None:
    start, _end = _changing(pa, 1)
    _ram[start] = value


def store16(pa: int, value: int) -> None:
    _u16.pack_into(_ram, _changing(pa, 2)[0], value)


def store32(pa: int, value: int) -> None:
    _u32.pack_into(_ram, _changing(pa, 4)[0], value)


def store64(pa: int, value: int) -> None:
    _u64.pack_into(_ram, _changing(pa, 8)[0], value)


def read(pa: int, count: int) -> bytes:
    """Copy bytes out of memory."""
    start, end = _range(pa, count)
    return _ram[start:end]


def write(pa: int, data: bytes) -> None:
    """Copy bytes into memory."""
    start, end = _changing(pa, len(data))
    _ram[start:end] = data


def write_slice(pa: int, data: bytes, start: int, count: int) -> None:
    """Copy data[start:start + count] into memory. IndexError when data has not so many."""
    if start < 0 or count < 0 or start + count > len(data):
        raise IndexError("slice outside the data")
    low, high = _changing(pa, count)
    _ram[low:high] = data[start : start + count]


def copy(destination_pa: int, source_pa: int, count: int) -> None:
    """Copy within memory; the ranges may overlap."""
    _ram.move(_changing(destination_pa, count)[0], _range(source_pa, count)[0], count)


def zero(pa: int, count: int) -> None:
    start, end = _changing(pa, count)
    _ram[start:end] = bytes(count)


def find_zero_byte(pa: int, count: int) -> int:
    """The index of the first zero byte among `count`, -1 if there is none."""
    start, end = _range(pa, count)
    found = _ram.find(b"\0", start, end)
    return found - start if found >= 0 else -1


def compare_exchange32(pa: int, expected: int, new: int) -> int:
    """Store `new` if the word is `expected`, at once for all harts; gives the old value."""
    old = load32(pa)
    if old == expected:
        store32(pa, new)
    return old


import scarlet.machine.hosted.world  # noqa: E402, F401  (there always is a machine: it attaches its memory here)
