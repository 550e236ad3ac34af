"""Conversions between types, narrowing, and truth."""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.hashable import runtime_name
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.program import Function
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    INT,
    NEVER,
    NONE,
    BoolType,
    EnumIntType,
    FunctionType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
    is_integer,
    machine_int,
)


def coerce(low: Lowerer, value: Operand, to: Type) -> Operand:
    """See Lowerer.coerce."""
    kind = value.type
    if kind == to or to == NEVER:
        return value
    if kind == NEVER:
        return Imm(0, to) if isinstance(to, (IntType, EnumIntType)) else Imm(None, to)
    if to == NONE:
        return Imm(None, NONE)
    if isinstance(to, IntType):
        if isinstance(kind, (IntType, EnumIntType, BoolType)):
            return convert_int(low, value, to)
    elif isinstance(to, EnumIntType):
        if isinstance(kind, (IntType, EnumIntType, BoolType)):
            return retype(low, convert_int(low, value, INT), to)
    elif isinstance(to, BoolType):
        if isinstance(kind, BoolType):
            return value
    elif isinstance(to, OptionalType):
        return _to_optional(low, value, to)
    elif isinstance(to, ObjectType):
        return _to_object(low, value, to)
    elif isinstance(to, TupleType):
        if isinstance(kind, TupleType) and len(kind.items) == len(to.items):
            return _to_tuple(low, value, kind, to)
    elif isinstance(to, FunctionType):
        if isinstance(kind, FunctionType) and len(kind.parameters) == len(to.parameters):
            return _to_function(low, value, kind, to)
        if isinstance(kind, OptionalType) and isinstance(kind.item, FunctionType):
            return low.prim("cast", [value], to, borrow=value)
    elif to == CLASS_REF:
        return value
    if isinstance(kind, OptionalType) and not isinstance(to, OptionalType):
        return coerce(low, present(low, value, kind), to)
    advice = "a lambda that calls it" if isinstance(kind, FunctionType) and isinstance(to, FunctionType) else ""
    raise low.refuse(f"a value of type {kind} does not convert to {to}", advice)


def _to_optional(low: Lowerer, value: Operand, to: OptionalType) -> Operand:
    kind = value.type
    if kind == NONE:
        return Imm(None, to)
    if isinstance(kind, OptionalType):
        if to.pointer or same_representation(kind, to):
            return low.prim("cast", [value], to, borrow=value) if isinstance(value, Reg) else Imm(None, to)
        return _convert_optional(low, value, kind, to)
    inner = coerce(low, value, to.item)
    if to.pointer:
        return low.prim("cast", [inner], to, borrow=inner) if isinstance(inner, Reg) else Imm(inner.value, to)
    return low.make_tuple([Imm(True, BOOL), inner], to)


def _convert_optional(low: Lowerer, value: Operand, kind: OptionalType, to: OptionalType) -> Operand:
    result = low.merge(to)
    some, none, end = low.new_block("some"), low.new_block("none"), low.new_block("end")
    low.branch(is_none(low, value), none, some)
    low.start(some)
    low.assign(result, coerce(low, low.tuple_get(value, 1), to))
    low.goto(end)
    low.start(none)
    low.assign(result, Imm(None, to))
    low.goto(end)
    low.start(end)
    return result


SEQUENCES = ("typing.Iterable", "typing.Sequence", "typing.Collection", "typing.Reversible")


def _to_object(low: Lowerer, value: Operand, to: ObjectType) -> Operand:
    kind = value.type
    if isinstance(kind, ObjectType):
        if to.cls.name == "scarlet.runtime.bytes.Bytes" and kind.cls.name in (
            "scarlet.runtime.bytearray.ByteArray",
            "scarlet.runtime.memoryview.MemoryView",
        ):
            from scarlet.compiler.lower.values import as_bytes

            return as_bytes(low, value)
        if runtime_name(kind.cls) and runtime_name(to.cls) and not kind.cls.derives(to.cls) and not to.cls.derives(kind.cls):
            if runtime_name(kind.cls) != runtime_name(to.cls) and not to.cls.is_protocol and not kind.cls.is_protocol:
                raise low.refuse(f"a value of type {kind} does not convert to {to}")
        return low.prim("cast", [value], to, borrow=value)
    if isinstance(kind, OptionalType) and isinstance(kind.item, ObjectType):
        return _to_object(low, present(low, value, kind), to)
    if isinstance(kind, TupleType) and to.cls.name.startswith("scarlet.runtime.list.List["):
        from scarlet.compiler.lower.displays import build_list

        return build_list(low, [low.tuple_get(value, i) for i in range(len(kind.items))], to.cls.args[0])
    if isinstance(kind, TupleType) and to.cls.is_protocol and to.cls.info.fullname in SEQUENCES:
        from scarlet.compiler.lower.displays import build_list

        return _to_object(low, build_list(low, [low.tuple_get(value, i) for i in range(len(kind.items))], to.cls.args[0]), to)
    if isinstance(kind, FunctionType) and to.cls.name == "builtins.object":
        return low.prim("cast", [value], to, borrow=value)
    raise low.refuse(f"a value of type {kind} is not an object of {to}", "a class that wraps it")


