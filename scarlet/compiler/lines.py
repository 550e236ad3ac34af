"""Line tables of a linked program: the section .debug_line as rows of address, file and line.

Source: DWARF Debugging Information Format, version 4, section 6.2 "Line Number Information" (version 5 writes its file
tables in another way).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

Row = tuple[int, str, int]
"""Address, file, line."""

COPY, ADVANCE_PC, ADVANCE_LINE, SET_FILE = 1, 2, 3, 4
CONST_ADD_PC, FIXED_ADVANCE_PC = 8, 9
EXTENDED, END_SEQUENCE, SET_ADDRESS = 0, 1, 2
VERSIONS = (2, 3, 4)
ADDRESS_BYTES = 8
SETS_ADDRESS = re.compile(bytes([EXTENDED, 1 + ADDRESS_BYTES, SET_ADDRESS]))
ENDS = bytes([EXTENDED, 1, END_SEQUENCE])


@dataclass
class Unit:
    """The header of one line program. Files count from 1; `code` is where the program begins, `end` where the next unit does;
    `special` has the growth of address and line for each opcode from opcode_base on; `digest` is that of the header."""

    code: int
    end: int
    step: int
    opcode_base: int
    lengths: bytes
    files: list[str]
    special: list[tuple[int, int]]
    digest: bytes


@dataclass
class Sequence:
    """Part of a line program: that of the code of one section of an object file. The address at which it begins is not in `code`."""

    unit: Unit
    address: int
    code: bytes
    address_at: int

    def rows(self) -> list[Row]:
        """The rows, their addresses relative to the first. ValueError when this is not one sequence, no more and no less."""
        return _run(self.code[: self.address_at] + bytes(ADDRESS_BYTES) + self.code[self.address_at :], self.unit)


def sequences(section: bytes) -> Iterator[Sequence]:
    """All sequences of the section. They are told apart without looking at what is between their ends, so Sequence.rows checks that."""
    position = 0
    while position < len(section):
        unit = _header(section, position)
        starts = [match.end() for match in SETS_ADDRESS.finditer(section, unit.code, unit.end)]
        begin = unit.code
        for index, at in enumerate(starts):
            end = starts[index + 1] if index + 1 < len(starts) else unit.end
            end = section.rfind(ENDS, at, end) + len(ENDS)
            address = int.from_bytes(section[at : at + ADDRESS_BYTES], "little")
            yield Sequence(unit, address, section[begin:at] + section[at + ADDRESS_BYTES : end], at - begin)
            begin = end
        position = unit.end


def _header(data: bytes, start: int) -> Unit:
    end = start + 4 + int.from_bytes(data[start : start + 4], "little")
    version = int.from_bytes(data[start + 4 : start + 6], "little")
    if version not in VERSIONS:
        raise ValueError(f".debug_line has version {version}")
    code = start + 10 + int.from_bytes(data[start + 6 : start + 10], "little")
    at = start + 10
    step = data[at]
    at += 2 if version >= 4 else 1  # the most operations of an instruction, in version 4
    line_base = int.from_bytes(data[at + 1 : at + 2], "little", signed=True)
    line_range, opcode_base = data[at + 2], data[at + 3]
    at += 4
    lengths = data[at : at + opcode_base - 1]
    folders, at = _folders(data, at + opcode_base - 1)
    special = [((opcode - opcode_base) // line_range * step, line_base + (opcode - opcode_base) % line_range) for opcode in range(256)]
    return Unit(code, end, step, opcode_base, lengths, _files(data, at, folders), special, hashlib.sha256(data[start + 4 : code]).digest())


def _folders(data: bytes, at: int) -> tuple[list[str], int]:
    """Folder 0 is that of the compilation, to which relative names refer: it is left out."""
    folders = [""]
    while data[at]:
        name, at = _text(data, at)
        folders.append(name)
    return folders, at + 1


def _files(data: bytes, at: int, folders: list[str]) -> list[str]:
    files = [""]
    while data[at]:
        name, at = _text(data, at)
        folder, at = _unsigned(data, at)
        _time, at = _unsigned(data, at)
        _size, at = _unsigned(data, at)
        files.append(f"{folders[folder]}/{name}" if folders[folder] and not name.startswith("/") else name)
    return files


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(0, at)
    return data[at:end].decode(), end + 1


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    byte = data[at]
    value, shift = byte & 0x7F, 7
    while byte > 0x7F:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
    return value, at + 1


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, end = _unsigned(data, at)
    bits = 7 * (end - at)
    return value - (1 << bits) if value >> (bits - 1) else value, end


def _run(data: bytes, unit: Unit) -> list[Row]:
    """Execute the program of one sequence. All rows count, whether they begin a statement or not."""
    files, opcode_base, step = unit.files, unit.opcode_base, unit.step
    special = unit.special
    found: list[Row] = []
    address, file, line = -1, 1, 1
    at, end = 0, len(data)
    while at < end:
        opcode = data[at]
        at += 1
        if opcode >= opcode_base:
            address_growth, line_growth = special[opcode]
            address += address_growth
            line += line_growth
            found.append((address, files[file], line))
        elif opcode == ADVANCE_LINE:
            growth, at = _signed(data, at)
            line += growth
        elif opcode == COPY:
            found.append((address, files[file], line))
        elif opcode == SET_FILE:
            file, at = _unsigned(data, at)
        elif opcode == ADVANCE_PC:
            growth, at = _unsigned(data, at)
            address += growth * step
        elif opcode == CONST_ADD_PC:
            address += special[255][0]
        elif opcode == FIXED_ADVANCE_PC:
            address += int.from_bytes(data[at : at + 2], "little")
            at += 2
        elif opcode == EXTENDED:
            length, at = _unsigned(data, at)
            if data[at] == SET_ADDRESS:
                if address >= 0:
                    raise ValueError(".debug_line has a sequence with two addresses")
                address = 0
            elif data[at] == END_SEQUENCE:
                if at + length == end:
                    return found
                break
            at += length
        else:
            for _ in range(unit.lengths[opcode - 1]):
                _ignored, at = _unsigned(data, at)
    raise ValueError(".debug_line has a sequence that ends early or late")
