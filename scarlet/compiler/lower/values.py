"""Equality, order, hash, repr and str of values of any type: decided by the static type, fieldwise for tuples."""

from __future__ import annotations

from collections.abc import Callable

from scarlet.compiler.hashable import defines, demand_hashable, runtime_name
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import precedence
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import is_none, retype, unwrap
from scarlet.compiler.program import Class, Function
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    INT,
    NONE,
    U64,
    BoolType,
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

BYTES_FAMILY = {
    "scarlet.runtime.bytes.Bytes": "bytes",
    "scarlet.runtime.bytearray.ByteArray": "bytearray",
    "scarlet.runtime.memoryview.MemoryView": "view",
}
REFLECTED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__"}


def is_number(operand: Operand) -> bool:
    return is_integer(operand.type) or isinstance(operand.type, BoolType)


def choose(low: Lowerer, condition: Operand, then: Callable[[], Operand], orelse: Callable[[], Operand], kind: Type = BOOL) -> Operand:
    """A bool (or a value of another type) computed on one of two paths."""
    if isinstance(condition, Imm):
        return then() if condition.value else orelse()
    result = low.merge(kind)
    yes, no, end = low.new_block("then"), low.new_block("else"), low.new_block("end")
    low.branch(condition, yes, no)
    low.start(yes)
    low.assign(result, then())
    low.goto(end)
    low.start(no)
    low.assign(result, orelse())
    low.goto(end)
    low.start(end)
    return result


def negated(low: Lowerer, value: Operand) -> Operand:
    return Imm(not value.value, BOOL) if isinstance(value, Imm) else low.prim("not", [value], BOOL)


def equals(low: Lowerer, left: Operand, right: Operand) -> Operand:
    """left == right."""
    from scarlet.compiler.lower.integers import compare

    a, b = left.type, right.type
    if is_number(left) and is_number(right):
        return compare(low, "==", left, right)
    if is_weak(a) and is_weak(b) and isinstance(a, ObjectType):
        target = a.cls.args[0]
        if (
            isinstance(target, ObjectType)
            and not target.cls.is_protocol
            and any(defines(owner, "__eq__") for owner in target.cls.ancestors() if owner.name != "builtins.object")
        ):
            raise low.refuse("weak references to objects with __eq__ are not compared in the dialect", "what they refer to, r() == s()")
        return low.runtime("weakref.same_target", left, right)
    if a == NONE or b == NONE:
        precedence.demand_objects(low, left, right)
        return is_none(low, right if a == NONE else left)
    if isinstance(a, OptionalType) or isinstance(b, OptionalType):
        return _optional_equals(low, left, right)
    if isinstance(a, TupleType) and isinstance(b, TupleType):
        return _tuple_equals(low, left, right, a, b)
    if isinstance(a, (PointerType, type(CLASS_REF))) and type(a) is type(b):
        return low.prim("eq", [left, right], BOOL)
    if isinstance(a, FunctionType) or isinstance(b, FunctionType):
        return low.prim("same", [left, right], BOOL)
    if isinstance(a, ObjectType) and isinstance(b, ObjectType):
        return _object_equals(low, left, right, a, b)
    precedence.demand_objects(low, left, right)
    # Values of unrelated types are never equal (an int and a str).
    return Imm(False, BOOL)


def item_equals(low: Lowerer, left: Operand, right: Operand) -> Operand:
    """Whether items of containers are the same: an object is the same as itself, whatever its __eq__ says."""
    if not precedence.has_equality(low.program, left.type) or not isinstance(right.type, ObjectType):
        return equals(low, left, right)
    left, right = low.stable(left), low.stable(right)
    return choose(low, low.prim("same", [left, right], BOOL), lambda: Imm(True, BOOL), lambda: equals(low, left, right))


