"""Calls: matching arguments to parameters, functions, methods, constructors, super()."""

from __future__ import annotations

from collections.abc import Sequence

from mypy import nodes as n
from mypy.types import CallableType, Instance, ProperType, TypeVarType, UnionType, get_proper_type
from mypy.types import TupleType as MypyTuple
from mypy.types import Type as MypyType
from mypy.types import TypeType as MypyTypeType

from scarlet.compiler import ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower import flags, values
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.expressions import class_reference, constant_operand
from scarlet.compiler.program import Class, Function, Param
from scarlet.compiler.types import (
    INT,
    NEVER,
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

ITERABLES = {
    "typing.Iterable", "typing.Iterator", "typing.Sequence", "typing.Collection", "typing.Container",
    "typing.Reversible", "typing.AbstractSet",
    "typing.MutableSequence", "typing.Generator", "_typeshed.SupportsKeysAndGetItem",
}  # fmt: skip


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


# --- arguments --------------------------------------------------------------------------------------------------------


def arguments(low: Lowerer, function_name: str, params: list[Param], node: n.CallExpr, function: Function | None = None) -> list[Operand]:
    """The call's arguments in parameter order: evaluated in source order, coerced, defaults filled in."""
    slots: dict[int, Operand] = {}
    position = 0
    for arg, kind, name in zip(node.args, node.arg_kinds, node.arg_names):
        if kind == n.ARG_POS:
            while position < len(params) and params[position].kind in ("named", "named_opt"):
                position += 1
            if position >= len(params):
                raise low.refuse(f"too many arguments for {function_name}", "", node)
            index = position
            position += 1
        elif kind == n.ARG_NAMED:
            index = next((i for i, param in enumerate(params) if param.name == name), -1)
            if index < 0:
                raise low.refuse(f"{function_name} has no parameter {name}", "", node)
        elif kind == n.ARG_STAR:
            value = low.stable(low.expr(arg))
            if not isinstance(value.type, TupleType):
                raise low.refuse("*arguments are outside the dialect, except a tuple of known length", "the arguments one by one", node)
            for i in range(len(value.type.items)):
                slots[position] = low.coerce(low.tuple_get(value, i), params[position].type)
                position += 1
            continue
        else:
            raise low.refuse("**arguments are outside the dialect", "keyword arguments", node)
        value = low.expr_as(arg, params[index].type)
        slots[index] = value
    out = []
    line = low.line
    for index, param in enumerate(params):
        if index in slots:
            out.append(slots[index])
        elif param.optional:
            assert function is not None
            out.append(default_value(low, param, function))
        else:
            raise low.refuse(f"{function_name} misses the argument {param.name}", "", node)
    low.line = line
    return out


def default_value(low: Lowerer, param: Param, function: Function) -> Operand:
    """See Lowerer.default. Defaults are constants or expressions of global names."""
    default = param.default
    if default is None or isinstance(default, n.EllipsisExpr) or isinstance(default, n.TempNode):
        if default is None and param.optional and not param.type.pointer:
            return zero_value(low, param.type)
        return Imm(None, param.type)
    value = constant(low.program, default)
    if value is not None:
        kind = None if not isinstance(param.type, EnumIntType) else param.type
        return low.coerce(constant_operand(low, value, kind, param.type), param.type)
    if isinstance(default, (n.ListExpr, n.DictExpr, n.SetExpr)):
        raise low.refuse(f"the default of {param.name} is a mutable object", "None, and make it inside the function")
    env, line = low.env, low.line
    low.env = function.env
    result = low.coerce(low.expr(default, param.type), param.type)
    low.env, low.line = env, line
    return result


def zero_value(low: Lowerer, kind: Type) -> Operand:
    """The zero of a type (omitted fields of a @struct)."""
    if isinstance(kind, (IntType, EnumIntType)):
        return Imm(0, kind)
    if isinstance(kind, OptionalType):
        return Imm(None, kind)
    if isinstance(kind, TupleType):
        return low.make_tuple([zero_value(low, item) for item in kind.items], kind)
    return Imm(None, kind) if kind.pointer else Imm(False, kind)


# --- generic functions --------------------------------------------------------------------------------------------------


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
    from scarlet.compiler.program import RUNTIME_CLASSES

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


# --- functions --------------------------------------------------------------------------------------------------------


def call_function(low: Lowerer, symbol: n.FuncDef, node: n.CallExpr, want: Type | None) -> Operand:
    if low.program.module_of(symbol.fullname) not in low.program.modules:
        raise low.refuse(f"{symbol.fullname} is outside the dialect", "code of your own", node)
    env = solve(low, symbol, node, {}, want, skip_self=False)
    function = low.program.function_of(symbol, None, env)
    return low.emit_call(function, arguments(low, symbol.name, function.params, node, function))


def call_local(low: Lowerer, node: n.CallExpr, callee: n.RefExpr, symbol: n.SymbolNode | None) -> Operand:
    value = low.expr(callee)
    if isinstance(symbol, n.FuncDef) and isinstance(value.type, FunctionType):
        params, _ = low.program.parameters(symbol, None, low.env, low.place)
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
            target = low.program.function_of(symbol, None, env)
            if len(target.params) == len(args):
                return low.call(target, args)
    callee = low.expr(function)
    if isinstance(callee.type, FunctionType):
        return low.call_value(callee, args)
    raise low.refuse("this is not a function the dialect can apply", "a lambda", function)


def _as_reg(low: Lowerer, value: Operand) -> Reg:
    if isinstance(value, Reg):
        return value
    reg = low.temp(value.type)
    low.emit(ir.Assign(reg, value))
    return reg


# --- methods ----------------------------------------------------------------------------------------------------------


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
        from scarlet.compiler.lower.methods import container_method

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
        from scarlet.compiler.lower.expressions import attribute_of

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
            from scarlet.compiler.lower.expressions import class_attribute

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
    if callee.name == "__init__" and is_plain_exception(low, base):
        initialise_exception(low, receiver, node)
        return Imm(None, NONE)
    function = low.program.method_function(base, callee.name)
    if function is None:
        if callee.name in ("__del__", "__init__"):
            return Imm(None, NONE)
        raise low.refuse(f"the base class has no method {callee.name}", "", node)
    return low.emit_call(function, [receiver, *arguments(low, callee.name, function.params[1:], node, function)])


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
    base = low.program.exception_class("BaseException")
    if not node.args:
        return
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
