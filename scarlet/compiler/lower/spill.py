"""What of a generator survives a yield: variables and live registers move from the body of its `__next__` into fields of its object."""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Imm, Op, Operand, Reg
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.program import Class, mangle
from scarlet.compiler.types import BOOL, INT, NONE

FINISHED = -1


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
