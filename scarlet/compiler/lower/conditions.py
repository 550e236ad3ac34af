"""Conditions: truth known at compile time, branches, comparisons."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Operand
from scarlet.compiler.lower import integers, standins, values
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.conversions import is_none, truth
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    NONE,
    OptionalType,
    PointerType,
    Type,
)

CONTAINERS = ("scarlet.runtime.list", "scarlet.runtime.dict", "scarlet.runtime.set", "scarlet.runtime.deque")


def static_truth(low: Lowerer, node: n.Expression) -> bool | None:
    """The value of a condition known at compile time (COMPILED, constants)."""
    value = constant(low.program, node)
    return bool(value) if value is not None else None


def condition(low: Lowerer, node: n.Expression, then: ir.Block, orelse: ir.Block) -> None:
    """Branch on an expression, short-circuiting."""
    if node.line > 0:
        low.line = node.line
    known = static_truth(low, node)
    if known is not None:
        low.goto(then if known else orelse)
    elif isinstance(node, n.UnaryExpr) and node.op == "not":
        condition(low, node.expr, orelse, then)
    elif isinstance(node, n.OpExpr) and node.op in ("and", "or"):
        middle = low.new_block("next")
        if node.op == "and":
            condition(low, node.left, middle, orelse)
        else:
            condition(low, node.left, then, middle)
        low.start(middle)
        condition(low, node.right, then, orelse)
    else:
        low.branch(truth(low, low.expr(node)), then, orelse)


@expression(n.ComparisonExpr)
def comparison(low: Lowerer, node: n.ComparisonExpr, want: Type | None) -> Operand:
    left = low.expr(node.operands[0])
    if len(node.operators) == 1:
        return compare_pair(low, node.operators[0], left, node.operands[1], node)
    result = low.merge(BOOL)
    end = low.new_block("end")
    left = low.stable(left)
    for index, op in enumerate(node.operators):
        right = low.stable(low.expr(node.operands[index + 1], left.type))
        if op in ("==", "!="):
            standins.comparable(low, left, right, node.operands[index], node.operands[index + 1])
        flag = compare_values(low, op, left, right)
        low.assign(result, flag)
        if index + 1 < len(node.operators):
            onward = low.new_block("next")
            low.branch(flag, onward, end)
            low.start(onward)
        left = right
    low.goto(end)
    low.start(end)
    return result


def compare_pair(low: Lowerer, op: str, left: Operand, right_node: n.Expression, node: n.ComparisonExpr) -> Operand:
    if op in ("in", "not in"):
        from scarlet.compiler.lower.membership import contains

        flag = contains(low, left, right_node, node)
        return values.negated(low, flag) if op == "not in" else flag
    if has_effects(right_node):
        left = low.stable(left)
    right = low.expr(right_node, left.type)
    if op in ("==", "!="):
        left, right = standins.comparable(low, left, right, node.operands[0], right_node)
    return compare_values(low, op, left, right)


def compare_values(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    if op in ("is", "is not"):
        flag = identical(low, left, right)
        return values.negated(low, flag) if op == "is not" else flag
    if op in ("==", "!=") and low.function.module in CONTAINERS:
        same = values.item_equals(low, left, right)
        return same if op == "==" else values.negated(low, same)
    if op == "==":
        return values.equals(low, left, right)
    if op == "!=":
        return values.unequal(low, left, right)
    if op in ("in", "not in"):
        from scarlet.compiler.lower.membership import contains_value

        flag = contains_value(low, left, right)
        return values.negated(low, flag) if op == "not in" else flag
    return values.order(low, op, left, right)


def identical(low: Lowerer, left: Operand, right: Operand) -> Operand:
    if left.type == NONE:
        return is_none(low, right)
    if right.type == NONE:
        return is_none(low, left)
    if values.is_weak(left.type) and values.is_weak(right.type):
        raise low.refuse("`is` between weak references is outside the dialect", "what they refer to, r() is s()")
    if left.type.pointer and right.type.pointer:
        return low.prim("same", [left, right], BOOL)
    if values.is_number(left) and values.is_number(right):
        return integers.compare(low, "==", left, right)
    if isinstance(left.type, (OptionalType, PointerType)) or left.type == CLASS_REF:
        return values.equals(low, left, right)
    raise low.refuse(f"`is` between {left.type} and {right.type} is outside the dialect", "==")


def has_effects(node: n.Expression) -> bool:
    return isinstance(node, (n.AssignmentExpr, n.AwaitExpr))
