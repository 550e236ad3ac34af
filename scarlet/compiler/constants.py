"""Values known at compile time: Final constants, class constants, enum members, and expressions of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mypy import nodes as n
from mypy.types import Instance, LiteralType, get_proper_type

from scarlet.compiler.plugin import struct_decorator
from scarlet.compiler.types import SIZED

if TYPE_CHECKING:
    from scarlet.compiler.program import Program

Constant = int | bool | str | bytes
_WRAPS = {f"scarlet.lang.ints.{name}": kind for name, kind in SIZED.items()}
_ALIASES = {"scarlet.lang.ints.usize": SIZED["u64"], "scarlet.lang.ints.isize": SIZED["i64"]}


def constant(program: Program, expression: n.Expression | None) -> Constant | None:
    """The value of a constant expression, None when it is not one."""
    if expression is None:
        return None
    if isinstance(expression, n.IntExpr):
        return expression.value
    if isinstance(expression, n.StrExpr):
        return expression.value
    if isinstance(expression, n.BytesExpr):
        return bytes_value(expression)
    if isinstance(expression, n.NameExpr) and expression.fullname in ("builtins.True", "builtins.False"):
        return expression.fullname == "builtins.True"
    if isinstance(expression, (n.NameExpr, n.MemberExpr)):
        return _name(program, expression)
    if isinstance(expression, n.ComparisonExpr):
        return _comparison(program, expression)
    if isinstance(expression, n.UnaryExpr):
        return _unary(program, expression)
    if isinstance(expression, n.OpExpr):
        return _binary(program, expression)
    if isinstance(expression, n.CallExpr):
        return _call(program, expression)
    return None


def bytes_value(expression: n.BytesExpr) -> bytes:
    """mypy keeps bytes literals as escaped text."""
    return expression.value.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")


def _name(program: Program, expression: n.NameExpr | n.MemberExpr) -> Constant | None:
    node = expression.node
    if isinstance(node, n.Var):
        if node.fullname == "typing.TYPE_CHECKING":
            return False
        if node.fullname == "scarlet.lang.COMPILED":
            return True
        if node.name == "__name__" and node.fullname.endswith(".__name__"):
            module = node.fullname[: -len(".__name__")]
            return "__main__" if module in program.checked.programs else module
        return variable(program, node)
    if isinstance(expression, n.MemberExpr):
        owner = expression.expr
        if isinstance(owner, n.RefExpr) and isinstance(owner.node, n.TypeInfo):
            return member(program, owner.node, expression.name)
        if (
            expression.name == "value"
            and isinstance(owner, n.MemberExpr)
            and isinstance(owner.expr, n.RefExpr)
            and isinstance(owner.expr.node, n.TypeInfo)
        ):
            return member(program, owner.expr.node, owner.name)
    return None


def variable(program: Program, node: n.Var) -> Constant | None:
    """The value of a Final variable."""
    if node in program.constants:
        return program.constants[node]
    program.constants[node] = None
    value = program.finals.get(node)
    if value is not None:
        program.constants[node] = constant(program, value)
    return program.constants[node]


def member(program: Program, info: n.TypeInfo, name: str) -> Constant | None:
    """The value of a class constant or of an integer enum's member."""
    for base in info.mro:
        symbol = base.names.get(name)
        if symbol is None:
            continue
        if is_int_enum(info):
            return dict(enum_members(program, info)).get(name)
        if is_enum(info):
            return None
        value = variable(program, symbol.node) if isinstance(symbol.node, n.Var) and symbol.node.is_final else None
        return struct_constant(program, base, name) if value is None else value
    return None


def struct_constant(program: Program, info: n.TypeInfo, name: str) -> int | None:
    """SIZE and ALIGN of a @struct class."""
    if name in ("SIZE", "ALIGN") and struct_decorator(info) is not None:
        from scarlet.compiler.layout import layout_of

        layout = layout_of(program, info)
        return layout.size if name == "SIZE" else layout.align
    return None


def is_enum(info: n.TypeInfo) -> bool:
    return any(base.fullname == "enum.Enum" for base in info.mro)


def is_int_enum(info: n.TypeInfo) -> bool:
    return any(base.fullname in ("enum.IntEnum", "enum.IntFlag", "enum.Flag") for base in info.mro)


_members: dict[n.TypeInfo, list[tuple[str, int | str | bytes]]] = {}


def enum_members(program: Program, info: n.TypeInfo) -> list[tuple[str, int | str | bytes]]:
    """(name, value) of the members of an enum class, aliases included, in order."""
    if info in _members:
        return _members[info]
    out: list[tuple[str, int | str | bytes]] = []
    _members[info] = out
    flag = any(base.fullname in ("enum.IntFlag", "enum.Flag") for base in info.mro)
    last = 0
    for stmt in info.defn.defs.body:
        if not isinstance(stmt, n.AssignmentStmt) or not isinstance(stmt.lvalues[0], n.NameExpr) or stmt.lvalues[0].name.startswith("_"):
            continue
        if isinstance(stmt.rvalue, n.TempNode):
            continue
        value = _enum_value(program, stmt.rvalue, dict(out))
        if value is None:
            if (
                isinstance(stmt.rvalue, n.CallExpr)
                and isinstance(stmt.rvalue.callee, n.RefExpr)
                and stmt.rvalue.callee.fullname == "enum.auto"
            ):
                value = (1 << last.bit_length()) if flag else last + 1
            else:
                from scarlet.compiler.errors import CompileError, Place

                place = Place(program.file_of(info.module_name), stmt.line)
                raise CompileError(
                    place,
                    f"the value of {info.name}.{stmt.lvalues[0].name} is not known at compile time",
                    "an integer, str or bytes constant",
                )
        if isinstance(value, int):
            last = max(last, value) if flag else value
        out.append((stmt.lvalues[0].name, value))
    return out


