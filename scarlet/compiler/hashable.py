"""Which values are keys of dicts and elements of sets. Source: the Python Language Reference, 3.3.1, `object.__hash__`.

A class that says what equals its objects, and not how they are hashed, has no hash; neither have containers that change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy import nodes as n

from scarlet.compiler.entities import Class
from scarlet.compiler.errors import CompileError
from scarlet.compiler.plugin import struct_decorator
from scarlet.compiler.types import ObjectType, OptionalType, TupleType, Type

if TYPE_CHECKING:
    from scarlet.compiler.program import Program

RUNTIME = "scarlet.runtime."
CHANGING = {
    "list.List": "list",
    "dict.Dict": "dict",
    "bytearray.ByteArray": "bytearray",
    "deque.Deque": "deque",
    "weakref.Ref": "weak reference",
}


def runtime_name(cls: Class) -> str:
    """The name of a class of the runtime without its type arguments."""
    return cls.name.removeprefix(RUNTIME).partition("[")[0] if cls.module.startswith(RUNTIME) else ""


def demand_hashable(program: Program, kind: Type) -> None:
    """CompileError, which has no place yet, for values that cannot be hashed."""
    if isinstance(kind, OptionalType):
        demand_hashable(program, kind.item)
    elif isinstance(kind, TupleType):
        for item in kind.items:
            demand_hashable(program, item)
    elif isinstance(kind, ObjectType):
        if runtime_name(kind.cls) in CHANGING:
            raise CompileError(None, f"a {CHANGING[runtime_name(kind.cls)]} cannot be hashed", "a tuple of known length, or another key")
        if not kind.cls.module.startswith(RUNTIME) and not kind.cls.is_enum:
            _demand(kind.cls)


def _demand(cls: Class) -> None:
    for owner in cls.ancestors():
        if owner.generated or owner.is_protocol or owner.name == "builtins.object" or _hashes(owner):
            return
        if defines(owner, "__eq__") or _generates(owner, "eq", True) or struct_decorator(owner.info) is not None:
            advice = "a __hash__, or @dataclass(frozen=True)"
            raise CompileError(None, f"{cls.info.name} cannot be hashed: it has __eq__ and no __hash__", advice)


def _hashes(cls: Class) -> bool:
    return (
        defines(cls, "__hash__")
        or _generates(cls, "unsafe_hash", False)
        or _generates(cls, "frozen", False)
        and _generates(cls, "eq", True)
    )


def defines(cls: Class, name: str) -> bool:
    """Whether the source of this very class has a method."""
    symbol = cls.info.names.get(name)
    return symbol is not None and not symbol.plugin_generated and isinstance(symbol.node, (n.FuncDef, n.Decorator))


def _generates(cls: Class, name: str, default: bool) -> bool:
    """An option of @dataclass, False for other classes."""
    for decorator in cls.info.defn.decorators:
        callee = decorator.callee if isinstance(decorator, n.CallExpr) else decorator
        if not isinstance(callee, n.RefExpr) or callee.fullname != "dataclasses.dataclass":
            continue
        options = dict(zip(decorator.arg_names, decorator.args)) if isinstance(decorator, n.CallExpr) else {}
        given = options.get(name)
        return default if given is None else isinstance(given, n.NameExpr) and given.name == "True"
    return False
