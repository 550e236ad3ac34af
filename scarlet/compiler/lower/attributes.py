"""Definite assignment of attributes and globals, over the whole program: what has no value is not read.

A constructor is followed into `__init__` and into every method that it calls on the new object, whose exact class is known: an attribute
read there before it is assigned is an error, and so is one that some way through the constructor leaves without a value. (What else sees
the object before its constructor ends is not followed.) A global that the module's initialiser may leave without a value is an error where
a function reads it.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.ir import Block, Body, Op, Reg
from scarlet.compiler.program import Class, Function, Program
from scarlet.compiler.types import NONE

UNCHECKED = "scarlet.runtime."
"""Containers and strings are made by allocate_trailing, without their constructors."""


def check(program: Program) -> None:
    for cls in program.constructed:
        function = program.functions.get(("new", cls))
        if function is not None and function.body is not None and not cls.generated and not cls.module.startswith(UNCHECKED):
            _Constructor(program, cls).check(function)
    _check_globals(program)


class _Constructor:
    """The attributes of an object of one class on the way through its constructor, as bit sets."""

    def __init__(self, program: Program, cls: Class) -> None:
        self.program = program
        self.cls = cls
        self.bits = {name: 1 << index for index, (name, kind) in enumerate(program.fields_of(cls).items()) if kind != NONE}
        self.known: dict[tuple[Function, int], int] = {}
        self.told = 0

    def check(self, function: Function) -> None:
        missing = sum(self.bits.values()) & ~self._held_after(function, 0)
        if missing & self.bits.get("raise_site", 0):  # what the base class of all exceptions keeps
            text = f"{self.cls.info.name}.__init__ does not call super().__init__()"
            advice = "super().__init__(...) with its text, first of all"
            self.program.report.add(CompileError(Place(function.file, function.line), text, advice))
            return
        for name, bit in self.bits.items():
            if missing & bit & ~self.told:
                text = f"{self.cls.info.name}.{name} may have no value after __init__"
                advice = "an assignment on every way through __init__"
                self.program.report.add(CompileError(Place(function.file, function.line), text, advice))

    def _held_after(self, function: Function, held: int) -> int:
        """What has a value when a function that had the object as its first argument (or made it) returns."""
        body = function.body
        if body is None:
            return held
        key = (function, held)
        if key not in self.known:
            self.known[key] = held  # what a recursive call may count on
            self.known[key] = self._follow(function, body, held)
        return self.known[key]

    def _follow(self, function: Function, body: Body, held: int) -> int:
        names = self._names(body)
        everything = sum(self.bits.values())
        states: dict[Block, int] = {body.blocks[0]: held}
        work = [body.blocks[0]]
        after = everything

        def meet(block: Block, state: int) -> None:
            known = states.get(block)
            if known is None or known & state != known:
                states[block] = state if known is None else known & state
                work.append(block)

        while work:
            block = work.pop()
            state = states[block]
            for op in block.ops:
                if op.raises is not None:
                    meet(op.raises, state)
                state = self._step(op, state, names)
                if isinstance(op, ir.Return):
                    after &= state
                if isinstance(op, ir.Terminator):
                    for successor in op.successors():
                        meet(successor, state)
        for block, state in states.items():
            for op in block.ops:
                self._read(function, op, state, names)
                state = self._step(op, state, names)
        return after

    def _names(self, body: Body) -> set[Reg]:
        """The registers that hold the object: the first parameter, or what is allocated, and the same by other types."""
        found = {op.dst for block in body.blocks for op in block.ops if isinstance(op, ir.Allocate) and op.cls is self.cls}
        if not found:
            found = set(body.params[:1])
        for block in body.blocks:
            for op in block.ops:
                if isinstance(op, ir.Prim) and op.name == "cast" and op.dst is not None and op.args[0] in found:
                    found.add(op.dst)
        return found

    def _step(self, op: Op, held: int, names: set[Reg]) -> int:
        if isinstance(op, ir.SetField) and op.obj in names:
            return held | self.bits.get(op.field_name, 0)
        if isinstance(op, ir.Call) and op.args and op.args[0] in names:
            return self._held_after(op.function, held)
        if isinstance(op, ir.CallMethod) and op.args[0] in names:
            target = self.program.method_function(self.cls, op.method)
            return self._held_after(target, held) if target is not None else held
        return held

    def _read(self, function: Function, op: Op, held: int, names: set[Reg]) -> None:
        if isinstance(op, ir.GetField) and op.obj in names:
            bit = self.bits.get(op.field_name, 0)
            if bit & ~held & ~self.told:
                self.told |= bit
                text = f"{self.cls.info.name}.{op.field_name} may have no value here"
                self.program.report.add(CompileError(Place(function.file, op.line), text, "an assignment before it in __init__"))


def _check_globals(program: Program) -> None:
    doubtful = program.unassigned
    if not doubtful:
        return
    for function in program.lowered:
        if function.body is None or function.name.endswith(".<module>"):
            continue
        for block in function.body.blocks:
            for op in block.ops:
                if isinstance(op, ir.GetGlobal) and op.var in doubtful:
                    doubtful.discard(op.var)
                    text = f"{op.var.fullname.rpartition('.')[2]} may have no value here"
                    advice = "an assignment on every way through the module"
                    program.report.add(CompileError(Place(function.file, op.line), text, advice))
