"""Arguments matched to parameters: by position and by name, defaults."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.expressions import constant_operand
from scarlet.compiler.program import Function, Param
from scarlet.compiler.types import (
    EnumIntType,
    IntType,
    OptionalType,
    TupleType,
    Type,
)


def arguments(low: Lowerer, function_name: str, params: list[Param], node: n.CallExpr, function: Function | None = None) -> list[Operand]:
    """The call's arguments in parameter order: evaluated in source order, coerced, defaults filled in."""
    slots: dict[int, Operand] = {}
    position = 0
    for arg, kind, name in zip(node.args, node.arg_kinds, node.arg_names):
        if kind == n.ARG_POS:
            while position < len(params) and params[position].kind in ("named", "named_opt"):
                position += 1
            if position >= len(params):
                raise low.refuse(f"too many arguments for {function_name}", "", node)
            index = position
            position += 1
        elif kind == n.ARG_NAMED:
            index = next((i for i, param in enumerate(params) if param.name == name), -1)
            if index < 0:
                raise low.refuse(f"{function_name} has no parameter {name}", "", node)
        elif kind == n.ARG_STAR:
            value = low.stable(low.expr(arg))
            if not isinstance(value.type, TupleType):
                raise low.refuse("*arguments are outside the dialect, except a tuple of known length", "the arguments one by one", node)
            for i in range(len(value.type.items)):
                slots[position] = low.coerce(low.tuple_get(value, i), params[position].type)
                position += 1
            continue
        else:
            raise low.refuse("**arguments are outside the dialect", "keyword arguments", node)
        value = low.expr_as(arg, params[index].type)
        slots[index] = value
    out = []
    line = low.line
    for index, param in enumerate(params):
        if index in slots:
            out.append(slots[index])
        elif param.optional:
            assert function is not None
            out.append(default_value(low, param, function))
        else:
            raise low.refuse(f"{function_name} misses the argument {param.name}", "", node)
    low.line = line
    return out


def default_value(low: Lowerer, param: Param, function: Function) -> Operand:
    """See Lowerer.default. Defaults are constants or expressions of global names."""
    default = param.default
    if default is None or isinstance(default, n.EllipsisExpr) or isinstance(default, n.TempNode):
        if default is None and param.optional and not param.type.pointer:
            return zero_value(low, param.type)
        return Imm(None, param.type)
    value = constant(low.program, default)
    if value is not None:
        kind = None if not isinstance(param.type, EnumIntType) else param.type
        return low.coerce(constant_operand(low, value, kind, param.type), param.type)
    if isinstance(default, (n.ListExpr, n.DictExpr, n.SetExpr)):
        raise low.refuse(f"the default of {param.name} is a mutable object", "None, and make it inside the function")
    env, line = low.env, low.line
    low.env = function.env
    result = low.coerce(low.expr(default, param.type), param.type)
    low.env, low.line = env, line
    return result


def zero_value(low: Lowerer, kind: Type) -> Operand:
    """The zero of a type (omitted fields of a @struct)."""
    if isinstance(kind, (IntType, EnumIntType)):
        return Imm(0, kind)
    if isinstance(kind, OptionalType):
        return Imm(None, kind)
    if isinstance(kind, TupleType):
        return low.make_tuple([zero_value(low, item) for item in kind.items], kind)
    return Imm(None, kind) if kind.pointer else Imm(False, kind)
