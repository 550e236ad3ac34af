"""The generated methods of @dataclass: __init__, __eq__, order, __hash__, __repr__."""

from __future__ import annotations

from dataclasses import dataclass

from mypy import nodes as n

from scarlet.compiler import lasting
from scarlet.compiler.classes import is_dataclass
from scarlet.compiler.constants import constant
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import standins, values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.synthesis import synthesise
from scarlet.compiler.program import Class, Function, Param, Program
from scarlet.compiler.types import BOOL, INT, NONE, U64, FunctionType, ObjectType, OptionalType, Type

ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


@dataclass
class Member:
    """One dataclass field."""

    name: str
    type: Type
    default: n.Expression | None
    factory: n.Expression | None
    init: bool
    kw_only: bool
    compare: bool
    shown: bool
    owner: Class


def option(program: Program, cls: Class, name: str, default: bool) -> bool:
    """A keyword of the @dataclass decorator."""
    for decorator in cls.info.defn.decorators:
        if isinstance(decorator, n.CallExpr):
            for arg, label in zip(decorator.args, decorator.arg_names):
                if label == name:
                    return bool(constant(program, arg))
    return default


def members(program: Program, cls: Class) -> list[Member]:
    """The fields in order, base classes first; an overridden field keeps its first position."""
    found: dict[str, Member] = {}
    for owner in reversed(list(cls.ancestors())):
        if owner.generated or not is_dataclass(owner.info):
            continue
        kw_only = option(program, owner, "kw_only", False)
        for stmt in owner.info.defn.defs.body:
            if not isinstance(stmt, n.AssignmentStmt) or stmt.unanalyzed_type is None or not isinstance(stmt.lvalues[0], n.NameExpr):
                continue
            lvalue = stmt.lvalues[0]
            if not isinstance(lvalue.node, n.Var) or lvalue.node.is_classvar:
                if lvalue.name == "_":
                    kw_only = True
                continue
            kind = program.fields_of(cls).get(lvalue.name)
            if kind is None:
                continue
            found[lvalue.name] = _member(program, owner, lvalue.name, kind, stmt.rvalue, kw_only)
    return list(found.values())


def _member(program: Program, owner: Class, name: str, kind: Type, value: n.Expression, kw_only: bool) -> Member:
    item = Member(name, kind, None, None, True, kw_only, True, True, owner)
    place = Place(program.file_of(owner.module), value.line)
    if isinstance(value, n.TempNode):
        return item
    if isinstance(value, n.CallExpr) and isinstance(value.callee, n.RefExpr) and value.callee.fullname == "dataclasses.field":
        for arg, label in zip(value.args, value.arg_names):
            if label == "default":
                item.default = arg
                lasting.demand(program, arg, place, f"the default of {name}")
            elif label == "default_factory":
                if isinstance(kind, OptionalType):
                    raise CompileError(place, f"{name} may be None and has a default_factory", "a default of None, and __post_init__")
                item.factory = arg
            elif label == "init":
                item.init = bool(constant(program, arg))
            elif label == "kw_only":
                item.kw_only = bool(constant(program, arg))
            elif label == "compare":
                item.compare = bool(constant(program, arg))
            elif label == "repr":
                item.shown = bool(constant(program, arg))
            elif label != "metadata":
                raise CompileError(
                    place, f"{label} of a dataclass field is outside the dialect", "default, default_factory, init, repr, compare"
                )
        return item
    item.default = value
    lasting.demand(program, value, place, f"the default of {name}")
    return item


