"""The symbol table that the kernel carries for its panics: made from the linked ELF file, read by scarlet/runtime/symbols.py.

Functions come from the ELF symbol table, lines from .debug_line (lines.py). A row of another file is an inlined
function: such an address gets both that place and the last line before it in the function's own file.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Mapping
from pathlib import Path

from elftools.elf.elffile import ELFFile

from scarlet.compiler.lines import Row, rows

MAGIC = 0x314D5953
SYMBOL = struct.Struct("<IBBHQQ")
"""Elf64_Sym: name, info, other, section, value, size."""
UNTYPED, FUNCTION = 0, 2
UNDEFINED, ABSOLUTE = 0, 0xFFF1


def table(elf: Path, names: Mapping[str, str], root: Path | None = None) -> bytes:
    """The contents of .scarlet.symbols. `names` gives the Python name of a C symbol; file names are made relative to `root`."""
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        start, functions = _functions(_contents(file, ".symtab"), _contents(file, ".strtab"))
        all_rows = sorted(rows(_contents(file, ".debug_line")), key=lambda row: row[0])
    return encode(start, functions, all_rows, names, root)


def _contents(file: ELFFile, name: str) -> bytes:
    """A section's bytes; none when the file lacks it."""
    section = file.get_section_by_name(name)
    return bytes(section.data()) if section is not None else b""


def encode(start: int, functions: list[tuple[int, str]], rows: list[Row], names: Mapping[str, str], root: Path | None) -> bytes:
    """The table of functions (address, C symbol) behind `start`, and rows, both in order of address."""
    strings, offsets = bytearray(b"\0"), {"": 0}

    def text(value: str) -> int:
        if value not in offsets:
            offsets[value] = len(strings)
            strings.extend(value.encode() + b"\0")
        return offsets[value]

    addresses = [row[0] for row in rows]
    lines, records = bytearray(), bytearray()
    for index, (address, symbol) in enumerate(functions):
        end = functions[index + 1][0] if index + 1 < len(functions) else 1 << 64
        own = rows[bisect_right(addresses, address - 1) : bisect_right(addresses, end - 1)]
        file = own[0][1] if own else ""
        records += struct.pack("<4I", address - start, text(names.get(symbol, symbol)), text(_shown(file, root)), len(lines))
        lines += _stream(address, file, [row for row in own if row[2] > 0], lambda name: text(_shown(name, root)))
    header = struct.pack("<4I", MAGIC, len(functions), 16 + len(records), 16 + len(records) + len(lines))
    return bytes(header + records + lines + strings)


def _stream(address: int, own: str, rows: list[Row], text: Callable[[str], int]) -> bytes:
    """Rows as growths of address and line, and the name of another file; the last of those at one address, only where the place changes."""
    kept: list[Row] = []
    for row in rows:
        if kept and kept[-1][0] == row[0]:
            kept.pop()
        if not kept or kept[-1][1:] != row[1:]:
            kept.append(row)
    out = bytearray(_leb128(len(kept)))
    before = 0
    for at, file, line in kept:
        growth = line - before
        zigzag = growth << 1 if growth >= 0 else (-growth << 1) - 1
        out += _leb128(at - address) + _leb128(zigzag << 1 | (file != own))
        if file != own:
            out += _leb128(text(file))
        address, before = at, line
    return bytes(out)


def _leb128(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _shown(file: str, root: Path | None) -> str:
    if root is not None and file.startswith(f"{root}/"):
        return file[len(str(root)) + 1 :]
    return file


def _functions(symbols: bytes, strings: bytes) -> tuple[int, list[tuple[int, str]]]:
    """Where the kernel starts; address and name of every function in its text. Of several names for one address, one."""
    bounds: dict[bytes, int] = {}
    found: dict[int, str] = {}
    for offset, info, _other, section, value, _size in SYMBOL.iter_unpack(symbols):
        if info & 15 not in (UNTYPED, FUNCTION) or section in (UNDEFINED, ABSOLUTE):
            continue
        name = strings[offset : strings.index(0, offset)]
        if name in (b"kernel_start", b"text_end"):
            bounds[name] = value
        elif name and not name.startswith((b".L", b"$")):
            found.setdefault(value, name.decode())
    start, end = bounds[b"kernel_start"], bounds[b"text_end"]
    return start, sorted((address, name) for address, name in found.items() if start <= address < end)
