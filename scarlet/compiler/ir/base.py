"""What all of the IR is made of: registers, constants, blocks, the base of operations, and the body of a function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar, dataclass_transform

from scarlet.compiler.types import Type

Operation = TypeVar("Operation", bound="Op")


@dataclass(eq=False, slots=True)
class Reg:
    """A register. `owner` is what keeps a borrowed value alive (None: the caller or a static object does)."""

    name: str
    type: Type
    variable: bool = False
    parameter: bool = False
    borrowed: bool = False
    owner: Reg | None = None
    number: int = 0

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Imm:
    """A constant operand: an integer, a bool, or None for a null reference / absent optional."""

    value: int | bool | None
    type: Type

    def __str__(self) -> str:
        return str(self.value)


Operand = Reg | Imm
OPERANDS = ("Operand", "Operand | None", "list[Operand]", "Reg")
"""How the fields of an operation that hold operands are annotated."""


@dataclass(eq=False, slots=True)
class Block:
    name: str
    ops: list[Op] = field(default_factory=list)
    number: int = 0

    def __str__(self) -> str:
        return self.name

    @property
    def terminated(self) -> bool:
        return bool(self.ops) and isinstance(self.ops[-1], Terminator)


@dataclass(eq=False, slots=True)
class Op:
    """Base of operations. `line` is the Python line; `origin` is the file and line of one that was copied from another function."""

    line: int = field(default=0, init=False)
    origin: tuple[str, int] | None = field(default=None, init=False)
    target: ClassVar[Reg | None] = None
    """The register it defines (`dst`)."""
    raises: ClassVar[Block | None] = None
    """Where its exception goes (`handler`)."""
    parts: ClassVar[tuple[str, ...]] = ()
    """The fields that hold operands, by their declared types."""

    def operands(self) -> list[Operand]:
        return []

    def stolen(self) -> list[Operand]:
        return []

    def registers(self) -> list[Reg]:
        return [operand for operand in self.operands() if isinstance(operand, Reg)]

    def replace(self, mapping: dict[Reg, Operand]) -> None:
        """Substitute operands (used by passes)."""
        for name in self.parts:
            value = getattr(self, name)
            if isinstance(value, Reg):
                if value in mapping:
                    setattr(self, name, mapping[value])
            elif isinstance(value, list):
                setattr(self, name, [mapping.get(item, item) if isinstance(item, Reg) else item for item in value])

    def copy(self: Operation) -> Operation:
        """The same operation again, with the same operands."""
        new = type(self).__new__(type(self))
        new.line, new.origin = self.line, self.origin
        for name in type(self).__slots__:
            setattr(new, name, getattr(self, name))
        return new


@dataclass_transform(eq_default=False)
def operation(cls: type[Operation]) -> type[Operation]:
    """A kind of operation: a dataclass with slots. `target` and `raises`, asked for all the time, are its `dst` and `handler`."""
    made = dataclass(eq=False, slots=True)(cls)
    if "dst" in made.__slots__:
        made.target = made.__dict__["dst"]
    if "handler" in made.__slots__ and "raises" not in made.__dict__:
        made.raises = made.__dict__["handler"]
    made.parts = tuple(name for name, kind in made.__annotations__.items() if kind in OPERANDS and name != "dst")
    return made


class Terminator(Op):
    """An operation that ends its block."""

    __slots__ = ()

    def successors(self) -> list[Block]:
        return []


def on_failure(handler: Block | None) -> str:
    """The side exit in the text of an operation."""
    return f" !{handler}" if handler is not None else ""


@dataclass(eq=False)
class Body:
    """The code of one function."""

    params: list[Reg]
    result: Type
    blocks: list[Block]
    registers: list[Reg] = field(default_factory=list)
    file: str = ""

    def text(self) -> str:
        lines = [f"({', '.join(f'{p}: {p.type}' for p in self.params)}) -> {self.result}"]
        for block in self.blocks:
            lines.append(f"{block}:")
            lines += [f"    {op}" for op in block.ops]
        return "\n".join(lines)
