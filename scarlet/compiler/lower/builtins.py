"""Builtin functions of single values: the registry, numbers, text, isinstance."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import integers, standins, values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import retype, truth
from scarlet.compiler.lower.members import class_reference
from scarlet.compiler.program import Class
from scarlet.compiler.types import BOOL, INT, NONE, U64, BoolType, EnumIntType, IntType, ObjectType, OptionalType, TupleType, Type

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
        no_starred_arguments(low, node, f"{name}()")
        return BUILTINS[name](low, node, want)
    if name in REFUSED:
        raise low.refuse(f"{name}() is outside the dialect", REFUSED[name], node)
    return None


REFUSED = {
    "getattr": "the attribute itself", "setattr": "the attribute itself", "hasattr": "a base class or a protocol", "eval": "code", "exec": "code", "open": "the vfs", "input": "the console",  # noqa: E501
    "float": "integers", "complex": "integers", "globals": "a dict of your own", "locals": "a dict of your own", "vars": "a dict of your own", "dir": "a list of your own", "type": "isinstance", "callable": "isinstance",  # noqa: E501
    "object": "a class of its own",
}  # fmt: skip


def no_starred_arguments(low: Lowerer, node: n.CallExpr, what: str) -> None:
    """Where arguments are taken one by one, whatever their kind."""
    if any(kind.is_star() for kind in node.arg_kinds):
        raise low.refuse(f"starred arguments of {what} are outside the dialect", "the arguments one by one", node)


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
            standins.demand_shown_alike(low, arg)
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
    standins.demand_shown_alike(low, node.args[0])
    value = simple(low, node)
    if len(node.args) > 1:
        return low.method(values.as_bytes(low, value), "decode", *[low.expr(arg) for arg in node.args[1:]])
    return values.str_of(low, value)


@builtin("repr")
def repr_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    value = simple(low, node)
    standins.demand_shown_alike(low, node.args[0])
    return values.repr_of(low, value)


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
            return low.runtime("parsing.parse_int", value, base)
        if kind.cls.name in values.BYTES_FAMILY:
            return low.runtime("parsing.parse_int_bytes", values.as_bytes(low, value), base)
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
    if isinstance(left.type, ObjectType):
        return low.method(left, "__divmod__", right)
    quotient = integers.arithmetic(low, "//", left, right)
    rest = integers.arithmetic(low, "%", left, right)
    return low.make_tuple([quotient, rest], TupleType((quotient.type, rest.type)))


@builtin("pow")
def pow_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    args = [low.stable(low.expr_as(arg, INT)) for arg in node.args]
    return low.runtime("integers.power" if len(args) == 2 else "integers.power_mod", *args)


@builtin("isinstance")
def isinstance_(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    standins.demand_no_class_test(low, node.args[0])
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
    from scarlet.compiler.classes import RUNTIME_CLASSES

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
