"""The passes: whole-program analyses and rewrites of the IR, one a module, in the order of `run`.

| pass | before | after |
|---|---|---|
| devirtualize | dispatched calls | direct calls where one implementation exists |
| may_raise | every operation has a handler | handlers cleared where nothing can be raised; Function.may_raise is exact |
| frozen | owned loads | loads of fields that only constructors set are borrowed from their object |
| alias | counted variables | a variable bound once to what is alive anyway is borrowed |
| inline | calls | copies of small functions |
| releases | - | Function.releases: whether a call may end the life of an object |
| borrow | owned loads | loads are borrowed where nothing can release the object while it is used |
| refcount | owned, borrowed and stolen operands | explicit IncRef and DecRef |
"""

from __future__ import annotations

from scarlet.compiler.passes import alias, borrow, devirtualize, frozen, inline, may_raise, refcount, releases
from scarlet.compiler.passes.ends import Ends
from scarlet.compiler.program import Program


def run(program: Program) -> None:
    """Run all passes over the lowered functions, in place."""
    devirtualize.run(program)
    may_raise.run(program)
    frozen.run(program)
    for function in program.lowered:
        if function.body is not None and not function.is_generator:
            alias.run(function.body)
    inline.run(program)
    releases.run(program)
    ends = Ends(program)
    for function in program.lowered:
        if function.body is not None:
            borrow.run(function.body, ends)
            refcount.run(function.body)
