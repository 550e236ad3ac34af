"""Loops over anything iterable, and membership tests.

A Cursor is the compile-time form of an iterator: `next(exhausted)` emits what fetches the next item or jumps away. Known containers
become index
loops; enumerate, zip and reversed compose cursors; everything else goes through __iter__ and __next__.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant, enum_members, is_enum
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower import values
from scarlet.compiler.lower.context import Loop, Lowerer
from scarlet.compiler.lower.conversions import unwrap
from scarlet.compiler.types import BOOL, INT, ObjectType, OptionalType, TupleType, Type

INDEXED = (
    "scarlet.runtime.list.List[",
    "scarlet.runtime.bytes.Bytes",
    "scarlet.runtime.bytes.ByteArray",
    "scarlet.runtime.bytes.MemoryView",
)
KEYED = ("scarlet.runtime.dict.Dict[", "scarlet.runtime.set.Set[")
VIEWS = {"scarlet.runtime.dict.DictKeys[": "keys", "scarlet.runtime.dict.DictValues[": "values", "scarlet.runtime.dict.DictItems[": "items"}


class Cursor:
    """Base class."""

    def next(self, exhausted: ir.Block) -> Operand:
        raise NotImplementedError


class RangeCursor(Cursor):
    """range(start, stop, step)."""

    def __init__(self, low: Lowerer, node: n.CallExpr) -> None:
        self.low = low
        bounds = [low.stable(low.expr_as(arg, INT)) for arg in node.args]
        start = bounds[0] if len(bounds) > 1 else Imm(0, INT)
        self.stop = bounds[1] if len(bounds) > 1 else bounds[0]
        self.step = bounds[2] if len(bounds) > 2 else Imm(1, INT)
        if isinstance(self.step, Imm) and self.step.value == 0:
            raise low.refuse("range() arg 3 must not be zero")
        if isinstance(self.step, Reg):
            good, bad = low.new_block("step"), low.new_block("zerostep")
            low.branch(low.prim("nonzero", [self.step], BOOL), good, bad, 1)
            low.start(bad)
            low.raise_new("ValueError", "range() arg 3 must not be zero")
            low.start(good)
        self.counter = low.merge(INT)
        low.assign(self.counter, start)

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        onward = low.new_block("item")
        if isinstance(self.step, Imm):
            flag = low.prim("lt" if int(self.step.value or 0) > 0 else "gt", [self.counter, self.stop], BOOL)
        else:
            flag = low.prim("range_more", [self.counter, self.stop, self.step], BOOL)
        low.branch(flag, onward, exhausted)
        low.start(onward)
        value = low.temp(INT)
        low.emit(ir.Assign(value, self.counter))
        low.assign(self.counter, low.prim("range_next", [self.counter, self.step, self.stop], INT))
        return value


class IndexCursor(Cursor):
    """list and bytes-like: item_at(i) while i < len."""

    def __init__(self, low: Lowerer, value: Operand) -> None:
        self.low = low
        assert isinstance(value.type, ObjectType)
        self.cls = value.type.cls
        self.value = low.stable(value)
        self.counter = low.merge(INT)
        low.assign(self.counter, Imm(0, INT))

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        onward = low.new_block("item")
        length = low.coerce(low.call_method(self.cls, self.value, "__len__", []), INT)
        low.branch(low.prim("lt", [self.counter, length], BOOL), onward, exhausted)
        low.start(onward)
        value = low.call_method(self.cls, self.value, "item_at", [self.counter])
        low.assign(self.counter, low.prim("add", [self.counter, Imm(1, INT)], INT))
        return value


class ReversedCursor(Cursor):
    """reversed(list or bytes-like)."""

    def __init__(self, low: Lowerer, value: Operand) -> None:
        self.low = low
        assert isinstance(value.type, ObjectType)
        self.cls = value.type.cls
        self.value = low.stable(value)
        self.counter = low.merge(INT)
        low.assign(self.counter, low.coerce(low.call_method(self.cls, self.value, "__len__", []), INT))

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        onward = low.new_block("item")
        low.branch(low.prim("gt", [self.counter, Imm(0, INT)], BOOL), onward, exhausted)
        low.start(onward)
        low.assign(self.counter, low.prim("sub", [self.counter, Imm(1, INT)], INT))
        return low.call_method(self.cls, self.value, "__getitem__", [self.counter])


class KeyCursor(Cursor):
    """dict (keys, values, items) and set."""

    def __init__(self, low: Lowerer, value: Operand, what: str) -> None:
        self.low = low
        assert isinstance(value.type, ObjectType)
        self.cls = value.type.cls
        self.value = low.stable(value)
        self.what = what
        self.guard = low.coerce(low.call_method(self.cls, self.value, "__len__", []), INT)
        self.index = low.merge(INT)
        low.assign(self.index, Imm(0, INT))
        self.left = low.merge(INT) if self.cls.name.startswith(KEYED[0]) else None
        """Entries still to come, of a dict: more than there were can only come after a change of the keys."""
        if self.left is not None:
            low.assign(self.left, self.guard)

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        onward = low.new_block("item")
        found = low.coerce(low.call_method(self.cls, self.value, "next_index", [self.index, self.guard]), INT)
        low.branch(low.prim("ge", [found, Imm(0, INT)], BOOL), onward, exhausted)
        low.start(onward)
        if self.left is not None:
            expected, changed = low.new_block("expected"), low.new_block("changed")
            low.branch(low.prim("nonzero", [self.left], BOOL), expected, changed, 1)
            low.start(changed)
            low.raise_new("RuntimeError", "dictionary keys changed during iteration")
            low.start(expected)
            low.assign(self.left, low.prim("sub", [self.left, Imm(1, INT)], INT))
        low.assign(self.index, low.prim("add", [found, Imm(1, INT)], INT))
        if self.what == "values":
            return low.call_method(self.cls, self.value, "value_at", [found])
        key = low.call_method(self.cls, self.value, "key_at", [found])
        if self.what == "keys":
            return key
        item = low.call_method(self.cls, self.value, "value_at", [found])
        return low.make_tuple([key, item], TupleType((key.type, item.type)))


class IteratorCursor(Cursor):
    """Anything with __iter__ / __next__."""

    def __init__(self, low: Lowerer, iterator: Operand) -> None:
        self.low = low
        self.iterator = low.stable(iterator)

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        assert isinstance(self.iterator.type, ObjectType)
        return next_or(low, self.iterator, exhausted)


def next_or(low: Lowerer, iterator: Operand, exhausted: ir.Block) -> Operand:
    """next(iterator), going to `exhausted` on StopIteration."""
    assert isinstance(iterator.type, ObjectType)
    outer = low.handler
    landing, onward = low.new_block("stop"), low.new_block("item")
    low.handler = landing
    value = low.call_method(iterator.type.cls, iterator, "__next__", [])
    low.handler = outer
    low.goto(onward)
    low.start(landing)
    error = low.temp(low.program.exception_class("BaseException").type, "caught")
    low.emit(ir.Catch(error))
    flag = low.temp(BOOL)
    low.emit(ir.InstanceOf(flag, error, low.program.exception_class("StopIteration")))
    other = low.new_block("other")
    low.branch(flag, exhausted, other, 1)
    low.start(other)
    low.raise_value(error)
    low.start(onward)
    return value


class EnumerateCursor(Cursor):
    def __init__(self, low: Lowerer, inner: Cursor, start: Operand) -> None:
        self.low, self.inner = low, inner
        self.counter = low.merge(INT)
        low.assign(self.counter, start)

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        item = self.inner.next(exhausted)
        number = low.temp(INT)
        low.emit(ir.Assign(number, self.counter))
        low.assign(self.counter, low.prim("add", [self.counter, Imm(1, INT)], INT))
        return low.make_tuple([number, item], TupleType((INT, item.type)))


class ZipCursor(Cursor):
    """zip(...); `strict`: ValueError unless all end together."""

    def __init__(self, low: Lowerer, inner: list[Cursor], strict: bool) -> None:
        self.low, self.inner, self.strict = low, inner, strict

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        ends = [low.new_block("short") if self.strict else exhausted for _ in self.inner]
        items = [cursor.next(end) for cursor, end in zip(self.inner, ends)]
        result = low.make_tuple(items, TupleType(tuple(item.type for item in items)))
        if self.strict:
            onward = low.block
            self._end_together(ends, exhausted)
            low.block = onward
        return result

    def _end_together(self, ends: list[ir.Block], exhausted: ir.Block) -> None:
        """Where each argument ends: after the first one's end the others must end as well."""
        low = self.low
        for index, end in enumerate(ends):
            low.start(end)
            others = "argument 1" if index == 1 else f"arguments 1-{index}"
            if index > 0:
                low.raise_new("ValueError", f"zip() argument {index + 1} is shorter than {others}")
                continue
            for other, cursor in enumerate(self.inner[1:], 1):
                ended = low.new_block("ended")
                cursor.next(ended)
                others = "argument 1" if other == 1 else f"arguments 1-{other}"
                low.raise_new("ValueError", f"zip() argument {other + 1} is longer than {others}")
                low.start(ended)
            low.goto(exhausted)


