"""Loops over anything iterable.

Known containers become index loops; enumerate, zip and reversed compose cursors (cursors.py); everything else goes through __iter__ and
__next__.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant, enum_members, is_enum
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.builder import Cleanup
from scarlet.compiler.lower.context import Loop, Lowerer
from scarlet.compiler.lower.conversions import unwrap
from scarlet.compiler.lower.cursors import (
    KEYED,
    Cursor,
    EnumerateCursor,
    FilterCursor,
    IndexCursor,
    IteratorCursor,
    KeyCursor,
    MapCursor,
    RangeCursor,
    ReversedCursor,
    ReversedRangeCursor,
    ZipCursor,
)
from scarlet.compiler.types import INT, ObjectType, OptionalType, TupleType, Type

INDEXED = (
    "scarlet.runtime.list.List[",
    "scarlet.runtime.bytes.Bytes",
    "scarlet.runtime.bytearray.ByteArray",
    "scarlet.runtime.memoryview.MemoryView",
)
VIEWS = {"scarlet.runtime.dict.DictKeys[": "keys", "scarlet.runtime.dict.DictValues[": "values", "scarlet.runtime.dict.DictItems[": "items"}


def builtin_name(node: n.Expression) -> str:
    """`range` for a call of builtins.range and so on."""
    if isinstance(node, n.CallExpr) and isinstance(node.callee, n.RefExpr) and node.callee.fullname.startswith("builtins."):
        return node.callee.fullname[9:]
    return ""


def cursor_for(low: Lowerer, node: n.Expression) -> Cursor:
    """The cursor of an iterable expression."""
    name = builtin_name(node)
    if isinstance(node, n.CallExpr):
        if name == "range":
            return RangeCursor(low, node)
        if name == "enumerate":
            start = low.stable(low.expr_as(node.args[1], INT)) if len(node.args) > 1 else Imm(0, INT)
            return EnumerateCursor(low, cursor_for(low, node.args[0]), start)
        if name == "zip":
            strict = [constant(low.program, arg) for arg, arg_name in zip(node.args, node.arg_names) if arg_name]
            if any(not isinstance(value, bool) for value in strict):
                raise low.refuse("zip(strict=...) needs a constant", "True or False", node)
            parts = [cursor_for(low, arg) for arg, arg_name in zip(node.args, node.arg_names) if not arg_name]
            return ZipCursor(low, parts, True in strict)
        if name == "reversed":
            return reversed_cursor(low, node)
        if name in ("map", "filter"):
            return mapped_cursor(low, node, name)
        if isinstance(node.callee, n.MemberExpr) and node.callee.name in ("keys", "values", "items") and not node.args:
            owner = low.maybe_type_of(node.callee.expr)
            if isinstance(owner, ObjectType) and owner.cls.name.startswith("scarlet.runtime.dict.Dict["):
                return KeyCursor(low, low.expr(node.callee.expr), node.callee.name)
    if isinstance(node, n.RefExpr) and isinstance(node.node, n.TypeInfo) and is_enum(node.node):
        return IndexCursor(low, enum_list(low, node.node))
    if isinstance(node, n.TupleExpr):
        items = [low.stable(low.expr(item)) for item in node.items]
        return tuple_cursor(low, items)
    return cursor_of_value(low, low.expr(node))


def enum_list(low: Lowerer, info: n.TypeInfo) -> Operand:
    """list(EnumClass)."""
    from scarlet.compiler.lower.displays import build_list
    from scarlet.compiler.lower.members import enum_member

    cls = low.program.class_of(info, ())
    members = enum_members(low.program, info)
    seen: list[object] = []
    items: list[Operand] = []
    for index, (_, value) in enumerate(members):
        if value in seen:
            continue
        seen.append(value)
        items.append(Imm(value, cls.type) if cls.is_int_enum and isinstance(value, int) else enum_member(low, cls, index))
    return build_list(low, items, cls.type)


def tuple_cursor(low: Lowerer, items: list[Operand]) -> Cursor:
    from scarlet.compiler.lower.displays import build_list

    kind: Type = items[0].type if items else INT
    for item in items[1:]:
        kind = low.program.join(kind, item.type, low.place)
    return IndexCursor(low, build_list(low, items, kind))


def cursor_of_value(low: Lowerer, value: Operand) -> Cursor:
    """The cursor of an iterable value."""
    kind = value.type
    if isinstance(kind, OptionalType):
        value = unwrap(low, value, kind)
        kind = value.type
    if isinstance(kind, TupleType):
        value = low.stable(value)
        return tuple_cursor(low, [low.tuple_get(value, i) for i in range(len(kind.items))])
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"a value of type {kind} cannot be iterated", "a list, or range(...)")
    name = kind.cls.name
    if name.startswith(INDEXED):
        return IndexCursor(low, value)
    if name.startswith(KEYED):
        return KeyCursor(low, value, "keys")
    for prefix, what in VIEWS.items():
        if name.startswith(prefix):
            return KeyCursor(low, low.get_field(value, kind.cls, "owner"), what)
    if low.program.method_function(kind.cls, "__iter__") is not None:
        iterator = low.call_method(kind.cls, value, "__iter__", [])
        return IteratorCursor(low, iterator)
    if low.program.method_function(kind.cls, "__next__") is not None:
        return IteratorCursor(low, value)
    if low.program.method_function(kind.cls, "__getitem__") is not None and low.program.method_function(kind.cls, "__len__") is not None:
        raise low.refuse(f"{kind.cls.info.name} has no __iter__", "an __iter__ method")
    raise low.refuse(f"a value of type {kind} cannot be iterated", "a class with __iter__")


def reversed_cursor(low: Lowerer, node: n.CallExpr) -> Cursor:
    if builtin_name(node.args[0]) == "range":
        inner = node.args[0]
        assert isinstance(inner, n.CallExpr)
        bounds = [low.stable(low.expr_as(arg, INT)) for arg in inner.args]
        start = bounds[0] if len(bounds) > 1 else Imm(0, INT)
        stop = bounds[1] if len(bounds) > 1 else bounds[0]
        step = bounds[2] if len(bounds) > 2 else Imm(1, INT)
        return ReversedRangeCursor(low, start, stop, step)
    value = low.expr(node.args[0])
    if isinstance(value.type, TupleType):
        return tuple_cursor(low, [low.tuple_get(value, i) for i in reversed(range(len(value.type.items)))])
    if isinstance(value.type, ObjectType) and value.type.cls.name.startswith(
        ("scarlet.runtime.dict.Dict[", "scarlet.runtime.dict.DictKeys[")
    ):
        from scarlet.compiler.lower.aggregates import list_from_cursor

        return ReversedCursor(low, list_from_cursor(low, cursor_of_value(low, value)))
    if isinstance(value.type, ObjectType) and low.program.method_function(value.type.cls, "__reversed__") is not None:
        return IteratorCursor(low, low.method(value, "__reversed__"))
    return ReversedCursor(low, value)


def mapped_cursor(low: Lowerer, node: n.CallExpr, name: str) -> Cursor:
    """map and filter, their function inlined when it is a lambda or a plain function."""
    from scarlet.compiler.lower.calls import apply_function
    from scarlet.compiler.lower.conversions import truth

    function = node.args[0]
    if len(node.args) > 2:
        several = ZipCursor(low, [cursor_for(low, arg) for arg in node.args[1:]], False)
        count = len(node.args) - 1
        return MapCursor(low, lambda item: apply_function(low, function, [low.tuple_get(item, i) for i in range(count)]), several)
    inner = cursor_for(low, node.args[1])
    if name == "map":
        return MapCursor(low, lambda item: apply_function(low, function, [item]), inner)
    if isinstance(function, n.NameExpr) and function.fullname == "builtins.None":
        return FilterCursor(low, lambda item: truth(low, item), inner)
    return FilterCursor(low, lambda item: truth(low, apply_function(low, function, [item])), inner)


def loop_over(
    low: Lowerer,
    index: n.Expression,
    sequence: n.Expression,
    body: Callable[[ir.Block], None],
    orelse: n.Block | None = None,
) -> None:
    """for index in sequence: body."""
    from scarlet.compiler.lower.assignments import assign_target

    cursor = cursor_for(low, sequence)

    def each(onward: ir.Block, value: Operand) -> None:
        assign_target(low, index, value)
        body(onward)

    loop_cursor(low, cursor, each, orelse)


def loop_cursor(low: Lowerer, cursor: Cursor, body: Callable[[ir.Block, Operand], None], orelse: n.Block | None = None) -> None:
    head, out, end = low.new_block("for"), low.new_block("exhausted"), low.new_block("endfor")
    line = low.line
    low.goto(head)
    low.start(head)
    value = cursor.next(out)
    outside = len(low.cleanups)
    if cursor.iterators:
        low.cleanups.append(Cleanup(lambda: low.keep(cursor.iterators), low.handler, cursor.iterators))
    low.loops.append(Loop(head, end, outside, len(low.cleanups)))
    body(head, value)
    low.loops.pop()
    del low.cleanups[outside:]
    low.line = line
    low.goto(head)
    low.start(out)
    if orelse is not None:
        low.body(orelse)
    low.goto(end)
    low.start(end)


__all__ = ["Cursor", "builtin_name", "cursor_for", "cursor_of_value", "loop_cursor", "loop_over"]
