"""Calls of methods: of objects, classes and super(). (methods.py has those of builtin types)"""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import CallableType, TypeVarType, get_proper_type

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.arguments import arguments
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.inference import solve
from scarlet.compiler.lower.members import attribute_of, class_attribute, class_reference
from scarlet.compiler.program import Class, Function
from scarlet.compiler.types import (
    INT,
    NONE,
    SIZED,
    EnumIntType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    Type,
)


def method_call(low: Lowerer, node: n.CallExpr, callee: n.MemberExpr, want: Type | None) -> Operand:
    info = class_reference(callee.expr)
    if info is not None:
        return class_method_call(low, node, callee, info, want)
    receiver = low.expr(callee.expr)
    kind = receiver.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        receiver = unwrap(low, receiver, kind)
        kind = receiver.type
    if isinstance(kind, (IntType, type(SIZED["u8"]))):
        from scarlet.compiler.lower.methods import int_method

        return int_method(low, receiver, callee.name, node)
    if isinstance(kind, PointerType):
        from scarlet.compiler.lower.intrinsics import pointer_method

        return pointer_method(low, receiver, callee.name, node)
    if isinstance(kind, EnumIntType):
        function = low.program.method_function(kind.cls, callee.name)
        if function is None:
            from scarlet.compiler.lower.methods import int_method

            return int_method(low, low.coerce(receiver, INT), callee.name, node)
        return low.emit_call(function, [receiver, *arguments(low, callee.name, function.params[1:], node, function)])
    if not isinstance(kind, ObjectType):
        from scarlet.compiler.types import BOOL

        if kind == BOOL:
            from scarlet.compiler.lower.methods import int_method

            return int_method(low, low.coerce(receiver, INT), callee.name, node)
        raise low.refuse(f"a value of type {kind} has no method {callee.name}", "", node)
    return object_method_call(low, node, receiver, kind.cls, callee.name, want)


def object_method_call(low: Lowerer, node: n.CallExpr, receiver: Operand, cls: Class, name: str, want: Type | None) -> Operand:
    if cls.module.startswith("scarlet.runtime."):
        from scarlet.compiler.lower.builtins import no_starred_arguments
        from scarlet.compiler.lower.methods import container_method

        no_starred_arguments(low, node, name)
        done = container_method(low, node, receiver, cls, name, want)
        if done is not None:
            return done
    found = low.program.method_node(cls, name)
    if found is None or found[1].is_property:
        if found is None:
            function = low.program.method_function(cls, name)
            if function is not None:
                args = arguments(low, name, function.params[1:], node, function)
                return low.dispatch(cls, function, name, [receiver, *args])
        from scarlet.compiler.lower.calls import call_callable

        return call_callable(low, attribute_of(low, receiver, name), node)
    owner, symbol, _ = found
    if symbol.is_static:
        env = solve(low, symbol, node, owner.env, want, skip_self=False)
        function = low.program.function_of(symbol, owner, env)
        return low.emit_call(function, arguments(low, name, function.params, node, function))
    if symbol.is_class:
        raise low.refuse(f"{name} is a class method; calling it on an object is outside the dialect", f"{cls.info.name}.{name}(...)", node)
    if owner.name == "builtins.object":
        function = low.program.method_function(cls, name)
        assert function is not None
        return low.dispatch(cls, function, name, [receiver, *arguments(low, name, function.params[1:], node, function)])
    env = solve(low, symbol, node, owner.env, want, skip_self=True)
    generic = env is not owner.env
    function = low.program.function_of(symbol, owner, env, queue=not cls.is_protocol)
    args = arguments(low, name, function.params[1:], node, function)
    if generic:
        return low.emit_call(function, [receiver, *args])
    result = low.dispatch(cls, function, name, [receiver, *args])
    return self_typed(low, symbol, cls, result)


def self_typed(low: Lowerer, symbol: n.FuncDef, cls: Class, result: Operand) -> Operand:
    """A method that returns Self gives the receiver's static class."""
    signature = symbol.type
    if isinstance(signature, CallableType) and isinstance(result.type, ObjectType):
        kind = get_proper_type(signature.ret_type)
        if isinstance(kind, TypeVarType) and kind.id.is_self() and result.type.cls is not cls:
            return low.prim("cast", [result], ObjectType(cls), borrow=result)
    return result