def dataclass_method(program: Program, cls: Class, name: str) -> Function | None:
    fields = None
    receiver = Param("self", ObjectType(cls))
    key = ("dataclass", cls, name)
    full = f"{cls.name}.{name}"
    text = program.class_named("scarlet.runtime.str.Str").type
    if name == "__init__" and option(program, cls, "init", True):
        return initialiser(program, cls, members(program, cls))
    if name == "__repr__" and option(program, cls, "repr", True):
        fields = members(program, cls)
        return synthesise(
            program, key, full, cls.module, [receiver], text, lambda low, args: show(low, args[0], cls, members(program, cls))
        )
    if name == "__eq__" and option(program, cls, "eq", True):
        root = Param("other", ObjectType(program.class_named("builtins.object")))
        return synthesise(
            program,
            key,
            full,
            cls.module,
            [receiver, root],
            BOOL,
            lambda low, args: equal(low, args[0], args[1], cls, members(program, cls)),
        )
    if name in ORDER and option(program, cls, "order", False):
        other = Param("other", ObjectType(cls))
        return synthesise(
            program,
            key,
            full,
            cls.module,
            [receiver, other],
            BOOL,
            lambda low, args: ordered(low, ORDER[name], args[0], args[1], cls, members(program, cls)),
        )
    frozen = option(program, cls, "frozen", False) and option(program, cls, "eq", True)
    if name == "__hash__" and (frozen or option(program, cls, "unsafe_hash", False)):
        return synthesise(
            program, key, full, cls.module, [receiver], INT, lambda low, args: hashed(low, args[0], cls, members(program, cls))
        )
    assert fields is None
    return None


def initialiser(program: Program, cls: Class, fields: list[Member]) -> Function:
    params = [Param("self", ObjectType(cls))]
    for keyword in (False, True):
        for item in fields:
            if item.init and item.kw_only == keyword:
                optional = item.default is not None or item.factory is not None
                kind = ("named_opt" if optional else "named") if keyword else ("opt" if optional else "pos")
                # A factory's parameter is an optional that says whether it was given.
                params.append(Param(item.name, item.type, kind, item.default, None))

    params = [param for param in params if not any(item.name == param.name and item.factory is not None for item in fields)] + [
        Param(item.name, _optional(item.type), "opt" if not item.kw_only else "named_opt", None, None)
        for item in fields
        if item.init and item.factory is not None
    ]
    order = ["self", *[i.name for i in fields if not i.kw_only], *[i.name for i in fields if i.kw_only]]
    params.sort(key=lambda param: order.index(param.name))

    def full_body(low: Lowerer, args: list[Operand]) -> Operand:
        by_name = {param.name: arg for param, arg in zip(params, args)}
        receiver = args[0]
        for item in fields:
            if item.factory is not None and item.name in by_name:
                _given_or_made(low, receiver, cls, item, by_name[item.name])
            elif item.name in by_name:
                low.set_field(receiver, cls, item.name, by_name[item.name], fresh=True)
            elif item.factory is not None:
                low.set_field(receiver, cls, item.name, make(low, item), fresh=True)
            elif item.default is not None:
                low.set_field(receiver, cls, item.name, low.expr_as(item.default, item.type), fresh=True)
        if program.method_node(cls, "__post_init__") is not None:
            low.call_method(cls, receiver, "__post_init__", [])
        return Imm(None, NONE)

    return synthesise(
        program,
        ("dataclass", cls, "__init__"),
        f"{cls.name}.__init__",
        cls.module,
        params,
        NONE,
        full_body,
        line=cls.info.line,
        env=cls.env,
    )


def _optional(kind: Type) -> Type:
    from scarlet.compiler.types import OptionalType

    return kind if isinstance(kind, OptionalType) else OptionalType(kind)


def _given_or_made(low: Lowerer, receiver: Operand, cls: Class, item: Member, value: Operand) -> None:
    from scarlet.compiler.lower.conversions import is_none, unwrap
    from scarlet.compiler.types import OptionalType

    given, missing, end = low.new_block("given"), low.new_block("default"), low.new_block("set")
    low.branch(is_none(low, value), missing, given)
    low.start(given)
    inner = unwrap(low, value, value.type) if isinstance(value.type, OptionalType) and not isinstance(item.type, OptionalType) else value
    low.set_field(receiver, cls, item.name, inner, fresh=True)
    low.goto(end)
    low.start(missing)
    low.set_field(receiver, cls, item.name, make(low, item), fresh=True)
    low.goto(end)
    low.start(end)


