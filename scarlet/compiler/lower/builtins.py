"""Builtin functions, and the methods of builtin types whose overloads the runtime tells apart by name."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import integers, values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import retype, truth
from scarlet.compiler.lower.expressions import MAX, class_reference
from scarlet.compiler.lower.iteration import Cursor, builtin_name, cursor_for, cursor_of_value, loop_cursor, next_or
from scarlet.compiler.program import Class
from scarlet.compiler.types import (
    BOOL,
    INT,
    NEVER,
    NONE,
    U64,
    BoolType,
    EnumIntType,
    IntType,
    ObjectType,
    OptionalType,
    TupleType,
    Type,
    is_integer,
)

BUILTINS: dict[str, Callable[[Lowerer, n.CallExpr, Type | None], Operand]] = {}


def builtin(
    name: str,
) -> Callable[[Callable[[Lowerer, n.CallExpr, Type | None], Operand]], Callable[[Lowerer, n.CallExpr, Type | None], Operand]]:
    def register(function: Callable[[Lowerer, n.CallExpr, Type | None], Operand]) -> Callable[[Lowerer, n.CallExpr, Type | None], Operand]:
        BUILTINS[name] = function
        return function

    return register


def builtin_call(low: Lowerer, name: str, node: n.CallExpr, want: Type | None) -> Operand | None:
    """Lower a call of builtins.<name>; None when it is a class made like any other (exceptions)."""
    if name in BUILTINS:
        return BUILTINS[name](low, node, want)
    if name in REFUSED:
        raise low.refuse(f"{name}() is outside the dialect", REFUSED[name], node)
    return None


REFUSED = {
    "getattr": "the attribute itself", "setattr": "the attribute itself", "hasattr": "a base class or a protocol", "eval": "", "exec": "", "open": "the vfs", "input": "the console",  # noqa: E501
    "float": "integers", "complex": "integers", "globals": "", "locals": "", "vars": "", "dir": "", "type": "isinstance", "callable": "isinstance",  # noqa: E501
    "object": "a class of its own",
}  # fmt: skip


def simple(low: Lowerer, node: n.CallExpr) -> Operand:
    return low.expr(node.args[0])


@builtin("len")
def len_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    info = class_reference(node.args[0])
    if info is not None:
        from scarlet.compiler.constants import enum_members

        return Imm(len({value for _, value in enum_members(low.program, info)}), INT)
    from scarlet.compiler.constants import enum_members, is_enum

    info = class_reference(node.args[0])
    if info is not None and is_enum(info):
        return Imm(len({value for _, value in enum_members(low.program, info)}), INT)
    return length(low, simple(low, node))


def length(low: Lowerer, value: Operand) -> Operand:
    if isinstance(value.type, TupleType):
        return Imm(len(value.type.items), INT)
    if not isinstance(value.type, ObjectType):
        raise low.refuse(f"a value of type {value.type} has no length", "a container")
    return low.coerce(low.method(value, "__len__"), INT)


@builtin("abs")
def abs_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    value = low.stable(simple(low, node))
    if isinstance(value.type, ObjectType):
        return low.method(value, "__abs__")
    if isinstance(value, Imm):
        return Imm(abs(int(value.value or 0)), value.type)
    if isinstance(value.type, (BoolType, EnumIntType)):
        value = low.coerce(value, INT)
    kind = value.type
    assert isinstance(kind, IntType)
    if not kind.signed:
        return value
    result = low.merge(kind)
    negative, positive, end = low.new_block("negative"), low.new_block("positive"), low.new_block("end")
    low.branch(low.prim("lt", [value, Imm(0, kind)], BOOL), negative, positive)
    low.start(negative)
    low.assign(result, integers.negate(low, value))
    low.goto(end)
    low.start(positive)
    low.assign(result, value)
    low.goto(end)
    low.start(end)
    return result


@builtin("print")
def print_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    separator: Operand = low.literal(" ")
    end: Operand = low.literal("\n")
    texts: list[Operand] = []
    for arg, name in zip(node.args, node.arg_names):
        if name == "sep":
            separator = low.stable(low.expr(arg))
        elif name == "end":
            end = low.stable(low.expr(arg))
        elif name == "file":
            raise low.refuse("print(file=...) is outside the dialect", "the object's own write", node)
        elif name is None:
            texts.append(low.stable(low.expr(arg)))
    parts: list[Operand] = []
    for value in texts:  # str() of each only when all are evaluated
        text = values.str_of(low, value)
        parts += [separator, text] if parts else [text]
    parts.append(end)
    low.runtime("io.write_text", values.concat(low, parts))
    return Imm(None, NONE)


@builtin("str")
def str_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if not node.args:
        return low.literal("")
    value = simple(low, node)
    if len(node.args) > 1:
        return low.method(values.as_bytes(low, value), "decode", *[low.expr(arg) for arg in node.args[1:]])
    return values.str_of(low, value)


@builtin("repr")
def repr_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return values.repr_of(low, simple(low, node))


@builtin("ascii")
def ascii_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.runtime("format.ascii_text", values.repr_of(low, simple(low, node)))


@builtin("format")
def format_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    from scarlet.compiler.lower.formatting import field

    return field(low, node.args[0], node.args[1], "") if len(node.args) > 1 else values.str_of(low, simple(low, node))


@builtin("bool")
def bool_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return truth(low, simple(low, node)) if node.args else Imm(False, BOOL)


@builtin("int")
def int_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if not node.args:
        return Imm(0, INT)
    value = simple(low, node)
    kind = value.type
    if isinstance(kind, ObjectType):
        base = low.expr_as(node.args[1], INT) if len(node.args) > 1 else Imm(10, INT)
        if kind.cls.name == "scarlet.runtime.str.Str":
            return low.runtime("format.parse_int", value, base)
        if kind.cls.name in values.BYTES_FAMILY:
            return low.runtime("format.parse_int_bytes", values.as_bytes(low, value), base)
        return low.coerce(low.method(value, "__int__"), INT)
    return low.coerce(value, INT)


@builtin("hash")
def hash_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return values.hash_of(low, simple(low, node))


@builtin("id")
def id_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    # Without the top bit, which all objects of a kernel have and no Python id: it is no less unique.
    return low.prim("and", [retype(low, low.prim("address", [simple(low, node)], U64), INT), Imm((1 << 63) - 1, INT)], INT)


@builtin("ord")
def ord_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    value = constant(low.program, node.args[0])
    if isinstance(value, (str, bytes)) and len(value) == 1:
        return Imm(ord(value), INT)
    operand = simple(low, node)
    if isinstance(operand.type, ObjectType) and operand.type.cls.name in values.BYTES_FAMILY:
        return low.call_method(operand.type.cls, operand, "__getitem__", [Imm(0, INT)])
    return low.runtime("format.ord", operand)


@builtin("chr")
def chr_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.runtime("format.chr", low.coerce(simple(low, node), INT))


def _base(name: str) -> None:
    @builtin(name)
    def convert(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        value = simple(low, node)
        if isinstance(value.type, IntType) and not value.type.signed and value.type.bits == 64:
            return low.runtime(f"format.u64_{name}_text", value)
        return low.runtime(f"format.{name}_text", low.coerce(value, INT))


for _name in ("hex", "oct", "bin"):
    _base(_name)


@builtin("divmod")
def divmod_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    left, right = low.stable(low.expr(node.args[0])), low.stable(low.expr(node.args[1]))
    quotient = integers.arithmetic(low, "//", left, right)
    rest = integers.arithmetic(low, "%", left, right)
    return low.make_tuple([quotient, rest], TupleType((quotient.type, rest.type)))


@builtin("pow")
def pow_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    args = [low.stable(low.expr_as(arg, INT)) for arg in node.args]
    return low.runtime("integers.power" if len(args) == 2 else "integers.power_mod", *args)


@builtin("isinstance")
def isinstance_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    value = low.stable(low.expr(node.args[0]))
    return instance_test(low, value, class_list(low, node.args[1]), node)


def class_list(low: Lowerer, node: n.Expression) -> list[n.TypeInfo]:
    """The classes of isinstance's second argument."""
    if isinstance(node, n.TupleExpr):
        return [info for item in node.items for info in class_list(low, item)]
    if isinstance(node, n.OpExpr) and node.op == "|":
        return class_list(low, node.left) + class_list(low, node.right)
    info = class_reference(node)
    if info is None:
        raise low.refuse("isinstance needs a class or a tuple of classes", "", node)
    return [info]


