"""Inlining: calls of small functions are replaced by their operations, so that the passes after this one see through them.

What is copied: functions without handlers, without counted variables (a variable lives until its function ends, and that end would move)
and without assignments to parameters. An exception goes where the call's would have gone; `origin` remembers where an operation was
written, for tracebacks.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Operand, Reg
from scarlet.compiler.program import Function, Program
from scarlet.compiler.types import PointerType

LIMIT = 12
"""The largest number of operations of a function that is copied; what only raises an exception is not among them."""
WANTED_LIMIT = 30
"""The same for functions declared @inline."""
RARE_LIMIT = 12
"""The same for what only raises an exception: one with a text that is put together stays where it is."""
GROWTH = 4000
"""A caller is not made larger than this."""

PLAIN = (
    ir.Assign, ir.Prim, ir.Checked, ir.Call, ir.CallMethod, ir.GetField, ir.SetField, ir.GetGlobal, ir.SetGlobal, ir.Literal,
    ir.MakeTuple, ir.TupleGet, ir.InstanceOf, ir.ClassRecord, ir.EnumMember, ir.StaticClosure, ir.Goto, ir.Branch, ir.Return, ir.Raise,
    ir.Unreachable,
)  # fmt: skip
FREE = ("cast", "retype", "likely", "unlikely", "keep")
"""Primitives that become no instruction."""
TIED = ("frame_pointer", "return_address", "stack_pointer")
"""Primitives that mean the function they stand in."""


class Inliner:
    """Knows which functions are copied, and puts their copies in the place of calls.

    What is copied is grown first, callees before their callers, when an Inliner is made. Others are grown when their code is wanted
    (`expand`); nothing that is found out about one of them depends on another's having been.
    """

    def __init__(self, program: Program) -> None:
        self.patterns: dict[Function, Body] = {}
        """What is copied, as it is before the passes after this one."""
        self.grown: set[Function] = set()
        small = {function for function in program.lowered if function.body is not None and _is_small(function, function.body)}
        for function in program.lowered:
            if function in small:
                self._visit(function, small)

    def _visit(self, start: Function, small: set[Function]) -> None:
        stack: list[tuple[Function, bool]] = [(start, False)]
        seen: set[Function] = set()
        while stack:
            function, ready = stack.pop()
            body = function.body
            assert body is not None
            if ready:
                self.expand(function)
                if _is_small(function, body):
                    self.patterns[function] = body
            elif function in small and function not in self.grown and function not in seen:
                seen.add(function)
                stack.append((function, True))
                calls = [op for block in body.blocks for op in block.ops if isinstance(op, ir.Call)]
                stack += [(call.function, False) for call in calls if call.function in small]

    def expand(self, caller: Function) -> None:
        """Copy what is to be copied into a function, once."""
        body = caller.body
        if body is None or caller in self.grown:
            return
        self.grown.add(caller)
        size = sum(len(block.ops) for block in body.blocks)
        out: list[Block] = []
        for block in body.blocks:
            out.append(block)
            current = block
            ops, block.ops = block.ops, []
            for op in ops:
                if isinstance(op, ir.Call) and op.function is not caller and size < GROWTH and self.suits(op):
                    size += LIMIT
                    made, current = _copy(body, current, op, self.patterns[op.function])
                    out += made
                else:
                    current.ops.append(op)
        body.blocks = out

    def suits(self, call: ir.Call) -> bool:
        """Whether a call is replaced by a copy."""
        if call.function not in self.patterns or (call.dst is not None and (call.dst.variable or call.dst.borrowed)):
            return False
        return call.handler is not None or not call.function.may_raise

    def keep(self, function: Function) -> None:
        """What is copied stays as it is, whatever is done to the function from now on."""
        if self.patterns.get(function) is function.body is not None:
            function.body = _duplicate(function.body)


def _is_small(function: Function, body: Body) -> bool:
    """Whether a function may be copied to calls of it."""
    if function.noinline or function.export or function.section or function.cold:
        return False
    if function.closure or function.is_generator or function.plain_abi:
        return False
    size = rare_size = 0
    limit = WANTED_LIMIT if function.inline else LIMIT
    for block in body.blocks:
        if _propagates(block):
            continue
        rare = isinstance(block.ops[-1], ir.Raise)
        for op in block.ops:
            if not isinstance(op, PLAIN) or (isinstance(op, ir.Prim) and op.name in TIED):
                return False
            handler = op.handler if isinstance(op, ir.Raise) else op.raises
            if handler is not None and not _propagates(handler):
                return False
            target = op.target
            if target is not None and (target.parameter or (target.variable and target.type.counted)):
                return False
            if isinstance(op, ir.Goto) or (isinstance(op, ir.Prim) and op.name in FREE):
                continue
            size += not rare
            rare_size += rare
            if size > limit or rare_size > RARE_LIMIT:
                return False
    return True


def copied_blocks(callee: Body) -> list[Block]:
    """What of a function is in its copies: an exception that it only passes on goes its way there without it."""
    return [block for block in callee.blocks if not _propagates(block)]


def _propagates(block: Block) -> bool:
    """Whether a block only passes the exception on to the caller."""
    ops = block.ops
    return len(ops) == 2 and isinstance(ops[0], ir.Catch) and isinstance(ops[1], ir.Raise) and ops[1].handler is None


def _copy(body: Body, before: Block, call: ir.Call, callee: Body) -> tuple[list[Block], Block]:
    """Append a copy of the callee to a block. Gives the blocks made and the one in which the caller goes on."""
    function = call.function
    sources = copied_blocks(callee)
    mapping = _arguments(body, before, call, callee)
    returns = [op for block in sources for op in block.ops if isinstance(op, ir.Return)]
    for block in sources:
        for op in block.ops:
            if op.target is not None and op.target not in mapping:
                mapping[op.target] = _clone(body, op.target)
    result = _result(call, callee, returns, mapping)
    for reg in list(mapping):
        image = mapping[reg]
        if not reg.parameter and isinstance(image, Reg) and reg.borrowed and image.borrowed:
            owner = mapping.get(reg.owner, reg.owner) if reg.owner is not None else None
            image.owner = owner if isinstance(owner, Reg) else None
    leaf = function.name.rpartition(".")[2]
    blocks = {block: Block(f"{block.name}.{leaf}") for block in sources}
    blocks[sources[0]] = before
    straight = len(sources) == 1 and isinstance(sources[0].ops[-1], ir.Return)
    after = before if straight else Block(f"after.{leaf}")
    for block in sources:
        into = blocks[block]
        for op in block.ops:
            for new in _copy_op(op, call, mapping, blocks, None if straight else after, result):
                new.line = call.line
                if new.origin is None:
                    new.origin = op.origin or (function.file, op.line)
                into.ops.append(new)
    made = [blocks[block] for block in sources[1:]]
    if after is not before:
        made.append(after)
    kept = [arg for arg in call.args if isinstance(arg, Reg) and arg.type.counted and not arg.parameter and not arg.variable]
    if kept and _acts(sources):
        after.ops.append(_keep(kept, call))
        # The copy may hold addresses inside its arguments (raw.payload), which must live until it raises as well.
        for block in sources:
            if isinstance(block.ops[-1], ir.Raise):
                blocks[block].ops.insert(-1, _keep(kept, call))
    return made, after


def _keep(kept: list[Reg], call: ir.Call) -> ir.Prim:
    keep = ir.Prim(None, "keep", list(kept))
    keep.line = call.line
    return keep


def _acts(sources: list[Block]) -> bool:
    """Whether the copy does something whose order with the end of an argument's life can be seen, or goes to memory by an address that may
    lie inside an argument."""
    return any(
        isinstance(op, (ir.Call, ir.CallMethod, ir.SetField, ir.SetGlobal)) or _goes_to_memory(op) for block in sources for op in block.ops
    )


def _goes_to_memory(op: ir.Op) -> bool:
    return isinstance(op, ir.Prim) and any(isinstance(arg.type, PointerType) for arg in op.args)


def _arguments(body: Body, before: Block, call: ir.Call, callee: Body) -> dict[Reg, Operand]:
    mapping: dict[Reg, Operand] = {}
    for param, arg in zip(callee.params, call.args):
        if isinstance(arg, Reg) and arg.type != param.type:
            cast = _clone(body, param)
            cast.variable = False
            cast.borrowed = param.type.counted
            cast.owner = arg if param.type.counted else None
            conversion = ir.Prim(cast, "cast" if param.type.pointer else "retype", [arg], param.type)
            conversion.line = call.line
            before.ops.append(conversion)
            mapping[param] = cast
        else:
            mapping[param] = arg
    return mapping


def _clone(body: Body, reg: Reg) -> Reg:
    new = Reg(reg.name, reg.type, reg.variable, False, reg.borrowed, None, len(body.registers))
    body.registers.append(new)
    return new


def _result(call: ir.Call, callee: Body, returns: list[ir.Return], mapping: dict[Reg, Operand]) -> Reg | None:
    """The register that a Return assigns to; None when there is nothing to assign (any more)."""
    dst = call.dst
    if dst is None or len(returns) != 1:
        return dst
    value = returns[0].value
    if isinstance(value, Reg) and not value.parameter and not value.variable and value.type == dst.type:
        definitions = sum(1 for block in callee.blocks for op in block.ops if op.target is value)
        if definitions == 1:
            # The callee's register is the caller's: nothing to copy, nothing to count.
            dst.borrowed = value.borrowed
            mapping[value] = dst
            return None
    return dst


def _copy_op(
    op: ir.Op, call: ir.Call, mapping: dict[Reg, Operand], blocks: dict[Block, Block], after: Block | None, result: Reg | None
) -> list[ir.Op]:
    """The operations that stand for one of the callee; `after` is None in a copy that falls through to what follows."""
    if isinstance(op, ir.Return):
        out: list[ir.Op] = []
        if result is not None:
            value = op.value if op.value is not None else ir.Imm(None, result.type)
            out.append(ir.Assign(result, mapping[value] if isinstance(value, Reg) else value))
        if after is not None:
            out.append(ir.Goto(after))
        return out
    new = op.copy()
    if isinstance(new, ir.Goto):
        new.to = blocks[new.to]
        return [new]
    if isinstance(new, ir.Branch):
        new.then, new.orelse = blocks[new.then], blocks[new.orelse]
    new.replace(mapping)
    if isinstance(op, ir.Raise):
        assert isinstance(new, ir.Raise)
        new.handler = call.handler
        return [new]
    if op.target is not None:
        new.dst = mapping[op.target]  # type: ignore[attr-defined]
    if op.raises is not None:
        new.handler = call.handler  # type: ignore[attr-defined]
    return [new]


def _duplicate(body: Body) -> Body:
    """The same code again, of operations, blocks and registers of its own."""
    registers: dict[Reg, Operand] = {}
    mine: list[Reg] = []

    def own(reg: Reg) -> Reg:
        found = registers.get(reg)
        if found is None:
            found = registers[reg] = Reg(reg.name, reg.type, reg.variable, reg.parameter, reg.borrowed, None, reg.number)
            found.owner = own(reg.owner) if reg.owner is not None else None
        assert isinstance(found, Reg)
        return found

    mine = [own(reg) for reg in body.registers]
    parameters = [own(reg) for reg in body.params]
    blocks = {block: Block(block.name, [], block.number) for block in body.blocks}
    for block, new in blocks.items():
        for op in block.ops:
            for reg in op.registers():
                own(reg)
            if op.target is not None:
                own(op.target)
            copy = op.copy()
            copy.replace(registers)
            for name in type(op).__slots__:
                value = getattr(op, name)
                if isinstance(value, Block):
                    setattr(copy, name, blocks[value])
                elif name == "dst" and value is not None:
                    setattr(copy, name, own(value))
            new.ops.append(copy)
    return Body(parameters, body.result, list(blocks.values()), mine, body.file)