@dataclass(frozen=True)
class FlagBits:
    """What the operators of an IntFlag or Flag class need to know of its members (lower/flags.py, runtime/flags.py)."""

    all: int
    """2**n - 1 for the n bits that the members span."""
    single: int
    """The members of one bit."""
    strict: bool
    """Flag, not IntFlag."""

    def invert(self, value: int) -> int:
        if self.strict:
            return self.single & ~value
        return self.all ^ value if value <= self.all else (1 << (value + 1).bit_length()) - 1 - value

    def value(self, number: int) -> int:
        return number if number >= 0 else self.invert(~number)


def flag_bits(program: Program, info: n.TypeInfo) -> FlagBits:
    values = [value for _, value in enum_members(program, info) if isinstance(value, int)]
    mask = single = 0
    for value in values:
        mask |= value
        single |= value if value & (value - 1) == 0 else 0
    return FlagBits((1 << mask.bit_length()) - 1, single, not any(base.fullname == "enum.IntFlag" for base in info.mro))


def _flag_type(program: Program, expression: n.Expression) -> FlagBits | None:
    """The bits of an expression whose type is a flag class."""
    kind = get_proper_type(program.checked.types.get(expression))
    if isinstance(kind, LiteralType):
        kind = kind.fallback
    if isinstance(kind, Instance) and any(base.fullname == "enum.Flag" for base in kind.type.mro):
        return flag_bits(program, kind.type)
    return None


def _enum_value(program: Program, expression: n.Expression, earlier: dict[str, int | str | bytes]) -> Constant | None:
    if isinstance(expression, n.NameExpr) and expression.name in earlier:
        return earlier[expression.name]
    if isinstance(expression, n.OpExpr):
        left = _enum_value(program, expression.left, earlier)
        right = _enum_value(program, expression.right, earlier)
        if left is not None and right is not None:
            return _operate(expression.op, left, right)
    return constant(program, expression)


def _comparison(program: Program, expression: n.ComparisonExpr) -> bool | None:
    """Equality and order of two constants."""
    if len(expression.operators) != 1:
        return None
    left, right = (constant(program, item) for item in expression.operands)
    if left is None or right is None:
        return None
    op = expression.operators[0]
    if op in ("==", "!="):
        return (left == right) == (op == "==")
    if isinstance(left, int) and isinstance(right, int):
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.get(op)
    return None


def _unary(program: Program, expression: n.UnaryExpr) -> Constant | None:
    value = constant(program, expression.expr)
    if value is None:
        return None
    if expression.op == "~" and isinstance(value, int) and (bits := _flag_type(program, expression.expr)) is not None:
        return bits.invert(value)
    if expression.op == "not":
        return not value
    if isinstance(value, int):
        if expression.op == "-":
            return -value
        if expression.op == "~":
            return ~value
        if expression.op == "+":
            return +value
    return None


def _binary(program: Program, expression: n.OpExpr) -> Constant | None:
    if expression.op in ("and", "or"):
        left = constant(program, expression.left)
        if left is None:
            return None
        return constant(program, expression.right) if bool(left) == (expression.op == "and") else left
    left, right = constant(program, expression.left), constant(program, expression.right)
    if left is None or right is None:
        return None
    value = _operate(expression.op, left, right)
    if isinstance(value, int) and value < 0 and (bits := _flag_type(program, expression)) is not None:
        return bits.value(value)
    return value


def _operate(op: str, left: Constant, right: Constant) -> Constant | None:
    try:
        if isinstance(left, int) and isinstance(right, int):
            if op in ("&", "|", "^") and isinstance(left, bool) and isinstance(right, bool):
                return {"&": left & right, "|": left | right, "^": left ^ right}[op]
            if op == "+":
                return left + right
            if op == "-":
                return left - right
            if op == "*":
                return left * right
            if op == "//":
                return left // right
            if op == "%":
                return left % right
            if op == "<<" and 0 <= right < 256:
                return left << right
            if op == ">>":
                return left >> right
            if op == "&":
                return left & right
            if op == "|":
                return left | right
            if op == "^":
                return left ^ right
            if op == "**" and 0 <= right < 256:
                return int(left**right)
        elif op == "+" and isinstance(left, str) and isinstance(right, str):
            return left + right
        elif op == "+" and isinstance(left, bytes) and isinstance(right, bytes):
            return left + right
    except (ZeroDivisionError, ValueError):
        return None
    return None


def _call(program: Program, expression: n.CallExpr) -> Constant | None:
    callee = expression.callee
    if isinstance(callee, n.RefExpr) and len(expression.args) == 1:
        kind = _WRAPS.get(callee.fullname) or _ALIASES.get(callee.fullname)
        value = constant(program, expression.args[0])
        if kind is not None and isinstance(value, int):
            return kind.wrap(value)
        if callee.fullname == "builtins.int" and isinstance(value, int):
            return int(value)
        if callee.fullname == "builtins.len" and isinstance(value, (str, bytes)):
            return len(value)
    return None
