"""Expressions that give the same value whenever they are evaluated.

CPython evaluates a parameter's default, and a value in a class body, once. Compiled code evaluates a default at each call, and what is
stored in each object at each construction, so nothing else may stand there: the program would mean something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy import nodes as n

from scarlet.compiler.constants import constant, is_enum
from scarlet.compiler.errors import CompileError, Place

if TYPE_CHECKING:
    from scarlet.compiler.program import Program


def demand(program: Program, expression: n.Expression, place: Place, what: str) -> None:
    """CompileError unless the value of `what` lasts."""
    if not is_lasting(program, expression):
        advice = "a constant, a Final name of the module, or None and make it inside the function"
        raise CompileError(place, f"{what} is not a constant", advice)


def is_lasting(program: Program, expression: n.Expression) -> bool:
    """Constants, None, enum members, Final names, functions and classes of a module, and tuples of those."""
    if constant(program, expression) is not None or isinstance(expression, (n.EllipsisExpr, n.TempNode)):
        return True
    if isinstance(expression, n.TupleExpr):
        return all(is_lasting(program, item) for item in expression.items)
    if isinstance(expression, n.MemberExpr) and isinstance(expression.expr, n.RefExpr) and isinstance(expression.expr.node, n.TypeInfo):
        if is_enum(expression.expr.node):
            return True
    if not isinstance(expression, n.RefExpr):
        return False
    node = expression.node
    if isinstance(node, n.Var):
        return node.fullname == "builtins.None" or "." in node.fullname and node.is_final
    return isinstance(node, (n.FuncDef, n.Decorator, n.TypeInfo)) and "." in node.fullname
