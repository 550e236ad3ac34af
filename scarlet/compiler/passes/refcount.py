"""Reference counting: makes ownership explicit by inserting IncRef and DecRef.

Before: lowering (ir) says of each register whether its definition gives it a reference of its own (owned) or not (borrowed from
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

Method: `ownership` says which registers count and what keeps them alive, `liveness` where they are wanted; a forward analysis here says
which variables may, and must, hold a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Body, Op, Operand, Reg
from scarlet.compiler.passes.liveness import Liveness
from scarlet.compiler.passes.ownership import Ownership
from scarlet.compiler.types import OptionalType

LOADS = (ir.GetField, ir.GetGlobal, ir.TupleGet, ir.Literal, ir.EnumMember)
NOTHING: list[Reg] = []


def run(body: Body) -> None:
    """Rewrite one function, of which every block can be reached."""
    _Counter(body).rewrite()


@dataclass
class _Variables:
    """Which variables may, and must, hold a value at a point: bit sets over Ownership.variables."""

    may: int
    must: int


@dataclass
class _Edges:
    """The release blocks made so far, shared between exits of the same shape."""

    made: dict[tuple[Block, int], Block] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


class _Counter:
    """One function on its way."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.own = Ownership(body)
        self.live = self._settled()
        self.owned_bits = sum(1 << index for reg, index in self.own.temporaries.items() if self.own.owned(reg))
        self.numbered = list(self.own.temporaries)
        self.state_in: dict[Block, _Variables] = {}
        self.edges = _Edges()

    def _settled(self) -> Liveness:
        """Liveness when all that is borrowed and outlives what it is borrowed from counts as a reference of its own."""
        while True:
            self.own.number()
            live = Liveness(self.own)
            outlived = live.outlived()
            if not outlived:
                return live
            self.own.converted |= outlived

    # --- variables ---------------------------------------------------------------------------------------------------

    def _variable_states(self) -> None:
        """Forward analysis: which variables may and must hold a value on entry to each block."""
        everything = (1 << len(self.own.variables)) - 1
        start = 0
        for reg, index in self.own.variables.items():
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
        if reg is not None and reg in self.own.variables:
            bit = 1 << self.own.variables[reg]
            if isinstance(op, ir.Assign) and isinstance(op.src, ir.Imm):
                return may & ~bit, must & ~bit
            maybe_null = isinstance(reg.type, OptionalType)
            return may | bit, (must & ~bit) if maybe_null else must | bit
        return may, must

    # --- rewriting ---------------------------------------------------------------------------------------------------

    def rewrite(self) -> None:
        self._variable_states()
        blocks = list(self.body.blocks)
        for block in blocks:
            self._rewrite_block(block)
        first = self.body.blocks[0]
        entry = [ir.IncRef(reg) for reg in self.own.variables if reg.parameter]
        for op in entry:
            op.line = first.ops[0].line if first.ops else 0
        first.ops[:0] = entry
        self.body.blocks += self.edges.blocks

    def _rewrite_block(self, block: Block) -> None:
        after = self.live.after(block)
        state = self.state_in[block]
        may, must = state.may, state.must
        out: list[Op] = []
        for op, (uses, defines, handler), live_after in zip(block.ops, self.own.facts[block], after):
            before = (live_after & ~defines) | uses
            if handler is not None:
                before |= self.live.live_in[handler]
            owned_before = before & self.owned_bits
            stolen = op.stolen()
            extra, moved = self._steal(op, stolen, live_after, out) if stolen else (NOTHING, 0)
            if isinstance(op, ir.Terminator):
                self._leave(op, owned_before & ~moved, may, must, out)
                break
            if handler is not None:
                op.handler = self._release_block(handler, owned_before & ~self.live.live_in[handler], op.line, extra)  # type: ignore[attr-defined]
            target = op.target
            if target is None:
                out.append(op)
            else:
                out += self._replace_variable(op, may)
                if isinstance(op, LOADS) and self._takes_reference(target) or target in self.own.converted:
                    out.append(self._at(ir.IncRef(target), op))
                may, must = self._assigned(op, may, must)
            dead = (owned_before | (defines & self.owned_bits)) & ~live_after & ~moved
            if dead:
                out += self._releases(dead, op.line)
        block.ops = out

    def _takes_reference(self, target: Reg) -> bool:
        return self.own.owned(target) or target in self.own.variables

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
            kept |= self.own.used(operand)
        for operand in stolen:
            source = self.own.origin(operand)
            bit = 1 << self.own.temporaries[source] if self.own.owned(source) else 0
            others = 0
            for other in stolen:
                if other is not operand:
                    others |= self.own.used(other)
            if bit and not (live_after | kept | moved | others) & bit:
                moved |= bit
            elif isinstance(op, ir.Return) and source in self.own.variables:
                counted.append(operand)
            else:
                out.append(self._at(ir.IncRef(operand), op))
                counted.append(operand)
        return counted, moved

    def _replace_variable(self, op: Op, may: int) -> list[Op]:
        """The operation; if it rebinds a variable that may hold a value, that value is released afterwards."""
        reg = op.target
        if reg is None or reg not in self.own.variables or not may >> self.own.variables[reg] & 1:
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
            given = self.own.origin(op.value) if isinstance(op, ir.Return) and isinstance(op.value, Reg) else None
            for reg, index in self.own.variables.items():
                if reg is given:
                    continue
                if may >> index & 1:
                    out.append(self._at(ir.DecRef(reg, null=not must >> index & 1), op))
        elif isinstance(op, ir.Raise):
            assert op.handler is not None
            wanted = self.live.live_in[op.handler]
            op.handler = self._release_block(op.handler, owned & ~wanted, op.line, [])
        elif isinstance(op, ir.Goto):
            out += self._releases(owned & ~self.live.live_in[op.to], op.line)
        elif isinstance(op, ir.Branch):
            op.then = self._release_block(op.then, owned & ~self.live.live_in[op.then], op.line, [])
            op.orelse = self._release_block(op.orelse, owned & ~self.live.live_in[op.orelse], op.line, [])
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
