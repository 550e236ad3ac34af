"""Subscripts: items and slices; casts."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import values
from scarlet.compiler.lower.conditions import has_effects
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.conversions import coerce, is_none
from scarlet.compiler.lower.expressions import narrowed
from scarlet.compiler.lower.members import class_attribute, class_reference
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    INT,
    NONE,
    FunctionType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)

MAX = (1 << 63) - 1


@expression(n.IndexExpr)
def subscript(low: Lowerer, node: n.IndexExpr, want: Type | None) -> Operand:
    info = class_reference(node.base)
    if info is not None and not isinstance(node.analyzed, n.TypeApplication):
        return enum_by_name(low, info, node)
    if isinstance(node.analyzed, n.TypeApplication):
        kind = low.type_of(node)
        if isinstance(kind, FunctionType):
            raise low.refuse("a generic class is not a value here", "a lambda that makes one")
        return Imm(None, CLASS_REF)
    base = low.expr(node.base)
    if isinstance(node.index, n.SliceExpr):
        return slice_of(low, base, node.index)
    return narrowed(low, node, item_of(low, base, node.index))


def enum_by_name(low: Lowerer, info: n.TypeInfo, node: n.IndexExpr) -> Operand:
    cls = low.program.class_of(info, ())
    if isinstance(node.index, n.StrExpr):
        if node.index.value not in info.names:
            raise low.refuse(f"{info.name} has no member {node.index.value}", "a name that it has", node)
        fake = n.MemberExpr(node.base, node.index.value)
        return class_attribute(low, info, fake, None)
    function = low.program.synthesised_method(cls, "__from_name__")
    if function is None:
        raise low.refuse(f"{info.name} cannot be subscripted", "", node)
    return low.call(function, [low.expr(node.index)])


def item_of(low: Lowerer, base: Operand, index: n.Expression) -> Operand:
    """base[index] for one item."""
    kind = base.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        base = unwrap(low, base, kind)
        kind = base.type
    if isinstance(kind, TupleType):
        position = constant(low.program, index)
        if not isinstance(position, int) and len(set(kind.items)) == 1:
            from scarlet.compiler.lower.displays import build_list

            items = build_list(low, [low.tuple_get(base, i) for i in range(len(kind.items))], kind.items[0])
            return low.method(items, "__getitem__", low.expr_as(index, INT))
        if not isinstance(position, int):
            raise low.refuse("the index of a tuple of different types must be a constant", "a list", index)
        return low.tuple_get(base, position + len(kind.items) if position < 0 else position)
    if isinstance(kind, PointerType):
        offset = low.expr_as(index, INT)
        return low.prim("ptr_load", [base, offset], kind.item)
    if isinstance(kind, ObjectType):
        function = low.program.method_function(kind.cls, "__getitem__")
        if function is not None:
            if has_effects(index):
                base = low.stable(base)
            return low.call_method(kind.cls, base, "__getitem__", [low.expr_as(index, function.params[1].type)])
    raise low.refuse(f"a value of type {kind} cannot be subscripted")


def pick(low: Lowerer, base: Operand, kind: TupleType, index: n.Expression) -> Operand:
    """An item of a tuple by a computed index: its items must have one type."""
    if not kind.items or any(item != kind.items[0] for item in kind.items):
        raise low.refuse("the index of a tuple of different types must be a constant", "a list", index)
    number = low.stable(low.expr_as(index, INT))
    count = len(kind.items)
    result = low.merge(kind.items[0])
    end = low.new_block("picked")
    for position in range(count):
        for candidate in (position, position - count):
            found, onward = low.new_block("item"), low.new_block("next")
            low.branch(low.prim("eq", [number, Imm(candidate, INT)], BOOL), found, onward)
            low.start(found)
            low.assign(result, low.tuple_get(base, position))
            low.goto(end)
            low.start(onward)
    low.raise_new("IndexError", "tuple index out of range")
    low.start(end)
    return result


def slice_bounds(low: Lowerer, node: n.SliceExpr) -> list[Operand]:
    start = low.stable(bound(low, node.begin_index, 0))
    return [start, bound(low, node.end_index, MAX)]


def bound(low: Lowerer, node: n.Expression | None, missing: int) -> Operand:
    """An end or the step of a slice; None is as good as nothing."""
    if node is None:
        return Imm(missing, INT)
    value = low.expr(node, INT)
    kind = value.type
    if kind == NONE:
        return Imm(missing, INT)
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        value = low.stable(value)
        return values.choose(low, is_none(low, value), lambda: Imm(missing, INT), lambda: low.coerce(unwrap(low, value, kind), INT), INT)
    return low.coerce(value, INT)


def constant_bound(low: Lowerer, node: n.Expression | None) -> int | None:
    """An end or the step of a slice of a tuple, which must be known at compile time."""
    value = constant(low.program, node)
    if node is not None and not isinstance(value, int):
        raise low.refuse("the bounds of a slice of a tuple must be constants", "a list", node)
    return value if isinstance(value, int) else None


def slice_of(low: Lowerer, base: Operand, node: n.SliceExpr) -> Operand:
    kind = base.type
    if isinstance(kind, TupleType):
        start, stop, step = (constant_bound(low, item) for item in (node.begin_index, node.end_index, node.stride))
        chosen = range(len(kind.items))[start:stop:step]
        return low.make_tuple([low.tuple_get(base, i) for i in chosen], TupleType(tuple(kind.items[i] for i in chosen)))
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"a value of type {kind} cannot be sliced")
    if node.stride is None or constant(low.program, node.stride) == 1:
        return low.call_method(kind.cls, base, "getslice", slice_bounds(low, node))
    return low.call_method(kind.cls, base, "getslice_step", stepped_bounds(low, node))


def stepped_bounds(low: Lowerer, node: n.SliceExpr) -> list[Operand]:
    """start | None, stop | None, step"""
    optional = OptionalType(INT)
    ends = [low.stable(low.expr_as(x, optional)) if x is not None else Imm(None, optional) for x in (node.begin_index, node.end_index)]
    return [*ends, bound(low, node.stride, 1)]


@expression(n.CastExpr)
def cast(low: Lowerer, node: n.CastExpr, want: Type | None) -> Operand:
    """typing.cast: free between classes; checked between integers."""
    to = low.convert_type(node.type)
    value = low.expr(node.expr, to)
    if isinstance(value.type, OptionalType) and to.pointer or isinstance(value.type, (ObjectType, FunctionType)) and to.pointer:
        return low.prim("cast", [value], to, borrow=value)
    return coerce(low, value, to)


@expression(n.TypeApplication, n.TypeVarExpr, n.NewTypeExpr, n.TypeAliasExpr)
def type_expression(low: Lowerer, node: n.Expression, want: Type | None) -> Operand:
    return Imm(None, NONE)
