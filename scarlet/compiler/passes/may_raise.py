"""May-raise analysis: which functions can leave with an exception, over the whole program.

Starts from "nothing raises" and adds facts until none is new. The implementations of one dispatched method share one calling convention,
so they raise together; a closure is called without knowing which, so closures always count as raising. Afterwards operations that cannot
raise have no handler, and blocks that were only entered by such an exception are gone.
"""

from __future__ import annotations

from scarlet.compiler.ir import Block, Call, CallMethod, Op, Raise, Terminator
from scarlet.compiler.passes.graph import reachable
from scarlet.compiler.program import Function, Program


def run(program: Program) -> None:
    bodies = [function for function in program.lowered if function.body is not None]
    for function in bodies:
        function.may_raise = function.closure or function.is_generator
    groups = [group for group in program.dispatches.values() if len(group) > 1]
    changed = True
    while changed:
        changed = False
        for function in bodies:
            if not function.may_raise and _escapes(program, function):
                function.may_raise = changed = True
        for group in groups:
            if any(member.may_raise for member in group) and not all(member.may_raise for member in group):
                for member in group:
                    member.may_raise = True
                changed = True
    for function in bodies:
        _prune(program, function)


def can_raise(program: Program, op: Op) -> bool:
    """Whether an operation that names a handler can enter it."""
    if op.raises is None:
        return False
    if isinstance(op, Call):
        return op.function.may_raise
    if isinstance(op, CallMethod):
        return any(target.may_raise for target in program.dispatches.get((op.cls, op.method), []))
    return True


def _escapes(program: Program, function: Function) -> bool:
    """Whether a Raise without a handler can be reached."""
    assert function.body is not None
    entry = function.body.blocks[0]
    seen = {entry}
    work = [entry]

    def visit(block: Block) -> None:
        if block not in seen:
            seen.add(block)
            work.append(block)

    while work:
        for op in work.pop().ops:
            if isinstance(op, Raise) and op.handler is None:
                return True
            if op.raises is not None and can_raise(program, op):
                visit(op.raises)
            for successor in op.successors() if isinstance(op, Terminator) else []:
                visit(successor)
    return False


def _prune(program: Program, function: Function) -> None:
    assert function.body is not None
    for block in function.body.blocks:
        for op in block.ops:
            if op.raises is not None and not can_raise(program, op):
                op.handler = None  # type: ignore[attr-defined]
    function.body.blocks = reachable(function.body)
