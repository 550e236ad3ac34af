"""Names, literals, operators and conditions. (members.py has attributes, subscripts.py subscripts)"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import bytes_value, constant
from scarlet.compiler.errors import Consequence
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import integers, values
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.conversions import coerce, is_none, narrow, retype, truth
from scarlet.compiler.program import Class
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    INT,
    NEVER,
    NONE,
    U64,
    EnumIntType,
    FunctionType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
    is_integer,
)

# --- literals and names -----------------------------------------------------------------------------------------------


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
                raise low.refuse(f"the name {symbol.name} is outside the dialect", "", node)
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


# --- operators --------------------------------------------------------------------------------------------------------


@expression(n.UnaryExpr)
def unary(low: Lowerer, node: n.UnaryExpr, want: Type | None) -> Operand:
    value = constant(low.program, node)
    if isinstance(value, bool):
        return Imm(value, BOOL)
    if isinstance(value, int) and isinstance(kind := low.maybe_type_of(node), EnumIntType):
        return Imm(value, kind)
    if isinstance(value, int):
        kind = low.maybe_type_of(node.expr)
        if node.op == "~" and isinstance(kind, IntType) and not kind.signed:
            return Imm(kind.wrap(value), kind)
        return integer(low, value, want)
    if node.op == "not":
        return values.negated(low, truth(low, low.expr(node.expr)))
    inner = low.expr(node.expr, want)
    if is_integer(inner.type) or inner.type == BOOL:
        if node.op == "-":
            return integers.negate(low, inner)
        if node.op == "~":
            return integers.invert(low, inner)
        return retype(low, inner, INT) if inner.type == BOOL else inner
    special = {"-": "__neg__", "~": "__invert__", "+": "__pos__"}[node.op]
    return low.method(inner, special)


@expression(n.OpExpr)
def binary(low: Lowerer, node: n.OpExpr, want: Type | None) -> Operand:
    if node.op in ("and", "or"):
        return logical(low, node, want)
    value = constant(low.program, node)
    if isinstance(value, int) and not isinstance(value, bool):
        kind = low.maybe_type_of(node)
        if isinstance(kind, EnumIntType):
            return Imm(value, kind)
        if isinstance(kind, IntType) and kind.fits(value) and kind != INT:
            return Imm(value, kind)
        return integer(low, value, want)
    if isinstance(value, (str, bytes)):
        return low.literal(value)
    left = low.expr(node.left, want if _passes_want(node, want) else None)
    if has_effects(node.right):
        left = low.stable(left)
    right = low.expr(node.right, left.type if isinstance(left.type, ObjectType) else want if _passes_want(node, want) else None)
    if node.op == "divmod":
        left, right = low.stable(left), low.stable(right)
        quotient = integers.arithmetic(low, "//", left, right)
        remainder = integers.arithmetic(low, "%", left, right)
        return low.make_tuple([quotient, remainder], TupleType((quotient.type, remainder.type)))
    return operate(low, node.op, left, right)


def _passes_want(node: n.OpExpr, want: Type | None) -> bool:
    return isinstance(want, ObjectType) and node.op in ("+", "|", "*") or isinstance(want, TupleType)


def has_effects(node: n.Expression) -> bool:
    return isinstance(node, (n.AssignmentExpr, n.AwaitExpr))


def operate(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    """left op right for operands of any types."""
    if values.is_number(left) and values.is_number(right):
        return integers.arithmetic(low, op, left, right)
    a, b = left.type, right.type
    if isinstance(a, PointerType):
        if op in ("+", "-") and values.is_number(right):
            return low.prim("ptr_add" if op == "+" else "ptr_sub", [left, retype(low, right, INT)], a)
        raise low.refuse(f"Ptr {op} is not defined")
    if isinstance(a, TupleType) and isinstance(b, TupleType) and op == "+":
        items = [low.tuple_get(left, i) for i in range(len(a.items))] + [low.tuple_get(right, i) for i in range(len(b.items))]
        return low.make_tuple(items, TupleType(a.items + b.items))
    if op == "*" and values.is_number(left) and isinstance(b, ObjectType):
        return low.call_method(b.cls, right, "__mul__", [left])
    method = integers_names(op)
    if isinstance(a, ObjectType):
        if op == "%" and a.cls.name in ("scarlet.runtime.str.Str", "scarlet.runtime.bytes.Bytes"):
            raise low.refuse("% formatting is outside the dialect", "an f-string")
        if low.program.method_function(a.cls, f"__{method}__") is not None:
            return low.call_method(a.cls, left, f"__{method}__", [right])
    if isinstance(b, ObjectType) and low.program.method_function(b.cls, f"__r{method}__") is not None:
        return low.call_method(b.cls, right, f"__r{method}__", [left])
    raise low.refuse(f"{a} {op} {b} is not defined", f"a class with __{method}__")


def integers_names(op: str) -> str:
    return {
        "+": "add", "-": "sub", "*": "mul", "//": "floordiv", "%": "mod", "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift",
        "**": "pow", "/": "truediv", "@": "matmul",
    }[op]  # fmt: skip


def logical(low: Lowerer, node: n.OpExpr, want: Type | None) -> Operand:
    """`and` / `or` as a value."""
    left = low.expr(node.left, want)
    if isinstance(left, Imm):
        if bool(left.value) == (node.op == "and"):
            return low.expr(node.right, want)
        return left
    flag = truth(low, left)
    more, done, end = low.new_block("more"), low.new_block("short"), low.new_block("end")
    if node.op == "and":
        low.branch(flag, more, done)
    else:
        low.branch(flag, done, more)
    low.start(more)
    right = low.expr(node.right, want or left.type)
    kind = result_type(low, node, want, left.type, right.type, keep_left=node.op == "and")
    result = low.merge(kind)
    low.assign(result, coerce(low, right, kind))
    low.goto(end)
    low.start(done)
    low.assign(result, coerce(low, left, kind))
    low.goto(end)
    low.start(end)
    return Imm(None, NONE) if kind == NONE else result


def result_type(low: Lowerer, node: n.Expression, want: Type | None, left: Type, right: Type, *, keep_left: bool = True) -> Type:
    """The common type of two alternatives."""
    if want is not None and want not in (NONE, NEVER) and not isinstance(want, (IntType,)):
        return want
    if left == right:
        return left
    if not keep_left and isinstance(left, OptionalType) and not isinstance(right, OptionalType) and right != NONE:
        left = left.item
    try:
        return low.program.join(left, right, low.place)
    except Exception:
        known = low.maybe_type_of(node)
        if known is not None:
            return known
        raise


@expression(n.ConditionalExpr)
def conditional(low: Lowerer, node: n.ConditionalExpr, want: Type | None) -> Operand:
    test = static_truth(low, node.cond)
    if test is not None:
        return low.expr(node.if_expr if test else node.else_expr, want)
    then, orelse, end = low.new_block("then"), low.new_block("else"), low.new_block("end")
    condition(low, node.cond, then, orelse)
    low.start(then)
    first = low.expr(node.if_expr, want)
    then_end = low.block
    low.start(orelse)
    second = low.expr(node.else_expr, want if want is not None else first.type)
    kind = result_type(low, node, want, first.type, second.type)
    if kind == NONE:
        low.goto(end)
        low.block = then_end
        low.goto(end)
        low.start(end)
        return Imm(None, NONE)
    result = low.merge(kind)
    low.assign(result, coerce(low, second, kind))
    low.goto(end)
    low.block = then_end
    low.assign(result, coerce(low, first, kind))
    low.goto(end)
    low.start(end)
    return result


@expression(n.AssignmentExpr)
def walrus(low: Lowerer, node: n.AssignmentExpr, want: Type | None) -> Operand:
    from scarlet.compiler.lower.assignments import assign_target

    value = low.expr(node.value, want)
    assign_target(low, node.target, value)
    return low.stable(low.expr(node.target))


# --- conditions -------------------------------------------------------------------------------------------------------


def static_truth(low: Lowerer, node: n.Expression) -> bool | None:
    """The value of a condition known at compile time (COMPILED, constants)."""
    value = constant(low.program, node)
    return bool(value) if value is not None else None


def condition(low: Lowerer, node: n.Expression, then: ir.Block, orelse: ir.Block) -> None:
    """Branch on an expression, short-circuiting."""
    if node.line > 0:
        low.line = node.line
    known = static_truth(low, node)
    if known is not None:
        low.goto(then if known else orelse)
    elif isinstance(node, n.UnaryExpr) and node.op == "not":
        condition(low, node.expr, orelse, then)
    elif isinstance(node, n.OpExpr) and node.op in ("and", "or"):
        middle = low.new_block("next")
        if node.op == "and":
            condition(low, node.left, middle, orelse)
        else:
            condition(low, node.left, then, middle)
        low.start(middle)
        condition(low, node.right, then, orelse)
    else:
        low.branch(truth(low, low.expr(node)), then, orelse)


@expression(n.ComparisonExpr)
def comparison(low: Lowerer, node: n.ComparisonExpr, want: Type | None) -> Operand:
    left = low.expr(node.operands[0])
    if len(node.operators) == 1:
        return compare_pair(low, node.operators[0], left, node.operands[1], node)
    result = low.merge(BOOL)
    end = low.new_block("end")
    left = low.stable(left)
    for index, op in enumerate(node.operators):
        right = low.stable(low.expr(node.operands[index + 1], left.type))
        flag = compare_values(low, op, left, right)
        low.assign(result, flag)
        if index + 1 < len(node.operators):
            onward = low.new_block("next")
            low.branch(flag, onward, end)
            low.start(onward)
        left = right
    low.goto(end)
    low.start(end)
    return result


def compare_pair(low: Lowerer, op: str, left: Operand, right_node: n.Expression, node: n.ComparisonExpr) -> Operand:
    if op in ("in", "not in"):
        from scarlet.compiler.lower.iteration import contains

        flag = contains(low, left, right_node, node)
        return values.negated(low, flag) if op == "not in" else flag
    if has_effects(right_node):
        left = low.stable(left)
    return compare_values(low, op, left, low.expr(right_node, left.type))


def compare_values(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    if op in ("is", "is not"):
        flag = identical(low, left, right)
        return values.negated(low, flag) if op == "is not" else flag
    if op == "==":
        return values.equals(low, left, right)
    if op == "!=":
        return values.unequal(low, left, right)
    if op in ("in", "not in"):
        from scarlet.compiler.lower.iteration import contains_value

        flag = contains_value(low, left, right)
        return values.negated(low, flag) if op == "not in" else flag
    return values.order(low, op, left, right)


def identical(low: Lowerer, left: Operand, right: Operand) -> Operand:
    if left.type == NONE:
        return is_none(low, right)
    if right.type == NONE:
        return is_none(low, left)
    if left.type.pointer and right.type.pointer:
        return low.prim("same", [left, right], BOOL)
    if values.is_number(left) and values.is_number(right):
        return integers.compare(low, "==", left, right)
    if isinstance(left.type, (OptionalType, PointerType)) or left.type == CLASS_REF:
        return values.equals(low, left, right)
    raise low.refuse(f"`is` between {left.type} and {right.type} is outside the dialect", "==")
