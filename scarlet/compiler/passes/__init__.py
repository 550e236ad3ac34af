"""The passes: analyses and rewrites of the IR, one a module, in the order of this table.

| pass | before | after |
|---|---|---|
| devirtualize | dispatched calls | direct calls where one implementation exists |
| may_raise | every operation has a handler | handlers cleared where nothing can be raised; Function.may_raise is exact |
| frozen | owned loads | loads of fields that only constructors set are borrowed from their object |
| alias | counted variables | a variable bound once to what is alive anyway is borrowed |
| releases | - | Function.releases: whether a call may end the life of an object |
| inline | calls | copies of small functions |
| borrow | owned loads | loads are borrowed where nothing can release the object while it is used |
| refcount | owned, borrowed and stolen operands | explicit IncRef and DecRef |

All but the last three look at the whole program. Those look at one function (and at the small ones that are copied) and run when its code
is wanted (`Finisher`): never, where the C text of an earlier build can be taken, and in the processes that share the writing of C.
Beside them: `graph` and `ends`, and `ownership` and `liveness`, which refcount rests on.
"""

from __future__ import annotations

from scarlet.compiler.passes import alias, borrow, devirtualize, frozen, may_raise, refcount, releases
from scarlet.compiler.passes.ends import Ends
from scarlet.compiler.passes.graph import reachable
from scarlet.compiler.passes.inline import Inliner
from scarlet.compiler.program import Function, Program


class Finisher:
    """The passes over single functions; each function is finished once, when it is first asked for."""

    def __init__(self, program: Program, inliner: Inliner) -> None:
        self.inliner = inliner
        self.ends = Ends(program)
        self.done: set[Function] = set()

    def finish(self, function: Function) -> None:
        if function.body is not None and function not in self.done:
            self.done.add(function)
            self.inliner.keep(function)
            self.inliner.expand(function)
            function.body.blocks = reachable(function.body)
            borrow.run(function.body, self.ends)
            refcount.run(function.body)


def run(program: Program) -> Finisher:
    """Run the passes over the whole program, in place. The rest are left to what is returned."""
    devirtualize.run(program)
    may_raise.run(program)
    frozen.run(program)
    for function in program.lowered:
        if function.body is not None and not function.is_generator:
            alias.run(function.body)
    inliner = Inliner(program)
    releases.run(program, inliner)
    return Finisher(program, inliner)
