"""Lowering whole functions and module initialisers; the work list of the program."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.errors import CompileError, InternalError, Place
from scarlet.compiler.front import Module
from scarlet.compiler.lower import (  # noqa: F401  (each registers what it lowers)
    aggregates,
    assignments,
    builtins,
    calls,
    closures,
    conditions,
    constructors,
    dataclasses,
    displays,
    exceptions,
    expressions,
    generators,
    members,
    methods,
    operators,
    statements,
    subscripts,
)
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.program import Function, Program, mangle
from scarlet.compiler.types import NEVER, NONE


def lower_all(program: Program) -> None:
    """Lower everything in the queue and what that asks for."""
    while program.queue:
        function = program.queue.popleft()
        lower_function(program, function)


def lower_function(program: Program, function: Function) -> None:
    program.lowered.append(function)
    if function.assembly is not None:
        return
    try:
        if function.build is not None:
            function.body = function.build(function)
        elif function.node is not None:
            function.body = _lower_definition(program, function)
    except CompileError as error:
        error.place = function.blamed(error.place or Place(function.file, function.line))
        program.report.add(error)
    except Exception as failure:
        program.report.add(InternalError(Place(function.file, function.line), failure))


def _lower_definition(program: Program, function: Function) -> ir.Body:
    node = function.node
    assert node is not None
    low = Lowerer(program, function)
    scope = function.enclosing
    if function.closure:
        assert isinstance(scope, closures.ClosureScope)
        closures.enter_closure(low, scope)
    for param in function.params:
        reg = low.temp(param.type, "v_" + param.name)
        reg.parameter = reg.variable = True
        if param.var is not None:
            low.variables[param.var] = reg
    low.given = set(low.variables)
    closures.prepare(low, node)
    closures.prologue(low, node)
    if function.is_generator:
        return generators.lower_generator(low, function)
    if isinstance(node, n.LambdaExpr):
        value = low.expr(node.expr(), function.result if function.result != NONE else None)
        low.emit(ir.Return(None if function.result in (NONE, NEVER) else low.coerce(value, function.result)))
    else:
        low.body(node.body)
    return low.finish()


def module_initialiser(program: Program, module: Module) -> Function:
    """The function that runs a module's top-level statements."""

    def build(function: Function) -> ir.Body:
        low = Lowerer(program, function)
        low.copy_reads = False
        low.body(n.Block(module.tree.defs))
        return low.finish()

    def make() -> Function:
        function = Function(
            f"{module.name}.<module>", program.unique(f"{mangle(module.name)}__module"), module.name, module.path, 1, [], NONE, {}
        )
        function.build = build
        function.runs_once = True
        function.noinline = True  # so that the file that calls them all stays the same when one of them changes
        return function

    return program.synthesise(("module", module.name), make)


def exported_functions(program: Program, module: Module) -> list[Function]:
    """Functions of a module with @export or @naked: roots of the program."""
    out = []
    for item in module.tree.defs:
        if isinstance(item, n.Decorator):
            names = [d.callee if isinstance(d, n.CallExpr) else d for d in item.original_decorators]
            if any(isinstance(d, n.RefExpr) and d.fullname in ("scarlet.lang.raw.export", "scarlet.lang.raw.naked") for d in names):
                out.append(program.function_of(item.func, None, {}))
    return out
