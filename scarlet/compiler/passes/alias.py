"""Aliases: a variable that is bound once, to what a parameter (or something static) keeps alive anyway, needs no reference of its own.

    frame = task.frame      # a frozen field of a parameter
    table = TABLE           # a Final variable

The same goes for copies of a variable that are made while an expression is evaluated. The caller holds the parameter until the function
returns, so the life of the object is the same as if the variable counted.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Op, Reg
from scarlet.compiler.passes.graph import targets


def run(body: Body) -> None:
    definitions: dict[Reg, list[tuple[Block, Op]]] = {}
    for block in body.blocks:
        for op in block.ops:
            if op.target is not None:
                definitions.setdefault(op.target, []).append((block, op))
    changed = True
    while changed:
        changed = False
        for reg, found in definitions.items():
            if reg.parameter or reg.borrowed or not reg.type.counted or not reg.type.pointer or len(found) != 1:
                continue
            block, op = found[0]
            if not isinstance(op, ir.Assign) or not isinstance(op.src, Reg) or not op.src.type.pointer:
                continue
            if (_is_kept(op.src, definitions) and _always_bound(body, reg, block, op)) if reg.variable else _is_bound(op.src):
                _make_alias(block, op, definitions)
                changed = True


def _is_kept(reg: Reg, definitions: dict[Reg, list[tuple[Block, Op]]]) -> bool:
    """Whether the value is alive until the function ends."""
    while reg.borrowed and not reg.parameter:
        if reg.owner is None:
            found = definitions.get(reg, [])
            return len(found) == 1 and isinstance(found[0][1], (ir.Literal, ir.GetGlobal, ir.EnumMember, ir.StaticClosure))
        reg = reg.owner
    return reg.parameter and reg not in definitions


def _is_bound(reg: Reg) -> bool:
    """Whether a variable or parameter keeps the value alive; refcount.py counts after all when that is assigned too early."""
    while reg.borrowed and not reg.parameter:
        if reg.owner is None:
            return False
        reg = reg.owner
    return reg.variable or reg.parameter


def _always_bound(body: Body, reg: Reg, home: Block, definition: Op) -> bool:
    """Whether no path from the entry meets a use before the definition."""
    seen = {body.blocks[0]}
    work = [body.blocks[0]]
    while work:
        block = work.pop()
        bound = False
        for op in block.ops:
            if op is definition:
                bound = True
                break
            if any(use is reg for use in op.registers()):
                return False
        if bound:
            # Exits of operations before the definition leave unbound.
            following = [op.raises for op in block.ops[: block.ops.index(definition)] if op.raises is not None]
        else:
            following = targets(block)
        for target in following:
            if target not in seen:
                seen.add(target)
                work.append(target)
    return True


def _make_alias(block: Block, op: ir.Assign, definitions: dict[Reg, list[tuple[Block, Op]]]) -> None:
    assert isinstance(op.src, Reg)
    copy = ir.Prim(op.dst, "cast", [op.src], op.dst.type)
    copy.line = op.line
    block.ops[block.ops.index(op)] = copy
    definitions[op.dst] = [(block, copy)]
    op.dst.variable = False
    op.dst.borrowed = True
    op.dst.owner = op.src
