"""Values that are lists when compiled and something else in Python: `tuple[T, ...]` and `range`.

They are iterated, indexed and handed on as lists are. Where the difference would be seen - shown as text, compared with what is of another
kind, asked for their class - the use is refused. Only mypy's type knows of it, so expressions are asked, not their values.
"""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import Instance, TupleType, UnionType, get_proper_type
from mypy.types import Type as MypyType

from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.ir import Operand
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.types import ObjectType
from scarlet.compiler.types import TupleType as FixedTuple

KINDS = {"builtins.tuple": "tuple[T, ...]", "builtins.range": "range", "builtins.list": "list"}
ADVICE = "list(...) of it"


def within(kind: MypyType | None) -> str:
    """What a type is, or holds, that is shown in another way than the list that stands for it; "" if nothing."""
    proper = get_proper_type(kind) if kind is not None else None
    if isinstance(proper, Instance):
        own = KINDS[proper.type.fullname] if proper.type.fullname in ("builtins.tuple", "builtins.range") else ""
        return own or next(filter(None, map(within, proper.args)), "")
    if isinstance(proper, (TupleType, UnionType)):
        return next(filter(None, map(within, proper.items)), "")
    return ""


def demand_shown_alike(low: Lowerer, node: n.Expression) -> None:
    """Refuse the text of such a value."""
    found = within(low.program.checked.types.get(node))
    if found:
        raise low.refuse(f"the text of a {found} is outside the dialect", ADVICE, node)


def demand_field_shown_alike(kind: MypyType | None, name: str, place: Place) -> None:
    """The same for the field of a dataclass whose __repr__ is used."""
    found = within(kind)
    if found:
        raise CompileError(place, f"the text of {name}, a {found}, is outside the dialect", "field(repr=False), or a __repr__")


def _kind(low: Lowerer, node: n.Expression) -> str:
    proper = get_proper_type(low.program.checked.types.get(node))
    return KINDS.get(proper.type.fullname, "") if isinstance(proper, Instance) else ""


def comparable(low: Lowerer, left: Operand, right: Operand, left_node: n.Expression, right_node: n.Expression) -> tuple[Operand, Operand]:
    """The operands of == or !=: a fixed tuple as a list when the other one is a `tuple[T, ...]`. Others must be of one kind."""
    a, b = _kind(low, left_node), _kind(low, right_node)
    if a == KINDS["builtins.tuple"] and isinstance(right.type, FixedTuple):
        return left, low.coerce(right, left.type)
    if b == KINDS["builtins.tuple"] and isinstance(left.type, FixedTuple):
        return low.coerce(left, right.type), right
    if a and b and a != b and isinstance(left.type, ObjectType) and isinstance(right.type, ObjectType):
        raise low.refuse(f"a {a} and a {b} are never equal", ADVICE, left_node)
    return left, right


def demand_no_class_test(low: Lowerer, node: n.Expression) -> None:
    """Refuse isinstance() of such a value."""
    if _kind(low, node) in (KINDS["builtins.tuple"], KINDS["builtins.range"]):
        raise low.refuse(f"isinstance() of a {_kind(low, node)} is outside the dialect", "an annotation", node)