def class_method_call(low: Lowerer, node: n.CallExpr, callee: n.MemberExpr, info: n.TypeInfo, want: Type | None) -> Operand:
    """Class.method(...): static and class methods, an unbound method with explicit self, @struct parse, dict.fromkeys."""
    from scarlet.compiler.lower.methods import class_builtin

    done = class_builtin(low, node, info, callee.name)
    if done is not None:
        return done
    cls = class_of_call(low, info, callee, node, want)
    found = low.program.method_node(cls, callee.name)
    if found is None:
        function = low.program.method_function(cls, callee.name)
        if function is None:
            from scarlet.compiler.lower.calls import call_callable

            return call_callable(low, class_attribute(low, info, callee, None), node)
        return low.emit_call(function, arguments(low, callee.name, function.params, node, function))
    owner, symbol, _ = found
    synthesised = low.program.synthesised_method(cls, callee.name, below=owner)
    if synthesised is not None:
        return low.emit_call(synthesised, arguments(low, callee.name, synthesised.params, node, synthesised))
    env = solve(low, symbol, node, owner.env, want, skip_self=symbol.is_class)
    if symbol.is_class:
        # `cls` inside a class method means the class it was called on.
        env = {**env, "Self": cls.type, "cls": cls.type}
        function = class_method_function(low, symbol, cls, env)
        record = low.temp(function.params[0].type)
        low.emit(ir.ClassRecord(record, cls))
        return low.emit_call(function, [record, *arguments(low, callee.name, function.params[1:], node, function)])
    function = low.program.function_of(symbol, owner, env)
    return low.emit_call(function, arguments(low, callee.name, function.params, node, function))


def class_method_function(low: Lowerer, symbol: n.FuncDef, cls: Class, env: dict[str, Type]) -> Function:
    return low.program.function_of(symbol, cls, {**env, "$class": cls.type})


def class_of_call(low: Lowerer, info: n.TypeInfo, callee: n.MemberExpr, node: n.CallExpr, want: Type | None) -> Class:
    """The class a static call names, with its type arguments from the expression, the enclosing instance or the result."""
    base = callee.expr
    if isinstance(base, n.IndexExpr):
        known = low.maybe_type_of(node)
        application = base.analyzed
        if isinstance(application, n.TypeApplication):
            return low.program.class_of(info, tuple(low.convert_type(item) for item in application.types))
        if isinstance(known, ObjectType):
            return known.cls
    if not info.type_vars:
        return low.program.class_of(info, ())
    for kind in (low.maybe_type_of(node), want):
        if isinstance(kind, ObjectType) and kind.cls.info is info:
            return kind.cls
    owner = low.function.owner
    if owner is not None and owner.info is info:
        return owner
    raise low.refuse(f"the type arguments of {info.name} are not known here", f"{info.name}[...].{callee.name}(...)", node)


def super_call(low: Lowerer, node: n.CallExpr, callee: n.SuperExpr) -> Operand:
    owner = low.function.owner
    if owner is None:
        raise low.refuse("super() outside a class", "", node)
    receiver = low.expr_self()
    base = owner.base
    if base is None or base.name == "builtins.object":
        if callee.name == "__init__":
            return Imm(None, NONE)
        if callee.name in ("__del__",):
            return Imm(None, NONE)
        base = owner.base or owner
    from scarlet.compiler.lower.calls import initialise_exception, is_plain_exception

    if callee.name == "__init__" and is_plain_exception(low, base):
        initialise_exception(low, receiver, node)
        return Imm(None, NONE)
    function = low.program.method_function(base, callee.name)
    if function is None:
        if callee.name in ("__del__", "__init__"):
            return Imm(None, NONE)
        raise low.refuse(f"the base class has no method {callee.name}", "", node)
    return low.emit_call(function, [receiver, *arguments(low, callee.name, function.params[1:], node, function)])
