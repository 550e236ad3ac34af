"""Integer arithmetic as docs/dialect.md (Integers) defines it."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import flags
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import coerce, convert_int, overflow, retype, wrap_int
from scarlet.compiler.types import (
    BOOL,
    INT,
    U64,
    BoolType,
    EnumIntType,
    IntType,
    Type,
    is_integer,
    machine_int,
)

WRAPPING = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor"}
BITWISE = {"&": "and", "|": "or", "^": "xor"}
COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def common_type(low: Lowerer, left: Operand, right: Operand, op: str) -> IntType:
    """The type of an operator's result: the sized side wins over int."""
    a, b = left.type, right.type
    ma = INT if isinstance(a, (EnumIntType, BoolType)) else a
    mb = INT if isinstance(b, (EnumIntType, BoolType)) else b
    assert isinstance(ma, IntType) and isinstance(mb, IntType), (a, b)
    if ma == mb or mb == INT:
        return ma
    if ma == INT:
        return mb
    if isinstance(left, Imm) and mb.fits(int(left.value or 0)):
        return mb
    if isinstance(right, Imm) and ma.fits(int(right.value or 0)):
        return ma
    raise low.refuse(f"{ma} {op} {mb} mixes two sized integers", f"convert one side explicitly, {ma}(...) or {mb}(...)")


