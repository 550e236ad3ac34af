"""Generators: a function with yield becomes a class whose __next__ resumes where it left off.

The body is lowered as the __next__ of a generated class. Then every register that must survive a yield, and every variable, is moved into
a field of the generator object (spill.py), and the entry jumps to the block after the last yield.
"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import dispatch, ir
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower.context import Lowerer, Variable, expression
from scarlet.compiler.lower.spill import spill
from scarlet.compiler.program import Class, Function, Param, mangle
from scarlet.compiler.types import BOOL, INT, NONE, ObjectType, Type
from scarlet.compiler.walk import walk

CLOSING = "closing"
"""The field that says that the object is being dropped."""


def yield_statement(low: Lowerer, node: n.YieldExpr | n.YieldFromExpr) -> None:
    """`yield value` and `yield from iterable`."""
    kind = low.function.result
    if isinstance(node, n.YieldFromExpr):
        from scarlet.compiler.lower.iteration import cursor_for, loop_cursor

        loop_cursor(low, cursor_for(low, node.expr), lambda onward, value: emit_yield(low, low.coerce(value, kind)))
        return
    emit_yield(low, low.expr_as(node.expr, kind) if node.expr is not None else Imm(None, NONE))


@expression(n.YieldExpr, n.YieldFromExpr)
def yield_value(low: Lowerer, node: n.Expression, want: Type | None) -> Operand:
    raise low.refuse("yield as a value is outside the dialect", "a generator that only gives values", node)


def emit_yield(low: Lowerer, value: Operand) -> None:
    resume = low.new_block("resume")
    low.emit(ir.Yield(value, resume))
    low.start(resume)
    if low.generator is not None and "__del__" in low.generator[1].methods:
        # A generator with try or with that is dropped while suspended, here or elsewhere, goes on as if the yield had raised.
        receiver, cls = low.generator
        closing, onward = low.new_block("closing"), low.new_block("resumed")
        flag = low.temp(BOOL)
        low.emit(ir.GetField(flag, receiver, cls, CLOSING))
        low.branch(flag, closing, onward, 0)
        low.start(closing)
        low.raise_new("GeneratorExit")
        low.start(onward)


def finish_generator(low: Lowerer) -> None:
    """The end of the body: locals die, and every further next() raises StopIteration."""
    low.prim("end_generator", [], NONE)
    handler, cleanups, low.handler, low.cleanups = low.handler, low.cleanups, None, []
    low.raise_new("StopIteration")
    low.handler, low.cleanups = handler, cleanups


def lower_generator(low: Lowerer, function: Function) -> ir.Body:
    """The body of the function itself: make the generator object. Its __next__ is queued."""
    program = low.program
    iterator = function.result
    assert isinstance(iterator, ObjectType)
    item = iterator.cls.args[0]
    fields: dict[str, Type] = {"state": INT, CLOSING: BOOL}
    sources: list[tuple[str, Reg]] = []
    node = function.node
    assert isinstance(node, n.FuncDef)
    for symbol, variable in low.variables.items():
        reg = variable if isinstance(variable, Reg) else variable.cell
        name = f"p{len(sources)}_{mangle(symbol.name)}"
        fields[name] = reg.type
        sources.append((name, reg))
    cls = program.generated_class(("generator", function), f"{function.name}.generator", function.module, fields, construct=False)
    step = Function(
        f"{function.name}.__next__",
        program.unique(f"{function.cname}__next"),
        function.module,
        function.file,
        function.line,
        [Param("self", ObjectType(cls))],
        item,
        function.env,
        node,
        function.owner,
    )
    step.is_generator = True
    variables = dict(low.variables)
    step.build = lambda target: build_step(low, target, cls, variables, [name for name, _ in sources])
    again = Function(
        f"{function.name}.__iter__",
        program.unique(f"{function.cname}__iter"),
        function.module,
        function.file,
        function.line,
        [Param("self", ObjectType(cls))],
        iterator,
        {},
        None,
        None,
    )
    again.build = lambda target: build_identity(low, target, cls)
    cls.methods = {"__next__": step, "__iter__": again}
    if any(isinstance(item, (n.TryStmt, n.WithStmt)) for item in walk(node)):
        close = Function(
            f"{function.name}.__del__",
            program.unique(f"{function.cname}__close"),
            function.module,
            function.file,
            function.line,
            [Param("self", ObjectType(cls))],
            NONE,
            {},
            None,
            None,
        )
        close.build = lambda target: build_close(low, target, cls, step)
        cls.methods["__del__"] = close
        program.enqueue(close)
    dispatch.construct(program, cls)
    program.enqueue(step)
    program.enqueue(again)
    obj = low.temp(ObjectType(cls))
    low.emit(ir.Allocate(obj, cls, None, program.function_named("scarlet.runtime.heap.out_of_memory"), low.exception_target()))
    for name, reg in sources:
        low.emit(ir.SetField(obj, cls, name, reg, True))
    low.emit(ir.Return(low.coerce(obj, iterator)))
    return low.finish(checked=False)


def build_identity(outer: Lowerer, function: Function, cls: Class) -> ir.Body:
    low = Lowerer(outer.program, function)
    receiver = low.temp(ObjectType(cls), "self")
    receiver.parameter = receiver.variable = True
    low.emit(ir.Return(low.coerce(receiver, function.result)))
    return low.finish()


def build_close(outer: Lowerer, function: Function, cls: Class, step: Function) -> ir.Body:
    """The end of a generator dropped while suspended: resume it with an exception so that its cleanups run."""
    low = Lowerer(outer.program, function)
    receiver = low.temp(ObjectType(cls), "self")
    receiver.parameter = receiver.variable = True
    state = low.temp(INT)
    low.emit(ir.GetField(state, receiver, cls, "state"))
    suspended, end = low.new_block("suspended"), low.new_block("end")
    low.branch(low.prim("gt", [state, Imm(0, INT)], BOOL), suspended, end)
    low.start(suspended)
    low.emit(ir.SetField(receiver, cls, CLOSING, Imm(True, BOOL)))
    swallowed = low.new_block("swallowed")
    low.handler = swallowed
    low.emit_call(step, [receiver])
    low.handler = None
    low.goto(end)
    low.start(swallowed)
    error = low.temp(low.program.exception_class("BaseException").type)
    low.emit(ir.Catch(error))
    low.goto(end)
    low.start(end)
    low.emit(ir.Return(None))
    return low.finish()


def build_step(outer: Lowerer, function: Function, cls: Class, variables: dict[n.SymbolNode, Variable], names: list[str]) -> ir.Body:
    """Lower the body as __next__, then move what must survive into the generator object."""
    from scarlet.compiler.lower.context import CellVariable

    low = Lowerer(outer.program, function)
    low.cell_names = outer.cell_names
    low.copy_reads = outer.copy_reads
    low.nested = outer.nested
    low.given = outer.given
    receiver = low.temp(ObjectType(cls), "generator")
    receiver.parameter = True
    low.generator = (receiver, cls)
    frame: dict[Reg, str] = {}
    for (symbol, variable), name in zip(variables.items(), names):
        kind = cls.fields[name]
        reg = low.temp(kind, "v_" + symbol.name)
        reg.variable = True
        frame[reg] = name
        if symbol in low.given or not isinstance(symbol, n.Var):
            low.bound.add(reg)
        low.variables[symbol] = CellVariable(reg, variable.type) if isinstance(variable, CellVariable) else reg
    entry = low.block
    start = low.new_block("start")
    low.start(start)
    node = function.node
    assert isinstance(node, n.FuncDef)
    low.body(node.body)
    if not low.dead:
        finish_generator(low)
    body = low.finish()
    spill(low, body, entry, start, receiver, cls, frame)
    return body
