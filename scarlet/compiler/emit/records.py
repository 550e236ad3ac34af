"""What the C files agree on: the slots of dispatched methods in class records, and which functions each file has a copy of.

A dispatched call goes through a slot of the receiver's class record: load the record, load the slot, jump. All calls of one method name
with one representation share a selector; selectors that no class needs together share a slot number (graph colouring), so that records
stay small although protocols are structural.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scarlet.compiler import ir
from scarlet.compiler.dispatch import implements
from scarlet.compiler.emit.names import code
from scarlet.compiler.passes import Finisher
from scarlet.compiler.program import Class, Function, Program
from scarlet.compiler.types import NONE, Type

INLINE_LIMIT = 12
"""A function of at most this many operations is copied into the files that call it."""


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

    def __init__(self, program: Program, finisher: Finisher) -> None:
        self.program = program
        self.finisher = finisher
        self.selectors: dict[tuple[str, tuple[str, ...], str], Selector] = {}
        self._copied: dict[Function, bool] = {}
        self._collect()
        self._colour()

    def copied(self, function: Function) -> bool:
        """Whether every file that uses a function has its own static copy."""
        known = self._copied.get(function)
        if known is None:
            known = self._copied[function] = self._is_copied(function)
        return known

    def _is_copied(self, function: Function) -> bool:
        if function.body is None or function.noinline or function.export or function.closure:
            return False
        if function.inline:
            return True
        if size(function.body) > INLINE_LIMIT:  # the last passes only add operations
            return False
        self.finisher.finish(function)
        return size(function.body) <= INLINE_LIMIT

    @staticmethod
    def key(name: str, parameters: list[Type], result: Type) -> tuple[str, tuple[str, ...], str]:
        return name, tuple(code(kind) for kind in parameters if kind != NONE), code(result)

    def selector(self, op: ir.CallMethod) -> Selector | None:
        return self.selectors.get(self.key(op.method, op.parameters, op.result))

    def _collect(self) -> None:
        """Selectors of the dispatched calls that are left after devirtualisation."""
        wanted: dict[tuple[str, tuple[str, ...], str], dict[Class, None]] = {}
        for function in self.program.lowered:
            if function.body is None:
                continue
            for block in function.body.blocks:
                for op in block.ops:
                    if isinstance(op, ir.CallMethod):
                        key = self.key(op.method, op.parameters, op.result)
                        if key not in self.selectors:
                            self.selectors[key] = Selector(op.method, tuple(op.parameters), op.result)
                        wanted.setdefault(key, {})[op.cls] = None
        seen_as: dict[Class, set[Class]] = {}
        for static in dict.fromkeys(op_class for classes in wanted.values() for op_class in classes):
            seen_as[static] = {cls for cls in self.program.constructed if implements(self.program, cls, static)}
        for key, statics in wanted.items():
            selector = self.selectors[key]
            receivers: set[Class] = set().union(*(seen_as[static] for static in statics))
            for cls in self.program.constructed:
                if cls in receivers:
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


def size(body: ir.Body) -> int:
    """Operations of a body, for the decision to copy it."""
    total = 0
    for block in body.blocks:
        total += len(block.ops)
        for op in block.ops:
            if op.raises is not None:
                total += 2
    return total