def _optional_equals(low: Lowerer, left: Operand, right: Operand) -> Operand:
    a, b = left.type, right.type
    none_a, none_b = is_none(low, left), is_none(low, right)

    def both() -> Operand:
        x = unwrap(low, left, a) if isinstance(a, OptionalType) else left
        y = unwrap(low, right, b) if isinstance(b, OptionalType) else right
        return equals(low, x, y)

    return choose(low, none_a, lambda: none_b, lambda: choose(low, none_b, lambda: Imm(False, BOOL), both))


def _tuple_equals(low: Lowerer, left: Operand, right: Operand, a: TupleType, b: TupleType) -> Operand:
    if len(a.items) != len(b.items):
        return Imm(False, BOOL)

    def rest(index: int) -> Operand:
        if index == len(a.items):
            return Imm(True, BOOL)
        same = item_equals(low, low.tuple_get(left, index), low.tuple_get(right, index))
        return choose(low, same, lambda: rest(index + 1), lambda: Imm(False, BOOL)) if index + 1 < len(a.items) else same

    return rest(0)


def _object_equals(low: Lowerer, left: Operand, right: Operand, a: ObjectType, b: ObjectType) -> Operand:
    if precedence.right_knows(low, left, right):
        return low.call_method(b.cls, right, "__eq__", [left])
    if a.cls.is_enum or b.cls.is_enum:
        return low.prim("same", [left, right], BOOL)
    if a.cls.name in BYTES_FAMILY and b.cls.name in BYTES_FAMILY and a.cls is not b.cls:
        return low.call_method(a.cls, left, "equals_buffer", [right])
    if a.cls.name in BYTES_FAMILY or a.cls.name == "scarlet.runtime.str.Str":
        if a.cls is not b.cls and b.cls.name != "builtins.object":
            return Imm(False, BOOL)
    for mine, other in ((a.cls, b.cls), (b.cls, a.cls)):
        if runtime_name(mine) in CONTAINERS and mine is not other and runtime_name(mine) == runtime_name(other):
            raise low.refuse(f"{a} and {b} are not compared in the dialect", "containers of one type")
        if runtime_name(mine) in VIEWS:
            raise low.refuse(f"a {mine.info.name} is not compared in the dialect", "set(...) or list(...) of it")
    function = low.program.method_function(a.cls, "__eq__")
    if function is not None and len(function.params) == 2 and isinstance(function.params[1].type, ObjectType):
        return precedence.right_first(low, left, right, "__eq__", lambda: low.call_method(a.cls, left, "__eq__", [right]))
    return low.prim("same", [left, right], BOOL)


CONTAINERS = ("list.List", "dict.Dict", "set.Set", "deque.Deque")
VIEWS = ("dict.DictKeys", "dict.DictItems")


def unequal(low: Lowerer, left: Operand, right: Operand) -> Operand:
    """left != right."""
    if isinstance(left.type, ObjectType) and isinstance(right.type, ObjectType) and left.type.cls.module != "builtins":
        found = low.program.method_node(left.type.cls, "__ne__")
        if found is not None and found[0].name != "builtins.object" and left.type.cls.name not in BYTES_FAMILY:
            return low.call_method(left.type.cls, left, "__ne__", [right])
    for kind in (left.type, right.type):
        precedence.demand_known(low, kind, ("__ne__",), "what is unequal")
    return negated(low, equals(low, left, right))


