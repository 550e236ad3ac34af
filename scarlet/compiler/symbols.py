"""The symbol table that the kernel carries for its panics: made from the linked ELF file, read by scarlet/runtime/symbols.py.

Functions come from the ELF symbol table, lines from .debug_line (lines.py). A row of another file is an inlined
function: such an address gets both that place and the last line before it in the function's own file.
"""

from __future__ import annotations

import marshal
import os
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from elftools.elf.elffile import ELFFile

from scarlet.compiler.errors import CompileError
from scarlet.compiler.lines import Row, Sequence, sequences

MAGIC = 0x314D5953
SYMBOL = struct.Struct("<IBBHQQ")
"""Elf64_Sym: name, info, other, section, value, size."""
RECORD = struct.Struct("<4I")
UNTYPED, FUNCTION = 0, 2
UNDEFINED, ABSOLUTE = 0, 0xFFF1


def table(elf: Path, names: Mapping[str, str], root: Path | None, known: Path) -> bytes:
    """The contents of .scarlet.symbols. `names` gives the Python name of a C symbol; file names are made relative to `root`. `known` is a
    file that keeps what was found out about functions, for the next build."""
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        start, functions = _functions(_contents(file, ".symtab"), _contents(file, ".strtab"))
        found = list(sequences(_contents(file, ".debug_line")))
    strings = Strings(root, {file for unit in {id(item.unit): item.unit for item in found}.values() for file in unit.files})
    memory = Memory(known, strings)
    lines = _lines(functions, found, strings, memory)
    memory.save()
    return _assemble(start, functions, lines, names, strings)


def _contents(file: ELFFile, name: str) -> bytes:
    """A section's bytes; none when the file lacks it."""
    section = file.get_section_by_name(name)
    return bytes(section.data()) if section is not None else b""


class Strings:
    """The strings of the table. Files come first, in alphabetical order, so that they stay where they are when other names change."""

    def __init__(self, root: Path | None, files: Iterable[str]) -> None:
        self.data, self.offsets = bytearray(b"\0"), {"": 0}
        self.files = {file: self.add(_shown(file, root)) for file in sorted(files)}

    def add(self, value: str) -> int:
        found = self.offsets.get(value)
        if found is None:
            found = self.offsets[value] = len(self.data)
            self.data += value.encode() + b"\0"
        return found


Lines = tuple[int, bytes]
"""The file of a function, as an offset into the strings, and its stream."""


class Memory:
    """The lines of functions as they were in the last build, by the code of their sequences."""

    def __init__(self, path: Path, strings: Strings) -> None:
        self.path = path
        self.files = list(strings.files.items())  # if these are others, no offset is what it was
        self.before: dict[tuple[bytes, int, bytes], Lines] = {}
        self.now: dict[tuple[bytes, int, bytes], Lines] = {}
        try:
            files, before = marshal.loads(path.read_bytes())
            if files == self.files:
                self.before = before
        except (OSError, ValueError, EOFError, TypeError):
            pass  # none yet, or not one of ours

    def of(self, sequence: Sequence, make: Callable[[], Lines]) -> Lines:
        key = (sequence.unit.digest, sequence.address_at, sequence.code)
        found = self.before.get(key)
        if found is None:
            found = make()
        self.now[key] = found
        return found

    def save(self) -> None:
        partial = self.path.with_suffix(f".{os.getpid()}.tmp")
        partial.write_bytes(marshal.dumps((self.files, self.now)))
        partial.rename(self.path)


def _lines(functions: list[tuple[int, str]], found: list[Sequence], strings: Strings, memory: Memory) -> list[Lines]:
    """The lines of each function. One that has a sequence of its own, as all that are compiled from Python have, is remembered."""
    at: dict[int, list[Sequence]] = {}
    for sequence in found:
        at.setdefault(sequence.address, []).append(sequence)
    starts = [address for address, _symbol in functions]
    own = [len(at.get(address, ())) == 1 and (index + 1 == len(starts) or starts[index + 1] in at) for index, address in enumerate(starts)]
    if not starts:
        advice = "--target linux-user, or a main module that is a kernel"
        raise CompileError(None, "nothing of this program is reached from the kernel's start", advice)
    shared = {address for address in at if address >= starts[0]} - {address for address, alone in zip(starts, own) if alone}
    rest = sorted((row for address in shared for sequence in at[address] for row in _placed(sequence)), key=lambda row: row[0])
    addresses = [row[0] for row in rest]
    lines: list[Lines] = []
    for index, (address, alone) in enumerate(zip(starts, own)):
        if alone:
            sequence = at[address][0]
            lines.append(memory.of(sequence, lambda sequence=sequence: _stream(0, sequence.rows(), strings)))  # type: ignore[misc]
        else:
            end = starts[index + 1] if index + 1 < len(starts) else 1 << 64
            rows = rest[bisect_right(addresses, address - 1) : bisect_right(addresses, end - 1)]
            lines.append(_stream(address, rows, strings))
    return lines


def _placed(sequence: Sequence) -> list[Row]:
    return [(sequence.address + offset, file, line) for offset, file, line in sequence.rows()]


def encode(start: int, functions: list[tuple[int, str]], rows: list[Row], names: Mapping[str, str], root: Path | None) -> bytes:
    """The table of functions (address, C symbol) behind `start`, and rows, both in order of address."""
    strings = Strings(root, {file for _address, file, _line in rows})
    addresses = [row[0] for row in rows]
    bounds = [*(bisect_right(addresses, address - 1) for address, _symbol in functions), len(rows)]
    lines = [_stream(address, rows[bounds[index] : bounds[index + 1]], strings) for index, (address, _symbol) in enumerate(functions)]
    return _assemble(start, functions, lines, names, strings)


def _assemble(start: int, functions: list[tuple[int, str]], lines: list[Lines], names: Mapping[str, str], strings: Strings) -> bytes:
    streams, records = bytearray(), bytearray()
    for (address, symbol), (file, stream) in zip(functions, lines):
        records += RECORD.pack(address - start, strings.add(names.get(symbol, symbol)), file, len(streams))
        streams += stream
    header = RECORD.pack(MAGIC, len(functions), 16 + len(records), 16 + len(records) + len(streams))
    return bytes(header + records + streams + strings.data)


def _stream(address: int, rows: list[Row], strings: Strings) -> Lines:
    """Rows as growths of address and line, and the name of another file; the last of those at one address, only where the place changes."""
    own = rows[0][1] if rows else ""
    kept: list[Row] = []
    for row in rows:
        if row[2] <= 0:
            continue
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
            out += _leb128(strings.files[file])
        address, before = at, line
    return strings.files[own] if own else 0, bytes(out)


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
