"""Builtin classes called with an iterable or a size: list, tuple, set, dict, deque, sorted, map and its like, bytes and its like."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import values
from scarlet.compiler.lower.aggregates import apply_builtin, consume, list_from_cursor
from scarlet.compiler.lower.builtins import BUILTINS, builtin
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.cursors import Cursor
from scarlet.compiler.lower.iteration import builtin_name, cursor_for, cursor_of_value
from scarlet.compiler.lower.members import class_reference
from scarlet.compiler.program import Class
from scarlet.compiler.types import BOOL, INT, ObjectType, OptionalType, Type


def wanted_item(want: Type | None, prefix: str) -> Type | None:
    if isinstance(want, OptionalType):
        want = want.item
    if isinstance(want, ObjectType) and want.cls.name.startswith(prefix):
        return want.cls.args[0]
    return None


@builtin("list")
def list_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    item = wanted_item(want, "scarlet.runtime.list.List[")
    if not node.args:
        if item is None:
            kind = low.type_of(node)
            assert isinstance(kind, ObjectType)
            return low.construct(kind.cls)
        return low.construct(low.list_type(item).cls)
    return as_list(low, node.args[0], item, node)


def as_list(low: Lowerer, source: n.Expression, item: Type | None, node: n.Expression | None = None) -> Operand:
    """A new list of the items of an expression."""
    if isinstance(source, n.GeneratorExpr):
        from scarlet.compiler.lower.displays import collect_list

        return collect_list(low, source, low.list_type(item or low.type_of(source.left_expr)))
    if builtin_name(source) == "" and not isinstance(source, n.TupleExpr) and class_reference(source) is None:
        if not (
            isinstance(source, n.CallExpr) and isinstance(source.callee, n.MemberExpr) and source.callee.name in ("keys", "values", "items")
        ):
            value = low.expr(source)
            listed = isinstance(value.type, ObjectType) and value.type.cls.name.startswith("scarlet.runtime.list.List[")
            if listed and (item is None or not _of_other_bytes(value.type, item)):
                return low.method(value, "copy")
            return list_from_cursor(low, cursor_of_value(low, value), item)
    return list_from_cursor(low, cursor_for(low, source), item)


def _of_other_bytes(kind: Type, item: Type) -> bool:
    """Whether a list holds bytes-like objects of another class, which are converted one by one."""
    held = kind.cls.args[0] if isinstance(kind, ObjectType) else None
    family = values.BYTES_FAMILY
    return isinstance(held, ObjectType) and isinstance(item, ObjectType) and item.cls.name in family and held.cls is not item.cls


@builtin("tuple")
def tuple_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    item = wanted_item(want, "scarlet.runtime.list.List[")
    if not node.args:
        return low.construct(low.list_type(item or INT).cls)
    return as_list(low, node.args[0], item)


@builtin("set")
def set_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    item = wanted_item(want, "scarlet.runtime.set.Set[")
    if item is None:
        kind = low.type_of(node)
        assert isinstance(kind, ObjectType)
        item = kind.cls.args[0]
    result = low.construct(low.program.class_named("scarlet.runtime.set.Set", (item,)))
    if node.args:
        consume(low, node.args[0], lambda value, early: discard(low.method(result, "add", value)))
    return result


BUILTINS["frozenset"] = set_


def discard(value: Operand) -> None:
    return None


@builtin("dict")
def dict_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    kind: Type | None = want.item if isinstance(want, OptionalType) else want
    if not (isinstance(kind, ObjectType) and kind.cls.name.startswith("scarlet.runtime.dict.Dict[")):
        kind = low.type_of(node)
    assert isinstance(kind, ObjectType)
    result = low.construct(kind.cls)
    positional = [arg for arg, label in zip(node.args, node.arg_names) if label is None]
    if positional:
        known = low.maybe_type_of(node.args[0])
        if isinstance(known, ObjectType) and known.cls.name.startswith("scarlet.runtime.dict.Dict["):
            low.method(result, "update", low.expr(node.args[0]))
        else:

            def body(value: Operand, early: ir.Block) -> None:
                low.method(result, "__setitem__", low.tuple_get(value, 0), low.tuple_get(value, 1))

            consume(low, node.args[0], body)
    for arg, label in zip(node.args, node.arg_names):
        if label is not None:
            low.method(result, "__setitem__", low.literal(label), low.expr_as(arg, kind.cls.args[1]))
    return result


def fill_deque(low: Lowerer, cls: Class, node: n.CallExpr) -> Operand:
    """deque(iterable)"""
    if len(node.args) > 1 or node.arg_names[0] == "maxlen":
        raise low.refuse("deque(maxlen=...) is outside the dialect", "popleft when it is full", node)
    result = low.construct(cls)
    consume(low, node.args[0], lambda each, early: discard(low.method(result, "append", low.coerce(each, cls.args[0]))))
    return result


@builtin("sorted")
def sorted_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    named = {label: arg for label, arg in zip(node.arg_names, node.args) if label}
    result = as_list(low, node.args[0], wanted_item(want, "scarlet.runtime.list.List["))
    sort_list(low, result, named.get("key"), named.get("reverse"))
    return result


def sort_list(low: Lowerer, target: Operand, key: n.Expression | None, reverse: n.Expression | None) -> None:
    kind = target.type
    assert isinstance(kind, ObjectType)
    flag = low.expr_as(reverse, BOOL) if reverse is not None else Imm(False, BOOL)
    if key is None or isinstance(key, n.NameExpr) and key.fullname == "builtins.None":
        low.method(target, "sort", flag)
        return
    from scarlet.compiler.types import FunctionType

    function = key_function(low, key, kind.cls.args[0])
    assert isinstance(function.type, FunctionType)
    found = low.program.method_node(kind.cls, "sort_key")
    if found is None:
        raise low.refuse("the runtime's list has no sort_key")
    owner, symbol, _ = found
    env = dict(owner.env)
    env[_own_variable(symbol)] = function.type.result
    target_function = low.program.function_of(symbol, owner, env)
    low.emit_call(target_function, [target, function, flag])


def _own_variable(symbol: n.FuncDef) -> str:
    from mypy.types import CallableType

    assert isinstance(symbol.type, CallableType)
    return symbol.type.variables[-1].fullname


def key_function(low: Lowerer, key: n.Expression, item: Type) -> Operand:
    """A key argument as a closure item -> key."""
    if isinstance(key, n.LambdaExpr):
        return low.expr(key)
    from scarlet.compiler.lower.closures import synthetic_closure
    from scarlet.compiler.types import FunctionType

    if isinstance(key, n.NameExpr) and key.fullname.startswith("builtins."):
        results = {
            "len": INT,
            "str": low.str_type,
            "repr": low.str_type,
            "abs": item,
            "int": INT,
            "ord": INT,
            "bool": BOOL,
            "hash": INT,
            "sum": INT,
        }
        name = key.fullname[9:]
        if name not in results:
            raise low.refuse(f"{name} as a key is outside the dialect", "a lambda", key)
        return synthetic_closure(
            low,
            f"key_{name}",
            [item],
            results[name],
            [],
            lambda inner, _, args: apply_builtin(inner, name, args) or args[0],
            key=("key", name, item),
        )
    value = low.expr(key)
    if isinstance(value.type, FunctionType):
        return value
    raise low.refuse("this key is outside the dialect", "a lambda", key)


def _cursor_value(name: str) -> None:
    @builtin(name)
    def collect(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        """enumerate, zip, reversed, map, filter, range as values: the list of their items (its iterator where one is asked for)."""
        result = list_from_cursor(low, cursor_for(low, node))
        known = low.maybe_type_of(node)
        if name != "range" and known is not None and isinstance(want, ObjectType) and want.cls.name.startswith("typing.Iterator"):
            return low.method(result, "__iter__")
        return result


for _name in ("range", "enumerate", "zip", "reversed", "map", "filter"):
    _cursor_value(_name)


@builtin("bytes")
def bytes_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if not node.args:
        return low.literal(b"")
    value = constant(low.program, node.args[0])
    if isinstance(value, int) and 0 <= value <= 64:
        return low.literal(bytes(value))
    return bytes_like(
        low,
        node,
        {
            "zeros": "bytes.zeros",
            "list": "bytes.from_list",
            "bytes": "bytes.copy_of_bytes",
            "bytearray": "bytes.copy_of_buffer",
            "view": "bytes.copy_of_buffer",
        },
    )


@builtin("bytearray")
def bytearray_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if not node.args:
        return low.construct(low.program.class_named("scarlet.runtime.bytearray.ByteArray"))
    names = {
        "zeros": "bytearray.zeros",
        "list": "bytearray.from_list",
        "bytes": "bytearray.from_buffer",
        "bytearray": "bytearray.from_buffer",
        "view": "bytearray.from_buffer",
    }
    return bytes_like(low, node, names)


@builtin("memoryview")
def memoryview_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    names = {"bytes": "memoryview.view_of_bytes", "bytearray": "memoryview.view_of_bytearray", "view": "memoryview.view_of_view"}
    return bytes_like(low, node, names)


NUMBERS = ("abs", "hash", "int", "len", "max", "min", "ord", "sum")
"""Builtin functions that give a number of zero bytes; the others give something to iterate over."""


def bytes_like(low: Lowerer, node: n.CallExpr, names: dict[str, str]) -> Operand:
    source = node.args[0]
    if not isinstance(source, (n.GeneratorExpr, n.TupleExpr)) and builtin_name(source) in ("", *NUMBERS):
        wanted = low.list_type(INT) if isinstance(source, n.ListExpr) else None
        value = low.expr(source, wanted)
        if values.is_number(value):
            return low.runtime(names["zeros"], low.coerce(value, INT))
        if isinstance(value.type, ObjectType):
            name = value.type.cls.name
            if name in values.BYTES_FAMILY:
                return low.runtime(names[values.BYTES_FAMILY[name]], value)
            if name == "scarlet.runtime.str.Str":
                encoded = low.method(value, "encode", *[low.expr(arg) for arg in node.args[1:]])
                return low.runtime(names["bytes"], encoded)
            if low.program.method_node(value.type.cls, "__bytes__") is not None:
                return low.method(value, "__bytes__")
            if name == "scarlet.runtime.list.List[int]":
                return low.runtime(names["list"], value)
        return low.runtime(names["list"], convert_list(low, cursor_of_value(low, value)))
    if isinstance(source, n.GeneratorExpr):
        from scarlet.compiler.lower.displays import collect_list

        return low.runtime(names["list"], collect_list(low, source, low.list_type(INT)))
    return low.runtime(names["list"], convert_list(low, cursor_for(low, source)))


def convert_list(low: Lowerer, cursor: Cursor) -> Operand:
    return list_from_cursor(low, cursor, INT)
