"""Walks over the control-flow graph that several passes share."""

from __future__ import annotations

from scarlet.compiler.ir import Block, Body, Raise, Unreachable


def targets(block: Block) -> list[Block]:
    """The blocks control may go to from a block: side exits first, then the terminator's successors."""
    found: list[Block] = []
    for op in block.ops:
        handler = op.raises
        if handler is not None and handler not in found:
            found.append(handler)
    if block.terminated:
        last = block.ops[-1]
        for successor in last.successors():  # type: ignore[attr-defined]
            if successor not in found:
                found.append(successor)
    return found


def reachable(body: Body) -> list[Block]:
    """The blocks that can be reached from the entry, in their present order."""
    seen = {body.blocks[0]}
    work = [body.blocks[0]]
    while work:
        for block in targets(work.pop()):
            if block not in seen:
                seen.add(block)
                work.append(block)
    return [block for block in body.blocks if block in seen]


def failing(body: Body) -> set[Block]:
    """The blocks from which control comes out of the function only with an exception, if at all."""
    found: set[Block] = set()
    grown = True
    while grown:
        before = len(found)
        for block in reversed(body.blocks):
            if block not in found and block.terminated:
                last = block.ops[-1]
                onward = last.successors()  # type: ignore[attr-defined]
                if all(successor in found for successor in onward) if onward else isinstance(last, (Raise, Unreachable)):
                    found.add(block)
        grown = len(found) > before
    return found
