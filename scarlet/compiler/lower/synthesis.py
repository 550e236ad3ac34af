"""Functions no source defines: constructors, throwers, and the methods of dataclasses, enums, @struct classes and object."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import dispatch, ir, lasting
from scarlet.compiler.classes import is_dataclass
from scarlet.compiler.constants import constant
from scarlet.compiler.errors import Place
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower import values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.plugin import struct_decorator
from scarlet.compiler.program import Class, Function, Param, Program, mangle
from scarlet.compiler.types import BOOL, INT, NONE, U64, EnumIntType, IntType, ObjectType, Type

Builder = Callable[[Lowerer, list[Operand]], Operand | None]


def synthesise(
    program: Program,
    key: object,
    name: str,
    module: str,
    params: list[Param],
    result: Type,
    body: Builder,
    *,
    line: int = 0,
    env: dict[str, Type] | None = None,
) -> Function:
    """A function made of a builder: body(lowerer, arguments) gives the result (None: it ended itself)."""

    def make() -> Function:
        function = Function(
            name,
            program.unique(mangle(name.replace(module + ".", mangle(module) + "__", 1))),
            module,
            program.file_of(module),
            line,
            params,
            result,
            env or {},
        )

        def build(target: Function) -> ir.Body:
            low = Lowerer(program, target)
            args: list[Operand] = []
            for param in target.params:
                reg = low.temp(param.type, "v_" + param.name)
                reg.parameter = reg.variable = True
                args.append(reg)
            value = body(low, args)
            if not low.dead:
                low.emit(ir.Return(None if result == NONE or value is None else low.coerce(value, result)))
            return low.finish()

        function.build = build
        return function

    return program.synthesise(key, make)


def thrower(program: Program, name: str, message: str) -> Function:
    """A cold function that makes a builtin exception; memory exhaustion makes a MemoryError instead."""
    base = program.exception_class("BaseException")

    def body(low: Lowerer, args: list[Operand]) -> Operand | None:
        cls = program.exception_class(name)
        landing = low.new_block("nomemory")
        low.handler = landing
        error = low.construct(cls, [low.literal(message)] if message else [])
        low.set_field(error, base, "raise_site", args[0])
        low.emit(ir.Return(low.coerce(error, base.type)))
        low.start(landing)
        other = low.temp(base.type)
        low.emit(ir.Catch(other))
        low.emit(ir.Return(other))
        return None

    function = synthesise(
        program,
        ("throw", name, message),
        f"scarlet.runtime.throw.{name}_{message}"[:60],
        "scarlet.runtime.exceptions",
        [Param("site", U64)],
        base.type,
        body,
    )
    function.cold = function.noinline = True
    return function


def constructor(program: Program, cls: Class) -> Function:
    """Allocate, set class-level defaults, run __init__."""
    key = ("new", cls)
    found = program.functions.get(key)
    if found is not None:
        return found
    init = program.method_function(cls, "__init__")
    params = init.params[1:] if init is not None else []
    dispatch.construct(program, cls)

    def body(low: Lowerer, args: list[Operand]) -> Operand | None:
        obj = low.temp(ObjectType(cls))
        failure = program.function_named("scarlet.runtime.heap.out_of_memory")
        low.emit(ir.Allocate(obj, cls, None, failure, low.exception_target()))
        set_class_defaults(low, obj, cls)
        if init is not None:
            low.emit_call(init, [obj, *args])
        return obj

    copies = [Param(p.name, p.type, p.kind, p.default, p.var) for p in params]
    env = init.env if init is not None else cls.env
    function = synthesise(program, key, f"{cls.name}.__new__", cls.module, copies, ObjectType(cls), body, line=cls.info.line, env=env)
    if init is not None:
        function.file = init.file
        function.line = init.line
    return function


def set_class_defaults(low: Lowerer, obj: Operand, cls: Class) -> None:
    """Instance variables that have their value in the class body (not of dataclasses, whose __init__ sets them)."""
    program = low.program
    done: set[str] = set()
    for owner in cls.ancestors():
        if owner.generated or is_dataclass(owner.info) or struct_decorator(owner.info) is not None:
            continue
        for name, expression in program.class_values.get(owner.info.fullname, {}).items():
            fields = program.fields_of(cls)
            if name in fields and name not in done:
                done.add(name)
                env, file = low.env, low.function.file
                low.env = owner.env
                low.function.file = program.file_of(owner.module)
                place = Place(low.function.file, expression.line)
                lasting.demand(program, expression, place, f"the value of {owner.info.name}.{name}, which each object has,")
                low.set_field(obj, cls, name, low.expr_as(expression, fields[name]))
                low.env, low.function.file = env, file


def synthesised_method(program: Program, owner: Class, name: str) -> Function | None:
    """The generated method of this very class, None if it has none of that name."""
    if owner.generated:
        return owner.methods.get(name)
    if name.startswith("get:"):
        return getter(program, owner, name)
    if owner.name == "builtins.object":
        return object_method(program, owner, name)
    if owner.is_enum or owner.is_int_enum:
        from scarlet.compiler.lower.enums import enum_method

        return enum_method(program, owner, name)
    defined = owner.info.names.get(name)
    if defined is not None and not defined.plugin_generated and isinstance(defined.node, (n.FuncDef, n.Decorator, n.OverloadedFuncDef)):
        return None
    if struct_decorator(owner.info) is not None:
        from scarlet.compiler.lower.structs import struct_method

        return struct_method(program, owner, name)
    if is_dataclass(owner.info):
        from scarlet.compiler.lower.dataclasses import dataclass_method

        return dataclass_method(program, owner, name)
    return None


def getter(program: Program, cls: Class, name: str) -> Function | None:
    """The method behind a protocol's data attribute or property."""
    attribute = name[4:]
    if cls.is_protocol:
        found = cls.definition(attribute)
        if found is None:
            return None
        kind = attribute_type(program, cls, attribute)
        return synthesise(
            program,
            (cls, name),
            f"{cls.name}.{name}",
            cls.module,
            [Param("self", ObjectType(cls))],
            kind,
            lambda low, args: Imm(None, kind),
        )
    if cls.definition(attribute) is None and attribute not in program.fields_of(cls):
        return None
    if cls.name == "builtins.object":
        return None

    def body(low: Lowerer, args: list[Operand]) -> Operand:
        from scarlet.compiler.lower.members import attribute_of

        return attribute_of(low, args[0], attribute)

    kind = attribute_type(program, cls, attribute)
    return synthesise(program, (cls, name), f"{cls.name}.{name}", cls.module, [Param("self", ObjectType(cls))], kind, body)


