"""Borrow inference: a load from a field or global that nothing can release while it is used need not be counted.

Followed along all paths: between the load and its uses no operation may release (releases.may_release), no temporary may die whose end
could (ends.py), and no use may steal the reference. It finds most of what frozen.py leaves: `self.queue.length`, `task.space.root`.

Where temporaries die is known from their liveness, as the refcount pass will see it. A borrowed load has no end of its own and lengthens
the life of what it is borrowed from, so the loads decide about one another: the greatest set of loads is taken that are safe together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Reg
from scarlet.compiler.passes.ends import Ends
from scarlet.compiler.passes.graph import targets
from scarlet.compiler.passes.releases import may_release

SHARED = (ir.GetGlobal, ir.Literal, ir.EnumMember, ir.StaticClosure)
"""What defines a register that something outside the function keeps alive, as long as no code runs that changes globals."""


@dataclass
class _Load:
    """A load that may be safe."""

    block: Block
    index: int
    reg: Reg


@dataclass
class _Deaths:
    """After which operations of a block, and on which ways out, temporaries die whose end may matter (bit sets over _Borrower.mortal)."""

    after: dict[int, int] = field(default_factory=dict)
    failing: dict[int, int] = field(default_factory=dict)
    leaving: dict[Block, int] = field(default_factory=dict)


def run(body: Body, ends: Ends) -> None:
    if any(_is_load(op) and op.target is not None and op.target.type.counted for block in body.blocks for op in block.ops):
        _Borrower(body, ends).borrow()


class _Borrower:
    def __init__(self, body: Body, ends: Ends) -> None:
        self.body = body
        self.users: dict[Reg, set[Block]] = {}
        self.definitions: dict[Reg, list[ir.Op]] = {}
        self.dependents: dict[Reg, list[Reg]] = {}
        self.sources: dict[Block, list[Block]] = {}
        for block in body.blocks:
            for op in block.ops:
                for used in op.registers():
                    self.users.setdefault(used, set()).add(block)
                if op.target is not None:
                    self.definitions.setdefault(op.target, []).append(op)
                    if op.target.borrowed and op.target.owner is not None:
                        self.dependents.setdefault(op.target.owner, []).append(op.target)
            for target in targets(block):
                self.sources.setdefault(target, []).append(block)
        self.mortal: dict[Reg, int] = {}
        self.acting = 0
        for reg in self.definitions:
            if reg.type.counted and not (reg.variable or reg.parameter) and ends.holds(reg.type):
                self.mortal[reg] = 1 << len(self.mortal)
                if ends.acts(reg.type):
                    self.acting |= self.mortal[reg]
        self.deaths: dict[Block, _Deaths] = {}

    def borrow(self) -> None:
        """Mark the loads that need not be counted: all at first, then not those that prove unsafe, until none does."""
        loads = self._candidates()
        for load in loads:
            load.reg.borrowed, load.reg.owner = True, _owner(load.block.ops[load.index])
        frozen = self._frozen_loads()
        again = bool(loads or frozen)
        while again:
            self._find_deaths()
            unsafe = [load for load in loads if self._delays(load.reg) or not self._is_safe(load.block, load.index, load.reg)]
            delaying = [reg for reg in frozen if self._delays(reg)]
            touched = [reg for load in unsafe for reg in (load.reg, self._root(load.reg))] + delaying
            loads = [load for load in loads if load not in unsafe]
            frozen = [reg for reg in frozen if reg not in delaying]
            for reg in [load.reg for load in unsafe] + delaying:
                reg.borrowed, reg.owner = False, None
            # Others are touched when a temporary with an end of its own appears, or dies earlier now.
            again = any(reg in self.mortal for reg in touched)

    def _frozen_loads(self) -> list[Reg]:
        """What frozen.py has borrowed from the object it was loaded from."""
        found = []
        for block in self.body.blocks:
            for op in block.ops:
                if isinstance(op, ir.GetField) and op.dst.borrowed and op.dst.owner is op.obj and len(self.definitions[op.dst]) == 1:
                    found.append(op.dst)
        return found

    def _delays(self, reg: Reg) -> bool:
        """Whether a value is borrowed from a temporary whose end runs code: that must not wait for the last use of the value."""
        return reg.borrowed and bool(self._bit(self._root(reg)) & self.acting)

    def _candidates(self) -> list[_Load]:
        found = []
        for block in self.body.blocks:
            for index, op in enumerate(block.ops):
                reg = op.target
                if reg is None or reg.borrowed or reg.variable or not reg.type.counted or len(self.definitions[reg]) != 1:
                    continue
                if _is_load(op):
                    found.append(_Load(block, index, reg))
        return found

    # --- where temporaries die -------------------------------------------------------------------------------------------

    def _root(self, reg: Reg) -> Reg:
        """The end of the chain of what a register is borrowed from."""
        while reg.borrowed and reg.owner is not None:
            reg = reg.owner
        return reg

    def _used(self, op: ir.Op) -> int:
        bits = 0
        for reg in op.registers():
            bits |= self._bit(self._root(reg))
        return bits

    def _bit(self, reg: Reg | None) -> int:
        return self.mortal.get(reg, 0) if reg is not None and not reg.borrowed else 0

    def _find_deaths(self) -> None:
        """Liveness of the mortal temporaries, and from it the places of their ends."""
        self.deaths = {}
        if not self.mortal:
            return
        uses = {block: [self._used(op) for op in block.ops] for block in self.body.blocks}
        live_in = dict.fromkeys(self.body.blocks, 0)
        work = list(self.body.blocks)
        waiting = set(work)
        while work:
            block = work.pop()
            waiting.discard(block)
            live = self._at_end(block, live_in)
            for op, used in zip(reversed(block.ops), reversed(uses[block])):
                live = live & ~self._defined(op) | used
                if op.raises is not None:
                    live |= live_in[op.raises]
            if live != live_in[block]:
                live_in[block] = live
                for source in self.sources.get(block, []):
                    if source not in waiting:
                        waiting.add(source)
                        work.append(source)
        for block in self.body.blocks:
            self.deaths[block] = self._deaths_in(block, uses[block], live_in)

    @staticmethod
    def _at_end(block: Block, live_in: dict[Block, int]) -> int:
        live = 0
        last = block.ops[-1]
        if isinstance(last, ir.Terminator):
            for successor in last.successors():
                live |= live_in[successor]
        return live

    def _defined(self, op: ir.Op) -> int:
        return self._bit(op.target)

    def _deaths_in(self, block: Block, uses: list[int], live_in: dict[Block, int]) -> _Deaths:
        found = _Deaths()
        live = self._at_end(block, live_in)
        for index in range(len(block.ops) - 1, -1, -1):
            op = block.ops[index]
            before = live & ~self._defined(op) | uses[index]
            if op.raises is not None:
                before |= live_in[op.raises]
                failing = before & ~live_in[op.raises]
                if failing:
                    found.failing[index] = failing
            if isinstance(op, ir.Terminator):
                for successor in op.successors():
                    found.leaving[successor] = before & ~live_in[successor]
            else:
                given = 0
                for operand in op.stolen():
                    if isinstance(operand, Reg):
                        given |= self._bit(operand)
                dying = (before | self._defined(op)) & ~live & ~given
                if dying:
                    found.after[index] = dying
            live = before
        return found

    # --- the question ----------------------------------------------------------------------------------------------------

    def _family(self, reg: Reg) -> set[Reg]:
        """The register and what other passes have borrowed from it. (A load from it that is borrowed here is safe by itself: where nothing
        ends the life of a field's value, nothing ends that of the object.)"""
        family = {reg}
        work = [reg]
        while work:
            for other in self.dependents.get(work.pop(), []):
                if other not in family:
                    family.add(other)
                    work.append(other)
        return family

    def _danger(self, reg: Reg) -> int:
        """The temporaries whose end may be the end of what was loaded: those that run code, and, when nothing that this function knows
        of keeps it alive (an item of a list), all that hold references."""
        root = self._root(reg)
        if root.parameter or root.variable or not root.borrowed:
            return self.acting
        definitions = self.definitions.get(root, [])
        return self.acting if definitions and all(isinstance(op, (*SHARED, ir.GetField)) for op in definitions) else -1

    def _is_safe(self, home: Block, start: int, reg: Reg) -> bool:
        """Whether no use of the family can come after something that may release."""
        family = self._family(reg)
        fatal = self._danger(reg)
        none = _Deaths()
        wanting: set[Block] = set()
        for member in family:
            wanting |= self.users.get(member, set())
        leading = self._leading_to(wanting - {home}, home) if not wanting <= {home} else set()
        seen: set[tuple[Block, bool]] = set()
        work: list[tuple[Block, int, bool]] = [(home, start + 1, False)]
        if self.deaths.get(home, none).after.get(start, 0) & fatal:
            work = [(home, start + 1, True)]
        while work:
            block, first, danger = work.pop()
            following: list[tuple[Block, bool]] = []
            deaths = self.deaths.get(block, none)
            for index in range(first, len(block.ops)):
                op = block.ops[index]
                if any(used in family for used in op.registers()):
                    # The operation itself may release while it still uses the object.
                    if danger or may_release(op) or any(isinstance(item, Reg) and item in family for item in op.stolen()):
                        return False
                elif may_release(op):
                    danger = True
                if op.raises is not None:
                    following.append((op.raises, danger or bool(deaths.failing.get(index, 0) & fatal)))
                if isinstance(op, ir.Terminator):
                    following += [(successor, danger or bool(deaths.leaving.get(successor, 0) & fatal)) for successor in op.successors()]
                elif deaths.after.get(index, 0) & fatal:
                    danger = True
            for state in following:
                if state[0] in leading and state not in seen:
                    seen.add(state)
                    work.append((state[0], 0, state[1]))
        return True

    def _leading_to(self, blocks: set[Block], home: Block) -> set[Block]:
        """The blocks from which one of these can be reached without passing the load again."""
        found = set(blocks)
        work = list(blocks)
        while work:
            for source in self.sources.get(work.pop(), []):
                if source is not home and source not in found:
                    found.add(source)
                    work.append(source)
        return found


def _is_load(op: ir.Op) -> bool:
    """From a field, a global or (list items) raw memory."""
    return isinstance(op, (ir.GetField, ir.GetGlobal)) or (isinstance(op, ir.Prim) and op.name in ("ptr_load", "from_address"))


def _owner(op: ir.Op) -> Reg | None:
    """What keeps a loaded value alive."""
    obj = op.obj if isinstance(op, ir.GetField) else None
    return obj if isinstance(obj, Reg) else None
