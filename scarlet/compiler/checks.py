"""What is refused without a say in how the program is compiled: constructs of `subset`, and what may be read before it has a value.

These checks only look at the trees and the IR as lowering left it, so a process of its own makes them while the passes change the IR in
this one.
"""

from __future__ import annotations

from scarlet.compiler import subset
from scarlet.compiler.emit.processes import Aside
from scarlet.compiler.errors import BuildFailed, CompileError, Place, Report
from scarlet.compiler.lower import attributes
from scarlet.compiler.program import Program

OPERATIONS = 20
"""How many a function has, about."""

Refusal = tuple[Place | None, str, str]


class Checks:
    """The checks of a program that is lowered."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.told = Aside(self._refusals, OPERATIONS * len(program.lowered))

    def _refusals(self) -> list[Refusal]:
        program = self.program
        subset.check(program.checked, program.report)
        for check in program.unchecked:
            check()
        attributes.check(program)
        return [(error.place, error.message, error.advice) for error in program.report.errors]

    def demand(self) -> None:
        """BuildFailed if there is anything to refuse."""
        found = self.told.result()
        if found:
            known = {(error.place, error.message): error for error in self.program.report.errors}  # which may have a cause
            raise BuildFailed(
                Report([known.get((place, message)) or CompileError(place, message, advice) for place, message, advice in found])
            )
