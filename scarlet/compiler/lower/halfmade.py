"""The end of an object whose `__init__` raised: `__del__` runs all the same and may read an attribute that was never assigned.

CPython raises AttributeError there, which ends `__del__` and is dropped. The same happens here: reads of references by `__del__`, and by
the methods and properties of `self` that it uses, are checked (lower/context.py, get_field). An attribute that may be None is then None,
a number 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy import nodes as n

from scarlet.compiler.program import Program
from scarlet.compiler.walk import walk, walk_statements


def may_see_half_made(program: Program) -> set[n.FuncDef]:
    """The functions that may get a half-made object as `self`."""
    found: set[n.FuncDef] = set()
    for module in program.checked.modules:
        if module.name.startswith("scarlet.runtime."):
            continue
        for node in _classes(module.tree.defs):
            if node.info.get("__del__") is not None:
                _follow(node.info, "__del__", found)
    return found


def _classes(body: list[n.Statement]) -> Iterator[n.ClassDef]:
    """The classes of a module, those inside others included."""
    for stmt in body:
        if isinstance(stmt, n.ClassDef):
            yield stmt
            yield from _classes(stmt.defs.body)
        elif isinstance(stmt, (n.IfStmt, n.TryStmt, n.Block)):
            yield from (node for node in walk_statements(stmt) if isinstance(node, n.ClassDef))


def _follow(info: n.TypeInfo, name: str, found: set[n.FuncDef]) -> None:
    symbol = info.get(name)
    node = symbol.node if symbol is not None else None
    if isinstance(node, n.OverloadedFuncDef):
        node = node.items[0]
    if isinstance(node, n.Decorator):
        node = node.func
    if not isinstance(node, n.FuncDef) or node in found:
        return
    found.add(node)
    for inner in walk(node):
        if isinstance(inner, n.MemberExpr) and isinstance(inner.expr, n.NameExpr) and inner.expr.name == "self":
            _follow(info, inner.name, found)
