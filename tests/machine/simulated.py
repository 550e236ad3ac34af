"""Modules of the bare machine under CPython: scarlet.lang.raw over a dictionary of 8-byte words, with CSRs and symbols of our own."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "scarlet" / "machine" / "riscv64"


class Machine:
    """Words by address (the direct map's and the statics' alike), symbols, CSRs, and how often translations were forgotten."""

    def __init__(self, symbols: dict[str, int]) -> None:
        self.words: dict[int, int] = {}
        self.symbols = symbols
        self.csrs: dict[str, int] = {"satp": 0}
        self.identifier_bits = 0xFFFF
        self.fences = 0
        self._next_static = symbols["kernel_end"] + (1 << 30)

    def static_bytes(self, size: int, align: int = 16) -> "Ptr":
        self._next_static += size + 4096
        return Ptr(self, self._next_static & ~4095)

    def write_csr(self, name: str, value: int) -> None:
        if name == "satp":
            value &= ~(0xFFFF << 44) | self.identifier_bits << 44
        self.csrs[name] = value

    def fence(self, *_addresses: int) -> None:
        self.fences += 1

    def raw(self) -> ModuleType:
        """scarlet.lang.raw, as far as these modules use it."""
        module = ModuleType("scarlet.lang.raw")
        machine = self

        class BoundPtr:
            def __class_getitem__(cls, item: Any) -> Any:
                return lambda address: Ptr(machine, address)

            def __new__(cls, address: int) -> Any:
                return Ptr(machine, address)

        def memset(target: Ptr, value: int, count: int) -> None:
            assert value == 0
            for address in range(target.address, target.address + count, 8):
                machine.words.pop(address, None)

        def memcpy(target: Ptr, source: Ptr, count: int) -> None:
            for offset in range(0, count, 8):
                machine.words[target.address + offset] = machine.words.get(source.address + offset, 0)

        def plain(function: Any) -> Any:
            return function

        names: dict[str, Any] = {
            "Ptr": BoundPtr,
            "symbol": self.symbols.__getitem__,
            "static_bytes": self.static_bytes,
            "inline": plain,
            "noinline": plain,
            "load64": lambda address: self.words.get(address, 0),
            "store64": self.words.__setitem__,
            "memset": memset,
            "memcpy": memcpy,
            "csr_read": self.csrs.__getitem__,
            "csr_write": self.write_csr,
            "sfence_vma_all": self.fence,
            "sfence_vma_address": self.fence,
        }
        for name, value in names.items():
            setattr(module, name, value)
        return module


class Ptr:
    """Ptr[u64]."""

    def __init__(self, machine: Machine, address: int) -> None:
        self._machine = machine
        self.address = address

    def __getitem__(self, index: int) -> int:
        return self._machine.words.get(self.address + 8 * index, 0)

    def __setitem__(self, index: int, value: int) -> None:
        assert 0 <= value < 1 << 64
        self._machine.words[self.address + 8 * index] = value


@contextmanager
def modules(machine: Machine, *names: str) -> Iterator[list[Any]]:
    """These modules of the bare machine, loaded in order over the simulated memory."""
    replaced = ["scarlet.lang.raw", *(f"scarlet.machine.{name}" for name in names)]
    before = {name: sys.modules.get(name) for name in replaced}
    package = sys.modules["scarlet.machine"]
    attributes = {name: getattr(package, name, None) for name in names}
    sys.modules["scarlet.lang.raw"] = machine.raw()
    loaded: list[Any] = []
    try:
        for name in names:
            spec = importlib.util.spec_from_file_location(f"scarlet.machine.{name}", FOLDER / f"{name}.py")
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[f"scarlet.machine.{name}"] = module
            setattr(package, name, module)
            spec.loader.exec_module(module)
            loaded.append(module)
        yield loaded
    finally:
        for name, old in before.items():
            if old is None:
                del sys.modules[name]
            else:
                sys.modules[name] = old
        for name, attribute in attributes.items():
            if attribute is None:
                delattr(package, name)
            else:
                setattr(package, name, attribute)
