"""Borrow inference: a load from a field or global that nothing can release while it is used need not be counted.

Followed along all paths: between the load and its uses no operation may release (releases.may_release), and no use may steal the
reference. It finds most of what frozen.py leaves: `self.queue.length`, `task.space.root`.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Reg
from scarlet.compiler.passes.graph import targets
from scarlet.compiler.passes.releases import may_release


def run(body: Body) -> None:
    users: dict[Reg, set[Block]] = {}
    definitions: dict[Reg, int] = {}
    dependents: dict[Reg, list[Reg]] = {}
    sources: dict[Block, list[Block]] = {}
    for block in body.blocks:
        for op in block.ops:
            for used in op.registers():
                users.setdefault(used, set()).add(block)
            if op.target is not None:
                definitions[op.target] = definitions.get(op.target, 0) + 1
                if op.target.borrowed and op.target.owner is not None:
                    dependents.setdefault(op.target.owner, []).append(op.target)
        for target in targets(block):
            sources.setdefault(target, []).append(block)
    for block in body.blocks:
        for index, op in enumerate(block.ops):
            reg = op.target
            if reg is None or reg.borrowed or reg.variable or not reg.type.counted or definitions[reg] != 1:
                continue
            if _is_load(op) and _is_safe(block, index, _family(reg, dependents), users, sources):
                reg.borrowed = True
                obj = op.obj if isinstance(op, ir.GetField) else None
                reg.owner = obj if isinstance(obj, Reg) else None
                if reg.owner is not None:
                    dependents.setdefault(reg.owner, []).append(reg)


def _is_load(op: ir.Op) -> bool:
    """From a field, a global or (list items) raw memory."""
    return isinstance(op, (ir.GetField, ir.GetGlobal)) or (isinstance(op, ir.Prim) and op.name in ("ptr_load", "from_address"))


def _family(reg: Reg, dependents: dict[Reg, list[Reg]]) -> set[Reg]:
    """The register and all that are borrowed from it."""
    family = {reg}
    work = [reg]
    while work:
        for other in dependents.get(work.pop(), []):
            if other not in family:
                family.add(other)
                work.append(other)
    return family


def _is_safe(home: Block, start: int, family: set[Reg], users: dict[Reg, set[Block]], sources: dict[Block, list[Block]]) -> bool:
    """Whether no use of the family can come after something that may release."""
    wanting: set[Block] = set()
    for reg in family:
        wanting |= users.get(reg, set())
    if wanting <= {home}:
        leading: set[Block] = set()
    else:
        leading = _leading_to(wanting - {home}, home, sources)
    seen: set[tuple[Block, bool]] = set()
    work: list[tuple[Block, int, bool]] = [(home, start + 1, False)]
    while work:
        block, first, danger = work.pop()
        following: list[tuple[Block, bool]] = []
        for op in block.ops[first:]:
            if any(reg in family for reg in op.registers()):
                # The operation itself may release while it still uses the object.
                if danger or may_release(op) or any(isinstance(item, Reg) and item in family for item in op.stolen()):
                    return False
            elif may_release(op):
                danger = True
            if op.raises is not None:
                following.append((op.raises, danger))
            if isinstance(op, ir.Terminator):
                following += [(successor, danger) for successor in op.successors()]
        for state in following:
            if state[0] in leading and state not in seen:
                seen.add(state)
                work.append((state[0], 0, state[1]))
    return True


def _leading_to(blocks: set[Block], home: Block, sources: dict[Block, list[Block]]) -> set[Block]:
    """The blocks from which one of these can be reached without passing the load again."""
    found = set(blocks)
    work = list(blocks)
    while work:
        for source in sources.get(work.pop(), []):
            if source is not home and source not in found:
                found.add(source)
                work.append(source)
    return found
