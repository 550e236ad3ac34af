"""Builtin functions that consume an iterable in place: any, all, sum, min, max, next, and the list of what a cursor gives."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import integers, values
from scarlet.compiler.lower.builtins import builtin, length, simple
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import truth
from scarlet.compiler.lower.cursors import Cursor, next_or
from scarlet.compiler.lower.iteration import builtin_name, cursor_for, cursor_of_value, loop_cursor
from scarlet.compiler.types import BOOL, INT, NONE, BoolType, EnumIntType, IntType, ObjectType, OptionalType, TupleType, Type


def consume(low: Lowerer, node: n.Expression, body: Callable[[Operand, ir.Block], None]) -> ir.Block:
    """Run body(item, early_exit) for each item; gives the block reached early, which the caller starts after the normal end."""
    early = low.new_block("early")
    if isinstance(node, n.GeneratorExpr):
        from scarlet.compiler.lower.displays import comprehension, forget_variables

        leaving = low.new_block("leaving")
        comprehension(low, node, lambda: body(low.expr(node.left_expr), leaving))
        onward = low.block
        low.start(leaving)
        forget_variables(low, node)
        low.goto(early)
        low.block = onward
    else:
        loop_cursor(low, cursor_for(low, node), lambda onward, value: body(value, early))
    return early


def _any_all(name: str, stop: bool) -> None:
    @builtin(name)
    def test(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        result = low.merge(BOOL)

        def body(value: Operand, early: ir.Block) -> None:
            onward = low.new_block("onward")
            flag = truth(low, value)
            low.branch(flag, early if stop else onward, onward if stop else early)
            low.start(onward)

        end = low.new_block("end")
        early = consume(low, node.args[0], body)
        low.assign(result, Imm(not stop, BOOL))
        low.goto(end)
        low.start(early)
        low.assign(result, Imm(stop, BOOL))
        low.goto(end)
        low.start(end)
        return result


_any_all("any", True)
_any_all("all", False)


@builtin("sum")
def sum_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    from scarlet.compiler.lower.inference import item_type
    from scarlet.compiler.lower.operators import operate

    source = node.args[0]
    kind: Type | None = None
    if isinstance(source, n.GeneratorExpr):
        kind = low.maybe_type_of(source.left_expr)
    elif builtin_name(source) == "":
        known = low.maybe_type_of(source)
        kind = item_type(low, known) if known is not None else None
    if kind is None or isinstance(kind, (BoolType, EnumIntType)):
        kind = INT
    start = low.expr_as(node.args[1], kind) if len(node.args) > 1 else Imm(0, kind)
    total = low.merge(kind)
    low.assign(total, start)
    consume(low, source, lambda value, early: low.assign(total, low.coerce(operate(low, "+", total, value), total.type)))
    return total


def _min_max(name: str, op: str) -> None:
    @builtin(name)
    def extreme(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        named = {label: arg for label, arg in zip(node.arg_names, node.args) if label}
        plain = [arg for label, arg in zip(node.arg_names, node.args) if not label]
        key = named.get("key")
        if len(plain) > 1:
            items = [low.stable(low.expr(arg, want if not isinstance(want, OptionalType) else None)) for arg in plain]
            return extreme_of(low, op, items, key)
        return extreme_in(low, op, plain[0], key, named.get("default"), name, node)


def extreme_of(low: Lowerer, op: str, items: list[Operand], key: n.Expression | None) -> Operand:
    """min/max of separate arguments."""
    kind = items[0].type
    for item in items[1:]:
        kind = _join_numbers(low, kind, item)
    if isinstance(items[0], Imm) and isinstance(kind, IntType) and any(isinstance(i.type, IntType) for i in items):
        pass
    best = low.merge(kind)
    low.assign(best, low.coerce(items[0], kind))
    best_key = _key(low, key, best)
    kept = None
    if key is not None:
        kept = low.merge(best_key.type)
        low.assign(kept, best_key)
    for item in items[1:]:
        value = low.coerce(item, kind)
        value_key = low.stable(_key(low, key, value))
        better, onward = low.new_block("better"), low.new_block("next")
        low.branch(values.order(low, op, value_key, kept if kept is not None else best), better, onward)
        low.start(better)
        low.assign(best, value)
        if kept is not None:
            low.assign(kept, value_key)
        low.goto(onward)
        low.start(onward)
    return best


def _join_numbers(low: Lowerer, kind: Type, item: Operand) -> Type:
    return low.program.join(kind, item.type, low.place)


def _key(low: Lowerer, key: n.Expression | None, value: Operand) -> Operand:
    from scarlet.compiler.lower.calls import apply_function

    return value if key is None else apply_function(low, key, [value])


def extreme_in(
    low: Lowerer, op: str, source: n.Expression, key: n.Expression | None, default: n.Expression | None, name: str, node: n.CallExpr
) -> Operand:
    """min/max over an iterable."""
    kind = low.type_of(node)
    fallback = low.expr(default) if default is not None else None
    if fallback is not None and fallback.type == NONE and not isinstance(kind, OptionalType):
        kind = OptionalType(kind)
    item_kind = kind.item if isinstance(kind, OptionalType) else kind
    best: list[ir.Reg] = []
    holder_kind = OptionalType(item_kind) if item_kind.pointer else item_kind

    def present(value: Operand) -> Operand:
        from scarlet.compiler.lower.conversions import unwrap

        return unwrap(low, value, value.type) if isinstance(value.type, OptionalType) and value.type.pointer else value

    state = low.merge(BOOL)
    low.assign(state, Imm(False, BOOL))
    best_reg = low.merge(holder_kind)
    low.assign(best_reg, Imm(None, holder_kind))

    def body(value: Operand, early: ir.Block) -> None:
        current = low.stable(low.coerce(value, item_kind))
        current_key = low.stable(_key(low, key, current))
        if key is not None and not best:
            best.append(low.merge(OptionalType(current_key.type) if current_key.type.pointer else current_key.type))
        better, onward, test = low.new_block("better"), low.new_block("next"), low.new_block("compare")
        low.branch(state, test, better)
        low.start(test)
        low.branch(values.order(low, op, current_key, present(best[0] if key is not None else best_reg)), better, onward)
        low.start(better)
        low.assign(best_reg, low.coerce(current, holder_kind))
        if key is not None:
            low.assign(best[0], low.coerce(current_key, best[0].type))
        low.assign(state, Imm(True, BOOL))
        low.goto(onward)
        low.start(onward)

    entry_block, entry_length = low.block, len(low.block.ops)
    consume(low, source, body)
    if best:
        # The key's type is known only now; its variable starts empty.
        op_zero = ir.Assign(best[0], Imm(None, best[0].type))
        op_zero.line = low.line
        entry_block.ops.insert(entry_length, op_zero)
    good, empty = low.new_block("found"), low.new_block("empty")
    result = low.merge(kind)
    low.branch(state, good, empty)
    end = low.new_block("end")
    low.start(empty)
    if fallback is None:
        low.raise_new("ValueError", f"{name}() arg is an empty sequence")
    else:
        low.assign(result, low.coerce(fallback, kind))
        low.goto(end)
    low.start(good)
    low.assign(result, low.coerce(present(best_reg), kind))
    low.goto(end)
    low.start(end)
    return result


_min_max("min", "<")
_min_max("max", ">")


def list_from_cursor(low: Lowerer, cursor: Cursor, item: Type | None = None) -> Operand:
    """A list of everything a cursor gives."""
    head, out = low.new_block("collect"), low.new_block("collected")
    before, position = low.block, len(low.block.ops)
    holder: list[Operand] = []
    low.goto(head)
    low.start(head)
    value = cursor.next(out)
    # The list is made before the loop, now that the item type is known.
    after = low.block
    kind = low.list_type(item or value.type)
    goto = before.ops.pop(position)
    low.block = before
    holder.append(low.construct(kind.cls))
    before.ops.append(goto)
    low.block = after
    low.method(holder[0], "append", value)
    low.goto(head)
    low.start(out)
    return holder[0]


def apply_builtin(low: Lowerer, name: str, args: list[Operand]) -> Operand | None:
    """A builtin function applied to operands (map, key=)."""
    value = args[0]
    if name == "str":
        return values.str_of(low, value)
    if name == "repr":
        return values.repr_of(low, value)
    if name == "len":
        return length(low, value)
    if name == "bool":
        return truth(low, value)
    if name == "hash":
        return values.hash_of(low, value)
    if name == "int" and isinstance(value.type, ObjectType):
        return low.runtime("parsing.parse_int", value, Imm(10, INT))
    if name == "int":
        return low.coerce(value, INT)
    if name == "ord":
        return low.runtime("format.ord", value)
    if name == "chr":
        return low.runtime("format.chr", value)
    if name in ("hex", "oct", "bin"):
        return low.runtime(f"format.{name}_text", low.coerce(value, INT))
    if name == "abs":
        negative = low.prim("lt", [value, Imm(0, value.type)], BOOL)
        result = low.merge(value.type)
        yes, end = low.new_block("negative"), low.new_block("end")
        low.assign(result, value)
        low.branch(negative, yes, end)
        low.start(yes)
        low.assign(result, integers.negate(low, value))
        low.goto(end)
        low.start(end)
        return result
    return None


@builtin("next")
def next_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if len(node.args) == 1:
        if isinstance(node.args[0], n.GeneratorExpr):
            return first_of(low, node.args[0], None, node, want)
        return low.method(low.expr(node.args[0]), "__next__")
    return first_of(low, node.args[0], node.args[1], node, want)


def first_of(low: Lowerer, source: n.Expression, default: n.Expression | None, node: n.CallExpr, want: Type | None) -> Operand:
    """next(iterator[, default]); a generator expression is expanded in place."""
    kind = low.type_of(node)
    if default is not None:
        fallback_kind = low.maybe_type_of(default)
        if fallback_kind == NONE and not isinstance(kind, OptionalType):
            kind = OptionalType(kind)
    result = low.merge(kind)
    end, exhausted = low.new_block("end"), low.new_block("exhausted")
    if isinstance(source, n.GeneratorExpr):

        def body(value: Operand, early: ir.Block) -> None:
            low.assign(result, low.coerce(value, kind))
            low.goto(early)

        early = consume(low, source, body)
        low.goto(exhausted)
        low.start(early)
        low.goto(end)
    else:
        iterator = low.stable(low.expr(source))
        value = next_or(low, iterator, exhausted)
        low.assign(result, low.coerce(value, kind))
        low.goto(end)
    low.start(exhausted)
    if default is None:
        low.raise_new("StopIteration")
    else:
        low.assign(result, low.expr_as(default, kind))
        low.goto(end)
    low.start(end)
    return result


@builtin("iter")
def iter_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if len(node.args) > 1:
        raise low.refuse("iter() of a function is outside the dialect", "a generator", node)
    value = simple(low, node)
    if isinstance(value.type, TupleType):
        value = list_from_cursor(low, cursor_of_value(low, value))
    return low.method(value, "__iter__")