def make(low: Lowerer, item: Member) -> Operand:
    """The value of a default_factory."""
    factory = item.factory
    assert factory is not None
    if isinstance(factory, n.RefExpr) and factory.fullname in (
        "builtins.list",
        "builtins.dict",
        "builtins.set",
        "builtins.bytearray",
        "collections.deque",
        "builtins.frozenset",
    ):
        assert isinstance(item.type, ObjectType)
        return low.construct(item.type.cls)
    if isinstance(factory, n.LambdaExpr):
        return low.expr_as(factory.expr(), item.type)
    if isinstance(factory, n.RefExpr) and isinstance(factory.node, n.TypeInfo):
        assert isinstance(item.type, ObjectType)
        cls = item.type.cls if item.type.cls.info is factory.node else low.program.class_of(factory.node, ())
        return low.construct(cls)
    callee = low.expr(factory, FunctionType((), item.type))
    return low.call_value(callee, [])


def show(low: Lowerer, receiver: Operand, cls: Class, fields: list[Member]) -> Operand:
    local = cls.info.fullname[len(cls.module) + 1 :]
    parts: list[Operand] = [low.literal(local + "(")]
    first = True
    for item in fields:
        if not item.shown:
            continue
        symbol = item.owner.info.names.get(item.name)
        if symbol is not None and isinstance(symbol.node, n.Var):
            place = Place(low.program.file_of(item.owner.module), symbol.node.line)
            standins.demand_field_shown_alike(symbol.node.type, item.name, place)
        parts.append(low.literal(("" if first else ", ") + item.name + "="))
        parts.append(values.repr_of(low, low.get_field(receiver, cls, item.name)))
        first = False
    parts.append(low.literal(")"))
    return values.concat(low, parts)


def equal(low: Lowerer, left: Operand, other: Operand, cls: Class, fields: list[Member]) -> Operand:
    same = low.prim("same_class", [left, other], BOOL)
    right = low.prim("cast", [other], ObjectType(cls), borrow=other)
    compared = [item for item in fields if item.compare]

    def rest(index: int) -> Operand:
        if index == len(compared):
            return Imm(True, BOOL)
        name = compared[index].name
        flag = values.equals(low, low.get_field(left, cls, name), low.get_field(right, cls, name))
        return values.choose(low, flag, lambda: rest(index + 1), lambda: Imm(False, BOOL))

    return values.choose(low, same, lambda: rest(0), lambda: Imm(False, BOOL))


def ordered(low: Lowerer, op: str, left: Operand, right: Operand, cls: Class, fields: list[Member]) -> Operand:
    compared = [item for item in fields if item.compare]
    if any(cls.info in info.mro[1:] for info in low.program.sources):
        good, bad = low.new_block("sameclass"), low.new_block("otherclass")
        low.branch(low.prim("same_class", [left, right], BOOL), good, bad)
        low.start(bad)
        names = [low.prim("class_short_name", [value], low.str_type) for value in (left, right)]
        text = [low.literal(f"'{op}' not supported between instances of '"), names[0], low.literal("' and '"), names[1], low.literal("'")]
        low.raise_value(low.construct(low.program.exception_class("TypeError"), [values.concat(low, text)]))
        low.start(good)

    def rest(index: int) -> Operand:
        if index == len(compared):
            return Imm(op in ("<=", ">="), BOOL)
        name = compared[index].name
        a, b = low.get_field(left, cls, name), low.get_field(right, cls, name)
        return values.choose(low, values.equals(low, a, b), lambda: rest(index + 1), lambda: values.order(low, op[0], a, b))

    return rest(0)


def hashed(low: Lowerer, receiver: Operand, cls: Class, fields: list[Member]) -> Operand:
    total: Operand = Imm(len(fields), U64)
    for item in fields:
        if item.compare:
            part = values.hash_of(low, low.get_field(receiver, cls, item.name))
            total = low.runtime("hashing.combine", total, low.prim("retype", [part], U64))
    return low.prim("retype", [total], INT)
