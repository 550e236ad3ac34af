"""Which functions may end the life of an object that existed before the call (Function.releases).

A function that only reads, computes and calls others of its kind cannot; the borrow pass then lets a caller keep a field's value without
counting it. The analysis is by operation and pessimistic about everything that makes, stores or returns references.
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.passes.inline import Inliner, copied_blocks
from scarlet.compiler.program import Function, Program
from scarlet.compiler.types import PointerType, Type

HARMLESS = (
    ir.GetField, ir.GetGlobal, ir.Literal, ir.TupleGet, ir.InstanceOf, ir.ClassRecord, ir.EnumMember, ir.FunctionAddress,
    ir.Checked, ir.Branch, ir.Goto, ir.Unreachable, ir.Return,
)  # fmt: skip


def run(program: Program, inliner: Inliner) -> None:
    """Calls that are to be replaced by copies count by what is copied."""
    bodies = {function: function.body for function in program.lowered if function.body is not None}
    for function in bodies:
        function.releases = False
    changed = True
    while changed:
        changed = False
        for function, body in bodies.items():
            if not function.releases and any(_releases(op, inliner) for block in body.blocks for op in block.ops):
                function.releases = changed = True


def _releases(op: ir.Op, inliner: Inliner) -> bool:
    if isinstance(op, ir.Call) and inliner.suits(op):
        return any(may_release(other) for block in copied_blocks(inliner.patterns[op.function]) for other in block.ops)
    return may_release(op)


def may_release(op: ir.Op) -> bool:
    """Whether an operation may drop the last reference to some object."""
    if isinstance(op, HARMLESS):
        return False
    if isinstance(op, ir.SetField):
        return op.value.type.counted
    if isinstance(op, ir.SetGlobal):
        return op.value.type.counted
    if isinstance(op, ir.Assign):
        return (op.dst.variable or op.dst.parameter) and op.dst.type.counted
    if isinstance(op, ir.Call):
        return _callee_releases(op.function) or (op.dst is not None and op.dst.type.counted)
    if isinstance(op, ir.Prim):
        if op.name in ("ptr_load", "from_address", "keep"):
            return False
        if op.steal or op.name == "decref" or op.name.startswith("ptr_") and any(_holds(arg.type) for arg in op.args):
            return True
        return op.dst is not None and op.dst.type.counted and not op.dst.borrowed
    return True


def _holds(kind: Type) -> bool:
    """Whether a value is a reference or the address of references."""
    return kind.counted or (isinstance(kind, PointerType) and kind.item.counted)


def _callee_releases(function: Function) -> bool:
    return function.releases or function.body is None
