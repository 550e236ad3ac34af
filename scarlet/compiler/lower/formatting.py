"""f-strings. mypy gives them as "".join([...]) and "{:{}}".format(value, spec) calls."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Operand
from scarlet.compiler.lower import precedence, standins, values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.types import BOOL, INT, BoolType, EnumIntType, IntType, ObjectType, Type


def formatted(low: Lowerer, node: n.CallExpr) -> Operand | None:
    """An f-string or one of its fields; None for any other call."""
    callee = node.callee
    if not isinstance(callee, n.MemberExpr) or not isinstance(callee.expr, n.StrExpr):
        return None
    text = callee.expr.value
    if callee.name == "join" and text == "" and len(node.args) == 1 and isinstance(node.args[0], n.ListExpr) and _is_joined(node.args[0]):
        return values.concat(low, [low.stable(low.expr(item)) for item in node.args[0].items])
    if callee.name == "format":
        if len(node.args) == 2 and text in ("{:{}}", "{!r:{}}", "{!s:{}}", "{!a:{}}") and node.line == callee.line:
            return field(low, node.args[0], node.args[1], text[2] if text[1] == "!" else "")
        raise low.refuse("str.format is outside the dialect", "an f-string", node)
    return None


def _is_joined(node: n.ListExpr) -> bool:
    """Whether a list is the parts of an f-string (string pieces and formatted fields)."""
    for item in node.items:
        if isinstance(item, n.StrExpr):
            continue
        if (
            isinstance(item, n.CallExpr)
            and isinstance(item.callee, n.MemberExpr)
            and isinstance(item.callee.expr, n.StrExpr)
            and item.callee.name in ("format", "join")
        ):
            continue
        return False
    return True


def field(low: Lowerer, value_node: n.Expression, spec_node: n.Expression, conversion: str) -> Operand:
    """{value!conversion:spec}"""
    standins.demand_shown_alike(low, value_node)
    value = low.stable(low.expr(value_node))
    spec = constant(low.program, spec_node)
    if conversion in ("r", "a"):
        value = values.repr_of(low, value)
        if conversion == "a":
            value = low.runtime("format.ascii_text", value)
    elif conversion == "s":
        value = values.str_of(low, value)
    kind = value.type
    if conversion == "":
        precedence.demand_known(low, kind, ("__format__",), "what an f-string shows")
    if spec == "" and not _formats_itself(low, kind, conversion):
        return values.str_of(low, value)
    spec_operand = low.literal(spec) if isinstance(spec, str) else low.expr(spec_node)
    if _formats_itself(low, kind, conversion):
        assert isinstance(kind, ObjectType)
        return low.call_method(kind.cls, value, "__format__", [spec_operand])
    if isinstance(spec, str) and isinstance(kind, (IntType, BoolType, EnumIntType)) and spec[-1] not in "dxXobcn,_0123456789<>^=+- #":
        raise low.refuse(f"the format {spec!r} is outside the dialect", "d x X o b c for integers", spec_node)
    if isinstance(kind, IntType) and not kind.signed and kind.bits == 64:
        return low.runtime("format.format_u64", value, spec_operand)
    if isinstance(kind, (IntType, EnumIntType)) or kind == BOOL:
        return low.runtime("format.format_int", low.coerce(value, INT), spec_operand)
    if conversion == "" and not (isinstance(kind, ObjectType) and kind.cls.name == "scarlet.runtime.str.Str"):
        raise low.refuse("a format specification for a value of this type is outside the dialect", "{x!r:...} or {x!s:...}", spec_node)
    return low.runtime("format.format_str", values.str_of(low, value), spec_operand)


def _formats_itself(low: Lowerer, kind: Type, conversion: str) -> bool:
    """Whether a class of the program has a __format__."""
    if conversion or not isinstance(kind, ObjectType) or kind.cls.module.startswith("scarlet.runtime."):
        return False
    found = low.program.method_node(kind.cls, "__format__")
    return found is not None and found[0].name != "builtins.object"
