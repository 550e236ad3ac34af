"""Borrow inference: a load from a field, global or tuple that nothing can release while it is used need not be counted.

Only loads whose uses are all in the block of the load are looked at; between the load and the last use no operation may release (releases.may_release),
and no use may steal the reference. Cheap, and it finds most of what there is: `self.queue.length`, `task.space.root`.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Body, Op, Reg
from scarlet.compiler.passes.releases import may_release


def run(body: Body) -> None:
    homes: dict[Reg, set[int]] = {}
    definitions: dict[Reg, int] = {}
    dependents: dict[Reg, list[Reg]] = {}
    for number, block in enumerate(body.blocks):
        for op in block.ops:
            for reg in op.registers():
                homes.setdefault(reg, set()).add(number)
            if op.target is not None:
                definitions[op.target] = definitions.get(op.target, 0) + 1
                if op.target.borrowed and op.target.owner is not None:
                    dependents.setdefault(op.target.owner, []).append(op.target)
    for number, block in enumerate(body.blocks):
        for index, op in enumerate(block.ops):
            reg = op.target
            if reg is None or reg.borrowed or reg.variable or not reg.type.counted or definitions[reg] != 1:
                continue
            if isinstance(op, (ir.GetField, ir.GetGlobal)) and _is_safe(block.ops, index, number, _family(reg, dependents), homes):
                reg.borrowed = True
                obj = op.obj if isinstance(op, ir.GetField) else None
                reg.owner = obj if isinstance(obj, Reg) else None


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


def _is_safe(ops: list[Op], start: int, number: int, family: set[Reg], homes: dict[Reg, set[int]]) -> bool:
    if any(homes.get(reg, set()) - {number} for reg in family):
        return False
    danger = False
    for op in ops[start + 1 :]:
        if any(reg in family for reg in op.registers()):
            if danger:
                return False
            if any(isinstance(item, Reg) and item in family for item in op.stolen()):
                return False
            # The operation itself may release while it still uses the object.
            if may_release(op):
                return False
        elif may_release(op):
            danger = True
    return True
