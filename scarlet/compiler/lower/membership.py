"""Membership tests: `in` a container, a range, an enumeration, whatever can be iterated."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler.constants import enum_members, is_enum
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import unwrap
from scarlet.compiler.lower.cursors import (
    Cursor,
)
from scarlet.compiler.lower.iteration import builtin_name, cursor_of_value
from scarlet.compiler.types import BOOL, INT, ObjectType, OptionalType, TupleType


def contains(low: Lowerer, left: Operand, node: n.Expression, whole: n.Expression) -> Operand:
    """left in node."""
    if isinstance(node, (n.TupleExpr, n.ListExpr, n.SetExpr)):
        left = low.stable(left)
        return _any_equal(low, left, list(node.items))
    if builtin_name(node) == "range" and isinstance(node, n.CallExpr) and len(node.args) <= 2 and values.is_number(left):
        from scarlet.compiler.lower import integers

        left = low.stable(left)
        first = (
            integers.compare(low, ">=", left, low.expr(node.args[0]))
            if len(node.args) > 1
            else integers.compare(low, ">=", left, Imm(0, INT))
        )
        last = node.args[-1]
        return values.choose(low, first, lambda: integers.compare(low, "<", left, low.expr(last)), lambda: Imm(False, BOOL))
    if isinstance(node, n.RefExpr) and isinstance(node.node, n.TypeInfo) and is_enum(node.node):
        members = enum_members(low.program, node.node)
        left = low.stable(left)
        return _fold_or(low, [_equal_test(low, left, Imm(v, INT)) for _, v in members if isinstance(v, int)])
    wanted = left.type if isinstance(left.type, ObjectType) else None
    return contains_value(low, left, low.expr(node, wanted if isinstance(node, (n.StrExpr, n.BytesExpr)) else None))


def _any_equal(low: Lowerer, left: Operand, nodes: list[n.Expression]) -> Operand:
    return _fold_or(low, [_item_test(low, left, item) for item in nodes])


def _equal_test(low: Lowerer, left: Operand, right: Operand) -> Callable[[], Operand]:
    return lambda: values.item_equals(low, left, right)


def _item_test(low: Lowerer, left: Operand, item: n.Expression) -> Callable[[], Operand]:
    return lambda: values.item_equals(low, left, low.expr(item, left.type))


def _tuple_test(low: Lowerer, left: Operand, right: Operand, index: int) -> Callable[[], Operand]:
    return lambda: values.item_equals(low, left, low.tuple_get(right, index))


def _fold_or(low: Lowerer, tests: list[Callable[[], Operand]]) -> Operand:
    if not tests:
        return Imm(False, BOOL)
    first = tests[0]()
    if len(tests) == 1:
        return first
    return values.choose(low, first, lambda: Imm(True, BOOL), lambda: _fold_or(low, tests[1:]))


def contains_value(low: Lowerer, left: Operand, right: Operand) -> Operand:
    kind = right.type
    if values.is_number(right) and values.is_number(left):
        from scarlet.compiler.lower import integers

        common = integers.arithmetic(low, "&", left, right)
        return integers.compare(low, "==", common, left)
    if isinstance(kind, TupleType):
        right = low.stable(right)
        left = low.stable(left)
        return _fold_or(low, [_tuple_test(low, left, right, i) for i in range(len(kind.items))])
    if isinstance(kind, OptionalType):
        return contains_value(low, left, unwrap(low, right, kind))
    if isinstance(kind, ObjectType):
        function = low.program.method_function(kind.cls, "__contains__")
        if kind.cls.name in values.BYTES_FAMILY and values.is_number(left):
            return low.call_method(kind.cls, right, "contains_byte", [low.coerce(left, INT)])
        if function is not None:
            expected = function.params[1].type
            if isinstance(left.type, OptionalType) and not isinstance(expected, OptionalType):
                from scarlet.compiler.lower.conversions import is_none

                return values.choose(
                    low,
                    is_none(low, left),
                    lambda: Imm(False, BOOL),
                    lambda: low.call_method(kind.cls, right, "__contains__", [unwrap(low, left, left.type)]),  # type: ignore[arg-type]
                )
            return low.call_method(kind.cls, right, "__contains__", [left])
        return search(low, left, cursor_of_value(low, right))
    raise low.refuse(f"`in` a value of type {kind} is not defined", "a container")


def search(low: Lowerer, left: Operand, cursor: Cursor) -> Operand:
    """Whether an item equal to left comes out of a cursor."""
    left = low.stable(left)
    result = low.merge(BOOL)
    head, found, missing, end = low.new_block("search"), low.new_block("found"), low.new_block("missing"), low.new_block("end")
    low.goto(head)
    low.start(head)
    item = cursor.next(missing)
    low.branch(values.item_equals(low, item, left), found, head)
    low.start(found)
    low.assign(result, Imm(True, BOOL))
    low.goto(end)
    low.start(missing)
    low.assign(result, Imm(False, BOOL))
    low.goto(end)
    low.start(end)
    return result
