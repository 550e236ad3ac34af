"""What the dialect refuses wherever it stands, reached or not: imports of modules that do not exist there, coroutines, metaclasses,
and what Python would run or call and compiled code would not (statements in class bodies, special methods, decorators of classes).

Everything else that is outside the subset is refused by the lowering that meets it, with the types at hand.
"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler.errors import CompileError, Place, Report
from scarlet.compiler.front import Checked, Module
from scarlet.compiler.imports import check_places
from scarlet.compiler.plugin import struct_decorator
from scarlet.compiler.walk import statements

LIBRARY = {"typing", "abc", "enum", "dataclasses", "weakref", "collections", "collections.abc", "types", "__future__", "builtins"}
"""The library modules that the compiler knows."""


KNOWN_NAMES = {
    "collections": {"deque", "abc"},
    "dataclasses": {"dataclass", "field"},
    "enum": {"Enum", "IntEnum", "IntFlag", "Flag", "auto", "unique"},
    "weakref": {"ref", "ReferenceType"},
    "abc": {"ABC", "abstractmethod"},
    "types": {"TracebackType", "NoneType"},
}
"""What of these modules it knows."""

CLASS_DECORATORS = {"dataclasses.dataclass", "typing.final", "typing.runtime_checkable", "enum.unique", "scarlet.lang.registrar"}
IN_CLASSES = (n.FuncDef, n.Decorator, n.OverloadedFuncDef, n.AssignmentStmt, n.ClassDef, n.PassStmt)
"""The statements of a class body."""

UNHEARD = {
    "__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__dir__", "__get__", "__set__", "__delete__",
    "__set_name__",
    "__init_subclass__", "__class_getitem__", "__instancecheck__", "__subclasscheck__", "__prepare__", "__missing__",
    "__sizeof__", "__copy__", "__deepcopy__", "__reduce__", "__getstate__", "__setstate__", "__length_hint__",
}  # fmt: skip
"""Methods that Python calls and compiled code would not."""


def check(checked: Checked, report: Report) -> None:
    """Add an error for each such construct of the program's own modules."""
    names = frozenset(module.name for module in checked.modules)
    for module in checked.modules:
        if not module.name.startswith("scarlet.runtime."):
            check_places(checked.trees, module.name, module.path, names, report)
        for node in module.tree.defs:
            _visit(checked, module, node, report)


def _visit(checked: Checked, module: Module, node: object, report: Report) -> None:
    if isinstance(node, n.Block) and node.is_unreachable:
        return
    if isinstance(node, (n.Import, n.ImportFrom)):
        _imported(checked, module, node, report)
        return
    if isinstance(node, n.FuncDef) and node.is_coroutine:
        _refuse(report, module, node, "async functions are outside the dialect", "a thread, or a generator")
        return
    if isinstance(node, n.ClassDef) and (node.metaclass is not None or node.info.has_base("builtins.type")):
        _refuse(report, module, node, "metaclasses are outside the dialect", "a class decorator the compiler knows, or a function")
        return
    if isinstance(node, n.ClassDef):
        _class(module, node, report)
    if isinstance(node, n.TryStmt) and node.is_star:
        _refuse(report, module, node, "except* is outside the dialect", "except")
    for child in statements(node):
        _visit(checked, module, child, report)


def _class(module: Module, node: n.ClassDef, report: Report) -> None:
    """Decorators, statements and special methods of a class."""
    for decorator in node.decorators:
        callee = decorator.callee if isinstance(decorator, n.CallExpr) else decorator
        if struct_decorator(node.info) is None and not (isinstance(callee, n.RefExpr) and callee.fullname in CLASS_DECORATORS):
            _refuse(
                report,
                module,
                decorator,
                "this decorator of a class is outside the dialect",
                "@dataclass, @struct, or a function that is called",
            )
    if node.info.tuple_type is not None or node.info.typeddict_type is not None:
        _refuse(report, module, node, "named tuples and typed dicts are outside the dialect", "@dataclass(frozen=True)")
    for statement in node.defs.body:
        if isinstance(statement, n.AssignmentStmt) and _names_method(node.info, statement.rvalue):
            _refuse(report, module, statement, "a second name for a method is outside the dialect", "a method that calls it")
        text = isinstance(statement, n.ExpressionStmt) and isinstance(statement.expr, (n.StrExpr, n.EllipsisExpr))
        names = not isinstance(statement, n.AssignmentStmt) or all(isinstance(lvalue, n.NameExpr) for lvalue in statement.lvalues)
        if not (text or isinstance(statement, IN_CLASSES) and names):
            _refuse(report, module, statement, "a class body holds methods, attributes and classes only", "the statement behind the class")
        function = statement.func if isinstance(statement, n.Decorator) else statement
        if isinstance(function, n.FuncDef) and function.name in UNHEARD:
            _refuse(report, module, function, f"nothing calls {function.name} in the dialect", "a method with a name of its own")


def _names_method(info: n.TypeInfo, value: n.Expression) -> bool:
    """Whether a value is a method of this very class."""
    if not isinstance(value, n.NameExpr) or value.name not in info.names:
        return False
    return value.node is info.names[value.name].node and isinstance(value.node, (n.FuncDef, n.Decorator))


def _imported(checked: Checked, module: Module, node: n.Import | n.ImportFrom, report: Report) -> None:
    if node.is_unreachable or node.is_mypy_only:
        return
    names = [name for name, _ in node.ids] if isinstance(node, n.Import) else [node.id]
    if isinstance(node, n.ImportFrom) and node.id in KNOWN_NAMES:
        for name in sorted({name for name, _ in node.names} - KNOWN_NAMES[node.id]):
            _refuse(report, module, node, f"{node.id}.{name} does not exist in the dialect", "a class or function of your own")
    for name in names:
        tree = checked.trees.get(name)
        foreign = tree is not None and ("typeshed" in tree.path or "site-packages" in tree.path)
        if foreign and name not in LIBRARY:
            _refuse(report, module, node, f"the module {name} does not exist in the dialect", "scarlet.lang, or code of your own")


def _refuse(report: Report, module: Module, node: n.Context, message: str, advice: str) -> None:
    report.add(CompileError(Place(module.path, node.line), message, advice))