def instance_test(low: Lowerer, value: Operand, infos: list[n.TypeInfo], node: n.Context) -> Operand:
    """isinstance(value, any of infos)."""
    kind = value.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import is_none, unwrap

        return values.choose(
            low, is_none(low, value), lambda: Imm(False, BOOL), lambda: instance_test(low, unwrap(low, value, kind), infos, node)
        )
    result: Operand = Imm(False, BOOL)
    for info in infos:
        flag = one_instance_test(low, value, info)
        if isinstance(flag, Imm):
            if flag.value:
                return flag
            continue
        result = flag if isinstance(result, Imm) else low.prim("or", [result, flag], BOOL)
    return result


def one_instance_test(low: Lowerer, value: Operand, info: n.TypeInfo) -> Operand:
    kind = value.type
    name = info.fullname
    if isinstance(kind, (IntType, EnumIntType)):
        if isinstance(kind, EnumIntType) and kind.cls.info is info:
            return Imm(True, BOOL)
        return Imm(name == "builtins.int" or name.startswith("scarlet.lang.ints."), BOOL)
    if isinstance(kind, BoolType):
        return Imm(name in ("builtins.bool", "builtins.int"), BOOL)
    if isinstance(kind, TupleType):
        return Imm(name == "builtins.tuple", BOOL)
    if not isinstance(kind, ObjectType):
        return Imm(False, BOOL)
    if name in ("builtins.int", "builtins.bool", "builtins.tuple", "builtins.float"):
        return Imm(False, BOOL)
    from scarlet.compiler.program import RUNTIME_CLASSES

    fullname = RUNTIME_CLASSES.get(name, name)
    for cls in kind.cls.ancestors():
        if cls.info.fullname == fullname and not cls.generated:
            return Imm(True, BOOL)
    if info.is_protocol:
        return protocol_test(low, value, info)
    if info.type_vars:
        found = [
            cls for (known, _), cls in low.program.classes.items() if known == fullname and (cls.derives(kind.cls) or kind.cls.is_protocol)
        ]
        flags = [_test(low, value, cls) for cls in found]
        result: Operand = Imm(False, BOOL)
        for flag in flags:
            result = flag if isinstance(result, Imm) else low.prim("or", [result, flag], BOOL)
        return result
    return _test(low, value, low.program.class_of(info, ()))


