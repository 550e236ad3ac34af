"""Liveness of counted temporaries: bit sets over the control-flow graph, side exits included.

A use of a borrowed register is a use of its root owner (`Ownership.used`).
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.ir import Block, Reg
from scarlet.compiler.passes.graph import targets
from scarlet.compiler.passes.ownership import Ownership


class Liveness:
    """What is live where, found when it is made. `live_in`: on entry to each block."""

    def __init__(self, own: Ownership) -> None:
        self.own = own
        self.live_in = dict.fromkeys(own.body.blocks, 0)
        self._solve()

    def _before(self, block: Block, live: int) -> int:
        """What is live on entry to a block when `live` is at its end."""
        for uses, defines, handler in reversed(self.own.facts[block]):
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

    def _solve(self) -> None:
        sources: dict[Block, list[Block]] = {block: [] for block in self.own.body.blocks}
        for block in self.own.body.blocks:
            for target in targets(block):
                sources[target].append(block)
        work = list(self.own.body.blocks)
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

    def after(self, block: Block) -> list[int]:
        """For each operation, what is live after it (on the path where it does not fail)."""
        live = self._at_end(block)
        result = []
        for uses, defines, handler in reversed(self.own.facts[block]):
            result.append(live)
            live = (live & ~defines) | uses
            if handler is not None:
                live |= self.live_in[handler]
        result.reverse()
        return result

    def outlived(self) -> set[Reg]:
        """Borrowed registers that are still wanted when the variable they hang on is assigned."""
        found: set[Reg] = set()
        watched = [reg for reg in self.own.temporaries if reg.borrowed and reg not in self.own.converted]
        if not watched:
            return found
        for block in self.own.body.blocks:
            after = self.after(block)
            for op, live in zip(block.ops, after):
                if isinstance(op, ir.Assign) and live and op.dst in self.own.variables:
                    for reg in watched:
                        if live >> self.own.temporaries[reg] & 1 and self.own.root(reg) is op.dst:
                            found.add(reg)
        return found
