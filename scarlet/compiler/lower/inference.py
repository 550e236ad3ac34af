"""The type arguments of a call of a generic function: from its arguments and from what its context wants."""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import CallableType, Instance, ProperType, TypeVarType, UnionType, get_proper_type
from mypy.types import TupleType as MypyTuple
from mypy.types import Type as MypyType
from mypy.types import TypeType as MypyTypeType

from scarlet.compiler.lower import values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.members import class_reference
from scarlet.compiler.types import (
    INT,
    NEVER,
    NONE,
    FunctionType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)

ITERABLES = {
    "typing.Iterable", "typing.Iterator", "typing.Sequence", "typing.Collection", "typing.Container",
    "typing.Reversible", "typing.AbstractSet",
    "typing.MutableSequence", "typing.Generator", "_typeshed.SupportsKeysAndGetItem",
}  # fmt: skip


def unify(low: Lowerer, formal: MypyType, actual: Type, env: dict[str, Type]) -> None:
    """Bind the type variables of a mypy type so that it becomes the actual type, as far as they tell."""
    kind: ProperType = get_proper_type(formal)
    if isinstance(kind, TypeVarType):
        bound = env.get(kind.fullname)
        if bound is None or isinstance(bound, type(NEVER)):
            if actual not in (NEVER,):
                env[kind.fullname] = actual
        elif bound != actual:
            try:
                env[kind.fullname] = low.program.join(bound, actual)
            except Exception:
                pass
    elif isinstance(kind, UnionType):
        inner = actual.item if isinstance(actual, OptionalType) else actual
        if inner != NONE:
            for item in kind.items:
                if isinstance(get_proper_type(item), (TypeVarType, Instance, CallableType, MypyTuple)):
                    unify(low, item, inner, env)
    elif isinstance(kind, MypyTuple) and isinstance(actual, TupleType):
        for item, part in zip(kind.items, actual.items):
            unify(low, item, part, env)
    elif isinstance(kind, CallableType) and isinstance(actual, FunctionType):
        for item, part in zip(kind.arg_types, actual.parameters):
            unify(low, item, part, env)
        unify(low, kind.ret_type, actual.result, env)
    elif isinstance(kind, Instance) and isinstance(actual, PointerType) and kind.type.name == "Ptr":
        unify(low, kind.args[0], actual.item, env)
    elif isinstance(kind, Instance) and isinstance(actual, ObjectType) and kind.args:
        _unify_instance(low, kind, actual, env)


def _unify_instance(low: Lowerer, kind: Instance, actual: ObjectType, env: dict[str, Type]) -> None:
    from scarlet.compiler.classes import RUNTIME_CLASSES

    fullname = RUNTIME_CLASSES.get(kind.type.fullname, kind.type.fullname)
    for cls in actual.cls.ancestors():
        if cls.info is not None and cls.info.fullname == fullname:
            for item, part in zip(kind.args, cls.args):
                unify(low, item, part, env)
            return
    if kind.type.fullname in ITERABLES or kind.type.fullname == "builtins.tuple":
        each = item_type(low, actual)
        if each is not None:
            unify(low, kind.args[0], each, env)
        return
    if kind.type.is_protocol:
        for name in kind.type.protocol_members:
            mine = low.program.method_function(actual.cls, name)
            symbol = kind.type.names.get(name)
            node = symbol.node if symbol is not None else None
            if isinstance(node, n.Decorator):
                node = node.func
            if mine is None or not isinstance(node, n.FuncDef) or not isinstance(node.type, CallableType):
                continue
            local = {variable.fullname: arg for variable, arg in zip(kind.type.defn.type_vars, kind.args)}
            for formal, param in zip(node.type.arg_types[1:], mine.params[1:]):
                _unify_member(low, formal, param.type, local, env)
            _unify_member(low, node.type.ret_type, mine.result, local, env)


def _unify_member(low: Lowerer, formal: MypyType, actual: Type, local: dict[str, MypyType], env: dict[str, Type]) -> None:
    kind = get_proper_type(formal)
    if isinstance(kind, TypeVarType) and kind.fullname in local:
        unify(low, local[kind.fullname], actual, env)


def item_type(low: Lowerer, kind: Type) -> Type | None:
    """The type of the items that iterating a value gives."""
    if isinstance(kind, OptionalType):
        kind = kind.item
    if isinstance(kind, TupleType):
        result: Type | None = None
        for item in kind.items:
            result = item if result is None else low.program.join(result, item)
        return result
    if not isinstance(kind, ObjectType):
        return None
    name = kind.cls.name
    if name in values.BYTES_FAMILY:
        return INT
    if name == "scarlet.runtime.str.Str":
        return kind
    if name.startswith("scarlet.runtime.dict.DictItems["):
        return TupleType(kind.cls.args)
    if name.startswith("scarlet.runtime.dict.DictValues["):
        return kind.cls.args[1]
    iterator = low.program.method_function(kind.cls, "__iter__")
    if iterator is not None and isinstance(iterator.result, ObjectType):
        step = low.program.method_function(iterator.result.cls, "__next__")
        if step is not None:
            return step.result
    return kind.cls.args[0] if kind.cls.args else None


def solve(low: Lowerer, symbol: n.FuncDef, node: n.CallExpr, env: dict[str, Type], want: Type | None, skip_self: bool) -> dict[str, Type]:
    """The type-variable binding of a call of a generic function."""
    signature = symbol.type
    assert isinstance(signature, CallableType)
    names = {variable.fullname for variable in signature.variables}
    if not names:
        return env
    solved: dict[str, Type] = {}
    formals = list(zip(signature.arg_names, signature.arg_types))[1 if skip_self else 0 :]
    position = 0
    result = low.maybe_type_of(node)
    for arg, kind, name in zip(node.args, node.arg_kinds, node.arg_names):
        if kind == n.ARG_POS and position < len(formals):
            formal: MypyType | None = formals[position][1]
            position += 1
        else:
            formal = next((item for label, item in formals if label == name), None)
        if formal is None:
            continue
        proper = get_proper_type(formal)
        info = class_reference(arg)
        if isinstance(proper, MypyTypeType) and info is not None:
            unify(low, proper.item, low.program.class_of(info, ()).type, solved)
            continue
        actual = low.maybe_type_of(arg)
        if actual is not None:
            unify(low, formal, actual, solved)
    missing = [name for name in names if name not in solved]
    if missing or any(kind == INT for kind in solved.values()):
        for source in (want, result):
            if source is not None and source != NONE:
                extra: dict[str, Type] = {}
                unify(low, signature.ret_type, source, extra)
                for name, kind_found in extra.items():
                    if name not in solved or solved[name] == INT and isinstance(kind_found, IntType):
                        solved[name] = kind_found
    for name in names:
        if name not in solved:
            if name in env:
                continue
            raise low.refuse(f"the type argument {name.rpartition('.')[2]} of {symbol.name} is not known here", "an annotation", node)
    return {**env, **solved}
