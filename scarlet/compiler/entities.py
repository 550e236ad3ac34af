"""What a program consists of, after monomorphisation: functions, global variables and classes (program.py makes them on demand)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mypy.nodes import Decorator, Expression, FuncDef, LambdaExpr, SymbolNode, TypeInfo, Var

from scarlet.compiler.errors import Place
from scarlet.compiler.ir import Body, Imm
from scarlet.compiler.types import EnumIntType, FunctionType, ObjectType, Type


@dataclass(eq=False)
class Param:
    name: str
    type: Type
    kind: str = "pos"  # pos, opt, named, named_opt
    default: Expression | None = None
    var: Var | None = None

    @property
    def optional(self) -> bool:
        return self.kind in ("opt", "named_opt")


@dataclass(eq=False)
class Function:
    """One compiled function: a definition with its type arguments, or a synthesised one (`build` makes its body)."""

    name: str
    cname: str
    module: str
    file: str
    line: int
    params: list[Param]
    result: Type
    env: dict[str, Type]
    node: FuncDef | LambdaExpr | None = None
    owner: Class | None = None
    build: Callable[[Function], Body] | None = None
    body: Body | None = None
    may_raise: bool = True
    inline: bool = False
    noinline: bool = False
    export: str = ""
    section: str = ""
    align: int = 4
    assembly: str | None = None
    is_generator: bool = False
    enclosing: object = None
    captures: list[tuple[object, Type, str]] = field(default_factory=list)
    closure: bool = False
    queued: bool = False
    releases: bool = True
    cold: bool = False
    runs_once: bool = False
    """A module's top-level statements."""
    declared: bool = False
    """A method of Python's library, of which only the type is known."""
    asked: tuple[Function, Place] | None = None
    """Where it was first asked for: an error in the runtime's generic code is one of what uses it."""
    plain_abi: bool = False
    keeps: bool = True
    """False for a naked function that may change the registers that functions otherwise preserve."""

    def blamed(self, place: Place) -> Place:
        """The line that an error is told at: for the runtime's generic code, whose types are the user's, the line that asked for it."""
        function = self
        while function.module.startswith("scarlet.runtime.") and function.env and function.asked is not None:
            function, place = function.asked
        return place

    @property
    def signature(self) -> FunctionType:
        return FunctionType(tuple(p.type for p in self.params), self.result)

    def __str__(self) -> str:
        return self.cname


@dataclass(eq=False)
class Global:
    """A module or class variable. `constant` is set when its value is known at compile time."""

    fullname: str
    cname: str
    type: Type
    module: str
    storage: tuple[int, int] | None = None  # static_bytes: size, alignment
    written_once: bool = False


@dataclass(eq=False)
class Class:
    """One compiled class: a definition with its type arguments."""

    name: str
    cname: str
    info: TypeInfo
    args: tuple[Type, ...]
    env: dict[str, Type]
    module: str
    base: Class | None
    is_enum: bool = False
    is_int_enum: bool = False
    is_protocol: bool = False
    fields: dict[str, Type] = field(default_factory=dict)
    own_fields: list[str] = field(default_factory=list)
    subclasses: list[Class] = field(default_factory=list)
    constructed: bool = False
    members: list[tuple[str, Imm | str | bytes]] = field(default_factory=list)
    depth: int = 0
    used: bool = False
    resolved: bool = False
    generated: bool = False
    methods: dict[str, Function] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def ancestors(self) -> Iterator[Class]:
        cls: Class | None = self
        while cls is not None:
            yield cls
            cls = cls.base

    def derives(self, other: Class) -> bool:
        cls: Class | None = self
        while cls is not None:
            if cls is other:
                return True
            cls = cls.base
        return False

    def definition(self, name: str) -> tuple[Class, SymbolNode] | None:
        """The class on the base chain (then the protocols) that defines a member, and its node."""
        for cls in self.ancestors():
            if cls.generated:
                continue
            symbol = cls.info.names.get(name)
            if symbol is not None and symbol.node is not None:
                if symbol.plugin_generated and isinstance(symbol.node, (FuncDef, Decorator)):
                    continue
                return cls, symbol.node
        return None

    @property
    def type(self) -> Type:
        return EnumIntType(self) if self.is_int_enum else ObjectType(self)


def mangle(name: str) -> str:
    """A C identifier for a dotted or generic name."""
    return re.sub(r"_+$", "", re.sub(r"[^A-Za-z0-9_]+", "_", name))