def order(low: Lowerer, op: str, left: Operand, right: Operand) -> Operand:
    """left < right and its three siblings."""
    from scarlet.compiler.lower.integers import COMPARISONS, compare

    if is_number(left) and is_number(right):
        return compare(low, op, left, right)
    a, b = left.type, right.type
    if isinstance(a, PointerType) and isinstance(b, PointerType):
        return low.prim(COMPARISONS[op], [left, right], BOOL)
    if isinstance(a, TupleType) and isinstance(b, TupleType):
        return _tuple_order(low, op, left, right, a, b)
    if isinstance(a, ObjectType):
        name = f"__{COMPARISONS[op]}__"
        if low.program.method_node(a.cls, name) is not None or low.program.synthesised_method(a.cls, name) is not None:
            return precedence.right_first(low, left, right, REFLECTED[name], lambda: low.call_method(a.cls, left, name, [right]))
        precedence.demand_known(low, a, (name,), "what the operator does")
        if isinstance(b, ObjectType) and low.program.method_function(b.cls, REFLECTED[name]) is not None:
            return low.call_method(b.cls, right, REFLECTED[name], [left])
    raise low.refuse(f"{a} {op} {b} is not defined", "a class with __lt__, or compare a key")


def _tuple_order(low: Lowerer, op: str, left: Operand, right: Operand, a: TupleType, b: TupleType) -> Operand:
    strict = op[0]

    def rest(index: int) -> Operand:
        if index == min(len(a.items), len(b.items)):
            shorter, same = len(a.items) < len(b.items), len(a.items) == len(b.items)
            return Imm(op in ("<=", ">=") if same else shorter == (strict == "<"), BOOL)
        x, y = low.tuple_get(left, index), low.tuple_get(right, index)
        return choose(low, equals(low, x, y), lambda: rest(index + 1), lambda: order(low, strict, x, y))

    return rest(0)


def as_bytes(low: Lowerer, value: Operand) -> Operand:
    """A bytes object with the same content as a bytes, bytearray or memoryview."""
    kind = value.type
    assert isinstance(kind, ObjectType)
    return value if kind.cls.name == "scarlet.runtime.bytes.Bytes" else low.runtime("bytes.copy_of_buffer", value)


def hash_of(low: Lowerer, value: Operand) -> Operand:
    """hash(value) as an int."""
    kind = value.type
    if isinstance(kind, IntType) and (kind.bits == 64 or kind.signed):
        return low.runtime("hashing.hash_int", retype(low, value, INT)) if kind.signed else low.runtime("hashing.hash_u64", value)
    if is_number(value) or isinstance(kind, PointerType):
        return low.runtime("hashing.hash_int", retype(low, value, INT)) if isinstance(kind, EnumIntType) else retype(low, value, INT)
    if kind == NONE:
        return Imm(0x1234, INT)
    if isinstance(kind, TupleType):
        total = low.runtime("hashing.tuple_start")
        for index in range(len(kind.items)):
            total = low.runtime("hashing.combine", total, retype(low, hash_of(low, low.tuple_get(value, index)), U64))
        return low.runtime("hashing.tuple_finish", total, Imm(len(kind.items), U64))
    if isinstance(kind, OptionalType):
        result = low.merge(INT)
        some, none, end = low.new_block("some"), low.new_block("none"), low.new_block("end")
        low.branch(is_none(low, value), none, some)
        low.start(some)
        low.assign(result, hash_of(low, unwrap(low, value, kind)))
        low.goto(end)
        low.start(none)
        low.assign(result, Imm(0x1234, INT))
        low.goto(end)
        low.start(end)
        return result
    if isinstance(kind, ObjectType) and not kind.cls.is_enum:
        demand_hashable(low.program, kind)
        return low.coerce(low.call_method(kind.cls, value, "__hash__", []), INT)
    return low.prim("identity_hash", [value], INT)


def is_weak(kind: Type) -> bool:
    """Whether a value is a weak reference. Python makes one for all who ask, and compares what they refer to; here each is its own."""
    return isinstance(kind, ObjectType) and kind.cls.name.startswith("scarlet.runtime.weakref.Ref[")


def repr_of(low: Lowerer, value: Operand) -> Operand:
    """repr(value) as a str."""
    kind = value.type
    if isinstance(kind, EnumIntType):
        return low.call(_function(low, kind.cls, "__repr__"), [value])
    if isinstance(kind, OptionalType):
        return _optional_text(low, value, kind, repr_of)
    if isinstance(kind, TupleType):
        return _tuple_repr(low, value, kind)
    if isinstance(kind, ObjectType):
        if low.program.method_function(kind.cls, "__repr__") is None:
            return low.literal(f"<{kind.cls.info.fullname} object>")
        return low.call_method(kind.cls, value, "__repr__", [])
    return str_of(low, value)


