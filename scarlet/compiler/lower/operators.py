"""Operators: arithmetic, `and` and `or`, conditional expressions, the walrus."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import integers, precedence, values
from scarlet.compiler.lower.conditions import condition, has_effects, static_truth
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.conversions import coerce, retype, truth
from scarlet.compiler.lower.expressions import integer
from scarlet.compiler.types import (
    BOOL,
    INT,
    NEVER,
    NONE,
    EnumIntType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
    is_integer,
)


@expression(n.UnaryExpr)
def unary(low: Lowerer, node: n.UnaryExpr, want: Type | None) -> Operand:
    value = constant(low.program, node)
    if isinstance(value, bool):
        return Imm(value, BOOL)
    if isinstance(value, int) and isinstance(kind := low.maybe_type_of(node), EnumIntType):
        return Imm(value, kind)
    if isinstance(value, int):
        kind = low.maybe_type_of(node.expr)
        if node.op == "~" and isinstance(kind, IntType) and not kind.signed:
            return Imm(kind.wrap(value), kind)
        return integer(low, value, want)
    if node.op == "not":
        return values.negated(low, truth(low, low.expr(node.expr)))
    inner = low.expr(node.expr, want)
    if is_integer(inner.type) or inner.type == BOOL:
        if node.op == "-":
            return integers.negate(low, inner)
        if node.op == "~":
            return integers.invert(low, inner)
        return retype(low, inner, INT) if inner.type == BOOL else inner
    special = {"-": "__neg__", "~": "__invert__", "+": "__pos__"}[node.op]
    return low.method(inner, special)


@expression(n.OpExpr)
def binary(low: Lowerer, node: n.OpExpr, want: Type | None) -> Operand:
    if node.op in ("and", "or"):
        return logical(low, node, want)
    value = constant(low.program, node)
    if isinstance(value, int) and not isinstance(value, bool):
        kind = low.maybe_type_of(node)
        if isinstance(kind, EnumIntType):
            return Imm(value, kind)
        if isinstance(kind, IntType) and kind.fits(value) and kind != INT:
            return Imm(value, kind)
        return integer(low, value, want)
    if isinstance(value, (str, bytes)):
        return low.literal(value)
    left = low.expr(node.left, want if _passes_want(node, want) else None)
    if has_effects(node.right):
        left = low.stable(left)
    right = low.expr(node.right, left.type if isinstance(left.type, ObjectType) else want if _passes_want(node, want) else None)
    if node.op == "divmod":
        left, right = low.stable(left), low.stable(right)
        if isinstance(left.type, ObjectType):
            return low.method(left, "__divmod__", right)
        quotient = integers.arithmetic(low, "//", left, right)
        remainder = integers.arithmetic(low, "%", left, right)
        return low.make_tuple([quotient, remainder], TupleType((quotient.type, remainder.type)))
    return operate(low, node.op, left, right)


def _passes_want(node: n.OpExpr, want: Type | None) -> bool:
    return isinstance(want, ObjectType) and node.op in ("+", "|", "*") or isinstance(want, TupleType)


def operate(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    """left op right for operands of any types."""
    if values.is_number(left) and values.is_number(right):
        return integers.arithmetic(low, op, left, right)
    a, b = left.type, right.type
    if isinstance(a, PointerType):
        if op in ("+", "-") and values.is_number(right):
            return low.prim("ptr_add" if op == "+" else "ptr_sub", [left, retype(low, right, INT)], a)
        raise low.refuse(f"Ptr {op} is not defined")
    if isinstance(a, TupleType) and isinstance(b, TupleType) and op == "+":
        items = [low.tuple_get(left, i) for i in range(len(a.items))] + [low.tuple_get(right, i) for i in range(len(b.items))]
        return low.make_tuple(items, TupleType(a.items + b.items))
    if op == "*" and values.is_number(left) and isinstance(b, ObjectType) and b.cls.module.startswith("scarlet.runtime."):
        return low.call_method(b.cls, right, "__mul__", [left])
    method = integers_names(op)
    if isinstance(a, ObjectType):
        if op == "%" and a.cls.name in ("scarlet.runtime.str.Str", "scarlet.runtime.bytes.Bytes"):
            raise low.refuse("% formatting is outside the dialect", "an f-string")
        precedence.arithmetic(low, left, right, method)
        if low.program.method_function(a.cls, f"__{method}__") is not None:
            return low.call_method(a.cls, left, f"__{method}__", [right])
    if isinstance(b, ObjectType) and low.program.method_function(b.cls, f"__r{method}__") is not None:
        return low.call_method(b.cls, right, f"__r{method}__", [left])
    raise low.refuse(f"{a} {op} {b} is not defined", f"a class with __{method}__")


def integers_names(op: str) -> str:
    return {
        "+": "add", "-": "sub", "*": "mul", "//": "floordiv", "%": "mod", "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift",
        "**": "pow", "/": "truediv", "@": "matmul",
    }[op]  # fmt: skip


def logical(low: Lowerer, node: n.OpExpr, want: Type | None) -> Operand:
    """`and` / `or` as a value."""
    left = low.expr(node.left, want)
    if isinstance(left, Imm):
        if bool(left.value) == (node.op == "and"):
            return low.expr(node.right, want)
        return left
    flag = truth(low, left)
    more, done, end = low.new_block("more"), low.new_block("short"), low.new_block("end")
    if node.op == "and":
        low.branch(flag, more, done)
    else:
        low.branch(flag, done, more)
    low.start(more)
    right = low.expr(node.right, want or left.type)
    kind = result_type(low, node, want, left.type, right.type, keep_left=node.op == "and")
    result = low.merge(kind)
    low.assign(result, coerce(low, right, kind))
    low.goto(end)
    low.start(done)
    low.assign(result, coerce(low, left, kind))
    low.goto(end)
    low.start(end)
    return Imm(None, NONE) if kind == NONE else result


def result_type(low: Lowerer, node: n.Expression, want: Type | None, left: Type, right: Type, *, keep_left: bool = True) -> Type:
    """The common type of two alternatives."""
    if want is not None and want not in (NONE, NEVER) and not isinstance(want, (IntType,)):
        return want
    if left == right:
        return left
    if not keep_left and isinstance(left, OptionalType) and not isinstance(right, OptionalType) and right != NONE:
        left = left.item
    try:
        return low.program.join(left, right, low.place)
    except Exception:
        known = low.maybe_type_of(node)
        if known is not None:
            return known
        raise


@expression(n.ConditionalExpr)
def conditional(low: Lowerer, node: n.ConditionalExpr, want: Type | None) -> Operand:
    test = static_truth(low, node.cond)
    if test is not None:
        return low.expr(node.if_expr if test else node.else_expr, want)
    then, orelse, end = low.new_block("then"), low.new_block("else"), low.new_block("end")
    condition(low, node.cond, then, orelse)
    low.start(then)
    first = low.expr(node.if_expr, want)
    then_end = low.block
    low.start(orelse)
    second = low.expr(node.else_expr, want if want is not None else first.type)
    kind = result_type(low, node, want, first.type, second.type)
    if kind == NONE:
        low.goto(end)
        low.block = then_end
        low.goto(end)
        low.start(end)
        return Imm(None, NONE)
    result = low.merge(kind)
    low.assign(result, coerce(low, second, kind))
    low.goto(end)
    low.block = then_end
    low.assign(result, coerce(low, first, kind))
    low.goto(end)
    low.start(end)
    return result


@expression(n.AssignmentExpr)
def walrus(low: Lowerer, node: n.AssignmentExpr, want: Type | None) -> Operand:
    from scarlet.compiler.lower.assignments import assign_target

    value = low.expr(node.value, want)
    assign_target(low, node.target, value)
    return low.stable(low.expr(node.target))