def _to_tuple(low: Lowerer, value: Operand, kind: TupleType, to: TupleType) -> Operand:
    if same_representation(kind, to):
        return low.prim("retype", [value], to, borrow=value)
    return low.make_tuple([coerce(low, low.tuple_get(value, i), item) for i, item in enumerate(to.items)], to)


def _to_function(low: Lowerer, value: Operand, kind: FunctionType, to: FunctionType) -> Operand:
    same = all(same_representation(a, b) for a, b in zip(kind.parameters, to.parameters))
    if same and (same_representation(kind.result, to.result) or kind.result == NEVER):
        return low.prim("cast", [value], to, borrow=value)
    from scarlet.compiler.lower.closures import adapt_closure

    return adapt_closure(low, value, kind, to)


def same_representation(left: Type, right: Type) -> bool:
    """Whether two types have the same machine form, so that converting costs nothing."""
    if left == right or (left.pointer and right.pointer):
        return True
    if isinstance(left, (IntType, EnumIntType)) and isinstance(right, (IntType, EnumIntType)):
        a, b = machine_int(left), machine_int(right)
        return (a.bits, a.signed) == (b.bits, b.signed)
    if isinstance(left, TupleType) and isinstance(right, TupleType):
        return len(left.items) == len(right.items) and all(map(same_representation, left.items, right.items))
    if isinstance(left, OptionalType) and isinstance(right, OptionalType):
        return left.pointer == right.pointer and same_representation(left.item, right.item)
    return isinstance(left, PointerType) and isinstance(right, PointerType)


def convert_int(low: Lowerer, value: Operand, to: IntType) -> Operand:
    """An integer or bool as another integer type, range-checked."""
    if isinstance(value, Imm):
        number = int(value.value or 0)
        if not to.fits(number):
            raise low.refuse(
                f"{number} does not fit {to}", f"a value from {to.low} to {to.high}, or {to}({number}) to wrap it" if to != INT else ""
            )
        return Imm(number, to)
    source = machine_int(value.type)
    if to.low <= source.low and source.high <= to.high:
        return retype(low, value, to)
    dst = low.temp(to)
    low.emit(ir.Checked(dst, "narrow", value, Imm(0, INT), to, overflow(low, to), low.exception_target()))
    return dst


def overflow(low: Lowerer, kind: IntType) -> Function:
    """The thrower of OverflowError for results of a type."""
    from scarlet.compiler.lower.synthesis import thrower

    return thrower(low.program, "OverflowError", f"integer out of range of {kind}")


def retype(low: Lowerer, value: Operand, to: Type) -> Operand:
    """A conversion that cannot lose anything (C converts)."""
    if isinstance(value, Imm):
        return Imm(value.value, to)
    return low.prim("retype", [value], to)


def wrap_int(low: Lowerer, value: Operand, to: IntType) -> Operand:
    """Truncation modulo 2^n."""
    if isinstance(value, Imm):
        return Imm(to.wrap(int(value.value or 0)), to)
    if value.type == to:
        return value
    return low.prim("retype", [value], to)


def is_none(low: Lowerer, value: Operand) -> Operand:
    """`value is None` as a bool."""
    kind = value.type
    if kind == NONE:
        return Imm(True, BOOL)
    if isinstance(value, Imm):
        return Imm(value.value is None, BOOL)
    if isinstance(kind, OptionalType) and not kind.pointer:
        return low.prim("not", [low.tuple_get(value, 0)], BOOL)
    if isinstance(kind, OptionalType) or kind == CLASS_REF:
        return low.prim("is_null", [value], BOOL)
    return Imm(False, BOOL)