class MapCursor(Cursor):
    """map(function, iterable): the function applied to each item."""

    def __init__(self, low: Lowerer, function: Callable[[Operand], Operand], inner: Cursor) -> None:
        self.function, self.inner = function, inner

    def next(self, exhausted: ir.Block) -> Operand:
        return self.function(self.inner.next(exhausted))


class FilterCursor(Cursor):
    def __init__(self, low: Lowerer, function: Callable[[Operand], Operand], inner: Cursor) -> None:
        self.low, self.function, self.inner = low, function, inner

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        again, onward = low.new_block("filter"), low.new_block("kept")
        low.goto(again)
        low.start(again)
        value = self.inner.next(exhausted)
        low.branch(self.function(value), onward, again)
        low.start(onward)
        return value


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


class ReversedRangeCursor(Cursor):
    """reversed(range(...)) for a constant step."""

    def __init__(self, low: Lowerer, start: Operand, stop: Operand, step: Operand) -> None:
        self.low, self.start = low, start
        if not isinstance(step, Imm):
            raise low.refuse("reversed(range(...)) needs a constant step", "a range that counts down")
        self.step = step
        count = low.prim("range_count", [start, stop, step], INT)
        self.left = low.merge(INT)
        low.assign(self.left, count)

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        onward = low.new_block("item")
        low.branch(low.prim("gt", [self.left, Imm(0, INT)], BOOL), onward, exhausted)
        low.start(onward)
        low.assign(self.left, low.prim("sub", [self.left, Imm(1, INT)], INT))
        return low.prim("add", [self.start, low.prim("mul", [self.left, self.step], INT)], INT)


