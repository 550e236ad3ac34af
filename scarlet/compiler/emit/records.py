"""Class records: dispatch tables, destruction, and the slots of dispatched methods.

A dispatched call goes through a slot of the receiver's class record: load the record, load the slot, jump. All calls of one method name
with one representation share a selector; selectors that no class needs together share a slot number (graph colouring), so that records
stay small although protocols are structural.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scarlet.compiler import ir
from scarlet.compiler.emit.names import code
from scarlet.compiler.program import Class, Function, Program
from scarlet.compiler.types import NONE, Type


@dataclass(eq=False)
class Selector:
    """One dispatched method: its name, representation, slot, and implementation in each class."""

    name: str
    parameters: tuple[Type, ...]
    result: Type
    slot: int = -1
    fallible: bool = False
    targets: dict[Class, Function] = field(default_factory=dict)


class Records:
    """The dispatch structure of the whole program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.selectors: dict[tuple[str, tuple[str, ...], str], Selector] = {}
        self.copied: dict[Function, bool] = {}
        """Whether each file that uses a function has its own copy, as far as anybody has asked (Unit.copied)."""
        self._collect()
        self._colour()

    @staticmethod
    def key(name: str, parameters: list[Type], result: Type) -> tuple[str, tuple[str, ...], str]:
        return name, tuple(code(kind) for kind in parameters if kind != NONE), code(result)

    def selector(self, op: ir.CallMethod) -> Selector | None:
        return self.selectors.get(self.key(op.method, op.parameters, op.result))

    def _collect(self) -> None:
        """Selectors of the dispatched calls that are left after devirtualisation."""
        wanted: dict[tuple[str, tuple[str, ...], str], set[Class]] = {}
        for function in self.program.lowered:
            if function.body is None:
                continue
            for block in function.body.blocks:
                for op in block.ops:
                    if isinstance(op, ir.CallMethod):
                        key = self.key(op.method, op.parameters, op.result)
                        if key not in self.selectors:
                            self.selectors[key] = Selector(op.method, tuple(op.parameters), op.result)
                        wanted.setdefault(key, set()).add(op.cls)
        for key, statics in wanted.items():
            selector = self.selectors[key]
            for cls in self.program.constructed:
                if any(self.program.implements(cls, static) for static in statics):
                    target = self.program.method_function(cls, selector.name)
                    if target is not None:
                        selector.targets[cls] = target
                        selector.fallible |= target.may_raise

    def _colour(self) -> None:
        """Greedy colouring: the selectors with most classes first."""
        taken: dict[Class, set[int]] = {}
        for selector in sorted(self.selectors.values(), key=lambda item: (-len(item.targets), item.name)):
            used: set[int] = set()
            for cls in selector.targets:
                used |= taken.get(cls, set())
            slot = 0
            while slot in used:
                slot += 1
            selector.slot = slot
            for cls in selector.targets:
                taken.setdefault(cls, set()).add(slot)

    def slots(self, cls: Class) -> dict[int, tuple[Selector, Function]]:
        """Slot number -> what a class has there."""
        return {selector.slot: (selector, selector.targets[cls]) for selector in self.selectors.values() if cls in selector.targets}
