"""Reference counting: makes ownership explicit by inserting IncRef and DecRef.

Before: lowering (ir.py) says of each register whether its definition gives it a reference of its own (owned) or not (borrowed from
`owner`), and of each operand whether the operation takes its reference over (stolen). After, by inserted operations alone:

- an owned temporary is released right after its last use, on whatever path; it is handed over without counting when that use steals it;
- a variable owns what it holds until it is rebound or the function ends (Python's rule for locals); parameters are borrowed from the
  caller, unless they are rebound;
- when an operation fails, nothing of its operands has been stolen: what is alive there and not wanted by the handler is released in a
  block of its own between the operation and the handler. The pending exception waits meanwhile in the function's error local, until the
  Catch that starts the handler;
- there is no Yield: lowering has turned generators into objects that keep what must survive in fields (lower/generators.py).

Definitions that load (GetField, GetGlobal, TupleGet, Literal, EnumMember) give a plain copy of the reference: an owned target is counted
by an IncRef of this pass. All other definitions of owned targets (calls, allocations, primitives) come with their reference.

Method: liveness of counted temporaries as bit sets over the control-flow graph, side exits included; a use of a borrowed register is a
use of its root owner.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Op, Operand, Reg
from scarlet.compiler.passes.graph import targets
from scarlet.compiler.types import OptionalType

LOADS = (ir.GetField, ir.GetGlobal, ir.TupleGet, ir.Literal, ir.EnumMember)
NOTHING: list[Reg] = []

_Fact = tuple[int, int, Block | None]
"""Of an operation: the temporaries it uses, those it defines, and its handler."""


def run(body: Body) -> None:
    """Rewrite one function, of which every block can be reached."""
    _Counter(body).rewrite()


@dataclass
class _Variables:
    """Which variables may, and must, hold a value at a point: bit sets over _Counter.variables."""

    may: int
    must: int


@dataclass
class _Edges:
    """The release blocks made so far, shared between exits of the same shape."""

    made: dict[tuple[Block, int], Block] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


class _Counter:
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
        self.facts: dict[Block, list[_Fact]] = {}
        self.live_in: dict[Block, int] = {}
        self.state_in: dict[Block, _Variables] = {}
        self.edges = _Edges()
        self.owned_bits = 0
        self.numbered: list[Reg] = []

    # --- facts -------------------------------------------------------------------------------------------------------

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

    def _number(self) -> None:
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

    # --- liveness ----------------------------------------------------------------------------------------------------

    def _before(self, block: Block, live: int) -> int:
        """What is live on entry to a block when `live` is at its end."""
        for uses, defines, handler in reversed(self.facts[block]):
            live = (live & ~defines) | uses
            if handler is not None:
                live |= self.live_in[handler]
        return live

    def _at_end(self, block: Block) -> int:
        live = 0
        last = block.ops[-1]
        if isinstance(last, ir.Terminator):
            for successor in last.successors():
                live |= self.live_in[successor]
        return live

    def _liveness(self) -> None:
        self.live_in = dict.fromkeys(self.body.blocks, 0)
        sources: dict[Block, list[Block]] = {block: [] for block in self.body.blocks}
        for block in self.body.blocks:
            for target in targets(block):
                sources[target].append(block)
        work = list(self.body.blocks)
        waiting = set(work)
        while work:
            block = work.pop()
            waiting.discard(block)
            live = self._before(block, self._at_end(block))
            if live != self.live_in[block]:
                self.live_in[block] = live
                for source in sources[block]:
                    if source not in waiting:
                        waiting.add(source)
                        work.append(source)

    def _live_after(self, block: Block) -> list[int]:
        """For each operation, what is live after it (on the path where it does not fail)."""
        live = self._at_end(block)
        result = []
        for uses, defines, handler in reversed(self.facts[block]):
            result.append(live)
            live = (live & ~defines) | uses
            if handler is not None:
                live |= self.live_in[handler]
        result.reverse()
        return result

    def _outlived(self) -> set[Reg]:
        """Borrowed registers that are still wanted when the variable they hang on is assigned."""
        found: set[Reg] = set()
        watched = [reg for reg in self.temporaries if reg.borrowed and reg not in self.converted]
        if not watched:
            return found
        for block in self.body.blocks:
            after = self._live_after(block)
            for op, live in zip(block.ops, after):
                if isinstance(op, ir.Assign) and live and op.dst in self.variables:
                    for reg in watched:
                        if live >> self.temporaries[reg] & 1 and self.root(reg) is op.dst:
                            found.add(reg)
        return found

    # --- variables ---------------------------------------------------------------------------------------------------

    def _variable_states(self) -> None:
        """Forward analysis: which variables may and must hold a value on entry to each block."""
        everything = (1 << len(self.variables)) - 1
        start = 0
        for reg, index in self.variables.items():
            if reg.parameter:
                start |= 1 << index
        self.state_in = {self.body.blocks[0]: _Variables(start, start)}
        work = [self.body.blocks[0]]
        while work:
            block = work.pop()
            state = self.state_in[block]
            may, must = state.may, state.must
            flows: list[tuple[Block, int, int]] = []
            for op in block.ops:
                if op.raises is not None:
                    flows.append((op.raises, may, must))
                may, must = self._assigned(op, may, must)
            if isinstance(block.ops[-1], ir.Terminator):
                flows += [(successor, may, must) for successor in block.ops[-1].successors()]
            for target, may_out, must_out in flows:
                known = self.state_in.get(target)
                if known is None:
                    self.state_in[target] = _Variables(may_out, must_out & everything)
                    work.append(target)
                elif known.may | may_out != known.may or known.must & must_out != known.must:
                    known.may |= may_out
                    known.must &= must_out
                    if target not in work:
                        work.append(target)

    def _assigned(self, op: Op, may: int, must: int) -> tuple[int, int]:
        reg = op.target
        if reg is not None and reg in self.variables:
            bit = 1 << self.variables[reg]
            if isinstance(op, ir.Assign) and isinstance(op.src, ir.Imm):
                return may & ~bit, must & ~bit
            maybe_null = isinstance(reg.type, OptionalType)
            return may | bit, (must & ~bit) if maybe_null else must | bit
        return may, must

    # --- rewriting ---------------------------------------------------------------------------------------------------

    def rewrite(self) -> None:
        while True:
            self._number()
            self._liveness()
            outlived = self._outlived()
            if not outlived:
                break
            self.converted |= outlived
        self.owned_bits = sum(1 << index for reg, index in self.temporaries.items() if self.owned(reg))
        self.numbered = list(self.temporaries)
        self._variable_states()
        blocks = list(self.body.blocks)
        for block in blocks:
            self._rewrite_block(block)
        first = self.body.blocks[0]
        entry = [ir.IncRef(reg) for reg in self.variables if reg.parameter]
        for op in entry:
            op.line = first.ops[0].line if first.ops else 0
        first.ops[:0] = entry
        self.body.blocks += self.edges.blocks

    def _rewrite_block(self, block: Block) -> None:
        after = self._live_after(block)
        state = self.state_in[block]
        may, must = state.may, state.must
        out: list[Op] = []
        for op, (uses, defines, handler), live_after in zip(block.ops, self.facts[block], after):
            before = (live_after & ~defines) | uses
            if handler is not None:
                before |= self.live_in[handler]
            owned_before = before & self.owned_bits
            stolen = op.stolen()
            extra, moved = self._steal(op, stolen, live_after, out) if stolen else (NOTHING, 0)
            if isinstance(op, ir.Terminator):
                self._leave(op, owned_before & ~moved, may, must, out)
                break
            if handler is not None:
                op.handler = self._release_block(handler, owned_before & ~self.live_in[handler], op.line, extra)  # type: ignore[attr-defined]
            target = op.target
            if target is None:
                out.append(op)
            else:
                out += self._replace_variable(op, may)
                if isinstance(op, LOADS) and self._takes_reference(target) or target in self.converted:
                    out.append(self._at(ir.IncRef(target), op))
                may, must = self._assigned(op, may, must)
            dead = (owned_before | (defines & self.owned_bits)) & ~live_after & ~moved
            if dead:
                out += self._releases(dead, op.line)
        block.ops = out

    def _takes_reference(self, target: Reg) -> bool:
        return self.owned(target) or target in self.variables

    @staticmethod
    def _at(op: Op, place: Op) -> Op:
        op.line = place.line
        return op

    def _steal(self, op: Op, taken: list[Operand], live_after: int, out: list[Op]) -> tuple[list[Reg], int]:
        """Count the stolen operands that are still needed elsewhere. Gives those counted, and the temporaries handed over."""
        counted: list[Reg] = []
        moved = 0
        stolen = [operand for operand in taken if isinstance(operand, Reg) and operand.type.counted]
        if not stolen:
            return counted, moved
        plain = [operand for operand in op.operands() if isinstance(operand, Reg) and operand.type.counted]
        for operand in stolen:
            plain.remove(operand)
        kept = 0
        for operand in plain:
            kept |= self.used(operand)
        for operand in stolen:
            source = self.origin(operand)
            bit = 1 << self.temporaries[source] if self.owned(source) else 0
            others = 0
            for other in stolen:
                if other is not operand:
                    others |= self.used(other)
            if bit and not (live_after | kept | moved | others) & bit:
                moved |= bit
            elif isinstance(op, ir.Return) and source in self.variables:
                counted.append(operand)
            else:
                out.append(self._at(ir.IncRef(operand), op))
                counted.append(operand)
        return counted, moved

    def _replace_variable(self, op: Op, may: int) -> list[Op]:
        """The operation; if it rebinds a variable that may hold a value, that value is released afterwards."""
        reg = op.target
        if reg is None or reg not in self.variables or not may >> self.variables[reg] & 1:
            return [op]
        old = Reg(f"old{len(self.body.registers)}", reg.type, number=len(self.body.registers))
        self.body.registers.append(old)
        save = self._at(ir.Assign(old, reg), op)
        return [save, op, self._at(ir.DecRef(old, null=True), op)]

    def _releases(self, mask: int, line: int) -> list[Op]:
        out: list[Op] = []
        while mask:
            low = mask & -mask
            reg = self.numbered[low.bit_length() - 1]
            op = ir.DecRef(reg, null=isinstance(reg.type, OptionalType))
            op.line = line
            out.append(op)
            mask ^= low
        return out

    def _leave(self, op: ir.Terminator, owned: int, may: int, must: int, out: list[Op]) -> None:
        if isinstance(op, ir.Return) or (isinstance(op, ir.Raise) and op.handler is None):
            out += self._releases(owned, op.line)
            given = self.origin(op.value) if isinstance(op, ir.Return) and isinstance(op.value, Reg) else None
            for reg, index in self.variables.items():
                if reg is given:
                    continue
                if may >> index & 1:
                    out.append(self._at(ir.DecRef(reg, null=not must >> index & 1), op))
        elif isinstance(op, ir.Raise):
            assert op.handler is not None
            wanted = self.live_in[op.handler]
            op.handler = self._release_block(op.handler, owned & ~wanted, op.line, [])
        elif isinstance(op, ir.Goto):
            out += self._releases(owned & ~self.live_in[op.to], op.line)
        elif isinstance(op, ir.Branch):
            op.then = self._release_block(op.then, owned & ~self.live_in[op.then], op.line, [])
            op.orelse = self._release_block(op.orelse, owned & ~self.live_in[op.orelse], op.line, [])
        out.append(op)

    def _release_block(self, target: Block, mask: int, line: int, extra: list[Reg]) -> Block:
        """`target` itself, or a block that releases first: the temporaries of the mask and the operands counted for an operation that
        failed."""
        if not mask and not extra:
            return target
        key = (target, mask)
        if not extra and key in self.edges.made:
            return self.edges.made[key]
        block = Block(f"release.{len(self.edges.blocks)}")
        block.number = len(self.body.blocks) + len(self.edges.blocks)
        block.ops = self._releases(mask, line)
        for reg in extra:
            op = ir.DecRef(reg, null=isinstance(reg.type, OptionalType))
            op.line = line
            block.ops.append(op)
        jump = ir.Goto(target)
        jump.line = line
        block.ops.append(jump)
        self.edges.blocks.append(block)
        if not extra:
            self.edges.made[key] = block
        return block


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
