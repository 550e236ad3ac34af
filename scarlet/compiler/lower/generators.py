"""Generators: a function with yield becomes a class whose __next__ resumes where it left off.

The body is lowered as the __next__ of a generated class. Then every register that must survive a yield, and every variable, is moved into
a field of the
generator object (`spill`), and the entry jumps to the block after the last yield.
"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Imm, Op, Operand, Reg
from scarlet.compiler.lower.context import Lowerer, Variable, expression
from scarlet.compiler.program import Class, Function, Param, mangle
from scarlet.compiler.types import BOOL, INT, NONE, ObjectType, Type
from scarlet.compiler.walk import walk

FINISHED = -1
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
    handler, low.handler = low.handler, None
    low.raise_new("StopIteration")
    low.handler = handler


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
    program.construct(cls)
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


def _liveness(body: ir.Body) -> dict[Block, list[set[Reg]]]:
    """For each block what is live before each of its operations, what keeps a borrowed value alive included."""
    first: dict[Block, set[Reg]] = {block: set() for block in body.blocks}
    before: dict[Block, list[set[Reg]]] = {}
    changed = True
    while changed:
        changed = False
        for block in reversed(body.blocks):
            current: set[Reg] = set()
            last = block.ops[-1] if block.ops else None
            if isinstance(last, ir.Terminator):
                for successor in last.successors():
                    current |= first.get(successor, set())
            found: list[set[Reg]] = []
            for op in reversed(block.ops):
                if op.target is not None:
                    current.discard(op.target)
                for reg in op.registers():
                    owner: Reg | None = reg
                    while owner is not None:
                        current.add(owner)
                        owner = owner.owner if owner.borrowed else None
                if op.raises is not None:
                    current |= first.get(op.raises, set())
                found.append(set(current))
            before[block] = found[::-1]
            if current != first[block]:
                first[block] = current
                changed = True
    return before


def spill(low: Lowerer, body: ir.Body, entry: Block, start: Block, receiver: Reg, cls: Class, frame: dict[Reg, str]) -> None:
    before = _liveness(body)
    variables = {reg for reg in body.registers if reg.variable}
    surviving = set(variables)
    for block in body.blocks:
        for op in block.ops:
            if isinstance(op, ir.Yield):
                surviving |= before[op.to][0]
    surviving.discard(receiver)
    for reg in body.registers:
        if reg in surviving and reg not in frame and not reg.parameter:
            name = f"f{len(frame)}_{mangle(reg.name)}"
            frame[reg] = name
            cls.fields[name] = reg.type
    ending = _ends(body, before, [reg for reg in frame if reg.type.counted and reg not in variables])
    resumes: list[Block] = []
    for block in body.blocks:
        if block is not entry:
            ops = []
            for op in block.ops:
                ops += _spill_op(low, op, receiver, cls, frame, resumes)
                ops += [_clear(op, receiver, cls, frame[reg], reg) for reg in ending.get(op, [])]
            here = 1 if ops and isinstance(ops[0], ir.Catch) else 0
            ops[here:here] = [_clear(ops[0], receiver, cls, frame[reg], reg) for reg in ending.get(block, [])]
            block.ops = ops
    _dispatch(low, entry, start, receiver, cls, resumes)
    body.registers = low.registers


def _clear(place: Op, receiver: Reg, cls: Class, name: str, reg: Reg) -> Op:
    op = ir.SetField(receiver, cls, name, Imm(None, reg.type))
    op.line = place.line
    return op


def _ends(body: ir.Body, before: dict[Block, list[set[Reg]]], kept: list[Reg]) -> dict[Op | Block, list[Reg]]:
    """After which operations, and at the beginning of which blocks, a value without a name that lives in a field is not needed any more:
    an iterator must not outlive its loop."""
    found: dict[Op | Block, list[Reg]] = {}

    def entering(target: Block, live: set[Reg]) -> None:
        here = found.setdefault(target, [])
        needed = before[target][0] if before[target] else set()
        here += [reg for reg in kept if reg in live and reg not in needed and reg not in here]

    for block in body.blocks:
        lives = before[block]
        for index, op in enumerate(block.ops):
            if op.raises is not None:
                entering(op.raises, lives[index])
            if isinstance(op, ir.Terminator):
                for target in op.successors():
                    entering(target, lives[index])
            else:
                after = lives[index + 1] if index + 1 < len(lives) else set()
                ended = [reg for reg in kept if (reg in lives[index] or reg is op.target) and reg not in after]
                if ended:
                    found[op] = ended
    return found


def _spill_op(low: Lowerer, op: Op, receiver: Reg, cls: Class, frame: dict[Reg, str], resumes: list[Block]) -> list[Op]:
    out: list[Op] = []

    def add(new: Op) -> None:
        new.line = op.line
        out.append(new)

    if isinstance(op, ir.Prim) and op.name == "end_generator":
        add(ir.SetField(receiver, cls, "state", Imm(FINISHED, INT)))
        for reg, name in frame.items():
            if reg.type.counted:
                add(ir.SetField(receiver, cls, name, Imm(None, reg.type)))
        return out
    mapping: dict[Reg, Operand] = {}
    for reg in list(op.registers()):
        if reg in frame and reg not in mapping:
            loaded = low.temp(reg.type)
            add(ir.GetField(loaded, receiver, cls, frame[reg]))
            mapping[reg] = loaded
    if mapping:
        op.replace(mapping)
    target = op.target
    if target is not None and target.owner is not None and target.owner in frame:
        replaced = mapping.get(target.owner)
        target.owner = replaced if isinstance(replaced, Reg) else None
    if isinstance(op, ir.Yield):
        resumes.append(op.to)
        add(ir.SetField(receiver, cls, "state", Imm(len(resumes), INT)))
        add(ir.Return(op.value if op.value.type != NONE else None))
        return out
    if isinstance(op, ir.Raise) and op.handler is None:
        add(ir.SetField(receiver, cls, "state", Imm(FINISHED, INT)))
        for reg, name in frame.items():
            if reg.type.counted:
                add(ir.SetField(receiver, cls, name, Imm(None, reg.type)))
    if target is not None and target in frame:
        fresh = low.temp(target.type)
        fresh.borrowed, fresh.owner = target.borrowed, target.owner
        op.dst = fresh  # type: ignore[attr-defined]
        out.append(op)
        add(ir.SetField(receiver, cls, frame[target], fresh))
        return out
    out.append(op)
    return out


def _dispatch(low: Lowerer, entry: Block, start: Block, receiver: Reg, cls: Class, resumes: list[Block]) -> None:
    """The entry of __next__: go on after the yield that was left last."""
    entry.ops = []
    state = low.temp(INT)
    blocks = low.blocks
    low.block = entry
    low.handler = None
    low.emit(ir.GetField(state, receiver, cls, "state"))
    for number, target in enumerate([start, *resumes]):
        onward = low.new_block("state")
        low.branch(low.prim("eq", [state, Imm(number, INT)], BOOL), target, onward)
        onward.number = len(blocks)
        onward.name = f"state.{onward.number}"
        blocks.append(onward)
        low.block = onward
    error = low.temp(low.program.exception_class("BaseException").type)
    from scarlet.compiler.lower.synthesis import thrower

    low.emit(ir.Call(error, thrower(low.program, "StopIteration", ""), [low.site()], None))
    low.emit(ir.Raise(error, None))