def arithmetic(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    """left op right, checked."""
    if isinstance(left, Imm) and isinstance(right, Imm):
        folded = _fold(low, op, left, right)
        if folded is not None:
            return folded
    result: Type | None = None
    if op in BITWISE:
        if isinstance(left.type, BoolType) and isinstance(right.type, BoolType):
            return low.prim(BITWISE[op], [left, right], BOOL)
        for side in (left.type, right.type):
            if flags.is_flag(side):
                result = side
    if op in ("<<", ">>"):
        return shift(low, op, left, right)
    kind = common_type(low, left, right, op)
    if op == "&" and not kind.signed:
        # Masking with a negative constant: only its low bits matter.
        left = Imm(kind.wrap(int(left.value or 0)), kind) if isinstance(left, Imm) else left
        right = Imm(kind.wrap(int(right.value or 0)), kind) if isinstance(right, Imm) else right
    a, b = convert_int(low, left, kind), convert_int(low, right, kind)
    if op in BITWISE:
        value = low.prim(BITWISE[op], [a, b], kind)
        return flags.combined(low, op, value, left, right, result) if isinstance(result, EnumIntType) else value
    if op in ("+", "-", "*"):
        return checked(low, WRAPPING[op], a, b, kind)
    if op in ("//", "%"):
        return divide(low, op, a, b, kind)
    if op == "**":
        power = low.runtime("integers.power", coerce(low, a, INT), coerce(low, right, INT))
        return coerce(low, power, kind)
    if op == "/":
        raise low.refuse("true division gives a float", "//")
    raise low.refuse(f"the operator {op} is not defined for integers")


def _fold(low: Lowerer, op: str, left: Imm, right: Imm) -> Imm | None:
    from scarlet.compiler.constants import _operate

    if isinstance(left.type, BoolType) and isinstance(right.type, BoolType) and op in BITWISE:
        return Imm(bool(_operate(op, bool(left.value), bool(right.value))), BOOL)
    flag = next((side.type for side in (left, right) if flags.is_flag(side.type)), None)
    kind: Type = flag if flag is not None and op in BITWISE else common_type(low, left, right, op)
    if op in ("<<", ">>"):
        kind = machine_int(left.type) if not isinstance(left.type, BoolType) else INT
    value = _operate(op, int(left.value or 0), int(right.value or 0))
    if value is None or not isinstance(value, int) or not machine_int(kind).fits(value):
        return None
    return Imm(flags.bits_of(low, kind).value(value) if isinstance(kind, EnumIntType) and flags.is_flag(kind) else value, kind)


def checked(low: Lowerer, op: str, left: Operand, right: Operand, kind: IntType) -> Operand:
    dst = low.temp(kind)
    low.emit(ir.Checked(dst, op, left, right, kind, overflow(low, kind), low.exception_target()))
    return dst


def divide(low: Lowerer, op: str, left: Operand, right: Operand, kind: IntType) -> Operand:
    """Floor division and modulo."""
    from scarlet.compiler.lower.synthesis import thrower

    if not isinstance(right, Imm) or right.value == 0:
        failure = thrower(
            low.program, "ZeroDivisionError", "integer division or modulo by zero" if op == "//" else "integer modulo by zero"
        )
        dst = low.temp(BOOL)
        low.emit(ir.Checked(dst, "nonzero", right, Imm(0, INT), kind, failure, low.exception_target()))
    if op == "//" and kind.signed and not (isinstance(right, Imm) and right.value != -1):
        dst = low.temp(BOOL)
        low.emit(ir.Checked(dst, "divfits", left, right, kind, overflow(low, kind), low.exception_target()))
    return low.prim("floordiv" if op == "//" else "floormod", [left, right], kind)


def shift(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    """<< and >>: the count is checked; << that loses bits overflows."""
    kind = machine_int(left.type) if not isinstance(left.type, BoolType) else INT
    value = convert_int(low, left, kind)
    count = _count(low, right, kind, op)
    if op == ">>":
        return low.prim("shr", [value, count], kind)
    return checked(low, "shl", value, count, kind)


def _count(low: Lowerer, right: Operand, kind: IntType, op: str) -> Operand:
    from scarlet.compiler.lower.synthesis import thrower

    if isinstance(right, Imm):
        value = int(right.value or 0)
        if value < 0:
            raise low.refuse("negative shift count")
        if value >= kind.bits and op == "<<":
            raise low.refuse(f"a shift by {value} does not fit {kind}")
        return Imm(value, INT)
    if machine_int(right.type).signed:
        dst = low.temp(BOOL)
        low.emit(
            ir.Checked(
                dst,
                "nonnegative",
                right,
                Imm(0, INT),
                INT,
                thrower(low.program, "ValueError", "negative shift count"),
                low.exception_target(),
            )
        )
    return low.prim("retype", [right], U64)


def negate(low: Lowerer, value: Operand) -> Operand:
    if isinstance(value, Imm):
        number = -int(value.value or 0)
        kind = machine_int(value.type) if isinstance(value.type, IntType) else INT
        return Imm(number, kind if kind.fits(number) else INT)
    kind = value.type if isinstance(value.type, IntType) else INT
    return checked(low, "sub", Imm(0, kind), convert_int(low, value, kind), kind)


def invert(low: Lowerer, value: Operand) -> Operand:
    """~: in its width for unsigned types."""
    kind = value.type
    if isinstance(kind, BoolType):
        kind = INT
    if flags.is_flag(kind):
        return flags.invert(low, value)
    if isinstance(kind, EnumIntType):
        return low.prim("invert", [retype(low, value, INT)], INT)
    assert isinstance(kind, IntType)
    if isinstance(value, Imm):
        return Imm(~int(value.value or 0), kind) if kind.signed else Imm(kind.wrap(~int(value.value or 0)), kind)
    return low.prim("invert", [value], kind)


def compare(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    """Comparison by value of integers, bools and integer enums of any types."""
    name = COMPARISONS[op]
    if isinstance(left, Imm) and isinstance(right, Imm):
        a, b = int(left.value or 0), int(right.value or 0)
        return Imm({"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[name], BOOL)
    ka, kb = machine_int(left.type), machine_int(right.type)
    if isinstance(left, Imm) and kb.fits(int(left.value or 0)):
        ka = kb
    if isinstance(right, Imm) and ka.fits(int(right.value or 0)):
        kb = ka
    if (
        ka.signed == kb.signed
        or (ka.bits < 64 and kb.bits < 64)
        or (ka.signed and not kb.signed and kb.bits < 64)
        or (kb.signed and not ka.signed and ka.bits < 64)
    ):
        wide = INT if ka.signed or kb.signed else U64
        if ka.signed == kb.signed:
            return low.prim(name, [left, right], BOOL)
        return low.prim(name, [retype(low, left, wide), retype(low, right, wide)], BOOL)
    # A signed 64-bit side (or one that fits it) against u64.
    if ka.signed:
        return low.prim(f"{name}_su", [left, right], BOOL)
    return low.prim(f"{name}_us", [left, right], BOOL)


def wrapped(low: Lowerer, node: n.Expression, to: IntType) -> Operand:
    """The explicit wrap `u64(e)`: + - * & | ^ ~ << of e modulo 2^64, then truncated."""
    return wrap_int(low, _modular(low, node), to)


def _modular(low: Lowerer, node: n.Expression) -> Operand:
    """A value equal to the expression modulo 2^64."""
    if isinstance(node, (n.OpExpr, n.UnaryExpr)) and flags.is_flag(low.maybe_type_of(node)):
        return low.expr(node)
    if isinstance(node, n.OpExpr) and node.op in (*WRAPPING, "<<") and _is_int_expression(low, node):
        if isinstance(value := constant(low.program, node), int):
            return Imm(U64.wrap(value), U64)
        if node.op == "<<":
            count = coerce(low, low.expr(node.right), INT)
            left = wrap_int(low, _modular(low, node.left), U64)
            if not isinstance(count, Imm):
                from scarlet.compiler.lower.synthesis import thrower

                failure = thrower(low.program, "ValueError", "negative shift count")
                low.emit(ir.Checked(low.temp(BOOL), "nonnegative", count, Imm(0, INT), INT, failure, low.exception_target()))
            return low.prim("shl_wrap", [left, count], U64)
        left = wrap_int(low, low.stable(_modular(low, node.left)), U64)
        right = wrap_int(low, _modular(low, node.right), U64)
        return low.prim(WRAPPING[node.op], [left, right], U64)
    if isinstance(node, n.UnaryExpr) and node.op in ("-", "~") and _is_int_expression(low, node):
        if isinstance(value := constant(low.program, node), int):
            return Imm(U64.wrap(value), U64)
        inner = wrap_int(low, _modular(low, node.expr), U64)
        if node.op == "~":
            return low.prim("invert", [inner], U64)
        return low.prim("sub", [Imm(0, U64), inner], U64)
    value = constant(low.program, node)
    if isinstance(value, int):
        return Imm(U64.wrap(value), U64)
    result = low.expr(node)
    if not (is_integer(result.type) or isinstance(result.type, BoolType)):
        return low.coerce(result, INT)
    return result


def _is_int_expression(low: Lowerer, node: n.Expression) -> bool:
    kind = low.maybe_type_of(node)
    return kind is None or is_integer(kind) or isinstance(kind, BoolType)
