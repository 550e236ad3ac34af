"""IntFlag and Flag as CPython 3.11's enum has them: a value is never negative.

What would be negative is reduced to the bits that the members span (`all_bits`: up to the highest one), which is also what `~` inverts;
values with higher bits keep the width they need. An IntFlag takes any bits (boundary KEEP); `~` of a Flag (STRICT) gives only single-bit
members.
"""

from __future__ import annotations

from scarlet.compiler.constants import FlagBits, flag_bits
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import coerce, retype
from scarlet.compiler.types import INT, EnumIntType, IntType, Type


def is_flag(kind: Type | None) -> bool:
    return isinstance(kind, EnumIntType) and any(base.fullname in ("enum.IntFlag", "enum.Flag") for base in kind.cls.info.mro)


def bits_of(low: Lowerer, kind: EnumIntType) -> FlagBits:
    return flag_bits(low.program, kind.cls.info)


def keeps_other_bits(low: Lowerer, kind: Type) -> bool:
    return isinstance(kind, EnumIntType) and not bits_of(low, kind).strict


def invert(low: Lowerer, value: Operand) -> Operand:
    """~value"""
    kind = value.type
    assert isinstance(kind, EnumIntType)
    bits = bits_of(low, kind)
    if isinstance(value, Imm):
        return Imm(bits.invert(int(value.value or 0)), kind)
    plain = retype(low, value, INT)
    if bits.strict:
        return retype(low, low.prim("and", [low.prim("invert", [plain], INT), Imm(bits.single, INT)], INT), kind)
    return retype(low, low.runtime("flags.invert", plain, Imm(bits.all, INT)), kind)


def combined(low: Lowerer, op: str, value: Operand, left: Operand, right: Operand, kind: EnumIntType) -> Operand:
    """The flag that an operator's machine result stands for: only | and ^ with an int can make it negative."""
    if op == "&":
        return retype(low, value, kind)
    if any(_may_be_negative(side) for side in (left, right)):
        return of_int(low, value, kind)
    return retype(low, coerce(low, value, INT), kind)


def of_int(low: Lowerer, value: Operand, kind: EnumIntType) -> Operand:
    """Flag(value)"""
    bits = bits_of(low, kind)
    if isinstance(value, Imm):
        return Imm(bits.value(int(value.value or 0)), kind)
    if not _may_be_negative(value):
        return retype(low, coerce(low, value, INT), kind)
    return retype(low, low.runtime("flags.of_int", value, Imm(bits.all, INT)), kind)


def _may_be_negative(value: Operand) -> bool:
    if isinstance(value, Imm):
        return int(value.value or 0) < 0
    return isinstance(value.type, IntType) and value.type.signed
