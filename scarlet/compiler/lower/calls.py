"""Calls: matching arguments to parameters, functions, constructors. (methodcalls.py has methods, inference.py type arguments)"""

from __future__ import annotations

from collections.abc import Sequence

from mypy import nodes as n
from mypy.types import CallableType, Instance, get_proper_type

from scarlet.compiler import ir
from scarlet.compiler.errors import Consequence
from scarlet.compiler.functions import parameters
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower import flags, values
from scarlet.compiler.lower.arguments import arguments
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.inference import solve, unify
from scarlet.compiler.lower.members import class_reference
from scarlet.compiler.lower.methodcalls import method_call, super_call
from scarlet.compiler.program import Class, Param
from scarlet.compiler.types import (
    INT,
    NONE,
    SIZED,
    U64,
    EnumIntType,
    FunctionType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)


@expression(n.CallExpr)
def call(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    if isinstance(node.analyzed, n.CastExpr):
        return low.expr(node.analyzed, want)
    if node.analyzed is not None and type(node.analyzed) is not n.CallExpr:
        from scarlet.compiler.lower.context import EXPRESSIONS

        if type(node.analyzed) in EXPRESSIONS:
            return low.expr(node.analyzed, want)
    callee = node.callee
    if isinstance(callee, n.SuperExpr):
        return super_call(low, node, callee)
    if isinstance(callee, n.MemberExpr):
        from scarlet.compiler.lower.formatting import formatted

        text = formatted(low, node)
        if text is not None:
            return text
    fullname = callee.fullname if isinstance(callee, n.RefExpr) else ""
    if fullname.startswith("scarlet.lang.raw."):
        from scarlet.compiler.lower.intrinsics import intrinsic

        return intrinsic(low, fullname[17:], node, want)
    if isinstance(callee, n.RefExpr) and isinstance(callee.node, n.TypeAlias):
        target = get_proper_type(callee.node.target)
        if isinstance(target, Instance) and target.type.fullname.startswith("scarlet.lang.ints."):
            return int_conversion(low, target.type.name, node)
    if fullname.startswith("scarlet.lang.ints."):
        return int_conversion(low, fullname[18:], node)
    if fullname.startswith("builtins.") and isinstance(callee, n.NameExpr):
        from scarlet.compiler.lower.builtins import builtin_call

        done = builtin_call(low, fullname[9:], node, want)
        if done is not None:
            return done
    if fullname in ("typing.cast", "typing.assert_type", "typing.reveal_type"):
        return low.expr(node.args[-1] if fullname == "typing.cast" else node.args[0], want)
    if fullname in ("typing.assert_never", "typing_extensions.assert_never"):
        low.raise_new("AssertionError", "unreachable")
        return Imm(None, NONE)
    info = class_reference(callee)
    if info is not None:
        return construct(low, info, node, want)
    if isinstance(callee, n.NameExpr) and isinstance(callee.node, n.Var) and callee.node.is_cls and low.function.owner is not None:
        from scarlet.compiler.lower.synthesis import constructor

        function = constructor(low.program, low.function.owner)
        return low.emit_call(function, arguments(low, low.function.owner.info.name, function.params, node, function))
    if isinstance(callee, n.RefExpr) and not (isinstance(callee, n.MemberExpr) and not _is_definition(callee)):
        symbol = callee.node
        if symbol in low.variables or low.self_closure is not None and symbol is low.self_closure[0]:
            return call_local(low, node, callee, symbol)
        if isinstance(symbol, n.Decorator):
            symbol = symbol.func
        if isinstance(symbol, n.OverloadedFuncDef):
            symbol = symbol.impl.func if isinstance(symbol.impl, n.Decorator) else symbol.impl
        if isinstance(symbol, n.FuncDef) and not symbol.is_property and (symbol.info == n.FUNC_NO_INFO or not symbol.info):
            return call_function(low, symbol, node, want)
        if isinstance(symbol, n.Var) and symbol.type is not None and _newtype_target(symbol) is not None:
            return low.expr_as(node.args[0], low.type_of(node))
    if isinstance(callee, n.MemberExpr):
        return method_call(low, node, callee, want)
    return call_callable(low, low.expr(callee), node)


def _is_definition(callee: n.MemberExpr) -> bool:
    """Whether a dotted name refers to something in a module."""
    return isinstance(callee.expr, n.RefExpr) and isinstance(callee.expr.node, n.MypyFile)


def _newtype_target(symbol: n.Var) -> object | None:
    return None


# --- functions --------------------------------------------------------------------------------------------------------


def call_function(low: Lowerer, symbol: n.FuncDef, node: n.CallExpr, want: Type | None) -> Operand:
    if low.failed and "." not in symbol.fullname:
        raise Consequence(low.place, f"{symbol.name} was refused")
    if low.program.module_of(symbol.fullname) not in low.program.modules:
        raise low.refuse(f"{symbol.fullname} is outside the dialect", "code of your own", node)
    env = solve(low, symbol, node, {}, want, skip_self=False)
    function = low.program.function_of(symbol, None, env)
    return low.emit_call(function, arguments(low, symbol.name, function.params, node, function))


def call_local(low: Lowerer, node: n.CallExpr, callee: n.RefExpr, symbol: n.SymbolNode | None) -> Operand:
    value = low.expr(callee)
    if isinstance(symbol, n.FuncDef) and isinstance(value.type, FunctionType):
        params, _ = parameters(low.program, symbol, None, low.env, low.place)
        holder = low.nested.get(symbol) or low.function
        return low.call_value(value, arguments(low, symbol.name, params, node, holder))
    return call_callable(low, value, node)


def call_callable(low: Lowerer, value: Operand, node: n.CallExpr) -> Operand:
    """Call a value: a closure, or an object with __call__."""
    kind = value.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        value = unwrap(low, value, kind)
        kind = value.type
    if isinstance(kind, FunctionType):
        value = low.stable(value)
        params = [Param(f"argument {i + 1}", item) for i, item in enumerate(kind.parameters)]
        return low.call_value(value, arguments(low, "this callable", params, node))
    if isinstance(kind, ObjectType):
        function = low.program.method_function(kind.cls, "__call__")
        if function is not None:
            args = arguments(low, "__call__", function.params[1:], node, function)
            return low.dispatch(kind.cls, function, "__call__", [value, *args])
    raise low.refuse(f"a value of type {kind} cannot be called", "", node)


def apply_function(low: Lowerer, function: n.Expression, args: Sequence[Operand]) -> Operand:
    """Call a function expression with operands; a lambda is expanded in place."""
    if isinstance(function, n.LambdaExpr) and len(function.arguments) == len(args):
        saved = dict(low.variables)
        for argument, value in zip(function.arguments, args):
            low.variables[argument.variable] = _as_reg(low, value)
        result = low.expr(function.expr())
        for argument in function.arguments:
            low.variables.pop(argument.variable, None)
        low.variables.update(saved)
        return result
    if isinstance(function, n.NameExpr) and function.fullname.startswith("builtins."):
        from scarlet.compiler.lower.aggregates import apply_builtin

        done = apply_builtin(low, function.fullname[9:], list(args))
        if done is not None:
            return done
    if isinstance(function, n.RefExpr):
        symbol = function.node.func if isinstance(function.node, n.Decorator) else function.node
        if isinstance(symbol, n.FuncDef) and symbol not in low.variables and not symbol.info and isinstance(symbol.type, CallableType):
            env: dict[str, Type] = {}
            for formal, value in zip(symbol.type.arg_types, args):
                unify(low, formal, value.type, env)
            if low.program.module_of(symbol.fullname) not in low.program.modules:
                raise low.refuse(f"{symbol.fullname} as a value is outside the dialect", "a lambda that calls it", function)
            target = low.program.function_of(symbol, None, env)
            if len(target.params) >= len(args) and all(param.optional for param in target.params[len(args) :]):
                given = [low.coerce(value, param.type) for value, param in zip(args, target.params)]
                return low.emit_call(target, given + [low.default(param, target) for param in target.params[len(args) :]])
    callee = low.expr(function)
    if isinstance(callee.type, FunctionType) and len(callee.type.parameters) == len(args):
        return low.call_value(callee, args)
    if isinstance(callee.type, FunctionType):
        raise low.refuse("defaults of a function that is a value are outside the dialect", "a lambda that calls it", function)
    raise low.refuse("this is not a function the dialect can apply", "a lambda", function)


def _as_reg(low: Lowerer, value: Operand) -> Reg:
    if isinstance(value, Reg):
        return value
    reg = low.temp(value.type)
    low.emit(ir.Assign(reg, value))
    return reg


# --- objects ----------------------------------------------------------------------------------------------------------


def is_plain_exception(low: Lowerer, cls: Class) -> bool:
    """An exception class whose __init__ is the builtin one."""
    found = low.program.method_node(cls, "__init__")
    return found is not None and found[0].module == "scarlet.runtime.exceptions" and found[0].info.name == "BaseException"


def initialise_exception(low: Lowerer, error: Operand, node: n.CallExpr) -> None:
    """BaseException.__init__(error, *args) for arguments of any types."""
    base = low.program.exception_class("BaseException")
    function = low.program.method_function(base, "__init__")
    assert function is not None
    low.emit_call(function, [error, low.literal("")])
    set_exception_arguments(low, error, node)


def set_exception_arguments(low: Lowerer, error: Operand, node: n.CallExpr) -> None:
    from scarlet.compiler.lower.builtins import no_starred_arguments

    base = low.program.exception_class("BaseException")
    if not node.args:
        return
    no_starred_arguments(low, node, "an exception")
    if len(node.args) > 1 and isinstance(error.type, ObjectType) and error.type.cls.derives(low.program.exception_class("OSError")):
        raise low.refuse("OSError with a number is outside the dialect", "scarlet.lang.Errno", node)
    values_given = [low.stable(low.expr(arg)) for arg in node.args]
    first = values_given[0]
    if len(values_given) == 1 and isinstance(first.type, ObjectType) and first.type.cls.name == "scarlet.runtime.str.Str":
        low.call_method(base, error, "set_text", [first])
    elif len(values_given) == 1 and first.type == U64:
        text = values.str_of(low, first)
        low.call_method(base, error, "set_shown", [text, text])
    elif len(values_given) == 1 and isinstance(first.type, (IntType, EnumIntType)):
        low.call_method(base, error, "set_number", [first])
    else:
        shown = (
            values.repr_of(low, first)
            if len(values_given) == 1
            else values.repr_of(low, low.make_tuple(values_given, TupleType(tuple(v.type for v in values_given))))
        )
        if len(values_given) == 1:
            low.call_method(base, error, "set_shown", [values.str_of(low, first), shown])
        else:
            inner = low.method(shown, "getslice", Imm(1, INT), Imm(-1, INT))
            low.call_method(base, error, "set_shown", [shown, inner])


def construct(low: Lowerer, info: n.TypeInfo, node: n.CallExpr, want: Type | None) -> Operand:
    """Class(...)."""
    from scarlet.compiler.constants import is_enum

    if info.is_newtype:
        return low.expr_as(node.args[0], low.program.convert(info.bases[0], low.env))
    if is_enum(info):
        return enum_call(low, info, node)
    if info.fullname == "scarlet.lang.raw.Ptr":
        kind = low.type_of(node) if want is None or not isinstance(want, PointerType) else want
        assert isinstance(kind, PointerType)
        from scarlet.compiler.lower.intrinsics import make_pointer

        return make_pointer(low, kind, node)
    if info.type_vars:
        kind_known = low.maybe_type_of(node)
        wanted = want.item if isinstance(want, OptionalType) else want
        if isinstance(wanted, ObjectType) and wanted.cls.info is info:
            cls = wanted.cls
        elif isinstance(kind_known, ObjectType):
            cls = kind_known.cls
        else:
            low.type_of(node)  # which says more, if there is more to say
            raise low.refuse(f"the type arguments of {info.name} are not known here", f"{info.name}[...](...)", node)
    else:
        cls = low.program.class_of(info, ())
    if info.fullname == "collections.deque" and node.args:
        if len(node.args) > 1:
            raise low.refuse("deque(..., maxlen) is outside the dialect", "a check of the length", node)
        from scarlet.compiler.lower.aggregates import consume

        made = low.construct(cls)
        consume(low, node.args[0], lambda each, early: _drop(low.method(made, "append", low.coerce(each, cls.args[0]))))
        return made
    if info.is_protocol or info.is_abstract:
        raise low.refuse(f"{info.name} is abstract", "a concrete class", node)
    if cls.name.startswith("scarlet.runtime.deque.Deque[") and node.args:
        from scarlet.compiler.lower.constructors import fill_deque

        return fill_deque(low, cls, node)
    if is_plain_exception(low, cls):
        error = low.construct(cls)
        set_exception_arguments(low, error, node)
        return error
    from scarlet.compiler.lower.synthesis import constructor

    function = constructor(low.program, cls)
    return low.emit_call(function, arguments(low, info.name, function.params, node, function))


def _drop(value: Operand) -> None:
    """An operand whose effects alone matter."""


def enum_call(low: Lowerer, info: n.TypeInfo, node: n.CallExpr) -> Operand:
    """Enum(value): checked, ValueError otherwise; an IntFlag takes any bits."""
    cls = low.program.class_of(info, ())
    if flags.is_flag(cls.type) and not flags.keeps_other_bits(low, cls.type):
        raise low.refuse(f"{info.name}(value): a Flag refuses values that are no combination of its members", "an IntFlag", node)
    value = low.expr(node.args[0])
    if isinstance(value.type, EnumIntType) and value.type.cls is cls:
        return value
    function = low.program.synthesised_method(cls, "__from_value__")
    assert function is not None
    return low.call(function, [value])


def int_conversion(low: Lowerer, name: str, node: n.CallExpr) -> Operand:
    """u64(e) and its siblings: the explicit wrap."""
    from scarlet.compiler.lower.integers import wrapped

    kind = SIZED[name]
    if not node.args:
        return Imm(0, kind)
    return wrapped(low, node.args[0], kind)