def _test(low: Lowerer, value: Operand, cls: Class) -> Operand:
    flag = low.temp(BOOL)
    low.emit(ir.InstanceOf(flag, value, cls))
    return flag


def protocol_test(low: Lowerer, value: Operand, info: n.TypeInfo) -> Operand:
    raise low.refuse(
        f"isinstance with the protocol {info.name} is outside the dialect", "a method of the protocol that answers, or a class"
    )


@builtin("issubclass")
def issubclass_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    value = low.expr(node.args[0])
    result: Operand = Imm(False, BOOL)
    for info in class_list(low, node.args[1]):
        record = low.temp(value.type)
        low.emit(ir.ClassRecord(record, low.program.class_of(info, ())))
        flag = low.prim("subclass", [value, record], BOOL)
        result = flag if isinstance(result, Imm) else low.prim("or", [result, flag], BOOL)
    return result


# --- iteration ----------------------------------------------------------------------------------------------------------


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
    from scarlet.compiler.lower.calls import item_type
    from scarlet.compiler.lower.expressions import operate

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
            if isinstance(value.type, ObjectType) and value.type.cls.name.startswith("scarlet.runtime.list.List["):
                return low.method(value, "copy")
            return list_from_cursor(low, cursor_of_value(low, value), item)
    return list_from_cursor(low, cursor_for(low, source), item)


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
        consume(low, node.args[0], lambda value, early: _discard(low.method(result, "add", value)))
    return result