def str_of(low: Lowerer, value: Operand) -> Operand:
    """str(value)."""
    kind = value.type
    if isinstance(kind, BoolType):
        return _bool_text(low, value)
    if isinstance(kind, EnumIntType) and (_defines_text(low, kind.cls) or not kind.cls.info.has_base("builtins.int")):
        return low.call(_function(low, kind.cls, "__str__"), [value])
    if is_integer(kind):
        if isinstance(kind, IntType) and not kind.signed and kind.bits == 64:
            return low.runtime("format.u64_to_str", value)
        return low.runtime("format.int_to_str", retype(low, value, INT))
    if kind == NONE:
        return low.literal("None")
    if isinstance(kind, OptionalType):
        return _optional_text(low, value, kind, str_of)
    if isinstance(kind, TupleType):
        return _tuple_repr(low, value, kind)
    if isinstance(kind, ObjectType):
        if kind.cls.name == "scarlet.runtime.str.Str":
            return value
        found = low.program.method_node(kind.cls, "__str__")
        if kind.cls.module.startswith("scarlet.runtime.") and (found is None or found[0].name == "builtins.object"):
            return repr_of(low, value)
        return low.call_method(kind.cls, value, "__str__", [])
    if isinstance(kind, PointerType):
        return low.runtime("format.u64_to_str", retype(low, value, U64))
    return low.literal("<function>")


def _defines_text(low: Lowerer, cls: Class) -> bool:
    """Whether an enum's own definition has a __str__."""
    found = low.program.method_node(cls, "__str__")
    return found is not None and found[0].module in low.program.modules


def _function(low: Lowerer, cls: Class, name: str) -> Function:
    function = low.program.method_function(cls, name)
    assert function is not None, (cls, name)
    return function


def _bool_text(low: Lowerer, value: Operand) -> Operand:
    if isinstance(value, Imm):
        return low.literal("True" if value.value else "False")
    result = low.merge(low.str_type)
    yes, no, end = low.new_block("true"), low.new_block("false"), low.new_block("end")
    low.branch(value, yes, no)
    low.start(yes)
    low.assign(result, low.literal("True"))
    low.goto(end)
    low.start(no)
    low.assign(result, low.literal("False"))
    low.goto(end)
    low.start(end)
    return result


def _optional_text(low: Lowerer, value: Operand, kind: OptionalType, text: Callable[[Lowerer, Operand], Operand]) -> Operand:
    result = low.merge(low.str_type)
    some, none, end = low.new_block("some"), low.new_block("none"), low.new_block("end")
    low.branch(is_none(low, value), none, some)
    low.start(some)
    low.assign(result, text(low, unwrap(low, value, kind)))
    low.goto(end)
    low.start(none)
    low.assign(result, low.literal("None"))
    low.goto(end)
    low.start(end)
    return result


def _tuple_repr(low: Lowerer, value: Operand, kind: TupleType) -> Operand:
    parts: list[Operand] = [low.literal("(")]
    for index in range(len(kind.items)):
        if index:
            parts.append(low.literal(", "))
        parts.append(repr_of(low, low.tuple_get(value, index)))
    parts.append(low.literal(",)" if len(kind.items) == 1 else ")"))
    return concat(low, parts)


def concat(low: Lowerer, parts: list[Operand]) -> Operand:
    """The parts, all str, joined into one str."""
    from scarlet.compiler.lower.displays import build_list

    if not parts:
        return low.literal("")
    if len(parts) == 1:
        return parts[0]
    return low.runtime("str.concat", build_list(low, parts, low.str_type))
