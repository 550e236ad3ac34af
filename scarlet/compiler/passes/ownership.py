"""Which registers hold counted references, and what keeps the value of each alive: the facts that reference counting rests on.

A *variable* owns what it holds until it is rebound or the function ends. A *temporary* is a register whose life is watched: one that is
owned, one that was borrowed and is counted after all (`converted`), or one that is borrowed from a variable which is assigned. Sets of
temporaries and of variables are integers, a bit for each.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Op, Operand, Reg

Fact = tuple[int, int, Block | None]
"""Of an operation: the temporaries it uses, those it defines, and its handler."""


class Ownership:
    """See the module docstring. `number` is called again when `converted` has grown."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.assigns: dict[Reg, int] = {}
        for block in body.blocks:
            for op in block.ops:
                if isinstance(op, ir.Assign):
                    self.assigns[op.dst] = self.assigns.get(op.dst, 0) + 1
        self.casts = _casts(body)
        self.converted: set[Reg] = set()
        self.temporaries: dict[Reg, int] = {}
        self.variables: dict[Reg, int] = {}
        self.known: dict[Reg, int] = {}
        self.facts: dict[Block, list[Fact]] = {}

    def root(self, reg: Reg) -> Reg | None:
        """What keeps the value of a register alive: itself if owned, else the end of its chain of owners."""
        while reg.borrowed and reg not in self.converted:
            if reg.owner is None:
                return None
            reg = reg.owner
        return reg

    def origin(self, reg: Reg) -> Reg:
        """The register of which this one is the same reference by another type."""
        while reg in self.casts and reg not in self.converted:
            reg = self.casts[reg]
        return reg

    def number(self) -> None:
        """Give each temporary and each variable its bit, and find the facts of all operations."""
        self.temporaries = {}
        self.variables = {}
        self.known = {}
        seen: list[Reg] = list(self.body.params)
        for block in self.body.blocks:
            for op in block.ops:
                if op.target is not None:
                    seen.append(op.target)
        for reg in seen:
            if not reg.type.counted:
                continue
            if reg.parameter:
                if self.assigns.get(reg):
                    self.variables.setdefault(reg, len(self.variables))
            elif reg.variable:
                self.variables.setdefault(reg, len(self.variables))
            elif not reg.borrowed or reg in self.converted or self._follows_variable(reg):
                self.temporaries.setdefault(reg, len(self.temporaries))
        ordered = sorted(self.variables, key=lambda reg: (not reg.parameter, reg.number))
        self.variables = {reg: index for index, reg in enumerate(ordered)}
        self.facts = {block: [(self.uses(op), self.defines(op), op.raises) for op in block.ops] for block in self.body.blocks}

    def _follows_variable(self, reg: Reg) -> bool:
        """Whether a borrowed register hangs on a variable that is assigned: its life is watched, for it must not outlast the value."""
        root = self.root(reg)
        return root is not None and (root.variable or root.parameter) and self.assigns.get(root, 0) > 0

    def owned(self, reg: Reg) -> bool:
        return reg in self.temporaries and (not reg.borrowed or reg in self.converted)

    def used(self, operand: Operand) -> int:
        """The temporaries that a use of this operand keeps alive."""
        if not isinstance(operand, Reg):
            return 0
        found = self.known.get(operand)
        if found is None:
            found = self.known[operand] = self._kept(operand) if operand.type.counted else 0
        return found

    def _kept(self, operand: Reg) -> int:
        bits = 0
        reg: Reg | None = operand
        while reg is not None:
            if reg in self.temporaries:
                bits |= 1 << self.temporaries[reg]
            if not reg.borrowed or reg in self.converted:
                break
            reg = reg.owner
        return bits

    def uses(self, op: Op) -> int:
        bits = 0
        for operand in op.operands():
            if isinstance(operand, Reg):
                bits |= self.used(operand)
        return bits

    def defines(self, op: Op) -> int:
        reg = op.target
        return 1 << self.temporaries[reg] if reg is not None and reg in self.temporaries else 0


def _casts(body: Body) -> dict[Reg, Reg]:
    """What is defined once, as another register by another type, and borrowed from it."""
    found: dict[Reg, Reg] = {}
    many: set[Reg] = set()
    for block in body.blocks:
        for op in block.ops:
            target = op.target
            if target is None:
                continue
            if target in found:
                many.add(target)
            elif isinstance(op, ir.Prim) and op.name == "cast" and target.borrowed and isinstance(op.args[0], Reg):
                source = op.args[0]
                if target.owner is source and target.type.counted and target.type.pointer and source.type.pointer:
                    found[target] = source
    return {reg: source for reg, source in found.items() if reg not in many}
