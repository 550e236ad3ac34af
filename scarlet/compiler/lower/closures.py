"""Functions as values: nested functions and lambdas, their captured variables, bound methods, adapters.

A closure is an object {header, code, captures...}; its code takes the closure itself before the arguments. A captured variable that never
changes after the closure is made is captured by value; any other lives in a cell, an object of one field that all its users share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mypy import nodes as n
from mypy.types import CallableType, get_proper_type

from scarlet.compiler import ir
from scarlet.compiler.functions import parameters
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.captures import Nested, allocate, free_variables, prepare, prologue
from scarlet.compiler.lower.context import CellVariable, Lowerer, Variable, expression
from scarlet.compiler.program import Class, Function, Param, mangle
from scarlet.compiler.types import NONE, U64, CellType, FunctionType, ObjectType, Type

# --- nested functions ---------------------------------------------------------------------------------------------------


def define_nested(low: Lowerer, node: n.FuncDef) -> None:
    """A def inside a function: a closure assigned to its name."""
    value = close(low, node, node.name)
    variable = low.declare(node, node.name, value.type)
    low.write_variable(variable, value)


@expression(n.LambdaExpr)
def lambda_expression(low: Lowerer, node: n.LambdaExpr, want: Type | None) -> Operand:
    if any(argument.initializer is not None for argument in node.arguments):
        raise low.refuse("default values in a lambda are outside the dialect", "a def", node)
    return close(low, node, f"lambda_{node.line}")


def close(low: Lowerer, node: Nested, name: str) -> Operand:
    """Make the closure of a nested function here."""
    program = low.program
    signature = get_proper_type(program.checked.types.get(node) if isinstance(node, n.LambdaExpr) else node.type)
    if isinstance(node, n.LambdaExpr) and isinstance(signature, CallableType):
        node.type = signature
    params, result = parameters(program, node, None, low.env, low.place)
    captured: list[tuple[n.SymbolNode, Variable]] = []
    own: n.SymbolNode | None = None
    for symbol in free_variables(node):
        if symbol is node:
            own = symbol
        elif symbol in low.variables:
            captured.append((symbol, low.variables[symbol]))
        elif low.self_closure is not None and symbol is low.self_closure[0]:
            captured.append((symbol, low.self_closure[1]))
    outer = low.function
    fullname = f"{outer.name}.{name}"
    function = Function(
        fullname, program.unique(f"{outer.cname}__{name}"), outer.module, outer.file, node.line, params, result, low.env, node, None
    )
    function.owner = outer.owner
    function.closure = True
    function.is_generator = isinstance(node, n.FuncDef) and node.is_generator
    fields: dict[str, Type] = {"code": U64}
    operands: list[Operand] = []
    for index, (symbol, variable) in enumerate(captured):
        reg = variable.cell if isinstance(variable, CellVariable) else variable
        fields[f"c{index}_{mangle(symbol.name)}"] = reg.type
        operands.append(reg)
    cls = program.generated_class(function, f"{fullname}.closure", outer.module, fields)
    function.enclosing = ClosureScope(cls, captured, own)
    if isinstance(node, n.FuncDef):
        low.nested[node] = function
        from scarlet.compiler.decorators import apply_decorators

        apply_decorators(program, function, node)
    program.enqueue(function)
    return make_closure(low, function, cls, operands)


class ClosureScope:
    """What a nested function finds in its closure."""

    def __init__(self, cls: Class, captured: list[tuple[n.SymbolNode, Variable]], own: n.SymbolNode | None) -> None:
        self.cls, self.captured, self.own = cls, captured, own


def make_closure(low: Lowerer, function: Function, cls: Class, captures: Sequence[Operand]) -> Operand:
    """A closure object of a compiled function."""
    kind = FunctionType(tuple(param.type for param in function.params), function.result)
    if not captures:
        dst = low.temp(kind)
        dst.borrowed = True
        low.emit(ir.StaticClosure(dst, function))
        return dst
    obj = low.temp(ObjectType(cls))
    allocate(low, obj, cls)
    code = low.temp(U64)
    low.emit(ir.FunctionAddress(code, function))
    low.emit(ir.SetField(obj, cls, "code", code, True))
    for name, value in zip(list(cls.fields)[1:], captures):
        low.emit(ir.SetField(obj, cls, name, value, True))
    return low.prim("cast", [obj], kind, borrow=obj)


def enter_closure(low: Lowerer, scope: ClosureScope) -> None:
    """Bind the captured variables at the start of a nested function."""
    env = low.temp(ObjectType(scope.cls), "closure")
    env.parameter = True
    env.borrowed = True
    for name, (symbol, variable) in zip(list(scope.cls.fields)[1:], scope.captured):
        kind = scope.cls.fields[name]
        reg = low.temp(kind, "c_" + symbol.name)
        if kind.counted:
            reg.borrowed, reg.owner = True, env
        low.emit(ir.GetField(reg, env, scope.cls, name))
        low.variables[symbol] = CellVariable(reg, variable.type) if isinstance(variable, CellVariable) else reg
    if scope.own is not None:
        kind = low.function.signature
        own = low.temp(kind, "own")
        own.borrowed, own.owner = True, env
        low.emit(ir.Prim(own, "cast", [env], kind))
        low.self_closure = (scope.own, own)


# --- other callable values ------------------------------------------------------------------------------------------------


def synthetic_closure(
    low: Lowerer,
    name: str,
    params: Sequence[Type],
    result: Type,
    captures: list[Operand],
    body: Callable[[Lowerer, list[Operand], list[Operand]], Operand],
    key: object = None,
) -> Operand:
    """A closure whose body is generated: body(lowerer, captured values, arguments) -> result."""
    program = low.program
    outer = low.function

    def make() -> Function:
        parameters = [Param(f"a{index}", kind) for index, kind in enumerate(params)]
        function = Function(
            f"{outer.module}.{name}",
            program.unique(f"{mangle(outer.module)}__{name}"),
            outer.module,
            outer.file,
            low.line,
            parameters,
            result,
            dict(low.env),
        )
        function.closure = True
        fields: dict[str, Type] = {"code": U64}
        fields.update({f"c{index}": value.type for index, value in enumerate(captures)})
        cls = program.generated_class(function, f"{function.name}.closure", outer.module, fields)
        function.enclosing = cls

        def build(target: Function) -> ir.Body:
            inner = Lowerer(program, target)
            env = inner.temp(ObjectType(cls), "closure")
            env.parameter = env.borrowed = True
            values = []
            for parameter in target.params:
                reg = inner.temp(parameter.type, "v_" + parameter.name)
                reg.parameter = reg.variable = True
                values.append(reg)
            captured: list[Operand] = []
            for field in list(cls.fields)[1:]:
                reg = inner.temp(cls.fields[field])
                if reg.type.counted:
                    reg.borrowed, reg.owner = True, env
                inner.emit(ir.GetField(reg, env, cls, field))
                captured.append(reg)
            value = body(inner, captured, list(values))
            inner.emit(ir.Return(None if result == NONE else inner.coerce(value, result)))
            return inner.finish()

        function.build = build
        return function

    function = program.synthesise(("closure", key) if key is not None else object(), make)
    cls = function.enclosing
    assert isinstance(cls, Class)
    return make_closure(low, function, cls, captures)


def function_value(low: Lowerer, node: n.FuncDef, reference: n.Expression, owner: Class | None = None) -> Operand:
    """A module-level function or static method as a value."""
    env = owner.env if owner is not None else {}
    if isinstance(node.type, CallableType) and node.type.variables:
        raise low.refuse(f"the generic function {node.name} is not a value", "a lambda that calls it", reference)
    if low.program.module_of(node.fullname) not in low.program.modules:
        name = node.fullname.removeprefix("builtins.")
        raise low.refuse(f"{name} as a value is outside the dialect", "a lambda that calls it", reference)
    function = low.program.function_of(node, owner, env)
    kinds = [param.type for param in function.params]
    return synthetic_closure(
        low,
        f"{mangle(function.name)}__value",
        kinds,
        function.result,
        [],
        lambda inner, _, args: inner.emit_call(function, args),
        key=function,
    )


def bind_method(low: Lowerer, receiver: Operand, cls: Class, name: str) -> Operand:
    """receiver.method as a value."""
    function = low.program.method_function(cls, name)
    assert function is not None
    kinds = [param.type for param in function.params[1:]]
    return synthetic_closure(
        low,
        f"{mangle(cls.name)}__{name}__bound",
        kinds,
        function.result,
        [receiver],
        lambda inner, captured, args: inner.call_method(cls, captured[0], name, args),
        key=(cls, name, receiver.type),
    )


def constructor_value(low: Lowerer, info: n.TypeInfo, want: FunctionType) -> Operand:
    """A class as a callable."""
    from scarlet.compiler.lower.synthesis import constructor

    cls = want.result.cls if isinstance(want.result, ObjectType) and want.result.cls.info is info else low.program.class_of(info, ())
    function = constructor(low.program, cls)
    kinds = [param.type for param in function.params if not param.optional][: len(want.parameters)] or list(want.parameters)
    return synthetic_closure(
        low,
        f"{mangle(cls.name)}__make",
        kinds,
        cls.type,
        [],
        lambda inner, _, args: inner.construct(cls, args),
        key=("make", cls, tuple(kinds)),
    )


def adapt_closure(low: Lowerer, value: Operand, kind: FunctionType, to: FunctionType) -> Operand:
    """A closure of another signature that calls this one."""
    return synthetic_closure(
        low,
        "adapter",
        list(to.parameters),
        to.result,
        [value],
        lambda inner, captured, args: inner.call_value(captured[0], [inner.coerce(a, p) for a, p in zip(args, kind.parameters)]),
        key=(kind, to),
    )


__all__ = ["CellType", "Imm", "close", "prepare", "prologue"]
