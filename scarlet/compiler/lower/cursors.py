"""Cursors: the compile-time form of iterators. `next(exhausted)` emits what fetches the next item, or jumps away."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.types import BOOL, INT, ObjectType, TupleType

KEYED = ("scarlet.runtime.dict.Dict[", "scarlet.runtime.set.Set[")


class Cursor:
    """Base class. `iterators`: objects that may run code when they are dropped (a generator its cleanups), so that a loop keeps them to its
    very end: a `break` drops them, not what stands in front of it."""

    iterators: tuple[Operand, ...] = ()

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
        self.iterators = (self.iterator,)

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
        self.iterators = inner.iterators
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
        self.iterators = tuple(iterator for cursor in inner for iterator in cursor.iterators)

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
        self.iterators = inner.iterators

    def next(self, exhausted: ir.Block) -> Operand:
        return self.function(self.inner.next(exhausted))


class FilterCursor(Cursor):
    def __init__(self, low: Lowerer, function: Callable[[Operand], Operand], inner: Cursor) -> None:
        self.low, self.function, self.inner = low, function, inner
        self.iterators = inner.iterators

    def next(self, exhausted: ir.Block) -> Operand:
        low = self.low
        again, onward = low.new_block("filter"), low.new_block("kept")
        low.goto(again)
        low.start(again)
        value = self.inner.next(exhausted)
        low.branch(self.function(value), onward, again)
        low.start(onward)
        return value


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
