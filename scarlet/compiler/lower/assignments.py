"""Assignment: to names, attributes and items, augmented assignment, del. (unpacking.py has patterns of them)"""

from __future__ import annotations

from mypy import nodes as n
from mypy.types import AnyType, get_proper_type

from scarlet.compiler import ir
from scarlet.compiler.advice import word_for
from scarlet.compiler.ir import Operand
from scarlet.compiler.lower.context import Lowerer, statement
from scarlet.compiler.lower.members import class_reference, class_variable
from scarlet.compiler.lower.operators import operate
from scarlet.compiler.lower.subscripts import slice_bounds, stepped_bounds
from scarlet.compiler.types import INT, NONE, ObjectType, OptionalType, PointerType, Type


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
        from scarlet.compiler.lower.unpacking import unpack

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
        from scarlet.compiler.lower.unpacking import unpack_value

        unpack_value(low, lvalue, value)
    elif isinstance(lvalue, n.StarExpr):
        raise low.refuse("a starred target is outside the dialect", "slices", lvalue)
    else:
        raise low.refuse(f"cannot assign to {word_for(lvalue)}", "", lvalue)


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
        if lvalue.name in low.program.fields_of(low.program.class_of(info, ())):
            advice = f"{lvalue.name}: ClassVar[...] if all objects share it, an attribute of one object else"
            raise low.refuse(f"each {info.name} has a {lvalue.name} of its own, which this would not change", advice, lvalue)
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
        from scarlet.compiler.lower.expressions import narrowed
        from scarlet.compiler.lower.members import attribute_of

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
    from scarlet.compiler.lower.operators import integers_names

    kind = current.type
    if isinstance(kind, ObjectType):
        special = f"__i{integers_names(op)}__"
        if kind.cls.name.startswith("scarlet.runtime.list.List[") and op == "+":
            from scarlet.compiler.lower.methods import extend_list

            extend_list(low, low.stable(current), rvalue)
            return current
        if low.program.method_function(kind.cls, special) is not None:
            right = low.expr(rvalue, kind)
            if kind.cls.name == "scarlet.runtime.bytearray.ByteArray":
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
