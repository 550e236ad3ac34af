"""Statements: assignment, control flow, exceptions, with."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n
from mypy.types import AnyType, get_proper_type

from scarlet.compiler import ir
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower.context import Cleanup, Loop, Lowerer, statement
from scarlet.compiler.lower.expressions import (
    class_reference,
    class_variable,
    condition,
    operate,
    slice_bounds,
    static_truth,
    stepped_bounds,
)
from scarlet.compiler.program import Class
from scarlet.compiler.types import BOOL, CLASS_REF, INT, NEVER, NONE, ObjectType, OptionalType, PointerType, TupleType, Type


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


# --- assignment -------------------------------------------------------------------------------------------------------


@statement(n.AssignmentStmt)
def assignment(low: Lowerer, node: n.AssignmentStmt) -> None:
    if isinstance(node.rvalue, n.TempNode) or node.is_alias_def:
        return
    if isinstance(node.rvalue, n.CallExpr) and isinstance(node.rvalue.analyzed, (n.TypeVarExpr, n.NewTypeExpr, n.NamedTupleExpr)):
        return
    if isinstance(node.rvalue, (n.TypeVarExpr, n.NewTypeExpr)):
        return
    if all(_is_constant_definition(low, lvalue) for lvalue in node.lvalues):
        return
    if len(node.lvalues) == 1 and static_storage(low, node):
        return
    if len(node.lvalues) == 1 and isinstance(node.lvalues[0], (n.TupleExpr, n.ListExpr)):
        unpack(low, node.lvalues[0], node.rvalue)
        return
    want = target_type(low, node.lvalues[0])
    value = low.expr(node.rvalue, want)
    if len(node.lvalues) > 1:
        value = low.stable(value)
    for lvalue in node.lvalues:
        assign_target(low, lvalue, value)


def _is_constant_definition(low: Lowerer, lvalue: n.Expression) -> bool:
    """A Final whose value is folded wherever it is used needs no storage."""
    from scarlet.compiler.constants import variable

    if isinstance(lvalue, n.NameExpr) and isinstance(lvalue.node, n.Var) and lvalue.node.is_final and lvalue.kind != n.LDEF:
        return variable(low.program, lvalue.node) is not None
    return False


def static_storage(low: Lowerer, node: n.AssignmentStmt) -> bool:
    """`NAME: Final = static_bytes(size)`: the global is a static array."""
    call = node.rvalue
    if not (
        isinstance(call, n.CallExpr) and isinstance(call.callee, n.RefExpr) and call.callee.fullname == "scarlet.lang.raw.static_bytes"
    ):
        return False
    from scarlet.compiler.constants import constant

    numbers = [constant(low.program, arg) for arg in call.args]
    lvalue = node.lvalues[0]
    if not isinstance(lvalue, n.NameExpr) or not isinstance(lvalue.node, n.Var) or not all(isinstance(x, int) for x in numbers):
        raise low.refuse("static_bytes needs constant arguments and a module-level Final name", "NAME: Final = static_bytes(4096)", node)
    var = low.program.global_of(lvalue.node)
    align = numbers[1] if len(numbers) > 1 else 16
    assert isinstance(numbers[0], int) and isinstance(align, int)
    var.storage = (numbers[0], align)
    return True


def target_type(low: Lowerer, lvalue: n.Expression) -> Type | None:
    """The declared type of an assignment target, as context for its value."""
    if isinstance(lvalue, n.NameExpr):
        symbol = lvalue.node
        found = low.variables.get(symbol) if symbol is not None else None
        if found is not None:
            return found.type
        if isinstance(symbol, n.Var) and symbol.type is not None and not isinstance(get_proper_type(symbol.type), AnyType):
            return low.convert_type(symbol.type)
        return None
    if isinstance(lvalue, n.MemberExpr):
        if (
            isinstance(lvalue.node, n.Var)
            and lvalue.kind is not None
            and lvalue.node.type is not None
            and isinstance(lvalue.expr, n.RefExpr)
            and isinstance(lvalue.expr.node, n.MypyFile)
        ):
            return low.convert_type(lvalue.node.type)
        owner = None if class_reference(lvalue.expr) else low.maybe_type_of(lvalue.expr)
        if isinstance(owner, OptionalType):
            owner = owner.item
        if isinstance(owner, ObjectType):
            fields = low.program.fields_of(owner.cls)
            if lvalue.name in fields:
                return fields[lvalue.name]
            setter = low.program.setter_node(owner.cls, lvalue.name)
            if setter is not None:
                return low.program.function_of(setter[1], setter[0], setter[0].env, queue=False).params[1].type
        return low.maybe_type_of(lvalue)
    if isinstance(lvalue, n.IndexExpr):
        owner = low.maybe_type_of(lvalue.base)
        if isinstance(owner, ObjectType) and not isinstance(lvalue.index, n.SliceExpr):
            function = low.program.method_function(owner.cls, "__setitem__")
            if function is not None and len(function.params) > 2:
                return function.params[2].type
        if isinstance(owner, PointerType):
            return owner.item
        if isinstance(owner, ObjectType):
            return owner
    return None


def assign_target(low: Lowerer, lvalue: n.Expression, value: Operand) -> None:
    """Store a value into a target."""
    if isinstance(lvalue, n.NameExpr):
        assign_name(low, lvalue, value)
    elif isinstance(lvalue, n.MemberExpr):
        assign_member(low, lvalue, value)
    elif isinstance(lvalue, n.IndexExpr):
        assign_item(low, lvalue, value)
    elif isinstance(lvalue, (n.TupleExpr, n.ListExpr)):
        unpack_value(low, lvalue, value)
    elif isinstance(lvalue, n.StarExpr):
        raise low.refuse("a starred target is outside the dialect", "slices", lvalue)
    else:
        raise low.refuse(f"cannot assign to {type(lvalue).__name__}", "", lvalue)


def assign_name(low: Lowerer, lvalue: n.NameExpr, value: Operand) -> None:
    symbol = lvalue.node
    if lvalue.name == "_" and symbol not in low.variables and not isinstance(symbol, n.Var):
        return
    if not isinstance(symbol, n.Var):
        raise low.refuse(f"{lvalue.name} cannot be assigned", "", lvalue)
    if symbol in low.variables:
        low.write_variable(low.variables[symbol], value)
        return
    if lvalue.kind == n.GDEF or (symbol.fullname and "." in symbol.fullname and lvalue.kind != n.LDEF):
        var = low.program.global_of(symbol)
        if var.type != NONE:
            low.emit(ir.SetGlobal(var, low.coerce(value, var.type)))
        return
    kind = value.type
    if symbol.type is not None:
        from mypy.types import PartialType

        if lvalue.name == "_" and isinstance(get_proper_type(symbol.type), AnyType):
            # mypy gives `_` no type of its own: each type gets a variable.
            if kind != NONE:
                if kind not in low.throwaways:
                    low.throwaways[kind] = low.variable("_", kind)
                low.write_variable(low.throwaways[kind], value)
            return
        if not isinstance(symbol.type, PartialType):
            kind = low.convert_type(symbol.type)
    variable = low.declare(symbol, symbol.name, kind)
    low.write_variable(variable, value)


def assign_member(low: Lowerer, lvalue: n.MemberExpr, value: Operand) -> None:
    if isinstance(lvalue.expr, n.RefExpr) and isinstance(lvalue.expr.node, n.MypyFile):
        assert isinstance(lvalue.node, n.Var)
        var = low.program.global_of(lvalue.node)
        low.emit(ir.SetGlobal(var, low.coerce(value, var.type)))
        return
    info = class_reference(lvalue.expr)
    if info is not None:
        var = class_variable(low, info, lvalue.name)
        low.emit(ir.SetGlobal(var, low.coerce(value, var.type)))
        return
    owner = low.expr(lvalue.expr)
    store_attribute(low, owner, lvalue.name, value)


def store_attribute(low: Lowerer, owner: Operand, name: str, value: Operand) -> None:
    """owner.name = value."""
    kind = owner.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        owner = unwrap(low, owner, kind)
        kind = owner.type
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"a value of type {kind} has no attributes that can be set")
    if name in low.program.fields_of(kind.cls):
        low.set_field(owner, kind.cls, name, value)
        return
    setter = low.program.setter_node(kind.cls, name)
    if setter is not None:
        function = low.program.function_of(setter[1], setter[0], setter[0].env)
        low.emit_call(function, [owner, low.coerce(value, function.params[1].type)])
        return
    found = kind.cls.definition(name)
    if found is not None and isinstance(found[1], n.Var):
        raise low.refuse(
            f"{name} is a class variable; setting it on an object is outside the dialect",
            f"{found[0].info.name}.{name} = ..., or assign it in __init__",
        )
    raise low.refuse(f"{kind.cls.info.name} has no attribute {name}", "an assignment in __init__")


def assign_item(low: Lowerer, lvalue: n.IndexExpr, value: Operand) -> None:
    value = low.stable(value)
    base = low.expr(lvalue.base)
    kind = base.type
    if isinstance(kind, PointerType):
        low.prim("ptr_store", [base, low.expr_as(lvalue.index, INT), low.coerce(value, kind.item)], NONE, steal=(2,))
        return
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"items of a {kind} cannot be assigned", "a list", lvalue)
    if isinstance(lvalue.index, n.SliceExpr):
        from scarlet.compiler.lower.methods import as_slice_source

        stepped = lvalue.index.stride is not None
        bounds = stepped_bounds(low, lvalue.index) if stepped else slice_bounds(low, lvalue.index)
        method, arguments = as_slice_source(low, kind.cls, bounds, value)
        low.call_method(kind.cls, base, method + ("_step" if stepped else ""), arguments)
        return
    function = low.program.method_function(kind.cls, "__setitem__")
    if function is None:
        raise low.refuse(f"items of a {kind} cannot be assigned", "a class with __setitem__", lvalue)
    index = low.expr_as(lvalue.index, function.params[1].type)
    low.call_method(kind.cls, base, "__setitem__", [index, value])


def unpack(low: Lowerer, targets: n.TupleExpr | n.ListExpr, rvalue: n.Expression) -> None:
    """a, b = rvalue."""
    if (
        isinstance(rvalue, (n.TupleExpr, n.ListExpr))
        and len(rvalue.items) == len(targets.items)
        and not any(isinstance(x, n.StarExpr) for x in [*rvalue.items, *targets.items])
    ):
        pairs = [low.stable(low.expr(item, target_type(low, target))) for target, item in zip(targets.items, rvalue.items)]
        for target, value in zip(targets.items, pairs):
            assign_target(low, target, value)
        return
    if isinstance(rvalue, (n.TupleExpr, n.ListExpr)) and not any(isinstance(x, n.StarExpr) for x in rvalue.items):
        spread(low, targets, [low.stable(low.expr(item)) for item in rvalue.items])
        return
    unpack_value(low, targets, low.expr(rvalue))


def unpack_value(low: Lowerer, targets: n.TupleExpr | n.ListExpr, value: Operand) -> None:
    kind = value.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        value = unwrap(low, value, kind)
        kind = value.type
    if any(isinstance(item, n.StarExpr) for item in targets.items):
        unpack_starred(low, targets, value)
        return
    if isinstance(kind, TupleType):
        if len(kind.items) != len(targets.items):
            raise low.refuse(f"{len(kind.items)} values for {len(targets.items)} targets", "", targets)
        for index, target in enumerate(targets.items):
            assign_target(low, target, low.tuple_get(value, index))
        return
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"a {kind} cannot be unpacked", "a tuple", targets)
    value = low.stable(value)
    length = low.coerce(low.method(value, "__len__"), INT)
    good, bad = low.new_block("unpack"), low.new_block("count")
    low.branch(low.prim("eq", [length, Imm(len(targets.items), INT)], BOOL), good, bad, 1)
    low.start(bad)
    low.runtime("list.wrong_count", Imm(len(targets.items), INT), length)
    low.emit(ir.Unreachable())
    low.start(good)
    for index, target in enumerate(targets.items):
        assign_target(low, target, low.call_method(kind.cls, value, "__getitem__", [Imm(index, INT)]))


def unpack_starred(low: Lowerer, targets: n.TupleExpr | n.ListExpr, value: Operand) -> None:
    """a, *b, c = value, for a list or a tuple; b gets a list."""
    kind = value.type
    value = low.stable(value)
    if isinstance(kind, TupleType):
        spread(low, targets, [low.tuple_get(value, index) for index in range(len(kind.items))])
        return
    at = next(index for index, item in enumerate(targets.items) if isinstance(item, n.StarExpr))
    behind = len(targets.items) - at - 1
    if not isinstance(kind, ObjectType) or not kind.cls.name.startswith("scarlet.runtime.list.List["):
        raise low.refuse("a starred target takes a list or a tuple apart", "list(...) around the value", targets)
    length = low.coerce(low.method(value, "__len__"), INT)
    good, bad = low.new_block("unpack"), low.new_block("count")
    low.branch(low.prim("ge", [length, Imm(len(targets.items) - 1, INT)], BOOL), good, bad, 1)
    low.start(bad)
    low.runtime("list.too_few", Imm(len(targets.items) - 1, INT), length)
    low.emit(ir.Unreachable())
    low.start(good)
    for index, target in enumerate(targets.items):
        if isinstance(target, n.StarExpr):
            end = low.prim("sub", [length, Imm(behind, INT)], INT)
            assign_target(low, target.expr, low.call_method(kind.cls, value, "getslice", [Imm(index, INT), end]))
        else:
            position = Imm(index, INT) if index < at else low.prim("sub", [length, Imm(len(targets.items) - index, INT)], INT)
            assign_target(low, target, low.call_method(kind.cls, value, "__getitem__", [position]))


def spread(low: Lowerer, targets: n.TupleExpr | n.ListExpr, items: list[Operand]) -> None:
    """Give known values to targets, of which one may be starred."""
    from scarlet.compiler.lower.displays import build_list

    plain = sum(not isinstance(target, n.StarExpr) for target in targets.items)
    if len(items) < plain or (len(items) > plain and plain == len(targets.items)):
        raise low.refuse(f"{len(items)} values for {len(targets.items)} targets", "", targets)
    left = list(items)
    for target in targets.items:
        if isinstance(target, n.StarExpr):
            count = len(items) - plain
            wanted = target_type(low, target.expr)
            item = wanted.cls.args[0] if isinstance(wanted, ObjectType) and wanted.cls.args else left[0].type if count else INT
            assign_target(low, target.expr, build_list(low, left[:count], item))
            del left[:count]
        else:
            assign_target(low, target, left.pop(0))


@statement(n.OperatorAssignmentStmt)
def augmented(low: Lowerer, node: n.OperatorAssignmentStmt) -> None:
    lvalue = node.lvalue
    if isinstance(lvalue, n.NameExpr):
        assign_target(low, lvalue, in_place(low, node.op, low.expr(lvalue), node.rvalue))
    elif (
        isinstance(lvalue, n.MemberExpr)
        and class_reference(lvalue.expr) is None
        and not (isinstance(lvalue.expr, n.RefExpr) and isinstance(lvalue.expr.node, n.MypyFile))
    ):
        from scarlet.compiler.lower.expressions import attribute_of, narrowed

        owner = low.stable(low.expr(lvalue.expr))
        current = narrowed(low, lvalue, attribute_of(low, owner, lvalue.name, lvalue))
        store_attribute(low, owner, lvalue.name, in_place(low, node.op, current, node.rvalue))
    elif isinstance(lvalue, n.IndexExpr) and not isinstance(lvalue.index, n.SliceExpr):
        augmented_item(low, lvalue, node)
    else:
        assign_target(low, lvalue, in_place(low, node.op, low.expr(lvalue), node.rvalue))


def augmented_item(low: Lowerer, lvalue: n.IndexExpr, node: n.OperatorAssignmentStmt) -> None:
    base = low.stable(low.expr(lvalue.base))
    kind = base.type
    if isinstance(kind, PointerType):
        index = low.stable(low.expr_as(lvalue.index, INT))
        old = low.prim("ptr_load", [base, index], kind.item)
        low.prim("ptr_store", [base, index, low.coerce(in_place(low, node.op, old, node.rvalue), kind.item)], NONE, steal=(2,))
        return
    if not isinstance(kind, ObjectType):
        raise low.refuse(f"items of a {kind} cannot be assigned", "a list", lvalue)
    function = low.program.method_function(kind.cls, "__getitem__")
    if function is None:
        raise low.refuse(f"a value of type {kind} cannot be subscripted", "", lvalue)
    key = low.stable(low.expr_as(lvalue.index, function.params[1].type))
    old = low.call_method(kind.cls, base, "__getitem__", [key])
    low.call_method(kind.cls, base, "__setitem__", [key, in_place(low, node.op, old, node.rvalue)])


def in_place(low: Lowerer, op: str, current: Operand, rvalue: n.Expression) -> Operand:
    """current op= rvalue."""
    from scarlet.compiler.lower.expressions import integers_names

    kind = current.type
    if isinstance(kind, ObjectType):
        special = f"__i{integers_names(op)}__"
        if kind.cls.name.startswith("scarlet.runtime.list.List[") and op == "+":
            from scarlet.compiler.lower.methods import extend_list

            extend_list(low, low.stable(current), rvalue)
            return current
        if low.program.method_function(kind.cls, special) is not None:
            right = low.expr(rvalue, kind)
            if kind.cls.name == "scarlet.runtime.bytes.ByteArray":
                from scarlet.compiler.lower.values import as_bytes

                right = as_bytes(low, right)
            return low.call_method(kind.cls, current, special, [right])
    current = low.stable(current) if isinstance(rvalue, (n.CallExpr, n.AssignmentExpr)) and low.copy_reads else current
    return operate(low, op, current, low.expr(rvalue, kind if isinstance(kind, ObjectType) else None))


@statement(n.DelStmt)
def delete(low: Lowerer, node: n.DelStmt) -> None:
    targets = node.expr.items if isinstance(node.expr, n.TupleExpr) else [node.expr]
    for target in targets:
        if isinstance(target, n.NameExpr) and target.node in low.variables:
            low.unbind(low.variables[target.node])
        elif isinstance(target, n.IndexExpr):
            base = low.expr(target.base)
            if not isinstance(base.type, ObjectType):
                raise low.refuse("only items of containers can be deleted", "", node)
            if isinstance(target.index, n.SliceExpr):
                if target.index.stride is not None:
                    low.call_method(base.type.cls, base, "delslice_step", stepped_bounds(low, target.index))
                else:
                    low.call_method(base.type.cls, base, "delslice", slice_bounds(low, target.index))
            else:
                function = low.program.method_function(base.type.cls, "__delitem__")
                if function is None:
                    raise low.refuse(f"items of {base.type} cannot be deleted", "", node)
                low.call_method(base.type.cls, base, "__delitem__", [low.expr_as(target.index, function.params[1].type)])
        else:
            raise low.refuse("del of this is outside the dialect", "del of a local variable or an item", node)


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
    low.loops.append(Loop(head, end, len(low.cleanups)))
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
    leave(low, loop.depth)
    low.goto(loop.out)


@statement(n.ContinueStmt)
def continue_statement(low: Lowerer, node: n.ContinueStmt) -> None:
    loop = low.loops[-1]
    leave(low, loop.depth)
    low.goto(loop.onward)


@statement(n.ReturnStmt)
def return_statement(low: Lowerer, node: n.ReturnStmt) -> None:
    result = low.function.result
    value: Operand | None = None
    if node.expr is not None and not low.function.is_generator:
        value = low.expr(node.expr, result)
        value = low.coerce(value, result)
    if low.cleanups and value is not None:
        value = low.stable(value)
    leave(low, 0)
    if low.function.is_generator:
        from scarlet.compiler.lower.generators import finish_generator

        finish_generator(low)
        return
    low.emit(ir.Return(None if result in (NONE, NEVER) else value))


# --- exceptions -------------------------------------------------------------------------------------------------------


@statement(n.AssertStmt)
def assert_statement(low: Lowerer, node: n.AssertStmt) -> None:
    good, bad = low.new_block("assured"), low.new_block("failed")
    condition(low, node.expr, good, bad)
    low.start(bad)
    cls = low.program.exception_class("AssertionError")
    arguments = []
    if node.msg is not None:
        from scarlet.compiler.lower.values import str_of

        arguments.append(str_of(low, low.expr(node.msg)))
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
    info = class_reference(node.expr)
    if info is not None:
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
    if program.is_instance_variable(cls, lvalue.name, symbol) and program.is_dataclass(node.info):
        return
    low.line = stmt.line
    var = program.global_of(symbol, cls.env, f"{node.info.fullname}.{lvalue.name}")
    if var.type != NONE:
        low.emit(ir.SetGlobal(var, low.expr_as(stmt.rvalue, var.type)))


@statement(n.MatchStmt)
def match_statement(low: Lowerer, node: n.MatchStmt) -> None:
    from scarlet.compiler.lower.match import lower_match

    lower_match(low, node)
