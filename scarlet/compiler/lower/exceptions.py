"""Statements about exceptions: assert, raise, try, with."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower.assignments import assign_target
from scarlet.compiler.lower.builder import Cleanup
from scarlet.compiler.lower.conditions import condition
from scarlet.compiler.lower.context import Lowerer, statement
from scarlet.compiler.lower.members import class_reference
from scarlet.compiler.program import Class
from scarlet.compiler.types import BOOL, CLASS_REF, NONE, ObjectType, OptionalType, Type


@statement(n.AssertStmt)
def assert_statement(low: Lowerer, node: n.AssertStmt) -> None:
    good, bad = low.new_block("assured"), low.new_block("failed")
    condition(low, node.expr, good, bad)
    low.start(bad)
    cls = low.program.exception_class("AssertionError")
    arguments = []
    if node.msg is not None:
        message = low.expr(node.msg)
        if message.type != low.str_type:
            raise low.refuse("the message of an assert must be a str", 'an f-string, f"{...}"', node.msg)
        arguments.append(message)
    raise_fresh(low, low.construct(cls, arguments))
    low.start(good)


def raise_fresh(low: Lowerer, error: Operand) -> None:
    """Raise an exception just made: it remembers this place."""
    base = low.program.exception_class("BaseException")
    low.set_field(error, base, "raise_site", low.site())
    low.raise_value(error)


@statement(n.RaiseStmt)
def raise_statement(low: Lowerer, node: n.RaiseStmt) -> None:
    if node.expr is None:
        if not low.current_exception:
            raise low.refuse("a bare raise outside except", "raise of an exception", node)
        low.raise_value(low.current_exception[-1])
        return
    info = class_reference(node.expr) or class_reference(node.expr.callee if isinstance(node.expr, n.CallExpr) else node.expr)
    if info is not None and not info.has_base("builtins.Exception"):
        raise low.refuse(f"raise of {info.name} is outside the dialect", "a class derived from Exception", node)
    if info is not None and not isinstance(node.expr, n.CallExpr):
        raise_fresh(low, low.construct(low.program.class_of(info, ())))
        return
    error = outlined_exception(low, node.expr) or low.expr(node.expr)
    if isinstance(node.expr, n.CallExpr):
        raise_fresh(low, error)
    else:
        low.raise_value(error)


def outlined_exception(low: Lowerer, node: n.Expression) -> Operand | None:
    """An exception whose arguments are constants, made in a cold function of its own, so that the code which does not raise it keeps no
    registers for it. None when the expression is something else."""
    from scarlet.compiler.constants import constant
    from scarlet.compiler.lower.synthesis import synthesise

    if not isinstance(node, n.CallExpr):
        return None
    info = class_reference(node.callee)
    values = [constant(low.program, arg) for arg in node.args]
    if info is None or info.type_vars or any(value is None for value in values):
        return None
    cls = low.program.class_of(info, ())
    shown = tuple((name, type(value).__name__, value) for name, value in zip(node.arg_names, values))
    made = synthesise(
        low.program,
        ("exception", cls, shown),
        f"{low.function.module}.made_{info.name}",
        low.function.module,
        [],
        cls.type,
        lambda inner, args: inner.expr(node),
        line=node.line,
    )
    made.cold = made.noinline = True
    return low.emit_call(made, [])


def exception_classes(low: Lowerer, node: n.Expression) -> list[Class]:
    """The classes named by an except clause."""
    items = node.items if isinstance(node, n.TupleExpr) else [node]
    out = []
    for item in items:
        info = class_reference(item)
        if info is None:
            raise low.refuse("except needs exception classes", "a class or a tuple of classes", node)
        out.append(low.program.class_of(info, ()))
    return out


@statement(n.TryStmt)
def try_statement(low: Lowerer, node: n.TryStmt) -> None:
    if node.finally_body is None:
        try_except(low, node)
        return
    finally_body = node.finally_body

    def emit_finally() -> None:
        low.body(finally_body)

    def protected() -> None:
        if node.handlers:
            try_except(low, node)
        else:
            low.body(node.body)

    with_cleanup(low, protected, emit_finally)


def with_cleanup(low: Lowerer, protected: Callable[[], None], emit_finally: Callable[[], None]) -> None:
    """try: protected finally: emit_finally. The cleanup is copied onto every way out."""
    outer = low.handler
    landing, end = low.new_block("unwind"), low.new_block("endtry")
    low.cleanups.append(Cleanup(emit_finally, outer))
    low.handler = landing
    protected()
    low.cleanups.pop()
    low.handler = outer
    if not low.dead:
        emit_finally()
        low.goto(end)
    low.start(landing)
    error = catch(low)
    low.current_exception.append(error)
    emit_finally()
    low.current_exception.pop()
    low.raise_value(error)
    low.start(end)


def catch(low: Lowerer) -> Reg:
    """Take the exception that entered this block."""
    error = low.temp(low.program.exception_class("BaseException").type, "caught")
    low.emit(ir.Catch(error))
    return error


def try_except(low: Lowerer, node: n.TryStmt) -> None:
    outer = low.handler
    landing, end = low.new_block("except"), low.new_block("endtry")
    low.handler = landing
    # break/continue/return inside the body must not be caught here: cleanups run with their own handlers.
    low.body(node.body)
    low.handler = outer
    if node.else_body is not None and not low.dead:
        low.body(node.else_body)
    low.goto(end)
    low.start(landing)
    error = catch(low)
    for handler_type, variable, body in zip(node.types, node.vars, node.handlers):
        matched, onward = low.new_block("matched"), low.new_block("nextexcept")
        kind: Type = error.type
        if handler_type is not None:
            classes = exception_classes(low, handler_type)
            for cls in classes:
                if low.program.exception_class("BaseException").derives(cls):  # every exception is one
                    low.goto(matched)
                    break
                flag = low.temp(BOOL)
                low.emit(ir.InstanceOf(flag, error, cls))
                other = low.new_block("other")
                low.branch(flag, matched, other)
                low.start(other)
            kind = classes[0].type if len(classes) == 1 else error.type
            low.goto(onward)
        else:
            low.goto(matched)
        low.start(matched)
        if variable is not None and isinstance(variable.node, n.Var):
            # Handlers share one mypy variable, whose type changes from one to the next: each has storage of its own.
            low.variables.pop(variable.node, None)
            low.write_variable(low.declare(variable.node, variable.name, kind), low.prim("cast", [error], kind, borrow=error))
        low.current_exception.append(error)
        low.body(body)
        low.current_exception.pop()
        if variable is not None and variable.node in low.variables and not low.dead:
            found = low.variables[variable.node]
            if isinstance(found, Reg):
                low.unbind(found)
        low.goto(end)
        low.start(onward)
    low.raise_value(error)
    low.start(end)


@statement(n.WithStmt)
def with_statement(low: Lowerer, node: n.WithStmt) -> None:
    with_item(low, node, 0)


def with_item(low: Lowerer, node: n.WithStmt, index: int) -> None:
    if index == len(node.expr):
        low.body(node.body)
        return
    manager = low.expr(node.expr[index])
    if not isinstance(manager.type, ObjectType):
        raise low.refuse(f"a value of type {manager.type} is not a context manager", "a class with __enter__ and __exit__", node)
    # The manager must live as long as the block.
    kept = low.variable("manager", manager.type)
    low.assign(kept, manager)
    cls = manager.type.cls
    entered = low.call_method(cls, kept, "__enter__", [])
    target = node.target[index]
    if target is not None:
        assign_target(low, target, entered)
    exit_function = low.program.method_function(cls, "__exit__")
    if exit_function is None:
        raise low.refuse(f"{cls.info.name} has no __exit__", "", node)
    kinds = [param.type for param in exit_function.params[1:]]

    def leave_normally() -> None:
        low.call_method(cls, kept, "__exit__", [Imm(None, kind) for kind in kinds])
        low.assign(kept, Imm(None, kept.type))

    outer = low.handler
    landing, end = low.new_block("unwind"), low.new_block("endwith")
    low.cleanups.append(Cleanup(leave_normally, outer))
    low.handler = landing
    with_item(low, node, index + 1)
    low.cleanups.pop()
    low.handler = outer
    if not low.dead:
        leave_normally()
        low.goto(end)
    low.start(landing)
    error = catch(low)
    arguments: list[Operand] = []
    for kind in kinds:
        base = kind.item if isinstance(kind, OptionalType) else kind
        if base == CLASS_REF:
            arguments.append(low.coerce(low.prim("class_of", [error], CLASS_REF), kind))
        elif isinstance(base, ObjectType) and error.type.cls.derives(base.cls) and not arguments[1:]:  # type: ignore[attr-defined]
            arguments.append(low.coerce(error, kind))
        else:
            arguments.append(Imm(None, kind))
    swallowed = low.call_method(cls, kept, "__exit__", arguments)
    low.assign(kept, Imm(None, kept.type))
    if swallowed.type != NONE:
        from scarlet.compiler.lower.conversions import truth

        again = low.new_block("reraise")
        low.branch(truth(low, swallowed), end, again)
        low.start(again)
    low.raise_value(error)
    low.start(end)
