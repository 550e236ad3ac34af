"""Statements: control flow and definitions. (assignments.py and exceptions.py have the others)"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.classes import is_dataclass, is_instance_variable
from scarlet.compiler.ir import Operand
from scarlet.compiler.lower.conditions import condition, static_truth
from scarlet.compiler.lower.context import Loop, Lowerer, statement
from scarlet.compiler.types import NEVER, NONE


@statement(n.PassStmt, n.Import, n.ImportFrom, n.ImportAll, n.NonlocalDecl, n.GlobalDecl)
def nothing(low: Lowerer, node: n.Statement) -> None:
    pass


@statement(n.Block)
def block(low: Lowerer, node: n.Block) -> None:
    low.body(node)


@statement(n.ExpressionStmt)
def expression_statement(low: Lowerer, node: n.ExpressionStmt) -> None:
    if isinstance(node.expr, (n.StrExpr, n.EllipsisExpr)):
        return
    if isinstance(node.expr, (n.YieldExpr, n.YieldFromExpr)):
        from scarlet.compiler.lower.generators import yield_statement

        yield_statement(low, node.expr)
        return
    low.expr(node.expr)


# --- branches and loops -----------------------------------------------------------------------------------------------


@statement(n.IfStmt)
def if_statement(low: Lowerer, node: n.IfStmt) -> None:
    end = low.new_block("endif")
    for test, body in zip(node.expr, node.body):
        known = static_truth(low, test)
        if body.is_unreachable and known is None:
            known = False
        if known is False:
            continue
        if known is True:
            low.body(body)
            low.goto(end)
            low.start(end)
            return
        then, orelse = low.new_block("if"), low.new_block("else")
        condition(low, test, then, orelse)
        low.start(then)
        low.body(body)
        low.goto(end)
        low.start(orelse)
    if node.else_body is not None:
        low.body(node.else_body)
    low.goto(end)
    low.start(end)


@statement(n.WhileStmt)
def while_statement(low: Lowerer, node: n.WhileStmt) -> None:
    head, body, out, end = low.new_block("while"), low.new_block("body"), low.new_block("out"), low.new_block("endwhile")
    low.goto(head)
    low.start(head)
    condition(low, node.expr, body, out)
    low.start(body)
    depth = len(low.cleanups)
    low.loops.append(Loop(head, end, depth, depth))
    low.body(node.body)
    low.loops.pop()
    low.goto(head)
    low.start(out)
    if node.else_body is not None:
        low.body(node.else_body)
    low.goto(end)
    low.start(end)


@statement(n.ForStmt)
def for_statement(low: Lowerer, node: n.ForStmt) -> None:
    from scarlet.compiler.lower.iteration import loop_over

    loop_over(low, node.index, node.expr, lambda onward: low.body(node.body), orelse=node.else_body)


def leave(low: Lowerer, depth: int) -> None:
    """Emit the cleanups of the frames above a height, innermost first."""
    saved, handler = low.cleanups, low.handler
    while len(low.cleanups) > depth:
        frame = low.cleanups[-1]
        low.cleanups = low.cleanups[:-1]
        low.handler = frame.handler
        frame.emit()
    low.cleanups, low.handler = saved, handler


@statement(n.BreakStmt)
def break_statement(low: Lowerer, node: n.BreakStmt) -> None:
    loop = low.loops[-1]
    leave(low, loop.outside)
    low.goto(loop.out)


@statement(n.ContinueStmt)
def continue_statement(low: Lowerer, node: n.ContinueStmt) -> None:
    loop = low.loops[-1]
    leave(low, loop.inside)
    low.goto(loop.onward)


@statement(n.ReturnStmt)
def return_statement(low: Lowerer, node: n.ReturnStmt) -> None:
    result = low.function.result
    value: Operand | None = None
    if node.expr is not None and not low.function.is_generator:
        value = low.expr(node.expr, result)
        value = low.coerce(value, result)
    if value is not None and any(not frame.iterators for frame in low.cleanups):
        value = low.stable(value)
    leave(low, 0)
    if low.function.is_generator:
        from scarlet.compiler.lower.generators import finish_generator

        finish_generator(low)
        return
    low.emit(ir.Return(None if result in (NONE, NEVER) else value))


# --- definitions ------------------------------------------------------------------------------------------------------


@statement(n.FuncDef, n.Decorator, n.OverloadedFuncDef)
def nested_function(low: Lowerer, node: n.FuncDef | n.Decorator | n.OverloadedFuncDef) -> None:
    function = node.func if isinstance(node, n.Decorator) else node
    if isinstance(function, n.OverloadedFuncDef):
        return
    if low.function.node is None:
        return  # module level: compiled on demand
    from scarlet.compiler.lower.closures import define_nested

    define_nested(low, function)


@statement(n.ClassDef)
def class_definition(low: Lowerer, node: n.ClassDef) -> None:
    if low.function.node is not None:
        raise low.refuse("a class inside a function is outside the dialect", "a class at module level", node)
    from scarlet.compiler.constants import is_enum

    if is_enum(node.info):
        return
    values = low.program.class_values.get(node.info.fullname, {})
    for stmt in node.defs.body:
        if isinstance(stmt, n.ClassDef):
            low.statement(stmt)
        if not isinstance(stmt, n.AssignmentStmt) or isinstance(stmt.rvalue, n.TempNode):
            continue
        for lvalue in stmt.lvalues:
            if isinstance(lvalue, n.NameExpr) and lvalue.name in values and not node.info.type_vars:
                initialise_class_variable(low, node, stmt, lvalue)


def initialise_class_variable(low: Lowerer, node: n.ClassDef, stmt: n.AssignmentStmt, lvalue: n.NameExpr) -> None:
    from scarlet.compiler.constants import constant

    program = low.program
    symbol = lvalue.node
    if not isinstance(symbol, n.Var) or lvalue.name.startswith("__"):
        return
    if symbol.is_final and constant(program, stmt.rvalue) is not None:
        return
    cls = program.class_of(node.info, ())
    if is_instance_variable(program, cls, lvalue.name, symbol) and is_dataclass(node.info):
        return
    low.line = stmt.line
    var = program.global_of(symbol, cls.env, f"{node.info.fullname}.{lvalue.name}")
    if var.type != NONE:
        low.emit(ir.SetGlobal(var, low.expr_as(stmt.rvalue, var.type)))


@statement(n.MatchStmt)
def match_statement(low: Lowerer, node: n.MatchStmt) -> None:
    from scarlet.compiler.lower.match import lower_match

    lower_match(low, node)