def mapped_cursor(low: Lowerer, node: n.CallExpr, name: str) -> Cursor:
    """map and filter, their function inlined when it is a lambda or a plain function."""
    from scarlet.compiler.lower.calls import apply_function
    from scarlet.compiler.lower.conversions import truth

    function = node.args[0]
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
    low.loops.append(Loop(head, end, len(low.cleanups)))
    body(head, value)
    low.loops.pop()
    low.line = line
    low.goto(head)
    low.start(out)
    if orelse is not None:
        low.body(orelse)
    low.goto(end)
    low.start(end)


# --- membership -------------------------------------------------------------------------------------------------------


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
    return lambda: values.equals(low, left, right)


def _item_test(low: Lowerer, left: Operand, item: n.Expression) -> Callable[[], Operand]:
    return lambda: values.equals(low, left, low.expr(item, left.type))


def _tuple_test(low: Lowerer, left: Operand, right: Operand, index: int) -> Callable[[], Operand]:
    return lambda: values.equals(low, left, low.tuple_get(right, index))


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
    low.branch(values.equals(low, item, left), found, head)
    low.start(found)
    low.assign(result, Imm(True, BOOL))
    low.goto(end)
    low.start(missing)
    low.assign(result, Imm(False, BOOL))
    low.goto(end)
    low.start(end)
    return result


__all__ = ["Cursor", "constant", "contains", "cursor_for", "loop_over"]
