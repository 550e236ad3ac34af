"""The compiled types of mypy's types, and the least type that two types belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    Overloaded,
    TypeVarType,
    UninhabitedType,
    UnionType,
    get_proper_type,
)
from mypy.types import NoneType as MypyNone
from mypy.types import TupleType as MypyTuple
from mypy.types import Type as MypyType
from mypy.types import TypeType as MypyTypeType

from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    INT,
    NEVER,
    NONE,
    SIZED,
    EnumIntType,
    FunctionType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from scarlet.compiler.program import Program


def convert(program: Program, mypy_type: MypyType | None, env: dict[str, Type], place: Place | None = None) -> Type:
    """The compiled type of a mypy type, type variables replaced from `env`."""
    if mypy_type is None:
        raise CompileError(place, "the type of this is not known", "an annotation")
    kind = get_proper_type(mypy_type)
    if isinstance(kind, Instance):
        if kind.args:
            return _instance(program, kind, env, place)
        found = program.plain_types.get(kind.type)
        if found is None:
            found = program.plain_types[kind.type] = _instance(program, kind, env, place)
        return found
    if isinstance(kind, MypyNone):
        return NONE
    if isinstance(kind, TypeVarType):
        if kind.id.is_self() and "Self" in env:
            return env["Self"]
        bound = env.get(kind.fullname)
        if bound is None:
            raise CompileError(place, f"the type variable {kind.name} is not bound here", "a concrete type")
        return bound
    if isinstance(kind, UnionType):
        return _union(program, kind, env, place)
    if isinstance(kind, MypyTuple):
        return TupleType(tuple(convert(program, item, env, place) for item in kind.items))
    if isinstance(kind, CallableType):
        if kind.is_type_obj():
            return CLASS_REF
        return FunctionType(
            tuple(convert(program, item, env, place) for item in kind.arg_types), convert(program, kind.ret_type, env, place)
        )
    if isinstance(kind, LiteralType):
        return convert(program, kind.fallback, env, place)
    if isinstance(kind, UninhabitedType):
        return NEVER
    if isinstance(kind, MypyTypeType):
        return CLASS_REF
    if isinstance(kind, AnyType):
        raise CompileError(place, "the type here is Any", "a precise annotation")
    if isinstance(kind, Overloaded):
        raise CompileError(place, "an overloaded function is not a value", "a lambda that calls it")
    raise CompileError(place, f"the type {kind} is outside the dialect", "a class, an integer, a tuple or T | None")


def _instance(program: Program, kind: Instance, env: dict[str, Type], place: Place | None) -> Type:
    info = kind.type
    name = info.fullname
    if name in ("builtins.int", "typing.SupportsIndex"):  # the latter is what mypy takes the argument of bytes() and its items for
        return INT
    if name == "builtins.bool":
        return BOOL
    if name.startswith("scarlet.lang.ints."):
        return SIZED[info.name]
    if name == "scarlet.lang.raw.Ptr":
        return PointerType(convert(program, kind.args[0], env, place))
    if name == "builtins.type":
        return CLASS_REF
    if name in ("builtins.float", "builtins.complex"):
        raise CompileError(place, "there are no floating-point numbers in the dialect", "integers")
    if name == "builtins.tuple":
        return program.class_named("scarlet.runtime.list.List", (convert(program, kind.args[0], env, place),)).type
    if name == "builtins.function":
        raise CompileError(place, "the signature of this function is not known", "Callable[[...], ...]")
    if info.is_newtype:
        return convert(program, info.bases[0], env, place)
    if info.tuple_type is not None and not info.names.get("_fields"):
        return convert(program, info.tuple_type, env, place)
    return program.class_of(info, tuple(convert(program, arg, env, place) for arg in kind.args)).type


def _union(program: Program, kind: UnionType, env: dict[str, Type], place: Place | None) -> Type:
    items = []
    has_none = False
    for item in kind.items:
        converted = convert(program, item, env, place)
        if converted == NONE:
            has_none = True
        elif isinstance(converted, OptionalType):
            has_none = True
            items.append(converted.item)
        elif converted not in items and converted != NEVER:
            items.append(converted)
    if not items:
        return NONE
    result = items[0]
    for other in items[1:]:
        result = join(program, result, other, place)
    return OptionalType(result) if has_none else result


def join(program: Program, left: Type, right: Type, place: Place | None = None) -> Type:
    """The least type both belong to: of ints the sized one, of classes the common base."""
    if left == right or right == NEVER:
        return left
    if left == NEVER:
        return right
    if left == NONE:
        return right if isinstance(right, OptionalType) else OptionalType(right)
    if right == NONE:
        return left if isinstance(left, OptionalType) else OptionalType(left)
    if isinstance(left, OptionalType) or isinstance(right, OptionalType):
        a = left.item if isinstance(left, OptionalType) else left
        b = right.item if isinstance(right, OptionalType) else right
        return OptionalType(join(program, a, b, place))
    numbers = (IntType, EnumIntType, type(BOOL))
    if isinstance(left, numbers) and isinstance(right, numbers):
        for side in (left, right):
            if isinstance(side, IntType) and side != INT:
                return side
        return INT
    if isinstance(left, ObjectType) and isinstance(right, ObjectType):
        if left.cls.is_protocol:
            return left
        if right.cls.is_protocol:
            return right
        for cls in left.cls.ancestors():
            if right.cls.derives(cls):
                return ObjectType(cls)
    if isinstance(left, TupleType) and isinstance(right, TupleType) and len(left.items) == len(right.items):
        return TupleType(tuple(join(program, a, b, place) for a, b in zip(left.items, right.items)))
    raise CompileError(place, f"a union of {left} and {right} is outside the dialect", "T | None, or a common base class")
