"""Definite assignment: a local variable that may have no value where it is read is a compile error, where CPython raises UnboundLocalError.

A forward analysis over the blocks of one function, run when its lowering is done (before generators lose their Yields): which variables
hold a value on every path to a point. Followed are local variables, those in cells (read, or captured by a closure that is made), and in a
module's initialiser the globals that it assigns. `del`, and the end of an except clause for its variable, unbind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.ir import Block, Op, Reg
from scarlet.compiler.program import Global

if TYPE_CHECKING:
    from scarlet.compiler.lower.context import Lowerer

Name = Reg | Global


def check(low: Lowerer) -> None:
    """Report the reads of a function that was lowered without errors."""
    cells = _own_cells(low)
    if not cells and _module(low) is None and all(reg.parameter or not reg.variable for reg in low.registers):
        return
    doubtful = _assigned_late(low, cells)
    if doubtful:
        _Flow(low, cells, doubtful).report()


def _own_cells(low: Lowerer) -> set[Reg]:
    """The cells of variables (not of functions) that had no value when the function was entered."""
    from scarlet.compiler.lower.context import CellVariable

    return {
        variable.cell
        for symbol, variable in low.variables.items()
        if isinstance(variable, CellVariable) and isinstance(symbol, n.Var) and symbol not in low.given
    }


def _target(op: Op, cells: set[Reg], module: str | None) -> Name | None:
    """The variable that an operation assigns."""
    if isinstance(op, ir.SetField) and isinstance(op.obj, Reg) and op.obj in cells:
        return op.obj
    if isinstance(op, ir.SetGlobal) and op.var.module == module:
        return op.var
    target = op.target
    if target is not None and target.variable and not target.parameter:
        return target
    return None


def _assigned_late(low: Lowerer, cells: set[Reg]) -> dict[Name, int]:
    """The variables whose first assignment is not in the entry block, or that are unbound somewhere; each with its bit."""
    module = _module(low)
    entry, straight = _entry(low), True
    found: dict[Name, int] = {}
    early: set[Name] = set()
    for block in low.blocks:
        for op in block.ops:
            name = _target(op, cells, module)
            if op.raises is not None and op.raises is not low.propagate:
                straight = False
            if block is entry and straight:
                # As far as no handler leads away from it, the order of the entry block's operations is the order of execution.
                for used in _uses(op, cells, module):
                    if used not in early:
                        found.setdefault(used, 1 << len(found))
                if name is not None and op not in low.unbinding:
                    early.add(name)
            if name is not None and (name not in early or op in low.unbinding) and name not in low.bound:
                found.setdefault(name, 1 << len(found))
    return {name: bit for name, bit in found.items() if name not in low.bound and _is_followed(name, cells)}


def _is_followed(name: Name, cells: set[Reg]) -> bool:
    return isinstance(name, Global) or (name.variable and not name.parameter) or name in cells


def _entry(low: Lowerer) -> Block:
    """The block that a function begins with (a generator's first one will choose where to go on)."""
    return low.blocks[0 if low.generator is None else 1]


def _module(low: Lowerer) -> str | None:
    return low.function.module if low.function.name.endswith(".<module>") else None


def _uses(op: Op, cells: set[Reg], module: str | None) -> list[Name]:
    """The variables that an operation reads; handing on a cell counts."""
    if isinstance(op, ir.SetField) and isinstance(op.obj, Reg) and op.obj in cells:
        return [reg for reg in op.registers() if reg is not op.obj]
    if isinstance(op, ir.GetGlobal) and op.var.module == module:
        return [op.var]
    return list(op.registers())


class _Flow:
    def __init__(self, low: Lowerer, cells: set[Reg], bits: dict[Name, int]) -> None:
        self.low = low
        self.cells = cells
        self.bits = bits
        self.module = _module(low)
        self.held: dict[Block, int] = {_entry(low): 0}

    def report(self) -> None:
        """One error for each variable, at the first read in doubt."""
        self._solve()
        low = self.low
        told = 0
        for block in low.blocks:
            held = self.held.get(block)
            if held is None:
                continue
            for op in block.ops:
                if isinstance(op, ir.Return):
                    low.program.unassigned |= {name for name, bit in self.bits.items() if isinstance(name, Global) and bit & ~held}
                for used in _uses(op, self.cells, self.module):
                    bit = self.bits.get(used, 0)
                    if bit & ~held & ~told:
                        told |= bit
                        text, advice = f"{_shown(used)} may have no value here", "an assignment on every way to this line"
                        low.program.report.add(CompileError(Place(low.function.file, op.line), text, advice))
                held = self._after(op, held)

    def _after(self, op: Op, held: int) -> int:
        name = _target(op, self.cells, self.module)
        if name is None:
            return held
        bit = self.bits.get(name, 0)
        return held & ~bit if op in self.low.unbinding else held | bit

    def _solve(self) -> None:
        work = [_entry(self.low)]
        while work:
            block = work.pop()
            held = self.held[block]
            for op in block.ops:
                if op.raises is not None:
                    self._meet(op.raises, held, work)
                held = self._after(op, held)
            last = block.ops[-1]
            if isinstance(last, ir.Terminator):
                for successor in last.successors():
                    self._meet(successor, held, work)

    def _meet(self, block: Block, held: int, work: list[Block]) -> None:
        known = self.held.get(block)
        if known is None or known & held != known:
            self.held[block] = held if known is None else known & held
            work.append(block)


def _shown(name: Name) -> str:
    if isinstance(name, Global):
        return name.fullname.rpartition(".")[2]
    return name.name.removeprefix("v_").removeprefix("cell_").rstrip("0123456789") or name.name
