"""The symbol table that the kernel carries for its panics: made from the linked ELF file, read by scarlet/runtime/symbols.py.

Functions come from the ELF symbol table, lines from .debug_line (DWARF Debugging Information Format, version 5, section
6.2 "Line Number Information"; versions 2 to 4 differ in the header only). The line programs are decoded here because a
kernel has some hundred thousand rows. A row of another file is an inlined function: such an address gets both that
place and the last line before it in the function's own file.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

MAGIC = 0x314D5953

COPY, ADVANCE_PC, ADVANCE_LINE, SET_FILE = 1, 2, 3, 4
CONST_ADD_PC, FIXED_ADVANCE_PC = 8, 9
EXTENDED, END_SEQUENCE, SET_ADDRESS = 0, 1, 2

Row = tuple[int, str, int]
"""Address, file, line."""


def table(elf: Path, names: Mapping[str, str], root: Path | None = None) -> bytes:
    """The contents of .scarlet.symbols. `names` gives the Python name of a C symbol; file names are made relative to `root`."""
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        start = _symbol(file, "kernel_start")
        functions = sorted(_functions(file, start, _symbol(file, "text_end")))
        rows = sorted(_rows(file), key=lambda row: row[0])
    return encode(functions, rows, names, start, root)


def encode(functions: list[tuple[int, str]], rows: list[Row], names: Mapping[str, str], start: int, root: Path | None) -> bytes:
    """The table of functions (address, C symbol) and rows, both in order of address."""
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


def _symbol(file: ELFFile, name: str) -> int:
    found = file.get_section_by_name(".symtab").get_symbol_by_name(name)
    return int(found[0]["st_value"])


def _functions(file: ELFFile, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Address and name of every function; of several names for one address, one."""
    seen: set[int] = set()
    for symbol in file.get_section_by_name(".symtab").iter_symbols():
        address = symbol["st_value"]
        wanted = symbol["st_info"]["type"] in ("STT_FUNC", "STT_NOTYPE") and symbol.name and not symbol.name.startswith((".L", "$"))
        if wanted and start <= address < end and address not in seen and symbol["st_shndx"] not in ("SHN_ABS", "SHN_UNDEF"):
            if symbol["st_info"]["type"] == "STT_NOTYPE" and symbol.name in ("kernel_start", "text_end"):
                continue
            seen.add(address)
            yield address, symbol.name


def _rows(file: ELFFile) -> Iterator[Row]:
    if not file.has_dwarf_info():
        return
    dwarf = file.get_dwarf_info()
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is not None:
            folder = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
            files = _files(program.header, folder.value.decode() if folder else "")
            yield from _decode(program.stream, program.program_start_offset, program.program_end_offset, program.header, files)


def _files(header: Any, folder: str) -> list[str]:
    """File names by number. In version 5 file 0 and folder 0 are the first of their tables; before, both count from 1."""
    entries = header["file_entry"]
    folders = [item.decode() for item in header["include_directory"]]
    if header["version"] < 5:
        folders = [folder, *folders]
    names = [
        _join(folders[entry["dir_index"]] if entry["dir_index"] < len(folders) else "", entry["name"].decode(), folder) for entry in entries
    ]
    return names if header["version"] >= 5 else ["", *names]


def _join(folder: str, name: str, base: str) -> str:
    """`folder/name`, without the compilation folder in front of a relative name."""
    if name.startswith("/") or folder in ("", base):
        return name
    return f"{folder}/{name}"


def _decode(stream: Any, start: int, end: int, header: Any, files: list[str]) -> Iterator[Row]:
    """The rows of one line program that begin a statement or not: all of them."""
    stream.seek(start)
    code = stream.read(end - start)
    opcode_base, line_base, line_range = header["opcode_base"], header["line_base"], header["line_range"]
    step, lengths = header["minimum_instruction_length"], header["standard_opcode_lengths"]
    position, size = 0, len(code)
    address, file, line = 0, 1, 1

    def unsigned() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = code[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed() -> int:
        before = position
        value = unsigned()
        bits = 7 * (position - before)
        return value - (1 << bits) if value >> (bits - 1) else value

    while position < size:
        opcode = code[position]
        position += 1
        if opcode >= opcode_base:
            adjusted = opcode - opcode_base
            address += adjusted // line_range * step
            line += line_base + adjusted % line_range
            yield address, files[file], line
        elif opcode == EXTENDED:
            length = unsigned()
            kind = code[position]
            if kind == SET_ADDRESS:
                address = int.from_bytes(code[position + 1 : position + length], "little")
            elif kind == END_SEQUENCE:
                address, file, line = 0, 1, 1
            position += length
        elif opcode == COPY:
            yield address, files[file], line
        elif opcode == ADVANCE_PC:
            address += unsigned() * step
        elif opcode == ADVANCE_LINE:
            line += signed()
        elif opcode == SET_FILE:
            file = unsigned()
        elif opcode == CONST_ADD_PC:
            address += (255 - opcode_base) // line_range * step
        elif opcode == FIXED_ADVANCE_PC:
            address += int.from_bytes(code[position : position + 2], "little")
            position += 2
        else:
            for _ in range(lengths[opcode - 1] if opcode - 1 < len(lengths) else 0):
                unsigned()