BUILTINS["frozenset"] = set_


def _discard(value: Operand) -> None:
    return None


@builtin("dict")
def dict_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    kind: Type | None = want.item if isinstance(want, OptionalType) else want
    if not (isinstance(kind, ObjectType) and kind.cls.name.startswith("scarlet.runtime.dict.Dict[")):
        kind = low.type_of(node)
    assert isinstance(kind, ObjectType)
    result = low.construct(kind.cls)
    if node.args:
        known = low.maybe_type_of(node.args[0])
        if isinstance(known, ObjectType) and known.cls.name.startswith("scarlet.runtime.dict.Dict["):
            low.method(result, "update", low.expr(node.args[0]))
        else:

            def body(value: Operand, early: ir.Block) -> None:
                low.method(result, "__setitem__", low.tuple_get(value, 0), low.tuple_get(value, 1))

            consume(low, node.args[0], body)
    return result


def fill_deque(low: Lowerer, cls: Class, node: n.CallExpr) -> Operand:
    """deque(iterable)"""
    if len(node.args) > 1 or node.arg_names[0] == "maxlen":
        raise low.refuse("deque(maxlen=...) is outside the dialect", "popleft when it is full", node)
    result = low.construct(cls)
    consume(low, node.args[0], lambda each, early: _discard(low.method(result, "append", low.coerce(each, cls.args[0]))))
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
        return low.runtime("format.parse_int", value, Imm(10, INT))
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
    value = simple(low, node)
    if isinstance(value.type, TupleType):
        value = list_from_cursor(low, cursor_of_value(low, value))
    return low.method(value, "__iter__")


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
        {"zeros": "zeros", "list": "from_list", "bytes": "copy_of_bytes", "bytearray": "copy_of_bytearray", "view": "copy_of_view"},
    )


@builtin("bytearray")
def bytearray_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if not node.args:
        return low.construct(low.program.class_named("scarlet.runtime.bytes.ByteArray"))
    prefix = "bytearray_"
    names = {
        "zeros": prefix + "zeros",
        "list": prefix + "from_list",
        "bytes": prefix + "from_bytes",
        "bytearray": prefix + "from_bytearray",
        "view": prefix + "from_view",
    }
    return bytes_like(low, node, names)


@builtin("memoryview")
def memoryview_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return bytes_like(low, node, {"bytes": "view_of_bytes", "bytearray": "view_of_bytearray", "view": "view_of_view"})


def bytes_like(low: Lowerer, node: n.CallExpr, names: dict[str, str]) -> Operand:
    source = node.args[0]
    if not isinstance(source, n.GeneratorExpr) and builtin_name(source) == "" and not isinstance(source, (n.TupleExpr,)):
        wanted = low.list_type(INT) if isinstance(source, n.ListExpr) else None
        value = low.expr(source, wanted)
        if values.is_number(value):
            return low.runtime(f"bytes.{names['zeros']}", low.coerce(value, INT))
        if isinstance(value.type, ObjectType):
            name = value.type.cls.name
            if name in values.BYTES_FAMILY:
                return low.runtime(f"bytes.{names[values.BYTES_FAMILY[name]]}", value)
            if name == "scarlet.runtime.str.Str":
                return low.method(value, "encode")
            if low.program.method_node(value.type.cls, "__bytes__") is not None:
                return low.method(value, "__bytes__")
            if name == "scarlet.runtime.list.List[int]":
                return low.runtime(f"bytes.{names['list']}", value)
        return low.runtime(f"bytes.{names['list']}", convert_list(low, cursor_of_value(low, value)))
    if isinstance(source, n.GeneratorExpr):
        from scarlet.compiler.lower.displays import collect_list

        return low.runtime(f"bytes.{names['list']}", collect_list(low, source, low.list_type(INT)))
    return low.runtime(f"bytes.{names['list']}", convert_list(low, cursor_for(low, source)))


