"""The kernel's symbol table: what the compiler writes, the kernel reads."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scarlet.compiler.lines import Row
from scarlet.compiler.symbols import encode

START = 0xFFFF_FFFF_8020_0000
TABLE = START + 0x10_0000
ROOT = Path("/source")


def reader(table: bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    """scarlet/runtime/symbols.py over this table."""
    symbols = {"kernel_start": START, "text_end": START + 0x1000, "symbols_start": TABLE, "symbols_end": TABLE + len(table)}
    raw, memory = ModuleType("scarlet.lang.raw"), ModuleType("scarlet.runtime.bytes")
    at = {
        "symbol": symbols.__getitem__,
        "load8": lambda address: table[address - TABLE],
        "load32": lambda address: int.from_bytes(table[address - TABLE : address - TABLE + 4], "little"),
        "Ptr": lambda address: address,
    }
    for name, value in at.items():
        setattr(raw, name, value)
    memory.make = lambda start, size: table[start - TABLE : start - TABLE + size]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "scarlet.lang.raw", raw)
    monkeypatch.setitem(sys.modules, "scarlet.runtime.bytes", memory)
    path = Path(__file__).resolve().parents[2] / "scarlet" / "runtime" / "symbols.py"
    spec = importlib.util.spec_from_file_location("symbols_under_test", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FUNCTIONS = [(START, "_start"), (START + 0x100, "objects_pipe__read"), (START + 0x200, "vfs_walk__walk")]
ROWS: list[Row] = [
    (START + 0x100, "/source/objects/pipe.py", 40),
    (START + 0x110, "/source/objects/pipe.py", 43),
    (START + 0x118, "/source/scarlet/lang/ints.py", 7),
    (START + 0x120, "/source/objects/pipe.py", 41),
    (START + 0x120, "/source/objects/pipe.py", 300),
    (START + 0x200, "/elsewhere/walk.py", 9),
]
NAMES = {"objects_pipe__read": "objects.pipe.Pipe.read", "vfs_walk__walk": "vfs.walk.walk"}


@pytest.mark.parametrize(
    ("offset", "name", "place"),
    [
        (0, "_start", ":0"),
        (0xFF, "_start", ":0"),
        (0x100, "objects.pipe.Pipe.read", "objects/pipe.py:40"),
        (0x10F, "objects.pipe.Pipe.read", "objects/pipe.py:40"),
        (0x110, "objects.pipe.Pipe.read", "objects/pipe.py:43"),
        (0x11A, "objects.pipe.Pipe.read", "objects/pipe.py:43, in scarlet/lang/ints.py:7"),
        (0x120, "objects.pipe.Pipe.read", "objects/pipe.py:300"),
        (0x1FF, "objects.pipe.Pipe.read", "objects/pipe.py:300"),
        (0x200, "vfs.walk.walk", "/elsewhere/walk.py:9"),
        (0xFFF, "vfs.walk.walk", "/elsewhere/walk.py:9"),
        (0x1000, "", ""),
        (-1, "", ""),
    ],
)
def test_address_has_the_name_and_line_of_its_function(offset: int, name: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    symbols = reader(encode(START, FUNCTIONS, ROWS, NAMES, ROOT), monkeypatch)
    assert symbols.name_of(START + offset) == name
    assert symbols.place_of(START + offset) == place


def test_kernel_without_a_table_knows_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    symbols = reader(b"", monkeypatch)
    assert symbols.name_of(START + 0x100) == ""
    assert symbols.place_of(START + 0x100) == ""
