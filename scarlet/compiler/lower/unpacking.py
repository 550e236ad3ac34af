"""Assignment to several targets at once: tuples and lists taken apart, a starred target."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.assignments import assign_target, target_type
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.types import BOOL, INT, ObjectType, OptionalType, TupleType


def unpack(low: Lowerer, targets: n.TupleExpr | n.ListExpr, rvalue: n.Expression) -> None:
    """a, b = rvalue."""
    if (
        isinstance(rvalue, (n.TupleExpr, n.ListExpr))
        and len(rvalue.items) == len(targets.items)
        and not any(isinstance(x, n.StarExpr) for x in [*rvalue.items, *targets.items])
    ):
        pairs = [low.stable(low.expr(item, target_type(low, target))) for target, item in zip(targets.items, rvalue.items)]
        for target, value in zip(targets.items, pairs):
            assign_target(low, target, value)
        return
    if isinstance(rvalue, (n.TupleExpr, n.ListExpr)) and not any(isinstance(x, n.StarExpr) for x in rvalue.items):
        spread(low, targets, [low.stable(low.expr(item)) for item in rvalue.items])
        return
    unpack_value(low, targets, low.expr(rvalue))


def unpack_value(low: Lowerer, targets: n.TupleExpr | n.ListExpr, value: Operand) -> None:
    kind = value.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        value = unwrap(low, value, kind)
        kind = value.type
    if any(isinstance(item, n.StarExpr) for item in targets.items):
        unpack_starred(low, targets, value)
        return
    if isinstance(kind, TupleType):
        if len(kind.items) != len(targets.items):
            raise low.refuse(f"{len(kind.items)} values for {len(targets.items)} targets", "", targets)
        for index, target in enumerate(targets.items):
            assign_target(low, target, low.tuple_get(value, index))
        return
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"a {kind} cannot be unpacked", "a tuple", targets)
    value = low.stable(value)
    length = low.coerce(low.method(value, "__len__"), INT)
    good, bad = low.new_block("unpack"), low.new_block("count")
    low.branch(low.prim("eq", [length, Imm(len(targets.items), INT)], BOOL), good, bad, 1)
    low.start(bad)
    low.runtime("list.wrong_count", Imm(len(targets.items), INT), length)
    low.emit(ir.Unreachable())
    low.start(good)
    for index, target in enumerate(targets.items):
        assign_target(low, target, low.call_method(kind.cls, value, "__getitem__", [Imm(index, INT)]))


def unpack_starred(low: Lowerer, targets: n.TupleExpr | n.ListExpr, value: Operand) -> None:
    """a, *b, c = value, for a list or a tuple; b gets a list."""
    kind = value.type
    value = low.stable(value)
    if isinstance(kind, TupleType):
        spread(low, targets, [low.tuple_get(value, index) for index in range(len(kind.items))])
        return
    at = next(index for index, item in enumerate(targets.items) if isinstance(item, n.StarExpr))
    behind = len(targets.items) - at - 1
    if not isinstance(kind, ObjectType) or not kind.cls.name.startswith("scarlet.runtime.list.List["):
        raise low.refuse("a starred target takes a list or a tuple apart", "list(...) around the value", targets)
    length = low.coerce(low.method(value, "__len__"), INT)
    good, bad = low.new_block("unpack"), low.new_block("count")
    low.branch(low.prim("ge", [length, Imm(len(targets.items) - 1, INT)], BOOL), good, bad, 1)
    low.start(bad)
    low.runtime("list.too_few", Imm(len(targets.items) - 1, INT), length)
    low.emit(ir.Unreachable())
    low.start(good)
    for index, target in enumerate(targets.items):
        if isinstance(target, n.StarExpr):
            end = low.prim("sub", [length, Imm(behind, INT)], INT)
            assign_target(low, target.expr, low.call_method(kind.cls, value, "getslice", [Imm(index, INT), end]))
        else:
            position = Imm(index, INT) if index < at else low.prim("sub", [length, Imm(len(targets.items) - index, INT)], INT)
            assign_target(low, target, low.call_method(kind.cls, value, "__getitem__", [position]))


def spread(low: Lowerer, targets: n.TupleExpr | n.ListExpr, items: list[Operand]) -> None:
    """Give known values to targets, of which one may be starred."""
    from scarlet.compiler.lower.displays import build_list

    plain = sum(not isinstance(target, n.StarExpr) for target in targets.items)
    if len(items) < plain or (len(items) > plain and plain == len(targets.items)):
        raise low.refuse(f"{len(items)} values for {len(targets.items)} targets", "", targets)
    left = list(items)
    for target in targets.items:
        if isinstance(target, n.StarExpr):
            count = len(items) - plain
            wanted = target_type(low, target.expr)
            item = wanted.cls.args[0] if isinstance(wanted, ObjectType) and wanted.cls.args else left[0].type if count else INT
            assign_target(low, target.expr, build_list(low, left[:count], item))
            del left[:count]
        else:
            assign_target(low, target, left.pop(0))
