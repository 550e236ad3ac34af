"""Methods of builtin types whose overloads the runtime tells apart by name."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import values
from scarlet.compiler.lower.aggregates import consume, list_from_cursor
from scarlet.compiler.lower.constructors import as_list, discard, sort_list
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.iteration import builtin_name, cursor_of_value, loop_cursor
from scarlet.compiler.program import Class
from scarlet.compiler.types import BOOL, INT, NONE, IntType, ObjectType, OptionalType, Type


def int_method(low: Lowerer, receiver: Operand, name: str, node: n.CallExpr) -> Operand:
    """bit_length, bit_count, to_bytes of integers."""
    unsigned = isinstance(receiver.type, IntType) and not receiver.type.signed and receiver.type.bits == 64
    value = receiver if unsigned else low.coerce(receiver, INT)
    if name in ("bit_length", "bit_count"):
        return low.coerce(low.runtime(f"integers.{'u64_' if unsigned else ''}{name}", value), INT)
    if name == "to_bytes":
        named = dict(zip(node.arg_names, node.args))
        positional = [arg for arg, label in zip(node.args, node.arg_names) if label is None]
        length_node = positional[0] if positional else named.get("length")
        order = positional[1] if len(positional) > 1 else named.get("byteorder")
        signed = named.get("signed")
        count = low.expr_as(length_node, INT) if length_node is not None else Imm(1, INT)
        byteorder = low.expr(order) if order is not None else low.literal("big")
        if unsigned:
            return low.runtime("integers.u64_to_bytes", value, count, byteorder)
        return low.runtime(
            "integers.to_bytes", value, count, byteorder, low.expr_as(signed, BOOL) if signed is not None else Imm(False, BOOL)
        )
    if name == "__index__" or name == "__int__":
        return value
    raise low.refuse(f"{receiver.type}.{name} is outside the dialect", "", node)


def class_builtin(low: Lowerer, node: n.CallExpr, info: n.TypeInfo, name: str) -> Operand | None:
    """int.from_bytes, bytes.fromhex, dict.fromkeys and other calls on builtin classes."""
    if info.fullname == "builtins.int" or info.fullname.startswith("scarlet.lang.ints."):
        if name == "from_bytes":
            named = dict(zip(node.arg_names, node.args))
            positional = [arg for arg, label in zip(node.args, node.arg_names) if label is None]
            order = positional[1] if len(positional) > 1 else named.get("byteorder")
            if not positional and list(named)[:1] != ["bytes"]:
                raise low.refuse("the bytes of from_bytes stand first in the dialect", "from_bytes(data, order)", node)
            signed = named.get("signed")
            data = low.expr(positional[0] if positional else named["bytes"])
            return low.runtime(
                "integers.from_bytes",
                data,
                low.expr(order) if order is not None else low.literal("big"),
                low.expr_as(signed, BOOL) if signed is not None else Imm(False, BOOL),
            )
    if info.fullname == "builtins.dict" and name == "fromkeys":
        kind = low.type_of(node)
        assert isinstance(kind, ObjectType)
        result = low.construct(kind.cls)
        value = low.stable(low.expr_as(node.args[1], kind.cls.args[1]))
        consume(low, node.args[0], lambda key, early: discard(low.method(result, "__setitem__", key, value)))
        return result
    return None


def as_slice_source(low: Lowerer, cls: Class, bounds: list[Operand], value: Operand) -> tuple[str, list[Operand]]:
    """The setslice method and arguments for target[start:stop] = value."""
    kind = value.type
    if isinstance(kind, ObjectType) and kind.cls.name in values.BYTES_FAMILY:
        return "setslice", [*bounds, value]
    if isinstance(kind, ObjectType) and kind.cls.name.startswith("scarlet.runtime.list.List["):
        if cls.name in values.BYTES_FAMILY:
            return "setslice", [*bounds, low.runtime("bytes.from_list", value)]
        return "setslice", [*bounds, value]
    return "setslice", [*bounds, list_from_cursor(low, cursor_of_value(low, value))]


def extend_list(low: Lowerer, target: Operand, source: n.Expression) -> None:
    """target.extend(source)."""
    assert isinstance(target.type, ObjectType)
    item = target.type.cls.args[0]
    if not isinstance(source, n.GeneratorExpr) and builtin_name(source) == "":
        value = low.expr(source, target.type)
        if isinstance(value.type, ObjectType) and value.type.cls is target.type.cls:
            low.method(target, "extend", value)
            return
        loop_cursor(low, cursor_of_value(low, value), lambda onward, each: discard(low.method(target, "append", low.coerce(each, item))))
        return
    consume(low, source, lambda each, early: discard(low.method(target, "append", low.coerce(each, item))))


BYTES_ARGUMENTS = {
    "split",
    "rsplit",
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "replace",
    "partition",
    "rpartition",
    "strip",
    "lstrip",
    "rstrip",
    "removeprefix",
    "removesuffix",
    "extend",
}
BYTE_SEARCHES = ("find", "rfind", "index", "count")
"""Where an int may stand for a byte."""


def container_method(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str, want: Type | None) -> Operand | None:
    """Methods of runtime classes that need more than a call of the method of that name; None for the others."""
    runtime = cls.name.partition("[")[0]
    args = node.args
    if runtime == "scarlet.runtime.list.List":
        return list_method(low, node, receiver, cls, name)
    if runtime == "scarlet.runtime.dict.Dict":
        return dict_method(low, node, receiver, cls, name)
    if runtime == "scarlet.runtime.set.Set":
        return set_method(low, node, receiver, cls, name)
    if runtime == "scarlet.runtime.deque.Deque" and name in ("extend", "extendleft") and len(args) == 1:
        method = "append" if name == "extend" else "appendleft"
        receiver = low.stable(receiver)
        consume(low, args[0], lambda each, early: discard(low.method(receiver, method, low.coerce(each, cls.args[0]))))
        return Imm(None, NONE)
    if runtime == "scarlet.runtime.str.Str" or runtime in values.BYTES_FAMILY:
        return text_method(low, node, receiver, cls, name)
    return None


def list_method(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str) -> Operand | None:
    if name == "pop" and not node.args:
        return low.call_method(cls, receiver, "pop_last", [])
    if name == "extend":
        extend_list(low, low.stable(receiver), node.args[0])
        return Imm(None, NONE)
    if name == "sort":
        named = {label: arg for label, arg in zip(node.arg_names, node.args) if label}
        if any(label is None for label in node.arg_names):
            return None
        sort_list(low, low.stable(receiver), named.get("key"), named.get("reverse"))
        return Imm(None, NONE)
    return None


def dict_method(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str) -> Operand | None:
    if name in ("get", "pop") and len(node.args) == 2:
        key = low.stable(low.expr_as(node.args[0], cls.args[0]))
        value = low.expr(node.args[1], cls.args[1])
        if value.type == NONE and not isinstance(cls.args[1], OptionalType):
            return low.call_method(cls, receiver, "get" if name == "get" else "pop_or_none", [key])
        return low.call_method(cls, receiver, f"{name}_default", [key, value])
    if name == "update" and None not in node.arg_names or name == "update" and len(node.args) > 1:
        receiver = low.stable(receiver)
        given = [arg for arg, label in zip(node.args, node.arg_names) if label is None]
        if given:
            plain = n.CallExpr(node.callee, given, [n.ARG_POS], [None])
            if dict_method(low, plain, receiver, cls, name) is None:
                low.call_method(cls, receiver, name, [low.expr(given[0])])
        for arg, label in zip(node.args, node.arg_names):
            if label is not None:
                low.method(receiver, "__setitem__", low.literal(label), low.expr_as(arg, cls.args[1]))
        return Imm(None, NONE)
    if name == "update" and node.args:
        known = low.maybe_type_of(node.args[0])
        if not (isinstance(known, ObjectType) and known.cls is cls):
            receiver = low.stable(receiver)

            def body(value: Operand, early: ir.Block) -> None:
                low.method(receiver, "__setitem__", low.tuple_get(value, 0), low.tuple_get(value, 1))

            consume(low, node.args[0], body)
            return Imm(None, NONE)
    return None


TAKING_SETS = (
    "union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "symmetric_difference", "intersection_update",
    "symmetric_difference_update",
)  # fmt: skip
"""Methods of sets that take one other collection, of any kind in Python."""


def set_method(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str) -> Operand | None:
    methods = {"update": "add", "difference_update": "discard"}
    if len(node.args) == 1 and name in (*methods, "intersection_update", "symmetric_difference_update"):
        given = low.maybe_type_of(node.args[0])
        if isinstance(given, ObjectType) and given.cls is cls:
            return low.call_method(cls, receiver, name, [low.expr(node.args[0])])
    if name in methods:
        receiver = low.stable(receiver)
        for source in node.args:
            consume(low, source, lambda each, early: discard(low.method(receiver, methods[name], low.coerce(each, cls.args[0]))))
        return Imm(None, NONE)
    if name in ("union", "intersection", "difference") and len(node.args) > 1:
        for source in node.args:
            plain = n.CallExpr(node.callee, [source], [n.ARG_POS], [None])
            receiver = low.stable(receiver)
            receiver = set_method(low, plain, receiver, cls, name) or low.call_method(cls, receiver, name, [low.expr(source)])
        return receiver
    if name in TAKING_SETS and node.args:
        if isinstance(node.args[0], n.SetExpr):
            return low.call_method(cls, receiver, name, [low.expr(node.args[0], cls.type)])
        known = low.maybe_type_of(node.args[0])
        if not (isinstance(known, ObjectType) and known.cls is cls):
            other = low.construct(cls)
            consume(low, node.args[0], lambda each, early: discard(low.method(other, "add", low.coerce(each, cls.args[0]))))
            return low.call_method(cls, receiver, name, [other])
    return None


def text_method(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str) -> Operand | None:
    """str, bytes, bytearray, memoryview."""
    args = node.args
    if name in ("split", "rsplit"):
        named = dict(zip(node.arg_names, args))
        separator = named.get("sep", args[0] if args and node.arg_names[0] is None else None)
        limit = named.get("maxsplit", args[1] if len(args) > 1 and node.arg_names[1] is None else None)
        count = low.expr_as(limit, INT) if limit is not None else Imm(-1, INT)
        if separator is None or isinstance(separator, n.NameExpr) and separator.fullname == "builtins.None":
            return low.call_method(cls, receiver, f"{name}_whitespace", [count])
        return low.call_method(cls, receiver, name, [text_argument(low, separator), count])
    if name in ("strip", "lstrip", "rstrip") and not args:
        return low.call_method(cls, receiver, f"{name}_whitespace", [])
    if name in ("startswith", "endswith") and isinstance(args[0], n.TupleExpr):
        receiver = low.stable(receiver)
        items = list(args[0].items)
        if len(args) > 1 or not items:
            raise low.refuse(f"{name} with a tuple takes nothing else, and no empty one, in the dialect", "a slice of the text", node)

        def rest(index: int) -> Operand:
            flag = low.call_method(cls, receiver, name, [text_argument(low, items[index])])
            return flag if index + 1 == len(items) else values.choose(low, flag, lambda: Imm(True, BOOL), lambda: rest(index + 1))

        return rest(0)
    if name == "pop" and not args:
        return low.call_method(cls, receiver, "pop_last", [])
    if name == "join":
        wanted = low.program.method_function(cls, "join")
        assert wanted is not None
        source = args[0]
        kind = low.maybe_type_of(source)
        item = wanted.params[1].type.cls.args[0] if isinstance(wanted.params[1].type, ObjectType) else None
        if (
            not isinstance(source, n.GeneratorExpr)
            and isinstance(kind, ObjectType)
            and kind == wanted.params[1].type
            and builtin_name(source) != "map"
        ):
            return low.call_method(cls, receiver, "join", [low.expr(source, kind)])
        receiver = low.stable(receiver)
        if cls.name in values.BYTES_FAMILY and item is not None and isinstance(source, (n.ListExpr, n.ListComprehension, n.TupleExpr)):
            return low.call_method(cls, receiver, "join", [low.expr(source, wanted.params[1].type)])  # each item as bytes
        held = kind.cls.args[0] if isinstance(kind, ObjectType) and kind.cls.args else None
        shown = isinstance(source, n.GeneratorExpr) or not isinstance(held, ObjectType) or held.cls.name in values.BYTES_FAMILY
        if cls.name in values.BYTES_FAMILY and not shown:
            raise low.refuse("join of items of several types is outside the dialect", "bytes(...) of each", node)
        return low.call_method(cls, receiver, "join", [as_list(low, source, item)])
    if name == "extend" and cls.name == "scarlet.runtime.bytearray.ByteArray":
        value = low.maybe_type_of(args[0]) if not isinstance(args[0], n.GeneratorExpr) else None
        if isinstance(value, ObjectType) and (value.cls.name in values.BYTES_FAMILY or value.cls.name == "scarlet.runtime.buffer.Buffer"):
            return low.call_method(cls, receiver, "extend", [low.expr(args[0])])
        receiver = low.stable(receiver)
        return low.call_method(cls, receiver, "extend_list", [as_list(low, args[0], INT)])
    if cls.name in values.BYTES_FAMILY and name in BYTES_ARGUMENTS and args:
        given = [text_argument(low, arg) for arg in args]
        if name in BYTE_SEARCHES and values.is_number(given[0]) and not any(node.arg_names):
            return low.call_method(cls, receiver, f"{name}_byte", given)
        found = low.program.method_function(cls, name)
        if found is not None and len(given) + 1 <= len(found.params) and not any(node.arg_names):
            return low.call_method(cls, receiver, name, given)
    return None


def text_argument(low: Lowerer, node: n.Expression) -> Operand:
    """An argument of a text method; the runtime takes any bytes-like object as a Buffer."""
    value = low.expr(node)
    if isinstance(value.type, OptionalType):
        return value
    return low.stable(value)
