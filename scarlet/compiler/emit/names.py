"""C names of types. The representation code of a type is what calling conventions and generic structures are named after: all references
share one."""

from __future__ import annotations

from scarlet.compiler.types import (
    CLASS_REF,
    BoolType,
    CellType,
    EnumIntType,
    FunctionType,
    IntType,
    NeverType,
    NoneType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)


def code(kind: Type) -> str:
    """The representation code: i64, u8, b, p ..."""
    if isinstance(kind, IntType):
        return f"{'i' if kind.signed else 'u'}{kind.bits}"
    if isinstance(kind, EnumIntType):
        return "i64"
    if isinstance(kind, BoolType):
        return "b"
    if isinstance(kind, PointerType):
        return "u64"
    if kind == CLASS_REF:
        return "c"
    if isinstance(kind, (NoneType, NeverType)):
        return "n"
    if kind.pointer or isinstance(kind, CellType):
        return "p"
    if isinstance(kind, TupleType):
        return f"T{len(kind.items)}" + "".join(f"_{code(item)}" for item in kind.items)
    assert isinstance(kind, OptionalType), kind
    return f"O_{code(kind.item)}"


def generic(kind: Type) -> str:
    """The C type by representation: every reference is Obj *."""
    if isinstance(kind, ObjectType):
        return "Obj *"
    if isinstance(kind, IntType):
        return f"{'int' if kind.signed else 'uint'}{kind.bits}_t"
    if isinstance(kind, EnumIntType):
        return "int64_t"
    if isinstance(kind, BoolType):
        return "bool"
    if isinstance(kind, PointerType):
        return "uint64_t"
    if kind == CLASS_REF:
        return "const Type *"
    if isinstance(kind, (NoneType, NeverType)):
        return "uint8_t"
    if kind.pointer or isinstance(kind, CellType):
        return "Obj *"
    return f"struct {code(kind)}"


def precise(kind: Type) -> str:
    """The C type of variables, parameters and fields: references by class, so that a debugger shows their fields."""
    if isinstance(kind, ObjectType):
        cls = kind.cls
        return "Obj *" if cls.is_protocol or cls.name == "builtins.object" else f"struct {cls.cname} *"
    if isinstance(kind, IntType):
        return generic(kind)
    if isinstance(kind, OptionalType) and kind.pointer:
        return precise(kind.item)
    if isinstance(kind, FunctionType):
        return "Closure *"
    return generic(kind)
