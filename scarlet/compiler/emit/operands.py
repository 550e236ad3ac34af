"""The C text of what operations are made of: registers, constants, places, and the small statements that all of them share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scarlet.compiler.emit.names import generic, precise
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.program import Function
from scarlet.compiler.types import (
    NONE,
    BoolType,
    NeverType,
    NoneType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
    machine_int,
)

if TYPE_CHECKING:
    from scarlet.compiler.emit.unit import Unit

_FOREIGN = re.compile(r"\W")


def is_void(kind: Type) -> bool:
    return isinstance(kind, (NoneType, NeverType))


class Names(dict[Reg, str]):
    """The C names of a function's registers, given when they are first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: set[str] = set()

    def __missing__(self, reg: Reg) -> str:
        name = _FOREIGN.sub("_", reg.name)
        if name.startswith("v_"):
            name = name[2:]
        if name in RESERVED or name in self.taken or name.startswith(("scarlet_", "L")) or not (name[0].isalpha() or name[0] == "_"):
            name = f"{name}_{reg.number}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        self[reg] = name
        return name


class Operands:
    """The state of writing one function into a unit."""

    def __init__(self, unit: Unit, function: Function) -> None:
        self.unit = unit
        self.function = function
        self.lines: list[str] = []
        self.line = -1
        self.origin: tuple[str, int] | None = None
        self.uses_error = False
        self.rare = False
        """Is what is being written meant for small size, because it is hardly ever run?"""
        self.names = Names()
        self.name = self.names.__getitem__

    def value(self, operand: Operand, as_type: Type | None = None) -> str:
        """The C expression of an operand; `as_type` casts references to the C type of another class."""
        if isinstance(operand, Imm):
            return self.immediate(operand, as_type)
        kind = operand.type
        if isinstance(kind, NoneType):
            return "0"
        text = self.name(operand)
        if as_type is not None and as_type is not kind and as_type != kind:
            wanted, have = precise(as_type), precise(kind)
            if wanted != have and wanted.endswith("*"):
                return f"({wanted}){text}"
        return text

    def immediate(self, operand: Imm, as_type: Type | None = None) -> str:
        kind = operand.type
        if operand.value is None or isinstance(kind, (OptionalType, TupleType)):
            if kind == NONE and as_type is not None and as_type != NONE:
                kind = as_type
            if kind.pointer:
                return "0"
            self.unit.structure(kind)
            if isinstance(kind, (OptionalType, TupleType)):
                return f"({generic(kind)}){{0}}"
            return "0"
        if isinstance(kind, BoolType):
            return "1" if operand.value else "0"
        return integer_text(int(operand.value), kind)

    def place(self) -> str:
        if self.origin is not None:
            return self.unit.site(*self.origin)
        return self.unit.site(self.function.file, max(self.line, 1))

    def declaration(self, reg: Reg) -> str:
        """Only variables of the source are for a debugger."""
        kind = self.unit.type(reg.type)
        hidden = "" if reg.variable else "HIDDEN "
        if reg.type.counted:
            zero = " = 0" if reg.type.pointer else " = {0}"
        else:
            zero = ""
        return f"{hidden}{kind}{'' if kind.endswith('*') else ' '}{self.name(reg)}{zero};"

    def set(self, dst: Reg, text: str) -> str:
        kind = precise(dst.type)
        if kind.startswith("struct ") and not kind.endswith("*"):
            return f"{self.name(dst)} = {text};"
        return f"{self.name(dst)} = ({kind})({text});"

    def assign(self, dst: Reg, src: Operand) -> str:
        if isinstance(src, Imm) and src.value is None and not dst.type.pointer:
            self.unit.structure(dst.type)
            if isinstance(dst.type, (OptionalType, TupleType)):
                return f"{self.name(dst)} = ({generic(dst.type)}){{0}};"
            return f"{self.name(dst)} = 0;"
        return f"{self.name(dst)} = {self.value(src, dst.type)};"

    def size_first(self, way: str) -> str:
        """The end of the name of what counts a reference (emit/prelude.py): there is a small form to count one down."""
        return "_rare" if self.rare and way == "dec" else ""

    def count(self, way: str, text: str, kind: Type) -> str:
        """Count a value (of any counted type, possibly null) up or down."""
        if kind.pointer:
            return f"scarlet_x{way}ref{self.size_first(way)}((Obj *){text});"
        return f"{self.unit.counter(way, kind)}({text});"


def c_field(name: str) -> str:
    """The C name of a field."""
    return f"f_{name}" if name in RESERVED or name in ("rc", "type") else name


def integer_text(value: int, kind: Type) -> str:
    """A C constant of exactly the type's width and sign."""
    machine = machine_int(kind) if not isinstance(kind, PointerType) else None
    if machine is None or (machine.bits == 64 and not machine.signed):
        return f"{value & (1 << 64) - 1}UL"
    if machine.bits == 64:
        return "(-9223372036854775807L - 1)" if value == -(1 << 63) else f"{value}L" if value >= 0 else f"({value}L)"
    return f"(({generic(kind)}){value if value > -(1 << 31) else f'({value}L)'}{'U' if not machine.signed and value > 0x7FFFFFFF else ''})"


RESERVED = set(
    """auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return
    short signed sizeof static
    struct switch typedef union unsigned void volatile while _Bool bool int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t
    Obj Type Closure Site HIDDEN INLINE LIKELY
    UNLIKELY IMMORTAL WEAK ENDED COUNT asm typeof memcpy memmove memset memcmp e r o old main unix linux riscv __riscv NULL true false SHR_S SHR_U""".split()  # noqa: E501
)