def attribute_type(program: Program, cls: Class, attribute: str) -> Type:
    fields = program.fields_of(cls)
    if attribute in fields:
        return fields[attribute]
    method = program.method_node(cls, attribute)
    if method is not None:
        function = program.method_function(cls, attribute)
        assert function is not None
        return function.result
    found = cls.definition(attribute)
    assert found is not None and isinstance(found[1], n.Var)
    return program.convert(found[1].type, found[0].env)


# --- object -------------------------------------------------------------------------------------------------------------


def object_method(program: Program, cls: Class, name: str) -> Function | None:
    """The methods every object has."""
    text = program.class_named("scarlet.runtime.str.Str").type
    receiver = Param("self", ObjectType(cls))
    key = ("object", name)
    full = f"builtins.object.{name}"
    if name == "__eq__":
        other = Param("other", ObjectType(cls))
        return synthesise(program, key, full, "scarlet.runtime", [receiver, other], BOOL, lambda low, args: low.prim("same", args, BOOL))
    if name == "__hash__":
        return synthesise(program, key, full, "scarlet.runtime", [receiver], INT, lambda low, args: low.prim("identity_hash", args, INT))
    if name == "__str__":
        return synthesise(
            program, key, full, "scarlet.runtime", [receiver], text, lambda low, args: low.call_method(cls, args[0], "__repr__", [])
        )
    if name == "__repr__":

        def show(low: Lowerer, args: list[Operand]) -> Operand:
            address = low.runtime("format.format_u64", low.prim("address", args, U64), low.literal("#x"))
            return values.concat(
                low, [low.literal("<"), low.prim("class_name", args, low.str_type), low.literal(" object at "), address, low.literal(">")]
            )

        return synthesise(program, key, full, "scarlet.runtime", [receiver], text, show)
    return None


__all__ = ["EnumIntType", "IntType", "Reg", "constant", "constructor", "synthesised_method", "thrower"]