def convert_list(low: Lowerer, cursor: Cursor) -> Operand:
    return list_from_cursor(low, cursor, INT)


# --- methods ------------------------------------------------------------------------------------------------------------


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
            signed = named.get("signed")
            data = low.expr(positional[0])
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
        consume(low, node.args[0], lambda key, early: _discard(low.method(result, "__setitem__", key, value)))
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
        loop_cursor(low, cursor_of_value(low, value), lambda onward, each: _discard(low.method(target, "append", low.coerce(each, item))))
        return
    consume(low, source, lambda each, early: _discard(low.method(target, "append", low.coerce(each, item))))


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
        consume(low, args[0], lambda each, early: _discard(low.method(receiver, method, low.coerce(each, cls.args[0]))))
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
    if name == "update" and node.args:
        known = low.maybe_type_of(node.args[0])
        if not (isinstance(known, ObjectType) and known.cls is cls):
            receiver = low.stable(receiver)

            def body(value: Operand, early: ir.Block) -> None:
                low.method(receiver, "__setitem__", low.tuple_get(value, 0), low.tuple_get(value, 1))

            consume(low, node.args[0], body)
            return Imm(None, NONE)
    return None


def set_method(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str) -> Operand | None:
    methods = {"update": "add", "difference_update": "discard"}
    if len(node.args) == 1 and name in (*methods, "intersection_update", "symmetric_difference_update"):
        given = low.maybe_type_of(node.args[0])
        if isinstance(given, ObjectType) and given.cls is cls:
            return low.call_method(cls, receiver, name, [low.expr(node.args[0])])
    if name in methods:
        receiver = low.stable(receiver)
        for source in node.args:
            consume(low, source, lambda each, early: _discard(low.method(receiver, methods[name], low.coerce(each, cls.args[0]))))
        return Imm(None, NONE)
    if name in ("union", "intersection", "difference", "issubset", "issuperset", "isdisjoint", "symmetric_difference") and node.args:
        if isinstance(node.args[0], n.SetExpr):
            return low.call_method(cls, receiver, name, [low.expr(node.args[0], cls.type)])
        known = low.maybe_type_of(node.args[0])
        if not (isinstance(known, ObjectType) and known.cls is cls):
            other = low.construct(cls)
            consume(low, node.args[0], lambda each, early: _discard(low.method(other, "add", low.coerce(each, cls.args[0]))))
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
        return low.call_method(cls, receiver, "join", [as_list(low, source, item)])
    if name == "extend" and cls.name == "scarlet.runtime.bytes.ByteArray":
        value = low.maybe_type_of(args[0]) if not isinstance(args[0], n.GeneratorExpr) else None
        if isinstance(value, ObjectType) and (value.cls.name in values.BYTES_FAMILY or value.cls.name == "scarlet.runtime.bytes.Buffer"):
            return low.call_method(cls, receiver, "extend", [low.expr(args[0])])
        receiver = low.stable(receiver)
        consume(low, args[0], lambda each, early: _discard(low.call_method(cls, receiver, "append", [each])))
        return Imm(None, NONE)
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


__all__ = ["MAX", "NEVER", "builtin_call", "is_integer", "retype"]
