"""Names and literals. (operators.py, conditions.py, members.py and subscripts.py have the other expressions)"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import bytes_value, constant
from scarlet.compiler.errors import Consequence
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.conversions import narrow
from scarlet.compiler.program import Class
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    INT,
    NONE,
    U64,
    EnumIntType,
    FunctionType,
    IntType,
    ObjectType,
    OptionalType,
    Type,
)


@expression(n.IntExpr)
def int_literal(low: Lowerer, node: n.IntExpr, want: Type | None) -> Operand:
    return integer(low, node.value, want)


def integer(low: Lowerer, value: int, want: Type | None) -> Operand:
    """An integer constant as the wanted integer type, else int (u64 when only that holds it)."""
    if isinstance(want, OptionalType):
        want = want.item
    if isinstance(want, IntType) and want.fits(value):
        return Imm(value, want)
    if INT.fits(value):
        return Imm(value, INT)
    if U64.fits(value):
        return Imm(value, U64)
    raise low.refuse(f"{value} does not fit 64 bits", "a smaller constant")


@expression(n.StrExpr)
def str_literal(low: Lowerer, node: n.StrExpr, want: Type | None) -> Operand:
    return low.literal(node.value)


@expression(n.BytesExpr)
def bytes_literal(low: Lowerer, node: n.BytesExpr, want: Type | None) -> Operand:
    return low.literal(bytes_value(node))


@expression(n.FloatExpr, n.ComplexExpr)
def float_literal(low: Lowerer, node: n.Expression, want: Type | None) -> Operand:
    raise low.refuse("there are no floating-point numbers in the dialect", "integers", node)


@expression(n.EllipsisExpr)
def ellipsis(low: Lowerer, node: n.EllipsisExpr, want: Type | None) -> Operand:
    return Imm(None, NONE)


@expression(n.NameExpr)
def name(low: Lowerer, node: n.NameExpr, want: Type | None) -> Operand:
    if node.fullname in ("builtins.True", "builtins.False"):
        return Imm(node.fullname == "builtins.True", BOOL)
    if node.fullname == "builtins.None":
        return Imm(None, NONE)
    if node.name == "__name__" and isinstance(node.node, n.Var):
        mains = low.program.checked.programs
        return low.literal("__main__" if low.function.module in mains else low.function.module)
    symbol = node.node
    if symbol in low.variables:
        return narrowed(low, node, low.read_variable(low.variables[symbol]))
    if low.self_closure is not None and symbol is low.self_closure[0]:
        return low.self_closure[1]
    return definition(low, node, symbol, want)


def narrowed(low: Lowerer, node: n.Expression, value: Operand) -> Operand:
    """Apply what mypy knows about an expression here."""
    kind = value.type
    if isinstance(kind, OptionalType) and isinstance(kind.item, ObjectType) and kind.item.cls.name == "builtins.object":
        return value  # what mypy calls an object may still be None
    if isinstance(kind, OptionalType) or isinstance(kind, ObjectType) and not kind.cls.is_enum:
        known = low.maybe_type_of(node)
        if known is not None:
            return narrow(low, value, known)
    return value


def definition(low: Lowerer, node: n.RefExpr, symbol: n.SymbolNode | None, want: Type | None) -> Operand:
    """A reference to something defined at module level (or in a class body)."""
    if isinstance(symbol, n.Var):
        value = constant(low.program, node)
        if value is not None:
            return constant_operand(low, value, low.program.convert(symbol.type, low.env, low.place) if symbol.type else None, want)
        if symbol.fullname.startswith(("builtins.", "typing.")) or "." not in (symbol.fullname or ""):
            if low.failed and "." not in (symbol.fullname or ""):
                raise Consequence(low.place, f"{symbol.name} has no value")
            if "." in (symbol.fullname or ""):
                advice = "False, or raise TypeError" if symbol.name == "NotImplemented" else ""
                raise low.refuse(f"the name {symbol.name} is outside the dialect", advice, node)
            raise low.refuse(f"{symbol.name} may have no value here", "an assignment on every way to this line", node)
        return narrowed(low, node, low.get_global(low.program.global_of(symbol)))
    if isinstance(symbol, n.Decorator):
        symbol = symbol.func
    if isinstance(symbol, n.FuncDef):
        from scarlet.compiler.lower.closures import function_value

        return function_value(low, symbol, node)
    if isinstance(symbol, n.TypeInfo):
        from scarlet.compiler.lower.closures import constructor_value

        if (
            isinstance(want, FunctionType)
            and symbol.fullname in ("builtins.str", "builtins.int", "builtins.bool")
            and len(want.parameters) == 1
        ):
            from scarlet.compiler.lower.constructors import key_function

            return key_function(low, node, want.parameters[0])
        if isinstance(want, FunctionType):
            return constructor_value(low, symbol, want)
        dst = low.temp(CLASS_REF)
        low.emit(ir.ClassRecord(dst, class_of_info(low, symbol)))
        return dst
    if node.fullname.startswith("builtins."):
        raise low.refuse(f"{node.fullname.removeprefix('builtins.')}() is outside the dialect", "code of your own", node)
    raise low.refuse(f"{node.fullname} is not a value in the dialect", "", node)


def class_of_info(low: Lowerer, info: n.TypeInfo) -> Class:
    """The class of a name that is not applied to type arguments."""
    if info.type_vars:
        raise low.refuse(f"{info.name} needs its type arguments here", f"{info.name}[...]")
    return low.program.class_of(info, ())


def constant_operand(low: Lowerer, value: int | bool | str | bytes, declared: Type | None, want: Type | None) -> Operand:
    if isinstance(value, bool):
        return Imm(value, BOOL)
    if isinstance(value, int):
        if isinstance(declared, EnumIntType):
            return Imm(value, declared)
        if isinstance(declared, IntType) and declared != INT:
            return Imm(value, declared)
        return integer(low, value, want)
    return low.literal(value)
