"""Facts collected from the whole source before lowering (Program.scan)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy import nodes as n
from mypy.types import Instance, get_proper_type

from scarlet.compiler.walk import statements

if TYPE_CHECKING:
    from scarlet.compiler.program import Program


def scan_module(program: Program, tree: n.MypyFile) -> None:
    _scan(program, tree, None, "")


def _scan(program: Program, node: object, cls: n.TypeInfo | None, function: str) -> None:
    if isinstance(node, n.Block) and node.is_unreachable:
        return
    if isinstance(node, n.ClassDef):
        program.class_values.setdefault(node.info.fullname, {})
        program.sources[node.info] = None
        for name, symbol in node.info.names.items():
            method = isinstance(symbol.node, (n.FuncDef, n.Decorator, n.OverloadedFuncDef)) and not symbol.plugin_generated
            if name.startswith("__") and method:
                program.definers.setdefault(name, []).append(node.info)
        for child in statements(node):
            _scan(program, child, node.info, "")
        return
    if isinstance(node, n.Decorator):
        program.decorators[node.func] = node
    if isinstance(node, n.FuncDef):
        for child in statements(node):
            _scan(program, child, cls, node.name)
        return
    if isinstance(node, n.AssignmentStmt):
        _assignment(program, node, cls, function)
    elif isinstance(node, n.OperatorAssignmentStmt):
        _target(program, node.lvalue, function)
    elif isinstance(node, n.ForStmt):
        _target(program, node.index, function)
    elif isinstance(node, n.WithStmt):
        for target in node.target:
            if target is not None:
                _target(program, target, function)
    elif isinstance(node, n.DelStmt):
        _target(program, node.expr, "del")
    for child in statements(node):
        _scan(program, child, cls, function)


def _assignment(program: Program, node: n.AssignmentStmt, cls: n.TypeInfo | None, function: str) -> None:
    for lvalue in node.lvalues:
        if isinstance(lvalue, n.NameExpr) and not isinstance(node.rvalue, n.TempNode):
            if isinstance(lvalue.node, n.Var) and (node.is_final_def or lvalue.node.is_final):
                program.finals[lvalue.node] = node.rvalue
            if cls is not None and function == "":
                program.class_values[cls.fullname][lvalue.name] = node.rvalue
        _target(program, lvalue, function)


def _target(program: Program, lvalue: n.Expression, function: str) -> None:
    if isinstance(lvalue, (n.TupleExpr, n.ListExpr)):
        for item in lvalue.items:
            _target(program, item.expr if isinstance(item, n.StarExpr) else item, function)
    elif isinstance(lvalue, n.MemberExpr):
        receiver = lvalue.expr
        if not (isinstance(receiver, n.RefExpr) and isinstance(receiver.node, n.TypeInfo)):
            kind = get_proper_type(program.checked.types.get(receiver))
            program.assigned_attributes.setdefault(lvalue.name, set()).add(kind.type if isinstance(kind, Instance) else None)
        in_init = function == "__init__" and isinstance(receiver, n.NameExpr) and receiver.name == "self"
        if not in_init:
            program.reassigned_attributes.add(lvalue.name)
        else:
            # A second assignment in __init__ (a default, then a better value) is harmless only before others see the object.
            program.init_assignments[lvalue.name] = program.init_assignments.get(lvalue.name, 0) + 1