def unwrap(low: Lowerer, value: Operand, kind: OptionalType) -> Operand:
    """The value of an optional known to be present."""
    if isinstance(value, Imm):
        return Imm(0, kind.item) if is_integer(kind.item) else Imm(None, kind.item)
    if kind.pointer:
        return low.prim("cast", [value], kind.item, borrow=value)
    return low.tuple_get(value, 1)


def present(low: Lowerer, value: Operand, kind: OptionalType) -> Operand:
    """The value of an optional where a library function of CPython's takes None and ours does not: TypeError if it is absent."""
    value = low.stable(value)
    good, bad = low.new_block("present"), low.new_block("absent")
    low.branch(is_none(low, value), bad, good, 0)
    low.start(bad)
    low.raise_new("TypeError", "None where a value is needed")
    low.start(good)
    return unwrap(low, value, kind)


def narrow(low: Lowerer, value: Operand, to: Type) -> Operand:
    """The value as the type mypy knows it to have here (after `is not None` or isinstance)."""
    kind = value.type
    if kind == to or to in (NEVER, NONE):
        return value
    if isinstance(kind, OptionalType) and not isinstance(to, OptionalType):
        if isinstance(kind.item, BoolType) == isinstance(to, BoolType):
            return narrow(low, unwrap(low, value, kind), to)
        return value
    if isinstance(kind, OptionalType) and isinstance(to, OptionalType) and kind.pointer and to.pointer:
        inner, outer = to.item, kind.item
        if isinstance(inner, ObjectType) and isinstance(outer, ObjectType) and _more_precise(low, outer, inner):
            return low.prim("cast", [value], to, borrow=value)
    if isinstance(kind, ObjectType) and isinstance(to, ObjectType) and _more_precise(low, kind, to):
        return low.prim("cast", [value], to, borrow=value)
    return value


def _more_precise(low: Lowerer, kind: ObjectType, to: ObjectType) -> bool:
    return to.cls is not kind.cls and (to.cls.derives(kind.cls) or kind.cls.is_protocol or kind.cls.name == "builtins.object")


def truth(low: Lowerer, value: Operand) -> Operand:
    """bool(value)."""
    kind = value.type
    if isinstance(value, Imm):
        return Imm(bool(value.value), BOOL)
    if isinstance(kind, BoolType):
        return value
    if is_integer(kind):
        return low.prim("nonzero", [value], BOOL)
    if isinstance(kind, PointerType):
        return low.prim("nonzero", [value], BOOL)
    if kind == CLASS_REF:
        return low.prim("not_null", [value], BOOL)
    if isinstance(kind, TupleType):
        return Imm(bool(kind.items), BOOL)
    if isinstance(kind, FunctionType):
        return Imm(True, BOOL)
    if isinstance(kind, OptionalType):
        return _optional_truth(low, value, kind)
    assert isinstance(kind, ObjectType), kind
    return _object_truth(low, value, kind)


def _optional_truth(low: Lowerer, value: Operand, kind: OptionalType) -> Operand:
    if kind.pointer and isinstance(kind.item, ObjectType) and not _has_truth(low, kind.item):
        return low.prim("not_null", [value], BOOL)
    if kind.pointer and isinstance(kind.item, FunctionType):
        return low.prim("not_null", [value], BOOL)
    result = low.merge(BOOL)
    some, none, end = low.new_block("some"), low.new_block("none"), low.new_block("end")
    low.branch(is_none(low, value), none, some)
    low.start(some)
    low.assign(result, truth(low, unwrap(low, value, kind)))
    low.goto(end)
    low.start(none)
    low.assign(result, Imm(False, BOOL))
    low.goto(end)
    low.start(end)
    return result


def _has_truth(low: Lowerer, kind: ObjectType) -> bool:
    from scarlet.compiler.lower.precedence import demand_known

    demand_known(low, kind, ("__bool__", "__len__"), "whether an object is true")
    return any(low.program.method_node(kind.cls, name) is not None for name in ("__bool__", "__len__"))


def _object_truth(low: Lowerer, value: Operand, kind: ObjectType) -> Operand:
    if low.program.method_node(kind.cls, "__bool__") is not None:
        return low.method(value, "__bool__")
    if low.program.method_node(kind.cls, "__len__") is not None:
        return low.prim("nonzero", [low.method(value, "__len__")], BOOL)
    _has_truth(low, kind)
    return Imm(True, BOOL)
